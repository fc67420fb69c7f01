"""Which checks run, and what becomes of those that cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.plan import CheckOutcome, CheckPlan, run_checks
from iamcheck.checks.registry import CHECKS, CheckFacts, CheckNeed, CheckRow, When, require_runnable, select
from iamcheck.deployment import Deployment
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.results import Assumption, CheckId, CheckResult, Status

if TYPE_CHECKING:
    from collections.abc import Collection

DEFAULT = [row.id for row in CHECKS if row.when is not When.BY_NAME]
OF_AWS = ("sts.active", "endpoint-config.ready", "endpoint-name.ready", "model-name.ready")
OF_REQUESTS = [row.id for row in CHECKS if row.needs_request]


def shown(checks: Collection[str] = (), skip: Collection[str] = (), **given: Any) -> dict[str, str]:  # noqa: ANN401
    """Ids of the checks of a report, in its order, with why each does not run."""
    return {one.row.id: one.skipped for one in select(checks, skip, CheckFacts(**{**EVERYTHING, **given}))}


EVERYTHING: dict[str, Any] = {
    "offline": False,
    "policies": True,
    "request": True,
    "models": True,
    "needs": list(CheckNeed),
}


def test_each_check_id_has_one_row() -> None:
    assert sorted(row.id for row in CHECKS) == sorted(CheckId)


@pytest.mark.parametrize(
    ("given", "skipped"),
    [
        ({}, {}),
        ({"policies": False}, {}),
        ({"offline": True}, dict.fromkeys(OF_AWS, "offline")),
        (
            {"offline": True, "policies": False},
            {
                "principal.allowed": "no policies were given",
                **dict.fromkeys(OF_AWS, "offline"),
            },
        ),
        ({"skip": ("sts.active", "quota.instances")}, {"sts.active": "--skip"}),
        ({"skip": ("all",)}, dict.fromkeys(DEFAULT, "--skip")),
        (
            {"offline": True, "skip": ("sts.active",), "policies": True},
            {**dict.fromkeys(OF_AWS, "offline"), "sts.active": "--skip"},
        ),
    ],
    ids=str,
)
def test_a_check_by_default_runs_or_says_why_not(given: dict[str, Any], skipped: dict[str, str]) -> None:
    found = shown(**given)
    assert list(found) == DEFAULT
    assert {one for one, why in found.items() if why} == set(skipped)
    assert all(why in found[one] for one, why in skipped.items())


def test_what_needs_a_request_is_absent_without() -> None:
    assert list(shown(request=False)) == [one for one in DEFAULT if one not in OF_REQUESTS]


def test_what_needs_models_is_absent_without() -> None:
    assert list(shown(models=False)) == [one for one in DEFAULT if one != "model-name.ready"]


def test_all_is_all_that_can_run() -> None:
    assert list(shown(("all",))) == [row.id for row in CHECKS]
    assert list(shown(("all",), needs=())) == [row.id for row in CHECKS if row.needs is None]
    assert list(shown(("all",), offline=True)) == DEFAULT


def test_authorization_details_let_checks_of_roles_run_offline() -> None:
    found = shown(("all",), offline=True, details=True)
    assert [one for one in found if one not in DEFAULT] == ["execution-role.trusted", "execution-role.allowed"]


@pytest.mark.parametrize("one", list(CheckId))
def test_a_check_that_is_named_runs_whatever_it_needs(one: str) -> None:
    assert shown((one,), needs=())[one] == ""


@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row.id)
def test_rows_name_actions_and_pages(row: CheckRow) -> None:
    assert [one for one in row.permissions if catalogue.action(one) is None] == []
    assert row.source.startswith("https://docs.aws.amazon.com/")


def test_skipping_wins() -> None:
    assert "--skip" in shown(("quota.instances",), ("quota.instances",))["quota.instances"]
    assert all(shown(("all",), ("all",)).values())


@pytest.mark.parametrize(
    ("checks", "skip", "says"),
    [
        (("sts.active",), (), "asks AWS"),
        (("endpoint-name.ready",), (), "asks AWS"),
        (("principal.allowed",), (), "no policies"),
        (("request.valid",), (), "no request"),
        (("model-name.ready",), (), "asks AWS"),
        (("sts.activ",), (), "did you mean sts.active"),
        ((), ("zzz",), "one of policy.sufficient"),
    ],
)
def test_what_cannot_run_is_refused(checks: tuple[str, ...], skip: tuple[str, ...], says: str) -> None:
    with pytest.raises(InvalidInputError, match=says):
        require_runnable(checks, skip, CheckFacts(offline=True, policies=False))


def test_a_check_of_models_is_refused_where_none_is_made() -> None:
    with pytest.raises(InvalidInputError, match="no model to look for"):
        require_runnable(("model-name.ready",), (), CheckFacts(offline=False, policies=False))


def test_checks_run_in_the_order_of_the_report_and_none_ends_the_run() -> None:
    def unavailable() -> CheckOutcome:
        raise AwsUnavailableError("no answer", operation="iam:SimulatePrincipalPolicy")

    def passing(check_id: str) -> CheckOutcome:
        return CheckOutcome(CheckResult(check_id, Status.PASS, "good"), (Assumption("one"), Assumption(check_id)))

    report = run_checks(
        CheckPlan(
            deployment=Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012"),
            scope="create",
            engine="local",
            offline=True,
            principal=None,
            policy={},
            permissions=(),
            chosen=select((), (), CheckFacts(offline=True, policies=True)),
            runs={
                "policy.minimal": lambda: passing("policy.minimal"),
                "policy.sufficient": lambda: passing("policy.sufficient"),
                "principal.allowed": unavailable,
            },
            assumptions=(Assumption("one"),),
        )
    )
    assert [(one.id, one.status.value) for one in report.checks] == [
        ("policy.sufficient", "pass"),
        ("policy.minimal", "pass"),
        ("principal.allowed", "unknown"),
        ("sts.active", "skipped"),
        ("endpoint-config.ready", "skipped"),
        ("endpoint-name.ready", "skipped"),
    ]
    # each assumption once
    assert report.assumptions == ("one", "policy.sufficient", "policy.minimal")
