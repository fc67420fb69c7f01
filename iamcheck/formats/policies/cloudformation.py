"""Writes a policy as a CloudFormation template in YAML: a managed policy, or a role with its trust policy.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.formats.policies.parts import Parameter, parts_of, place_under

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.formats.policies.parts import Part, PolicyForm, PolicyPlace
    from iamcheck.results import Json

__all__ = ["render"]

_PSEUDO: Final[Mapping[Parameter, str]] = {
    Parameter.ACCOUNT_ID: "AWS::AccountId",
    Parameter.REGION: "AWS::Region",
    Parameter.PARTITION: "AWS::Partition",
}
"""The pseudo parameters
(https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html)."""

_ELEMENTS: Final = frozenset(
    (
        *("Version", "Id", "Statement", "Sid", "Effect", "Principal", "NotPrincipal"),
        *("Action", "NotAction", "Resource", "NotResource", "Condition"),
    )
)


def render(document: Mapping[str, Json], form: PolicyForm) -> str:
    """The template."""
    kind, member = ("Role", "AssumeRolePolicyDocument") if form.is_trust else ("ManagedPolicy", "PolicyDocument")
    name = "".join(word.title() for word in form.subject.split("-"))
    lines = (
        'AWSTemplateFormatVersion: "2010-09-09"',
        "Resources:",
        f"  {name}{kind}:",
        f"    Type: AWS::IAM::{kind}",
        "    Properties:",
        f"      {member}:",
        *(f"        {line}" for line in _mapping(document, form.place)),
    )
    return "".join(f"{line}\n" for line in lines)


def _mapping(document: Mapping[str, Json], place: PolicyPlace | None) -> Iterator[str]:
    for key, value in document.items():
        yield from _entry(f"{_key(key)}:", value, place_under(key, place))


def _entry(head: str, value: Json, place: PolicyPlace | None) -> Iterator[str]:
    """The lines of a value behind `key:` or `-`."""
    inner: Sequence[str]
    if isinstance(value, dict) and value:
        inner = list(_mapping(value, place))
    elif isinstance(value, list) and value:
        inner = [line for item in value for line in _entry("-", item, place)]
    else:
        yield f"{head} {_scalar(value, place)}"
        return
    if head == "-":
        # a mapping or list in a list starts on the line of its dash
        yield f"- {inner[0]}"
        yield from (f"  {line}" for line in inner[1:])
    else:
        yield head
        yield from (f"  {line}" for line in inner)


def _scalar(value: Json, place: PolicyPlace | None) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)  # a number, or nothing in brackets
    parts = parts_of(value, place)
    return _quoted(value) if all(isinstance(part, str) for part in parts) else _substituted(parts)


def _substituted(parts: Sequence[Part]) -> str:
    """Parts with pseudo parameters between them; `${!` keeps what AWS shall substitute in the policy.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
    """
    if len(parts) == 1 and isinstance(parts[0], Parameter):
        return f"!Ref {_PSEUDO[parts[0]]}"
    text = "".join(part.replace("${", "${!") if isinstance(part, str) else f"${{{_PSEUDO[part]}}}" for part in parts)
    return f"!Sub {_quoted(text)}"


def _key(key: str) -> str:
    # YAML takes some words for something else: the operator Null is one
    return key if key in _ELEMENTS else _quoted(key)


def _quoted(text: str) -> str:
    """A text between double quotes, in ASCII (https://yaml.org/spec/1.2.2/#57-escaped-characters)."""
    return f'"{"".join(map(_escaped, text))}"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return f"\\{char}"
    if char.isascii() and char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
