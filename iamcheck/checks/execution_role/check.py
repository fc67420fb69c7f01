"""Checks execution roles: finds the roles of a deployment, what each needs, and the policies that each has.

Loaded only where one of these checks runs.
"""

from __future__ import annotations

from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, Final

from iamcheck.aws.account import read_details, read_live
from iamcheck.aws.deployed import model_names, read_config, with_existing
from iamcheck.aws.principals import parse_principal
from iamcheck.checks.execution_role import judging as execution_role
from iamcheck.checks.plan import CheckOutcome, NotKnownError
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Unread
from iamcheck.permissions.execution_role import RoleInputs, execution_roles, needed_by_role
from iamcheck.results import Assumption, CheckResult, Evidence, Remedy, Status
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from iamcheck.aws.account import AccountGap, AttachedPolicies
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.options import CheckOptions
    from iamcheck.deployment import Deployment
    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.results import CheckId

__all__ = ["Roles"]

_NO_ROLE: Final = "NoSuchEntity"
"""What IAM answers where there is no such role (https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html)."""
_NAME_IT: Final = "name the role with --execution-role ARN"


class Roles:
    """The execution roles of one deployment; what both checks need is read once, from whichever thread.

    Args:
        deployment: What will be created.
        options: What is checked, and how.
        access: The way to AWS; None: offline, and then there are authorization details.
        caller: Who calls, or why nobody can tell.
    """

    def __init__(
        self,
        deployment: Deployment,
        options: CheckOptions,
        access: Access | None,
        caller: PrincipalIdentity | AwsUnavailableError | None,
    ) -> None:
        self._deployment, self._options, self._access, self._caller = deployment, options, access, caller
        self._simulator = LocalSimulator()
        self._found: RoleInputs | AwsUnavailableError | None = None
        self._policies: dict[str, AttachedPolicies] = {}
        self._inputs_lock, self._policies_lock = Lock(), Lock()

    def trusted(self) -> CheckOutcome:
        """Whether SageMaker may become each of the roles.

        Raises:
            NotKnownError: No role is known.
            AwsUnavailableError: What names the roles could not be read.
        """
        if self._options.execution_role is not None:
            return self._trusted(self._options.execution_role)
        inputs = self._inputs()
        outcome = self._of_each(execution_role.TRUSTED, inputs, self._trusted)
        return outcome._replace(result=_unless_all_known(outcome.result, tuple(_not_known(inputs))))

    def allowed(self) -> CheckOutcome:
        """Whether each of the roles may do what the deployment needs of it.

        Raises:
            NotKnownError: No role is known.
            AwsUnavailableError: What the needs follow from could not be read.
        """
        inputs = self._inputs()
        role_given = self._options.execution_role
        if role_given is None:
            outcome = self._of_each(execution_role.ALLOWED, inputs, partial(self._allowed, inputs=inputs))
            return outcome._replace(result=_unless_all_known(outcome.result, tuple(_not_known(inputs))))
        others = [role for role in execution_roles(inputs.config, inputs.models) if role != role_given]
        outcome = self._allowed(role_given, inputs=inputs)
        if not others:
            return outcome
        if not inputs.serving(role_given).models and inputs.models:
            raise NotKnownError(
                f"no model has the role {role_given}: they have {', '.join(others)}", "name one of these"
            )
        assumed = f"only {role_given} was asked about, as --execution-role says, and not {', '.join(others)}"
        return outcome._replace(assumptions=(*outcome.assumptions, Assumption(assumed)))

    def _of_each(self, check_id: CheckId, inputs: RoleInputs, check: Callable[[str], CheckOutcome]) -> CheckOutcome:
        roles = execution_roles(inputs.config, inputs.models)
        if not roles:
            reasons = "; ".join(_not_known(inputs)) or "the requests name no execution role"
            raise NotKnownError(f"the execution role is not known: {reasons}", _NAME_IT)
        return _worst_outcome(check_id, [(role, check(role)) for role in roles])

    # --- one role

    def _trusted(self, role: str) -> CheckOutcome:
        attached = self._attached(role, execution_role.TRUSTED)
        if isinstance(attached, CheckOutcome):
            return attached
        trust = attached.trust
        if not isinstance(trust, Policy):
            gaps = [gap for gap in attached.unread if PolicyType.RESOURCE in gap.layers]
            return CheckOutcome(_unread(execution_role.TRUSTED, role, gaps))
        result, assumed = execution_role.trusted(
            trust,
            role,
            region=self._deployment.region,
            account_id=self._deployment.account_id,
            simulator=self._simulator,
            rcps=self._levels(PolicyType.RCP),
        )
        return CheckOutcome(result, assumed)

    def _allowed(self, role: str, *, inputs: RoleInputs) -> CheckOutcome:
        attached = self._attached(role, execution_role.ALLOWED)
        if isinstance(attached, CheckOutcome):
            return attached
        needs = needed_by_role(
            inputs, region=self._deployment.region, account_id=self._deployment.account_id, role=role
        )
        policies = PolicySet(
            identity=attached.identity,
            boundary=attached.boundary,
            scps=self._levels_or_unread(PolicyType.SCP),
            rcps=self._levels_or_unread(PolicyType.RCP),
        )
        result, assumed = execution_role.allowed(
            needs,
            policies,
            simulator=self._simulator,
            resource_policies=self._options.layers.resource_policies,
            facts=attached.who.facts(),
        )
        return CheckOutcome(_with_gaps(result, attached.unread), (*attached.assumptions, *assumed))

    def _attached(self, role: str, check_id: CheckId) -> AttachedPolicies | CheckOutcome:
        """The policies of a role; an outcome where it is of another account, or IAM has none of that ARN."""
        principal = parse_principal(role, where="ExecutionRoleArn")
        if principal.account_id != self._deployment.account_id:
            why = f"{role} belongs to another account, and a role is passed only within its own"
            return CheckOutcome(CheckResult(check_id, Status.FAIL, why, remedy=Remedy("name a role of the account")))
        attached = self._read(principal)
        missing = next(
            (gap for gap in attached.unread if gap.code == _NO_ROLE and gap.operation == "iam:GetRole"), None
        )
        role_arn = attached.who.policy_source_arn
        if missing is None and role_arn == role:
            return attached
        notes = () if missing is None else (Evidence(note=str(missing)),)
        if isinstance(self._caller, AwsUnavailableError):
            why = f"whose account the credentials are is not known, and its IAM has no role {role}"
            return CheckOutcome(CheckResult(check_id, Status.UNKNOWN, why, notes))
        if missing is None:
            why, cure = f"there is no role {role}: the one of that name is {role_arn}", f"write {role_arn}"
        else:
            why, cure = f"there is no role {role}", "create it, or name another"
        return CheckOutcome(CheckResult(check_id, Status.FAIL, why, notes, remedy=Remedy(cure)))

    def _read(self, principal: PrincipalIdentity) -> AttachedPolicies:
        with self._policies_lock:
            if principal.arn not in self._policies:
                self._policies[principal.arn] = self._read_from(principal)
            return self._policies[principal.arn]

    def _read_from(self, principal: PrincipalIdentity) -> AttachedPolicies:
        if self._options.authorization_details is not None:
            return read_details(str(self._options.authorization_details), principal)
        access = self._access
        if access is None:
            raise AwsUnavailableError("not asked: there is no network", operation="iam:GetRole")
        return read_live(principal, access.iam, deadline=access.deadline, max_concurrency=access.max_concurrency)

    def _levels_or_unread(self, layer: PolicyType) -> tuple[tuple[Policy, ...], ...] | Unread:
        """As given; else nobody has read them, and they can deny: offline nobody could, and an assumption says so."""
        given_levels = self._given(layer)
        return UNREAD if given_levels is None and self._access is not None else given_levels or ()

    def _levels(self, layer: PolicyType) -> tuple[tuple[Policy, ...], ...]:
        return self._given(layer) or ()

    def _given(self, layer: PolicyType) -> tuple[tuple[Policy, ...], ...] | None:
        layers = self._options.layers
        return layers.scps if layer is PolicyType.SCP else layers.rcps

    # --- what the needs follow from

    def _inputs(self) -> RoleInputs:
        with self._inputs_lock:
            if self._found is None:
                try:
                    self._found = self._read_inputs()
                except AwsUnavailableError as error:
                    self._found = error
        if isinstance(self._found, AwsUnavailableError):
            raise self._found
        return self._found

    def _read_inputs(self) -> RoleInputs:
        deployment, options = self._deployment, self._options
        written = deployment.written
        models = written.models if written else ()
        config, models = self._with_existing(models)
        return RoleInputs(
            endpoint_name=deployment.endpoint_name,
            config=config,
            models=models,
            endpoint=written.endpoint if written else None,
            async_inputs=tuple(options.async_inputs),
            model_data_keys=tuple(options.model_data_keys),
        )

    def _with_existing(
        self, models: tuple[WrittenRequest, ...]
    ) -> tuple[WrittenRequest | None, tuple[WrittenRequest, ...]]:
        """The endpoint config and the models: what exists, where the deployment may find it, else what is written."""
        deployment, written = self._deployment, self._deployment.written
        config = written.config if written is not None else None
        if self._access is None:
            return config, models
        name: str | None = deployment.endpoint_config_name
        expected = self._options.config_found(deployment)
        if expected == "new" or (deployment.names_are_patterns and name is not None and "*" in name):
            name = None
        reads = self._access.reads(deployment.region)
        if name is not None:
            # what exists keeps its own facts, whatever a request says
            config = read_config(reads, name) or (None if expected == "existing" else config)
        return with_existing(reads, None, config, models)


def _text(request: WrittenRequest, name: str) -> str | None:
    member = request.root.get(name)
    return member.value if member is not None and isinstance(member.value, str) else None


def _not_known(inputs: RoleInputs) -> Iterator[str]:
    """What keeps a role from being known: each model's, and that of an endpoint config that names one."""
    if inputs.config is None:
        yield "the endpoint config is not known, and so which models it has"
    given_names = {_text(model, "ModelName") for model in inputs.models}
    for name in model_names(inputs.config):
        # as many models of unknown name as there are: it may be one of these
        if name not in given_names and None not in given_names:
            yield f"the model {name} was not given, and is not there where AWS was asked"
    for request in (*inputs.models, *([inputs.config] if inputs.config else [])):
        role = request.root.get("ExecutionRoleArn")
        is_named = role is not None and role.value is not None
        if is_named and _text(request, "ExecutionRoleArn") not in execution_roles(None, [request]):
            yield f"the role of {request.place} is known only when the deployment is made"
        elif not is_named and request.operation == "CreateModel":
            yield f"{request.place} names no role"


def _unless_all_known(result: CheckResult, reasons: tuple[str, ...]) -> CheckResult:
    if not reasons or result.status is not Status.PASS:
        return result
    notes = tuple(Evidence(note=reason) for reason in reasons)
    summary = f"{result.summary}; but not every execution role is known: {'; '.join(reasons)}"
    cure = Remedy(f"to settle it, give the requests, or {_NAME_IT}")
    return result._replace(status=Status.UNKNOWN, summary=summary, evidence=(*result.evidence, *notes), remedy=cure)


_WORST: Final = (Status.FAIL, Status.UNKNOWN, Status.PASS)


def _worst_outcome(check_id: CheckId, outcomes: Sequence[tuple[str, CheckOutcome]]) -> CheckOutcome:
    """One outcome for several roles: the worst of them, with what was found of each."""
    if len(outcomes) == 1:
        return outcomes[0][1]
    results = [(role, outcome.result) for role, outcome in outcomes]
    status = next(worst for worst in _WORST if any(result.status is worst for _, result in results))
    decisive = [(role, result) for role, result in results if result.status is status]
    cures = [f"for {role}: {result.remedy.text}" for role, result in decisive if result.remedy is not None]
    return CheckOutcome(
        CheckResult(
            check_id,
            status,
            "; ".join(f"{role}: {result.summary}" for role, result in decisive),
            tuple(
                evidence
                for role, result in results
                for evidence in (Evidence(note=f"{role}: {result.status.value}"), *result.evidence)
            ),
            tuple(sorted({key for _, result in decisive for key in result.open_keys})),
            Remedy("; ".join(cures)) if cures else None,
        ),
        tuple(dict.fromkeys(text for _, outcome in outcomes for text in outcome.assumptions)),
    )


def _unread(check_id: CheckId, role: str, gaps: Sequence[AccountGap]) -> CheckResult:
    why = "; ".join(f"{gap.what}: {gap.why}" for gap in gaps) or "nobody has read it"
    return _with_gaps(CheckResult(check_id, Status.UNKNOWN, f"the trust policy of {role} is not known: {why}"), gaps)


def _with_gaps(result: CheckResult, gaps: Sequence[AccountGap]) -> CheckResult:
    """Where something was not read and the result hangs on it: what, and what to grant."""
    if result.status is not Status.UNKNOWN or not gaps:
        return result
    grants = dict.fromkeys(f"{gap.operation} on {gap.grant_on}" for gap in gaps if gap.grant_on)
    cures = [f"grant {', '.join(grants)} to whoever runs the check"] if grants else []
    cures += [result.remedy.text] if result.remedy is not None else []
    notes = tuple(Evidence(note=str(gap)) for gap in gaps)
    remedy = Remedy("; ".join(cures)) if cures else result.remedy
    return result._replace(evidence=(*result.evidence, *notes), remedy=remedy)
