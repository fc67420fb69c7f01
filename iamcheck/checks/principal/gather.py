"""Gathers what `principal.allowed` needs to know: the principal, every layer of policies, and AWS's answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.aws.account.authorization_details import read_account, read_details
from iamcheck.aws.account.exported import exported_key_policy
from iamcheck.aws.account.from_iam import read_live
from iamcheck.aws.account.policies import AccountGap, AttachedPolicies
from iamcheck.aws.clients import NOT_OFFERED, call
from iamcheck.aws.concurrency import together
from iamcheck.aws.key_policies import key_policies, keys_of
from iamcheck.aws.organizations import organizations_of
from iamcheck.aws.principals import IdentityKind, with_role, without_role
from iamcheck.aws.refusals import is_access_denied
from iamcheck.checks.assumptions import layer_assumptions
from iamcheck.checks.memory import Same
from iamcheck.checks.principal.aws_answers import AwsAnswers, PrincipalSimulation, simulate_given
from iamcheck.checks.principal.layers import PrincipalPolicies, attached_policies, given_policies
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.request import resource_account
from iamcheck.iam.request_context import (
    ORGANIZATION_KEYS,
    TIME_KEYS,
    ContextFacts,
    merged,
    organization_context,
    settle,
)
from iamcheck.results import Assumption
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.organizations import OrganizationPolicies
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.checks.memory import CheckMemory
    from iamcheck.checks.principal.question import PrincipalQuestion
    from iamcheck.iam.model import Policy, Request

__all__ = ["PrincipalFacts", "gather"]

_GROUP: Final = Assumption(
    "assumed: nobody is in other groups or has policies beside the group's (--principal USER names a user)",
    "--principal",
)
_NOT_BY_CHOICE: Final = "--engine aws leaves them to AWS's simulator"


@dataclass(frozen=True)
class PrincipalFacts:
    """All that is known about the principal and its requests.

    Args:
        principal: Who asks; None: nobody is known.
        policies: The policies, layer by layer.
        requests: What is asked, with all that is known of the keys that the policies look at.
        aws: What AWS's simulator answered, or why it could not be asked; None: nobody asked it.
        organization: What was read of the organization; None: nobody looked.
        gaps: What could not be read of the principal's policies and of keys' policies.
        assumptions: What was taken for granted.
    """

    principal: PrincipalIdentity | None
    policies: PrincipalPolicies
    requests: tuple[Request, ...]
    aws: AwsAnswers | AwsUnavailableError | None = None
    organization: OrganizationPolicies | None = None
    gaps: tuple[AccountGap, ...] = ()
    assumptions: tuple[Assumption, ...] = ()

    @property
    def spelled_keys(self) -> Mapping[str, str]:
        """The context keys that the policies look at, in the policies' spelling, by their lower case."""
        listed = (self.aws.listed_keys or ()) if isinstance(self.aws, AwsAnswers) else ()
        return {**{key.lower(): key for key in listed}, **self.policies.spelled_keys}


def gather(question: PrincipalQuestion, access: Access | None, memory: CheckMemory) -> PrincipalFacts:
    """Reads what the user did not give, and asks AWS's simulator where the engine wants its word.

    Args:
        question: What is asked.
        access: The way to AWS; None: offline.
        memory: What checks before have in common with this one.

    Raises:
        AwsUnavailableError: Nobody could tell who calls, or a role could not be read for another reason than that the
            caller may not.
        InvalidInputError: The authorization details or the organization's folder cannot be used.
    """
    if question.is_about_given_policies(offline=access is None):
        return _about_given_policies(question, access, memory)
    return _about_attached_policies(question, access, memory)


def _about_given_policies(question: PrincipalQuestion, access: Access | None, memory: CheckMemory) -> PrincipalFacts:
    """The facts where the user gave policies: they are settled before AWS is asked."""
    options, principal = question.options, question.principal()
    layers = options.layers
    is_settled = layers.scps is not None or layers.whole is not None
    organization = None if is_settled else _organization(question, access, memory)
    is_service_linked = principal is not None and principal.is_service_linked
    rendered, is_ignored = question.rendered.policy, options.organizations == "ignore"
    policies = memory.once(
        "given policies",
        (
            Same(layers),
            None if layers.has_identity else Same(rendered),
            Same(organization),
            is_ignored,
            is_service_linked,
        ),
        partial(
            given_policies,
            layers,
            rendered,
            organization,
            ignores_organization=is_ignored,
            is_service_linked=is_service_linked,
        ),
    )
    arn = None if principal is None else principal.policy_source_arn or principal.arn
    facts = ContextFacts() if principal is None else question.facts_of(principal)
    requests = _settled(question, policies, arn, facts, organization)
    asks_aws = access is not None and options.engine != "local"
    aws = simulate_given(requests, policies, access) if access is not None and asks_aws else None
    assumptions = layer_assumptions(policies.states, requests)
    return PrincipalFacts(principal, policies, requests, aws, organization, assumptions=assumptions)


def _about_attached_policies(question: PrincipalQuestion, access: Access | None, memory: CheckMemory) -> PrincipalFacts:
    """The facts where the policies are those that the principal has in IAM, or in authorization details."""
    options, reads = question.options, _reads(question, access, memory)
    layers, attached = options.layers, reads.attached
    names_no_scps = isinstance(reads.answers, AwsAnswers) and not reads.answers.names_scps
    is_settled = layers.scps is not None or (names_no_scps and options.organizations is None)
    organization = None if is_settled else _organization(question, access, memory)
    is_ignored = options.organizations == "ignore"
    policies = memory.once(
        "attached policies",
        None
        if access is not None
        else (
            Same(attached),
            Same(layers),
            Same(organization),
            is_ignored,
            tuple((arn, Same(policy)) for arn, policy in reads.key_policies.items()),
        ),
        partial(
            attached_policies,
            attached,
            layers,
            organization,
            reads.key_policies,
            ignores_organization=is_ignored,
            names_no_scps=names_no_scps,
        ),
    )
    who, facts = attached.who, question.facts_of(attached.who)
    # where AWS names no SCPs nobody looked, and the keys of the organization may count all the same
    looks = (
        organization is None and access is not None and not policies.spelled_keys.keys().isdisjoint(ORGANIZATION_KEYS)
    )
    asked = _organization(question, access, memory) if looks else organization
    requests = _settled(question, policies, _asks(who), facts, asked)
    aws = reads.answers
    if reads.simulation is not None and isinstance(aws, AwsAnswers):
        if policies.are_known or options.engine != "both":
            aws = _asked_again(reads.simulation, aws, requests, policies, facts)
        requests = aws.asked if isinstance(aws, AwsAnswers) else requests
    assumptions = (*_of_principal(attached), *layer_assumptions(policies.states, requests))
    return PrincipalFacts(who, policies, requests, aws, organization, reads.gaps, assumptions)


def _asked_again(
    simulation: PrincipalSimulation,
    before: AwsAnswers,
    requests: tuple[Request, ...],
    policies: PrincipalPolicies,
    facts: ContextFacts,
) -> AwsAnswers | AwsUnavailableError:
    """AWS's answers, now that it is known which keys the policies look at, or that nobody can tell."""
    try:
        if policies.are_known:
            answers = simulation.ask_again(before, requests)
            # AWS decided under neither the resources' policies nor those that its simulator leaves out
            return replace(answers, policies=replace(policies.layers, rcps=(), session=()))
        return simulation.ask_for_all(before, requests, facts)
    except AwsUnavailableError as error:
        return error


@dataclass(frozen=True)
class _Reads:
    """What was read side by side."""

    attached: AttachedPolicies
    key_policies: Mapping[str, Policy] = field(default_factory=dict)
    key_gaps: tuple[AccountGap, ...] = ()
    simulation: PrincipalSimulation | None = None
    answers: AwsAnswers | AwsUnavailableError | None = None

    @property
    def gaps(self) -> tuple[AccountGap, ...]:
        """What could not be read."""
        return (*self.attached.unread, *self.key_gaps)


def _reads(question: PrincipalQuestion, access: Access | None, memory: CheckMemory) -> _Reads:
    """Reads the principal's policies where they are to be read, and asks AWS's simulator where it is to be asked."""
    options, principal = question.options, question.known_principal()
    attached, role = None, None
    if options.authorization_details is not None:
        path = str(options.authorization_details)
        key = (path, principal.arn) if access is None else None
        attached = memory.once("details", key, partial(_details, path, principal, memory))
        principal = attached.who
    if access is None:
        if attached is None:
            raise InvalidInputError(
                "the principal's policies are not known", where="--offline", cure="give --policy FILE"
            )
        return _Reads(attached, _exported_key_policies(question, principal.account_id, memory))
    if attached is None:
        principal, role = _role_of_session(principal, access)
    if options.engine == "aws":
        attached = _not_read_by_choice(principal)
    simulation = None
    if options.engine != "local":
        ignores_scps = options.organizations == "ignore" or principal.is_service_linked
        simulation = PrincipalSimulation(access, principal.policy_source_arn, options.layers.boundary, ignores_scps)
    return _read_side_by_side(principal, question, access, attached, role, simulation)


def _details(path: str, principal: PrincipalIdentity, memory: CheckMemory) -> AttachedPolicies:
    """What authorization details say of a principal: many principals' are read once and kept."""
    if not memory.keeps:
        return read_details(path, principal)
    return memory.once("account details", path, partial(read_account, path)).policies_of(principal)


def _exported_key_policies(question: PrincipalQuestion, account_id: str, memory: CheckMemory) -> Mapping[str, Policy]:
    """The policies of keys that stand beside the authorization details, in a folder of `iamcheck account export`."""
    path = str(question.options.authorization_details)
    given = question.options.layers.resource_policies
    found = {
        arn: memory.once("exported key policy", (path, arn), partial(exported_key_policy, path, arn))
        for arn in keys_of((permission.request for permission in question.permissions), account_id)
        if arn not in given
    }
    return {arn: policy for arn, policy in found.items() if policy is not None}


def _read_side_by_side(
    principal: PrincipalIdentity,
    question: PrincipalQuestion,
    access: Access,
    attached: AttachedPolicies | None,
    role: AwsAnswer | AwsUnavailableError | None,
    simulation: PrincipalSimulation | None,
) -> _Reads:
    given = question.options.layers.resource_policies
    keys = keys_of((permission.request for permission in question.permissions), principal.account_id)
    read_keys = partial(
        key_policies,
        [arn for arn in keys if arn not in given],
        partial(access.client, "kms"),
        deadline=access.deadline,
        max_concurrency=access.max_concurrency,
    )
    read_attached = partial(
        read_live, principal, access.iam, deadline=access.deadline, max_concurrency=access.max_concurrency, role=role
    )
    of_keys: list[tuple[Mapping[str, Policy], tuple[AccountGap, ...]]] = []
    of_principal: list[AttachedPolicies] = [] if attached is None else [attached]
    answered: list[AwsAnswers] = []
    tasks: list[Callable[[], None]] = [lambda: of_keys.append(read_keys())]
    if attached is None:
        tasks.append(lambda: of_principal.append(read_attached()))
    if simulation is not None:
        tasks.append(lambda: answered.append(simulation.ask(_before_reading(principal, question))))
    # the readers turn what they cannot read into gaps, so that only the simulation ends in an error
    *_, last = together(tasks, max_concurrency=len(tasks))
    ((policies_of_keys, gaps_of_keys),) = of_keys
    (of_the_principal,) = of_principal
    answers = answered[0] if answered else last
    return _Reads(of_the_principal, policies_of_keys, gaps_of_keys, simulation, answers)


def _role_of_session(
    principal: PrincipalIdentity, access: Access
) -> tuple[PrincipalIdentity, AwsAnswer | AwsUnavailableError | None]:
    """The principal over the role of its session, and what GetRole answered.

    Raises:
        AwsUnavailableError: IAM could not be asked for another reason than that the caller may not.
    """
    if principal.kind is not IdentityKind.ASSUMED_ROLE or principal.policy_source_arn is not None:
        return principal, None
    try:
        answer = call(access.iam, "iam:GetRole", access.deadline, RoleName=principal.name)
        return with_role(principal, answer), answer
    except AwsUnavailableError as error:
        if not is_access_denied(error) and error.code != NOT_OFFERED:
            raise
        return without_role(principal), error


def _not_read_by_choice(principal: PrincipalIdentity) -> AttachedPolicies:
    gap = AccountGap(f"the policies of {principal.arn}", _NOT_BY_CHOICE, (PolicyType.IDENTITY, PolicyType.BOUNDARY))
    return AttachedPolicies(principal, unread=(gap,), assumptions=principal.assumptions)


def _before_reading(principal: PrincipalIdentity, question: PrincipalQuestion) -> tuple[Request, ...]:
    """What AWS can be asked before anything is known of the policies."""
    asks = _asks(principal)
    return tuple(
        settle(permission.request, question.facts_of(principal), (), principal=asks)
        for permission in question.permissions
    )


def _asks(principal: PrincipalIdentity) -> str:
    """The ARN that asks: of the user, role or group, and of the session where the role's path is not known."""
    source = principal.policy_source_arn
    return source if source and principal.path_known else principal.arn


def _organization(
    question: PrincipalQuestion, access: Access | None, memory: CheckMemory
) -> OrganizationPolicies | None:
    """The SCPs and RCPs over the account, as `--organizations` says, else read from AWS; None: nobody is to look."""
    word = question.options.organizations
    if word is None and access is None:
        return None
    account = question.deployment.account_id
    read = partial(organizations_of, word or "aws", account, access)
    return memory.once("organization", (word, account) if access is None else None, read)


def _settled(
    question: PrincipalQuestion,
    policies: PrincipalPolicies,
    asks: str | None,
    facts: ContextFacts,
    organization: OrganizationPolicies | None,
) -> tuple[Request, ...]:
    """Each request with all that is known of the keys that the policies look at."""
    keys = policies.spelled_keys.values()
    requests = [
        settle(request, merged((facts, _of_organization(organization, request))), keys, principal=asks)
        for request in (permission.request for permission in question.permissions)
    ]
    if TIME_KEYS.isdisjoint(policies.spelled_keys):
        return tuple(requests)
    from datetime import datetime, timezone

    from iamcheck.checks.principal.over_time import settled_over_time  # few policies look at the time

    return settled_over_time(requests, policies, LocalSimulator(), datetime.now(timezone.utc).replace(microsecond=0))


def _of_organization(organization: OrganizationPolicies | None, request: Request) -> ContextFacts:
    """What is known of the context from the organization of the account, in which the principal is too."""
    if organization is None or (organization.organization_id is None and not organization.is_in_none):
        return ContextFacts()
    owns_resource = resource_account(request) == organization.account_id
    return organization_context(organization.organization_id, organization.path, owns_resource=owns_resource)


def _of_principal(attached: AttachedPolicies) -> tuple[Assumption, ...]:
    """What was taken for granted in finding the principal and reading its policies."""
    assumptions = attached.assumptions or attached.who.assumptions
    return (*assumptions, *((_GROUP,) if attached.who.kind is IdentityKind.GROUP else ()))
