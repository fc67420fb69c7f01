"""Policies that allow more than the need: none of them passes `policy.minimal`, however the excess is put."""

from __future__ import annotations

from typing import Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

ALONE = LocalSimulator(Semantics.ALONE)
ACCOUNT, OTHER_ACCOUNT = "123456789012", "999999999999"
DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
ENDPOINT, CONFIG = DEPLOYMENT.endpoint_arn, DEPLOYMENT.endpoint_config_arn
CREATE_BOTH = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]
Statement = dict[str, Any]


def allow(actions: str | list[str], resources: str | list[str], condition: Statement | None = None) -> Statement:
    made: Statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return made | ({"Condition": condition} if condition else {})


def deny(condition: Statement | None = None, **elements: object) -> Statement:
    return {"Effect": "Deny", **elements} | ({"Condition": condition} if condition else {})


CREATE = allow("sagemaker:CreateEndpoint", [ENDPOINT, CONFIG])
CREATE_CONFIG = allow("sagemaker:CreateEndpointConfig", CONFIG)


def placed(arn: str, *, region: str = "eu-west-1", account: str = ACCOUNT, partition: str = "aws") -> str:
    return arn.replace("eu-west-1", region).replace(ACCOUNT, account).replace(":aws:", f":{partition}:")


def both(condition: Statement | None = None, **place: str) -> list[Statement]:
    """The policy of the need, everywhere that `place` says."""
    endpoint, config = placed(ENDPOINT, **place), placed(CONFIG, **place)
    return [
        allow("sagemaker:CreateEndpoint", [endpoint, config], condition),
        allow("sagemaker:CreateEndpointConfig", config, condition),
    ]


def everything_but_for(condition: Statement | None = None, **elements: object) -> list[Statement]:
    """Both actions on everything, which a Deny takes back."""
    return [allow(CREATE_BOTH, "*"), deny(condition, **elements)]


REGION, RESOURCE_ACCOUNT = "aws:RequestedRegion", "aws:ResourceAccount"
OURS = [ENDPOINT, CONFIG]
# fail: a request beyond the need is allowed; unknown: none of those tried is, and nobody has proved that none can be
TOO_WIDE: dict[str, tuple[Status, list[Statement]]] = {
    "two Regions": (Status.FAIL, both({"StringEquals": {REGION: ["eu-west-1", "us-west-2"]}}, region="*")),
    "Regions of a pattern": (Status.FAIL, both({"StringLike": {REGION: "eu-*"}}, region="*")),
    "Regions that may be missing": (
        Status.FAIL,
        both({"StringEqualsIfExists": {REGION: ["eu-west-1", "af-south-1"]}}, region="*"),
    ),
    "Regions but one": (Status.FAIL, both({"StringNotEquals": {REGION: "us-east-1"}}, region="*")),
    "a Region by one letter": (Status.FAIL, both(region="eu-west-?")),
    "a Region in the middle": (Status.FAIL, both(region="eu-*-1")),
    "a Region for all values": (
        Status.FAIL,
        both({"ForAllValues:StringEquals": {REGION: ["eu-west-1", "ap-south-2"]}}, region="*"),
    ),
    "two accounts": (Status.FAIL, both({"StringEquals": {RESOURCE_ACCOUNT: [ACCOUNT, OTHER_ACCOUNT]}}, account="*")),
    "accounts of a pattern": (Status.FAIL, both(account="12345678901?")),
    "accounts of a prefix": (Status.FAIL, both(account="1*2")),
    "another partition": (Status.FAIL, both(partition="aws*")),
    "a partition by its letters": (Status.FAIL, both(partition="a?s")),
    "another service of the ARN": (
        Status.FAIL,
        [allow(CREATE_BOTH, [arn.replace("sagemaker:eu", "s*:eu") for arn in OURS])],
    ),
    "a name's beginning": (Status.FAIL, [CREATE, allow("sagemaker:CreateEndpointConfig", f"{CONFIG}*")]),
    "a name's end": (Status.FAIL, [CREATE, allow("sagemaker:CreateEndpointConfig", CONFIG.replace("/churn", "/*rn"))]),
    "a star within a name": (
        Status.FAIL,
        [CREATE, allow("sagemaker:CreateEndpointConfig", CONFIG.replace("churn-v7", "churn*v7"))],
    ),
    "a letter of a name": (Status.FAIL, [CREATE, allow("sagemaker:CreateEndpointConfig", CONFIG.replace("v7", "v?"))]),
    "any kind of that name": (Status.FAIL, [allow(CREATE_BOTH, [ENDPOINT, CONFIG.replace("endpoint-config", "*")])]),
    "everything with a tag": (
        Status.UNKNOWN,
        [allow(CREATE_BOTH, "*", {"StringEquals": {"aws:ResourceTag/team": "ml"}})],
    ),
    "everything over TLS": (Status.FAIL, [allow(CREATE_BOTH, "*", {"Bool": {"aws:SecureTransport": "true"}})]),
    "everything of ours": (Status.FAIL, [allow(CREATE_BOTH, "*", {"StringEquals": {RESOURCE_ACCOUNT: ACCOUNT}})]),
    "an action's beginning": (Status.FAIL, [CREATE, allow("sagemaker:CreateEndpointConfi*", CONFIG)]),
    "an action's letter": (Status.FAIL, [CREATE, allow("sagemaker:CreateEndpointConfi?", CONFIG)]),
    "all actions but some": (
        Status.FAIL,
        [{"Effect": "Allow", "NotAction": ["iam:*", "sagemaker:Delete*"], "Resource": OURS}],
    ),
    "all actions but all known": (
        Status.UNKNOWN,
        [
            {"Effect": "Allow", "NotAction": "x:*", "Resource": OURS},
            deny(NotAction=CREATE_BOTH, Resource="*"),
            deny(Action="sagemaker:CreateEndpointConfig", Resource=ENDPOINT),
        ],
    ),
    "all resources but some": (
        Status.FAIL,
        [CREATE, {"Effect": "Allow", "Action": CREATE_BOTH[1], "NotResource": [ENDPOINT]}],
    ),
    "a Deny in all Regions but two": (
        Status.FAIL,
        everything_but_for({"StringNotEquals": {REGION: "us-west-2"}}, Action="*", NotResource=OURS),
    ),
    "a Deny with a hole in its accounts": (
        Status.FAIL,
        everything_but_for({"StringNotEquals": {RESOURCE_ACCOUNT: OTHER_ACCOUNT}}, Action="*", NotResource=OURS),
    ),
    "a Deny over TLS alone": (
        Status.FAIL,
        everything_but_for({"Bool": {"aws:SecureTransport": "true"}}, Action="*", NotResource=OURS),
    ),
    "a Deny that spares more names": (
        Status.FAIL,
        everything_but_for(Action="*", NotResource=[ENDPOINT, f"{CONFIG}*"]),
    ),
    "a Deny that spares an unrelated name": (
        Status.FAIL,
        everything_but_for(Action="*", NotResource=[*OURS, ENDPOINT.replace("churn", "fraud")]),
    ),
    "a Deny of one action": (Status.FAIL, everything_but_for(Action="sagemaker:CreateEndpoint", NotResource=OURS)),
    "a Deny that names what it takes back": (
        Status.FAIL,
        [
            allow(CREATE_BOTH, [f"{ENDPOINT}*", f"{CONFIG}*"]),
            deny(Action="*", Resource=[f"{ENDPOINT}-*", f"{ENDPOINT}x*", f"{CONFIG}-*"]),
        ],
    ),
    "a Deny for one principal": (
        Status.UNKNOWN,
        everything_but_for({"StringNotEquals": {"aws:PrincipalTag/team": "ml"}}, Action="*", NotResource=OURS),
    ),
    "a name of the caller's": (
        Status.FAIL,
        [CREATE, allow("sagemaker:CreateEndpointConfig", [CONFIG, CONFIG.replace("churn-v7", "${aws:username}")])],
    ),
    "statements that overlap": (
        Status.FAIL,
        [
            *both({"StringEquals": {REGION: "eu-west-1"}}, region="*"),
            *both({"StringEquals": {REGION: "sa-east-1"}}, region="*"),
        ],
    ),
    "statements of which the second is wider": (Status.FAIL, [CREATE, CREATE_CONFIG, *both(region="*")]),
}


def status(*statements: Statement, version: str = "2012-10-17", deployment: Deployment = DEPLOYMENT) -> Status:
    policy = Policy.parse({"Version": version, "Statement": list(statements)}, name="wide", stored=False)
    return proofs.minimal(policy, required(deployment), ALONE).status


@pytest.mark.parametrize("name", TOO_WIDE)
def test_a_policy_that_allows_more_than_the_need_does_not_pass(name: str) -> None:
    expected, statements = TOO_WIDE[name]

    assert status(*statements) is expected


# IAM User Guide, Policy elements: Variables: version 2008-10-17 takes ${aws:username} for the text that it is
def test_a_variable_is_a_text_in_a_policy_of_the_old_version() -> None:
    named = allow("sagemaker:CreateEndpointConfig", [CONFIG, CONFIG.replace("churn-v7", "${aws:username}*")])

    assert status(CREATE, named, version="2008-10-17") is Status.FAIL
    assert status(*both({"StringLike": {REGION: "${*}"}}, region="*"), version="2008-10-17") is not Status.PASS


NARROWED: dict[str, list[Statement]] = {
    "the need": [CREATE, CREATE_CONFIG],
    "AWS's own text": [allow(CREATE_BOTH, OURS)],
    "one Region by a condition": both({"StringEquals": {REGION: "eu-west-1"}}, region="*"),
    "one Region, listed with the account": both(
        {"StringEquals": {REGION: "eu-west-1", RESOURCE_ACCOUNT: ACCOUNT}}, region="*", account="*"
    ),
    "a Region that the ARN rules out": both({"StringEquals": {REGION: ["eu-west-1", "us-west-2"]}}, region="eu-*"),
    "a Deny of everything else": [
        allow("sagemaker:CreateEndpoint", "*"),
        CREATE_CONFIG,
        deny(Action="sagemaker:*", NotResource=OURS),
    ],
    "a Deny of everything but some actions": [
        allow("sagemaker:CreateEndpoint", "*"),
        CREATE_CONFIG,
        deny(NotAction="iam:*", NotResource=OURS),
    ],
    "other conditions besides": both(
        {"Bool": {"aws:SecureTransport": "true"}, "Null": {"aws:RequestedRegion": "false"}}
    ),
    "actions in another case": [
        allow("sagemaker:createendpoint", OURS),
        allow("SageMaker:CreateEndpointConfig", CONFIG),
    ],
}


@pytest.mark.parametrize("name", NARROWED)
def test_a_policy_that_is_narrowed_to_the_need_passes(name: str) -> None:
    assert status(*NARROWED[name]) is Status.PASS


# a family of names: `churn-*` stands for each name that the pipeline will make
FAMILY = Deployment("churn-*", "churn-*", region="eu-west-1", account_id=ACCOUNT, names_are_patterns=True)
ENDPOINTS, CONFIGS = FAMILY.endpoint_arn, FAMILY.endpoint_config_arn


@pytest.mark.parametrize(
    ("endpoints", "configs", "expected"),
    [
        (ENDPOINTS, CONFIGS, Status.PASS),
        (ENDPOINTS.replace("churn-*", "churn*"), CONFIGS, Status.FAIL),
        (ENDPOINTS, CONFIGS.replace("churn-*", "chur?-*"), Status.FAIL),
        (ENDPOINTS, CONFIGS.replace("churn-*", "*"), Status.FAIL),
        (ENDPOINTS.replace("eu-west-1", "*"), CONFIGS, Status.FAIL),
    ],
)
def test_a_family_of_names_is_allowed_and_no_other_name(endpoints: str, configs: str, expected: Status) -> None:
    statements = [
        allow("sagemaker:CreateEndpoint", [endpoints, configs]),
        allow("sagemaker:CreateEndpointConfig", configs),
    ]

    assert status(*statements, deployment=FAMILY) is expected


def test_names_within_a_needed_family_are_not_beyond_it() -> None:
    within = [
        allow("sagemaker:CreateEndpoint", [ENDPOINTS, CONFIGS]),
        allow("sagemaker:CreateEndpointConfig", CONFIGS),
        allow("sagemaker:CreateEndpointConfig", CONFIGS.replace("churn-*", "churn-7*")),
    ]
    policy = Policy.parse({"Version": "2012-10-17", "Statement": within}, name="within")

    result = proofs.minimal(policy, required(FAMILY), ALONE)

    # the statement is not needed, but what it allows is
    assert result.status is Status.FAIL
    assert result.summary == "not needed: Statement[2]"


PINNED = Deployment.from_requests(
    {"EndpointName": "churn", "EndpointConfigName": "churn-v7", "Tags": [{"Key": "team", "Value": "ml"}]},
    {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [
            {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
        "KmsKeyId": "alias/volumes",
        "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/sagemaker",
    },
    region="eu-west-1",
    account_id=ACCOUNT,
)
MODEL = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/m"


def status_with(sid: str, condition: Statement, *, pin: bool) -> Status:
    """Of the packaged policy for `PINNED`, with other conditions in one statement."""
    document: Any = render_policy(PINNED, pin=pin).document
    (statement,) = (one for one in document["Statement"] if one["Sid"] == sid)
    statement["Condition"] = condition
    return proofs.minimal(Policy.parse(document, name="loose"), required(PINNED), ALONE, pin=pin).status


TYPES = {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large"]}}
PRESENT = {"Null": {"sagemaker:InstanceTypes": "false"}}
ONE_MODEL = {"StringEquals": {"sagemaker:ModelArn": MODEL}}
TYPES_OF_A_FAMILY = {"ForAllValues:StringLike": {"sagemaker:InstanceTypes": ["ml.m5.*"]}}


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (TYPES | PRESENT | ONE_MODEL, Status.PASS),
        (TYPES_OF_A_FAMILY | PRESENT | ONE_MODEL, Status.FAIL),
        (TYPES | ONE_MODEL, Status.FAIL),
        ({"ForAnyValue:StringEquals": TYPES["ForAllValues:StringEquals"]} | ONE_MODEL, Status.FAIL),
        (TYPES | PRESENT | {"StringLike": {"sagemaker:ModelArn": f"{MODEL}*"}}, Status.FAIL),
        (TYPES | PRESENT | {"ArnLike": {"sagemaker:ModelArn": MODEL.replace("eu-west-1", "*")}}, Status.FAIL),
        (TYPES | PRESENT | {"StringEqualsIfExists": {"sagemaker:ModelArn": MODEL}}, Status.FAIL),
        (TYPES | PRESENT | {"StringEqualsIgnoreCase": {"sagemaker:ModelArn": MODEL}}, Status.FAIL),
        (TYPES | PRESENT | {"StringEquals": {"sagemaker:ModelArn": [MODEL, f"{MODEL}-2"]}}, Status.FAIL),
        (
            {"ForAllValues:StringEquals": {"sagemaker:InstanceTypes": ["ml.m5.large", "ml.p5.48xlarge"]}}
            | PRESENT
            | ONE_MODEL,
            Status.FAIL,
        ),
        # nothing of what was tried gets through, and a pattern stands for more than was tried
        (
            TYPES
            | PRESENT
            | {"StringLike": {"sagemaker:ModelArn": f"{MODEL}*"}}
            | {"StringNotLike": {"sagemaker:ModelArn": [f"{MODEL}x*", f"{MODEL}y*"]}},
            Status.UNKNOWN,
        ),
    ],
)
def test_other_values_than_those_of_the_requests_get_through_a_loose_pin(
    condition: Statement, expected: Status
) -> None:
    assert status_with("CreateEndpointConfig", condition, pin=True) is expected


THROUGH = {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com"}
FOR_AWS = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
ALIAS = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/volumes"}}


@pytest.mark.parametrize(
    ("sid", "condition", "expected"),
    [
        ("PassExecutionRole", {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}, Status.PASS),
        ("PassExecutionRole", {"StringLike": {"iam:PassedToService": "*.amazonaws.com"}}, Status.FAIL),
        (
            "PassExecutionRole",
            {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}},
            Status.FAIL,
        ),
        (
            "PassExecutionRole",
            {"StringEqualsIfExists": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
            Status.FAIL,
        ),
        ("PassExecutionRole", {"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}, Status.FAIL),
        ("PassExecutionRole", {"StringLike": {"iam:PassedToService": "sagemaker.amazonaws.co?"}}, Status.FAIL),
        ("TagEndpoint", {"Null": {"sagemaker:TaggingAction": "false"}}, Status.FAIL),
        ("TagEndpoint", {"StringLike": {"sagemaker:TaggingAction": "CreateEndpoint*"}}, Status.FAIL),
        ("GrantVolumeKey", {**FOR_AWS, **ALIAS, "StringEquals": THROUGH}, Status.PASS),
        ("GrantVolumeKey", {**FOR_AWS, "StringEquals": THROUGH}, Status.FAIL),
        ("GrantVolumeKey", {**ALIAS, "StringEquals": THROUGH}, Status.FAIL),
        ("GrantVolumeKey", {**FOR_AWS, **ALIAS}, Status.FAIL),
        ("GrantVolumeKey", {**FOR_AWS, **ALIAS, "StringLike": {"kms:ViaService": "sagemaker.*"}}, Status.FAIL),
        (
            "GrantVolumeKey",
            {**FOR_AWS, "ForAllValues:StringEquals": ALIAS["ForAnyValue:StringEquals"], "StringEquals": THROUGH},
            Status.FAIL,
        ),
    ],
)
def test_a_call_for_another_purpose_is_beyond_the_need(sid: str, condition: Statement, expected: Status) -> None:
    assert status_with(sid, condition, pin=False) is expected


def test_a_range_of_a_pinned_number_lets_a_neighbour_through() -> None:
    serverless = {"MemorySizeInMB": 2048, "MaxConcurrency": 5}
    deployment = Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {
            "EndpointConfigName": "churn-v7",
            "ProductionVariants": [{"VariantName": "a", "ModelName": "m", "ServerlessConfig": serverless}],
        },
        region="eu-west-1",
        account_id=ACCOUNT,
    )
    document: Any = render_policy(deployment, pin=True).document
    (pinned,) = (one for one in document["Statement"] if "Condition" in one)
    most = pinned["Condition"]["NumericEquals"].pop("sagemaker:ServerlessMaxConcurrency")
    # between them is a number that the policy does not mention
    pinned["Condition"]["NumericGreaterThan"] = {"sagemaker:ServerlessMaxConcurrency": str(int(most) - 2)}
    pinned["Condition"]["NumericLessThanEquals"] = {"sagemaker:ServerlessMaxConcurrency": most}
    policy = Policy.parse(document, name="range")
    assert proofs.minimal(policy, required(deployment), ALONE, pin=True).status is Status.FAIL
