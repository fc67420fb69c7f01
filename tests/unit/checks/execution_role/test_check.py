"""`execution-role.trusted` and `execution-role.allowed` without a network: the layers that are given count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.deployment import Deployment
from tests.unit.aws.account.test_details import DETAILS

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/serving"
TRUSTED, ALLOWED = "execution-role.trusted", "execution-role.allowed"
ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def denied(action: str, **more: str) -> list[dict[str, Any]]:
    """A level that denies an action and nothing else."""
    return [document({**ALL, **more}), document({"Effect": "Deny", "Action": action, "Resource": "*", **more})]


@pytest.mark.parametrize(
    ("given", "trusted", "allowed"),
    [
        ({}, "pass", "pass"),
        ({"rcps": [denied("sts:AssumeRole", Principal="*")]}, "fail", "pass"),
        ({"rcps": [denied("s3:GetObject", Principal="*")]}, "pass", "fail"),
        ({"scps": [denied("logs:CreateLogGroup")]}, "pass", "fail"),
    ],
)
def test_what_the_organization_denies_the_role_is_denied(
    tmp_path: Path, given: dict[str, Any], trusted: str, allowed: str
) -> None:
    role = {
        **DETAILS["RoleDetailList"][0],
        **{"RoleName": "serving", "Arn": ROLE, "AssumeRolePolicyDocument": document(TRUST)},
        "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": document(ALL)}],
    }
    path = tmp_path / "details.json"
    path.write_text(json.dumps({**DETAILS, "RoleDetailList": [role]}), encoding="utf-8")
    image = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:v7"
    model = {"ModelName": "m", "ExecutionRoleArn": ROLE}
    model["PrimaryContainer"] = {"Image": image, "ModelDataUrl": "s3://models/churn.tar.gz"}  # type: ignore[assignment]  # a request
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    deployment = Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant]},
        create_models=[model],
        region="eu-west-1",
        account_id=ACCOUNT,
    )
    report = iamcheck.check(
        deployment,
        offline=True,
        principal=DETAILS["UserDetailList"][1]["Arn"],
        authorization_details=str(path),
        checks=[TRUSTED, ALLOWED],
        **given,
    )
    statuses = {check.id: check.status.value for check in report.checks}
    assert (statuses[TRUSTED], statuses[ALLOWED]) == (trusted, allowed)
