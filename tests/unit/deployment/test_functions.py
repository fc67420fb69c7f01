"""What a template's functions give, one by one, as the name of an endpoint.

Cases after https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from iamcheck.deployment.located import Member

NO_VALUE = {"Ref": "AWS::NoValue"}
TEMPLATE: dict[str, Any] = {
    "Parameters": {
        "Text": {"Type": "String", "Default": "abc"},
        "Given": {"Type": "String", "Default": "not this"},
        "Open": {"Type": "String"},
        "List": {"Type": "CommaDelimitedList", "Default": "x, y,z"},
        "Looked": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/a/b"},
        "Digits": {"Type": "Number", "Default": 7},
        "Dynamic": {"Type": "String", "Default": "{{resolve:ssm:/a}}"},
    },
    "Mappings": {"M": {"eu-west-1": {"one": "eins", "many": ["p", "q"]}}},
    "Conditions": {
        "Yes": {"Fn::Equals": [{"Ref": "Text"}, "abc"]},
        "No": {"Fn::Not": [{"Condition": "Yes"}]},
        "Perhaps": {"Fn::Equals": [{"Ref": "Open"}, "abc"]},
        "Never": {"Fn::Equals": [{"Fn::Sub": "a-${Open}"}, "b-c"]},
        "YesOr": {"Fn::Or": [{"Condition": "Perhaps"}, {"Condition": "Yes"}]},
        "NoAnd": {"Fn::And": [{"Condition": "Perhaps"}, {"Condition": "No"}]},
        "PerhapsAnd": {"Fn::And": [{"Condition": "Perhaps"}, {"Condition": "Yes"}]},
        "PerhapsLists": {"Fn::Equals": [["x", {"Fn::If": ["Perhaps", "y", NO_VALUE]}], ["x"]]},
        "Lists": {"Fn::Equals": [{"Ref": "List"}, ["x", "y", "z"]]},
    },
    "Resources": {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "r", "Path": "/p/"}},
        "Bare": {"Type": "AWS::IAM::Role"},
        "Gone": {"Type": "AWS::S3::Bucket", "Condition": "No", "Properties": {"BucketName": "b"}},
        "Alias": {"Type": "AWS::KMS::Alias", "Properties": {"AliasName": "alias/k"}},
        "Key": {"Type": "AWS::KMS::Key"},
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"EndpointConfigName": "c"}},
        "Capital": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"EndpointConfigName": "C"}},
        "Stack": {"Type": "AWS::CloudFormation::Stack"},
    },
}
ACCOUNT = "123456789012"
VALUES: list[tuple[Any, Any]] = [
    ({"Ref": "Text"}, "abc"),
    ({"Ref": "Given"}, "given"),
    ({"Ref": "Open"}, UNKNOWN),
    ({"Ref": "Looked"}, UNKNOWN),
    ({"Ref": "Digits"}, "7"),
    ({"Ref": "List"}, ("x", "y", "z")),
    ({"Ref": "AWS::Region"}, "eu-west-1"),
    ({"Ref": "AWS::Partition"}, "aws"),
    ({"Ref": "AWS::URLSuffix"}, "amazonaws.com"),
    ({"Ref": "AWS::AccountId"}, ACCOUNT),
    ({"Ref": "AWS::StackName"}, UNKNOWN),
    ({"Ref": "AWS::StackId"}, UNKNOWN),
    ({"Ref": "AWS::NoValue"}, UNKNOWN),
    ({"Ref": "Role"}, "r"),
    ({"Ref": "Bare"}, UNKNOWN),
    ({"Ref": "Gone"}, UNKNOWN),
    ({"Ref": "Alias"}, "alias/k"),
    ({"Ref": "Key"}, UNKNOWN),
    ({"Ref": "Config"}, f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/c"),
    ({"Ref": "Capital"}, Pattern(f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/*")),
    ({"Fn::GetAtt": ["Config", "EndpointConfigName"]}, "c"),
    ({"Fn::GetAtt": "Config.EndpointConfigName"}, "c"),
    ({"Fn::GetAtt": ["Role", "Arn"]}, f"arn:aws:iam::{ACCOUNT}:role/p/r"),
    ({"Fn::GetAtt": ["Bare", "Arn"]}, Pattern(f"arn:aws:iam::{ACCOUNT}:role/*")),
    ({"Fn::GetAtt": ["Key", "Arn"]}, UNKNOWN),
    ({"Fn::GetAtt": ["Stack", "Outputs.Name"]}, UNKNOWN),
    ({"Fn::GetAtt": ["Role", {"Ref": "Open"}]}, UNKNOWN),
    ({"Fn::Sub": "a-${Text}-${AWS::Region}-${Role}-${Config.EndpointConfigName}"}, "a-abc-eu-west-1-r-c"),
    ({"Fn::Sub": "${!Text}"}, "${Text}"),
    ({"Fn::Sub": "${Open}"}, UNKNOWN),
    ({"Fn::Sub": "a-${Open}${Open}-b"}, Pattern("a-*-b")),
    ({"Fn::Sub": "*${Open}"}, UNKNOWN),
    ({"Fn::Sub": ["${A}${Text}", {"A": {"Fn::Sub": ["<${Text}>", {"Text": "in"}]}}]}, "<in>abc"),
    ({"Fn::Join": ["-", ["a", {"Ref": "Text"}, {"Ref": "AWS::NoValue"}]]}, "a-abc"),
    ({"Fn::Join": ["", {"Ref": "List"}]}, "xyz"),
    ({"Fn::Join": ["-", ["a", {"Ref": "Open"}]]}, Pattern("a-*")),
    ({"Fn::Join": ["-", {"Fn::Split": [",", {"Ref": "Open"}]}]}, UNKNOWN),
    ({"Fn::Select": [1, {"Ref": "List"}]}, "y"),
    ({"Fn::Select": ["2", {"Fn::Split": ["-", "a-b-c"]}]}, "c"),
    ({"Fn::Select": [0, {"Fn::GetAZs": ""}]}, UNKNOWN),
    ({"Fn::Select": [0, [{"Ref": "Open"}, "b"]]}, UNKNOWN),
    ({"Fn::Select": [{"Ref": "Open"}, ["a", "b"]]}, UNKNOWN),
    ({"Fn::Select": [{"Fn::Sub": "${Open}0"}, ["a", "b"]]}, UNKNOWN),
    ({"Fn::Split": ["-", "a-b"]}, ("a", "b")),
    ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "one"]}, "eins"),
    ({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "many"]}, ("p", "q")),
    ({"Fn::FindInMap": ["M", {"Ref": "Open"}, "one"]}, UNKNOWN),
    ({"Fn::FindInMap": ["M", "us-east-1", "one", {"DefaultValue": {"Ref": "Text"}}]}, "abc"),
    ({"Fn::If": ["Yes", "a", "b"]}, "a"),
    ({"Fn::If": ["No", "a", "b"]}, "b"),
    ({"Fn::If": ["Perhaps", "a", "b"]}, UNKNOWN),
    ({"Fn::If": ["Perhaps", "a", {"Fn::Sub": "a"}]}, "a"),
    ({"Fn::If": ["Perhaps", "a", {"Ref": "AWS::NoValue"}]}, UNKNOWN),
    ({"Fn::If": ["Never", "a", "b"]}, "b"),
    ({"Fn::If": ["YesOr", "a", "b"]}, "a"),
    ({"Fn::If": ["NoAnd", "a", "b"]}, "b"),
    ({"Fn::If": ["PerhapsAnd", "a", "b"]}, UNKNOWN),
    ({"Fn::If": ["Lists", "a", "b"]}, "a"),
    ({"Fn::Base64": "ab"}, "YWI="),
    ({"Fn::Base64": {"Ref": "Open"}}, UNKNOWN),
    ({"Fn::ImportValue": "x"}, UNKNOWN),
    ({"Fn::Transform": {"Name": "AWS::Include"}}, UNKNOWN),
    ("{{resolve:ssm:/a}}", UNKNOWN),
    ("a-{{resolve:ssm:/a}}", Pattern("a-*")),
    # what functions and parameters put together is looked up likewise
    ({"Fn::Join": ["", ["{{resolve:", "ssm:/a}}"]]}, UNKNOWN),
    ({"Fn::Join": ["", ["a-{{resolve:ssm:/", {"Ref": "Open"}, "}}-b"]]}, Pattern("a-*-b")),
    ({"Fn::Join": ["", ["a-{{resolve:ssm:/", {"Ref": "Open"}]]}, Pattern("a-*")),
    ({"Fn::Sub": ["a-${Open}-{{resolve:ssm:/${Open}}}", {}]}, Pattern("a-*-*")),
    ({"Ref": "Dynamic"}, UNKNOWN),
    ({"Fn::Sub": "a-${Dynamic}"}, Pattern("a-*")),
    # an item that may be absent takes its delimiter along, and moves the others
    ({"Fn::Join": ["-", ["a", {"Fn::If": ["Perhaps", "b", NO_VALUE]}, "c"]]}, Pattern("a*-c")),
    ({"Fn::Join": ["-", [{"Fn::If": ["Perhaps", "b", NO_VALUE]}, "c"]]}, Pattern("*c")),
    ({"Fn::Join": ["-", ["a", {"Fn::If": ["Perhaps", "b", NO_VALUE]}]]}, Pattern("a*")),
    ({"Fn::Select": [1, [{"Fn::If": ["Perhaps", "a", NO_VALUE]}, "b", "c"]]}, UNKNOWN),
    ({"Fn::Select": [1, ["a", {"Fn::If": ["Perhaps", "b", NO_VALUE]}, "c"]]}, UNKNOWN),
    ({"Fn::Select": [2, [{"Fn::If": ["Perhaps", "a", NO_VALUE]}, "b"]]}, UNKNOWN),
    ({"Fn::If": ["PerhapsLists", "a", "b"]}, UNKNOWN),
    (7, "7"),
    (True, "true"),
    (1.10, "1.1"),
    (None, None),
]
REFUSED: list[tuple[Any, str]] = [
    ({"Ref": ["Text"]}, "takes a text that is written out"),
    ({"Ref": "Txet"}, "did you mean Text?"),
    ({"Fn::Sub": ["a"]}, "a list of 1"),
    ({"Fn::Sub": "${}"}, "there is no ''"),
    ({"Fn::Sub": "${AWS::NoValue}"}, "has no value"),
    ({"Fn::Join": ["-", "a"]}, "takes a list here"),
    ({"Fn::Join": ["-", [["a"]]]}, "Fn::Join takes texts"),
    ({"Fn::Join": [["-"], ["a"]]}, "takes a text here"),
    ({"Fn::Select": [3, {"Ref": "List"}]}, "item '3' of 3"),
    ({"Fn::Select": [-1, {"Ref": "List"}]}, "item '-1' of 3"),
    ({"Fn::Split": ["", "a"]}, "an empty delimiter"),
    ({"Fn::FindInMap": ["M", "eu-west-1", "two"]}, "have no 'two'"),
    ({"Fn::FindInMap": ["M", "eu-west-1"]}, "a list of 2"),
    ({"Fn::If": ["Maybe", "a", "b"]}, "there is no condition 'Maybe'"),
    ({"Fn::If": [{"Fn::Equals": ["a", "a"]}, "a", "b"]}, "the name of a condition stands here"),
    ({"Fn::Sub": ["${A}" * 2, {"A": "x" * 99_999}]}, "more than 100,000 characters"),
]


def name_of(written: object, **changes: object) -> Member:
    resources = TEMPLATE["Resources"] | {
        "Endpoint": {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": written}}
    }
    text = json.dumps(TEMPLATE | {"Resources": resources} | changes)
    found = read_sources(
        "-", stdin=io.BytesIO(text.encode()), parameters={"Given": "given"}, region="eu-west-1", account_id=ACCOUNT
    )
    assert found[0].endpoint is not None
    member = found[0].endpoint.root.get("EndpointName")
    assert member is not None
    return member


@pytest.mark.parametrize(("written", "wanted"), VALUES, ids=lambda one: json.dumps(one, default=str)[:60])
def test_a_function_gives(written: object, wanted: object) -> None:
    found = name_of(written)

    assert (tuple(item.value for item in found.items()) if isinstance(wanted, tuple) else found.value) == wanted


@pytest.mark.parametrize(("written", "wanted"), REFUSED, ids=lambda one: json.dumps(one)[:60])
def test_a_function_that_cloudformation_refuses_is_refused_with_its_place(written: object, wanted: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        name_of(written)

    assert wanted in str(raised.value)
    assert str(raised.value).startswith("standard input, line 1, ")


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ({"Fn::Nor": []}, "this is no condition"),
        ({"Fn::And": "a"}, "Fn::And takes a list"),
        ({"Fn::Equals": ["a"]}, "Fn::Equals takes two values"),
        ({"Fn::Equals": ["a", {"Ref": "AWS::NoValue"}]}, "AWS::NoValue in a comparison"),
    ],
    ids=lambda one: json.dumps(one),
)
def test_a_condition_that_is_none_is_refused(condition: object, wanted: str) -> None:
    with pytest.raises(InvalidInputError, match=wanted):
        name_of({"Fn::If": ["C", "a", "b"]}, Conditions={"C": condition})


def test_names_that_contain_each_other_do_not_grow_without_bound() -> None:
    chain = {
        f"C{at}": {
            "Type": "AWS::SageMaker::EndpointConfig",
            "Properties": {"EndpointConfigName": {"Fn::Sub": f"${{C{at + 1}.EndpointConfigName}}" * 2}},
        }
        for at in range(60)
    }
    chain["C60"] = {"Type": "AWS::SageMaker::EndpointConfig", "Properties": {"EndpointConfigName": "x"}}
    chain["E"] = {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {"EndpointName": {"Fn::GetAtt": ["C0", "EndpointConfigName"]}},
    }

    with pytest.raises(InvalidInputError, match="more than 100,000 characters"):
        name_of("x", Resources=chain)


def test_many_conditions_that_do_not_depend_on_each_other_are_read() -> None:
    """The limit is for chains: each condition ends before the next begins."""
    names = [f"C{number}" for number in range(60)]
    conditions = {name: {"Fn::Equals": [{"Ref": "Text"}, name]} for name in names}
    name: Any = {"Fn::If": ["C0", "other", "churn"]}
    resources = {
        condition: {"Type": "AWS::S3::Bucket", "Condition": condition, "Properties": {}} for condition in names
    }
    endpoint = {"Type": "AWS::SageMaker::Endpoint", "Properties": {"EndpointName": name, "EndpointConfigName": "c"}}
    template = {
        "Parameters": TEMPLATE["Parameters"],
        "Conditions": conditions,
        "Resources": {**resources, "E": endpoint},
    }
    (found,) = read_sources("-", stdin=io.BytesIO(json.dumps(template).encode()))
    assert found.endpoint is not None
    member = found.endpoint.root.get("EndpointName")
    assert member is not None
    assert member.value == "churn"
