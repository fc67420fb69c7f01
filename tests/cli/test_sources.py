"""`--from`: the same deployment from every kind of file, and what becomes of what a file leaves open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck import Deployment, check, generate_policy
from tests.cli import ACCOUNT, allow, deny, policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.cli import Run, Write

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
OFFLINE = ("--offline", *HERE)
TEMPLATES = sorted((Path(__file__).parents[1] / "cases" / "templates").glob("*.*"))
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/sagemaker"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENDPOINT: dict[str, Any] = {
    "EndpointName": "churn",
    "EndpointConfigName": "churn-v7",
    "Tags": [{"Key": "team", "Value": "ml"}],
}
CONFIG: dict[str, Any] = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": [
        {
            "VariantName": "all",
            "ModelName": "churn-model",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 2,
            "InitialVariantWeight": 1.0,
        }
    ],
    "ExecutionRoleArn": ROLE,
    "KmsKeyId": KEY,
    "Tags": [{"Key": "team", "Value": "ml"}],
}
TEMPLATE: dict[str, Any] = {
    "AWSTemplateFormatVersion": "2010-09-09",
    "Resources": {
        "Config": {"Type": "AWS::SageMaker::EndpointConfig", "Properties": CONFIG},
        "Endpoint": {
            "Type": "AWS::SageMaker::Endpoint",
            "Properties": {
                **ENDPOINT,
                "EndpointConfigName": {"Fn::GetAtt": ["Config", "EndpointConfigName"]},
            },
        },
    },
}
YAML = f"""
Parameters:
  Name:
    Type: String
    Default: churn
Resources:
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: !Sub "${{Name}}-v7"
      ExecutionRoleArn: !Sub "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/service/sagemaker"
      KmsKeyId: {KEY}
      ProductionVariants:
        - VariantName: all
          ModelName: churn-model
          InstanceType: ml.m5.large
          InitialInstanceCount: 2
          InitialVariantWeight: 1.0
      Tags: [{{Key: team, Value: ml}}]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: !Ref Name
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      Tags: [{{Key: team, Value: ml}}]
"""


def change(kind: str, name: str, after: dict[str, Any]) -> dict[str, Any]:
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": {"arn": True, "id": True}},
    }


PLAN: dict[str, Any] = {
    "format_version": "1.2",
    "terraform_version": "1.9.0",
    "planned_values": {"root_module": {}},
    "configuration": {"root_module": {}},
    "resource_changes": [
        change(
            "aws_sagemaker_endpoint_configuration",
            "this",
            {
                "name": "churn-v7",
                "execution_role_arn": ROLE,
                "kms_key_arn": KEY,
                "production_variants": [
                    {
                        "variant_name": "all",
                        "model_name": "churn-model",
                        "instance_type": "ml.m5.large",
                        "initial_instance_count": 2,
                        "initial_variant_weight": 1,
                    }
                ],
                "tags_all": {"team": "ml"},
            },
        ),
        change(
            "aws_sagemaker_endpoint",
            "this",
            {"name": "churn", "endpoint_config_name": "churn-v7", "tags_all": {"team": "ml"}},
        ),
    ],
}


def as_requests(write: Write) -> tuple[str, ...]:
    return ("--request", write("e.json", ENDPOINT), "--config-request", write("c.json", CONFIG))


def as_template(write: Write) -> tuple[str, ...]:
    return ("--from", write("template.json", TEMPLATE))


def as_cdk(write: Write) -> tuple[str, ...]:
    resources = {
        name: {**one, "Metadata": {"aws:cdk:path": f"Stack/{name}/Resource"}}
        for name, one in TEMPLATE["Resources"].items()
    }
    Path("cdk.out").mkdir()
    write("cdk.out/Stack.template.json", {"Resources": resources, "Rules": {}})
    manifest = {
        "version": "36.0.0",
        "artifacts": {
            "Stack": {
                "type": "aws:cloudformation:stack",
                "environment": f"aws://{ACCOUNT}/eu-west-1",
                "properties": {"templateFile": "Stack.template.json"},
            }
        },
    }
    write("cdk.out/manifest.json", manifest)
    return ("--from", "cdk.out")


def as_plan(write: Write) -> tuple[str, ...]:
    return ("--from", write("plan.json", PLAN))


def as_yaml(_write: Write) -> tuple[str, ...]:
    Path("template.yaml").write_text(YAML, encoding="utf-8")
    return ("--from", "template.yaml")


SOURCES: dict[str, Callable[[Write], tuple[str, ...]]] = {
    "requests": as_requests,
    "json": as_template,
    "yaml": as_yaml,
    "cdk": as_cdk,
    "plan": as_plan,
}
BY_CLOUDFORMATION = ("json", "yaml", "cdk")
CALL_PATH = {"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:TagKeys", "aws:ViaAWSService"}


def stripped(report: Any) -> Any:  # noqa: ANN401  any JSON
    """A report without its source, and without what follows from it: places, the call path, what a stack may add."""
    report["deployment"].pop("source")
    report.pop("assumptions")
    report.pop("not_covered")
    for result in report["checks"]:
        if result["id"] == "deployment.covered":
            result.pop("summary")
    for one in report["permissions"]:
        one.pop("where")
        one["context"] = {key: value for key, value in one["context"].items() if key not in CALL_PATH}
        path = ("aws:CalledVia", "aws:SourceV", "aws:Vp")
        one["absent"] = [key for key in one["absent"] if not key.startswith(path) and "Tag" not in key]
    return report


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_deployment_from_every_source(run: Run, write: Write, source: str) -> None:
    given = SOURCES[source](write)
    by_boto3 = Deployment.from_requests(ENDPOINT, CONFIG, region="eu-west-1", account_id=ACCOUNT)

    generated = run("generate", *given, *HERE)
    pinned = run("generate", *given, *HERE, "--pin")
    done = run("check", *given, *OFFLINE, "--output", "json")

    assert (generated.status, generated.err) == (0, "")
    assert generated.out == json.dumps(generate_policy(by_boto3), indent=2) + "\n"
    by_boto3_pinned: Any = generate_policy(by_boto3, pin=True)
    if source in BY_CLOUDFORMATION:
        # CloudFormation adds tags of its own, so that a condition on all keys would deny the deployment
        for statement in by_boto3_pinned["Statement"]:
            for_all = statement.get("Condition", {}).get("ForAllValues:StringEquals", {})
            for_all.pop("aws:TagKeys", None)
            if for_all == {}:
                statement.get("Condition", {}).pop("ForAllValues:StringEquals", None)
    assert json.loads(pinned.out) == by_boto3_pinned
    assert done.status == 0
    assert done.statuses["request.valid"] == "pass"
    assert stripped(done.report) == stripped(check(by_boto3, offline=True).to_dict())


def test_the_permissions_say_which_line_asks_for_them(run: Run, write: Write) -> None:
    done = run("check", *as_yaml(write), *OFFLINE, "--explain")
    lines = YAML.splitlines()

    assert done.status == 0
    text = " ".join(done.out.split())
    for member, feature in (("KmsKeyId", "      KmsKeyId"), ("ExecutionRoleArn", "      ExecutionRoleArn")):
        line = next(at for at, one in enumerate(lines, 1) if one.startswith(feature))
        assert f"template.yaml, line {line}" in text
        assert f".{member})" in text


def test_a_name_that_cloudformation_makes(run: Run) -> None:
    Path("t.yaml").write_text(YAML.replace("      EndpointName: !Ref Name\n", ""), encoding="utf-8")

    done = run("check", "--from", "t.yaml", *OFFLINE, "--output", "json")
    generated = run("generate", "--from", "t.yaml", *HERE)
    with_pattern = run("generate", "--from", "t.yaml", *HERE, "--name-pattern", "churn-*")
    wild = run("generate", "--from", "t.yaml", *HERE, "--name-pattern", "*")
    given = run("check", "churn", "--from", "t.yaml", *OFFLINE, "--output", "json")

    assert done.status == 3
    assert done.report["deployment"]["endpoint_name"] is None
    assert (done.statuses["policy.sufficient"], done.statuses["request.valid"]) == ("unknown", "pass")
    assert (generated.status, generated.out) == (3, "")
    assert "--name-pattern" in generated.err
    assert with_pattern.status == 0
    assert f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn-*" in with_pattern.out
    assert wild.status == 2
    assert given.status == 0


def test_an_arn_is_no_name(run: Run) -> None:
    """`Ref` of an endpoint config is its ARN, as CloudFormation documents, and CreateEndpoint takes a name."""
    text = YAML.replace("EndpointConfigName: !GetAtt Config.EndpointConfigName", "EndpointConfigName: !Ref Config")
    Path("t.yaml").write_text(text, encoding="utf-8")

    done = run("check", "--from", "t.yaml", *OFFLINE, "--output", "json")

    assert done.status == 1
    assert (done.statuses["request.valid"], done.statuses["policy.sufficient"]) == ("fail", "unknown")
    assert "EndpointConfigName" in done.check("request.valid")["summary"]


def test_a_parameter_that_is_not_to_be_echoed_is_not(run: Run) -> None:
    Path("t.yaml").write_text(YAML.replace("    Default: churn\n", "    NoEcho: true\n"), encoding="utf-8")

    done = run("check", "--from", "t.yaml", "--parameter", "Name=hush-hush", *OFFLINE, "--output", "json")

    assert done.status == 3
    assert "hush" not in done.out + done.err


def test_several_endpoints_are_all_checked_or_the_one_named(run: Run, write: Write) -> None:
    resources = {**TEMPLATE["Resources"]}
    resources["Second"] = {
        "Type": "AWS::SageMaker::Endpoint",
        "Properties": {"EndpointName": "fraud", "EndpointConfigName": "fraud-v1", "Tags": "no"},
    }
    given = ("--from", write("t.json", {"Resources": resources}))

    every = run("check", *given, *OFFLINE, "--output", "json")
    table = run("check", *given, *OFFLINE)
    one = run("check", "fraud", *given, *OFFLINE, "--output", "json")
    by_logical_id = run("check", "Endpoint", *given, *OFFLINE, "--output", "json")

    assert every.status == 1
    assert every.document["schema_version"] == "2"
    assert [(each["deployment"]["endpoint_name"], each["verdict"]) for each in every.document["reports"]] == [
        ("churn", "pass"),
        ("fraud", "fail"),
    ]
    assert table.out.splitlines()[0] == "Verdict on all 2 endpoints: fail"
    assert (one.status, one.report["verdict"]) == (1, "fail")
    assert (by_logical_id.status, by_logical_id.report["deployment"]["endpoint_name"]) == (0, "churn")
    assert run("check", "nosuch", *given, *OFFLINE).status == 2
    assert run("generate", *given, *HERE).status == 3


@pytest.mark.parametrize(
    ("members", "path"),
    [
        ({"Tags": "x"}, "Tags"),
        ({"KmsKeyId": 7}, "KmsKeyId"),
        ({"ExecutionRoleArn": "role"}, "ExecutionRoleArn"),
        # of use nowhere but in another account: where the deployment goes is told to the rules
        ({"ExecutionRoleArn": "arn:aws:iam::210987654321:role/serving"}, "ExecutionRoleArn"),
        ({"EndpointConfigName": "bad_name!"}, "EndpointConfigName"),
        ({"ProductionVariants": []}, "ProductionVariants"),
    ],
)
def test_what_aws_would_refuse_is_a_failing_check(run: Run, write: Write, members: dict[str, Any], path: str) -> None:
    config = write("c.json", {**CONFIG, **members})
    request = write("e.json", {**ENDPOINT, "EndpointConfigName": members.get("EndpointConfigName", "churn-v7")})

    done = run("check", "--request", request, "--config-request", config, *OFFLINE, "--output", "json")

    assert done.status == 1
    assert done.statuses["request.valid"] == "fail"
    assert path in done.check("request.valid")["summary"]


def test_where_a_plan_goes_is_not_to_be_overruled(run: Run, write: Write) -> None:
    resources = [
        {**{key: one[key] for key in ("address", "mode", "type", "name")}, "provider_config_key": "aws"}
        for one in PLAN["resource_changes"]
    ]
    configuration = {"root_module": {"resources": resources}, "provider_config": {"aws": _provider("us-east-1")}}
    plan = {**PLAN, "configuration": configuration}
    given = ("--from", write("plan.json", plan))

    elsewhere = run("check", *given, *OFFLINE)
    there = run("check", *given, "--offline", "--account-id", ACCOUNT, "--output", "json")

    assert (elsewhere.status, elsewhere.out) == (2, "")
    assert "eu-west-1 is given, and the deployment is for us-east-1" in elsewhere.err
    assert there.report["deployment"]["region"] == "us-east-1"


def _provider(region: str) -> dict[str, Any]:
    return {
        "name": "aws",
        "full_name": "registry.terraform.io/hashicorp/aws",
        "expressions": {"region": {"constant_value": region}},
    }


def test_a_plan_that_updates_is_asked_about_as_an_update(run: Run, write: Write) -> None:
    config, endpoint = PLAN["resource_changes"]
    before = {**endpoint["change"]["after"], "endpoint_config_name": "churn-v6"}
    updated = {**endpoint, "change": {**endpoint["change"], "actions": ["update"], "before": before}}
    given = ("--from", write("plan.json", {**PLAN, "resource_changes": [config, updated]}))

    done = run("check", *given, *OFFLINE, "--output", "json")

    assert done.status == 0
    assert done.report["scope"] == "update"
    actions = {one["action"] for one in done.report["permissions"]}
    assert "sagemaker:UpdateEndpoint" in actions
    assert "sagemaker:CreateEndpoint" not in actions
    asked = run("check", *given, *OFFLINE, "--scope", "create", "--output", "json")
    assert asked.report["scope"] == "create"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--parameter", "A=b"), "--parameter: there is no template"),
        (("--stack-name", "s"), "--stack-name: there is no template"),
        (("--name-pattern", "model=a-*"), "--name-pattern: there is no file that makes a model"),
        (("--from", "t.json", "--request", "e.json"), "--from: a template or plan says both requests"),
        (("--from", "t.json", "--name-pattern", "other=a-*"), "'other=a-*' is no pattern"),
        (("--from", "t.json", "--parameter", "nonsense"), "--parameter: 'nonsense' is not KEY=VALUE"),
        (("--from", "t.json", "--parameter", "Nme=x"), "Nme"),
        (("--from", "nosuch.yaml"), "nosuch.yaml: there is no such file"),
    ],
)
def test_flags_that_make_no_sense_together(run: Run, write: Write, words: tuple[str, ...], said: str) -> None:
    write("t.json", {**TEMPLATE, "Parameters": {"Name": {"Type": "String"}}})
    write("e.json", ENDPOINT)

    done = run("check", *words, *OFFLINE)

    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_as_people_write_them_end_in_a_verdict(run: Run, write: Write, template: Path) -> None:
    allowing = write("allow.json", policy(allow()))
    done = run("check", "--from", str(template), *_place(template), "--offline", "--policy", allowing)

    assert done.status in {0, 1, 3}, done.err
    assert "Verdict" in done.out


def _place(template: Path) -> tuple[str, ...]:
    return ("--region", "us-gov-west-1" if "gov" in template.name else "eu-west-1", "--account-id", ACCOUNT)


@pytest.mark.parametrize("line", [1, 7])
def test_permissions_and_evidence_say_where_in_their_files_they_stand(run: Run, write: Write, line: int) -> None:
    given = as_yaml(write)
    broken = YAML.replace("VariantName: all", "VariantName: not_a_name")
    Path("broken.yaml").write_text(broken)
    text = json.dumps(policy(allow(), deny()))
    Path("p.json").write_text("\n" * (line - 1) + text)

    done = run("check", *given, *OFFLINE, "--policy", "p.json", "--output", "json")
    (file,) = {one["where"]["file"] for one in done.report["permissions"]}
    for permission in done.report["permissions"]:
        where = permission["where"]
        assert Path(file).read_text().splitlines()[where["line"] - 1].strip()
        assert where["column"] >= 1
    for evidence in done.check("principal.allowed")["evidence"]:
        where = {"file": "p.json", "line": line, "column": text.index('{"Effect": "Deny"') + 1, "path": "Statement[1]"}
        assert evidence["where"] == where

    refused = run("check", "--from", "broken.yaml", *OFFLINE, "--output", "json")
    places = [one["where"] for one in refused.check("request.valid")["evidence"]]
    assert places
    for place in places:
        assert place["file"] == "broken.yaml"
        assert "not_a_name" in broken.splitlines()[place["line"] - 1]


SECRET = "hunter22-and-more"


@pytest.mark.parametrize(
    "environment",
    [
        {"PASSWORD": SECRET},
        {"PASSWORD": SECRET * 100},
        {"PASSWORD": [SECRET]},
        {"PASSWORD": {"nested": SECRET}},
        {"bad name!": SECRET},
        {"PASSWORD": f"{SECRET}\x00"},
        {f"NAME{number}": SECRET for number in range(200)},
    ],
    ids=["plain", "too long", "list", "object", "bad name", "control character", "too many"],
)
@pytest.mark.parametrize("output", ["table", "json"])
def test_no_value_of_a_model_s_environment_is_in_a_report(
    run: Run, write: Write, environment: Mapping[str, object], output: str
) -> None:
    template = json.loads(Path(as_template(write)[1]).read_text())
    properties = {
        "ModelName": "churn-model",
        "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/exec",
        "PrimaryContainer": {"Image": f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:1", "Environment": environment},
    }
    template["Resources"]["Model"] = {"Type": "AWS::SageMaker::Model", "Properties": properties}
    done = run("check", "--from", write("m.json", template), *OFFLINE, "--explain", "--debug", "--output", output)
    assert done.status in {0, 1}
    assert SECRET not in done.out + done.err
