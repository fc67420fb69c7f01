"""Whole reports offline: of names, requests, templates and plans, under every option that changes what is checked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import iamcheck
from iamcheck.checks.options import apply_user_context, parse_options
from iamcheck.checks.report import Reports
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.iam.model import Request
from tests.unit.checks.scenarios.common import (
    ALL,
    CAPITALS,
    DELEGATES,
    IAM,
    IMAGE,
    KEY,
    OTHER_ACCOUNT,
    PLACE,
    PLAIN,
    REGION,
    ROLE,
    SERVING,
    VARIANT,
    Here,
    allow,
    checked,
    deny,
    document,
    requests,
)
from tests.whole_results import error_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.whole_results import Scenario

    Words = dict[str, Any]

BRIEF = ("policy.sufficient", "policy.minimal", "principal.allowed", "request.valid")
TAGS = [{"Key": "team", "Value": "ml"}]


def resource(kind: str, **properties: object) -> dict[str, Any]:
    return {"Type": f"AWS::{kind}", "Properties": properties}


CONFIG = resource("SageMaker::EndpointConfig", EndpointConfigName="churn-v7", ProductionVariants=[VARIANT])
ENDPOINT = resource("SageMaker::Endpoint", EndpointName="churn", EndpointConfigName="churn-v7")
UNNAMED = {
    "Config": resource("SageMaker::EndpointConfig", ProductionVariants=[VARIANT]),
    "Endpoint": resource("SageMaker::Endpoint", EndpointConfigName={"Fn::GetAtt": ["Config", "EndpointConfigName"]}),
}
MODEL = resource("SageMaker::Model", ModelName="churn", ExecutionRoleArn=SERVING, PrimaryContainer={"Image": IMAGE})
BOTH = {"Config": CONFIG, "Endpoint": ENDPOINT}
QUEUE, USER = resource("SQS::Queue"), resource("IAM::User")
TARGET = resource(
    "ApplicationAutoScaling::ScalableTarget",
    ResourceId="endpoint/churn/variant/all",
    ScalableDimension="sagemaker:variant:DesiredInstanceCount",
    ServiceNamespace="sagemaker",
    MinCapacity=1,
    MaxCapacity=2,
)
ALARM = resource(
    "CloudWatch::Alarm",
    AlarmName="errors",
    ComparisonOperator="GreaterThanThreshold",
    EvaluationPeriods=1,
    MetricName="Invocation5XXErrors",
    Namespace="AWS/SageMaker",
    Period=60,
    Statistic="Sum",
    Threshold=1,
)


def template(
    resources: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any] | None = None,
    names: Mapping[str, str] | None = None,
    read: Mapping[str, Any] | None = None,
    **words: Any,  # noqa: ANN401  any keyword of check
) -> Callable[[Here], str]:
    """The report about a template."""

    def run(here: Here) -> str:
        made = {"Resources": dict(resources), **({"Parameters": dict(parameters)} if parameters else {})}
        path = here.write("template.json", made)
        return of_file(path, names, {"stack_tags": {}, **(read or {})}, **words)

    return run


def of_file(path: Any, names: Any, read: Mapping[str, Any], **words: Any) -> str:  # noqa: ANN401  of the file
    try:
        found = read_sources(str(path), **read)
        drafts = [draft_of(written, name_patterns=names) for written in found]
    except iamcheck.IamcheckError as error:
        return error_text(error)
    given: dict[str, Any] = {"offline": True, "brief": BRIEF, **PLACE, **words}
    return "\n".join(checked(draft, **given) for draft in drafts)


def plan(changes: list[dict[str, Any]], provider: dict[str, Any] | None = None, **words: Any) -> Callable[[Here], str]:  # noqa: ANN401  any keyword of check
    """The report about a plan."""

    def run(here: Here) -> str:
        source = "registry.terraform.io/hashicorp/aws"
        expressions = {"region": {"constant_value": REGION}, **(provider or {})}
        made = {
            **{"format_version": "1.2", "terraform_version": "1.11.4"},
            "resource_changes": [
                {"mode": "managed", "provider_name": source, **{k: v for k, v in one.items() if k != "expressions"}}
                for one in changes
            ],
            "configuration": {
                "provider_config": {"aws": {"name": "aws", "full_name": source, "expressions": expressions}},
                "root_module": {
                    "resources": [
                        {
                            **{name: one[name] for name in ("address", "type", "name")},
                            **{"mode": "managed", "provider_config_key": "aws"},
                            "expressions": one.get("expressions", {}),
                        }
                        for one in changes
                    ]
                },
            },
        }
        read = {"region": words["region"]} if words.get("region") else {}
        return of_file(here.write("plan.json", made), None, read, **words)

    return run


def change(kind: str, actions: list[str], after: object, before: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401  members
    made = {"actions": actions, "before": before, "after": after, "after_unknown": more.pop("unknown", {})}
    constants = (
        {name: {"constant_value": value} for name, value in (after or {}).items()} if isinstance(after, dict) else {}
    )
    return {
        **{"address": f"{kind}.this", "type": kind, "name": "this", "change": made, "expressions": constants},
        **more,
    }


PLANNED_VARIANT = {
    "variant_name": "all",
    "model_name": "churn",
    "instance_type": "ml.m5.large",
    "initial_instance_count": 1,
}
PLANNED_CONFIG = {"name": "churn-v7", "production_variants": [PLANNED_VARIANT]}
PLANNED_ENDPOINT = {"name": "churn", "endpoint_config_name": "churn-v7"}
PLANNED = [
    change("aws_sagemaker_endpoint_configuration", ["create"], PLANNED_CONFIG),
    change("aws_sagemaker_endpoint", ["create"], PLANNED_ENDPOINT),
]
REPLACED = [
    change(
        "aws_sagemaker_endpoint_configuration",
        ["delete", "create"],
        PLANNED_CONFIG,
        {**PLANNED_CONFIG, "name": "churn-v6"},
    ),
    change(
        "aws_sagemaker_endpoint", ["update"], PLANNED_ENDPOINT, {**PLANNED_ENDPOINT, "endpoint_config_name": "churn-v6"}
    ),
]
DELETED = [
    *REPLACED,
    change("aws_sagemaker_model", ["delete"], None, {"name": "old"}),
]


GONE = [
    PLANNED[0],
    change("aws_sagemaker_endpoint", ["delete", "create"], PLANNED_ENDPOINT, {**PLANNED_ENDPOINT, "name": "old"}),
    {
        **change("aws_sagemaker_endpoint", ["delete", "create"], PLANNED_ENDPOINT, {}),
        **{"address": "aws_sagemaker_endpoint.older", "name": "older"},
    },
]


def report(**words: Any) -> Callable[[Here], str]:  # noqa: ANN401  any keyword of check
    return lambda _: checked(**{"offline": True, "brief": BRIEF, **words})


def user_context(_: Here) -> str:
    """What the user says of the context wins over what is known, in any case of the key."""
    request = Request(
        "sagemaker:CreateEndpoint",
        "*",
        context={"aws:RequestedRegion": "eu-west-1", "aws:TagKeys": ["a"], "kms:X": "1"},
        absent=["aws:PrincipalOrgID", "sagemaker:ModelArn"],
    )
    lines = []
    for context, absent in (
        ({}, ()),
        ({"AWS:requestedregion": "us-east-1"}, ()),
        ({}, ("aws:tagkeys",)),
        ({"sagemaker:modelarn": "x"}, ("KMS:x", "aws:PrincipalOrgId")),
    ):
        found = apply_user_context(request, parse_options({"context": context, "absent": absent}))
        values = {key: list(value.values) for key, value in found.given.items()}
        lines.append(f"{values} absent {', '.join(found.absent)}")
    return "\n".join(lines)


def as_json(deployments: Sequence[Any], **words: Any) -> Scenario:  # noqa: ANN401  any keyword of check_all
    """The JSON of reports, their exceptions, and what they are as truth values."""

    def run(_: Here) -> str:
        found = iamcheck.check_all(deployments, **{"offline": True, **words})
        lines = [json.dumps({**found.to_dict(), "iamcheck_version": "", "reference_date": ""}, indent=1)]
        for report in found.reports:
            try:
                report.raise_for_verdict()
                lines.append("passed")
            except iamcheck.PreflightFailed as error:
                lines.append(f"failed: {error}")
            except iamcheck.PreflightUnknown as error:
                lines.append(f"unknown: {error}")
        for one in (found, *found.reports):
            try:
                bool(one)
            except TypeError as error:
                lines.append(str(error))
        lines.append(f"{found.reports[0].account_id} {found.reports[0].source}")
        return "\n".join(lines)

    return run


def _json_of_a_file(here: Here) -> str:
    """The JSON of a template, whose evidence and permissions point at lines."""
    path = here.write("template.json", {"Resources": {**BOTH, "Queue": QUEUE}})
    guard = here.write("guard.json", document(allow(), deny("sagemaker:CreateEndpoint", Sid="Guard")))
    drafts = [draft_of(one) for one in read_sources(str(path), stack_tags={})]
    return as_json(drafts, policies=[guard], **PLACE)(here)


def _reports(_: Here) -> str:
    """The verdict over several reports is the worst; over none it is unknown."""
    worlds: dict[str, dict[str, Any]] = {
        "pass": {},
        "fail": {"policies": [document(deny())]},
        "unknown": {"policies": [document(allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}))]},
    }
    reports = {name: iamcheck.check(PLAIN, offline=True, **world) for name, world in worlds.items()}
    lines = [f"none: {Reports(()).verdict}"]
    for first in reports:
        for second in reports:
            lines.append(f"{first}, {second}: {Reports((reports[first], reports[second])).verdict}")
    return "\n".join(lines)


def _folder(here: Here) -> str:
    """A folder of organization files that is not there, and one that is no folder."""
    here.write("file", "x")
    return "\n".join(
        checked(offline=True, policies=[ALL], organizations=word) for word in ("nowhere", "file", "aws", "")
    )


def _own_template(here: Here) -> str:
    """A template of the user's own, one that is too wide, and one that is missing."""
    wide = document(allow("sagemaker:Create*", "*", Sid="Wide"))
    here.write("wide.json.j2", wide)
    (here.folder / "policies").mkdir()
    here.write("policies/create.json.j2", document(allow("sagemaker:CreateEndpoint", "*", Sid="Half")))
    return "\n".join(
        (
            checked(offline=True, template="wide.json.j2", show=("policy",)),
            checked(offline=True, template_dir=str(here.folder), show=("policy",)),
            checked(offline=True, template="missing.json.j2"),
        )
    )


def _details(here: Here) -> str:
    """Authorization details that are missing, or come with what excludes them."""
    here.write("details.json", {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []})
    given: list[Words] = [
        {"authorization_details": "nowhere.json", "principal": ROLE},
        {"authorization_details": "details.json"},
        {"authorization_details": "details.json", "principal": ROLE, "policies": [ALL]},
        {"authorization_details": "details.json", "principal": ROLE, "engine": "aws"},
        {"authorization_details": "details.json", "principal": ROLE},
    ]
    return "\n".join(checked(offline=True, **words) for words in given)


REFUSED: dict[str, Words] = {
    "an engine": {"engine": "magic"},
    "an endpoint": {"endpoint": "maybe"},
    "a config": {"config": "maybe"},
    "an execution role": {"execution_role": "serving"},
    "an absent key that has a value": {"context": {"aws:SourceIp": "1.2.3.4"}, "absent": ["AWS:sourceip"]},
    "excess without policies": {"excess": True},
    "AWS's engine offline": {"engine": "aws"},
    "both engines offline": {"engine": "both"},
    "SCPs twice": {"policies": [ALL], "scps": [[ALL]], "organizations": "ignore"},
    "the organization offline": {"policies": [ALL], "organizations": "aws"},
    "a check that asks AWS": {"checks": ["sts.active"]},
    "a check of roles without details": {"checks": ["execution-role.allowed"]},
    "a check without policies": {"checks": ["principal.allowed"]},
    "a check without a request": {"checks": ["request.valid"]},
    "a check without models": {"checks": ["model-name.ready"]},
    "a check that is not known": {"checks": ["policy.sufficent"]},
    "a check that is like none": {"checks": ["x"]},
    "a skipped check that is not known": {"skip": ["sts.activ"]},
    "a scope": {"scope": "everything"},
    "a user who is no ARN": {"principal": "ann", "policies": [ALL]},
    "a principal alone": {"principal": ROLE},
    "a boundary that is unread": {"boundary": iamcheck.UNREAD},
    "no policy": {"policies": []},
}
SCALED = {**BOTH, "Target": TARGET}
SCENARIOS: dict[str, Callable[[Here], str]] = {
    # --- names
    "names": report(brief=(), show=("policy", "permissions", "context")),
    "names, and policies": report(policies=[ALL]),
    "names with capitals": report(deployment=CAPITALS, show=("policy",)),
    "names, and policies that deny": report(policies=[document(allow(), deny("sagemaker:CreateEndpoint"))]),
    "names, every check that can run": report(checks=["all"], policies=[ALL]),
    "names, strict": report(policies=[ALL], boundary=ALL, scps=[["FullAWSAccess"]], strict=True),
    "names, nothing but skipped checks": report(skip=["all"]),
    "names, one check left out": report(skip=["policy.minimal"]),
    "names, a check left out that was named": report(checks=["policy.minimal"], skip=["policy.minimal"]),
    "names, for an update": report(scope="update", policies=[ALL], show=("permissions",)),
    "names, for a script": report(scope="deploy", policies=[ALL], show=("permissions",)),
    "names, for their whole life": report(scope="lifecycle", policies=[ALL], show=("permissions",)),
    "names, as AWS's documentation has them": report(scope="docs", policies=[ALL], show=("policy", "permissions")),
    "names, of a config that exists": report(config="existing", policies=[ALL], show=("permissions",)),
    "names, of a new config": report(config="new", policies=[ALL]),
    "names, of any config": report(config="any", policies=[ALL]),
    "names, what the user says": report(
        policies=[ALL], context={"aws:SourceIp": "203.0.113.7", "aws:TagKeys": ["a", "b"]}, absent=["aws:SourceVpc"]
    ),
    "names, a model of the user's, and the check of it": report(
        create_models=[{"ModelName": "m", "ExecutionRoleArn": SERVING, "PrimaryContainer": {"Image": IMAGE}}],
        checks=["request.valid"],
        skip=["policy.sufficient", "policy.minimal"],
    ),
    "names, and what is beyond them": report(
        policies=[document(allow("sagemaker:Create*"))], excess=True, only=("policy.sufficient",)
    ),
    "names, and a model of the user's": report(
        create_models=[{"ModelName": "m", "ExecutionRoleArn": SERVING}], policies=[ALL], principal=ROLE
    ),
    "what the user says wins": user_context,
    # --- requests
    "requests": report(deployment=requests(), show=("policy", "permissions")),
    "requests, pinned": report(
        deployment=requests(key=True, tags=True, role=SERVING), pin=True, show=("policy", "permissions")
    ),
    "requests, with a key": report(
        deployment=requests(key=True), policies=[ALL], resource_policies={KEY: DELEGATES}, strict=True
    ),
    "requests that AWS would refuse": report(
        deployment=iamcheck.Deployment.from_requests(
            {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
            {"EndpointConfigName": "churn-v7", "ProductionVariants": [{**VARIANT, "InitialInstanceCount": 0}]},
            **PLACE,
        ),
        policies=[ALL],
    ),
    "requests whose policy is larger than IAM takes": report(
        deployment=requests(
            create_models=[
                {"ModelName": f"churn-{number:03}" + "x" * 40, "ExecutionRoleArn": f"{SERVING}-{number}"}
                for number in range(40)
            ]
        ),
        skip=["policy.minimal", "policy.sufficient", "request.valid"],
    ),
    # --- templates
    "template": template(BOTH, policies=[ALL], show=("policy", "permissions")),
    "template, strict": template(BOTH, policies=[ALL], strict=True),
    "template, for an update": template(BOTH, policies=[ALL], scope="update"),
    "template, for a script": template({**SCALED, "Alarm": ALARM}, policies=[ALL], scope="deploy"),
    "template, for its whole life": template({**SCALED, "Alarm": ALARM}, policies=[ALL], scope="lifecycle"),
    "template, with what else it has": template({**BOTH, "Queue": QUEUE, "User": USER}, policies=[ALL]),
    "template, with what else it has, strict": template(
        {**BOTH, "Queue": QUEUE, "User": USER, "Other": USER}, policies=[ALL], strict=True
    ),
    "template, with two other parts": template({**BOTH, "Queue": QUEUE, "Topic": resource("SNS::Topic")}),
    "template, with one other part": template({**BOTH, "Queue": QUEUE}),
    "template, with a module and a nested stack": template(
        {
            **BOTH,
            "Module": {"Type": "Own::S3::Bucket::MODULE", "Properties": {}},
            "Nested": resource("CloudFormation::Stack", TemplateURL="https://x"),
        }
    ),
    "template, with a service role": template(BOTH, policies=[ALL], cloudformation_role=f"{IAM}:role/cfn"),
    "template, with a service role of another account": template(
        BOTH, policies=[ALL], cloudformation_role=f"arn:aws:iam::{OTHER_ACCOUNT}:role/cfn", account_id=None
    ),
    "template, with a service role and another account": template(
        BOTH, policies=[ALL], cloudformation_role=f"arn:aws:iam::{OTHER_ACCOUNT}:role/cfn"
    ),
    "template, with a service role and another principal": template(
        BOTH, policies=[ALL], cloudformation_role=f"{IAM}:role/cfn", principal=ROLE
    ),
    "template, with a service role and the same principal": template(
        BOTH, policies=[ALL], cloudformation_role=ROLE, principal=ROLE
    ),
    "template, with a principal": template(BOTH, policies=[ALL], principal=ROLE),
    "names, with a service role": report(cloudformation_role=ROLE, policies=[ALL]),
    "template, of the config alone, for its whole life": template(
        {"Config": CONFIG}, scope="lifecycle", show=("permissions",), skip=["all"]
    ),
    "template, with other open keys than tags": template(
        BOTH,
        read={"stack_tags": None},
        policies=[
            document(
                allow(),
                deny(Condition={"Null": {"aws:RequestTag/team": "true"}}, Sid="Tagged"),
                deny(Condition={"StringEquals": {"aws:PrincipalTag/team": "web"}}, Sid="NotWeb"),
            )
        ],
        only=("principal.allowed",),
    ),
    "template, of the config alone": template({"Config": CONFIG}, policies=[ALL], show=("permissions",)),
    "template, of the endpoint alone": template({"Endpoint": ENDPOINT}, policies=[ALL], show=("permissions",)),
    "template, without names": template(UNNAMED, policies=[ALL]),
    "template, with patterns of names": template(
        UNNAMED,
        names={"EndpointName": "Churn-*", "EndpointConfigName": "churn-config-*"},
        policies=[ALL],
        show=("policy", "permissions"),
    ),
    "template, with patterns of names of which some are denied": template(
        UNNAMED,
        names={"EndpointName": "churn-*", "EndpointConfigName": "churn-config-*"},
        policies=[document(allow(), deny("*", "arn:aws:sagemaker:*:*:endpoint/*-prod", Sid="NoProd"))],
    ),
    "template, with patterns of names of which all but some are denied": template(
        UNNAMED,
        names={"EndpointName": "churn-*", "EndpointConfigName": "churn-config-*"},
        policies=[
            document(
                allow(),
                {
                    "Effect": "Deny",
                    "Action": "*",
                    "NotResource": "arn:aws:sagemaker:*:*:endpoint*/churn-*",
                    "Sid": "Ours",
                },
                {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:sagemaker:*:*:endpoint*/*-eu", "Sid": "Eu"},
            )
        ],
        only=("principal.allowed",),
    ),
    "template, with patterns of names that a variable may stand for": template(
        UNNAMED,
        names={"EndpointName": "churn-*", "EndpointConfigName": "churn-config-*"},
        policies=[
            document(
                allow(),
                deny(
                    "*", "arn:aws:sagemaker:eu-west-?:*:endpoint-config/${aws:PrincipalTag/team}-config-a?", Sid="Own"
                ),
            )
        ],
        principal=ROLE,
    ),
    "template, with a key by its alias": template(
        {
            **BOTH,
            "Config": resource("SageMaker::EndpointConfig", **{**CONFIG["Properties"], "KmsKeyId": "alias/volumes"}),
        },
        policies=[document(allow(), deny("kms:*", KEY, Sid="NotThisKey"))],
    ),
    "template, with a model": template({**BOTH, "Model": MODEL}, policies=[ALL], principal=ROLE, show=("permissions",)),
    "template, with tags of a stack that are open": template(
        BOTH,
        read={"stack_tags": None},
        policies=[document(allow(), deny(Condition={"Null": {"aws:RequestTag/team": "true"}}, Sid="Tagged"))],
    ),
    "template, with keys of tags that are open": template(
        BOTH,
        read={"stack_tags": None},
        policies=[
            document(
                allow(),
                deny(Condition={"ForAnyValue:StringLike": {"aws:TagKeys": "secret*"}}, Sid="NoSecrets"),
                deny(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}, Sid="NoVpc"),
            )
        ],
    ),
    "template, with tags of a stack": template(
        BOTH, read={"stack_tags": {"team": "ml"}}, policies=[ALL], show=("permissions",)
    ),
    "template, with a parameter that has a default": template(
        {
            **BOTH,
            "Endpoint": resource("SageMaker::Endpoint", EndpointName={"Ref": "Name"}, EndpointConfigName="churn-v7"),
        },
        parameters={"Name": {"Type": "String", "Default": "churn"}},
        policies=[ALL],
    ),
    "template, with a parameter that nobody gave": template(
        {
            **BOTH,
            "Endpoint": resource("SageMaker::Endpoint", EndpointName={"Ref": "Name"}, EndpointConfigName="churn-v7"),
        },
        parameters={"Name": {"Type": "String"}},
        policies=[ALL],
    ),
    "template, with a role that nobody knows": template(
        {
            **BOTH,
            "Model": resource("SageMaker::Model", ModelName="churn", ExecutionRoleArn={"Ref": "Role"}),
        },
        parameters={"Role": {"Type": "String"}},
        policies=[ALL],
        checks=["policy.sufficient", "execution-role.trusted"],
    ),
    "template, in another Region than is given": template(BOTH, read={"region": "us-east-1"}, policies=[ALL]),
    "template, without an account": template(BOTH, account_id=None, policies=[ALL]),
    "template, in a Region that is none": template(BOTH, region="mars-1"),
    # --- plans
    "plan": plan(PLANNED, policies=[ALL], show=("policy", "permissions")),
    "plan, strict": plan(PLANNED, policies=[ALL], strict=True),
    "plan, which updates": plan(REPLACED, policies=[ALL], show=("permissions",)),
    "plan, which updates, and a scope": plan(REPLACED, policies=[ALL], scope="create"),
    "plan, which deletes a model": plan(DELETED, policies=[ALL], show=("permissions",)),
    "plan, which replaces endpoints": plan(GONE, skip=["all"], show=("permissions",)),
    "plan, which replaces endpoints, as AWS's documentation has it": plan(
        GONE, skip=["all"], show=("permissions",), scope="docs"
    ),
    "plan, which replaces endpoints, for its whole life": plan(
        GONE, skip=["all"], show=("permissions",), scope="lifecycle"
    ),
    "plan, whose provider assumes a role": plan(
        PLANNED, {"assume_role": [{"role_arn": {"constant_value": f"{IAM}:role/tf"}}]}, policies=[ALL]
    ),
    "plan, whose provider assumes a role with a session policy": plan(
        PLANNED,
        {
            "assume_role": [
                {
                    "role_arn": {"constant_value": f"{IAM}:role/tf"},
                    "policy": {
                        "constant_value": '{"Version": "2012-10-17", "Statement": '
                        '[{"Effect": "Allow", "Action": "sagemaker:CreateEndpoint", "Resource": "*"}]}'
                    },
                }
            ]
        },
        policies=[ALL],
    ),
    "plan, whose provider assumes a role with a session policy, and another is given": plan(
        PLANNED,
        {
            "assume_role": [
                {
                    "role_arn": {"constant_value": f"{IAM}:role/tf"},
                    "policy": {
                        "constant_value": '{"Version": "2012-10-17", "Statement": '
                        '[{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
                    },
                }
            ]
        },
        policies=[ALL],
        session_policies=[ALL],
    ),
    "plan, whose provider assumes a role with a session policy that is not known": plan(
        PLANNED,
        {"assume_role": [{"role_arn": {"constant_value": f"{IAM}:role/tf"}, "policy": {"references": ["var.policy"]}}]},
        policies=[ALL],
    ),
    "plan, whose provider assumes a role with a session policy that is not known, and all are given": plan(
        PLANNED,
        {"assume_role": [{"role_arn": {"constant_value": f"{IAM}:role/tf"}, "policy": {"references": ["var.policy"]}}]},
        policies=[ALL],
        session_policies=[ALL],
    ),
    "plan, whose provider assumes a role that is not known": plan(
        PLANNED, {"assume_role": [{"role_arn": {"references": ["var.role"]}}]}, policies=[ALL]
    ),
    "plan, whose provider assumes a role that is not known, and a principal is given": plan(
        PLANNED, {"assume_role": [{"role_arn": {"references": ["var.role"]}}]}, policies=[ALL], principal=ROLE
    ),
    "plan, whose provider assumes another role": plan(
        PLANNED, {"assume_role": [{"role_arn": {"constant_value": f"{IAM}:role/tf"}}]}, policies=[ALL], principal=ROLE
    ),
    "plan, in a Region that is not known": plan(
        PLANNED, {"region": {"references": ["var.region"]}}, policies=[ALL], region=None
    ),
    "plan, in a Region that is not known, and is given": plan(
        PLANNED, {"region": {"references": ["var.region"]}}, policies=[ALL], region=REGION
    ),
    # --- options that make no sense together
    **{f"refused: {name}": report(**words) for name, words in REFUSED.items()},
    "as JSON: names that are denied": as_json(
        [PLAIN],
        policies=[document(allow("sagemaker:CreateEndpoint", Sid="Half"))],
        context={"aws:TagKeys": ["a", "b"], "aws:MultiFactorAuthPresent": True, "aws:MultiFactorAuthAge": 7},
        absent=["aws:SourceVpc"],
        skip=["policy.minimal"],
    ),
    "as JSON: a key that nobody knows": as_json(
        [requests()],
        policies=[document(allow(Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}))],
        skip=["policy.sufficient", "policy.minimal"],
    ),
    "as JSON: a file": _json_of_a_file,
    "the verdict over several": _reports,
    "refused: a folder of the organization": _folder,
    "refused: details": _details,
    "templates of the user's own": _own_template,
}
