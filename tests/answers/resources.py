"""Worlds of Resource and NotResource elements: which ARNs an entry stands for, with and without variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from iamcheck.iam.model import Effect, Policy, PolicySet, Request, Statement
from tests.answers.worlds import World

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["resource_worlds"]

_RESOURCES: Final = {
    "red/a.txt": "arn:aws:s3:::data/red/a.txt",
    "r*d": "arn:aws:s3:::data/r*d",
    "/": "arn:aws:s3:::data/",
    "data": "arn:aws:s3:::data",
    "a:b": "arn:aws:s3:::data/a:b",
    "sqs-red": "arn:aws:sqs:eu-west-1:123456789012:red",
    "sqs-": "arn:aws:sqs:eu-west-1:123456789012:",
    "*": "*",
    "no-arn": "red",
    # where a star crosses colons, another service's ARN would do
    "x": "arn:aws:x:s3:::data/red/a.txt",
    "short": "arn:aws:s3:red",
}
"""By a word."""
_ENTRIES: Final[Sequence[list[str]]] = (
    ["*"],
    ["**"],
    ["arn:*"],
    ["arn:aws:s3"],
    ["arn:aws:s3*"],
    ["arn:aws:sqs:*:red"],
    ["*:s3:*"],
    ["?rn:aws:s3:::data"],
    ["arn:aws:s3:*"],
    ["arn:aws:s3:::*"],
    ["arn:aws:s3:::data"],
    ["arn:aws:s3:::data*"],
    ["arn:aws:s3:::data/*"],
    ["arn:aws:s3:::data/?*"],
    ["arn:aws:s3:::data/*/a.txt"],
    ["arn:aws:s3:::data/r?d"],
    ["arn:aws:s3:::*/*:*"],
    ["arn:aws:s?:::data/*"],
    ["arn:*:s3:::data/red/*"],
    ["arn:aws:*:*:*:red"],
    ["arn:aws:sqs:*:*:*"],
    ["arn:aws:sqs:eu-*:123456789012:r*"],
    ["arn:aws:sqs:*"],
    ["a*"],
    ["red"],
    ["r*"],
    [],
    ["arn:aws:s3:::data", "arn:aws:s3:::data/red/*"],
    ["arn:aws:s3:::data/*", "arn:aws:sqs:*:*:red"],
    ["arn:aws:s3:::data", "arn:aws:sqs:*:*:red", "arn:aws:s3:::data/r*"],
    ["arn:aws:s3:::data/${aws:PrincipalTag/t}"],
    ["arn:aws:s3:::data/${aws:PrincipalTag/t}/*"],
    ["arn:aws:s3:::data/${aws:PrincipalTag/t, 'red'}/*"],
    ["arn:aws:s3:::data/${aws:PrincipalTag/t, ''}"],
    ["arn:aws:s3:::data/${aws:PrincipalTag/t}${aws:PrincipalTag/u, '/a.txt'}"],
    ["arn:aws:s3:::${aws:TagKeys, 'data'}"],
    ["arn:aws:s3:::data/r${*}d"],
    ["arn:aws:s3:::data/${?}${$}*"],
    ["arn:aws:sqs:${aws:PrincipalTag/t}:123456789012:red"],
    ["arn:aws:${aws:PrincipalTag/t}:::data"],
    ["arn:aws:${aws:PrincipalTag/t, 's3'}:::data"],
    ["${aws:PrincipalTag/t}"],
    ["*", "arn:aws:s3:::data/${aws:PrincipalTag/t}"],
    ["arn:aws:s3:::data/red/*", "arn:aws:s3:::data/${aws:PrincipalTag/t}"],
    ["arn:aws:s3:::data/${aws:PrincipalTag/t}", "arn:aws:sqs:${aws:PrincipalTag/u}:*:red"],
)
_STATES: Final[Mapping[str, Mapping[str, Any]]] = {
    "": {"absent": ["aws:PrincipalTag/t", "aws:PrincipalTag/u", "aws:TagKeys"]},
    "?": {},
    "red": {"context": {"aws:PrincipalTag/t": "red", "aws:TagKeys": ["data"]}, "absent": ["aws:PrincipalTag/u"]},
    "r*d": {"context": {"aws:PrincipalTag/t": "r*d"}},
    "[red]": {"context": {"aws:PrincipalTag/t": ["red"], "aws:PrincipalTag/u": "/a.txt"}},
    "s3": {"context": {"aws:PrincipalTag/t": "s3", "aws:PrincipalTag/u": "eu-west-1"}},
    "eu-west-1": {"context": {"aws:PrincipalTag/t": "eu-west-1"}, "absent": ["aws:PrincipalTag/u"]},
}
"""What is known of the keys of the variables; `?`: nothing."""


def resource_worlds() -> Iterator[World]:
    """Each list of entries, as Resource and as NotResource, for each ARN and each state of the variables' keys."""
    for version in ("2012-10-17", "2008-10-17"):
        for entries in _ENTRIES:
            has_variables = any("${" in entry for entry in entries)
            if version == "2008-10-17" and not has_variables:
                continue
            states = _STATES if has_variables and version == "2012-10-17" else {"?": {}}
            requests = {
                f"{word}{f'|{state}' if has_variables else ''}": Request("x:Do", resource, **fields)
                for word, resource in _RESOURCES.items()
                for state, fields in states.items()
            }
            for element in ("Resource", "NotResource"):
                if not entries and element == "Resource":
                    continue
                yield World(f"{element} {entries} {version[:4]}", _identity(element, entries, version), requests)


def _identity(element: str, entries: list[str], version: str) -> PolicySet:
    """An Allow, made by hand: an incomplete ARN, which a policy may not hold, has a meaning for the engine."""
    named: dict[str, Any] = {"resources" if element == "Resource" else "not_resources": tuple(entries)}
    statement = Statement(Effect.ALLOW, actions=("*",), index=0, **named)
    return PolicySet(identity=[Policy((statement,), version=version)])
