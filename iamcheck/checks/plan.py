"""Runs the checks of one deployment, and makes the report of what they find.

Each check is a function without arguments, bound to its clients elsewhere. Online the checks run side by side; how many
calls are made at a time is the clients' business.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.checks.assumptions import strictly
from iamcheck.checks.registry import ChosenCheck, When
from iamcheck.checks.report import Report
from iamcheck.errors import AwsUnavailableError, IamcheckError
from iamcheck.results import CheckId, CheckResult, Remedy, Status, could_not_ask

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iamcheck.checks.excess import Excess
    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.iam.model import PolicySet
    from iamcheck.permissions import RequiredPermission
    from iamcheck.results import Assumption, Json

__all__ = ["CheckOutcome", "CheckPlan", "NotKnownError", "run_checks"]


class CheckOutcome(NamedTuple):
    """What a check found, and what it had to assume."""

    result: CheckResult
    assumptions: tuple[Assumption, ...] = ()
    engine: str | None = None
    """Who answered, where several could: `local`, `aws` or `both`."""
    judged: PolicySet | None = None
    """The principal's policies, as far as they were given or read; None: nobody looked at them."""


class CheckPlan(NamedTuple):
    """A deployment, what is asked about it, and how each check is done."""

    deployment: Deployment | PartialDeployment
    scope: str
    engine: str
    """Who answers, unless a check says otherwise."""
    offline: bool
    principal: str | None
    policy: Mapping[str, Json] | None
    permissions: tuple[RequiredPermission, ...]
    chosen: tuple[ChosenCheck, ...]
    runs: Mapping[str, Callable[[], CheckOutcome]]
    assumptions: tuple[Assumption, ...] = ()
    """What every check rests on."""
    strict: bool = False
    """Whether `principal.allowed` passes on no assumption that could be settled."""
    named: frozenset[str] = frozenset()
    """Ids of the checks that the user named; `all` is all of them."""
    excess: Callable[[Sequence[PolicySet]], tuple[Excess, ...]] | None = None
    """What the policies that were looked at allow beyond the deployment; None: nobody wants to know."""


def run_checks(plan: CheckPlan) -> Report:
    """Runs the checks of a plan.

    A check that could not ask is `unknown` with the reason; it never ends the run.

    Raises:
        InvalidInputError: A check found that what the user gave cannot be used.
    """
    outcomes = _outcomes(plan)
    assumed = dict.fromkeys(
        str(assumption) for assumption in (*plan.assumptions, *(a for outcome in outcomes for a in outcome.assumptions))
    )
    return Report(
        deployment=plan.deployment,
        scope=plan.scope,
        engine=next((outcome.engine for outcome in outcomes if outcome.engine), plan.engine),
        offline=plan.offline,
        principal=plan.principal,
        policy=plan.policy,
        permissions=plan.permissions,
        checks=tuple(_result(outcome, plan) for outcome in outcomes),
        assumptions=tuple(assumed),
        not_covered=() if plan.deployment.written is None else plan.deployment.written.not_covered,
        excess=()
        if plan.excess is None
        else plan.excess([outcome.judged for outcome in outcomes if outcome.judged is not None]),
    )


def _result(outcome: CheckOutcome, plan: CheckPlan) -> CheckResult:
    """What a check found, under `--strict` where that was asked for."""
    if not plan.strict or outcome.result.id != CheckId.PRINCIPAL_ALLOWED:
        return outcome.result
    return strictly(outcome.result, (*plan.assumptions, *outcome.assumptions))


def _outcomes(plan: CheckPlan) -> list[CheckOutcome]:
    if plan.offline:
        return [_outcome(check, plan) for check in plan.chosen]
    from iamcheck.aws.concurrency import together  # an offline run waits for nobody

    done = together([partial(_outcome, check, plan) for check in plan.chosen], max_concurrency=max(1, len(plan.chosen)))
    return [outcome for outcome in done if not isinstance(outcome, AwsUnavailableError)]


def _outcome(chosen: ChosenCheck, plan: CheckPlan) -> CheckOutcome:
    row = chosen.row
    if chosen.skipped:
        return CheckOutcome(CheckResult(row.id, Status.SKIPPED, chosen.skipped))
    try:
        return plan.runs[row.id]()
    except AwsUnavailableError as error:
        from iamcheck.aws.refusals import is_access_denied

        if not (row.permissions and is_access_denied(error)):
            return CheckOutcome(could_not_ask(row.id, error))
        result = could_not_ask(row.id, error, Remedy(f"grant {error.operation} to whoever runs the check"))
        if row.when is When.ONLINE and not {row.id, "all"} & plan.named:
            # a deployer with the least policy may not read, and the user has not named this check
            not_asked = f"not checked: the caller may not {error.operation}"
            result = result._replace(status=Status.SKIPPED, summary=not_asked)
        return CheckOutcome(result)


class NotKnownError(IamcheckError):
    """What a check is about is not known, so that there is nothing to ask.

    Args:
        reason: What is not known, in one clause.
        cure: What makes it known.
    """

    def __init__(self, reason: str, cure: str) -> None:
        self.reason, self.cure = reason, cure
        super().__init__(reason)
