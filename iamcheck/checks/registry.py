"""Lists every check: when it runs, what it needs, which page of AWS it rests on. Adding a check is adding a row."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.results import CheckId

if TYPE_CHECKING:
    from collections.abc import Collection


__all__ = ["CHECKS", "CheckFacts", "CheckNeed", "CheckRow", "ChosenCheck", "When", "require_runnable", "select"]


class When(Enum):
    """When a check runs that the user has not named."""

    ALWAYS = "always"
    ONLINE = "online"
    """Likewise, but a caller who may not read what it reads does without it."""
    BY_NAME = "by name"
    """By `--check ID`; by `--check all` where there is what it needs."""


class CheckNeed(Enum):
    """What a check needs of the deployment before it makes sense."""

    VARIANTS = "what the endpoint config asks for"
    ROLES = "an execution role, or models that name one"
    ALARMS = "alarms of the endpoint's rollback"
    DELETION = "an endpoint config that will be deleted"


class CheckRow(NamedTuple):
    """One check that iamcheck knows.

    Args:
        id: Its stable name.
        when: When it runs without being named.
        network: It asks AWS; offline it is skipped, or refused where the user named it.
        needs_policies: Offline it runs only where policies were given.
        needs_request: It runs only where a request is written somewhere.
        needs_models: It runs only where the deployment makes models.
        needs: What `--check all` runs it for; None: it always makes sense.
        or_details: Authorization details stand in for AWS: with them it runs offline.
        source: The AWS page of what it checks.
        passes_where: When it passes, a clause after `passes where`; docs/checks/index.md has the same.
    """

    id: CheckId
    when: When = When.ALWAYS
    network: bool = False
    needs_policies: bool = False
    needs_request: bool = False
    needs_models: bool = False
    needs: CheckNeed | None = None
    or_details: bool = False
    source: str = ""
    passes_where: str = ""

    @property
    def permissions(self) -> tuple[str, ...]:
        """The actions that it calls itself, sorted."""
        from iamcheck.permissions.checker import actions_of  # most runs are not asked for it

        return actions_of(self.id)


class CheckFacts(NamedTuple):
    """What decides which checks can run.

    Args:
        offline: Whether there is no network.
        policies: Whether policies were given that say what the principal may do.
        request: Whether a request is written somewhere.
        models: Whether the deployment makes models.
        details: Whether authorization details were given.
        needs: What the deployment has of what checks need.
    """

    offline: bool
    policies: bool
    request: bool = False
    models: bool = False
    details: bool = False
    needs: Collection[CheckNeed] = ()


class ChosenCheck(NamedTuple):
    """A check of a report.

    Args:
        row: The check.
        skipped: Why it does not run, in one clause; empty: it runs.
    """

    row: CheckRow
    skipped: str = ""


_IAM: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"


CHECKS: Final[tuple[CheckRow, ...]] = (
    CheckRow(
        CheckId.POLICY_SUFFICIENT,
        source=f"{_IAM}reference_policies_evaluation-logic.html",
        passes_where="the policy that iamcheck renders allows every permission that the deployment needs",
    ),
    CheckRow(
        CheckId.POLICY_MINIMAL,
        source=f"{_IAM}best-practices.html#grant-least-privilege",
        passes_where="every statement of the rendered policy is needed, and the policy allows nothing beyond the need",
    ),
    CheckRow(
        CheckId.PRINCIPAL_ALLOWED,
        needs_policies=True,
        source=f"{_IAM}reference_policies_evaluation-logic.html",
        passes_where="whoever deploys is allowed every needed permission, whatever the unknown context turns out to be",
    ),
    CheckRow(
        CheckId.STS_ACTIVE,
        network=True,
        source=f"{_IAM}id_credentials_temp_enable-regions.html",
        passes_where="AWS STS is proved to issue credentials in the Region",
    ),
    CheckRow(
        CheckId.ENDPOINT_CONFIG_READY,
        When.ONLINE,
        network=True,
        source=f"{_API}CreateEndpoint.html",
        passes_where="the endpoint config is there, or its name is free, as `--config` wants it",
    ),
    CheckRow(
        CheckId.ENDPOINT_NAME_READY,
        When.ONLINE,
        network=True,
        source=f"{_API}CreateEndpoint.html#sagemaker-CreateEndpoint-request-EndpointName",
        passes_where="the endpoint's name is free, or with `--endpoint existing` where the endpoint is in service",
    ),
    CheckRow(
        CheckId.MODEL_NAME_READY,
        When.ONLINE,
        network=True,
        needs_models=True,
        source=f"{_API}CreateModel.html",
        passes_where="the names of the models are free that the deployment makes",
    ),
    CheckRow(
        CheckId.ENDPOINT_CONFIG_UNUSED,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.DELETION,
        source=f"{_API}DeleteEndpointConfig.html",
        passes_where="no live endpoint uses the endpoint config, or is being updated to it, so that it may be deleted",
    ),
    CheckRow(
        CheckId.MODELS_EXIST,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.VARIANTS,
        source=f"{_API}CreateEndpointConfig.html",
        passes_where="the models exist that the production variants name",
    ),
    CheckRow(
        CheckId.QUOTA_INSTANCES,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.VARIANTS,
        source="https://docs.aws.amazon.com/general/latest/gr/sagemaker.html",
        passes_where="the quotas of the Region leave room for the instances of the variants, beside "
        "what the endpoints of the Region hold",
    ),
    CheckRow(
        CheckId.ALARMS_EXIST,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.ALARMS,
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
        passes_where="the CloudWatch alarms exist that roll the deployment back, composite alarms too",
    ),
    CheckRow(
        CheckId.EXECUTION_ROLE_TRUSTED,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.ROLES,
        or_details=True,
        source="https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html",
        passes_where="the trust policy of the execution role lets SageMaker assume it, for this account and Region",
    ),
    CheckRow(
        CheckId.EXECUTION_ROLE_ALLOWED,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.ROLES,
        or_details=True,
        source="https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        passes_where="the execution role's policies allow what the models, images and outputs of this deployment need",
    ),
    CheckRow(
        CheckId.REQUEST_VALID,
        needs_request=True,
        source=f"{_API}CreateEndpointConfig.html",
        passes_where="AWS would accept the requests as they are written",
    ),
    CheckRow(
        CheckId.DEPLOYMENT_COVERED,
        needs_request=True,
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html",
        passes_where="the report judges everything in the file that belongs to the endpoint",
    ),
)
"""In the order of the report. Adding a check is adding a row, and a function to the plan under its id."""


DEPLOYMENT_CHECKS: Final[tuple[CheckId, ...]] = (
    CheckId.POLICY_SUFFICIENT,
    CheckId.POLICY_MINIMAL,
    CheckId.REQUEST_VALID,
    CheckId.DEPLOYMENT_COVERED,
)
"""Checks that find the same of a deployment whoever deploys it."""


def require_runnable(checks: Collection[str], skip: Collection[str], facts: CheckFacts) -> None:
    """Returns where every check that is named exists and can run.

    Args:
        checks: Ids of the checks that run besides those that run by default; `all` is all that can run.
        skip: Ids of the checks to leave out.
        facts: What there is.

    Raises:
        InvalidInputError: An id is not known, or a check is named that cannot run.
    """
    for flag, ids in (("--check", checks), ("--skip", skip)):
        for check_id in sorted(ids):
            _require_known(check_id, flag)
    for row in _rows(details=facts.details):
        if row.id not in checks:
            continue
        if facts.offline and row.network:
            cure = "leave out --offline" + (", or give --authorization-details FILE" if row.or_details else "")
            raise InvalidInputError(f"{row.id} asks AWS", where="--check", cure=cure)
        if facts.offline and row.needs_policies and not facts.policies:
            raise InvalidInputError(f"{row.id} has no policies to ask", where="--check", cure="give --policy FILE")
        if row.needs_request and not facts.request:
            raise InvalidInputError(
                f"{row.id} has no request to look at",
                where="--check",
                cure="give --request, --config-request or --from",
            )
        if row.needs_models and not facts.models:
            raise InvalidInputError(
                f"{row.id} has no model to look for",
                where="--check",
                cure="give --model-request, or --from a file that makes models",
            )


def select(checks: Collection[str], skip: Collection[str], facts: CheckFacts) -> tuple[ChosenCheck, ...]:
    """The checks of a report, once `require_runnable` has taken what the user named.

    A check that would run by default and does not is there, with the reason.

    Args:
        checks: Ids of the checks that run besides those that run by default; `all` is all that can run.
        skip: Ids to leave out; they win over `checks`.
        facts: What there is.
    """
    chosen = (
        row
        for row in _rows(details=facts.details)
        if (facts.request or not row.needs_request)
        and (facts.models or not row.needs_models)
        and (row.when is not When.BY_NAME or row.id in checks or _is_of_all(row, checks, facts))
    )
    return tuple(ChosenCheck(row, _why_skipped(row, skip, facts)) for row in chosen)


def _is_of_all(row: CheckRow, checks: Collection[str], facts: CheckFacts) -> bool:
    """Whether `--check all` runs a check that runs by name only."""
    return "all" in checks and not (facts.offline and row.network) and (row.needs is None or row.needs in facts.needs)


def _why_skipped(row: CheckRow, skip: Collection[str], facts: CheckFacts) -> str:
    """Why a check does not run, in one clause; empty: it runs."""
    if not {row.id, "all"}.isdisjoint(skip):
        return "left out by --skip"
    if facts.offline and row.network:
        return "offline: AWS was not asked"
    if facts.offline and row.needs_policies and not facts.policies:
        return "no policies were given (--policy FILE gives them)"
    return ""


def _rows(*, details: bool) -> list[CheckRow]:
    """Every check; what authorization details answer asks no network where they were given."""
    return [row._replace(network=False) if details and row.or_details else row for row in CHECKS]


def _require_known(check_id: str, flag: str) -> None:
    known = [row.id.value for row in CHECKS]
    if check_id == "all" or check_id in known:
        return
    import difflib  # an error is the only user

    near = difflib.get_close_matches(check_id, known, n=1)
    cure = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
    raise InvalidInputError(f"there is no check {check_id!r}", where=flag, cure=cure)
