"""What a template leaves open: it stays open, says what settles it, and a value that is given settles it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck import Deployment, deployments_from_file
from iamcheck.deployment.located import UNKNOWN
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment.located import WrittenDeployment

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
VARIANT = {"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONFIG: dict[str, Any] = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]}
LINK = {"Fn::GetAtt": ["Config", "EndpointConfigName"]}
TRANSFORM = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "s3://b/part.yaml"}}}
SECURE: dict[str, Any] = {
    "Parameters": {"Secure": {"Type": "String"}},
    "Conditions": {"Is": {"Fn::Equals": [{"Ref": "Secure"}, "yes"]}, "Not": {"Fn::Not": [{"Condition": "Is"}]}},
}
EQUALS = SECURE["Conditions"]["Is"]
NO_VALUE = {"Ref": "AWS::NoValue"}


def config(properties: object = None, **attributes: object) -> dict[str, Any]:
    return {"Type": "AWS::SageMaker::EndpointConfig", "Properties": properties or CONFIG, **attributes}


def endpoint(name: object = LINK, **attributes: object) -> dict[str, Any]:
    names = {"EndpointName": "churn", "EndpointConfigName": name}
    return {"Type": "AWS::SageMaker::Endpoint", "Properties": names, **attributes}


def read(folder: Path, resources: object, sections: dict[str, Any] | None = None, **given: Any) -> WrittenDeployment:  # noqa: ANN401  keywords of read_sources
    path = folder / "t.json"
    path.write_text(json.dumps({**(sections or {}), "Resources": resources}), encoding="utf-8")
    (found,) = read_sources(str(path), **HERE, **given)
    return found


OPEN: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a name with a parameter": (
        {"Config": config({**CONFIG, "EndpointConfigName": {"Fn::Sub": "churn-${Secure}"}}), "E": endpoint("churn-v7")},
        SECURE,
    ),
    "an import": ({"Config": config(), "E": endpoint({"Fn::ImportValue": "x"})}, {}),
    "a name in capitals": (
        {"Config": config({**CONFIG, "EndpointConfigName": "Churn-V7"}), "E": endpoint("churn-v7")},
        {},
    ),
    "a condition": ({"Config": config(Condition="Is"), "E": endpoint("churn-v7")}, SECURE),
    "two by condition": (
        {"A": config(Condition="Is"), "B": config(Condition="Not"), "E": endpoint("churn-v7")},
        SECURE,
    ),
    "a transform in place of the properties": ({"Config": config(TRANSFORM), "E": endpoint("churn-v7")}, {}),
    "a transform beside the properties": ({"Config": config(**TRANSFORM), "E": endpoint("churn-v7")}, {}),
    "a loop in the properties": (
        {"Config": config({**CONFIG, "Fn::ForEach::X": ["K", ["a"], {"KmsKeyId": "x"}]}), "E": endpoint("churn-v7")},
        {"Transform": "AWS::LanguageExtensions"},
    ),
}


@pytest.mark.parametrize("case", OPEN)
def test_a_config_that_may_be_the_endpoints_is_unknown_and_not_none(tmp_path: Path, case: str) -> None:
    found = read(tmp_path, *OPEN[case])

    assert found.config_is_open
    assert found.config is not None
    assert {name: member.value for name, member in found.config.root.value.items()}["KmsKeyId"] is UNKNOWN  # type: ignore[union-attr]  # a mapping
    (one,) = found.unsettled
    assert one.what.startswith("whether the endpoint config is Resources.")
    assert one.cure.startswith("give ")


@pytest.mark.parametrize(
    ("second", "linked"),
    [
        # CloudFormation can make no second endpoint config of the name
        ({"Fn::If": ["Is", "churn-v7", "other"]}, False),
        ("churn-V7", False),
        ({"Fn::Sub": "${Secure}-other"}, True),
        ("other", True),
    ],
)
def test_an_endpoint_config_that_may_have_the_name_too_leaves_it_open(
    tmp_path: Path, second: object, linked: bool
) -> None:
    resources = {"A": config(), "B": config({**CONFIG, "EndpointConfigName": second}), "E": endpoint("churn-v7")}

    assert read(tmp_path, resources, SECURE).config_is_open is not linked


@pytest.mark.parametrize(("condition", "linked"), [("Not", True), ("Is", False)])
def test_an_endpoint_config_that_is_not_made_with_the_endpoint_is_not_its_own(
    tmp_path: Path, condition: str, linked: bool
) -> None:
    resources = {
        "A": config(Condition="Is"),
        "B": config(Condition=condition),
        "E": endpoint("churn-v7", Condition="Is"),
    }

    assert read(tmp_path, resources, SECURE).config_is_open is not linked


@pytest.mark.parametrize(
    ("name", "linked"), [(LINK, "certain"), ("churn-v7", "certain"), ("elsewhere", "none"), ("churn-v8", "none")]
)
def test_a_config_that_can_be_told_is_not_open(tmp_path: Path, name: object, linked: str) -> None:
    found = read(tmp_path, {"Config": config(), "E": endpoint(name)})

    assert (found.config_is_open, found.config is None, found.unsettled) == (False, linked == "none", ())
    assert [one.what for one in found.not_covered] == (
        [] if linked == "certain" else ["AWS::SageMaker::EndpointConfig"]
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("KmsKeyId", {"Fn::If": ["Is", KEY, NO_VALUE]}),
        ("Tags", {"Fn::If": ["Is", [{"Key": "a", "Value": "b"}], NO_VALUE]}),
        ("Tags", [{"Fn::If": ["Is", {"Key": "a", "Value": "b"}, NO_VALUE]}]),
        ("ExecutionRoleArn", {"Fn::Sub": "arn:aws:iam::123456789012:role/${Secure}"}),
    ],
)
def test_a_member_that_hangs_on_a_parameter_names_it(tmp_path: Path, member: str, value: object) -> None:
    resources = {"Config": config({**CONFIG, member: value}), "E": endpoint()}
    (one,) = draft_of(read(tmp_path, resources, SECURE)).unsettled

    assert one.cure == "give --parameter Secure=VALUE"
    assert draft_of(read(tmp_path, resources, SECURE, parameters={"Secure": "yes"})).unsettled == ()


@pytest.mark.parametrize(("parameters", "is_open"), [({}, True), ({"Secure": "yes"}, False)])
def test_a_config_that_may_not_be_made_leaves_the_endpoint_that_refers_to_it_open(
    tmp_path: Path, parameters: dict[str, str], is_open: bool
) -> None:
    found = read(tmp_path, {"Config": config(Condition="Is"), "E": endpoint()}, SECURE, parameters=parameters)
    assert any("--parameter Secure=" in one.cure for one in found.unsettled) is is_open


@pytest.mark.parametrize("given", [{}, {"values": {"Endpoint.EndpointConfigName": "churn-v6"}}])
@pytest.mark.parametrize(
    ("condition", "cure"),
    [
        (EQUALS, "give --parameter Secure=VALUE with which Resources.Config is made"),
        ({"Fn::And": [{"Condition": "Is"}, EQUALS]}, "give --parameter Secure=VALUE with which Resources.Config is"),
        ({"Fn::Not": [{"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}]}, "give a template in which Resources.Co"),
    ],
)
def test_a_reference_to_what_is_not_made_is_settled_by_what_makes_it(
    tmp_path: Path, condition: object, cure: str, given: dict[str, Any]
) -> None:
    """CloudFormation refuses such a template: no name that is given besides makes it an endpoint."""
    sections = {**SECURE, "Conditions": {**SECURE["Conditions"], "Does": condition}}
    resources = {"Config": config(Condition="Does"), "Endpoint": endpoint()}
    written = read(tmp_path, resources, sections, parameters={"Secure": "no"}, **given)

    for name in (None, "churn-v6"):
        (open_,) = draft_of(written, endpoint_config_name=name).unsettled
        assert open_.cure.startswith(cure)
        assert "Resources.Config is not made, for its condition Does does not hold" in open_.why
    if "--parameter" in cure:
        made = read(tmp_path, resources, sections, parameters={"Secure": "yes"})
        assert draft_of(made).unsettled == ()


ALL_OF = {"Fn::And": [{"Condition": "Is"}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]}]}
ROLE_ARN = {"Fn::GetAtt": ["Role", "Arn"]}


@pytest.mark.parametrize(
    ("member", "attributes", "is_open"),
    [
        (ROLE_ARN, {}, True),
        ({"Fn::Sub": "${Role.Arn}"}, {}, True),
        ({"Fn::If": ["Not", ROLE_ARN, NO_VALUE]}, {}, True),
        (ROLE_ARN, {"Condition": "Not"}, True),
        (ROLE_ARN, {"Condition": "Either"}, True),
        # where the reference is made, the role is made too
        ({"Fn::If": ["Is", ROLE_ARN, NO_VALUE]}, {}, False),
        ({"Fn::If": ["Not", NO_VALUE, ROLE_ARN]}, {}, False),
        ({"Fn::If": ["Both", ROLE_ARN, NO_VALUE]}, {}, False),
        ({"Fn::If": ["Either", {"Fn::If": ["Is", ROLE_ARN, NO_VALUE]}, NO_VALUE]}, {}, False),
        (ROLE_ARN, {"Condition": "Is"}, False),
        (ROLE_ARN, {"Condition": "Both"}, False),
        (ROLE_ARN, {"Condition": "Again"}, False),
    ],
)
def test_a_reference_to_what_may_not_be_made_is_open_but_where_both_have_the_condition(
    tmp_path: Path,
    member: object,
    attributes: dict[str, Any],
    is_open: bool,
) -> None:
    """CloudFormation refuses the template where the condition does not hold."""
    other = {"Fn::Equals": [{"Ref": "Other"}, "x"]}
    sections = {
        "Parameters": {"Secure": {"Type": "String"}, "Other": {"Type": "String"}},
        "Conditions": {
            **SECURE["Conditions"],
            "Both": ALL_OF,
            "Either": {"Fn::Or": [{"Condition": "Is"}, other]},
            "Again": {"Fn::Not": [{"Condition": "Not"}]},
        },
    }
    role = {"Type": "AWS::IAM::Role", "Condition": "Is", "Properties": {"RoleName": "exec"}}
    resources = {"Config": config({**CONFIG, "ExecutionRoleArn": member}, **attributes), "Role": role}

    found = read(tmp_path, resources, sections)

    assert ("whether Resources.Role is made" in [one.what for one in found.unsettled]) is is_open
    if attributes != {"Condition": "Not"}:
        made = read(tmp_path, resources, sections, parameters={"Secure": "yes", "Other": "x"})
        assert made.unsettled == ()


def test_a_config_with_the_condition_of_its_endpoint_is_not_said_twice(tmp_path: Path) -> None:
    found = read(tmp_path, {"Config": config(Condition="Is"), "E": endpoint(Condition="Is")}, SECURE)
    assert [one.what for one in found.unsettled] == ["whether Resources.E is made"]


@pytest.mark.parametrize(
    ("logical", "name"), [({"Fn::Sub": "Config"}, "churn-v7"), ({"Fn::Sub": "${Secure}fig"}, UNKNOWN)]
)
def test_functions_may_stand_for_logical_ids_where_the_language_is_extended(
    tmp_path: Path, logical: object, name: object
) -> None:
    resources = {"Config": config(), "E": endpoint({"Fn::GetAtt": [logical, "EndpointConfigName"]})}
    found = read(tmp_path, resources, {**SECURE, "Transform": "AWS::LanguageExtensions"})
    assert found.endpoint is not None
    member = found.endpoint.root.get("EndpointConfigName")
    assert member is not None
    assert member.value == name
    assert found.config_is_open is (name is UNKNOWN)
    with pytest.raises(InvalidInputError):
        read(tmp_path, resources, SECURE)


def test_one_cause_is_said_once(tmp_path: Path) -> None:
    stage = {"Fn::Sub": "churn-${Secure}"}
    properties = {**CONFIG, "EndpointConfigName": stage, "KmsKeyId": {"Fn::If": ["Is", KEY, NO_VALUE]}}
    resources = {"Config": config(properties), "E": {**endpoint(), "Condition": "Is"}}

    (one,) = draft_of(read(tmp_path, resources, SECURE)).unsettled

    assert one.what == ("the name of the endpoint config, whether Resources.E is made and the volume key")
    assert one.why == "are known only when the deployment is made: the parameter Secure has no value"


MADE_HERE: dict[str, Any] = {
    "Key": {"Type": "AWS::KMS::Key"},
    "Config": config({**CONFIG, "KmsKeyId": {"Ref": "Key"}}),
    "E": endpoint(),
}


@pytest.mark.parametrize("name", ["Config.KmsKeyId", "Key.Ref"])
def test_a_value_that_is_given_settles_what_is_made_in_the_same_stack(tmp_path: Path, name: str) -> None:
    (one,) = draft_of(read(tmp_path, MADE_HERE)).unsettled
    assert one.cure == "give --set Config.KmsKeyId=VALUE"
    assert "Resources.Key is made in the same stack" in one.why

    draft = draft_of(read(tmp_path, MADE_HERE, values={name: KEY}))

    assert draft.unsettled == ()
    assert draft.config_request is not None
    assert draft.config_request.kms_key_id == KEY


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Confg.KmsKeyId", "did you mean Config?"),
        ("Config.KmsKey", "did you mean KmsKeyId?"),
        ("Config", "names no member"),
        ("Config.ProductionVariants[1].ModelName", "the template has 1 item there"),
        ("Config.ProductionVariants[0].ModelNam", "did you mean ModelName?"),
        ("Config.EndpointConfigName", "the template says 'churn-v7'"),
        ("Config.VpcConfig", "is a structure"),
        ("Config.x!", "is no path"),
        ("Key.Arn", "no endpoint of the template uses 'Key.Arn'"),
    ],
)
def test_a_value_that_nothing_takes_is_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        read(tmp_path, MADE_HERE, values={name: "x"})

    assert said in str(raised.value)
    assert "--set" in str(raised.value)


def test_a_structure_is_given_as_json(tmp_path: Path) -> None:
    resources = {"Config": config({**CONFIG, "Tags": {"Fn::ImportValue": "t"}}), "E": endpoint()}

    draft = draft_of(read(tmp_path, resources, values={"Config.Tags": '[{"Key": "team", "Value": "ml"}]'}))

    assert draft.unsettled == ()
    assert draft.config_request is not None
    assert draft.config_request.tags is not UNKNOWN
    assert [(tag.key, tag.value) for tag in draft.config_request.tags.known] == [("team", "ml")]


@pytest.mark.parametrize(
    ("section", "parts"),
    [("an unrelated resource", 0), ("the config", 1), ("the parameter", 1), ("an unrelated parameter", 0)],
)
def test_of_a_repeated_key_the_last_counts_and_it_is_named_where_it_matters(
    tmp_path: Path, section: str, parts: int
) -> None:
    twice = dict.fromkeys(("an unrelated resource", "the config", "the parameter", "an unrelated parameter"), "")
    twice[section] = "{0}: {1}, "
    text = f"""
Parameters:
  T: {{{twice["the parameter"].format("Default", "ml.m4.large")}Type: String, Default: ml.m5.large}}
  U: {{{twice["an unrelated parameter"].format("Default", "a")}Type: String, Default: b}}
Resources:
  B: {{Type: AWS::S3::Bucket, Properties: {{{twice["an unrelated resource"].format("BucketName", "a")}BucketName: b}}}}
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      {{{twice["the config"].format("EndpointConfigName", "first")}EndpointConfigName: last,
       ProductionVariants: [{{VariantName: a, ModelName: m, InstanceType: !Ref T, InitialInstanceCount: 1}}]}}
  E: {{Type: AWS::SageMaker::Endpoint, Properties: {{EndpointName: e, EndpointConfigName: last}}}}
"""
    path = tmp_path / "t.yaml"
    path.write_text(text, encoding="utf-8")

    (found,) = read_sources(str(path), **HERE, stack_tags={})

    assert found.config is not None
    name = found.config.root.get("EndpointConfigName")
    assert name is not None
    assert name.value == "last"
    texts = [assumption.text for assumption in found.assumptions]
    assert len([text for text in texts if "comes twice" in text]) == parts
    assert [text for text in texts if "Default" in text][:1] == ["the parameter T has its Default 'ml.m5.large'"]


def test_stack_tags_are_open_until_somebody_says_them(tmp_path: Path) -> None:
    def tags(stack_tags: dict[str, str] | None) -> tuple[list[str], str | None, bool]:
        found = read(tmp_path, {"Config": config(), "E": endpoint()}, stack_tags=stack_tags)
        request = draft_of(found).config_request
        assert request is not None
        assert request.tags is not UNKNOWN
        assumed = any(one.settled_by.startswith("--stack-tag") for one in found.assumptions)
        return [str(tag.key) for tag in request.tags.known], request.tags.open_prefix, assumed

    assert tags(None) == ([], "", True)
    assert tags({}) == ([], "aws:cloudformation:", False)
    assert tags({"team": "ml"}) == (["team"], "aws:cloudformation:", False)


def test_a_file_with_a_part_alone_makes_that_part_alone(tmp_path: Path) -> None:
    alone = draft_of(read(tmp_path, {"Config": config()})).at(**HERE)
    existing = draft_of(read(tmp_path, {"E": endpoint("churn-v7")})).at(**HERE)

    assert isinstance(alone, Deployment)
    assert isinstance(existing, Deployment)
    assert (alone.endpoint_name, alone.creates_endpoint, alone.creates_config) == (None, False, True)
    assert (existing.endpoint_config_name, existing.creates_endpoint, existing.creates_config) == (
        "churn-v7",
        True,
        False,
    )


def test_the_library_reads_files(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_text(json.dumps({**SECURE, "Resources": {"Config": config(), "E": endpoint()}}), encoding="utf-8")

    (made,) = deployments_from_file(path, **HERE)

    assert (made.endpoint_name, made.endpoint_config_name) == ("churn", "churn-v7")
    with pytest.raises(InvalidInputError, match="only"):
        deployments_from_file(path, only="model", **HERE)
    with pytest.raises(InvalidInputError, match="region"):
        deployments_from_file(path)
    path.write_text(json.dumps({"Resources": {"E": endpoint({"Fn::ImportValue": "x"})}}), encoding="utf-8")
    with pytest.raises(UnsettledError, match="the name of the endpoint config"):
        deployments_from_file(path, **HERE)
