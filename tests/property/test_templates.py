"""Laws of reading templates: an answer or one clear line, whatever is written; JSON and YAML say the same."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.deployment.located import UNKNOWN, Member, Pattern
from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = st.sampled_from(["A", "B", "C", "AWS::Region", "AWS::NoValue", "AWS::StackName", "E", "F", "x.y"])
TEXTS = st.one_of(NAMES, st.sampled_from(["", "a-b", "${A}", "${A}-${B}", "${!A}", "E.EndpointName", "{{resolve:a}}"]))
LEAVES: st.SearchStrategy[Any] = st.one_of(TEXTS, st.integers(-2, 3), st.booleans(), st.none(), st.text(max_size=5))
NAMED = ("And", "Base64", "Equals", "FindInMap", "GetAtt", "If", "Join", "Not", "Or", "Select", "Split", "Sub")
FUNCTIONS = st.sampled_from(["Ref", "Condition", *(f"Fn::{name}" for name in NAMED)])
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(TEXTS, inner, max_size=2),
        st.builds(lambda name, value: {name: value}, FUNCTIONS, inner),
        st.builds(lambda name, value: {name: value}, FUNCTIONS, st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=12,
)
MEMBERS = st.sampled_from(["EndpointName", "EndpointConfigName", "Tags", "DeploymentConfig", "ProductionVariants"])
RESOURCES = st.fixed_dictionaries(
    {
        "Type": st.sampled_from(["AWS::SageMaker::Endpoint", "AWS::SageMaker::EndpointConfig", "AWS::IAM::Role"]),
        "Properties": st.one_of(st.dictionaries(MEMBERS, VALUES, max_size=3), VALUES),
    },
    optional={"Condition": NAMES},
)
TEMPLATES = st.fixed_dictionaries(
    {"Resources": st.dictionaries(st.sampled_from(["E", "F", "G"]), RESOURCES, min_size=1)},
    optional={
        "Parameters": st.dictionaries(NAMES, st.fixed_dictionaries({"Type": TEXTS}, optional={"Default": VALUES})),
        "Mappings": st.dictionaries(NAMES, VALUES, max_size=2),
        "Conditions": st.dictionaries(NAMES, VALUES, max_size=3),
        "Transform": st.just("AWS::Serverless-2016-10-31"),
    },
)


def plain(member: Member) -> object:
    value: object = member.value
    if isinstance(member.value, tuple):
        return [plain(item) for item in member.value]
    if value is UNKNOWN or isinstance(value, (Pattern, str, int, float)) or value is None:
        return value
    members: Mapping[str, Member] = member.value  # type: ignore[assignment]
    return {name: plain(one) for name, one in members.items()}


def outcome(data: bytes) -> object:
    """What is read, or that it was refused, which must be in one line."""
    try:
        found = read_sources("-", stdin=io.BytesIO(data), region="eu-west-1")
    except InvalidInputError as error:
        refusal = str(error)
    else:
        return [[plain(one.root) for one in (each.endpoint, each.config, *each.models) if one] for each in found]
    assert refusal.startswith("standard input")
    assert "\n" not in refusal
    return "refused"


@given(TEMPLATES)
def test_a_template_is_read_or_refused_and_yaml_says_what_json_says(template: dict[str, Any]) -> None:
    written = outcome(json.dumps(template).encode())

    assert outcome(yaml.dump(template, Dumper=Plain, sort_keys=False).encode()) == written


class Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        return True


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    outcome(text.encode())


@given(st.text(alphabet="a:-[]{}!&*|>'\"#%@`\n\t ?,<~1.", max_size=40))
def test_any_punctuation_is_read_or_refused(text: str) -> None:
    outcome(text.encode())


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    outcome(data)
