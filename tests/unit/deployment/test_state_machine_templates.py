"""State machines that a template makes: what they deploy when they run, as their role."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment.located import WrittenDeployment

ROLE = "arn:aws:iam::123456789012:role/machine"
ENDPOINT = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sagemaker:createEndpoint",
    "Parameters": {"EndpointName": "churn-${Stage}", "EndpointConfigName.$": "$.config"},
    "End": True,
}
SUB = {"Fn::Sub": "arn:${AWS::Partition}:states:::sagemaker:createEndpoint"}
DEFINITION = {"StartAt": "Endpoint", "States": {"Endpoint": {**ENDPOINT, "Resource": SUB}}}
TEXT = json.dumps({"StartAt": "Endpoint", "States": {"Endpoint": ENDPOINT}})
SUBSTITUTED = {"RoleArn": ROLE, "DefinitionSubstitutions": {"Stage": {"Ref": "Stage"}}}


def read(
    folder: Path,
    properties: dict[str, Any],
    *,
    kind: str = "StepFunctions",
    parameters: dict[str, str] | None = None,
) -> WrittenDeployment:
    template = {
        "Parameters": {"Stage": {"Type": "String", "Default": "dev"}, "Open": {"Type": "String"}},
        "Conditions": {"Perhaps": {"Fn::Equals": [{"Ref": "Open"}, "x"]}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {}},
            "Machine": {"Type": f"AWS::{kind}::StateMachine", "Properties": properties},
        },
    }
    path = folder / "template.json"
    path.write_text(json.dumps(template, indent=1))
    (found,) = read_sources(str(path), parameters=parameters, region="eu-west-1")
    return found


def name(found: WrittenDeployment) -> object:
    assert found.endpoint is not None
    member = found.endpoint.root.get("EndpointName")
    return member and member.value


@pytest.mark.parametrize(
    "definition",
    [
        {"Definition": DEFINITION},
        {"DefinitionString": TEXT},
        {"DefinitionString": {"Fn::Join": ["", [TEXT[:20], TEXT[20:]]]}},
    ],
    ids=lambda one: str(one)[:30],
)
def test_the_definition_of_a_template_is_read_with_its_substitutions(
    tmp_path: Path, definition: dict[str, Any]
) -> None:
    found = read(tmp_path, {**SUBSTITUTED, **definition})
    given = read(tmp_path, {**SUBSTITUTED, **definition}, parameters={"Stage": "prod"})

    assert (name(found), name(given)) == ("churn-dev", "churn-prod")
    assert [one.settled_by for one in found.assumptions] == ["--parameter Stage=VALUE"]
    assert given.assumptions == ()
    assert found.caller is not None
    assert found.caller.principal == ROLE
    assert found.endpoint is not None
    config = found.endpoint.root.get("EndpointConfigName")
    assert config is not None
    assert config.value is UNKNOWN
    assert [one.what for one in found.not_covered] == ["AWS::IAM::Role", "AWS::StepFunctions::StateMachine"]


def test_fn_sub_fills_a_definition_that_is_a_text(tmp_path: Path) -> None:
    found = read(tmp_path, {"RoleArn": ROLE, "DefinitionString": {"Fn::Sub": TEXT}})

    assert name(found) == "churn-dev"


def joined_definition(*parts: object) -> dict[str, Any]:
    return {"DefinitionString": {"Fn::Join": ["", list(parts)]}, "RoleArn": ROLE}


OPEN_NAME = (
    '{"StartAt":"F","States":{"F":{"Type":"Task","Resource":"',
    {"Fn::GetAtt": ["Role", "Name"]},
    '","Next":"E"},"E":{"Type":"Task","Resource":"arn:',
    {"Ref": "AWS::Partition"},
    ':states:::sagemaker:createEndpoint","Parameters":{"EndpointName":"churn-',
    {"Ref": "AWS::StackName"},
    '-${Stage}","EndpointConfigName.$":"$.config[*]"},"End":true}}}',
)


def test_a_definition_that_is_joined_of_texts_is_read_though_some_are_not_known(tmp_path: Path) -> None:
    """So CDK writes it: the ARN of a function stands in it, and paths have signs that patterns have."""
    found = read(tmp_path, joined_definition(*OPEN_NAME) | {"DefinitionSubstitutions": {"Stage": "dev"}})
    plain = read(
        tmp_path, joined_definition(*(part if part != {"Ref": "AWS::StackName"} else "s" for part in OPEN_NAME))
    )

    assert name(found) == Pattern("churn-*-dev")
    assert name(plain) == "churn-s-${Stage}"
    assert [one.what for one in found.not_covered] == ["a task whose resource is not known", *_OTHERS]


@pytest.mark.parametrize(
    "parts",
    [
        ("{", {"Ref": "AWS::StackName"}, "}"),
        ('{"StartAt":', {"Ref": "AWS::StackName"}, ',"States":{}}'),
        (TEXT[:-3], ',"', {"Ref": "AWS::StackName"}, '":1}}}'),
        (TEXT[:-3], ',"Comment":"\ue000x\ue000', {"Ref": "AWS::StackName"}, '"}}}'),
        (TEXT, {"Fn::If": ["Perhaps", " ", {"Ref": "AWS::NoValue"}]}),
    ],
)
def test_a_definition_of_which_more_than_texts_is_not_known_is_not_read(tmp_path: Path, parts: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidInputError, match="has no endpoint"):
        read(tmp_path, joined_definition(*parts))


_OTHERS = ["AWS::IAM::Role", "AWS::StepFunctions::StateMachine"]


def test_a_machine_of_sam(tmp_path: Path) -> None:
    properties = {name: one for name, one in SUBSTITUTED.items() if name != "RoleArn"}

    found = read(tmp_path, {**properties, "Definition": DEFINITION, "Role": ROLE}, kind="Serverless")

    assert found.caller is not None
    assert (name(found), found.caller.principal) == ("churn-dev", ROLE)


@pytest.mark.parametrize("role", [{"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::ImportValue": "role"}])
def test_a_role_that_is_made_or_imported_is_not_known(tmp_path: Path, role: dict[str, Any]) -> None:
    found = read(tmp_path, {"RoleArn": role, "Definition": DEFINITION})

    assert found.caller is not None
    assert found.caller.principal is UNKNOWN


@pytest.mark.parametrize(
    "properties",
    [
        {"DefinitionString": {"Fn::ImportValue": "definition"}},
        {"DefinitionS3Location": {"Bucket": "b", "Key": "k"}},
        {"Definition": {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}},
    ],
)
def test_a_machine_that_deploys_nothing_that_is_known_is_no_deployment(
    tmp_path: Path, properties: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInputError, match="has no endpoint"):
        read(tmp_path, {"RoleArn": ROLE, **properties})


def test_a_definition_that_is_no_json_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"line \d+, .*DefinitionString: the definition is no JSON object"):
        read(tmp_path, {"RoleArn": ROLE, "DefinitionString": "{StartAt"})
