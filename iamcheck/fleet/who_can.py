"""Tells of every principal of accounts whether it may do something, and who may become a role that may.

Decided by the local engine over authorization details: identity policies, groups, boundaries, SCPs, RCPs and the policy
of the resource. Only statements that act on the action are compiled, for each principal has policies of its own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.aws.organizations import organizations_of
from iamcheck.aws.principals import parse_principal
from iamcheck.checks.assumptions import LayerState, layer_assumptions
from iamcheck.checks.memory import CheckMemory, Same
from iamcheck.checks.policy.reach import acts_on
from iamcheck.checks.principal.judge import JudgedRequest, judge
from iamcheck.iam.catalogue import require_accepted
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import UNREAD, Arn, Policy, PolicySet, PolicyType, Request, Unread
from iamcheck.iam.request_context import call_context, merged, settle
from iamcheck.results import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import TypeAlias

    from iamcheck.aws.account.authorization_details import AccountDetails
    from iamcheck.aws.account.policies import AttachedPolicies
    from iamcheck.iam.model import ContextInput
    from iamcheck.iam.model.statement import Condition
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.results import Assumption, CheckResult

__all__ = ["PrincipalAnswer", "RoleChain", "WhoCan", "WhoCanQuestion", "who_can"]

_ASSUME: Final = "sts:AssumeRole"
_KEPT: Final = 8192
"""Policies of which the statements that act on the action are kept."""

Levels: TypeAlias = "Sequence[Sequence[Policy]] | Unread"


class WhoCanQuestion(NamedTuple):
    """What is asked about every principal.

    Args:
        action: The action, such as `sagemaker:CreateEndpoint`.
        resource: The ARN that it is done on, or `*`.
        context: Known context keys with their values.
        absent: Context keys that are known to be absent.
        resource_policies: Policies of resources by the ARN of their resource.
        organizations: A folder of what `aws organizations` printed, or `ignore`; None: there is none.
        scps: Levels of SCPs, root first, over every account; None: those of `organizations`.
        rcps: Levels of RCPs, likewise.
    """

    action: str
    resource: str
    context: Mapping[str, ContextInput] = {}
    absent: tuple[str, ...] = ()
    resource_policies: Mapping[str, Policy] = {}
    organizations: str | None = None
    scps: Sequence[Sequence[Policy]] | None = None
    rcps: Sequence[Sequence[Policy]] | None = None


class PrincipalAnswer(NamedTuple):
    """Whether one principal may.

    Args:
        principal: Its ARN.
        result: `pass`: it may, whatever is unknown; `fail`: it may not; `unknown`: it depends. With the evidence.
        gaps: What was not read of its policies.
    """

    principal: str
    result: CheckResult
    gaps: tuple[str, ...] = ()


class RoleChain(NamedTuple):
    """A principal that may become a role that may.

    Args:
        principal: Its ARN.
        role: The ARN of the role.
        is_certain: Whether both steps are certain.
    """

    principal: str
    role: str
    is_certain: bool


class WhoCan(NamedTuple):
    """The answers about every principal, in the order of the files.

    Args:
        answers: One a principal.
        chains: Who may become a role that may, of those that may not themselves.
        assumptions: What the answers rest on.
    """

    answers: tuple[PrincipalAnswer, ...]
    chains: tuple[RoleChain, ...]
    assumptions: tuple[Assumption, ...]


def who_can(question: WhoCanQuestion, accounts: Iterable[AccountDetails]) -> WhoCan:
    """Decides for each user and role of the accounts.

    Args:
        question: What is asked.
        accounts: Authorization details, one for each account.

    Raises:
        InvalidInputError: The packaged reference has no such action, the resource is of no type of the action, or the
            details or the organization cannot be used.
    """
    asked = _Asked(question)
    answers: list[PrincipalAnswer] = []
    roles: list[_Role] = []
    assumers: list[_Assumer] = []
    for account in accounts:
        for arn in account.principals():
            attached = account.policies_of(arn)
            answer = asked.answer(arn, attached)
            answers.append(answer)
            if attached.trust is not None and answer.result.status is not Status.FAIL:
                roles.append(_Role(arn, attached.trust, answer.result.status is Status.PASS))
            assumers.append(_Assumer(arn, asked.for_assuming(attached), attached.who.facts()))
    may = {answer.principal for answer in answers if answer.result.status is Status.PASS}
    chains = tuple(asked.chains(roles, [one for one in assumers if one.arn not in may]))
    return WhoCan(tuple(answers), chains, asked.assumptions())


class _Role(NamedTuple):
    arn: str
    trust: Policy | Unread
    may: bool
    """Whether it may for certain."""


class _Assumer(NamedTuple):
    """A principal, with what its policies say of becoming a role."""

    arn: str
    policies: PolicySet
    facts: ContextFacts

    def may_ask(self) -> bool:
        """Whether its own policies may let it become any role."""
        identity = self.policies.identity
        return isinstance(identity, Unread) or any(policy.statements for policy in identity)


class _Asked:
    """The question, with what all principals have in common."""

    def __init__(self, question: WhoCanQuestion) -> None:
        self._question = question
        self._memory = CheckMemory(_KEPT)
        self._base = Request(question.action, question.resource, context=question.context, absent=question.absent)
        arn = None if question.resource == "*" else Arn.parse(question.resource, where="--on")
        require_accepted(question.action, question.resource, where="--on")
        self._owner = arn.account_id if arn is not None else ""
        self._region = arn.region or None if arn is not None else None
        self._resource_policy = question.resource_policies.get(question.resource)

    def answer(self, arn: str, attached: AttachedPolicies) -> PrincipalAnswer:
        """Whether a principal may."""
        account = parse_principal(arn).account_id
        policies = replace(
            self._layers(attached, account, self._question.action, self._owner or account),
            resource=self._resource_policy,
        )
        facts = merged((attached.who.facts(), call_context(self._region, self._owner or account, called_via=None)))
        result = self._decided(self._base, arn, policies, facts)
        return PrincipalAnswer(arn, result, tuple(str(gap) for gap in attached.unread))

    def for_assuming(self, attached: AttachedPolicies) -> PolicySet:
        """The policies of a principal, as far as they speak of becoming a role."""
        account = attached.who.account_id
        return self._layers(attached, account, _ASSUME, account)

    def chains(self, roles: Iterable[_Role], assumers: Sequence[_Assumer]) -> Iterator[RoleChain]:
        """Who may become which role."""
        by_arn = {one.arn: one for one in assumers}
        asking = [one for one in assumers if one.may_ask()]
        for role in roles:
            named = [by_arn[arn] for arn in _named(role.trust) if arn in by_arn]
            candidates = {one.arn: one for one in (*named, *asking) if one.arn != role.arn}
            request = Request(_ASSUME, role.arn, context=self._question.context, absent=self._question.absent)
            account = parse_principal(role.arn).account_id
            for one in candidates.values():
                facts = merged((one.facts, call_context(None, account, called_via=None)))
                policies = replace(one.policies, resource=role.trust, rcps=self._rcps(account, _ASSUME))
                result = self._decided(request, one.arn, policies, facts)
                if result.status is not Status.FAIL:
                    yield RoleChain(one.arn, role.arn, role.may and result.status is Status.PASS)

    def assumptions(self) -> tuple[Assumption, ...]:
        """What the answers rest on."""
        question, states = self._question, {PolicyType.SESSION: LayerState.NEVER_GIVEN}
        state = LayerState.LEFT_OUT if question.organizations == "ignore" else LayerState.NOT_GIVEN
        has_folder = question.organizations not in (None, "ignore")
        if question.scps is None and not has_folder:
            states[PolicyType.SCP] = state
        if question.rcps is None and not has_folder:
            states[PolicyType.RCP] = state
        return layer_assumptions(states, [self._base])

    # --- layers

    def _layers(self, attached: AttachedPolicies, account: str, action: str, owner: str) -> PolicySet:
        identity, boundary = attached.identity, attached.boundary
        return PolicySet(
            identity=identity if isinstance(identity, Unread) else [self._acting(one, action) for one in identity],
            boundary=self._acting(boundary, action) if isinstance(boundary, Policy) else boundary,
            scps=() if attached.service_linked else self._scps(account, action),
            rcps=self._rcps(owner, action),
        )

    def _acting(self, policy: Policy, action: str) -> Policy:
        """The policy with the statements alone that act on an action."""

        def make() -> Policy:
            return replace(policy, statements=tuple(one for one in policy.statements if acts_on(one, action)))

        return self._memory.once(action, Same(policy), make)

    def _scps(self, account: str, action: str) -> Levels:
        given = self._question.scps
        return self._memory.once(
            "SCPs", (account, action), partial(self._levels, given, PolicyType.SCP, account, action)
        )

    def _rcps(self, account: str, action: str) -> Levels:
        given = self._question.rcps
        return self._memory.once(
            "RCPs", (account, action), partial(self._levels, given, PolicyType.RCP, account, action)
        )

    def _levels(self, given: Sequence[Sequence[Policy]] | None, layer: PolicyType, account: str, action: str) -> Levels:
        levels: Levels = given if given is not None else ()
        word = self._question.organizations
        if given is None and word not in (None, "ignore"):
            found = self._memory.once("organization", account, lambda: organizations_of(word, account, None))
            if found is not None:
                levels = found.scps if layer is PolicyType.SCP else found.rcps
        if isinstance(levels, Unread):
            # an account that the folder does not have may be under any SCP; RCPs are left to the assumptions
            return UNREAD if layer is PolicyType.SCP else ()
        return tuple(tuple(self._acting(policy, action) for policy in level) for level in levels)

    def _decided(self, request: Request, arn: str, policies: PolicySet, facts: ContextFacts) -> CheckResult:
        spelled = {condition.key.lower(): condition.key for condition in _conditions(policies)}
        asked = settle(request, facts, spelled.values(), principal=arn)
        return judge([JudgedRequest(evaluate(asked, policies))], spelled)


def _conditions(policies: PolicySet) -> Iterator[Condition]:
    return (
        condition for policy in policies.every_policy() for one in policy.statements for condition in one.conditions
    )


def _named(trust: Policy | Unread) -> Iterator[str]:
    """The users and roles that a trust policy names."""
    for statement in () if isinstance(trust, Unread) else trust.statements:
        if statement.principals is not None:
            yield from statement.principals.aws
