"""`execution-role.trusted` and `execution-role.allowed` without a network: the layers that are given count."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

import pytest

import iamcheck
from iamcheck.deployment import Deployment
from tests.unit.aws.account.test_details import DETAILS

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server import LoopbackAws

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


def role(name: str, statement: dict[str, Any]) -> dict[str, Any]:
    """A role as authorization details have it, which SageMaker may become."""
    return {
        **DETAILS["RoleDetailList"][0],
        **{"RoleName": name, "Arn": f"arn:aws:iam::{ACCOUNT}:role/team/{name}"},
        "AssumeRolePolicyDocument": document(TRUST),
        "RolePolicyList": [{"PolicyName": "all", "PolicyDocument": document(statement)}],
    }


def report(folder: Path, roles: dict[str, str], **given: Any) -> iamcheck.Report:  # noqa: ANN401  keywords of check
    """The report about models with these roles, of which `serving` may do everything and `narrow` nothing of use."""
    path = folder / "details.json"
    known = [role("serving", ALL), role("narrow", {**ALL, "Action": "sns:Publish"})]
    path.write_text(json.dumps({**DETAILS, "RoleDetailList": known}), encoding="utf-8")
    image = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:v7"
    models = [
        {
            "ModelName": model,
            "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/team/{name}",
            "PrimaryContainer": {"Image": image, "ModelDataUrl": "s3://models/churn.tar.gz"},
        }
        for model, name in roles.items()
    ]
    variants = [
        {"VariantName": model, "ModelName": model, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
        for model in roles
    ]
    deployment = Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": variants},
        create_models=models,
        region="eu-west-1",
        account_id=ACCOUNT,
    )
    return iamcheck.check(
        deployment,
        offline=True,
        principal=DETAILS["UserDetailList"][1]["Arn"],
        authorization_details=str(path),
        checks=[TRUSTED, ALLOWED],
        **given,
    )


def live(aws: LoopbackAws, config: Literal["new", "any", "existing"] | None = None) -> iamcheck.Report:
    """The report about a written model and endpoint config, with the role and the endpoint config that AWS has."""
    variant = {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    deployment = Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant]},
        create_models=[{"ModelName": "m", "ExecutionRoleArn": ROLE.replace("team/", "")}],
        region="eu-west-1",
        account_id=ACCOUNT,
    )
    return iamcheck.check(
        deployment,
        session=aws.session(),
        config=config,
        checks=[TRUSTED, ALLOWED],
        skip=["principal.allowed", "sts.active"],
    )


def result(of: iamcheck.Report, check_id: str) -> iamcheck.CheckResult:
    return next(check for check in of.checks if check.id == check_id)


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
    found = report(tmp_path, {"m": "serving"}, **given)
    assert (result(found, TRUSTED).status, result(found, ALLOWED).status) == (trusted, allowed)


def test_of_several_roles_the_one_that_lacks_something_is_named(tmp_path: Path) -> None:
    several = {"m": "serving", "n": "narrow"}
    narrow = ROLE.replace("serving", "narrow")

    found = result(report(tmp_path, several), ALLOWED)
    assert found.status == "fail"
    assert found.remedy is not None
    assert narrow in found.remedy.text
    assert ROLE not in found.remedy.text

    # the user asks about one of them
    about_one = report(tmp_path, several, execution_role=ROLE)
    assert result(about_one, ALLOWED).status == "pass"
    assert any(f"only {ROLE} was asked about" in str(text) for text in about_one.assumptions)
    assert result(report(tmp_path, several, execution_role=narrow), ALLOWED).status == "fail"
    # a role that no model of the deployment has serves nothing of it
    of_none = result(report(tmp_path, {"m": "serving"}, execution_role=narrow), ALLOWED)
    assert of_none.status == "unknown"
    assert "no model has the role" in of_none.summary


def test_of_a_trust_policy_that_may_not_be_read_it_is_said_why(aws: LoopbackAws) -> None:
    aws.create_role("serving", policy=document(ALL), trust=document(TRUST))
    assert result(live(aws), TRUSTED).status == "pass"

    aws.deny("iam:GetRole")
    unread = result(live(aws), TRUSTED)
    assert unread.status == "unknown"
    assert "AccessDenied" in unread.summary
    assert unread.remedy is not None
    assert "grant iam:GetRole" in unread.remedy.text


@pytest.mark.parametrize(("config", "is_known"), [("any", True), ("existing", False)])
def test_what_is_written_of_an_endpoint_config_counts_unless_it_must_be_there(
    aws: LoopbackAws, config: Literal["any", "existing"], is_known: bool
) -> None:
    aws.create_role("serving", policy=document(ALL), trust=document(TRUST))

    found = result(live(aws, config), TRUSTED)

    assert found.status == ("pass" if is_known else "unknown")
    assert ("the endpoint config is not known" in found.summary) is not is_known


def test_an_endpoint_config_that_is_there_says_nothing_of_the_one_that_is_made(aws: LoopbackAws) -> None:
    aws.create_role("serving", policy=document(ALL), trust=document(TRUST))
    aws.sagemaker.create_endpoint_config("churn-v7", {"VariantName": "all", "ModelName": "of-the-past"})

    assert result(live(aws, "new"), TRUSTED).status == "pass"
    assert "of-the-past was not given" in result(live(aws, "any"), TRUSTED).summary
