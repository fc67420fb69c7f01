"""The worlds that faults are put into: what there is, how it is asked about, and what is true of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.cli import CONFIG_ARN, ENDPOINT_ARN, allow, policy
from tests.cli.test_check_roles import MODEL, NEEDED, ROLE, trust
from tests.server import variant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Done
    from tests.server import Credentials, LoopbackAws

__all__ = [
    "BY_AWS",
    "CHECK",
    "GIVEN",
    "ONLINE",
    "OPERATIONS",
    "OPERATIONS_OF_GIVEN",
    "OPERATIONS_WITH_PAGES",
    "WORLDS",
    "World",
    "is_out_of_time",
    "written",
]

CHECK = (
    *("check", "--request", "endpoint.json", "--config", "existing", "--endpoint", "existing"),
    *("--check", "endpoint-config.unused", "--check", "models.exist", "--check", "quota.instances"),
    *("--check", "alarms.exist", "--check", "endpoint-config.ready", "--check", "endpoint-name.ready"),
    *("--check", "execution-role.trusted", "--check", "execution-role.allowed", "--execution-role", ROLE),
    *("--skip", "request.valid"),
)
"""Every check that asks AWS, by name where it would be left out if the caller may not read."""
BY_AWS = ("--engine", "aws")
"""Then AWS's simulator alone judges the principal, by the policies that it has."""
GIVEN = ("--scp", "FullAWSAccess", "--rcp", "RCPFullAWSAccess")
"""What nobody can read, said: then the local engine judges what it reads of IAM, beside AWS's."""
ONLINE = (
    *("principal.allowed", "sts.active", "endpoint-config.ready", "endpoint-name.ready", "endpoint-config.unused"),
    *("models.exist", "quota.instances", "alarms.exist", "execution-role.trusted", "execution-role.allowed"),
)
"""The checks that ask AWS, in the order of the tables."""
OPERATIONS: Mapping[str, frozenset[str]] = {
    "sts:GetCallerIdentity": frozenset(ONLINE),
    "sts:GetSessionToken": frozenset({"sts.active"}),
    "iam:GetContextKeysForPrincipalPolicy": frozenset({"principal.allowed"}),
    "iam:SimulatePrincipalPolicy": frozenset({"principal.allowed"}),
    "sagemaker:DescribeEndpointConfig": frozenset(
        {
            *("endpoint-config.ready", "models.exist", "quota.instances", "endpoint-config.unused"),
            "execution-role.allowed",
        }
    ),
    # the endpoint config's tags are in the context of CreateEndpoint, and no policy of these worlds looks at them
    "sagemaker:ListTags": frozenset(),
    "sagemaker:DescribeEndpoint": frozenset({"endpoint-name.ready", "endpoint-config.unused", "quota.instances"}),
    "sagemaker:ListEndpoints": frozenset({"endpoint-config.unused", "quota.instances"}),
    "sagemaker:DescribeModel": frozenset({"models.exist", "execution-role.allowed"}),
    "iam:GetUser": frozenset({"principal.allowed"}),
    "iam:GetUserPolicy": frozenset({"principal.allowed"}),
    "iam:ListUserPolicies": frozenset({"principal.allowed"}),
    "iam:ListAttachedUserPolicies": frozenset({"principal.allowed"}),
    "iam:ListGroupsForUser": frozenset({"principal.allowed"}),
    "iam:GetRole": frozenset({"execution-role.trusted", "execution-role.allowed"}),
    "iam:ListRolePolicies": frozenset({"execution-role.allowed"}),
    "iam:GetRolePolicy": frozenset({"execution-role.allowed"}),
    "iam:ListAttachedRolePolicies": frozenset({"execution-role.allowed"}),
    "servicequotas:ListServiceQuotas": frozenset({"quota.instances"}),
    "cloudwatch:DescribeAlarms": frozenset({"alarms.exist"}),
}
"""What is asked in the world `present`, and which checks stand on it; nothing else may be disturbed by its trouble."""
OPERATIONS_OF_GIVEN = frozenset(
    one for one in OPERATIONS if one.startswith("iam:") and not one.endswith("PrincipalPolicy")
)
"""Those that are asked only with `GIVEN`, or decide something only there."""
OPERATIONS_WITH_PAGES = frozenset(
    one for one in OPERATIONS if one.partition(":")[2].startswith(("List", "GetContextKeys", "Simulate"))
)
"""Those whose answers have pages, or a mark of more."""

DEPLOYER = policy(
    allow(
        "sagemaker:CreateEndpoint*",
        [ENDPOINT_ARN, CONFIG_ARN],
        Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    )
)
_STATEMENTS: Any = NEEDED["Statement"]
SERVING = policy(*_STATEMENTS, allow("cloudwatch:DescribeAlarms"))
REQUEST = {
    "EndpointName": "churn",
    "EndpointConfigName": "churn-v7",
    "DeploymentConfig": {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    },
}


@dataclass(frozen=True)
class World:
    """What there is, and what is true of it with `GIVEN`, check by check in the order of `ONLINE`."""

    make: Callable[[LoopbackAws], Credentials]
    truth: Mapping[str, str]


def _truth(*statuses: str) -> Mapping[str, str]:
    return dict(zip(ONLINE, statuses, strict=True))


def _present(aws: LoopbackAws) -> Credentials:
    aws.create_role("serving", policy=SERVING, trust=trust())
    client: Any = aws.client("sagemaker")
    client.create_model(**MODEL)
    aws.sagemaker.create_endpoint("churn", "churn-v6")
    aws.sagemaker.create_endpoint_config("churn-v7")
    aws.quotas.applied["ml.m5.large for endpoint usage"] = 4
    aws.create_alarm("errors")
    return aws.create_user("deployer", policy=DEPLOYER)


def _absent(aws: LoopbackAws) -> Credentials:
    aws.sts.deactivate("eu-west-1")
    return aws.create_user("deployer")


def _wanting(aws: LoopbackAws) -> Credentials:
    elsewhere = trust(StringEquals={"aws:SourceAccount": "999999999999"})
    aws.create_role("serving", policy=policy(allow("s3:*")), trust=elsewhere)
    missing = {**variant("all"), "ModelName": "gone"}
    aws.sagemaker.create_endpoint("churn", "churn-v7", missing, endpoint_status="Updating")
    aws.quotas.applied["ml.m5.large for endpoint usage"] = 1
    aws.sts.deactivate("eu-west-1")
    return aws.create_user("deployer", policy=policy(allow("sagemaker:CreateEndpoint", ENDPOINT_ARN)))


_NO, _YES, _OPEN = "fail", "pass", "unknown"
WORLDS: Mapping[str, World] = {
    "present": World(_present, _truth(_YES, _YES, _YES, _YES, _YES, _YES, _YES, _YES, _YES, _YES)),
    "absent": World(_absent, _truth(_NO, _NO, _NO, _NO, _YES, _OPEN, _OPEN, _NO, _NO, _NO)),
    "wanting": World(_wanting, _truth(_NO, _NO, _YES, _NO, _NO, _NO, _NO, _NO, _NO, _NO)),
}
"""In `absent` nothing is there, so that nothing uses the endpoint config, and its variants are not known."""


def is_out_of_time(done: Done) -> bool:
    """Whether the time limit of a whole run ended it before it could report, as on a busy machine."""
    return (done.status, done.out) == (3, "") and done.err.startswith("iamcheck: no end after ")


def written(folder: Path) -> None:
    """Write the request that `CHECK` reads."""
    (folder / "endpoint.json").write_text(json.dumps(REQUEST))
