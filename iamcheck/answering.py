"""The main job, composed: what was asked, checked for sense -> the checks' runs -> one report."""

from __future__ import annotations

from dataclasses import field, replace
from functools import partial
from typing import TYPE_CHECKING

from iamcheck import proofs
from iamcheck._dataclass import dataclass
from iamcheck.context import ContextFacts, typed
from iamcheck.deployment import DeploymentNames
from iamcheck.engine import Semantics
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.layers import levels_of, policies_of, policy_of, resource_policies_of
from iamcheck.model import UNREAD, PolicySet, PolicyType
from iamcheck.permissions import required
from iamcheck.preflight import Outcome, Plan, preflight, select
from iamcheck.rendering import render_policy
from iamcheck.report import CheckResult, Remedy, Status, could_not_ask
from iamcheck.simulators.local import LocalSimulator
from iamcheck.where import resolve_region

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Mapping, Sequence

    from iamcheck.access import Access
    from iamcheck.deployment import Deployment
    from iamcheck.deployment.requests import Requests
    from iamcheck.layers import LevelsInput, PolicyInput
    from iamcheck.model import ContextInput, Request
    from iamcheck.permissions import RequiredPermission
    from iamcheck.preflight import CheckRow
    from iamcheck.principals import Principal
    from iamcheck.rendering import RenderedPolicy
    from iamcheck.report import Report
    from iamcheck.simulators import Simulator

__all__ = ["ENGINES", "Wanted", "answer", "check_named"]

ENGINES = ("auto", "aws", "local", "both")

_RENDERED_JUDGED = "no identity policy was given: the rendered policy was judged in its place"


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
    engine: str = "auto"
    strict: bool = False
    checks: Collection[str] = ()
    skip: Collection[str] = ()
    sts_probe_role: str | None = None


def check_named(
    endpoint_name: str,
    endpoint_config_name: str,
    wanted: Wanted,
    access: Access | None,
    *,
    region: str | None = None,
    account_id: str | None = None,
    requests: Requests | None = None,
) -> Report:
    """`check` for names alone: Region and account, where they are not given, are those of the AWS configuration.

    Args:
        endpoint_name: Name of the endpoint.
        endpoint_config_name: Name of the endpoint config.
        wanted: What was asked.
        access: The way to AWS; None: offline.
        region: Region code; None: that of the environment or the profile.
        account_id: The 12 digits of the account; None: that of the credentials.
        requests: The requests that the names are from; None: only the names are known.

    Raises:
        InvalidInputError: Something that was given cannot be used.
    """
    found = resolve_region(region, access)
    names = DeploymentNames.of(endpoint_name, endpoint_config_name, region=found, requests=requests)
    if account_id is not None:
        return answer(names.in_account(account_id), wanted, access)
    if access is None:
        raise InvalidInputError("no account", where="--account-id", cure="--offline needs one")
    rows = _rows(wanted, _given(wanted), offline=False)
    try:
        caller = access.caller(names.region)
    except AwsUnavailableError as error:
        return _nothing_asked(names, wanted, rows, error)
    return answer(names.in_account(caller.account_id), wanted, access, caller)


def _nothing_asked(
    names: DeploymentNames, wanted: Wanted, rows: tuple[CheckRow, ...], error: AwsUnavailableError
) -> Report:
    """The report where nobody could tell the account: every check is unknown."""
    remedy = Remedy("with --account-id, what needs no answer of AWS's is checked all the same")

    return preflight(
        Plan(
            deployment=names,
            scope=wanted.scope,
            engine=_engine_shown(wanted.engine, offline=False),
            offline=False,
            principal=wanted.principal,
            policy=None,
            permissions=(),
            rows=rows,
            runs={row.id: partial(Outcome, could_not_ask(row.id, error, remedy)) for row in rows},
            assumptions=_as_said(wanted),
        )
    )


def answer(deployment: Deployment, wanted: Wanted, access: Access | None, caller: Principal | None = None) -> Report:
    """`check`, once everything has its form.

    Args:
        deployment: What will be created.
        wanted: What was asked.
        access: The way to AWS; None: offline.
        caller: Who calls, where that was asked already.
    """
    offline = access is None
    given = _given(wanted)
    rows = _rows(wanted, given, offline=offline)
    rendered = render_policy(deployment, wanted.scope, template=wanted.template, template_dir=wanted.template_dir)
    permissions = tuple(replace(one, request=_said(one.request, wanted)) for one in required(deployment, wanted.scope))
    who = _who(deployment, wanted, access, caller)
    local, alone = LocalSimulator(), LocalSimulator(Semantics.ALONE)
    runs: dict[str, Callable[[], Outcome]] = {
        "policy.sufficient": lambda: Outcome(proofs.sufficient(rendered.policy, permissions, alone)),
        "policy.minimal": lambda: Outcome(proofs.minimal(rendered.policy, permissions, alone)),
        "principal.allowed": partial(
            _principal_allowed, _Asked(wanted, permissions, given, rendered, who), access, local
        ),
    }
    if access is not None:
        runs["sts.active"] = partial(_sts_active, deployment, wanted, who, access)
    return preflight(
        Plan(
            deployment=deployment,
            scope=wanted.scope,
            engine=_engine_shown(wanted.engine, offline=offline),
            offline=offline,
            principal=wanted.principal or (None if isinstance(who, AwsUnavailableError) or who is None else who.arn),
            policy=rendered.document,
            permissions=permissions,
            rows=rows,
            runs=runs,
            assumptions=_as_said(wanted),
        )
    )


def _rows(wanted: Wanted, given: PolicySet | None, *, offline: bool) -> tuple[CheckRow, ...]:
    """The checks that were asked for, once it is known that what was asked makes sense."""
    _require_consistent(wanted, given, offline=offline)
    return select(wanted.checks, wanted.skip, offline=offline, policies=given is not None)


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
    deployment: Deployment, wanted: Wanted, access: Access | None, caller: Principal | None
) -> Principal | AwsUnavailableError | None:
    """Who calls: None offline, the reason where nobody can tell."""
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


@dataclass(frozen=True)
class _Asked:
    """What `principal.allowed` is asked."""

    wanted: Wanted
    permissions: tuple[RequiredPermission, ...]
    given: PolicySet | None
    rendered: RenderedPolicy
    who: Principal | AwsUnavailableError | None

    def unknown_caller(self) -> AwsUnavailableError:
        """Why nobody knows who calls."""
        if isinstance(self.who, AwsUnavailableError):
            return self.who
        return AwsUnavailableError("nobody was asked", operation="sts:GetCallerIdentity")


def _principal_allowed(asked: _Asked, access: Access | None, local: Simulator) -> Outcome:
    outcome = _under_given(asked, asked.given, access, local) if asked.given else _under_aws(asked, access)
    result = outcome.result
    if asked.wanted.strict and result.status is Status.PASS and outcome.assumptions:
        summary = f"{result.summary}, but on assumptions, and --strict takes none"
        return Outcome(replace(result, status=Status.UNKNOWN, summary=summary), outcome.assumptions)
    return outcome


def _under_given(asked: _Asked, given: PolicySet, access: Access | None, local: Simulator) -> Outcome:
    from iamcheck.checks.principal import by_policies
    from iamcheck.simulators.aws import AwsSimulator

    wanted = asked.wanted
    principal = _principal(asked)
    layers = given
    assumed: tuple[str, ...] = ()
    if wanted.policies is None:
        layers, assumed = replace(layers, identity=(asked.rendered.policy,)), (_RENDERED_JUDGED,)
    if access is not None and wanted.scps is None and not isinstance(wanted.policies, PolicySet):
        # nobody has read them, and they can deny
        layers = replace(layers, scps=UNREAD)
    facts = ContextFacts() if principal is None else principal.facts()
    arn = None if principal is None else principal.policy_source_arn or principal.arn
    permissions = [replace(one, request=replace(one.request, principal=arn)) for one in asked.permissions]
    by_aws = None
    if access is not None and wanted.engine != "local":
        by_aws = AwsSimulator(access.iam, None, access.deadline)
    result, assumptions = by_policies(
        permissions,
        layers,
        local=local,
        aws=by_aws,
        aws_may_fail=wanted.engine == "auto",
        facts=facts,
        resource_policies=resource_policies_of(wanted.resource_policies),
    )
    return Outcome(result, (*assumed, *assumptions))


def _under_aws(asked: _Asked, access: Access | None) -> Outcome:
    from iamcheck.checks.principal import ID, by_aws
    from iamcheck.principals import resolve

    engine = asked.wanted.engine
    if access is None or engine in {"local", "both"}:
        why = f"the {engine} engine needs the principal's policies, and iamcheck does not read them from IAM"
        return Outcome(CheckResult(ID, Status.UNKNOWN, why, remedy=Remedy("give the policies with --policy FILE")))
    principal = _principal(asked)
    if principal is None:
        # nobody was named and nobody could be asked: this is why
        raise asked.unknown_caller()
    resolved = resolve(principal, access.iam, deadline=access.deadline)
    return Outcome(*by_aws(asked.permissions, resolved, iam=access.iam, deadline=access.deadline))


def _principal(asked: _Asked) -> Principal | None:
    """The principal that was named, else the caller; None where nobody is known."""
    from iamcheck.principals import parse_principal

    if asked.wanted.principal is not None:
        return parse_principal(asked.wanted.principal)
    return None if isinstance(asked.who, AwsUnavailableError) else asked.who


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
