"""The main job as one short function: which checks run, in which order, and what becomes of those that cannot.

Its collaborators are passed in: each check is a function without arguments that somebody else has bound to its clients.
Online they run side by side; how many calls are made at a time is the clients' business.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING

from iamcheck._dataclass import dataclass
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.results import CheckResult, Remedy, Report, Status, could_not_ask

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from iamcheck.checks.excess import Excess
    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.iam.model import PolicySet
    from iamcheck.permissions import RequiredPermission
    from iamcheck.results import Json

__all__ = ["CHECKS", "CheckRow", "Need", "Outcome", "Plan", "When", "preflight", "select"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found, and what it had to assume."""

    result: CheckResult
    assumptions: tuple[str, ...] = ()
    engine: str | None = None
    """Who answered, where several could: `local`, `aws` or `both`."""
    judged: PolicySet | None = None
    """The principal's policies, as far as they were given or read; None: nobody looked at them."""


class When(Enum):
    """When a check runs that nobody has asked for by name."""

    ALWAYS = "always"
    """Offline it is shown as skipped where it asks AWS."""
    ONLINE = "online"
    BY_NAME = "by name"
    """By `--check ID`; by `--check all` where there is what it needs."""


class Need(Enum):
    """What a check needs of the deployment before it makes sense."""

    VARIANTS = "what the endpoint config asks for"
    ROLES = "an execution role, or models that name one"
    ALARMS = "alarms of the endpoint's rollback"
    DELETION = "an endpoint config that will be deleted"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check that iamcheck knows.

    Args:
        id: Its stable name.
        when: When it runs unasked.
        network: It asks AWS; offline it is skipped, or refused where it was asked for by name.
        needs_policies: Offline it runs only where policies were given.
        needs_request: It runs only where a request is written somewhere.
        needs: What `--check all` runs it for; None: it always makes sense.
        or_details: Authorization details stand in for AWS: with them it runs offline.
        permissions: The actions that it needs itself.
        source: The AWS page of what it checks.
    """

    id: str
    when: When = When.ALWAYS
    network: bool = False
    needs_policies: bool = False
    needs_request: bool = False
    needs: Need | None = None
    or_details: bool = False
    permissions: tuple[str, ...] = ()
    source: str = ""


_API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"
_OF_MODELS = ("sagemaker:DescribeEndpointConfig", "sagemaker:DescribeModel")

CHECKS: tuple[CheckRow, ...] = (
    CheckRow("policy.sufficient"),
    CheckRow("policy.minimal"),
    CheckRow("principal.allowed", needs_policies=True),
    CheckRow("sts.active", network=True),
    CheckRow(
        "endpoint-config.ready",
        When.ONLINE,
        network=True,
        permissions=("sagemaker:DescribeEndpointConfig",),
        source=f"{_API}CreateEndpoint.html",
    ),
    CheckRow(
        "endpoint-name.ready",
        When.ONLINE,
        network=True,
        permissions=("sagemaker:DescribeEndpoint", "sagemaker:ListEndpoints"),
        source=f"{_API}CreateEndpoint.html#sagemaker-CreateEndpoint-request-EndpointName",
    ),
    CheckRow(
        "endpoint-config.unused",
        When.BY_NAME,
        network=True,
        needs=Need.DELETION,
        permissions=("sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint"),
        source=f"{_API}DeleteEndpointConfig.html",
    ),
    CheckRow(
        "models.exist",
        When.BY_NAME,
        network=True,
        needs=Need.VARIANTS,
        permissions=("sagemaker:DescribeModel", "sagemaker:DescribeEndpointConfig"),
        source=f"{_API}CreateEndpointConfig.html",
    ),
    CheckRow(
        "quota.instances",
        When.BY_NAME,
        network=True,
        needs=Need.VARIANTS,
        permissions=(
            *("servicequotas:ListServiceQuotas", "servicequotas:ListAWSDefaultServiceQuotas"),
            *("sagemaker:ListEndpoints", "sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig"),
        ),
        source="https://docs.aws.amazon.com/general/latest/gr/sagemaker.html",
    ),
    CheckRow(
        "alarms.exist",
        When.BY_NAME,
        network=True,
        needs=Need.ALARMS,
        permissions=("cloudwatch:DescribeAlarms",),
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
    ),
    CheckRow(
        "execution-role.trusted",
        When.BY_NAME,
        network=True,
        needs=Need.ROLES,
        or_details=True,
        permissions=("iam:GetRole", *_OF_MODELS),
        source="https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html",
    ),
    CheckRow(
        "execution-role.allowed",
        When.BY_NAME,
        network=True,
        needs=Need.ROLES,
        or_details=True,
        permissions=(
            *("iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"),
            *("iam:GetPolicy", "iam:GetPolicyVersion", *_OF_MODELS),
        ),
        source="https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
    ),
    CheckRow("request.valid", needs_request=True, source=f"{_API}CreateEndpointConfig.html"),
)
"""In the order of the report. Adding a check is adding a row, and a function to the plan under its id."""


def select(
    checks: Collection[str],
    skip: Collection[str],
    *,
    offline: bool,
    policies: bool,
    request: bool = False,
    details: bool = False,
    has: Collection[Need] = (),
) -> tuple[CheckRow, ...]:
    """The checks that a run consists of.

    Args:
        checks: Ids that were asked for by name; `all` is all that can run.
        skip: Ids to leave out; they win over `checks`.
        offline: Whether there is no network.
        policies: Whether policies were given that say what the principal may do.
        request: Whether a request is written somewhere.
        details: Whether authorization details were given.
        has: What the deployment has of what checks need.

    Raises:
        InvalidInputError: An id is not known, or a check was asked for by name that cannot run offline.
    """
    for flag, ids in (("--check", checks), ("--skip", skip)):
        for one in ids:
            _require_known(one, flag)
    rows = [replace(row, network=False) if details and row.or_details else row for row in CHECKS]
    for row in rows:
        if offline and row.id in checks and row.network:
            cure = "leave out --offline" + (", or give --authorization-details FILE" if row.or_details else "")
            raise InvalidInputError(f"{row.id} asks AWS", where="--check", cure=cure)
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
        for row in rows
        if row.id not in skip
        and "all" not in skip
        and not (offline and row.needs_policies and not policies)
        and not (row.needs_request and not request)
        and (row.id in checks or _unasked(row, offline=offline, every="all" in checks, has=has))
    )


def _unasked(row: CheckRow, *, offline: bool, every: bool, has: Collection[Need]) -> bool:
    """Whether a check runs that was not asked for by name."""
    if row.when is When.ALWAYS:
        return True
    if offline and row.network:
        return False
    return row.when is When.ONLINE or (every and (row.needs is None or row.needs in has))


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
    """Who answers, unless a check says otherwise."""
    offline: bool
    principal: str | None
    policy: Mapping[str, Json] | None
    permissions: tuple[RequiredPermission, ...]
    rows: tuple[CheckRow, ...]
    runs: Mapping[str, Callable[[], Outcome]]
    assumptions: tuple[str, ...] = ()
    asked: frozenset[str] = frozenset()
    """Ids of the checks that were asked for by name; `all` is all of them."""
    excess: Callable[[Sequence[PolicySet]], tuple[Excess, ...]] | None = None
    """What the policies that were looked at allow beyond the deployment; None: nobody wants to know."""


def preflight(plan: Plan) -> Report:
    """Runs the checks of a plan.

    A check that could not ask is `unknown` with the reason; it never ends the run.

    Raises:
        InvalidInputError: A check found that what the user gave cannot be used.
    """
    outcomes = _outcomes(plan)
    assumed = dict.fromkeys((*plan.assumptions, *(text for outcome in outcomes for text in outcome.assumptions)))
    return Report(
        deployment=plan.deployment,
        scope=plan.scope,
        engine=next((outcome.engine for outcome in outcomes if outcome.engine), plan.engine),
        offline=plan.offline,
        principal=plan.principal,
        policy=plan.policy,
        permissions=plan.permissions,
        checks=tuple(outcome.result for outcome in outcomes),
        assumptions=tuple(assumed),
        excess=() if plan.excess is None else plan.excess([one.judged for one in outcomes if one.judged is not None]),
    )


def _outcomes(plan: Plan) -> list[Outcome]:
    if plan.offline:
        return [_outcome(row, plan) for row in plan.rows]
    from iamcheck.aws.concurrency import together  # an offline run waits for nobody

    done = together([partial(_outcome, row, plan) for row in plan.rows], max_concurrency=max(1, len(plan.rows)))
    return [one for one in done if not isinstance(one, AwsUnavailableError)]


def _outcome(row: CheckRow, plan: Plan) -> Outcome:
    if row.network and plan.offline:
        return Outcome(CheckResult(row.id, Status.SKIPPED, "offline: AWS was not asked"))
    try:
        return plan.runs[row.id]()
    except AwsUnavailableError as error:
        if not (row.permissions and is_access_denied(error)):
            return Outcome(could_not_ask(row.id, error))
        result = could_not_ask(row.id, error, Remedy(f"grant {error.operation} to whoever runs the check"))
        if row.when is When.ONLINE and not {row.id, "all"} & plan.asked:
            # a deployer with the least policy may not read, and nobody has asked for this
            not_asked = f"not checked: the caller may not {error.operation}"
            result = replace(result, status=Status.SKIPPED, summary=not_asked)
        return Outcome(result)
