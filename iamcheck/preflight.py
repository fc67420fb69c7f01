"""The main job as one short function: which checks run, in which order, and what becomes of those that cannot.

Its collaborators are passed in: each check is a function without arguments that somebody else has bound to its clients.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck._dataclass import dataclass
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.report import CheckResult, Report, Status, could_not_ask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.permissions import RequiredPermission
    from iamcheck.report import Json

__all__ = ["CHECKS", "CheckRow", "Outcome", "Plan", "preflight", "select"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found, and what it had to assume."""

    result: CheckResult
    assumptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check that iamcheck knows.

    Args:
        id: Its stable name.
        network: It asks AWS; offline it is skipped, or refused where it was asked for by name.
        needs_policies: Offline it runs only where policies were given.
        needs_request: It runs only where a request is written somewhere.
    """

    id: str
    network: bool = False
    needs_policies: bool = False
    needs_request: bool = False


CHECKS: tuple[CheckRow, ...] = (
    CheckRow("policy.sufficient"),
    CheckRow("policy.minimal"),
    CheckRow("principal.allowed", needs_policies=True),
    CheckRow("sts.active", network=True),
)
"""In the order of the report. Adding a check is adding a row, and a function to the plan under its id."""


def select(
    checks: Collection[str], skip: Collection[str], *, offline: bool, policies: bool, request: bool = False
) -> tuple[CheckRow, ...]:
    """The checks that a run consists of.

    Args:
        checks: Ids that were asked for by name; `all` is all that can run.
        skip: Ids to leave out; they win over `checks`.
        offline: Whether there is no network.
        policies: Whether policies were given that say what the principal may do.
        request: Whether a request is written somewhere.

    Raises:
        InvalidInputError: An id is not known, or a check was asked for by name that cannot run offline.
    """
    for flag, ids in (("--check", checks), ("--skip", skip)):
        for one in ids:
            _require_known(one, flag)
    for row in CHECKS:
        if offline and row.id in checks and row.network:
            raise InvalidInputError(f"{row.id} asks AWS", where="--check", cure="leave out --offline")
        if offline and row.id in checks and row.needs_policies and not policies:
            raise InvalidInputError(f"{row.id} has no policies to ask", where="--check", cure="give --policy FILE")
        if row.id in checks and row.needs_request and not request:
            raise InvalidInputError(
                f"{row.id} has no request to look at",
                where="--check",
                cure="give --request, --config-request or --from",
            )
    return tuple(
        row
        for row in CHECKS
        if row.id not in skip
        and "all" not in skip
        and not (offline and row.needs_policies and not policies)
        and not (row.needs_request and not request)
    )


def _require_known(one: str, flag: str) -> None:
    known = [row.id for row in CHECKS]
    if one == "all" or one in known:
        return
    import difflib  # an error is the only user

    near = difflib.get_close_matches(one, known, n=1)
    cure = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
    raise InvalidInputError(f"there is no check {one!r}", where=flag, cure=cure)


@dataclass(frozen=True)
class Plan:
    """A deployment, what is asked about it, and how each check is done."""

    deployment: Deployment | PartialDeployment
    scope: str
    engine: str
    offline: bool
    principal: str | None
    policy: Mapping[str, Json] | None
    permissions: tuple[RequiredPermission, ...]
    rows: tuple[CheckRow, ...]
    runs: Mapping[str, Callable[[], Outcome]]
    assumptions: tuple[str, ...] = ()


def preflight(plan: Plan) -> Report:
    """Runs the checks of a plan.

    A check that could not ask is `unknown` with the reason; it never ends the run.

    Raises:
        InvalidInputError: A check found that what the user gave cannot be used.
    """
    outcomes = [_outcome(row, plan) for row in plan.rows]
    assumed = dict.fromkeys((*plan.assumptions, *(text for outcome in outcomes for text in outcome.assumptions)))
    return Report(
        deployment=plan.deployment,
        scope=plan.scope,
        engine=plan.engine,
        offline=plan.offline,
        principal=plan.principal,
        policy=plan.policy,
        permissions=plan.permissions,
        checks=tuple(outcome.result for outcome in outcomes),
        assumptions=tuple(assumed),
    )


def _outcome(row: CheckRow, plan: Plan) -> Outcome:
    if row.network and plan.offline:
        return Outcome(CheckResult(row.id, Status.SKIPPED, "offline: AWS was not asked"))
    try:
        return plan.runs[row.id]()
    except AwsUnavailableError as error:
        return Outcome(could_not_ask(row.id, error))
