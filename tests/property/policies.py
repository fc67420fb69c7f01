"""Hypothesis strategies for valid policy documents, as JSON objects."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from iamcheck.iam.model.operators import Family, operators

__all__ = ["documents", "keys"]

_NAMES = st.text("abcXYZ019*?", min_size=1, max_size=8)
_ACTIONS = st.one_of(st.just("*"), st.builds("{}:{}".format, st.sampled_from(["s3", "iam", "*", "sage-maker"]), _NAMES))
_TAILS = st.text("ab/:*?[].\\ é", max_size=12)
_VARIABLES = st.sampled_from(["", "${aws:username}", "${*}", "${aws:PrincipalTag/team, 'no * team'}"])
_SERVICES = st.text("abcXYZ019", min_size=1, max_size=8)
_ARNS = st.builds("arn:{}:{}:{}::{}{}".format, st.sampled_from(["aws", "*"]), _SERVICES, _NAMES, _TAILS, _VARIABLES)
_RESOURCES = st.one_of(st.just("*"), _ARNS)
_PATTERNS = st.builds("arn:aws:iam::123456789012:user/{}{}".format, _TAILS, _VARIABLES)
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$"), max_size=10)

_VALUES: dict[Family, st.SearchStrategy[Any]] = {
    Family.STRING: st.one_of(_TEXTS, _VARIABLES, st.booleans(), st.integers()),
    Family.NUMERIC: st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.just("01.00")),
    Family.DATE: st.one_of(st.dates().filter(lambda day: day.year > 1900).map(str), st.integers(0, 2**40)),
    Family.BOOL: st.one_of(st.booleans(), st.sampled_from(["true", "False", "yes"])),
    Family.BINARY: st.sampled_from(["", "YQ==", "YWI=", "YWJj"]),
    Family.IP: st.one_of(st.ip_addresses().filter(lambda ip: "." not in str(ip) or ip.version == 4).map(str)),
    Family.ARN: _PATTERNS,
    Family.NULL: st.booleans(),
}

keys = st.builds(
    "{}:{}".format,
    st.sampled_from(["aws", "s3", "oidc.example.com/id/A"]),
    st.text("aB/ :.", max_size=6).map("x{}x".format),
)


def _one_or_more(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(values, st.lists(values, min_size=1, max_size=3))


def _tests(name: str) -> st.SearchStrategy[tuple[str, Any]]:
    values = _one_or_more(_VALUES[operators()[name].family])
    return st.tuples(st.just(name), st.dictionaries(keys, values, max_size=2))


_CONDITIONS = st.lists(st.sampled_from(sorted(operators())).flatmap(_tests), max_size=3).map(dict)

_PRINCIPALS = st.one_of(
    st.just("*"),
    st.fixed_dictionaries(
        {"AWS": _one_or_more(st.sampled_from(["*", "123456789012", "arn:aws:iam::123456789012:role/r"]))},
        optional={
            "Service": _one_or_more(st.just("ec2.amazonaws.com")),
            "Federated": st.just("accounts.google.com"),
            "CanonicalUser": st.just("79a59df900b949e5"),
        },
    ),
)


@st.composite
def _statements(draw: st.DrawFn) -> dict[str, Any]:
    effect = draw(st.sampled_from(["Allow", "Deny"]))
    statement: dict[str, Any] = {"Effect": effect}
    statement[draw(st.sampled_from(["Action", "NotAction"]))] = draw(_one_or_more(_ACTIONS))
    who = draw(st.sampled_from([None, None, "Principal", "NotPrincipal"]))
    if who is not None:
        statement[who if effect == "Deny" else "Principal"] = draw(_PRINCIPALS)
    if who is None or draw(st.booleans()):
        statement[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(_one_or_more(_RESOURCES))
    if draw(st.booleans()):
        statement["Condition"] = draw(_CONDITIONS)
    return dict(draw(st.permutations(list(statement.items()))))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents that IAM stores: every element, operator and spelling, in any order."""
    statements = draw(st.lists(_statements(), min_size=1, max_size=4))
    for index, statement in enumerate(statements):
        if draw(st.booleans()):
            statement["Sid"] = f"S{index}"
    document: dict[str, Any] = {
        "Statement": statements[0] if len(statements) == 1 and draw(st.booleans()) else statements
    }
    if draw(st.booleans()):
        document["Version"] = draw(st.sampled_from(["2012-10-17", "2008-10-17"]))
    if draw(st.booleans()):
        document["Id"] = draw(_TEXTS)
    return document
