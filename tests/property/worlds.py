"""Small worlds of policies and requests, in which keys and layers can be unknown and every completion be listed."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["ABSENT", "USER", "completions", "contents", "one_statement", "policy_sets", "requests"]

ABSENT: Final = "(absent)"
ACCOUNT: Final = "123456789012"
USER: Final = f"arn:aws:iam::{ACCOUNT}:user/u"
SESSION: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s"
PRINCIPALS: Final = [None, USER, f"arn:aws:iam::{ACCOUNT}:role/r", SESSION, "arn:aws:iam::210987654321:user/u"]

KEYS: Final[Mapping[str, list[Any]]] = {
    "aws:RequestedRegion": ["eu-west-1", "us-east-1", "", "a*"],
    "aws:TagKeys": [["team"], ["team", "env"], ["a*"]],
    "aws:MultiFactorAuthPresent": [True, False],
    "aws:MultiFactorAuthAge": [1, 9007199254740993, "no-number"],
    "aws:SourceIp": ["192.0.2.1", "2001:db8::1", "no-ip"],
    "aws:SourceArn": [f"arn:aws:s3:::{ACCOUNT}", "arn:aws:iam::1:user/u", "no-arn"],
    "aws:CurrentTime": ["2030-01-01", "2031-01-01", "no-date"],
    "aws:PrincipalTag/t": ["a*", "eu-west-1", "k", "arn:aws:s3:::x", "no-arn"],
    "made:Up": ["x", ["x"], ["x", "y"], "a*", "k"],
}
"""Keys with the values that a completion may give them; `made:Up` may have any type."""

_PATTERNS: Final[Mapping[str, list[str]]] = {
    "String": ["eu-west-1", "a*", "*", "team", "x", "${aws:PrincipalTag/t}", "${aws:TagKeys}", "${made:Up, 'x'}", ""],
    "Numeric": ["1", "9007199254740992"],
    "Date": ["2030-01-01T00:00:00Z"],
    "Bool": ["true", "false"],
    "Null": ["true", "false"],
    "Ip": ["192.0.2.0/24", "::/0", "0.0.0.0/0"],
    "Arn": ["arn:aws:s3:::*", "arn:aws:iam::*:user/*", "${aws:PrincipalTag/t}"],
}
_OPERATORS: Final = {
    "StringEquals": "String",
    "StringNotEquals": "String",
    "StringLike": "String",
    "StringNotLike": "String",
    "StringEqualsIgnoreCase": "String",
    "NumericNotEquals": "Numeric",
    "NumericLessThanEquals": "Numeric",
    "DateNotEquals": "Date",
    "DateGreaterThan": "Date",
    "Bool": "Bool",
    "IpAddress": "Ip",
    "NotIpAddress": "Ip",
    "ArnLike": "Arn",
    "ArnNotLike": "Arn",
    "Null": "Null",
}
_PREFIXES: Final = ["", "", "", "ForAnyValue:", "ForAllValues:"]
_ACTIONS: Final = ["s3:GetObject", "s3:*", "*", "iam:PassRole"]
_RESOURCES: Final = [
    "*",
    "arn:aws:s3:::b/*",
    "arn:aws:s3:::b/k",
    "arn:aws:s3:::b/${aws:PrincipalTag/t}",
    "arn:aws:s3:::b/${made:Up, 'k'}",
    "arn:aws:s3:::other",
]
_NAMED: Final = ["*", USER, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:role/r", SESSION]


@st.composite
def _conditions(draw: st.DrawFn) -> dict[str, dict[str, list[str]]]:
    block: dict[str, dict[str, list[str]]] = {}
    for _ in range(draw(st.integers(0, 2))):
        name = draw(st.sampled_from(sorted(_OPERATORS)))
        values = draw(st.lists(st.sampled_from(_PATTERNS[_OPERATORS[name]]), min_size=1, max_size=2))
        if_exists = "" if name == "Null" else draw(st.sampled_from(["", "IfExists"]))
        operator = f"{draw(st.sampled_from(_PREFIXES))}{name}{if_exists}"
        block.setdefault(operator, {})[draw(st.sampled_from(sorted(KEYS)))] = values
    return block


@st.composite
def _statements(draw: st.DrawFn, *, named: bool) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(st.sampled_from(_ACTIONS)),
        draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"])): draw(
            st.lists(st.sampled_from(_RESOURCES), min_size=1, max_size=2)
        ),
        "Condition": draw(_conditions()),
    }
    if named:
        who = draw(st.sampled_from(_NAMED))
        statement["Principal"] = "*" if who == "*" else {"AWS": who}
    return {element: content for element, content in statement.items() if content != {}}


@st.composite
def _policies(draw: st.DrawFn, *, named: bool = False) -> Policy:
    statements = draw(st.lists(_statements(named=named), min_size=1, max_size=3))
    return Policy.parse(
        {"Version": draw(st.sampled_from(["2012-10-17"] * 4 + ["2008-10-17"])), "Statement": statements}
    )


@st.composite
def policy_sets(draw: st.DrawFn, *, unread: bool = True) -> PolicySet:
    """Policy sets, in which most layers are empty and at most two are unread."""
    optional = [st.none()] * 4
    missing = [st.just(UNREAD)] if unread else []
    one, resource = _policies(), _policies(named=True)
    levels = st.lists(st.lists(one, min_size=1, max_size=2), min_size=1, max_size=2)
    rcps = st.lists(st.lists(_policies(named=True), min_size=1, max_size=2), min_size=1, max_size=2)
    return PolicySet(
        identity=draw(st.one_of(st.lists(one, max_size=2), st.lists(one, min_size=1, max_size=2), *missing)),
        boundary=draw(st.one_of(*optional, one, *missing)),
        scps=draw(st.one_of(*optional, levels, *missing)) or (),
        rcps=draw(st.one_of(*optional, rcps, *missing)) or (),
        resource=draw(st.one_of(*optional, resource, resource, *missing)),
        session=draw(st.one_of(*optional, st.lists(one, min_size=1, max_size=1), *missing)) or (),
    )


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, tuple[str, ...]]:
    """Requests, with the keys that are unknown in them: at most three."""
    unknown = draw(st.lists(st.sampled_from(sorted(KEYS)), max_size=3, unique=True))
    known = {key: draw(st.sampled_from([ABSENT, *values])) for key, values in KEYS.items() if key not in unknown}
    request = Request(
        draw(st.sampled_from(["s3:GetObject", "S3:getobject", "iam:PassRole"])),
        draw(st.sampled_from(["arn:aws:s3:::b/k", "arn:aws:s3:::b/a*", f"arn:aws:iam::{ACCOUNT}:role/x", "*"])),
        principal=draw(st.sampled_from(PRINCIPALS)),
        context={key: value for key, value in known.items() if value != ABSENT},
        absent=[key for key, value in known.items() if value == ABSENT],
    )
    return request, tuple(unknown)


@st.composite
def one_statement(draw: st.DrawFn) -> tuple[tuple[Request, tuple[str, ...]], PolicySet]:
    """A statement that all depends on one or two unknown keys, and an Allow of everything where it is a Deny."""
    # the key of the variables first of all
    likely = [*sorted(KEYS), *["aws:PrincipalTag/t"] * 6, *["made:Up"] * 2]
    unknown = draw(st.lists(st.sampled_from(likely), min_size=1, max_size=2, unique=True))
    known = {key: draw(st.sampled_from([ABSENT, *values])) for key, values in KEYS.items() if key not in unknown}
    name = draw(st.sampled_from(sorted(_OPERATORS)))
    values = draw(st.lists(st.sampled_from(_PATTERNS[_OPERATORS[name]]), min_size=1, max_size=2))
    if_exists = "" if name == "Null" else draw(st.sampled_from(["", "IfExists"]))
    operator = f"{draw(st.sampled_from(_PREFIXES))}{name}{if_exists}"
    key = draw(st.sampled_from([*unknown, *unknown, "aws:RequestedRegion", "aws:SourceArn"]))
    effect = draw(st.sampled_from(["Allow", "Deny"]))
    statement = {
        "Effect": effect,
        "Action": "s3:*",
        draw(st.sampled_from(["Resource", "NotResource"])): draw(
            st.lists(st.sampled_from(_RESOURCES[2:] if draw(st.booleans()) else ["*"]), min_size=1, max_size=2)
        ),
        "Condition": draw(st.sampled_from([{}, *[{operator: {key: values}}] * 3])),
    }
    otherwise = [{"Effect": "Allow", "Action": "*", "Resource": "*"}] if effect == "Deny" else []
    policy = Policy.parse({"Version": "2012-10-17", "Statement": [statement, *otherwise]})
    request = Request(
        "s3:GetObject",
        "arn:aws:s3:::b/k",
        context={one: value for one, value in known.items() if value != ABSENT},
        absent=[one for one, value in known.items() if value == ABSENT],
    )
    return (request, tuple(unknown)), PolicySet(identity=[policy])


def completions(request: Request, unknown: tuple[str, ...]) -> Iterator[tuple[dict[str, Any], Request]]:
    """Every way to settle the unknown keys; the first has all of them absent."""
    for values in itertools.product(*([ABSENT, *KEYS[key]] for key in unknown)):
        settled = dict(zip(unknown, values, strict=True))
        context = {key: value for key, value in settled.items() if value != ABSENT}
        absent = [key for key, value in settled.items() if value == ABSENT]
        yield settled, replace(request, context={**request.context, **context}, absent=[*request.absent, *absent])


def _policy(effect: str, principal: object = None, action: str = "*") -> Policy:
    named = {} if principal is None else {"Principal": principal}
    return Policy.parse({"Statement": {"Effect": effect, **named, "Action": action, "Resource": "*"}})


def contents(policies: PolicySet) -> Iterator[tuple[frozenset[PolicyType], PolicySet]]:
    """Several ways to fill the unread layers, each with the layers that are there; in the first none of them is."""
    everyone = [(_policy("Allow", "*"),), (_policy("Allow", {"AWS": ACCOUNT}),), (_policy("Deny", "*"),)]
    plain = [(_policy("Allow"),), (_policy("Deny"),), (_policy("Allow", action="ec2:*"),)]
    options: dict[str, list[Any]] = {
        "identity": [(), *plain],
        "boundary": [None, *(one for (one,) in plain)],
        "scps": [(), *((level,) for level in plain)],
        "rcps": [(), (everyone[0],), ((*everyone[0], *everyone[2]),)],
        "resource": [None, *(one for (one,) in everyone)],
        "session": [(), *plain],
    }
    names = {
        "identity": PolicyType.IDENTITY,
        "boundary": PolicyType.BOUNDARY,
        "scps": PolicyType.SCP,
        "rcps": PolicyType.RCP,
        "resource": PolicyType.RESOURCE,
        "session": PolicyType.SESSION,
    }
    unread = [name for name in options if getattr(policies, name) is UNREAD]
    for filled in itertools.product(*(options[name] for name in unread)):
        layers = dict(zip(unread, filled, strict=True))
        yield frozenset(names[name] for name, layer in layers.items() if layer), replace(policies, **layers)
