"""Lists every check: when it runs, what it needs, which page of AWS it rests on. Adding a check is adding a row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError
from iamcheck.results import CheckId

if TYPE_CHECKING:
    from collections.abc import Collection


__all__ = ["CHECKS", "CheckNeed", "CheckRow", "ChosenCheck", "When", "require_runnable", "select"]


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


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check that iamcheck knows.

    Args:
        id: Its stable name.
        when: When it runs without being named.
        network: It asks AWS; offline it is skipped, or refused where the user named it.
        needs_policies: Offline it runs only where policies were given.
        needs_request: It runs only where a request is written somewhere.
        needs: What `--check all` runs it for; None: it always makes sense.
        or_details: Authorization details stand in for AWS: with them it runs offline.
        source: The AWS page of what it checks.
        meaning: What a pass of it says, in one sentence.
    """

    id: CheckId
    when: When = When.ALWAYS
    network: bool = False
    needs_policies: bool = False
    needs_request: bool = False
    needs: CheckNeed | None = None
    or_details: bool = False
    source: str = ""
    meaning: str = ""

    @property
    def permissions(self) -> tuple[str, ...]:
        """The actions that it calls itself, sorted."""
        from iamcheck.permissions.checker import actions_of  # most runs are not asked for it

        return actions_of(self.id)


@dataclass(frozen=True, slots=True)
class ChosenCheck:
    """A check of a report.

    Args:
        row: The check.
        skipped: Why it does not run, in one clause; empty: it runs.
    """

    row: CheckRow
    skipped: str = ""


_IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
_API = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"


CHECKS: tuple[CheckRow, ...] = (
    CheckRow(
        CheckId.POLICY_SUFFICIENT,
        source=f"{_IAM}reference_policies_evaluation-logic.html",
        meaning="The policy that iamcheck makes allows every call that the deployment needs.",
    ),
    CheckRow(
        CheckId.POLICY_MINIMAL,
        source=f"{_IAM}best-practices.html#grant-least-privilege",
        meaning="Every statement, action and resource of that policy is needed, and it allows nothing beyond the need.",
    ),
    CheckRow(
        CheckId.PRINCIPAL_ALLOWED,
        needs_policies=True,
        source=f"{_IAM}reference_policies_evaluation-logic.html",
        meaning="The principal that deploys may make every call that the deployment needs.",
    ),
    CheckRow(
        CheckId.STS_ACTIVE,
        network=True,
        source=f"{_IAM}id_credentials_temp_enable-regions.html",
        meaning="STS is active for the account in the Region of the deployment.",
    ),
    CheckRow(
        CheckId.ENDPOINT_CONFIG_READY,
        When.ONLINE,
        network=True,
        source=f"{_API}CreateEndpoint.html",
        meaning="The endpoint config is there where the deployment needs it, and its name is free where it makes one.",
    ),
    CheckRow(
        CheckId.ENDPOINT_NAME_READY,
        When.ONLINE,
        network=True,
        source=f"{_API}CreateEndpoint.html#sagemaker-CreateEndpoint-request-EndpointName",
        meaning="The endpoint's name is free for a new endpoint, and the endpoint is in service for an update.",
    ),
    CheckRow(
        CheckId.ENDPOINT_CONFIG_UNUSED,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.DELETION,
        source=f"{_API}DeleteEndpointConfig.html",
        meaning="No endpoint uses the endpoint config that the deployment deletes.",
    ),
    CheckRow(
        CheckId.MODELS_EXIST,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.VARIANTS,
        source=f"{_API}CreateEndpointConfig.html",
        meaning="Every model that the endpoint config names exists, or is made by the deployment.",
    ),
    CheckRow(
        CheckId.QUOTA_INSTANCES,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.VARIANTS,
        source="https://docs.aws.amazon.com/general/latest/gr/sagemaker.html",
        meaning="The account's quotas leave room for the instances of the endpoint.",
    ),
    CheckRow(
        CheckId.ALARMS_EXIST,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.ALARMS,
        source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
        meaning="Every alarm that may roll the deployment back exists in the Region.",
    ),
    CheckRow(
        CheckId.EXECUTION_ROLE_TRUSTED,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.ROLES,
        or_details=True,
        source="https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html",
        meaning="Each execution role trusts SageMaker, so that SageMaker can assume it.",
    ),
    CheckRow(
        CheckId.EXECUTION_ROLE_ALLOWED,
        When.BY_NAME,
        network=True,
        needs=CheckNeed.ROLES,
        or_details=True,
        source="https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html",
        meaning="Each execution role may do what its model needs, such as read the image and the model's data.",
    ),
    CheckRow(
        CheckId.REQUEST_VALID,
        needs_request=True,
        source=f"{_API}CreateEndpointConfig.html",
        meaning="The requests are as SageMaker's API documents them.",
    ),
    CheckRow(
        CheckId.DEPLOYMENT_COVERED,
        needs_request=True,
        source="https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html",
        meaning="Every resource of the file that belongs to the deployment was asked about.",
    ),
)
"""In the order of the report. Adding a check is adding a row, and a function to the plan under its id."""


def require_runnable(
    checks: Collection[str],
    skip: Collection[str],
    *,
    offline: bool,
    policies: bool,
    request: bool = False,
    details: bool = False,
) -> None:
    """Returns where every check that is named exists and can run.

    Args:
        checks: Ids of the checks that run besides those that run by default; `all` is all that can run.
        skip: Ids of the checks to leave out.
        offline: Whether there is no network.
        policies: Whether policies were given that say what the principal may do.
        request: Whether a request is written somewhere.
        details: Whether authorization details were given.

    Raises:
        InvalidInputError: An id is not known, or a check is named that cannot run.
    """
    for flag, ids in (("--check", checks), ("--skip", skip)):
        for one in sorted(ids):
            _require_known(one, flag)
    for row in _rows(details=details):
        if row.id not in checks:
            continue
        if offline and row.network:
            cure = "leave out --offline" + (", or give --authorization-details FILE" if row.or_details else "")
            raise InvalidInputError(f"{row.id} asks AWS", where="--check", cure=cure)
        if offline and row.needs_policies and not policies:
            raise InvalidInputError(f"{row.id} has no policies to ask", where="--check", cure="give --policy FILE")
        if row.needs_request and not request:
            raise InvalidInputError(
                f"{row.id} has no request to look at",
                where="--check",
                cure="give --request, --config-request or --from",
            )


def select(
    checks: Collection[str],
    skip: Collection[str],
    *,
    offline: bool,
    policies: bool,
    request: bool = False,
    details: bool = False,
    has: Collection[CheckNeed] = (),
) -> tuple[ChosenCheck, ...]:
    """The checks of a report, once `require_runnable` has taken what the user named.

    A check that would run by default and does not is there, with the reason.

    Args:
        checks: Ids of the checks that run besides those that run by default; `all` is all that can run.
        skip: Ids to leave out; they win over `checks`.
        offline: Whether there is no network.
        policies: Whether policies were given that say what the principal may do.
        request: Whether a request is written somewhere.
        details: Whether authorization details were given.
        has: What the deployment has of what checks need.
    """
    chosen = (
        row
        for row in _rows(details=details)
        if (request or not row.needs_request)
        and (row.when is not When.BY_NAME or row.id in checks or _is_of_all(row, checks, has, offline=offline))
    )
    return tuple(ChosenCheck(row, _why_skipped(row, skip, offline=offline, policies=policies)) for row in chosen)


def _is_of_all(row: CheckRow, checks: Collection[str], has: Collection[CheckNeed], *, offline: bool) -> bool:
    """Whether `--check all` runs a check that runs by name only."""
    return "all" in checks and not (offline and row.network) and (row.needs is None or row.needs in has)


def _why_skipped(row: CheckRow, skip: Collection[str], *, offline: bool, policies: bool) -> str:
    """Why a check does not run, in one clause; empty: it runs."""
    if not {row.id, "all"}.isdisjoint(skip):
        return "left out by --skip"
    if offline and row.network:
        return "offline: AWS was not asked"
    if offline and row.needs_policies and not policies:
        return "no policies were given (--policy FILE gives them)"
    return ""


def _rows(*, details: bool) -> list[CheckRow]:
    """Every check; what authorization details answer asks no network where they were given."""
    return [replace(row, network=False) if details and row.or_details else row for row in CHECKS]


def _require_known(one: str, flag: str) -> None:
    known = [row.id.value for row in CHECKS]
    if one == "all" or one in known:
        return
    import difflib  # an error is the only user

    near = difflib.get_close_matches(one, known, n=1)
    cure = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
    raise InvalidInputError(f"there is no check {one!r}", where=flag, cure=cure)
