"""The main job, composed: what was asked -> the checks' runs -> one report."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from iamcheck.aws.region import agreed, resolve_region
from iamcheck.checks import policy as proofs
from iamcheck.checks.options import apply_user_context, parse_layers, require_consistent, user_context_assumptions
from iamcheck.checks.plan import CheckOutcome, CheckPlan, preflight
from iamcheck.checks.registry import select
from iamcheck.checks.report import Reports
from iamcheck.deployment import Deployment, Named, PartialDeployment
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.engine import Semantics
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.results import CheckResult, Remedy, Status, could_not_ask
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.excess import Excess
    from iamcheck.checks.options import CheckOptions
    from iamcheck.checks.registry import CheckNeed, CheckRow
    from iamcheck.checks.report import Report
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.deployment.resolving import Draft
    from iamcheck.iam.model import PolicySet
    from iamcheck.permissions import RequiredPermission
    from iamcheck.policies.rendering import RenderedPolicy
    from iamcheck.results import Json

__all__ = ["answer", "check_drafts"]


def check_drafts(
    drafts: Sequence[Named | Draft],
    wanted: CheckOptions,
    access: Access | None,
    *,
    region: str | None = None,
    account_id: str | None = None,
) -> Report | Reports:
    """`check` where Region and account may not be given: then they are those of the AWS configuration.

    Args:
        drafts: The deployments, one or more.
        wanted: What was asked.
        access: The way to AWS; None: offline.
        region: Region code; None: what the deployment's source says, else that of the environment or the profile.
        account_id: The 12 digits of the account; None: that of the credentials.

    Returns:
        The report of one deployment, the reports of several.

    Raises:
        InvalidInputError: Something that was given cannot be used.
    """
    reports = tuple(_check_draft(draft, wanted, access, region, account_id) for draft in drafts)
    return reports[0] if len(reports) == 1 else Reports(reports)


def _check_draft(
    draft: Named | Draft, wanted: CheckOptions, access: Access | None, region: str | None, account_id: str | None
) -> Report:
    wanted = wanted.of(draft)
    found = resolve_region(agreed(region, draft.region, "--region"), access)
    account = agreed(account_id, draft.account_id, "--account-id")
    if account is not None:
        return answer(_with_live_config(draft, wanted, access, found).at(found, account), wanted, access)
    if access is None:
        raise InvalidInputError("no account", where="--account-id", cure="--offline needs one")
    nowhere = draft.at(found, None)
    # what makes no sense is said before AWS is asked
    _rows(nowhere, wanted, parse_layers(wanted), offline=False)
    try:
        caller = access.caller(nowhere.region)
    except AwsUnavailableError as error:
        return answer(nowhere, wanted, access, error)
    placed = _with_live_config(draft, wanted, access, found).at(found, caller.account_id)
    return answer(placed, wanted, access, caller)


def _with_live_config(draft: Named | Draft, wanted: CheckOptions, access: Access | None, region: str) -> Named | Draft:
    """The draft with the endpoint config that is there, where `--config existing` says so and none is given."""
    written, name = draft.written, draft.endpoint_config_name
    if access is None or wanted.config != "existing" or name is None or "*" in name or (written and written.config):
        return draft
    from iamcheck.aws.deployed import config_of
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.deployment.resolving import draft_of
    from iamcheck.deployment.unknown import Tool

    place = f"endpoint config {name} in {region}"
    try:
        found = access.reads(region).endpoint_config(name)
        config = None if found is None else config_of(found, place)
    except AwsUnavailableError:
        # endpoint-config.ready tells why, of the same answer; what the endpoint config has stays unknown
        return draft
    if config is None:
        return draft
    known = written or WrittenDeployment(Tool.SDK, place)
    return draft_of(
        replace(known, config=config, config_exists=True),
        endpoint_name=draft.endpoint_name,
        endpoint_config_name=name,
    )


def answer(
    deployment: Deployment | PartialDeployment,
    wanted: CheckOptions,
    access: Access | None,
    caller: PrincipalIdentity | AwsUnavailableError | None = None,
) -> Report:
    """`check`, once everything has its form.

    Args:
        deployment: What will be created.
        wanted: What was asked.
        access: The way to AWS; None: offline.
        caller: Who calls, where that was asked already, or why nobody can tell.
    """
    offline = access is None
    given = parse_layers(wanted)
    rows = _rows(deployment, wanted, given, offline=offline)
    who = _who(deployment, wanted, access, caller)
    policy: Mapping[str, Json] | None = None
    permissions: tuple[RequiredPermission, ...] = ()
    runs: dict[str, Callable[[], CheckOutcome]] = {}
    if isinstance(deployment, Deployment) and not deployment.unsettled:
        rendered = render_policy(
            deployment,
            wanted.scope,
            template=wanted.template,
            template_dir=wanted.template_dir,
            pin=wanted.pin,
        )
        policy = rendered.document
        needed = required(deployment, wanted.scope)
        permissions = tuple(replace(one, request=apply_user_context(one.request, wanted)) for one in needed)
        runs |= _policy_runs(deployment, wanted, permissions, given, rendered, who, access)
    if access is not None and isinstance(deployment, Deployment):
        from iamcheck.checks import binding as readiness  # an offline check does not pay for it

        runs |= readiness.bound(deployment, wanted, access)
        runs["sts.active"] = partial(_sts_active, deployment, wanted, who, access)
    if wanted.checks and isinstance(deployment, Deployment):
        from iamcheck.checks import binding as readiness  # a check by default does not pay for it

        runs |= readiness.of_roles(deployment, wanted, access, who)
    if deployment.written is not None:
        runs["request.valid"] = partial(_request_valid, deployment.written, deployment)
    for row in rows:
        runs.setdefault(row.id, partial(_not_known, row.id, deployment, who))
    return preflight(
        CheckPlan(
            deployment=deployment,
            scope=wanted.scope,
            engine=_engine_shown(wanted.engine, offline=offline),
            offline=offline,
            principal=wanted.principal or (None if isinstance(who, AwsUnavailableError) or who is None else who.arn),
            policy=policy,
            permissions=permissions,
            rows=rows,
            runs=runs,
            assumptions=user_context_assumptions(wanted),
            asked=frozenset(wanted.checks),
            excess=partial(_excess, permissions) if wanted.excess else None,
        )
    )


def _policy_runs(
    deployment: Deployment,
    wanted: CheckOptions,
    permissions: tuple[RequiredPermission, ...],
    given: PolicySet | None,
    rendered: RenderedPolicy,
    who: PrincipalIdentity | AwsUnavailableError | None,
    access: Access | None,
) -> dict[str, Callable[[], CheckOutcome]]:
    local, alone = LocalSimulator(), LocalSimulator(Semantics.ALONE)

    def principal_allowed() -> CheckOutcome:
        # an offline check of the policy alone does not pay for it
        from iamcheck.checks.principal import check as asking
        from iamcheck.checks.principal.question import PrincipalQuestion

        return asking.principal_allowed(
            PrincipalQuestion(deployment, wanted, permissions, given, rendered, who), access, local
        )

    def policy_minimal() -> CheckOutcome:
        found = proofs.minimal(rendered.policy, permissions, alone, pin=wanted.pin)
        if not wanted.pin:
            return CheckOutcome(found)
        from iamcheck.policies.pins import unpinned

        return CheckOutcome(found, tuple(f"not pinned: {text}" for text in unpinned(deployment, wanted.scope)))

    return {
        "policy.sufficient": lambda: CheckOutcome(proofs.sufficient(rendered.policy, permissions, alone)),
        "policy.minimal": policy_minimal,
        "principal.allowed": principal_allowed,
    }


def _excess(permissions: tuple[RequiredPermission, ...], judged: Sequence[PolicySet]) -> tuple[Excess, ...]:
    from iamcheck.checks.excess import excess, full_access_excess  # it brings policyuniverse along

    own = [excess(policies, permissions) for policies in judged]
    return (*own, full_access_excess(permissions))


def _request_valid(written: WrittenDeployment, deployment: Deployment | PartialDeployment) -> CheckOutcome:
    from iamcheck.checks.request_valid import Target
    from iamcheck.checks.request_valid.check import request_valid  # it brings AWS's service model along

    # an endpoint config that exists has been judged by AWS, and what is known of it may be a part
    config = None if written.config_exists else written.config
    target = Target(deployment.partition, deployment.region, deployment.account_id)
    return CheckOutcome(*request_valid(written.endpoint, config, written.models, written.tool, target))


def _not_known(
    check_id: str, deployment: Deployment | PartialDeployment, who: PrincipalIdentity | AwsUnavailableError | None
) -> CheckOutcome:
    """A check that needs what is not known: a name, a role, the account."""
    if deployment.unsettled:
        reasons = "; ".join(str(one) for one in deployment.unsettled)
        cures = "; ".join(dict.fromkeys(one.cure for one in deployment.unsettled))
        return CheckOutcome(CheckResult(check_id, Status.UNKNOWN, reasons, remedy=Remedy(f"to settle it, {cures}")))
    if isinstance(who, AwsUnavailableError):
        remedy = Remedy("with --account-id, what needs no answer of AWS's is checked all the same")
        return CheckOutcome(could_not_ask(check_id, who, remedy))
    return CheckOutcome(CheckResult(check_id, Status.UNKNOWN, "the account is not known"))


def _has_request(written: WrittenDeployment | None) -> bool:
    """Whether there is a request to judge; an endpoint config that exists has been judged by AWS."""
    return written is not None and (written.endpoint is not None or not written.config_exists)


def _rows(
    deployment: Deployment | PartialDeployment, wanted: CheckOptions, given: PolicySet | None, *, offline: bool
) -> tuple[CheckRow, ...]:
    """The checks that were asked for, once it is known that what was asked makes sense."""
    require_consistent(wanted, given, offline=offline)
    has: Collection[CheckNeed] = ()
    if wanted.checks and (not offline or wanted.authorization_details is not None):
        from iamcheck.checks.binding import needs_met  # an offline check has no use for it

        has = needs_met(deployment, wanted)
    return select(
        wanted.checks,
        wanted.skip,
        offline=offline,
        policies=given is not None or wanted.authorization_details is not None,
        request=_has_request(deployment.written),
        details=wanted.authorization_details is not None,
        has=has,
    )


def _engine_shown(engine: str, *, offline: bool) -> str:
    return "local" if offline else "aws" if engine == "auto" else engine


def _who(
    deployment: Deployment | PartialDeployment,
    wanted: CheckOptions,
    access: Access | None,
    caller: PrincipalIdentity | AwsUnavailableError | None,
) -> PrincipalIdentity | AwsUnavailableError | None:
    """Who calls: None offline, the reason where nobody can tell."""
    if isinstance(caller, AwsUnavailableError) or deployment.account_id is None:
        return caller
    if access is None and wanted.principal is None:
        return None
    from iamcheck.aws.principals import parse_principal, require_account

    if wanted.principal is not None:
        require_account(parse_principal(wanted.principal), deployment.account_id)
    if access is None:
        return None
    try:
        found = caller or access.caller(deployment.region)
    except AwsUnavailableError as error:
        return error
    require_account(found, deployment.account_id)
    return found


def _sts_active(
    deployment: Deployment, wanted: CheckOptions, who: PrincipalIdentity | AwsUnavailableError | None, access: Access
) -> CheckOutcome:
    from iamcheck.checks.sts import StsAccess, check_region

    way = StsAccess(
        session=None if access.given_sts is not None else access.session,
        client=access.given_sts,
        account_id=deployment.account_id,
        caller=None if isinstance(who, AwsUnavailableError) else who,
        probe_role=wanted.sts_probe_role,
        deadline=access.deadline,
    )
    return CheckOutcome(check_region(deployment.region, way).check())
