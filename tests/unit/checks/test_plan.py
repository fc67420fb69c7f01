"""Which checks run, and what becomes of those that cannot."""

from __future__ import annotations

import pytest

from iamcheck.checks.plan import CheckOutcome, CheckPlan, preflight
from iamcheck.checks.registry import CHECKS, CheckNeed, CheckRow, When, require_runnable, select
from iamcheck.deployment import Deployment
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.results import CheckResult, Status

DEFAULT = [row.id for row in CHECKS if row.when is not When.BY_NAME]
ALWAYS = [row.id for row in CHECKS if row.when is When.ALWAYS]


@pytest.mark.parametrize(
    ("offline", "policies", "written", "expected"),
    [
        (False, False, True, DEFAULT),
        (False, True, True, DEFAULT),
        (False, True, False, [one for one in DEFAULT if one != "request.valid"]),
        (True, True, True, ALWAYS),
        (True, False, True, [one for one in ALWAYS if one != "principal.allowed"]),
    ],
)
def test_what_runs_by_default(offline: bool, policies: bool, written: bool, expected: list[str]) -> None:
    assert [row.id for row in select((), (), offline=offline, policies=policies, request=written)] == expected


def test_all_is_all_that_can_run() -> None:
    every = [row.id for row in CHECKS]
    assert [
        row.id for row in select(("all",), (), offline=False, policies=True, request=True, has=list(CheckNeed))
    ] == every
    without = [row.id for row in CHECKS if row.needs is None]
    assert [row.id for row in select(("all",), (), offline=False, policies=True, request=True)] == without
    offline = [row.id for row in CHECKS if row.when is When.ALWAYS or (not row.network and row.needs is None)]
    assert [row.id for row in select(("all",), (), offline=True, policies=True, request=True)] == offline


@pytest.mark.parametrize("one", [row.id for row in CHECKS])
def test_what_is_asked_for_by_name_runs_whatever_it_needs(one: str) -> None:
    assert one in [row.id for row in select((one,), (), offline=False, policies=True, request=True)]


@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row.id)
def test_rows_name_actions_and_pages(row: CheckRow) -> None:
    assert [one for one in row.permissions if catalogue.action(one) is None] == []
    assert row.source.startswith("https://docs.aws.amazon.com/")


def test_skipping_wins() -> None:
    assert select(("all",), ("all",), offline=False, policies=True) == ()
    kept = select(("policy.minimal",), ("policy.minimal",), offline=False, policies=True)
    assert "policy.minimal" not in [row.id for row in kept]


@pytest.mark.parametrize(
    ("checks", "skip", "says"),
    [
        (("sts.active",), (), "asks AWS"),
        (("endpoint-name.ready",), (), "asks AWS"),
        (("principal.allowed",), (), "no policies"),
        (("request.valid",), (), "no request"),
        (("sts.activ",), (), "did you mean sts.active"),
        ((), ("zzz",), "one of policy.sufficient"),
    ],
)
def test_what_cannot_run_is_refused(checks: tuple[str, ...], skip: tuple[str, ...], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        require_runnable(checks, skip, offline=True, policies=False)


def test_checks_run_in_the_order_of_the_report_and_none_ends_the_run() -> None:
    def unavailable() -> CheckOutcome:
        raise AwsUnavailableError("no answer", operation="iam:SimulatePrincipalPolicy")

    def passing(check_id: str) -> CheckOutcome:
        return CheckOutcome(CheckResult(check_id, Status.PASS, "good"), ("one", check_id))

    report = preflight(
        CheckPlan(
            deployment=Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012"),
            scope="create",
            engine="local",
            offline=True,
            principal=None,
            policy={},
            permissions=(),
            rows=select((), (), offline=True, policies=True),
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
