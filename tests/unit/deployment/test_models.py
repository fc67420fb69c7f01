"""Which models a source makes, and what of them is not known: names, roles, tags, whether they are made at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.deployment import Deployment
from iamcheck.deployment.added_requests import with_requests
from iamcheck.deployment.requests import models_of, requests_of
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.deployment import UnplacedDeployment

HEAD = """
Parameters:
  Role: {Type: String}
  With: {Type: String}
Conditions:
  WithModel: !Equals [!Ref With, "yes"]
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: churn-v7
      ProductionVariants:
        - {VariantName: a, ModelName: !GetAtt Model.ModelName, InstanceType: ml.m5.large, InitialInstanceCount: 1}
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: churn, EndpointConfigName: !GetAtt Config.EndpointConfigName}
"""
MODEL = """
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ModelName: churn-model
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec
"""
OTHER = """
  Other:
    Type: AWS::SageMaker::Model
    Properties: {ModelName: unnamed-by-any-variant}
"""


def read(tmp_path: Path, text: str, model_pattern: str | None = None) -> UnplacedDeployment:
    (tmp_path / "t.yaml").write_text(text)
    (found,) = read_sources(str(tmp_path / "t.yaml"), stack_tags={})
    return draft_of(found, name_patterns=None if model_pattern is None else {"ModelName": model_pattern})


def whats(draft: UnplacedDeployment | Deployment) -> list[str]:
    return [one.what for one in draft.unsettled]


def test_every_model_of_a_template_is_made_once_and_in_its_order(tmp_path: Path) -> None:
    draft = read(tmp_path, HEAD + OTHER + MODEL)

    assert [model.name for model in draft.model_requests] == ["unnamed-by-any-variant", "churn-model"]
    assert draft.written is not None
    assert [str(model.place) for model in draft.written.models] == [f"{tmp_path}/t.yaml, line 22, Resources.Model"]
    assert draft.unsettled == ()


def test_a_name_that_cloudformation_makes_up_is_settled_by_a_value_or_a_pattern(tmp_path: Path) -> None:
    text = HEAD + MODEL.replace("      ModelName: churn-model\n", "")

    (open_name,) = read(tmp_path, text).unsettled
    assert open_name.what == "the name of the model"
    assert "--set Model.ModelName=VALUE" in open_name.cure
    assert "--name-pattern" in open_name.cure
    named = read(tmp_path, text, "churn-*")
    assert [model.name for model in named.model_requests] == ["churn-*"]
    assert named.names_are_patterns


@pytest.mark.parametrize(
    ("old", "new", "what", "cure"),
    [
        (
            "arn:aws:iam::123456789012:role/exec",
            "!Ref Role",
            "the execution role of the model churn-model",
            "--parameter Role",
        ),
        (
            "      ModelName: churn-model\n",
            "      ModelName: churn-model\n      Tags: !Ref Role\n",
            "whether the model churn-model has tags",
            "--parameter Role",
        ),
        (
            "    Type: AWS::SageMaker::Model\n",
            "    Type: AWS::SageMaker::Model\n    Condition: WithModel\n",
            "whether Resources.Model is made",
            "--parameter With",
        ),
        ("churn-model", "not_a_name", "the name of the model", "correct it"),
    ],
)
def test_what_permissions_depend_on_and_nobody_knows_is_said_with_its_cure(
    tmp_path: Path, old: str, new: str, what: str, cure: str
) -> None:
    draft = read(tmp_path, HEAD + MODEL.replace(old, new))

    assert what in whats(draft)
    assert cure in next(one.cure for one in draft.unsettled if one.what == what)


def test_what_else_a_template_makes_is_listed_whatever_form_it_has(tmp_path: Path) -> None:
    others = """
  Fn::ForEach::Topics: [X, [a, b], {"Topic${X}": {Type: AWS::SNS::Topic}}]
  Queue: {Type: AWS::SQS::Queue, Condition: WithModel}
  Untyped: {Properties: {}}
  Marker: {Type: AWS::CDK::Metadata}
"""
    draft = read(tmp_path, "Transform: AWS::LanguageExtensions" + HEAD + MODEL + others)

    assert draft.written is not None
    assert [part.what for part in draft.written.not_covered] == [
        "AWS::SQS::Queue",
        "a resource whose type is not known",
        "AWS::SNS::Topic",
    ]
    assert all(part.where.line for part in draft.written.not_covered)


def test_a_model_of_an_endpoint_is_asked_about_with_that_endpoint_alone(tmp_path: Path) -> None:
    second = """
  Second:
    Type: AWS::SageMaker::Endpoint
    Properties: {EndpointName: second, EndpointConfigName: !GetAtt SecondConfig.EndpointConfigName}
  SecondConfig:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: second-v1
      ProductionVariants: [{VariantName: a, ModelName: existing, InstanceType: ml.m5.large, InitialInstanceCount: 1}]
"""
    (tmp_path / "t.yaml").write_text(HEAD + MODEL + OTHER + second)
    drafts = [draft_of(one) for one in read_sources(str(tmp_path / "t.yaml"), stack_tags={})]

    made = {one.endpoint_name: [model.name for model in one.model_requests] for one in drafts}
    assert made["second"] == ["unnamed-by-any-variant"]
    assert made["churn"] == ["churn-model", "unnamed-by-any-variant"]


def test_two_models_of_one_name_are_refused() -> None:
    draft = draft_of(requests_of(None, None, [{"ModelName": "m"}]), endpoint_name="e", endpoint_config_name="c")

    with pytest.raises(InvalidInputError, match="make a model 'M' both") as caught:
        with_requests(draft, models_of([{"ModelName": "M"}]))
    assert "--model-request" in str(caught.value)


def test_names_with_a_model_request_are_a_deployment_that_makes_the_model() -> None:
    draft = with_requests(
        draft_of(requests_of(), endpoint_name="e", endpoint_config_name="c"), models_of([{"ModelName": "m"}])
    )
    made = draft.at("eu-west-1", "123456789012")

    assert isinstance(made, Deployment)
    assert [model.name for model in made.model_requests] == ["m"]


def test_a_model_name_that_aws_would_refuse_is_not_known() -> None:
    made = Deployment.from_requests(
        {"EndpointName": "e", "EndpointConfigName": "c"},
        {"EndpointConfigName": "c", "ProductionVariants": []},
        create_models=[{"ModelName": "a_b"}],
        region="eu-west-1",
        account_id="123456789012",
    )

    assert whats(made) == ["the name of the model"]
