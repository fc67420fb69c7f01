"""What a file is found to be, and what is refused with one clear line."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING

import pytest

from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment.located import WrittenDeployment

ENDPOINT = """\
Resources:
  Churn:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: churn
      EndpointConfigName: churn-v7
"""
REFUSED = {
    "a list": ("- a\n", "line 1: the whole is a list"),
    "a JSON list": ("[1]", "the whole is a list"),
    "a text": ("churn", "line 1: the whole is text"),
    "null": ("~", "line 1: the whole is null"),
    "a Python script": ("#!/usr/bin/env python3\nimport boto3\n", "run `iamcheck record -- python "),
    "an app of the CDK": ("#!/usr/bin/env python3\nimport aws_cdk\n", "run `cdk synth`, and give --from cdk.out"),
    "no template": ("a: 1", "neither a CloudFormation template nor a Terraform plan"),
    "a request": ('{"EndpointName": "churn"}', "--request"),
    "no endpoint": ("Resources: {B: {Type: 'AWS::S3::Bucket'}}", "has no endpoint"),
    "resources that are a list": ("Resources: []", "line 1, Resources: this is a list"),
    "a resource that is a text": ("Resources: {A: b}", "Resources.A: this is text"),
    "cut off": ("Resources: {A: ", "not YAML: "),
    "cut off JSON": ('{"Resources": ', "not JSON: the text ends"),
    "a tab": ("Resources:\n\tA: b\n", "not YAML: "),
    "a control character": ("Resources: \x07", "not YAML"),
    "two documents": (ENDPOINT + "---\na: b\n", "line 7: several YAML documents"),
    "a key that is a list": ("? [a]\n: b\n", "line 1: a key that is no text"),
    "an alias": ("a: &a {}\nb: *a\n", "line 2: YAML aliases are not allowed"),
    "a recursive alias": ("--- &a [*a]", "line 1: YAML aliases are not allowed"),
    "a merge": ("a:\n  <<: {b: c}\n", "line 2: YAML merges (<<) are not allowed"),
    "a tag of Python's": ("a: !!python/object/apply:os.system [id]", "line 1: the tag"),
    "binary": ("a: !!binary aGk=", "is not CloudFormation's"),
    "a tag that is misspelt": (ENDPOINT.replace("churn\n", "!Sbu churn\n"), "did you mean !Sub?"),
    "a deep list": ("[" * 200, "the whole is a list"),
    "YAML deeper than any template": ("a: " + "[" * 150 + "]" * 150, "line 1: nested more than 100 levels deep"),
    # a parser of YAML may have a limit of its own, and speaks before we do
    "YAML deeper than a parser reads": ("a: " + "[" * 100_000, "line 1: "),
    "deep JSON": ('{"a":' * 100_000, "nested more than 100 levels deep"),
    "an unknown property": (ENDPOINT.replace("EndpointName:", "EndpointNam:"), "did you mean EndpointName?"),
    "an unknown function": (ENDPOINT.replace("churn\n", "{'Fn::Subb': x}\n"), "there is no function 'Fn::Subb'"),
    "a function in company": (ENDPOINT.replace("churn\n", "{Ref: x, y: z}\n"), "'Ref' beside other members"),
    "a reference to nothing": (ENDPOINT.replace("churn\n", "!Ref Chrun\n"), "did you mean Churn?"),
    "an attribute of nothing": (ENDPOINT.replace("churn\n", "!GetAtt A.B\n"), "there is no 'A' in the template"),
    "a macro": ("Transform: Mine\n" + ENDPOINT, "line 1, Transform: the transform 'Mine' is not followed"),
    "an include": (
        "Transform: {Name: 'AWS::Include', Parameters: {Location: x}}\n" + ENDPOINT,
        "a transform with parameters is not followed",
    ),
    "a loop": (
        "Resources: {'Fn::ForEach::E': [N, [a], {'E${N}': {Type: 'AWS::SageMaker::Endpoint'}}]}",
        "'Fn::ForEach::E' is not followed",
    ),
    "no such condition": (ENDPOINT.replace("    Type", "    Condition: C\n    Type"), "there is no condition 'C'"),
    "conditions in a circle": (
        "Conditions: {A: !Condition B, B: !Condition A}\n" + ENDPOINT.replace("    Type", "    Condition: A\n    Type"),
        "depends on itself",
    ),
    "a resource in a circle": (
        ENDPOINT.replace("churn\n", "!GetAtt Churn.EndpointName\n"),
        "'Churn' depends on itself",
    ),
}


def found(text: str, parameters: dict[str, str] | None = None) -> tuple[WrittenDeployment, ...]:
    return read_sources("-", stdin=io.BytesIO(text.encode()), parameters=parameters)


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused_with_its_place(name: str) -> None:
    text, wanted = REFUSED[name]

    with pytest.raises(InvalidInputError) as raised:
        found(text)

    assert wanted in str(raised.value)
    assert str(raised.value).startswith("standard input")
    assert "\n" not in str(raised.value)


def test_a_parameter_that_the_template_lacks_is_refused() -> None:
    text = "Parameters: {Stage: {Type: String}}\n" + ENDPOINT

    with pytest.raises(InvalidInputError, match=r"no parameter 'Stgae' .did you mean Stage"):
        found(text, parameters={"Stgae": "prod"})
    with pytest.raises(InvalidInputError, match=r"no parameter 'A' .it has none"):
        found(ENDPOINT, parameters={"A": "b"})


def test_a_plan_is_given_to_the_reader_of_plans() -> None:
    plan = json.dumps({"format_version": "1.2", "planned_values": {}})

    with pytest.raises(InvalidInputError, match="no resource of type aws_sagemaker_endpoint"):
        found(plan)
    with pytest.raises(InvalidInputError, match="--parameter: a Terraform plan has no stack"):
        found(plan, parameters={"A": "b"})


def test_yaml_that_looks_like_json_is_read_by_the_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("{Resources: {E: {Type: 'AWS::SageMaker::Endpoint', Properties: {EndpointConfigName: c}}}}")

    assert read_sources(str(path))[0].label == f"{path}: Resources.E"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a: [" + "1," * 300_000 + "]", "more than 200,000 values"),
        (ENDPOINT.replace("churn\n", "!Sub '" + "${" * 300_000 + "'\n"), "more than 100,000 characters"),
        ("a: " + "x" * 1_048_576, "larger than the 1,048,576 bytes that CloudFormation takes"),
        ('{"a": "' + "x" * 10_000_000 + '"}', "larger than the 1,048,576 bytes"),
        ("", "the file is empty"),
        ("# nothing\n", "no YAML document"),
    ],
    ids=["many values", "many variables", "large YAML", "large JSON", "empty", "a comment"],
)
def test_a_file_of_the_wrong_size_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(InvalidInputError, match=wanted):
        found(text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="there is no such file"):
        read_sources(str(tmp_path / "a.yaml"))


@pytest.mark.parametrize(
    ("name", "text", "cure"),
    [
        ("main.tf", 'resource "aws_sagemaker_endpoint" "e" {}\n', "run `terraform plan -out PLAN` and `terraform show"),
        ("x", '# ours\nmodule "m" {\n}\n', "it is Terraform configuration, which only Terraform evaluates"),
        ("tfplan", "PK\x03\x04", "it is a zip archive, as a saved plan of Terraform is"),
        ("terraform.tfstate", '{"version": 4, "terraform_version": "1.9.0", "serial": 3}', "this is a state"),
        ("policy.json", '{"Version": "2012-10-17", "Statement": []}', "this is a policy, which --policy takes"),
    ],
)
def test_what_is_no_template_says_what_to_give(tmp_path: Path, name: str, text: str, cure: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidInputError, match=re.escape(cure)):
        read_sources(str(tmp_path / name))


def test_a_folder_of_terraform_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text("")
    with pytest.raises(InvalidInputError, match="terraform show -json PLAN"):
        read_sources(str(tmp_path))
