"""What the requests of a deployment need beside the creates, in what context; and what the policies grant for it."""

from __future__ import annotations

from typing import Any

import pytest

from iamcheck.api import check
from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy, PolicySet, Request
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import Status
from iamcheck.simulators.aws_request import context_entries
from iamcheck.simulators.local import LocalSimulator
from tests.unit.permissions.states import ABSENT, UNKNOWN, state

HERE: dict[str, Any] = {"region": "eu-west-1", "account_id": "123456789012"}
ROLE = "arn:aws:iam::123456789012:role/service/sagemaker"
KEYS = "arn:aws:kms:eu-west-1:123456789012:key"
THEIRS = "arn:aws:kms:eu-west-1:210987654321"
TAGS = [{"Key": "team", "Value": "ml"}]
ALONE = LocalSimulator(Semantics.ALONE)
SCOPES = ("create", "deploy", "lifecycle", "update")


def made(endpoint: dict[str, Any] | None = None, config: dict[str, Any] | None = None) -> Deployment:
    """A deployment of requests with these members beside the names and a variant."""
    variants = [{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]
    return Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7", **(endpoint or {})},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": variants, **(config or {})},
        **HERE,
    )


PLAIN = made()
# the requests, the permission, the ARN, the Sid and the conditions; sources: the permissions' own
FEATURES: dict[str, tuple[Deployment, str, str, str, dict[str, Any]]] = {
    "endpoint-tags": (
        made({"Tags": TAGS}),
        "sagemaker:AddTags",
        PLAIN.endpoint_arn,
        "TagEndpoint",
        {"StringEquals": {"sagemaker:TaggingAction": "CreateEndpoint"}},
    ),
    "config-tags": (
        made(None, {"Tags": TAGS}),
        "sagemaker:AddTags",
        PLAIN.endpoint_config_arn,
        "TagEndpointConfig",
        {"StringEquals": {"sagemaker:TaggingAction": "CreateEndpointConfig"}},
    ),
    "role": (
        made(None, {"ExecutionRoleArn": ROLE}),
        "iam:PassRole",
        ROLE,
        "PassExecutionRole",
        {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    ),
    **{
        name: (
            made(None, {"KmsKeyId": key}),
            "kms:CreateGrant",
            arn,
            "GrantVolumeKey",
            {
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                **({"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}} if alias else {}),
                "StringEquals": {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com"},
            },
        )
        for name, key, arn, alias in (
            ("key-id", "1234abcd-12ab", f"{KEYS}/1234abcd-12ab", ""),
            ("key-arn", f"{THEIRS}:key/mrk-77", f"{THEIRS}:key/mrk-77", ""),
            ("alias", "alias/volumes", f"{KEYS}/*", "alias/volumes"),
            ("alias-arn", f"{THEIRS}:alias/team/volumes", f"{THEIRS}:key/*", "alias/team/volumes"),
        )
    },
}


def applies(feature: str, scope: str) -> bool:
    # UpdateEndpoint takes no tags
    return (feature, scope) != ("endpoint-tags", "update")


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_needs_one_permission_more_and_the_policy_one_statement_more(feature: str, scope: str) -> None:
    deployment, action, arn, sid, conditions = FEATURES[feature]
    pairs = {(one.request.action, one.request.resource) for one in required(deployment, scope)}
    plain = {(one.request.action, one.request.resource) for one in required(PLAIN, scope)}
    statements: Any = render_policy(deployment, scope).document["Statement"]
    before: Any = render_policy(PLAIN, scope).document["Statement"]

    more = {(action, arn)} if applies(feature, scope) else set()
    assert pairs - plain == more
    assert plain <= pairs
    assert [one for one in statements if one not in before] == [
        {"Sid": sid, "Effect": "Allow", "Action": [name], "Resource": [on], "Condition": conditions}
        for name, on in more
    ]
    assert all(one in statements for one in before)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("feature", FEATURES)
def test_the_policy_is_proved_and_either_side_alone_is_not(feature: str, scope: str) -> None:
    deployment, action, arn, sid, _ = FEATURES[feature]
    policy, needed = render_policy(deployment, scope).policy, required(deployment, scope)

    assert proofs.sufficient(policy, needed, ALONE).status is Status.PASS
    assert proofs.minimal(policy, needed, ALONE).status is Status.PASS
    if applies(feature, scope):
        # without the statement of the template
        lacking = proofs.sufficient(render_policy(PLAIN, scope).policy, needed, ALONE)
        assert lacking.status is Status.FAIL
        assert f"{action} on {arn}" in lacking.summary
        # without the row of the table
        more = proofs.minimal(policy, required(PLAIN, scope), ALONE)
        assert more.status is Status.FAIL
        assert f"statement {sid}" in more.summary


def test_all_features_together_are_proved_in_both_spellings() -> None:
    members = {
        "Tags": TAGS,
        "KmsKeyId": "alias/volumes",
        "ExecutionRoleArn": ROLE,
        "ProductionVariants": [
            {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        ],
    }
    endpoint = {"EndpointName": "Churn", "EndpointConfigName": "Churn-V7", "Tags": TAGS}
    for region, partition in (("eu-west-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")):
        role = ROLE.replace("arn:aws:", f"arn:{partition}:")
        config = {"EndpointConfigName": "Churn-V7", **members, "ExecutionRoleArn": role}
        deployment = Deployment.from_requests(endpoint, config, region=region, account_id="123456789012")
        assert check(deployment, offline=True).verdict == "pass"


@pytest.mark.parametrize("feature", FEATURES)
def test_a_policy_without_the_conditions_is_not_minimal(feature: str) -> None:
    deployment, action, *_ = FEATURES[feature]
    document: Any = render_policy(deployment).document
    for dropped in document["Statement"][-1]["Condition"]:
        last = {**document["Statement"][-1]}
        last["Condition"] = {name: keys for name, keys in last["Condition"].items() if name != dropped}
        policy = Policy.parse({**document, "Statement": [*document["Statement"][:-1], last]}, name="loose")
        result = proofs.minimal(policy, required(deployment), ALONE)
        assert result.status is Status.FAIL
        assert f"allowed besides: {action}" in result.summary


def test_the_documented_policy_lacks_what_the_requests_need_and_says_so() -> None:
    report = check(FEATURES["endpoint-tags"][0], scope="docs", offline=True)

    (sufficient,) = (one for one in report.checks if one.id == "policy.sufficient")
    assert sufficient.status is Status.FAIL
    assert "sagemaker:AddTags" in sufficient.summary


@pytest.mark.parametrize("feature", FEATURES)
def test_every_permission_has_its_reason_and_aws_page(feature: str) -> None:
    for permission in required(FEATURES[feature][0]):
        assert permission.reason
        assert permission.source.startswith("https://docs.aws.amazon.com/")


CREATE, CONFIG, TAG, GRANT, PASS = (
    "sagemaker:CreateEndpoint",
    "sagemaker:CreateEndpointConfig",
    "sagemaker:AddTags",
    "kms:CreateGrant",
    "iam:PassRole",
)


def asked(deployment: Deployment, action: str, on: str = "") -> Request:
    return next(
        one.request
        for one in required(deployment, "lifecycle")
        if one.request.action == action and on in one.request.resource
    )


def variants(*members: dict[str, Any], shadow: tuple[dict[str, Any], ...] = ()) -> Deployment:
    return made(None, {"ProductionVariants": list(members), "ShadowProductionVariants": list(shadow)})


TAGGED = made({"Tags": TAGS}, {"Tags": [{"Key": "team", "Value": "risk"}], "ExecutionRoleArn": ROLE})
BARE = Deployment("churn", "churn-v7", **HERE)
NO_CONFIG = Deployment.from_requests({"EndpointName": "churn", "EndpointConfigName": "churn-v7"}, **HERE)
SERVERLESS = {"ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 20}}
KEYED = made(None, {"KmsKeyId": "alias/volumes"})
ALIKE = [{"Key": "team", "Value": "ml"}, {"Key": "Team", "Value": "risk"}]


# IAM User Guide, "AWS global condition context keys", and the Service Authorization Reference
@pytest.mark.parametrize(
    ("deployment", "action", "on", "key", "expected"),
    [
        # tags: of that request alone, and of what is created with them
        (TAGGED, CREATE, ":endpoint/", "aws:RequestTag/team", "ml"),
        (TAGGED, CREATE, ":endpoint-config/", "aws:RequestTag/TEAM", "ml"),
        (TAGGED, CREATE, ":endpoint/", "aws:TagKeys", ["team"]),
        (TAGGED, CREATE, ":endpoint/", "aws:RequestTag/cost", ABSENT),
        (TAGGED, CREATE, ":endpoint/", "aws:ResourceTag/team", "ml"),
        (TAGGED, CREATE, ":endpoint-config/", "aws:ResourceTag/team", "risk"),
        (TAGGED, CREATE, ":endpoint-config/", "sagemaker:ResourceTag/cost", ABSENT),
        (TAGGED, CONFIG, "", "aws:RequestTag/team", "risk"),
        (TAGGED, CONFIG, "", "sagemaker:ResourceTag/team", "risk"),
        (TAGGED, TAG, ":endpoint/", "aws:RequestTag/team", "ml"),
        (TAGGED, TAG, ":endpoint-config/", "aws:RequestTag/team", "risk"),
        (TAGGED, TAG, ":endpoint-config/", "aws:ResourceTag/team", "risk"),
        (TAGGED, TAG, ":endpoint-config/", "sagemaker:InstanceTypes", ABSENT),
        (TAGGED, "sagemaker:DeleteEndpoint", "", "aws:ResourceTag/team", UNKNOWN),
        (TAGGED, "sagemaker:DescribeEndpointConfig", "", "aws:ResourceTag/team", "risk"),
        (TAGGED, "sagemaker:DescribeEndpointConfig", "", "aws:RequestTag/team", ABSENT),
        (PLAIN, CREATE, ":endpoint/", "aws:TagKeys", ABSENT),
        (PLAIN, CREATE, ":endpoint/", "aws:RequestTag/team", ABSENT),
        (PLAIN, CREATE, ":endpoint-config/", "aws:ResourceTag/team", ABSENT),
        (NO_CONFIG, CREATE, ":endpoint-config/", "aws:ResourceTag/team", UNKNOWN),
        (NO_CONFIG, CONFIG, "", "aws:RequestTag/team", UNKNOWN),
        (NO_CONFIG, CONFIG, "", "sagemaker:InstanceTypes", UNKNOWN),
        (BARE, CREATE, ":endpoint/", "aws:RequestTag/team", UNKNOWN),
        (BARE, CREATE, ":endpoint/", "aws:TagKeys", UNKNOWN),
        (BARE, CONFIG, "", "sagemaker:InstanceTypes", UNKNOWN),
        # keys of tags that differ in case alone are one key of the context
        (made({"Tags": ALIKE}), CREATE, ":endpoint/", "aws:RequestTag/team", UNKNOWN),
        (made({"Tags": ALIKE}), CREATE, ":endpoint/", "aws:TagKeys", ["team", "Team"]),
        # the config's own keys
        (PLAIN, CONFIG, "", "sagemaker:InstanceTypes", ["ml.m5.large"]),
        (PLAIN, CREATE, ":endpoint/", "sagemaker:InstanceTypes", ABSENT),
        (
            variants({"InstanceType": "ml.m5.large"}, shadow=({"InstanceType": "ml.g5.xlarge"},)),
            CONFIG,
            "",
            "sagemaker:InstanceTypes",
            ["ml.m5.large", "ml.g5.xlarge"],
        ),
        (variants(SERVERLESS), CONFIG, "", "sagemaker:InstanceTypes", ABSENT),
        (variants({"VariantName": "a"}), CONFIG, "", "sagemaker:InstanceTypes", UNKNOWN),
        (
            variants({"InstancePools": [{"InstanceType": "ml.g5.xlarge", "Priority": 1}]}),
            CONFIG,
            "",
            "sagemaker:InstanceTypes",
            UNKNOWN,
        ),
        (PLAIN, CONFIG, "", "sagemaker:AcceleratorTypes", ABSENT),
        (
            variants({"InstanceType": "ml.m5.large", "AcceleratorType": "ml.eia2.medium"}),
            CONFIG,
            "",
            "sagemaker:AcceleratorTypes",
            ["ml.eia2.medium"],
        ),
        (PLAIN, CONFIG, "", "sagemaker:ModelArn", "arn:aws:sagemaker:eu-west-1:123456789012:model/m"),
        (variants({"ModelName": "M"}), CONFIG, "", "sagemaker:ModelArn", UNKNOWN),
        (variants({"ModelName": "m"}, {"ModelName": "n"}), CONFIG, "", "sagemaker:ModelArn", UNKNOWN),
        (variants({"InstanceType": "ml.m5.large"}), CONFIG, "", "sagemaker:ModelArn", ABSENT),
        (variants(SERVERLESS), CONFIG, "", "sagemaker:ServerlessMaxConcurrency", "20"),
        (variants(SERVERLESS), CONFIG, "", "sagemaker:ServerlessMemorySize", "2048"),
        (variants(SERVERLESS, {}), CONFIG, "", "sagemaker:ServerlessMemorySize", UNKNOWN),
        (PLAIN, CONFIG, "", "sagemaker:ServerlessMemorySize", ABSENT),
        (PLAIN, CONFIG, "", "sagemaker:VpcSubnets", ABSENT),
        (
            made(None, {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1", "sg-2"]}}),
            CONFIG,
            "",
            "sagemaker:VpcSecurityGroupIds",
            ["sg-1", "sg-2"],
        ),
        (PLAIN, CONFIG, "", "sagemaker:NetworkIsolation", ABSENT),
        (made(None, {"EnableNetworkIsolation": False}), CONFIG, "", "sagemaker:NetworkIsolation", "false"),
        (PLAIN, CONFIG, "", "sagemaker:VolumeKmsKeyArn", ABSENT),
        (PLAIN, CONFIG, "", "sagemaker:VolumeKmsKey", ABSENT),
        (made(None, {"KmsKeyId": f"{KEYS}/7"}), CONFIG, "", "sagemaker:VolumeKmsKeyArn", f"{KEYS}/7"),
        (KEYED, CONFIG, "", "sagemaker:VolumeKmsKeyArn", UNKNOWN),
        # the other services' calls
        (TAGGED, PASS, "", "iam:PassedToService", "sagemaker.amazonaws.com"),
        (TAGGED, PASS, "", "aws:RequestedRegion", UNKNOWN),
        (TAGGED, PASS, "", "aws:ViaAWSService", "false"),
        (TAGGED, PASS, "", "sagemaker:InstanceTypes", ABSENT),
        (KEYED, GRANT, "", "aws:RequestedRegion", "eu-west-1"),
        (KEYED, GRANT, "", "kms:ViaService", "sagemaker.eu-west-1.amazonaws.com"),
        (KEYED, GRANT, "", "kms:GrantIsForAWSResource", "true"),
        (KEYED, GRANT, "", "kms:CallerAccount", "123456789012"),
        (KEYED, GRANT, "", "kms:ResourceAliases", ["alias/volumes"]),
        (made(None, {"KmsKeyId": "7"}), GRANT, "", "kms:ResourceAliases", UNKNOWN),
        (KEYED, GRANT, "", "aws:ViaAWSService", "true"),
        (KEYED, GRANT, "", "aws:CalledVia", UNKNOWN),
        (KEYED, GRANT, "", "aws:SourceArn", ABSENT),
        (KEYED, GRANT, "", "aws:RequestTag/team", ABSENT),
        (made(None, {"KmsKeyId": f"{THEIRS}:key/7"}), GRANT, "", "aws:ResourceAccount", "210987654321"),
    ],
)
def test_each_key_is_known_absent_or_unknown(
    deployment: Deployment, action: str, on: str, key: str, expected: object
) -> None:
    assert state(asked(deployment, action, on), key) == expected


def test_values_go_to_aws_in_the_types_of_the_reference() -> None:
    vpc = {"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
    members = {"VpcConfig": vpc, "EnableNetworkIsolation": True, "KmsKeyId": f"{KEYS}/7", "Tags": TAGS}
    for deployment in (made({"Tags": TAGS}, members), variants(SERVERLESS), KEYED):
        for permission in required(deployment):
            for name, kind, values in context_entries(permission.request):
                declared = catalogue.condition_key_type(name)
                assert declared is not None
                assert kind == declared.value
                assert values


def test_the_key_policy_has_the_last_word_on_a_grant() -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    key_policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    deployment = FEATURES["key-id"][0]
    given: dict[str, Any] = {
        "offline": True,
        "policies": [document],
        "principal": "arn:aws:iam::123456789012:role/ci",
    }

    unread = check(deployment, **given)
    read = check(deployment, **given, resource_policies={FEATURES["key-id"][2]: key_policy})

    allowed = {one.id: one for one in unread.checks}["principal.allowed"]
    assert allowed.status is Status.UNKNOWN
    assert "resource policy" in allowed.summary
    assert read.verdict == "pass"


def test_no_other_layer_is_open_where_a_policy_is_judged_alone() -> None:
    deployment = FEATURES["key-id"][0]
    policies = PolicySet(identity=[render_policy(deployment).policy])
    request = asked(deployment, GRANT)

    assert ALONE.simulate([request], policies)[0].allowed is True
    assert LocalSimulator().simulate([request], policies)[0].allowed is None
