"""Checks deployments: places each, renders its policy, lists what it needs, runs the checks, and reports."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.checks import policy as proofs
from iamcheck.checks.assumptions import run_assumptions
from iamcheck.checks.choosing import facts_of, facts_of_unplaced
from iamcheck.checks.memory import CheckMemory, DeploymentKey, deployment_key
from iamcheck.checks.option_rules import require_consistent
from iamcheck.checks.options import apply_user_context
from iamcheck.checks.placing import PlacedDeployment, place, with_caller
from iamcheck.checks.plan import CheckOutcome, CheckPlan, run_checks
from iamcheck.checks.registry import DEPLOYMENT_CHECKS, require_runnable, select
from iamcheck.deployment import Deployment, PartialDeployment, UnplacedDeployment
from iamcheck.deployment.unknown import UNKNOWN
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.engine import Semantics
from iamcheck.permissions import required
from iamcheck.permissions.dependent_calls.create_grant import CREATE_GRANT
from iamcheck.policies.rendering import MANAGED_POLICY_LIMIT, policy_size, render_policy
from iamcheck.results import Assumption, CheckId, CheckResult, Evidence, Remedy, Status, could_not_ask
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.excess import Excess
    from iamcheck.checks.options import CheckOptions
    from iamcheck.checks.report import Report
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.iam.model import PolicySet, Request
    from iamcheck.permissions import RequiredPermission
    from iamcheck.policies.rendering import RenderedPolicy

__all__ = ["check_deployment", "check_placed"]


class _NeedsAndPolicy(NamedTuple):
    """What a deployment needs, and the policy that grants it.

    Args:
        permissions: What is needed, with the user's word on the context.
        rendered: The policy.
        assumptions: What is taken to be so of the policy.
    """

    permissions: tuple[RequiredPermission, ...]
    rendered: RenderedPolicy
    assumptions: tuple[Assumption, ...]


def check_deployment(
    unplaced: UnplacedDeployment | Deployment,
    options: CheckOptions,
    access: Access | None,
    *,
    region: str | None = None,
    account_id: str | None = None,
    memory: CheckMemory | None = None,
) -> Report:
    """Checks one deployment; where Region and account are not given, they are those of the AWS configuration.

    Args:
        unplaced: The deployment, placed in a Region and an account or not.
        options: What is checked, and how.
        access: The way to AWS; None: offline.
        region: Region code for a deployment that is not placed; None: what the deployment's source says, else that of
            the environment or the profile.
        account_id: The 12 digits of the account, likewise; None: that of the credentials.
        memory: What checks before these have in common with them; None: nothing is kept.

    Raises:
        InvalidInputError: The options make no sense together, or one of them cannot be used.
    """
    options = options.of(unplaced)
    key = deployment_key(unplaced, options, access, region, account_id)
    unplaced, options = with_caller(unplaced, options)
    require_consistent(options, offline=access is None)
    require_runnable(options.checks, options.skip, facts_of_unplaced(unplaced, options, offline=access is None))
    placed = place(unplaced, options, access, region=region, account_id=account_id)
    return check_placed(_with_scaling(placed, access), access, memory, key)


def _with_scaling(placed: PlacedDeployment, access: Access | None) -> PlacedDeployment:
    deployment, scope = placed.deployment, placed.options.scope
    if not isinstance(deployment, Deployment):
        return placed
    deletes = () if deployment.written is None else deployment.written.deletes
    if scope != "lifecycle" and not deployment.resource_requests and not deletes:
        # most deployments have nothing to do with scaling
        return placed
    from iamcheck.checks.scaling import with_scaling

    return with_scaling(placed, access)


def check_placed(
    placed: PlacedDeployment,
    access: Access | None,
    memory: CheckMemory | None = None,
    key: DeploymentKey | None = None,
) -> Report:
    """Chooses the checks of a deployment, binds each to what it needs, and runs them.

    Args:
        placed: What will be created, and how it is checked.
        access: The way to AWS; None: offline.
        memory: What checks before have in common with this one; None: nothing is kept.
        key: The key of the deployment there; None: nothing is kept of it.
    """
    memory = memory or CheckMemory()
    deployment, options, offline = placed.deployment, placed.options, access is None
    chosen = select(options.checks, options.skip, facts_of(deployment, options, offline=offline))
    who = _who(placed, access)
    needs = _needs_and_policy(placed, memory, key)
    runs = _bound_checks(placed, needs, access, who, memory)
    runs |= {
        check_id: partial(memory.once, check_id.value, key, runs[check_id])
        for check_id in DEPLOYMENT_CHECKS
        if check_id in runs
    }
    for check in chosen:
        runs.setdefault(check.row.id, partial(_not_known, check.row.id, deployment, who))
    permissions = () if needs is None else needs.permissions
    return run_checks(
        CheckPlan(
            deployment=deployment,
            scope=options.scope,
            engine=_engine_shown(options.engine, offline=offline),
            offline=offline,
            principal=options.principal or (None if isinstance(who, AwsUnavailableError) or who is None else who.arn),
            policy=None if needs is None else needs.rendered.document,
            permissions=permissions,
            chosen=chosen,
            runs=runs,
            assumptions=(
                *run_assumptions(deployment, options),
                *placed.assumptions,
                *(() if needs is None else needs.assumptions),
            ),
            strict=options.strict,
            named=options.checks,
            excess=partial(_excess, permissions) if options.excess else None,
        )
    )


def _needs_and_policy(
    placed: PlacedDeployment, memory: CheckMemory, key: DeploymentKey | None
) -> _NeedsAndPolicy | None:
    """None where something that they depend on is not known."""
    deployment = placed.deployment
    if not isinstance(deployment, Deployment) or deployment.unsettled:
        return None
    rendered = memory.once("rendered policy", key, partial(_rendered, placed, deployment))
    assumptions = memory.once(
        "policy assumptions", key, lambda: (*_size_assumptions(rendered), *_family_assumptions(rendered, deployment))
    )
    permissions = memory.once("permissions", key, partial(_permissions, placed, deployment))
    return _NeedsAndPolicy(permissions, rendered, assumptions)


def _bound_checks(
    placed: PlacedDeployment,
    needs: _NeedsAndPolicy | None,
    access: Access | None,
    who: PrincipalIdentity | AwsUnavailableError | None,
    memory: CheckMemory,
) -> dict[str, Callable[[], CheckOutcome]]:
    """Each check that has what it needs, by id, as a function without arguments."""
    deployment, options = placed.deployment, placed.options
    runs: dict[str, Callable[[], CheckOutcome]] = {}
    if isinstance(deployment, Deployment):
        if needs is not None:
            runs |= _policy_checks(deployment, options, needs)
            runs[CheckId.PRINCIPAL_ALLOWED] = partial(
                _principal_allowed, deployment, options, needs, who, access, memory
            )
        if access is not None or options.checks:
            from iamcheck.checks import binding  # an offline check by default does not pay for it
        if access is not None:
            runs |= binding.sagemaker_checks(deployment, options, access, existing=placed.existing)
            runs[CheckId.STS_ACTIVE] = partial(binding.sts_active, deployment, options, access, who)
        if options.checks:
            runs |= binding.execution_role_checks(deployment, options, access, who)
    if deployment.written is not None:
        from iamcheck.checks.deployment_covered import covered  # names alone have no file

        runs[CheckId.REQUEST_VALID] = partial(_requests_valid, deployment, deployment.written, strict=options.strict)
        runs[CheckId.DEPLOYMENT_COVERED] = partial(covered, deployment.written, strict=options.strict)
    return runs


def _rendered(placed: PlacedDeployment, deployment: Deployment) -> RenderedPolicy:
    options = placed.options
    return render_policy(
        deployment,
        options.scope,
        template=options.template,
        template_dir=options.template_dir,
        pin=options.pin,
        existing_key=_existing_key(placed),
    )


def _permissions(placed: PlacedDeployment, deployment: Deployment) -> tuple[RequiredPermission, ...]:
    """What is asked about: both creates, and what an endpoint config that exists needs besides, with its own facts."""
    options = placed.options
    needed = required(deployment, options.scope)
    if placed.existing is not None:
        over = required(placed.existing, options.scope)
        replaced = {(permission.request.action, permission.request.resource) for permission in over}
        needed = (*(permission for permission in needed if not _is_replaced(permission.request, replaced)), *over)
    return tuple(permission._replace(request=apply_user_context(permission.request, options)) for permission in needed)


def _is_replaced(request: Request, over: Collection[tuple[str, str]]) -> bool:
    """Whether what an endpoint config that exists needs stands in the place of a request.

    An endpoint has one volume key, so that the grant on the key of what exists is the only one that is made.
    """
    actions = {action for action, _ in over}
    return (request.action, request.resource) in over or (
        request.action == CREATE_GRANT.action and request.action in actions
    )


def _existing_key(placed: PlacedDeployment) -> str | None:
    """The volume key of an endpoint config that exists, where `--config any` found one with a key."""
    existing = None if placed.existing is None else placed.existing.config_request
    key = None if existing is None else existing.kms_key_id
    return key if isinstance(key, str) else None


def _policy_checks(
    deployment: Deployment, options: CheckOptions, needs: _NeedsAndPolicy
) -> dict[str, Callable[[], CheckOutcome]]:
    """The checks of the policy alone, by id."""
    alone = LocalSimulator(Semantics.ALONE)

    def policy_minimal() -> CheckOutcome:
        result = proofs.minimal(needs.rendered.policy, needs.permissions, alone, pin=options.pin)
        if not options.pin:
            return CheckOutcome(result)
        from iamcheck.policies.pins import unpinned

        return CheckOutcome(
            result, tuple(Assumption(f"not pinned: {text}") for text in unpinned(deployment, options.scope))
        )

    return {
        CheckId.POLICY_SUFFICIENT: lambda: _policy_sufficient(deployment, needs.permissions, needs.rendered, alone),
        CheckId.POLICY_MINIMAL: policy_minimal,
    }


def _policy_sufficient(
    deployment: Deployment, permissions: tuple[RequiredPermission, ...], rendered: RenderedPolicy, alone: LocalSimulator
) -> CheckOutcome:
    if not deployment.names_are_patterns:
        return CheckOutcome(proofs.sufficient(rendered.policy, permissions, alone))
    from iamcheck.deployment.families import families_of  # most deployments are of no family

    return CheckOutcome(proofs.sufficient(rendered.policy, permissions, alone, families_of(deployment)))


def _size_assumptions(rendered: RenderedPolicy) -> tuple[Assumption, ...]:
    """How a policy is attached that is larger than IAM takes."""
    size = policy_size(rendered.document)
    if size <= MANAGED_POLICY_LIMIT:
        return ()
    text = (
        f"assumed: the policy, of {size} characters, is attached in parts of at most {MANAGED_POLICY_LIMIT}, as "
        "`iamcheck generate --split DIR` writes them"
    )
    return (Assumption(text),)


def _family_assumptions(rendered: RenderedPolicy, deployment: Deployment) -> tuple[Assumption, ...]:
    """What the policy grants beyond a single deployment, where names are patterns."""
    if not deployment.names_are_patterns:
        return ()
    from iamcheck.policies.families import beyond_one_deployment  # most deployments are of no family

    return tuple(Assumption(text) for text in beyond_one_deployment(rendered.policy, deployment))


def _principal_allowed(
    deployment: Deployment,
    options: CheckOptions,
    needs: _NeedsAndPolicy,
    who: PrincipalIdentity | AwsUnavailableError | None,
    access: Access | None,
    memory: CheckMemory,
) -> CheckOutcome:
    # an offline check of the policy alone does not pay for it
    from iamcheck.checks.principal.check import principal_allowed
    from iamcheck.checks.principal.question import PrincipalQuestion

    open_caller = _open_caller(deployment, options)
    if open_caller is not None:
        return CheckOutcome(open_caller)
    question = PrincipalQuestion(deployment, options, needs.permissions, needs.rendered, who)
    return principal_allowed(question, access, LocalSimulator(), memory)


def _open_caller(deployment: Deployment, options: CheckOptions) -> CheckResult | None:
    """What leaves `principal.allowed` open where the source does not tell who calls; None: it does, or says nothing."""
    caller = None if deployment.written is None else deployment.written.caller
    if caller is None:
        return None
    if caller.principal is UNKNOWN and options.principal is None:
        # policies that are given are somebody's: whose, and so which conditions hold, the source leaves open
        why = f"who makes the calls is known only when the deployment is made ({caller.place})"
        cure = "to settle it, give --principal ARN"
    elif UNKNOWN in caller.session_policies and options.layers.session is None:
        why = f"the source assumes the role with a session policy whose text it does not have ({caller.place})"
        cure = "to settle it, give all session policies with --session-policy FILE"
    else:
        return None
    return CheckResult(CheckId.PRINCIPAL_ALLOWED, Status.UNKNOWN, why, remedy=Remedy(cure))


def _excess(permissions: tuple[RequiredPermission, ...], judged: Sequence[PolicySet]) -> tuple[Excess, ...]:
    from iamcheck.checks.excess import excess, full_access_excess  # it brings policyuniverse along

    of_the_principal = [excess(policies, permissions) for policies in judged]
    return (*of_the_principal, full_access_excess(permissions))


def _requests_valid(
    deployment: Deployment | PartialDeployment, written: WrittenDeployment, *, strict: bool
) -> CheckOutcome:
    from iamcheck.checks.request_valid.of_deployment import requests_valid  # it brings AWS's service model along

    return CheckOutcome(*requests_valid(deployment, written, strict=strict))


def _not_known(
    check_id: CheckId, deployment: Deployment | PartialDeployment, who: PrincipalIdentity | AwsUnavailableError | None
) -> CheckOutcome:
    """A check that needs what is not known: a name, a role, the account."""
    if deployment.unsettled:
        reasons = "; ".join(str(open_point) for open_point in deployment.unsettled)
        cures = "; ".join(dict.fromkeys(open_point.cure for open_point in deployment.unsettled))
        notes = tuple(Evidence(note=str(open_point), where=open_point.place) for open_point in deployment.unsettled)
        remedy = Remedy(f"to settle it, {cures}")
        return CheckOutcome(CheckResult(check_id, Status.UNKNOWN, reasons, notes, remedy=remedy))
    if isinstance(who, AwsUnavailableError):
        remedy = Remedy("with --account-id, what needs no answer of AWS's is checked all the same")
        return CheckOutcome(could_not_ask(check_id, who, remedy))
    return CheckOutcome(CheckResult(check_id, Status.UNKNOWN, "the account is not known"))


def _engine_shown(engine: str, *, offline: bool) -> str:
    return "local" if offline else "aws" if engine == "auto" else engine


def _who(placed: PlacedDeployment, access: Access | None) -> PrincipalIdentity | AwsUnavailableError | None:
    """Whose credentials there are: None offline, the reason where nobody can tell."""
    deployment, caller = placed.deployment, placed.caller
    if access is None or isinstance(caller, AwsUnavailableError):
        return caller
    if deployment.account_id is None or deployment.region is None:
        return caller
    from iamcheck.aws.principals import require_account

    try:
        identity = caller or access.caller(deployment.region)
    except AwsUnavailableError as error:
        return error
    require_account(identity, deployment.account_id)
    return identity
