"""Reads texts, policies with one fault each, values and requests: what is read of them, or why it is refused."""

from __future__ import annotations

import copy
import itertools
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from iamcheck.errors import IamcheckError
from iamcheck.iam.model import Arn, ContextValue, KeyType, Policy, PolicySet, PolicyType, Request
from iamcheck.iam.model.context import context_value
from iamcheck.iam.model.json_text import decode, read_object, read_text, shown
from iamcheck.iam.model.nearest import did_you_mean, nearest
from iamcheck.iam.model.operators import Family, operators, parse_operator
from iamcheck.iam.model.plain_json import read_plainly
from iamcheck.iam.model.principal import Principal
from iamcheck.iam.model.values import (
    arn_parts,
    arn_pattern_parts,
    binary,
    boolean,
    date,
    ip_address,
    ip_network,
    numeric,
    storable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iamcheck.iam.model.json_text import JsonNode

__all__ = [
    "DATES",
    "IPS",
    "NUMBERS",
    "TEXTS",
    "written_documents",
    "written_json",
    "written_requests",
    "written_values",
]

HOME: Final = "123456789012"

NUMBERS: Final = (
    "0",
    "-0",
    "+0",
    "1",
    "01",
    "+1",
    "1.",
    ".5",
    "-.5",
    ".",
    "",
    " 1",
    "1 ",
    "1e0",
    "1E+2",
    "1e-2",
    "1e",
    "e1",
    "1.5.2",
    "0x10",
    "NaN",
    "Infinity",
    "1_0",
    "\u0661",
    "1,000",
    "1e2147483647",
    "1e2147483648",
    "1e-2147483647",
    "1e-2147483648",
    "1e00000000002",
    "1e000000000002",
    "1e0000000000002",
    "9007199254740993",
    "1.00",
    "--1",
    "+-1",
)
DATES: Final = (
    "2030",
    "2030-01",
    "2030-13",
    "2030-00",
    "2030-1",
    "2030-01-01",
    "2030-01-32",
    "2030-02-29",
    "2032-02-29",
    "2030-01-00",
    "2030-01-01T",
    "2030-01-01T00:00",
    "2030-01-01T23:59Z",
    "2030-01-01T24:00Z",
    "2030-01-01T23:60Z",
    "2030-01-01T00:00:59Z",
    "2030-01-01T00:00:60Z",
    "2030-01-01T00:00:00.1Z",
    "2030-01-01T00:00:00.12Z",
    "2030-01-01T00:00:00.1239Z",
    "2030-01-01T00:00:00.Z",
    "2030-01-01T01:00+01:00",
    "2030-01-01T00:00-01:30",
    "2030-01-01T00:00+23:59",
    "2030-01-01T00:00+24:00",
    "2030-01-01T00:00+00:60",
    "2030-01-01T00:00+0100",
    "2030-01-01T00:00z",
    "2030-01-01 00:00Z",
    "0001-01-01",
    "0000-01-01",
    "9999-12-31T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01",
    "1893456000",
    "-1",
    "+1",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775807",
    "-9223372036854775808",
    "12345678901234567890",
    "1.5",
    "",
    " 2030-01-01",
)
IPS: Final = (
    "192.0.2.1",
    "192.0.2.256",
    "192.0.2.255",
    "192.0.2",
    "192.0.2.1.1",
    "1.2.3.0004",
    "001.002.003.004",
    "1.2.3.4 ",
    "",
    ":",
    "::",
    ":::",
    "::1",
    "1::",
    "1::2::3",
    "1:2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::",
    "1:2:3:4:5:6:7:8::",
    "::2:3:4:5:6:7:8",
    ":2:3:4:5:6:7:8",
    "1:2:3:4:5:6:7:8:",
    "1:2:3:4:5:6:7:",
    "2001:DB8::a",
    "2001:db8::12345",
    "2001:db8::g",
    "::ffff:192.0.2.1",
    "::ffff:c000:201",
    "::fffe:c000:201",
    "::192.0.2.1",
    "1::ffff:192.0.2.1",
    "::ffff:192.0.2.256",
    "::ffff:192.0.2",
    "64:ff9b::192.0.2.1",
    "fe80::1%eth0",
    "[::1]",
    "1:2:::3",
    "1::2:",
    "1::2::",
    "192.0.2.0/24",
    "192.0.2.5/24",
    "192.0.2.5/32",
    "192.0.2.5/33",
    "192.0.2.5/0",
    "192.0.2.5/",
    "192.0.2.5/+8",
    "192.0.2.5/-1",
    "192.0.2.5/ 8",
    "192.0.2.5/8.0",
    "192.0.2.5/0000000008",
    "192.0.2.5/000000008",
    "2001:db8::/32",
    "2001:db8::1/64",
    "2001:db8::1/128",
    "2001:db8::1/129",
    "::/0",
    "::ffff:192.0.2.0/120",
    "::ffff:c000:200/120",
    "a/8",
    "192.0.2.0/24/1",
    "/8",
)
_BLOBS: Final = (
    "YQ==",
    "YQ=",
    "YQ",
    "YR==",
    "YWI=",
    "YWJ=",
    "YWJj",
    "YWJ j",
    " YWJj",
    "YWJjYQ==",
    "YQ==YQ==",
    "=",
    "YWJ+",
    "Y-Jj",
)
_ARNS: Final = (
    "arn:aws:s3:::b",
    "arn:aws:s3:::",
    "arn:aws:s3::",
    "arn:aws:s3:::a:b",
    "x:aws:s3:::b",
    "arn:::::x",
    "*",
    "arn:*",
    "arn:${x}:s3:::b",
    "${x}",
    "a:b:c:d:e:f",
    ":::::",
)
_BOOLEANS: Final = ("true", "TRUE", "True", "false", "yes", "1")
TEXTS: Final = tuple(dict.fromkeys((*NUMBERS, *DATES, *IPS, *_BLOBS, *_ARNS, *_BOOLEANS)))


def _or_error(ask: Callable[[], object]) -> str:
    try:
        return str(ask())
    except (IamcheckError, TypeError) as error:
        return f"{type(error).__name__}: {error}"


def written_values() -> str:
    """Every text as each parser reads it; what is not said it is not."""
    lines = []
    for text in TEXTS:
        network = ip_network(text)
        address = ip_address(text)
        found: dict[str, object] = {
            "numeric": numeric(text),
            "date": date(text),
            "binary": binary(text),
            "address": address and f"v{address.version}:{address.number:x}",
            "network": network and f"v{network.version}:{network.number:x}/-{network.host_bits}",
            "parts": arn_parts(text),
            "pattern": arn_pattern_parts(text),
            "true": boolean(text) or None,
        }
        words = [f"{name}={value}" for name, value in found.items() if value is not None]
        families = [family.value for family in Family if storable(family, text)]
        stored = [family for family in families if family not in ("String", "Bool", "Null")]
        assert len(families) - len(stored) == 3
        lines.append(f"{text!a} {' '.join(words)}, stored: {' '.join(stored)}")
    inside = ("192.0.2.0", "192.0.2.255", "192.0.3.0", "::c000:200", "2001:db8::", "2001:db9::")
    for text in ("192.0.2.0/24", "192.0.2.7/31", "0.0.0.0/0", "::/0", "2001:db8::/32", "::ffff:c000:200/120"):
        network = ip_network(text)
        has = [one for one in inside if network and (address := ip_address(one)) and network.has(address)]
        lines.append(f"{text} has {has}")
    for name in (
        *operators(),
        "stringEquals",
        "StringEqual",
        "NullIfExists",
        "ForAnyValue:",
        "ForAnyValues:StringLike",
        "x",
    ):
        lines.append(_or_error(lambda name=name: tuple(parse_operator(name))))  # type: ignore[misc]
    for name in ("Acton", "action", "x", "", "a" * 200):
        few, many = ["Action", "NotAction", "Resource"], [*map(str, range(13))]
        near = did_you_mean(name, ["Action", "Actions", "NotAction"], most=2)
        lines.append(f"{shown(name)}: {nearest(name, few)}; {nearest(name, many)}; {nearest(name, many[:12])}; {near}")
    for text in _ARNS:
        lines.append(f"{text}: {_or_error(lambda text=text: repr(Arn.parse(text, where='here')))}")  # type: ignore[misc]
    return "\n".join(lines) + "\n"


def _node(node: JsonNode, depth: int = 0) -> Iterator[str]:
    """A value, its place by the path, and the offsets of itself and of its key."""
    value = node.value
    kind = f"{len(value)} of" if isinstance(value, dict | list) else ""
    shown_value = type(value).__name__ if kind else ascii(value)
    yield f"{'  ' * (depth + 1)}{kind} {shown_value} {node.start}-{node.end} named {node.named} {node.where!r}".replace(
        "   ", "  "
    )
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _node(each, depth + 1)


_JSON: Final = (
    "{}",
    "[]",
    '""',
    "0",
    "-0",
    "-",
    "01",
    "1.",
    "1.5e+3",
    "1e",
    "true",
    "True",
    "nul",
    "-Infinity",
    "NaN",
    "",
    " \n",
    "\ufeff{}",
    "\ufeff",
    "%7B%7D",
    '{"a": 1}',
    ' {\r\n"a" : [ 1 , {"b":null} ]\r}\n',
    '{"a": 1, "a": 2}',
    '{\n"a": 1,\n"b": {"a": 2},\n"a": 3}',
    '{"a"',
    '{"a":',
    '{"a" 1}',
    "{a: 1}",
    '{"a": 1,}',
    '{"a": 1 "b": 2}',
    '{"a": 1',
    "[1,]",
    "[1 2]",
    "[1",
    "[",
    "{",
    '{"a": 1} x',
    "{} {}",
    '"a',
    '"\\u00e9\\n"',
    '"\\x"',
    '"\\u12"',
    '"a\tb"',
    '"\\ud800"',
    '"\\ud83d\\ude00"',
    '"\u00e9"',
    "'a'",
    '{"a b": {"c.d": [0, {"\u00e9": x}]}}',
    '{"a": {"b": [1, 2, {"c": tru}]}}',
    "[" * 32 + "]" * 32,
    "[" * 33 + "]" * 33,
    '{"' + "k" * 101 + '": x}',
    '{"' + "k" * 100 + '": x}',
    "\u00a0{}",
    "/* */ {}",
    '{"a": 1}\x00',
)


class _Word(str, Enum):
    A = "a"


_OBJECTS: Final[Sequence[Any]] = (
    {},
    [],
    (),
    "a",
    "\ud800",
    "\u00e9",
    _Word.A,
    1,
    1.5,
    float("nan"),
    float("inf"),
    True,
    None,
    b"a",
    {1: "a"},
    {"a": {1, 2}},
    MappingProxyType({"a": (1, [2])}),
    {"a": [{"b": object}]},
    Decimal(1),
    datetime(2012, 10, 17).date(),
    10**30,
    {"a": {"b": {None: 1}}},
)


def _nested(depth: int) -> object:
    value: object = "a"
    for _ in range(depth):
        value = [value]
    return value


def written_json() -> str:
    """Texts and Python objects as values with their places; and which of the texts the quick reader reads alike."""
    lines = []
    for text in _JSON:
        title = ascii(text) if len(text) < 60 else f"{text[:20]!a} and so on, {len(text)} characters"
        lines.append(title)
        try:
            nodes = [*_node(read_text(text))]
            lines += nodes if len(nodes) < 20 else [nodes[0], nodes[-1], f"  {len(nodes)} values"]
        except IamcheckError as error:
            lines.append(f"  {type(error).__name__}: {error}")
        plain = read_plainly(text)
        lines.append(f"  quick reader: {'no' if plain is None else [*_node(plain)]}")
    for text, options in (
        ('{"a": 1, "a": 2, "b": 3, "a": 4}', {"repeated": True}),
        ("[[[0]]]", {"deepest": 2}),
        ("[[0]]", {"deepest": 2}),
        ('{"a": 1}', {"longest": 8}),
        ('{"a": 1}', {"longest": 7}),
        ('{"a": 1} ', {"longest": 8}),
        ('["abc"]', {"longest": 0}),
        ("[1, 2, 3]", {"longest": 3}),
    ):
        repeated: list[JsonNode] = []
        given: Any = {**options, "repeated": repeated} if "repeated" in options else options
        lines.append(f"{text} {options}")
        lines.append(f"  {_or_error(lambda text=text, given=given: [*_node(read_text(text, **given))])}")  # type: ignore[misc]
        lines.append(f"  repeated {[(one.where, one.value) for one in repeated]}")
    for value in (*_OBJECTS, _nested(32), _nested(33)):
        title = f"{value!a}" if value not in (_nested(32), _nested(33)) else "nested"
        lines.append(f"object {title}: {_or_error(lambda value=value: [*_node(read_object(value))][-3:])}")  # type: ignore[misc]
    for data in (b"a", b"\xff\xfea", b"\xfe\xffa", b"a\n\xff", b"\n\n\xe9 x", "\u00e9".encode()):
        lines.append(f"bytes {data!r}: {_or_error(lambda data=data: ascii(decode(data)))}")  # type: ignore[misc]
    lines += [shown("a" * length) for length in (99, 100, 101)]
    return "\n".join(lines) + "\n"


_GOOD: Final[dict[str, Any]] = {
    "Version": "2012-10-17",
    "Id": "i",
    "Statement": [
        {
            "Sid": "One",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:Put*"],
            "Resource": "arn:aws:s3:::b/*",
            "Condition": {"StringEquals": {"aws:RequestTag/a": ["x", "y"]}, "Bool": {"aws:SecureTransport": True}},
        },
        {"Sid": "Two", "Effect": "Deny", "NotAction": "iam:*", "NotResource": ["*"]},
    ],
}
_GRANT: Final[dict[str, Any]] = {
    "Version": "2008-10-17",
    "Statement": {
        "Sid": "a b",
        "Effect": "Allow",
        "Principal": {"AWS": [HOME, "*"]},
        "Action": "s3:*",
        "Resource": "*",
    },
}
_TRUST: Final[dict[str, Any]] = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
}
_RCP: Final[dict[str, Any]] = {
    "Statement": [{"Effect": "Deny", "Principal": "*", "Action": ["s3:*", "sqs:*"], "Resource": "*"}]
}

_MISSING: Final = object()
_WRONG: Final[Sequence[Any]] = (_MISSING, None, "", [], {}, 7, True, "x", ["x"], [["x"]], {"x": "y"})
"""What may stand where something else belongs."""
_STATEMENT: Final[Sequence[tuple[str, Sequence[Any]]]] = (
    ("Sid", ("a-b", "\u00e9", "Two", "a" * 120)),
    ("Effect", ("allow", "Deny", "Alow")),
    ("Action", ("*", "s3", "s3:", "s3:Get:x", "s3:Get Object", "*:*", "s?:G*", "s3:*\n", ["s3:Get", 1], "a.b-c:D_e")),
    ("NotAction", ("s3:*",)),
    (
        "Resource",
        (
            "arn:aws:s3:::b",
            "arn:aws:s3::b",
            "arn::s3:::b",
            "arn:aws::::b",
            "arn:aws:s*:::b",
            "arn:aws:s?:::b",
            "arn:aws:iam::*:x",
            "arn:aws:iam:::role/a",
            "arn:aws:iam::1:root",
            "arn:aws:iam::1:*",
            "arn:aws:iam::1:${aws:username}",
            "arn:aws:iam::1:roles",
            "arn:aws:s3:::${aws:username}",
            "arn:aws:s3:::${aws:username",
            "arn:aws:s3:::${x}",
            "arn:aws:s3:::${aws:x, 'd'}",
            "arn:aws:s3:::${aws:x,'d'}",
            "arn:aws:s3:::${aws:x, 'a${b}'}",
            "arn:aws:s3:::${*}${?}${$}",
            "arn:aws:s3:::${**}",
            "arn:*",
            "**",
            "arn:${aws:x}:s3:::b",
            "arn:aws:s3:::",
            "ARN:aws:s3:::b",
            ["*", "x"],
        ),
    ),
    ("NotResource", ("arn:aws:iam::1:root", "arn:aws:iam::1:x", "*")),
    ("Principal", ("*", {"AWS": "*"})),
    (
        "Condition",
        (
            {},
            {"StringEquals": {}},
            {"StringEquals": []},
            {"StringEquals": {"aws:x": []}},
            {"StringNotEquals": {"aws:x": []}},
            {"Null": {"aws:x": []}},
            {"StringEquals": {"aws:x": None}},
            {"StringEquals": {"aws:x": [1, 1.50, True, False, "a"]}},
            {"StringEquals": {"aws:x": {"a": 1}}},
            {"StringEquals": {"x": "a"}},
            {"StringEquals": {"aws:": "a"}},
            {"StringEquals": {"aws:a ": "a"}},
            {"StringEquals": {" aws:a": "a"}},
            {"StringEquals": {"aws:RequestTag/a b:c": "a"}},
            {"StringEquals": {"aws:${x}": "a"}},
            {"stringEquals": {"aws:x": "a"}},
            {"X": {"aws:x": "a"}},
            {"NullIfExists": {"aws:x": "true"}},
            {"NumericEquals": {"aws:x": "a"}},
            {"NumericEquals": {"aws:x": ["1", "${aws:y}"]}},
            {"DateEquals": {"aws:x": "2030-13-01"}},
            {"BinaryEquals": {"aws:x": "YQ"}},
            {"IpAddress": {"aws:x": "192.0.2.0/33"}},
            {"Bool": {"aws:x": "${aws:y}"}},
            {"ArnLike": {"aws:x": "x"}},
            {"ArnLike": {"aws:x": "${aws:y}"}},
            {"ArnLike": {"aws:x": "${y}"}},
            {"StringLike": {"aws:x": "${aws:y}${aws:z, ''}"}},
            {"StringLike": {"aws:x": "${"}},
            {"ForAnyValue:StringLikeIfExists": {"aws:x": "a", "aws:X": "b"}},
        ),
    ),
)
_PRINCIPALS: Final[Sequence[Any]] = (
    "*",
    {"AWS": "*"},
    {"AWS": HOME},
    {"AWS": HOME[1:]},
    {"AWS": f"arn:aws:iam::{HOME}:root"},
    {"AWS": f"arn:aws:iam::{HOME}:user/*"},
    {"AWS": f"arn:aws:iam::{HOME}:u?"},
    {"AWS": f"arn:aws:sts::{HOME}:assumed-role/r/s"},
    {"AWS": f"arn:aws:s3::{HOME}:x"},
    {"AWS": "AIDACKCEVSQ6C2EXAMPLE"},
    {"AWS": "AIDACKCEVSQ6C2E"},
    {"AWS": []},
    {"AWS": 1},
    {"Service": "ec2.amazonaws.com"},
    {"Service": "*"},
    {"Service": "a b"},
    {"Federated": "cognito-identity.amazonaws.com"},
    {"Federated": "a b"},
    {"Federated": "a*"},
    {"CanonicalUser": "79a59df9"},
    {"CanonicalUser": "a-b"},
    {"aws": "*"},
    {"User": "*"},
    {},
    [],
    "x",
    None,
    {"AWS": ["*", HOME], "Service": "a"},
    {"AWS": f"arn:aws:iam::{HOME}:user/${{aws:x}}"},
)


_USUAL: Final = (
    '"Version": "2012-10-17", "Id": "i", "Statement": [{"Sid": "One", "Effect": "Allow"',
    '"Action": ["s3:GetObject", "s3:Put*"]',
    '"Condition": {"StringEquals": {"aws:RequestTag/a": ["x", "y"]}, "Bool": {"aws:SecureTransport": ["true"]}}',
    '{"Sid": "Two", "Effect": "Deny", "NotAction": ["iam:*"], "NotResource": ["*"]}',
)
"""Parts of the policy that most questions leave as they are; each is shown by its number."""


def _policy_line(document: object, **options: Any) -> str:  # noqa: ANN401 - of Policy.parse
    def read() -> str:
        policy = Policy.parse(document, **options)  # type: ignore[arg-type]
        every = [f"{one.principals}" for one in policy.statements if one.principals and one.principals.everyone]
        return f"{policy.to_json()}{' everyone' if every else ''}"

    line = _or_error(read)
    for number, usual in enumerate(_USUAL):
        line = line.replace(usual, f"<{number}>")
    return line


def _changed(document: dict[str, Any], path: Sequence[str | int], value: object) -> dict[str, Any]:
    changed: Any = copy.deepcopy(document)
    place = changed
    for step in path[:-1]:
        place = place[step]
    if value is _MISSING:
        place.pop(path[-1], None)
    else:
        place[path[-1]] = value
    return dict(changed)


def _title(path: str, value: object) -> str:
    text = "(missing)" if value is _MISSING else ascii(value)
    return f"{path} = {text}" if len(text) < 120 else f"{path} = {text[:20]} and so on, {len(text)} characters"


def _documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for element in ("Version", "Id", "Statement", "Other"):
        for value in (*_WRONG, *(("2008-10-17", "2012-10-18", "2012-1-17") if element == "Version" else ())):
            yield _title(element, value), _changed(_GOOD, [element], value)
    for element, values in _STATEMENT:
        for value in (*_WRONG, *values):
            yield _title(f"Statement[0].{element}", value), _changed(_GOOD, ["Statement", 0, element], value)
    for value in _WRONG[1:]:
        yield _title("Statement[1]", value), _changed(_GOOD, ["Statement", 1], value)
    without = _changed(_changed(_GOOD, ["Statement", 0, "Action"], _MISSING), ["Statement", 0, "Resource"], _MISSING)
    for action, resource in itertools.product(("Action", "NotAction", ""), ("Resource", "NotResource", "")):
        for arn in ("*", "arn:aws:iam::1:root", "arn:aws:iam::1:x", "arn:aws:s?:::b"):
            document = copy.deepcopy(without)
            document["Statement"][0].update({name: text for name, text in ((action, "s3:*"), (resource, arn)) if name})
            if resource or arn == "*":
                yield f"{action or 'no action'}, {resource or 'no resource'} {arn}", document


def written_documents() -> str:
    """Policies with one element that is missing or wrong, those of other layers, and documents as text."""
    lines = []
    for title, document in _documents():
        stored, taken = (_policy_line(document, stored=one) for one in (True, False))
        lines += [title, f"  {stored}"]
        lines += [f"  not stored: {taken}"] if taken != stored else []
        session = _policy_line(document, stored=False, layer=PolicyType.SESSION)
        lines += [f"  session: {session}"] if session != taken else []
    for effect in ("Allow", "Deny"):
        for element in ("Principal", "NotPrincipal"):
            for value in _PRINCIPALS:
                document = _changed(
                    _changed(_GRANT, ["Statement", "Principal"], _MISSING), ["Statement", element], value
                )
                document = _changed(document, ["Statement", "Effect"], effect)
                if (effect, element) != ("Allow", "NotPrincipal") or value == "*":
                    lines += [f"{effect} {element} {value}", f"  {_policy_line(document)}"]
    samples = {"good": _GOOD, "grant": _GRANT, "trust": _TRUST, "RCP": _RCP}
    for name, document in samples.items():
        for layer in PolicyType:
            lines.append(f"{name} as {layer}: {_policy_line(document, layer=layer, name='p')}")
    for change in (
        {"Effect": "Allow"},
        {"NotAction": "s3:*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": ["*", HOME]}},
        {"Principal": {"Service": "x"}},
        {"Action": "*"},
        {"Action": "*:*"},
        {"Action": "**:x"},
        {"Action": "ec2:*"},
        {"Action": ["s3:*", "S3:Get", "ec2:*"]},
        {"Action": "s*:*"},
        {"Action": "e?2:*"},
        {"Action": "s?s:*"},
        {"Effect": "Allow", "Action": "*"},
        {"Effect": "Allow", "Action": ["*"], "Condition": {"Bool": {"aws:x": "true"}}},
        {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b"},
        {"Effect": "Allow", "Action": "*", "Principal": {"AWS": HOME}},
        {"Resource": "arn:aws:s3:::b"},
    ):
        statement = {**_RCP["Statement"][0], **change}
        if "NotAction" in change:
            del statement["Action"]
        for statements in ([statement], [statement, _RCP["Statement"][0]]):
            line = _policy_line({"Statement": statements}, layer=PolicyType.RCP)
            taken = _policy_line({"Statement": statements}, layer=PolicyType.RCP, stored=False)
            lines += [
                f"RCP {change}, {len(statements)}",
                f"  {line}",
                *([f"  not stored: {taken}"] if taken != line else []),
            ]
    named = {key: value for key, value in _RCP["Statement"][0].items() if key != "Principal"}
    lines.append(
        f"RCP NotPrincipal: {_policy_line({'Statement': [{**named, 'NotPrincipal': '*'}]}, layer=PolicyType.RCP)}"
    )
    lines += _texts()
    return "\n".join(lines) + "\n"


def _texts() -> Iterator[str]:
    """Documents as text: lines and columns of statements and of what is wrong, short and long."""
    statement = '{"Sid": "A", "Effect": "Allow", "Action": "s3:*", "Resource": "*"}'
    first = f'{{"Version": "2012-10-17",\n "Statement": [ {statement},\r\n'
    for rest in (
        '  {"Sid": "B", "Effect": "Deny", "Action": "*", "Resource": "*"}\n] }',
        '  {"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"} ]}',
        '  {"Effect": "Deny", "Action": "*"} ]}',
        '  {"Effect": "Deny", "Action": ["*",\n 5], "Resource": "*"} ]}',
        "]}",
        ' {"Effect": }]}',
        '  {"Effect": "Deny", "Effect": "Deny"}]}',
        '{"Effect": "Deny", "Action": "*", "Resource": "*"}], "Id": "i"}',
    ):
        for padding in ("", " " * 70_000):
            text = first + padding + rest

            def places(text: str = text) -> str:
                policy = Policy.parse(text, name="p.json")
                return (
                    " ".join(f"{one.sid}@{one.line}:{one.column} {one.start}-{one.end}" for one in policy.statements)
                    + f" {policy.id}"
                )

            yield f"text {rest!r} {len(padding)}: {_or_error(places)}"
    for longest in (90, 91, 92):
        text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}} '
        yield f"longest {longest} of {len(text)}: {_policy_line(text, longest=longest, name='p')}"
    for data in (first.encode(), b"{\xff", first.encode("utf-16")):
        yield f"bytes {_policy_line(data, name='p')}"


def _request(**fields: Any) -> str:  # noqa: ANN401 - of Request
    def read() -> str:
        request = Request(**fields)
        known = {
            key: f"{list(value.values)}{value.type or ''}{'*' if value.many else ''}"
            for key, value in request.known.items()
        }
        flags = [name for name in ("is_across_accounts", "is_ordinary") if getattr(request, name)]
        keys = f"given {sorted(request.given)} absent {sorted(request.absent_keys)}"
        return f"{request.action_key} {request.parts} {request.caller_account} {flags} {known} {keys}"

    return _or_error(read)


def written_requests() -> str:
    """Requests with what is prepared of them, principals as they are read, and Python values as context."""
    lines = []
    people = (
        None,
        "",
        f"arn:aws:iam::{HOME}:user/red/ann",
        f"arn:aws:iam::{HOME}:user/ann",
        f"arn:aws:iam::{HOME}:role/path/ci",
        f"arn:aws:iam::{HOME}:root",
        f"arn:aws:sts::{HOME}:assumed-role/ci/s@x",
        f"arn:aws:sts::{HOME}:federated-user/ann",
        f"arn:aws:iam::{HOME}:group/g",
        "ec2.amazonaws.com",
        "ec2",
        "x:y.z",
        f"arn:aws:sts::{HOME}:user/ann",
        "arn:aws:iam::1:user",
        "arn:aws:iam",
    )
    for principal in people:
        caller = Principal.read(principal)
        lines.append(f"{principal}: {tuple(caller)} {caller.entity_arn} {caller.user_name}")
        lines.append(f"  {_request(action='s3:GetObject', resource='arn:aws:s3:::b', principal=principal)}")
    for resource in (
        "*",
        "arn:aws:s3:::b:c:d",
        f"arn:aws:sqs:eu-west-1:{HOME}:q",
        "arn:aws:sqs:eu-west-1:210987654321:q",
        "arn:aws:iam::aws:policy/p",
        "arn:aws:sqs:eu-west-1:12345678901:q",
        "arn:aws:sqs",
        "x:y:z:a:b:c",
        "arn:aws:sqs::\u0661234567890123:q",
        "",
    ):
        for context in ({}, {"aws:ResourceAccount": "210987654321"}, {"AWS:principalaccount": "210987654321"}):
            lines.append(f"{resource} {context}")
            lines += [
                f"  {_request(action='S3:GetObject', resource=resource, principal=one, context=context)}"
                for one in (None, people[2])
            ]
    every: list[dict[str, Any]] = [
        {"action": "s3"},
        {"action": "s3:*"},
        {"action": "s3:Get?"},
        {"action": "s3:*", "wildcards_are_text": True},
        {"action": "s3", "wildcards_are_text": True},
        {"context": {"a:b": 1, "A:B": 2}},
        {"context": {"a:b": 1}, "absent": ["A:B"]},
        {"context": {"a:b": [], "A:b": "x"}},
        {"context": {"a:b": [], "a:c": ()}},
        {"absent": ["A:B", "a:b"]},
        {"absent": ["AWS:PrincipalArn", "aws:username"], "principal": people[2]},
        {"context": {"aws:username": "x"}, "principal": people[2]},
        {"context": {"a:b": {"x"}}},
        {"context": {"a:b": None}},
    ]
    for fields in every:
        lines += [f"{fields}", f"  {_request(**{'action': 's3:GetObject', 'resource': '*', **fields})}"]
    zone = timezone(timedelta(hours=2))
    for value in (
        "a",
        True,
        False,
        1,
        1.0,
        1.5,
        1e30,
        Decimal("1.50"),
        b"a",
        datetime(2026, 9, 1, 12),
        datetime(2026, 9, 1, 12, tzinfo=zone),
        datetime(2026, 9, 1, 12, 0, 0, 1999),
        [],
        (),
        ["a", True, 1],
        ("a",),
        [b""],
        ContextValue(("a",)),
        ContextValue(("a", "b")),
        ContextValue(("a",), KeyType.STRING_LIST),
        ContextValue(("a",), KeyType.STRING, True),
        ContextValue(("a", "b"), KeyType.NUMERIC),
        ContextValue(("a", "b"), KeyType.NUMERIC_LIST, True),
        None,
        {"a"},
        {"a": 1},
        [None],
        object,
    ):
        lines.append(f"{value!r}: {_or_error(lambda value=value: context_value(value, where='key'))}")  # type: ignore[misc]
    lines += [f"{kind}: {kind.many} {kind.base} {kind.listed}" for kind in KeyType]
    policy = Policy.parse(_GOOD, name="p")
    for layers in (
        {},
        {"identity": None, "scps": None},
        {
            "identity": [policy],
            "boundary": policy,
            "scps": [[policy], [policy]],
            "rcps": [[policy]],
            "session": (policy,),
        },
    ):
        given: Any = layers
        names = {layer.value: type(content).__name__ for layer, content in PolicySet(**given).by_layer().items()}
        lines.append(f"{names} {len([*PolicySet(**given).every_policy()])}")
    return "\n".join(lines) + "\n"
