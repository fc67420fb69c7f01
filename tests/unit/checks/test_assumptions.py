"""What a report takes to be so, and what `--strict` makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.checks.assumptions import strictly
from iamcheck.deployment import Deployment
from iamcheck.deployment.located import Tool, WrittenCaller, WrittenDeployment, WrittenRequest
from iamcheck.deployment.resolving import draft_of
from iamcheck.iam.model import Place
from iamcheck.results import Assumption, CheckId, CheckResult, Status
from tests.examples import member_of

if TYPE_CHECKING:
    from iamcheck.deployment import UnplacedDeployment

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cloudformation"
HERE = Place("t.yaml", 3)
NAMES = Deployment("churn", "churn-v7", region="eu-west-1", account_id=ACCOUNT)
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
EVERYONE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}
EVERY_LAYER: dict[str, Any] = {"policies": [ALLOW], "boundary": ALLOW, "scps": [[ALLOW]], "rcps": [[EVERYONE]]}


def written(tool: Tool, **more: Any) -> UnplacedDeployment:  # noqa: ANN401  fields of WrittenDeployment
    endpoint: Any = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config: Any = {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant]}
    requests: dict[str, Any] = {
        "endpoint": WrittenRequest("CreateEndpoint", member_of(endpoint, HERE), HERE),
        "config": WrittenRequest("CreateEndpointConfig", member_of(config, HERE), HERE),
    }
    return draft_of(WrittenDeployment(tool, "t.yaml", **requests, **more))


def report(deployment: Any = NAMES, **given: Any) -> iamcheck.Report:  # noqa: ANN401  a deployment and keywords
    where = {} if isinstance(deployment, Deployment) else {"region": "eu-west-1", "account_id": ACCOUNT}
    keywords: dict[str, Any] = {"offline": True, **EVERY_LAYER, **where, **given}
    return iamcheck.check_all([deployment], **keywords).reports[0]


def allowed(of: iamcheck.Report) -> str:
    return next(one.status.value for one in of.checks if one.id == CheckId.PRINCIPAL_ALLOWED)


def test_bare_names_say_what_the_requests_may_need_besides() -> None:
    (text,) = (one for one in map(str, report().assumptions) if "nothing else is needed" in one and "--request" in one)
    assert "sagemaker:AddTags" in text
    every = " ".join(map(str, report().assumptions))
    assert all(action in every for action in ("sagemaker:AddTags", "kms:CreateGrant", "iam:PassRole"))
    assert "nothing else is needed" not in " ".join(map(str, report(written(Tool.SDK)).assumptions))


@pytest.mark.parametrize(
    ("deployment", "given", "status"),
    [
        (NAMES, {}, "unknown"),
        (written(Tool.SDK), {}, "pass"),
        (written(Tool.SDK), {"boundary": None}, "unknown"),
        (written(Tool.SDK), {"scps": None}, "unknown"),
        (written(Tool.SDK), {"context": {"aws:SecureTransport": True}, "absent": ["aws:SourceIp"]}, "pass"),
        (written(Tool.SDK, assumptions=(Assumption("T has its Default", "--parameter T=VALUE"),)), {}, "unknown"),
        (written(Tool.SDK, assumptions=(Assumption("nobody can settle it"),)), {}, "pass"),
        # a `dynamic` block of the provider may assume a role, and plans do not show it
        (written(Tool.TERRAFORM), {}, "unknown"),
        (written(Tool.TERRAFORM), {"principal": ROLE}, "pass"),
        (written(Tool.TERRAFORM, caller=WrittenCaller(ROLE, (), HERE)), {}, "pass"),
        (written(Tool.CLOUDFORMATION), {}, "unknown"),
        (written(Tool.CLOUDFORMATION), {"cloudformation_role": ROLE}, "pass"),
        (written(Tool.CLOUDFORMATION), {"principal": ROLE}, "pass"),
        (written(Tool.CLOUDFORMATION, caller=WrittenCaller(ROLE, (), HERE)), {}, "pass"),
    ],
)
def test_strict_takes_no_assumption_that_could_be_settled(deployment: Any, given: Any, status: str) -> None:  # noqa: ANN401
    assert allowed(report(deployment, **given)) == "pass"
    assert allowed(report(deployment, strict=True, **given)) == status


def test_strict_names_what_settles_its_assumptions() -> None:
    (check,) = (one for one in report(NAMES, strict=True, scps=None).checks if one.id == CheckId.PRINCIPAL_ALLOWED)
    assert check.remedy is not None
    assert {"--scp", "--request", "--config-request"} <= set(check.remedy.text.replace(",", "").split())


@pytest.mark.parametrize("status", [Status.FAIL, Status.UNKNOWN, Status.SKIPPED])
def test_strict_makes_nothing_better(status: Status) -> None:
    result = CheckResult(CheckId.PRINCIPAL_ALLOWED, status, "as it was")
    assert strictly(result, (Assumption("assumed", "--scp"),)) is result


def test_what_the_user_says_of_the_context_is_in_the_report() -> None:
    texts = set(map(str, report(context={"aws:SourceIp": "192.0.2.1"}, absent=["aws:TokenIssueTime"]).assumptions))
    assert {"aws:SourceIp is 192.0.2.1, as --context says", "aws:TokenIssueTime is absent, as --absent says"} <= texts


@pytest.mark.parametrize(
    ("settled_by", "text"),
    [
        ("", "it is so"),
        ("--scp", "it is so (--scp settles it)"),
        ("--scp or --rcp", "it is so (--scp or --rcp settles it)"),
        ("--scp and --rcp", "it is so (--scp and --rcp settle it)"),
    ],
)
def test_an_assumption_says_what_settles_it(settled_by: str, text: str) -> None:
    assert str(Assumption("it is so", settled_by)) == text
