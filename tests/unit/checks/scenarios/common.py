"""Words that the scenarios of several groups share."""

from __future__ import annotations

from typing import Any, Final

import iamcheck
from tests.documents import allow, deny, document
from tests.whole_results import Here, error_text, report_text

ACCOUNT: Final = "123456789012"
OTHER_ACCOUNT: Final = "999999999999"
REGION: Final = "eu-west-1"
PLACE: Final[dict[str, Any]] = {"region": REGION, "account_id": ACCOUNT}
CONFIG: Final = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/churn-v7"
ENDPOINT: Final = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/churn"
KEY: Final = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
IAM: Final = f"arn:aws:iam::{ACCOUNT}"
ROLE: Final = f"{IAM}:role/ci"
SERVING: Final = f"{IAM}:role/serving"
IMAGE: Final = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/churn:7"
VARIANT: Final[dict[str, Any]] = {
    "VariantName": "all",
    "ModelName": "churn",
    "InstanceType": "ml.m5.large",
    "InitialInstanceCount": 1,
}
ALL: Final = document(allow())
DELEGATES: Final = document(
    {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "kms:*", "Resource": "*"}
)
PLAIN: Final = iamcheck.Deployment("churn", "churn-v7", **PLACE)
OFFICE: Final = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
TEAM: Final = {"StringEquals": {"aws:PrincipalTag/Team": "ml"}}
CAPITALS: Final = iamcheck.Deployment("Churn", "churn-v7", **PLACE)
EXCEPT_PRINCIPAL: Final = ("policy.sufficient", "policy.minimal", "sts.active", "request.valid", "deployment.covered")


def requests(*, key: bool = False, role: str | None = None, tags: bool = False, **more: Any) -> iamcheck.Deployment:  # noqa: ANN401  keywords of from_requests
    """A deployment whose requests are known."""
    tag = {"Tags": [{"Key": "team", "Value": "ml"}]} if tags else {}
    of_key = {"KmsKeyId": KEY} if key else {}
    of_role: dict[str, Any] = (
        {}
        if role is None
        else {
            "create_models": [
                {"ModelName": "churn", "ExecutionRoleArn": role, "PrimaryContainer": {"Image": IMAGE}},
            ]
        }
    )
    return iamcheck.Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], **of_key, **tag},
        **of_role,
        **PLACE,
        **more,
    )


def checked(
    deployment: Any = PLAIN,  # noqa: ANN401  a deployment of any state
    *,
    only: tuple[str, ...] = (),
    brief: tuple[str, ...] = (),
    show: tuple[str, ...] = (),
    **words: Any,  # noqa: ANN401  any keyword of check
) -> str:
    """The report about a deployment, or the error."""
    try:
        report = iamcheck.check_all([deployment], **words).reports[0]
    except iamcheck.IamcheckError as error:
        return error_text(error)
    return report_text(report, only=only, brief=brief, show=show)


def whole(world: dict[str, Any]) -> Any:  # noqa: ANN401  a scenario
    """A scenario that is one offline check of a world."""
    return lambda _: checked(**{"offline": True, **world})


__all__ = [
    "ACCOUNT",
    "ALL",
    "CAPITALS",
    "CONFIG",
    "DELEGATES",
    "ENDPOINT",
    "EXCEPT_PRINCIPAL",
    "IAM",
    "IMAGE",
    "KEY",
    "OFFICE",
    "OTHER_ACCOUNT",
    "PLACE",
    "PLAIN",
    "REGION",
    "ROLE",
    "SERVING",
    "TEAM",
    "VARIANT",
    "Here",
    "allow",
    "checked",
    "deny",
    "document",
    "requests",
    "whole",
]
