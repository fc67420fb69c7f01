"""Worlds of one condition: every operator, over keys of each kind, in each state that a key can have."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from iamcheck.errors import IamcheckError
from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import ContextValue, Decision, KeyType, PolicySet, Request
from iamcheck.iam.model.operators import Family, operators
from tests.answers.worlds import World, policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.iam.model import Evaluation

__all__ = ["condition_worlds", "written_conditions"]

_T: Final = "aws:PrincipalTag/t"
_VALUES: Final[Mapping[Family, Sequence[Sequence[str]]]] = {
    Family.STRING: (["a"], ["a*", "b"], ["*"], ["?"], ["A\u03a3", "b"], [f"${{{_T}}}"], [f"x${{{_T}, 'b'}}", "a"],
                    ["${aws:TagKeys, 'a'}"], ["1.00", "2030-01-01T00:00:00.000Z"], ["${*}"], ["true", "x"],
                    ["*", "x"], ["1e*"], []),
    Family.NUMERIC: (["5"], ["5", "7"], ["x"], ["5", "x"], ["-1e0"], ["*"], ["5", "true"], []),
    Family.DATE: (["2030-01-01"], ["1893456000", "2031-01-01"], ["x"], ["*"], ["true", "x"], []),
    Family.BOOL: (["true"], ["false"], ["true", "false"], ["yes"], ["TRUE", "x"], ["*"], []),
    Family.BINARY: (["YQ=="], ["YQ"], ["YQ==", "YWI="], ["*"], ["true", "x"], []),
    Family.IP: (["192.0.2.0/24"], ["2001:db8::/32", "192.0.2.1"], ["x", "192.0.2.0/24"], ["192.0.2.0/24", "x"],
                ["0.0.0.0/0"], ["*"], ["true", "x"], []),
    Family.ARN: (["arn:aws:s3:::*"], ["arn:*:*:*:*:*"], ["x", "arn:aws:s3:::a"], ["arn:aws:s3:::a", "x"],
                 ["arn:aws:s3:::"], [f"arn:aws:s3:::${{{_T}}}"], [f"${{{_T}}}", "arn:aws:s3:::a"],
                 ["arn:aws:s3:::a", f"${{{_T}}}"], ["*"], ["true", "x"], []),
    Family.NULL: (["true"], ["false"], ["true", "false"], ["x"], []),
}  # fmt: skip
_TEXTS: Final[Mapping[Family, Sequence[str]]] = {
    Family.STRING: ("a", "A", "b", "a*", "*", "xb", "\u03b1\u03c2", "a\u03c3", ""),
    Family.NUMERIC: ("4", "5", "5.0", "6", "7", "8", "-1", "x"),
    Family.DATE: ("2029-12-31T23:59:59.999Z", "2030-01-01T00:00:00Z", "2030-06-01", "2031-01-01", "2032-01-01", "x"),
    Family.BOOL: ("true", "false", "TRUE", "x", ""),
    Family.BINARY: ("YQ==", "YWI=", "YQ", ""),
    Family.IP: ("192.0.2.1", "192.0.3.0", "2001:db8::1", "2001:db9::1", "x"),
    Family.ARN: ("arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:sqs:eu-west-1:1:a", "arn:aws:s3:::", "x"),
    Family.NULL: ("a", ""),
}
_KEYS: Final[Mapping[Family, Sequence[str]]] = {
    Family.STRING: ("aws:RequestTag/v", "aws:TagKeys", "x:Free"),
    Family.NUMERIC: ("aws:MultiFactorAuthAge", "x:Free"),
    Family.DATE: ("aws:CurrentTime", "x:Free"),
    Family.BOOL: ("aws:SecureTransport", "x:Free"),
    Family.BINARY: ("x:Free",),
    Family.IP: ("aws:SourceIp", "x:Free"),
    Family.ARN: ("aws:SourceArn", "x:Free"),
    Family.NULL: ("aws:RequestTag/v", "aws:TagKeys"),
}
"""Keys with a type in the reference data, one value or several, and `x:Free`, of which it knows nothing."""

_TYPES: Final = (KeyType.NUMERIC, KeyType.DATE, KeyType.STRING_LIST, KeyType.NUMERIC)
_WITH_VARIABLES: Final = (Family.STRING, Family.ARN)


def _states(family: Family, key: str) -> dict[str, dict[str, Any]]:
    """What may be known of the key, by a word."""
    states: dict[str, dict[str, Any]] = {"absent": {"absent": [key]}, "unknown": {}}
    texts = _TEXTS[family]
    states |= {repr(text): {"context": {key: text}} for text in texts}
    states |= {f"[{texts[0]}]": {"context": {key: [texts[0]]}}}
    states |= {f"[{','.join(pair)}]": {"context": {key: [*pair]}} for pair in (texts[:2],)}
    if family is Family.STRING:
        for kind, text in zip(_TYPES, ("01.00", "2030-01-01", "a", "1e300000"), strict=True):
            value = ContextValue((text,), kind, kind.many)
            states[f"{kind}:{text}"] = {"context": {key: value}}
    return states


def _requests(family: Family, key: str, values: Sequence[str]) -> Iterator[tuple[str, Request]]:
    others: dict[str, dict[str, Any]] = {"": {}}
    if family in _WITH_VARIABLES and any(_T in value for value in values):
        others = {"|no": {"absent": [_T]}, "|?": {}, "|b": {"context": {_T: "b"}}, "|a*": {"context": {_T: "a*"}},
                  "|[a]": {"context": {_T: ["a"]}}}  # fmt: skip
        if family is Family.ARN:
            others = {"|no": {"absent": [_T]}, "|?": {}, "|a": {"context": {_T: "a"}},
                      "|arn": {"context": {_T: "arn:aws:s3:::b"}}}  # fmt: skip
    for state, fields in _states(family, key).items():
        for other, more in others.items():
            if other and state not in ("absent", "unknown") and len(fields["context"]) != 1:
                continue
            yield (
                f"{state}{other}",
                Request(
                    "s3:GetObject",
                    "arn:aws:s3:::b/k",
                    context={**fields.get("context", {}), **more.get("context", {})},
                    absent=[*fields.get("absent", []), *more.get("absent", [])],
                ),
            )


def condition_worlds() -> Iterator[World]:
    """Each operator with each list of values over each key, in an Allow; the plain ones in a Deny too.

    With a set operator or IfExists, and for a key that the reference does not know, fewer states are compared: what
    these change hangs on whether the key is there, and how many values it has.
    """
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    for name, operator in operators().items():
        is_plain = operator.quantifier is None and not operator.if_exists
        lists, keys = _VALUES[operator.family], _KEYS[operator.family]
        is_both = operator.quantifier is not None and operator.if_exists
        for number, values in enumerate(lists):
            if is_both and number not in (1, 2, len(lists) - 1):
                continue
            for key in keys if is_plain or (number and operator.quantifier is None) else keys[-1:]:
                try:
                    allow = policy([{**everything, "Condition": {name: {key: values}}}])
                    deny = policy([{**everything, "Effect": "Deny", "Condition": {name: {key: values}}}, everything])
                except IamcheckError:
                    continue
                requests = dict(_requests(operator.family, key, values))
                if (not is_plain and number not in (1, 5)) or (is_plain and key == "x:Free" != keys[0]):
                    some = ("absent", "unknown", repr(_TEXTS[operator.family][0]), "[")
                    requests = {label: one for label, one in requests.items() if label.startswith(some)}
                title = f"{name} {key} {values}"
                yield World(f"Allow {title}", PolicySet(identity=[allow]), requests)
                if is_plain and operator.family in (Family.ARN, Family.IP):
                    yield World(f"Deny {title}", PolicySet(identity=[deny]), requests)


_WORDS: Final = {Decision.ALLOWED: "allowed", Decision.EXPLICIT_DENY: "denied", Decision.IMPLICIT_DENY: "no"}


def _outcome(answer: Evaluation, key: str) -> str:
    """`no?` hangs on the key of the condition alone, `no?aws:x` on others."""
    open_keys = ["..." if each == key.lower() else each for each in sorted(answer.open_keys)]
    keys = "" if open_keys == ["..."] else ",".join(open_keys)
    return _WORDS[answer.decision] if answer.certain else f"{_WORDS[answer.decision]}?{keys}"


def written_conditions() -> str:
    """Each condition on a line, with the states of its keys by the answer that they get; `?` names what is open."""
    return "".join(f"{_line(world)}\n" for world in condition_worlds())


def _line(world: World) -> str:
    key = world.title.split()[2]
    states: dict[str, list[str]] = defaultdict(list)
    for label, request in world.requests.items():
        outcomes = {
            semantics: _outcome(evaluate(request, world.policies, semantics=semantics), key)
            for semantics in (Semantics.LIVE, Semantics.SIMULATOR)
        }
        live = outcomes[Semantics.LIVE]
        others = [f" {semantics}:{one}" for semantics, one in outcomes.items() if one != live]
        states[f"{live}{''.join(others)}"].append(label)
    most = max(states, key=lambda outcome: len(states[outcome]))
    words = [f"{outcome}: {' '.join(labels)}" for outcome, labels in states.items() if outcome != most]
    return " | ".join([world.title.removeprefix("Allow "), *words, f"{'others' if words else 'all'}: {most}"])
