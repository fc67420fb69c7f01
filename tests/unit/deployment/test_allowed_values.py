"""What AllowedValues of a parameter without a value settle: CloudFormation refuses every other value.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from iamcheck.deployment.located import UNKNOWN, WrittenDeployment
from iamcheck.deployment.sources import read_sources

NO_VALUE = {"Ref": "AWS::NoValue"}
STAGE: dict[str, Any] = {"Type": "String", "AllowedValues": ["dev", "prod"]}
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
CONDITIONS: dict[str, Any] = {
    "IsDev": {"Fn::Equals": [{"Ref": "Stage"}, "dev"]},
    "IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]},
    "IsTest": {"Fn::Equals": [{"Ref": "Stage"}, "test"]},
    "IsEither": {"Fn::Or": [{"Condition": "IsDev"}, {"Condition": "IsProd"}]},
    "IsFree": {"Fn::Equals": [{"Ref": "Free"}, "x"]},
    "IsLikeFree": {"Fn::Equals": [{"Fn::If": ["IsFree", "x", "y"]}, "x"]},
}
NAMED_ALIKE = {
    f"{stage}Config": {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Condition": condition,
        "Properties": {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT]},
    }
    for stage, condition in (("Dev", "IsDev"), ("Prod", "IsProd"))
}


def read(
    config: dict[str, Any], about: dict[str, Any] = STAGE, others: dict[str, Any] | None = None, **parts: object
) -> WrittenDeployment:
    template = {
        "Parameters": {"Stage": about, "Free": {"Type": "String"}},
        "Mappings": {"M": {"dev": {"key": "k", "name": "a"}, "prod": {"key": "k", "name": "b"}, "0": {"key": "k"}}},
        "Conditions": CONDITIONS,
        "Resources": {
            "Config": {
                "Type": "AWS::SageMaker::EndpointConfig",
                "Properties": {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], **config},
                **parts,
            },
            **(others or {}),
        },
    }
    document = io.BytesIO(json.dumps(template).encode())
    (written, *_) = read_sources("-", stdin=document, region="eu-west-1", account_id="123456789012")
    return written


def key_of(config: dict[str, Any], about: dict[str, Any] = STAGE) -> object:
    written = read(config, about).config
    assert written is not None
    key = written.root.get("KmsKeyId")
    return None if key is None else key.value


KEYS: list[tuple[Any, object]] = [
    ({"Fn::If": ["IsTest", "k", NO_VALUE]}, None),
    ({"Fn::If": ["IsEither", "k", NO_VALUE]}, "k"),
    ({"Fn::If": ["IsDev", "k", NO_VALUE]}, UNKNOWN),
    ({"Fn::If": ["IsDev", {"Fn::If": ["IsProd", "j", "k"]}, {"Fn::If": ["IsProd", "k", "j"]}]}, "k"),
    ({"Fn::If": ["IsDev", "k", {"Fn::If": ["IsProd", "k", NO_VALUE]}]}, "k"),
    ({"Fn::If": ["IsFree", {"Fn::If": ["IsEither", "k", "j"]}, "k"]}, "k"),
    ({"Fn::If": ["IsFree", {"Fn::If": ["IsFree", "k", "j"]}, "k"]}, "k"),
    ({"Fn::FindInMap": ["M", {"Ref": "Stage"}, "key"]}, "k"),
    ({"Fn::FindInMap": ["M", {"Ref": "Stage"}, "name"]}, UNKNOWN),
]


@pytest.mark.parametrize(("key", "value"), KEYS)
def test_what_every_allowed_value_makes_the_same_is_known(key: object, value: object) -> None:
    assert key_of({"KmsKeyId": key}) == value


OTHERS: list[dict[str, Any]] = [
    # nobody says what else it may be
    {"Type": "String"},
    # one more value, with which the map has another key
    {"Type": "String", "AllowedValues": ["dev", "prod", "test"]},
    # numbers have several spellings, lists several of the values, and 1.10 is read in two ways
    {"Type": "Number", "AllowedValues": [0]},
    {"Type": "CommaDelimitedList", "AllowedValues": ["0"]},
    {"Type": "String", "AllowedValues": ["0", {"Ref": "Free"}]},
    # of a secret nothing is said
    {"Type": "String", "NoEcho": True, "AllowedValues": ["dev", "prod"]},
]


@pytest.mark.parametrize("about", OTHERS)
def test_without_a_list_of_all_values_nothing_is_settled(about: dict[str, Any]) -> None:
    stage = {"Ref": "Stage"} if about["Type"] != "CommaDelimitedList" else {"Fn::Select": [0, {"Ref": "Stage"}]}
    key = {"Fn::FindInMap": ["M", stage, "key"]}
    assert key_of({"KmsKeyId": key}, about) == UNKNOWN


@pytest.mark.parametrize(("count", "key"), [(32, None), (33, UNKNOWN)])
def test_so_many_values_are_tried_and_no_more(count: int, key: object) -> None:
    about = {"Type": "String", "AllowedValues": [f"x{index}" for index in range(count)]}
    assert key_of({"KmsKeyId": {"Fn::If": ["IsTest", "k", NO_VALUE]}}, about) == key


def test_tags_that_come_under_one_condition_or_the_other_are_known() -> None:
    tag = {"Key": "team", "Value": "ml"}
    tags = [{"Fn::If": [name, tag, NO_VALUE]} for name in ("IsDev", "IsProd")]
    written = read({"Tags": tags}).config

    assert written is not None
    found = written.root.get("Tags")
    assert found is not None
    assert [item.get("Key") is not None for item in found.items()] == [True]


@pytest.mark.parametrize(("condition", "is_known"), [("IsEither", True), ("IsDev", False)])
def test_a_resource_that_every_allowed_value_makes_is_made(condition: str, is_known: bool) -> None:
    assert (read({}, Condition=condition).unsettled == ()) is is_known


def test_of_two_configs_one_of_which_each_value_makes_the_conditions_exclude_each_other() -> None:
    """An endpoint that is made with the first has the first, though both have one name."""
    endpoint = {
        "Type": "AWS::SageMaker::Endpoint",
        "Condition": "IsDev",
        "Properties": {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    }
    written = read({"EndpointConfigName": "other"}, others={**NAMED_ALIKE, "Endpoint": endpoint})

    assert not written.config_is_open
    assert written.config is not None
    assert written.config.place.path == "Resources.DevConfig"


def test_a_condition_does_not_rest_on_what_is_assumed_where_it_is_first_read() -> None:
    """The first resource is made where IsFree holds, and reads a condition that the second reads where it may not."""
    key = {"Fn::If": ["IsLikeFree", "k", "j"]}
    first = {
        "Type": "AWS::SageMaker::EndpointConfig",
        "Condition": "IsFree",
        "Properties": {"EndpointConfigName": {"Fn::Sub": ["a-${K}", {"K": key}]}, "ProductionVariants": [VARIANT]},
    }
    endpoint = {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {"EndpointName": {"Fn::GetAtt": ["First", "EndpointConfigName"]}, "EndpointConfigName": key},
    }
    written = read({}, others={"First": first, "Endpoint": endpoint})

    assert written.endpoint is not None
    name = written.endpoint.root.get("EndpointConfigName")
    assert name is not None
    assert name.value is UNKNOWN
