"""Execution roles as authorization details have them: whom each trusts, and what it may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import iamcheck
from tests.unit.checks.scenarios.common import (
    ACCOUNT,
    IAM,
    IMAGE,
    KEY,
    OTHER_ACCOUNT,
    PLACE,
    PLAIN,
    REGION,
    ROLE,
    SERVING,
    Here,
    allow,
    checked,
    deny,
    document,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Statement = dict[str, Any]

TRUSTED, ALLOWED = "execution-role.trusted", "execution-role.allowed"
PATHED = f"{IAM}:role/team/pathed"
TRUST: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "sagemaker.amazonaws.com"},
    "Action": "sts:AssumeRole",
}
EVERYONE = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
AWS_IMAGE = f"763104351884.dkr.ecr.{REGION}.amazonaws.com/pytorch-inference:2.0"
OTHER_IMAGE = f"{OTHER_ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn:7"
DATA = "s3://models/churn.tar.gz"
PULL = [
    "ecr:BatchGetImage",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetAuthorizationToken",
]
LOGS = ["logs:*", "cloudwatch:*"]
SOURCE = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def entity(name: str, statements: Sequence[Statement], trust: Sequence[Statement], **more: object) -> dict[str, Any]:
    """A role as authorization details have it."""
    path = "/team/" if name == "pathed" else "/"
    return {
        **{"Path": path, "RoleName": name, "RoleId": "AROAEXAMPLEEXAMPLE22", "Arn": f"{IAM}:role{path}{name}"},
        **{"CreateDate": "2024-01-01T00:00:00+00:00", "InstanceProfileList": [], "AttachedManagedPolicies": []},
        "AssumeRolePolicyDocument": document(*trust),
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document(*statements)}] if statements else [],
        **more,
    }


def deployment(
    *models: Mapping[str, Any], config: Mapping[str, Any] | None = None, endpoint: Mapping[str, Any] | None = None
) -> iamcheck.Deployment:
    """An endpoint with a variant for each of these models."""
    made = [{"ModelName": f"m{number}", **model} for number, model in enumerate(models)]
    variants = [
        {"VariantName": one["ModelName"], "ModelName": one["ModelName"], "InstanceType": "ml.m5.large"}
        | {"InitialInstanceCount": 1}
        for one in made or [{"ModelName": "there"}]
    ]
    return iamcheck.Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7", **(endpoint or {})},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": variants, **(config or {})},
        create_models=made,
        **PLACE,
    )


def model(role: str | None = SERVING, image: str = IMAGE, **more: Any) -> dict[str, Any]:  # noqa: ANN401  members
    data = more.pop("data", DATA)
    named = {} if role is None else {"ExecutionRoleArn": role}
    return {**named, "PrimaryContainer": {"Image": image, **({"ModelDataUrl": data} if data else {})}, **more}


def world(
    *statements: Statement,
    trust: Sequence[Statement] = (TRUST,),
    models: Sequence[Any] = (),
    **more: Any,  # noqa: ANN401  any keyword of check
) -> dict[str, Any]:
    """A world in which the role `serving` has these statements."""
    of_role = ("PermissionsBoundary", "Tags", "AssumeRolePolicyDocument")
    serving = {name: more.pop(name) for name in of_role if name in more}
    made = more.pop("deployment", None) or deployment(
        *(models or [model()]), config=more.pop("config_request", None), endpoint=more.pop("endpoint_request", None)
    )
    return {"serving": (statements, trust, serving), "deployment": made, **more}


MOST = (allow(PULL), allow("s3:GetObject", "arn:aws:s3:::models/*"), allow(LOGS))
VPC: dict[str, Any] = {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
CAPTURE = {
    "DataCaptureConfig": {
        "EnableCapture": True,
        "InitialSamplingPercentage": 10,
        "DestinationS3Uri": "s3://captured/churn",
        "KmsKeyId": KEY,
        "CaptureOptions": [{"CaptureMode": "Input"}],
    }
}
ASYNC = {
    "AsyncInferenceConfig": {
        "OutputConfig": {
            "S3OutputPath": "s3://out/churn",
            "NotificationConfig": {"SuccessTopic": f"arn:aws:sns:{REGION}:{ACCOUNT}:done"},
        }
    }
}
WORLDS: dict[str, dict[str, Any]] = {
    # --- trust
    "trusted and allowed": world(allow()),
    "trusted with the account": world(allow(), trust=[{**TRUST, "Condition": SOURCE}]),
    "trusted with another account": world(
        allow(), trust=[{**TRUST, "Condition": {"StringEquals": {"aws:SourceAccount": OTHER_ACCOUNT}}}]
    ),
    "trusted with every source of the account": world(
        allow(),
        trust=[{**TRUST, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:*"}}}],
    ),
    "trusted with one endpoint as its source": world(
        allow(),
        trust=[
            {**TRUST, "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/*"}}}
        ],
    ),
    "trusted but for one endpoint as its source": world(
        allow(),
        trust=[
            TRUST,
            {
                **TRUST,
                "Effect": "Deny",
                "Condition": {
                    "StringEqualsIgnoreCase": {"aws:SourceArn": f"ARN:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/Old"}
                },
            },
        ],
    ),
    "trusted with a source of any name": world(
        allow(), trust=[{**TRUST, "Condition": {"StringLike": {"aws:SourceArn": "${aws:PrincipalServiceName}*"}}}]
    ),
    "trusted over TLS": world(allow(), trust=[{**TRUST, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}]),
    "trusted but without TLS": world(
        allow(),
        trust=[TRUST, {**TRUST, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}],
    ),
    "trusted as a service": world(
        allow(), trust=[{**TRUST, "Principal": "*", "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}}]
    ),
    "trusted by the name of a service": world(
        allow(),
        trust=[
            {
                **TRUST,
                "Principal": "*",
                "Condition": {"StringEquals": {"aws:PrincipalServiceName": "sagemaker.amazonaws.com"}},
            }
        ],
    ),
    "trusted where the caller has a user name": world(
        allow(), trust=[{**TRUST, "Condition": {"Null": {"aws:username": "false"}}}]
    ),
    "the trust policy is left out": world(allow(), AssumeRolePolicyDocument=None),
    "the trust policy is text": world(allow(), AssumeRolePolicyDocument="nothing to read"),
    "trusted with an external id": world(
        allow(), trust=[{**TRUST, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]
    ),
    "another service is trusted": world(allow(), trust=[{**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}]),
    "the account is trusted": world(allow(), trust=[{**TRUST, "Principal": {"AWS": f"{IAM}:root"}}]),
    "SageMaker is denied": world(allow(), trust=[TRUST, {**TRUST, "Effect": "Deny", "Sid": "No"}]),
    "RCPs deny that it is assumed": world(
        allow(),
        rcps=[["RCPFullAWSAccess", document({**EVERYONE, "Effect": "Deny", "Action": "sts:*", "Sid": "Fence"})]],
    ),
    "RCPs deny, and nobody is trusted": world(
        allow(),
        trust=[{**TRUST, "Principal": {"Service": "ec2.amazonaws.com"}}],
        rcps=[["RCPFullAWSAccess", document({**EVERYONE, "Effect": "Deny", "Action": "sts:*", "Sid": "Fence"})]],
    ),
    "RCPs allow it": world(allow(), rcps=[["RCPFullAWSAccess"]]),
    # --- what it may do
    "nothing is allowed": world(allow("sns:Publish")),
    "only what is needed": world(*MOST),
    "the image may not be pulled": world(*MOST[1:]),
    "the data may not be read": world(MOST[0], MOST[2], allow("s3:GetObject", "arn:aws:s3:::models/other/*")),
    "a part of the data may not be read": world(
        *MOST,
        deny("s3:GetObject", "arn:aws:s3:::models/churn/secret*", Sid="Secret"),
        models=[
            model(
                data=None,
                PrimaryContainer={
                    "Image": IMAGE,
                    "ModelDataSource": {
                        "S3DataSource": {
                            "S3Uri": "s3://models/churn/",
                            "S3DataType": "S3Prefix",
                            "CompressionType": "None",
                        }
                    },
                },
            )
        ],
    ),
    "an address that nobody knows": world(allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    "the tag of a session": world(
        allow(), deny("s3:*", Condition={"StringNotEquals": {"aws:PrincipalTag/Team": "ml"}}, Sid="Guard")
    ),
    "the tag of the role": world(
        allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}), Tags=[{"Key": "team", "Value": "ml"}]
    ),
    "who the role is": world(
        allow(Condition={"ArnEquals": {"aws:PrincipalArn": SERVING}}),
        deny("s3:*", Condition={"StringNotLike": {"aws:userid": "AROAEXAMPLEEXAMPLE22:*"}}, Sid="Other"),
    ),
    "SCPs deny logs": world(allow(), scps=[["FullAWSAccess", document(deny("logs:*", Sid="NoLogs"))]]),
    "SCPs and RCPs are given": world(allow(), scps=[["FullAWSAccess"]], rcps=[["RCPFullAWSAccess"]]),
    "a bucket's policy denies": world(
        allow(),
        resource_policies={
            "arn:aws:s3:::models": document({**EVERYONE, "Effect": "Deny", "Action": "s3:GetObject", "Sid": "Closed"})
        },
    ),
    "a bucket's policy allows": world(
        MOST[0],
        MOST[2],
        resource_policies={
            "arn:aws:s3:::models": document(
                {
                    "Effect": "Allow",
                    "Principal": {"AWS": SERVING},
                    "Action": "s3:*",
                    "Resource": ["arn:aws:s3:::models", "arn:aws:s3:::models/*"],
                }
            )
        },
    ),
    "AWS's own image": world(allow(), models=[model(image=AWS_IMAGE)]),
    "AWS's own image may not be pulled": world(*MOST[1:], models=[model(image=AWS_IMAGE)]),
    "an image of another account": world(allow(), models=[model(image=OTHER_IMAGE)]),
    "an image of another account, whose policy allows": world(
        allow(),
        models=[model(image=OTHER_IMAGE)],
        resource_policies={f"arn:aws:ecr:{REGION}:{OTHER_ACCOUNT}:repository/churn": document(EVERYONE)},
    ),
    "an image of another account, whose policy names another": world(
        allow(),
        models=[model(image=OTHER_IMAGE)],
        resource_policies={
            f"arn:aws:ecr:{REGION}:{OTHER_ACCOUNT}:repository/churn": document(
                {**EVERYONE, "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}
            )
        },
    ),
    "a network": world(*MOST, models=[model(**VPC)]),
    "captured data": world(*MOST, config_request=CAPTURE),
    "outputs of asynchronous inference": world(*MOST, config_request=ASYNC),
    "inputs of asynchronous inference": world(
        *MOST, config_request=ASYNC, async_inputs=["s3://inputs/churn/"], model_data_keys=[KEY]
    ),
    "the endpoint config has the role": world(
        allow(), models=[model(None)], config_request={"ExecutionRoleArn": SERVING}
    ),
    # --- which role
    "two roles, one of which lacks something": world(*MOST, models=[model(), model(PATHED)]),
    "two roles, both of which lack something": world(
        allow("sns:Publish"),
        trust=[{**TRUST, "Principal": {"Service": "x.amazonaws.com"}}],
        models=[model(), model(PATHED)],
    ),
    "two roles, one of which is open": world(
        allow(Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        models=[model(), model(f"{IAM}:role/full")],
    ),
    "two roles that may": world(allow(), models=[model(), model(f"{IAM}:role/full")]),
    "a role is named": world(*MOST, models=[model(), model(PATHED)], execution_role=SERVING),
    "a role is named that lacks something": world(*MOST, models=[model(), model(PATHED)], execution_role=PATHED),
    "a role is named that no model has": world(*MOST, models=[model()], execution_role=PATHED),
    "a role is named, and the endpoint config has another": world(
        allow(), deployment=deployment(config={"ExecutionRoleArn": PATHED}), execution_role=SERVING
    ),
    "a role is named for names alone": world(allow(), deployment=PLAIN, execution_role=SERVING),
    "a role of another account": world(allow(), models=[model(f"arn:aws:iam::{OTHER_ACCOUNT}:role/serving")]),
    "a role that is not there": world(allow(), models=[model(f"{IAM}:role/other")]),
    "a role under another path": world(allow(), models=[model(f"{IAM}:role/pathed")]),
    "a model that names no role": world(allow(), models=[model(None)]),
    "a model that names no role beside another": world(allow(), models=[model(), model(None)]),
    "a model that nobody gave": world(allow(), deployment=deployment()),
    "names alone": world(allow(), deployment=PLAIN),
    "the checks by all, of a new config, and a role is named": world(
        allow(), deployment=PLAIN, checks=["all"], config="new", execution_role=SERVING
    ),
    "nobody named the checks": world(allow(), checks=[]),
    "the checks by all": world(allow(), checks=["all"]),
    "the checks by all, of names alone": world(allow(), deployment=PLAIN, checks=["all"]),
}


def _scenario(given: dict[str, Any]) -> Callable[[Here], str]:
    def run(here: Here) -> str:
        words = dict(given)
        statements, trust, more = words.pop("serving")
        roles = [
            entity("serving", statements, trust, **more),
            entity("pathed", [allow("sns:Publish")], [TRUST]),
            entity("full", [allow()], [TRUST]),
            entity("ci", [allow()], [{**TRUST, "Principal": {"AWS": f"{IAM}:root"}}]),
        ]
        details = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": roles, "Policies": []}
        only = (TRUSTED,) if trust != (TRUST,) else (TRUSTED, ALLOWED)
        words = {"checks": list(only), "only": only, **words}
        return checked(
            offline=True,
            principal=ROLE,
            authorization_details=str(here.write("details.json", details)),
            skip=["policy.sufficient", "policy.minimal", "principal.allowed"],
            **words,
        )

    return run


SCENARIOS: dict[str, Callable[[Here], str]] = {name: _scenario(given) for name, given in WORLDS.items()}
