"""The main job, composed: what was asked, checked for sense -> the checks' runs -> one report."""

from __future__ import annotations

from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from iamcheck import proofs
from iamcheck._dataclass import dataclass
from iamcheck.context import typed
from iamcheck.deployment import Deployment, Named, PartialDeployment
from iamcheck.engine import Semantics
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.layers import levels_of, policies_of, policy_of
from iamcheck.model import PolicySet, PolicyType
from iamcheck.permissions import required
from iamcheck.preflight import Outcome, Plan, preflight, select
from iamcheck.rendering import render_policy
from iamcheck.report import CheckResult, Remedy, Reports, Status, could_not_ask
from iamcheck.simulators.local import LocalSimulator
from iamcheck.where import resolve_region

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Mapping, Sequence

    from iamcheck.access import Access
    from iamcheck.deployment.drafts import Draft
    from iamcheck.layers import LevelsInput, PolicyInput
    from iamcheck.model import ContextInput, Request
    from iamcheck.permissions import RequiredPermission
    from iamcheck.preflight import CheckRow, Need
    from iamcheck.principals import Principal
    from iamcheck.rendering import RenderedPolicy
    from iamcheck.report import Json, Report

__all__ = ["CONFIGS", "ENDPOINTS", "ENGINES", "Wanted", "answer", "check_drafts"]

ENGINES = ("auto", "aws", "local", "both")
ENDPOINTS = ("new", "existing")
CONFIGS = ("new", "existing", "any")


@dataclass(frozen=True)
class Wanted:
    """Everything that `check` can be told beside the deployment and the way to AWS; see there."""

    principal: str | None = None
    policies: PolicySet | Sequence[PolicyInput] | None = None
    boundary: PolicyInput | None = None
    scps: LevelsInput | None = None
    rcps: LevelsInput | None = None
    resource_policies: Mapping[str, PolicyInput] = field(default_factory=dict)
    context: Mapping[str, ContextInput] = field(default_factory=dict)
    absent: Collection[str] = ()
    scope: str = "create"
    template: str | os.PathLike[str] | None = None
    template_dir: str | os.PathLike[str] | None = None
    pin: bool = False
    engine: str = "auto"
    strict: bool = False
    checks: Collection[str] = ()
    skip: Collection[str] = ()
    sts_probe_role: str | None = None
    endpoint: str | None = None
    config: str | None = None

    def endpoint_found(self) -> str:
        """What the deployment will find of the endpoint: as was said, else what goes with the scope."""
        return self.endpoint or ("existing" if self.scope == "update" else "new")

    def config_found(self, deployment: Deployment) -> str:
        """What the deployment will find of the endpoint config, likewise."""
        is_made = deployment.config_request is not None or self.scope == "update"
        return self.config or ("new" if is_made else "any")


def check_drafts(
    drafts: Sequence[Named | Draft],
    wanted: Wanted,
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
    draft: Named | Draft, wanted: Wanted, access: Access | None, region: str | None, account_id: str | None
) -> Report:
    found = resolve_region(region or draft.region, access)
    account = account_id or draft.account_id
    if account is not None:
        return answer(draft.at(found, account), wanted, access)
    if access is None:
        raise InvalidInputError("no account", where="--account-id", cure="--offline needs one")
    nowhere = draft.at(found, None)
    # what makes no sense is said before AWS is asked
    _rows(nowhere, wanted, _given(wanted), offline=False)
    try:
        caller = access.caller(nowhere.region)
    except AwsUnavailableError as error:
        return answer(nowhere, wanted, access, error)
    return answer(draft.at(found, caller.account_id), wanted, access, caller)


def answer(
    deployment: Deployment | PartialDeployment,
    wanted: Wanted,
    access: Access | None,
    caller: Principal | AwsUnavailableError | None = None,
) -> Report:
    """`check`, once everything has its form.

    Args:
        deployment: What will be created.
        wanted: What was asked.
        access: The way to AWS; None: offline.
        caller: Who calls, where that was asked already, or why nobody can tell.
    """
    offline = access is None
    given = _given(wanted)
    rows = _rows(deployment, wanted, given, offline=offline)
    who = _who(deployment, wanted, access, caller)
    policy: Mapping[str, Json] | None = None
    permissions: tuple[RequiredPermission, ...] = ()
    runs: dict[str, Callable[[], Outcome]] = {}
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
        permissions = tuple(replace(one, request=_said(one.request, wanted)) for one in needed)
        runs |= _policy_runs(deployment, wanted, permissions, given, rendered, who, access)
    if access is not None and isinstance(deployment, Deployment):
        from iamcheck import readiness  # an offline check does not pay for it

        runs |= readiness.bound(deployment, wanted, access)
        runs["sts.active"] = partial(_sts_active, deployment, wanted, who, access)
    for row in rows:
        runs.setdefault(row.id, partial(_not_known, row.id, deployment, who))
    return preflight(
        Plan(
            deployment=deployment,
            scope=wanted.scope,
            engine=_engine_shown(wanted.engine, offline=offline),
            offline=offline,
            principal=wanted.principal or (None if isinstance(who, AwsUnavailableError) or who is None else who.arn),
            policy=policy,
            permissions=permissions,
            rows=rows,
            runs=runs,
            assumptions=_as_said(wanted),
            asked=frozenset(wanted.checks),
        )
    )


def _policy_runs(
    deployment: Deployment,
    wanted: Wanted,
    permissions: tuple[RequiredPermission, ...],
    given: PolicySet | None,
    rendered: RenderedPolicy,
    who: Principal | AwsUnavailableError | None,
    access: Access | None,
) -> dict[str, Callable[[], Outcome]]:
    local, alone = LocalSimulator(), LocalSimulator(Semantics.ALONE)

    def principal_allowed() -> Outcome:
        from iamcheck import asking  # an offline check of the policy alone does not pay for it

        return asking.principal_allowed(asking.Asked(wanted, permissions, given, rendered, who), access, local)

    def policy_minimal() -> Outcome:
        found = proofs.minimal(rendered.policy, permissions, alone, pin=wanted.pin)
        if not wanted.pin:
            return Outcome(found)
        from iamcheck.pins import unpinned

        return Outcome(found, tuple(f"not pinned: {text}" for text in unpinned(deployment, wanted.scope)))

    return {
        "policy.sufficient": lambda: Outcome(proofs.sufficient(rendered.policy, permissions, alone)),
        "policy.minimal": policy_minimal,
        "principal.allowed": principal_allowed,
    }


def _not_known(
    check_id: str, deployment: Deployment | PartialDeployment, who: Principal | AwsUnavailableError | None
) -> Outcome:
    """A check that needs what is not known: a name, a role, the account."""
    if deployment.unsettled:
        reasons = "; ".join(str(one) for one in deployment.unsettled)
        cures = "; ".join(dict.fromkeys(one.cure for one in deployment.unsettled))
        return Outcome(CheckResult(check_id, Status.UNKNOWN, reasons, remedy=Remedy(f"to settle it, {cures}")))
    if isinstance(who, AwsUnavailableError):
        remedy = Remedy("with --account-id, what needs no answer of AWS's is checked all the same")
        return Outcome(could_not_ask(check_id, who, remedy))
    return Outcome(CheckResult(check_id, Status.UNKNOWN, "the account is not known"))


def _rows(
    deployment: Deployment | PartialDeployment, wanted: Wanted, given: PolicySet | None, *, offline: bool
) -> tuple[CheckRow, ...]:
    """The checks that were asked for, once it is known that what was asked makes sense."""
    _require_consistent(wanted, given, offline=offline)
    has: Collection[Need] = ()
    if not offline and wanted.checks:
        from iamcheck.readiness import needs_met  # an offline check has no use for it

        has = needs_met(deployment, wanted)
    return select(
        wanted.checks,
        wanted.skip,
        offline=offline,
        policies=given is not None,
        request=deployment.written is not None,
        has=has,
    )


def _engine_shown(engine: str, *, offline: bool) -> str:
    return "local" if offline else "aws" if engine == "auto" else engine


def _given(wanted: Wanted) -> PolicySet | None:
    """The layers that were given; None where none was."""
    layers = (wanted.policies, wanted.boundary, wanted.scps, wanted.rcps)
    if all(layer is None for layer in layers) and not wanted.resource_policies:
        return None
    base = PolicySet() if wanted.policies is None else policies_of(wanted.policies)
    more: dict[str, object] = {}
    if wanted.boundary is not None:
        more["boundary"] = policy_of(wanted.boundary, name="boundary", layer=PolicyType.BOUNDARY)
    if wanted.scps is not None:
        more["scps"] = levels_of(wanted.scps, layer=PolicyType.SCP)
    if wanted.rcps is not None:
        more["rcps"] = levels_of(wanted.rcps, layer=PolicyType.RCP)
    return replace(base, **more)  # type: ignore[arg-type]  # each has the type of its field


def _require_consistent(wanted: Wanted, given: PolicySet | None, *, offline: bool) -> None:
    if wanted.engine not in ENGINES:
        raise InvalidInputError(f"no engine {wanted.engine!r}", where="--engine", cure=f"one of {', '.join(ENGINES)}")
    for flag, given_word, words in (
        ("--endpoint", wanted.endpoint, ENDPOINTS),
        ("--config", wanted.config, CONFIGS),
    ):
        if given_word is not None and given_word not in words:
            raise InvalidInputError(f"{given_word!r} is not known", where=flag, cure=f"one of {', '.join(words)}")
    said = {key.lower() for key in wanted.context} & {key.lower() for key in wanted.absent}
    if said:
        raise InvalidInputError(
            f"{min(said)} is given by --context too", where="--absent", cure="it is one or the other"
        )
    for key, value in wanted.context.items():
        typed(key, value, where="--context")
    if offline and wanted.engine in {"aws", "both"}:
        raise InvalidInputError(f"{wanted.engine} asks AWS", where="--engine", cure="leave out --offline")
    if wanted.policies is not None or given is None:
        if offline and wanted.principal is not None and given is None:
            raise InvalidInputError(
                "its policies are not known", where="--principal", cure="offline, give --policy FILE"
            )
        return
    if offline and wanted.principal is not None:
        raise InvalidInputError("its identity policies are not known", where="--principal", cure="give --policy FILE")
    if not offline:
        raise InvalidInputError(
            "AWS's principal simulation takes no SCPs, RCPs, boundary or resource policies",
            where="--scp, --rcp, --boundary, --resource-policy",
            cure="give the principal's policies with --policy FILE as well",
        )


def _said(request: Request, wanted: Wanted) -> Request:
    """The request with what the user says of its context, which wins over what iamcheck knows."""
    said = {key.lower() for key in (*wanted.context, *wanted.absent)}
    context = {key: value for key, value in request.context.items() if key.lower() not in said}
    absent = [key for key in request.absent if key.lower() not in said]
    return replace(request, context={**context, **wanted.context}, absent=(*absent, *wanted.absent))


def _as_said(wanted: Wanted) -> tuple[str, ...]:
    known = (
        f"{key} is {', '.join(typed(key, value).values)}, as --context says" for key, value in wanted.context.items()
    )
    return (*known, *(f"{key} is absent, as --absent says" for key in wanted.absent))


def _who(
    deployment: Deployment | PartialDeployment,
    wanted: Wanted,
    access: Access | None,
    caller: Principal | AwsUnavailableError | None,
) -> Principal | AwsUnavailableError | None:
    """Who calls: None offline, the reason where nobody can tell."""
    if isinstance(caller, AwsUnavailableError) or deployment.account_id is None:
        return caller
    if access is None and wanted.principal is None:
        return None
    from iamcheck.principals import parse_principal, require_account

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
    deployment: Deployment, wanted: Wanted, who: Principal | AwsUnavailableError | None, access: Access
) -> Outcome:
    from iamcheck.sts import StsAccess, check_region

    way = StsAccess(
        session=None if access.given_sts is not None else access.session,
        client=access.given_sts,
        account_id=deployment.account_id,
        caller=None if isinstance(who, AwsUnavailableError) else who,
        probe_role=wanted.sts_probe_role,
        deadline=access.deadline,
    )
    return Outcome(check_region(deployment.region, way).check())
