"""What a loop or a module of a template may make stays open, and is no reason to refuse what can be answered.

Cases after
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from iamcheck.deployment.located import UNKNOWN, WrittenDeployment
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

VARIANT = {"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
NO_VALUE = {"Ref": "AWS::NoValue"}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def read(
    key: object = NO_VALUE,
    others: dict[str, Any] | None = None,
    transform: str = "AWS::LanguageExtensions",
    **sections: object,
) -> WrittenDeployment:
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], "KmsKeyId": key}
    names = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    resources = {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": config},
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": names},
        **(others or {}),
    }
    template = {"Transform": transform, "Parameters": {"Env": {"Type": "String"}}, "Resources": resources, **sections}
    (found,) = read_sources(
        "-", stdin=io.BytesIO(json.dumps(template).encode()), region="eu-west-1", account_id="123456789012"
    )
    return found


def loop(body: object, items: object = ("a-1", "b-2")) -> dict[str, Any]:
    return {"Fn::ForEach::L": ["N", list(items) if isinstance(items, tuple) else items, body]}


@pytest.mark.parametrize(
    ("logical", "others"),
    [
        ("Keyb2", loop({"Key&{N}": {"Type": "AWS::KMS::Key"}})),
        ("Keyx", loop({"Key${N}": {"Type": "AWS::KMS::Key"}}, {"Ref": "Env"})),
        ("Keya1x", loop({"Fn::ForEach::In": ["M", ["x"], {"Key&{N}${M}": {"Type": "AWS::KMS::Key"}}]})),
        ("SecretKey", {"Secret": {"Type": "My::Own::Key::MODULE"}}),
    ],
)
def test_a_reference_to_what_a_loop_or_module_makes_is_open(logical: str, others: dict[str, Any]) -> None:
    (open_,) = draft_of(read({"Fn::GetAtt": [logical, "Arn"]}, others)).unsettled

    assert open_.what == "the volume key"
    assert open_.cure == "give --set Config.KmsKeyId=VALUE"


@pytest.mark.parametrize("logical", ["Key", "Keyb-2", "Keyc3", "xKeyb2"])
def test_a_reference_to_what_no_loop_makes_is_refused(logical: str) -> None:
    with pytest.raises(InvalidInputError, match=f"there is no '{logical}' in the template"):
        read({"Ref": logical}, loop({"Key&{N}": {"Type": "AWS::KMS::Key"}}))


def test_a_condition_that_a_loop_makes_is_open() -> None:
    conditions = {"Fn::ForEach::C": ["N", ["A"], {"Is${N}": {"Fn::Equals": [{"Ref": "Env"}, {"Ref": "N"}]}}]}
    bucket = {"B": {"Type": "AWS::S3::Bucket", "Condition": "IsA"}}

    assert draft_of(read(others=bucket, Conditions=conditions)).unsettled == ()
    (open_,) = draft_of(read({"Fn::If": ["IsA", KEY, NO_VALUE]}, Conditions=conditions)).unsettled
    assert open_.what == "the volume key"
    assert "get-template" in open_.cure
    with pytest.raises(InvalidInputError, match="there is no condition 'IsB'"):
        read({"Fn::If": ["IsB", KEY, NO_VALUE]}, Conditions=conditions)


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("AWS::SageMaker::Model", ("a",)),
        ("AWS::${N}::Model", ("SQS", "SageMaker")),
        ("AWS::${N}::Model", {"Ref": "Env"}),
        ("${N}", ("AWS::SageMaker::Model",)),
        ("${N}", {"Ref": "Env"}),
        ("AWS::Sage${N}", ("Maker::Model",)),
        ({"Ref": "N"}, {"Ref": "Env"}),
    ],
)
def test_a_loop_that_may_make_a_resource_of_sagemaker_is_not_followed(kind: object, items: object) -> None:
    with pytest.raises(InvalidInputError, match="'Fn::ForEach::L' is not followed"):
        read(others=loop({"R${N}": {"Type": kind}}, items))


@pytest.mark.parametrize(
    ("kind", "items", "what"),
    [
        ("AWS::IAM::Role", ("a",), "AWS::IAM::Role"),
        ("AWS::${N}::Queue", ("SQS", "SNS"), "Fn::ForEach::L"),
        ("AWS::S${N}::Topic", ("NS",), "Fn::ForEach::L"),
        ("AWS::SQS::${N}", {"Ref": "Env"}, "Fn::ForEach::L"),
    ],
)
def test_what_a_loop_makes_is_named_by_its_type(kind: str, items: object, what: str) -> None:
    (part,) = read(others=loop({"R${N}": {"Type": kind}}, items)).not_covered

    assert part.what == what
    assert part.why == "Fn::ForEach::L has not run, and no check judges what it makes"


def test_a_transform_that_makes_no_resource_of_sagemaker_is_no_reason_to_refuse() -> None:
    found = read(transform="AWS::CodeDeployBlueGreen", Hooks={"H": {"Type": "AWS::CodeDeploy::BlueGreen"}})

    assert found.config is not None
    assert found.config.root.value is not UNKNOWN


def test_a_name_of_many_variables_is_told_from_others_at_once() -> None:
    """Tried one after the other, the lengths of twenty texts that may be anything have no end."""
    body = {"a".join("${L}" for _ in range(20)) + "b": {"Type": "AWS::KMS::Key"}}
    loop = {"Fn::ForEach::Keys": ["L", {"Ref": "Env"}, body]}
    with pytest.raises(InvalidInputError, match=r"a{60}"):
        read({"Fn::GetAtt": ["a" * 200, "Arn"]}, loop)
    assert read({"Fn::GetAtt": ["a" * 200 + "b", "Arn"]}, loop).config is not None
