"""Who decides: the engine of the run, whether AWS's simulator may be asked, and whether the policies may be read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.simulators.local_iam import LocalIAM
from tests.documents import document

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.checks.report import Report
    from tests.server import LoopbackAws

DEPLOYMENT = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
SKIP = ("policy.sufficient", "policy.minimal", "sts.active", "endpoint-config.ready", "endpoint-name.ready")
ALLOW = {"Effect": "Allow", "Action": "sagemaker:Create*", "Resource": "*"}
MFA = {
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
}


def report_of(
    aws: LoopbackAws,
    enter: Callable[[Mapping[str, str]], None],
    document: Mapping[str, Any],
    *denied: str,
    **words: Any,  # noqa: ANN401  any keyword
) -> Report:
    """The report about a role that calls, in an account without an organization."""
    aws.iam.simulator = LocalIAM
    enter(aws.environment(aws.create_role("ci", policy=document), AWS_MAX_ATTEMPTS="1"))
    for operation in denied:
        aws.deny(operation)
    return iamcheck.check(DEPLOYMENT, skip=SKIP, **words)


SIMULATE, READ = ("iam:Simulate*",), ("iam:GetRolePolicy", "iam:List*")
DECIDERS: list[tuple[str, tuple[str, ...], str, str]] = [
    ("auto", (), "pass", "aws"),
    ("auto", READ, "pass", "aws"),
    ("auto", SIMULATE, "pass", "local"),
    ("auto", (*SIMULATE, *READ), "unknown", "local"),
    ("aws", (), "pass", "aws"),
    ("aws", READ, "pass", "aws"),
    ("aws", SIMULATE, "unknown", "aws"),
    ("aws", (*SIMULATE, *READ), "unknown", "aws"),
    ("both", (), "pass", "both"),
    ("both", READ, "unknown", "local"),
    ("both", SIMULATE, "unknown", "both"),
    ("both", (*SIMULATE, *READ), "unknown", "both"),
    ("local", (), "pass", "local"),
    ("local", READ, "unknown", "local"),
]


@pytest.mark.parametrize(("engine", "denied", "verdict", "shown"), DECIDERS)
def test_who_decides(
    aws: LoopbackAws,
    enter: Callable[[Mapping[str, str]], None],
    engine: str,
    denied: tuple[str, ...],
    verdict: str,
    shown: str,
) -> None:
    report = report_of(aws, enter, document(ALLOW), *denied, engine=engine)
    assert (str(report.verdict), report.engine) == (verdict, shown)


@pytest.mark.parametrize(("engine", "denied"), [("auto", ()), ("auto", READ), ("aws", ()), ("local", ())])
def test_whoever_decides_an_unknown_key_is_open(
    aws: LoopbackAws, enter: Callable[[Mapping[str, str]], None], engine: str, denied: tuple[str, ...]
) -> None:
    report = report_of(aws, enter, document(ALLOW, MFA), *denied, engine=engine)
    (result,) = (one for one in report.checks if one.id == "principal.allowed")
    assert (str(report.verdict), result.open_keys) == ("unknown", ("aws:multifactorauthpresent",))
    assert result.remedy is not None
    assert "--context aws:MultiFactorAuthPresent=VALUE" in result.remedy.text


def test_that_the_local_engine_decides_alone_is_an_assumption_that_a_grant_settles(
    aws: LoopbackAws, enter: Callable[[Mapping[str, str]], None]
) -> None:
    report = report_of(aws, enter, document(ALLOW), *SIMULATE)
    assert any("the local engine decides as AWS's simulator would" in str(one) for one in report.assumptions)
    strict = iamcheck.check(DEPLOYMENT, skip=SKIP, strict=True)
    assert str(strict.verdict) == "unknown"
    assert any("iam:SimulatePrincipalPolicy" in one.remedy.text for one in strict.checks if one.remedy)


@pytest.mark.parametrize(
    ("engine", "denied", "cure"),
    [("auto", READ, "iam:ListRolePolicies"), ("auto", READ[:1], "iam:GetRolePolicy"), ("aws", (), "--policy")],
    ids=["nothing may be read", "one part may not be read", "by choice"],
)
def test_that_aws_decides_alone_is_an_assumption_that_a_read_or_a_flag_settles(
    aws: LoopbackAws, enter: Callable[[Mapping[str, str]], None], engine: str, denied: tuple[str, ...], cure: str
) -> None:
    report = report_of(aws, enter, document(ALLOW), *denied, engine=engine)
    assert str(report.verdict) == "pass"
    assert any("AWS's simulator is right about" in str(one) for one in report.assumptions)
    strict = iamcheck.check(DEPLOYMENT, skip=SKIP, engine=engine, strict=True)
    (result,) = (one for one in strict.checks if one.id == "principal.allowed")
    assert str(result.status) == "unknown"
    assert result.remedy is not None
    assert cure in result.remedy.text
