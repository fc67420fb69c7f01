"""Tells of every principal of accounts whether it may do something, and who may become a role that may.

Decided by the local engine over authorization details: identity policies, groups, boundaries, SCPs, RCPs and the policy
of the resource. Only statements that act on the action are compiled, for each principal has policies of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.aws.principals import parse_principal
from iamcheck.checks.assumptions import LayerState, layer_assumptions
from iamcheck.errors import InvalidInputError
from iamcheck.fleet.questions.asked_resource import asked_resource, context_of_question
from iamcheck.fleet.questions.layers_over_principals import LayersOverPrincipals
from iamcheck.fleet.questions.outsiders import ASSUMING, Outsider, outsiders_of
from iamcheck.fleet.questions.role_steps import ASSUME, AssumableRole, Assumer, Assumers
from iamcheck.iam.catalogue.resource_policies import can_have_policy
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Request, Unread
from iamcheck.iam.request_context import ContextFacts, call_context, merged, organization_context
from iamcheck.results import Assumption, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.aws.account.authorization_details import AccountDetails
    from iamcheck.aws.account.policies import AttachedPolicies
    from iamcheck.iam.model import ContextInput
    from iamcheck.results import CheckResult

__all__ = ["PrincipalAnswer", "RoleChain", "WhoCan", "WhoCanQuestion", "who_can"]

_OF_THE_CALLER: Final = (
    *("aws:CurrentTime", "aws:EpochTime", "aws:SecureTransport", "aws:SourceIp", "aws:UserAgent", "aws:VpcSourceIp"),
    *("aws:SourceVpc", "aws:SourceVpcArn", "aws:SourceVpce", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths"),
)
"""Keys that say when and from where somebody calls: they are the same for the call that opens a role's session."""


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
        open_keys: Unknown keys that the first step depends on, in lower case.
    """

    principal: str
    role: str
    is_certain: bool
    open_keys: tuple[str, ...] = ()


class WhoCan(NamedTuple):
    """The answers about every principal, in the order of the files.

    Args:
        answers: One a principal.
        chains: Who may become a role that may, of those that may not themselves.
        outsiders: Who else may, or may become a role that may, without being a user or role of the accounts.
        assumptions: What the answers rest on.
    """

    answers: tuple[PrincipalAnswer, ...]
    chains: tuple[RoleChain, ...]
    outsiders: tuple[Outsider, ...]
    assumptions: tuple[Assumption, ...]


def who_can(question: WhoCanQuestion, accounts: Iterable[AccountDetails]) -> WhoCan:
    """Decides for each user and role of the accounts.

    Args:
        question: What is asked.
        accounts: Authorization details, one for each account.

    Raises:
        InvalidInputError: The packaged reference has no such action, the resource is no single one of a type of the
            action, the details or the organization cannot be used, or an account comes twice.
    """
    asked = _Asked(question)
    seen = _ReadAccounts()
    for account in asked.with_policy(accounts):
        ids = {}
        for arn in account.principals():
            attached = account.policies_of(arn)
            ids[attached.who.account_id] = arn
            answer = asked.answer(arn, attached)
            seen.answers.append(answer)
            seen.names.add(f"{attached.who.account_id}:{attached.who.name}")
            seen.has_tagged_roles |= attached.trust is not None and bool(attached.tags)
            if attached.trust is not None and answer.result.status is not Status.FAIL:
                seen.roles.append(AssumableRole(arn, attached.trust, answer.result.status is Status.PASS))
            seen.assumers.append(Assumer(arn, asked.for_assuming(attached), asked.facts_of(attached)))
        for account_id, arn in ids.items():
            seen.add_account(account_id, account.name)
            asked.require_place(arn, len(seen.accounts))
            root = f"{arn.partition('::')[0]}::{account_id}:root"
            seen.names.add(root)
            if not asked.is_about_assuming:
                # AWS lets no root user call AssumeRole: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
                seen.roots.append(asked.answer(root, account.policies_of(root)))
        seen.gaps += [f"{account.name} has all {kind}s of the account: it has none" for kind in account.kinds_without()]
    may = {answer.principal for answer in seen.answers if answer.result.status is Status.PASS}
    chains = tuple(asked.chains(seen.roles, [one for one in seen.assumers if one.arn not in may]))
    return WhoCan(tuple(seen.answers), chains, tuple(asked.outsiders(seen)), asked.assumptions(seen))


class _ReadAccounts:
    """What the accounts have, as far as they were read."""

    def __init__(self) -> None:
        self.answers: list[PrincipalAnswer] = []
        self.roots: list[PrincipalAnswer] = []
        self.roles: list[AssumableRole] = []
        self.assumers: list[Assumer] = []
        self.accounts: dict[str, str] = {}
        """The files by the ids of their accounts."""
        self.names: set[str] = set()
        """Account and name of each principal, and the ARNs of the root users."""
        self.gaps: list[str] = []
        self.has_tagged_roles = False

    def add_account(self, account_id: str, file: str) -> None:
        """An account that comes twice would have its principals twice."""
        if account_id in self.accounts:
            raise InvalidInputError(f"account {account_id} is in {self.accounts[account_id]} too", where=file,
                                    cure="give each account once, and join its pages list by list")  # fmt: skip
        self.accounts[account_id] = file

    def known(self) -> frozenset[str]:
        """How policies name the principals of the accounts."""
        arns = (answer.principal for answer in self.answers)
        return frozenset((*arns, *self.accounts, *self.names))


class _Asked:
    """The question, with what all principals have in common."""

    def __init__(self, question: WhoCanQuestion) -> None:
        self._question = question
        self._layers = LayersOverPrincipals(question.organizations, question.scps, question.rcps)
        self._context = context_of_question(question.context, question.absent)
        self._resource = asked_resource(
            question.action, question.resource, self._context, question.resource_policies.keys()
        )
        self._requests = [Request(question.action, arn) for arn in self._resource.arns]
        self._policy: Policy | Unread | None = question.resource_policies.get(question.resource)
        if self._policy is None and can_have_policy(question.resource):
            self._policy = UNREAD

    @property
    def is_about_assuming(self) -> bool:
        """Whether the question is who may become a role."""
        return self._question.action.lower().startswith("sts:assumerole")

    def with_policy(self, accounts: Iterable[AccountDetails]) -> Iterable[AccountDetails]:
        """The accounts; where they have the policy of the resource and nobody gave it, theirs is taken.

        They have the trust policies of roles, and, in folders of `iamcheck account export`, those of KMS keys.
        """
        resource = self._question.resource
        is_key = self._policy is UNREAD and resource.split(":")[2:3] == ["kms"]
        if not is_key and not (self._policy is None and self.is_about_assuming):
            return accounts
        accounts = list(accounts)
        for account in accounts:
            if is_key:
                self._policy = account.key_policy(resource) or self._policy
            elif resource in account.principals():
                self._policy = account.policies_of(resource).trust
        return accounts

    def require_place(self, principal: str, accounts: int) -> None:
        """Returns where a principal can be asked about at all.

        Raises:
            InvalidInputError: It is of another partition than the resource, or of one of several accounts that may own
                the resource.
        """
        partition = principal.split(":")[1]
        if self._resource.partition not in ("", partition):
            raise InvalidInputError(f"it is of the partition {self._resource.partition}, {principal} of {partition}",
                                    where="--on", cure="give an ARN of the accounts' partition")  # fmt: skip
        if accounts > 1 and self._resource.is_of_unknown_account:
            raise InvalidInputError("its ARN does not say which of the accounts it is in", where="--on",
                                    cure="give --context aws:ResourceAccount=ID")  # fmt: skip

    def answer(self, arn: str, attached: AttachedPolicies) -> PrincipalAnswer:
        """Whether a principal may."""
        account = attached.who.account_id
        owner = self._resource.owner or account
        policies = replace(
            self._layers.over(attached, self._question.action, owner, self._question.resource),
            resource=self._policy,
        )
        of_principal = self.facts_of(attached)
        facts = merged((of_principal, call_context(self._resource.region, owner, called_via=None)))
        requests = [self._with_context(one, of_principal, self._context) for one in self._requests]
        result = self._layers.decided(requests, arn, policies, facts)
        return PrincipalAnswer(arn, result, tuple(str(gap) for gap in attached.unread))

    def facts_of(self, attached: AttachedPolicies) -> ContextFacts:
        """What is known of the context of a principal's calls: who it is, and where its account is."""
        organization = self._layers.organization(attached.who.account_id)
        facts = attached.who.facts()
        if organization is None or organization.organization_id is None:
            return facts
        # whose the resource is, its ARN may not say
        of_account = organization_context(organization.organization_id, organization.path, owns_resource=False)
        return merged((facts, of_account))

    def for_assuming(self, attached: AttachedPolicies) -> PolicySet:
        """The policies of a principal, as far as they speak of becoming a role."""
        account = attached.who.account_id
        return self._layers.over(attached, ASSUME, account, "*")

    def chains(self, roles: Iterable[AssumableRole], assumers: Sequence[Assumer]) -> Iterator[RoleChain]:
        """Who may become which role."""
        candidates = Assumers(assumers)
        for role in roles:
            account = parse_principal(role.arn).account_id
            for one in candidates.of(role):
                request = self._with_context(Request(ASSUME, role.arn), one.facts, self._context_of_caller())
                facts = merged((one.facts, call_context(None, account, called_via=None)))
                policies = replace(one.policies, resource=role.trust, rcps=self._layers.rcps(account, ASSUME, role.arn))
                result = self._layers.decided([request], one.arn, policies, facts)
                if result.status is not Status.FAIL:
                    certain = role.may and result.status is Status.PASS
                    yield RoleChain(one.arn, role.arn, certain, result.open_keys)

    def outsiders(self, seen: _ReadAccounts) -> Iterator[Outsider]:
        """Who else may, or may become a role that may: root users, and whom policies of resources name besides."""
        known = seen.known()
        for root in seen.roots:
            if root.result.status is not Status.FAIL:
                yield Outsider("root user", root.principal, None, is_certain=root.result.status is Status.PASS)
        yield from outsiders_of(self._policy, (self._question.action,), known, None)
        for role in seen.roles:
            for outsider in outsiders_of(role.trust, ASSUMING, known, role.arn):
                if outsider.kind != "service":
                    yield outsider
                    continue
                status = self._for_service(outsider.principal, role)
                if status is not Status.FAIL:
                    yield outsider._replace(is_certain=role.may and status is Status.PASS)

    def assumptions(self, seen: _ReadAccounts) -> tuple[Assumption, ...]:
        """What the answers rest on."""
        question, states = self._question, {PolicyType.SESSION: LayerState.NEVER_GIVEN}
        state = LayerState.LEFT_OUT if question.organizations == "ignore" else LayerState.NOT_GIVEN
        has_folder = question.organizations not in (None, "ignore")
        if question.scps is None and not has_folder:
            states[PolicyType.SCP] = state
        if question.rcps is None and not has_folder:
            states[PolicyType.RCP] = state
        steps = [Request(ASSUME, role.arn) for role in seen.roles[:1]]
        assumed = [*layer_assumptions(states, [*self._requests, *steps])]
        if self._resource.is_of_unknown_account:
            assumed.append(
                Assumption(
                    "assumed: the resource is in the account of the details (its ARN names none; "
                    "--context aws:ResourceAccount=ID says which)"
                )
            )
        if question.action.lower().startswith("kms:") and self._resource.partition:
            assumed.append(
                Assumption(
                    "assumed: no grant of the key allows it (`aws kms list-grants` lists them; nobody reads them)"
                )
            )
        if seen.has_tagged_roles:
            assumed.append(Assumption("assumed: no session brings a tag that replaces one of its role"))
        return (*assumed, *(Assumption(f"assumed: {gap}") for gap in seen.gaps))

    def _with_context(
        self, request: Request, of_principal: ContextFacts, context: Mapping[str, ContextInput]
    ) -> Request:
        """The request with what the user says of it, but for tags of the principal, which its details say."""
        said = {key.lower() for key in of_principal.known}
        tags_are_known = "aws:PrincipalTag/*" in of_principal.absent

        def is_open(key: str) -> bool:
            is_tag = key.lower().startswith("aws:principaltag/")
            return not (is_tag and (tags_are_known or key.lower() in said))

        return replace(
            request,
            context={key: value for key, value in context.items() if is_open(key)},
            absent=tuple(key for key in self._absent(request.action) if is_open(key)),
        )

    def _absent(self, action: str) -> tuple[str, ...]:
        absent = self._question.absent
        return absent if action == self._question.action else tuple(filter(_is_of_the_caller, absent))

    def _context_of_caller(self) -> Mapping[str, ContextInput]:
        """What the user says of the request, as far as it holds for the call that opens a role's session too."""
        return {key: value for key, value in self._context.items() if _is_of_the_caller(key)}

    def _for_service(self, service: str, role: AssumableRole) -> Status:
        """Whether a service may become a role: its policies are the trust policy and RCPs alone."""
        account = parse_principal(role.arn).account_id
        facts = ContextFacts({"aws:PrincipalIsAWSService": True, "aws:ResourceAccount": account})
        policies = PolicySet(resource=role.trust, rcps=self._layers.rcps(account, ASSUME, role.arn))
        return self._layers.decided([Request(ASSUME, role.arn)], service, policies, facts).status


def _is_of_the_caller(key: str) -> bool:
    """Whether a key says the same of the call that opens a role's session; `sts:` keys say something of no other."""
    lowered = key.lower()
    return lowered.startswith("sts:") or lowered in {one.lower() for one in _OF_THE_CALLER}
