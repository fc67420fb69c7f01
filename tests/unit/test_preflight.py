"""Which checks run, and what becomes of those that cannot."""

from __future__ import annotations

import pytest

from iamcheck.deployment import Deployment
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.preflight import CHECKS, Outcome, Plan, preflight, select
from iamcheck.report import CheckResult, Status

ALL = [row.id for row in CHECKS]


@pytest.mark.parametrize(
    ("offline", "policies", "expected"),
    [
        (False, False, ALL),
        (False, True, ALL),
        (True, True, ALL),
        (True, False, [one for one in ALL if one != "principal.allowed"]),
    ],
)
def test_what_runs_by_default(offline: bool, policies: bool, expected: list[str]) -> None:
    assert [row.id for row in select((), (), offline=offline, policies=policies)] == expected
    assert [row.id for row in select(("all",), (), offline=offline, policies=policies)] == expected


def test_skipping_wins() -> None:
    assert select(("all",), ("all",), offline=False, policies=True) == ()
    kept = select(("policy.minimal",), ("policy.minimal",), offline=False, policies=True)
    assert "policy.minimal" not in [row.id for row in kept]


@pytest.mark.parametrize(
    ("checks", "skip", "says"),
    [
        (("sts.active",), (), "asks AWS"),
        (("principal.allowed",), (), "no policies"),
        (("sts.activ",), (), "did you mean sts.active"),
        ((), ("zzz",), "one of policy.sufficient"),
    ],
)
def test_what_cannot_run_is_refused(checks: tuple[str, ...], skip: tuple[str, ...], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        select(checks, skip, offline=True, policies=False)


def test_checks_run_in_the_order_of_the_report_and_none_ends_the_run() -> None:
    def unavailable() -> Outcome:
        raise AwsUnavailableError("no answer", operation="iam:SimulatePrincipalPolicy")

    def passing(check_id: str) -> Outcome:
        return Outcome(CheckResult(check_id, Status.PASS, "good"), ("one", check_id))

    report = preflight(
        Plan(
            deployment=Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012"),
            scope="create",
            engine="local",
            offline=True,
            principal=None,
            policy={},
            permissions=(),
            rows=CHECKS,
            runs={
                "policy.minimal": lambda: passing("policy.minimal"),
                "policy.sufficient": lambda: passing("policy.sufficient"),
                "principal.allowed": unavailable,
            },
            assumptions=("one",),
        )
    )
    assert [(one.id, one.status.value) for one in report.checks] == [
        ("policy.sufficient", "pass"),
        ("policy.minimal", "pass"),
        ("principal.allowed", "unknown"),
        ("sts.active", "skipped"),
    ]
    # each assumption once
    assert report.assumptions == ("one", "policy.sufficient", "policy.minimal")
