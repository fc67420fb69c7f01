"""What a principal holds, and what AWS's simulator says of it: all that `principal.allowed` reads, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from iamcheck.aws.account.from_iam import read_live
from iamcheck.aws.clients import call
from iamcheck.aws.concurrency import together
from iamcheck.aws.key_policies import key_policies, keys_of
from iamcheck.aws.principals import IdentityKind, with_role, without_role
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import UNREAD, PolicySet
from iamcheck.iam.request_context import settle
from iamcheck.simulators.aws_request import context_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iamcheck.aws.account.policies import AttachedPolicies, Gap
    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.aws.session import Access
    from iamcheck.iam.model import Policy, Request
    from iamcheck.permissions import RequiredPermission
    from iamcheck.simulators.aws import AwsEvaluation, AwsSimulator

__all__ = ["PrincipalFacts", "PrincipalSimulation", "found_role", "hold"]


@dataclass(frozen=True)
class PrincipalSimulation:
    """AWS's simulator about one principal.

    Args:
        simulator: Who is asked.
        layers: What takes the place of the principal's own policies there; UNREAD: its own.
    """

    simulator: AwsSimulator
    layers: PolicySet

    def ask(self, requests: Sequence[Request]) -> tuple[AwsEvaluation, ...]:
        """AWS's answers.

        Raises:
            AwsUnavailableError: AWS could not be asked, or its answer cannot be understood.
        """
        return self.simulator.simulate(requests, self.layers)

    def ask_again(
        self, before: Sequence[Request], answers: tuple[AwsEvaluation, ...], requests: Sequence[Request]
    ) -> tuple[AwsEvaluation, ...]:
        """AWS's answers to what has come to be known meanwhile; those that it gave where nothing has.

        Raises:
            AwsUnavailableError: As `ask`.
        """
        same = [context_entries(one) for one in before] == [context_entries(one) for one in requests]
        return answers if same else self.ask(requests)


@dataclass(frozen=True)
class PrincipalFacts:
    """What was read about a principal.

    Args:
        policies: Its policies, tags and path.
        resource_policies: Policies of the resources concerned that were read, by ARN.
        gaps: What was not read of either.
        asked: What AWS's simulator was asked; empty where it was not.
        answers: Its answers, or why there are none; None where it was not asked.
    """

    policies: AttachedPolicies
    resource_policies: Mapping[str, Policy] = field(default_factory=dict)
    gaps: tuple[Gap, ...] = ()
    asked: tuple[Request, ...] = ()
    answers: tuple[AwsEvaluation, ...] | AwsUnavailableError | None = None


def found_role(
    principal: PrincipalIdentity, access: Access
) -> tuple[PrincipalIdentity, AwsAnswer | AwsUnavailableError | None]:
    """The principal over the role of its session, as `principals.resolve`, and what GetRole answered.

    Raises:
        AwsUnavailableError: IAM could not be asked for another reason than that the caller may not.
    """
    if principal.kind is not IdentityKind.ASSUMED_ROLE or principal.policy_source_arn is not None:
        return principal, None
    try:
        answer = call(access.iam, "iam:GetRole", access.deadline, RoleName=principal.name)
        return with_role(principal, answer), answer
    except AwsUnavailableError as error:
        if not is_access_denied(error):
            raise
        return without_role(principal), error


def hold(
    principal: PrincipalIdentity,
    permissions: Sequence[RequiredPermission],
    access: Access,
    *,
    policies: AttachedPolicies | None = None,
    role: AwsAnswer | AwsUnavailableError | None = None,
    simulation: PrincipalSimulation | None = None,
    given: Mapping[str, Policy] | None = None,
) -> PrincipalFacts:
    """Reads what a principal holds and asks AWS's simulator, side by side.

    Args:
        principal: Who, resolved.
        permissions: What is needed.
        access: The way to AWS.
        policies: The policies, where they were read already; None: they are read from IAM.
        role: What GetRole answered, where it was asked already.
        simulation: AWS's simulator; None: it is not asked.
        given: Policies of resources that need not be read.
    """
    asked = asked_of(principal, permissions) if simulation else ()
    read = partial(
        read_live,
        principal,
        access.iam,
        deadline=access.deadline,
        max_concurrency=access.max_concurrency,
        role=role,
    )
    keys = [
        arn for arn in keys_of((one.request for one in permissions), principal.account_id) if arn not in (given or {})
    ]
    read_keys = partial(
        key_policies,
        keys,
        partial(access.client, "kms"),
        deadline=access.deadline,
        max_concurrency=access.max_concurrency,
    )
    found: list[AttachedPolicies] = [] if policies is None else [policies]
    answered: list[tuple[AwsEvaluation, ...]] = []
    keys_read: list[tuple[Mapping[str, Policy], tuple[Gap, ...]]] = []
    tasks: list[Callable[[], None]] = [lambda: keys_read.append(read_keys())]
    if policies is None:
        tasks.append(lambda: found.append(read()))
    if simulation is not None:
        tasks.append(lambda: answered.append(simulation.ask(asked)))
    *_, last = together(tasks, max_concurrency=len(tasks))
    ((by_key, gaps),) = keys_read
    (own,) = found
    return PrincipalFacts(
        own,
        resource_policies=by_key,
        gaps=(*own.unread, *gaps),
        asked=asked,
        # the other tasks say themselves what they could not read
        answers=answered[0] if answered else last,
    )


def asked_of(principal: PrincipalIdentity, permissions: Sequence[RequiredPermission]) -> tuple[Request, ...]:
    """What AWS can be asked before anything is known of the policies."""
    source = principal.policy_source_arn
    who = source if source and principal.path_known else principal.arn
    return tuple(settle(replace(one.request, principal=who), principal.facts(), ()) for one in permissions)


UNKNOWN = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)
