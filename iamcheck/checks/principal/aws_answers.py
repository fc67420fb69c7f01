"""Asks AWS's simulator about the requests, under given policies or under those that the principal has."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from iamcheck.aws.clients import call
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import UNREAD, Decision, Policy, PolicySet
from iamcheck.iam.request_context import settle
from iamcheck.simulators.aws import AwsSimulator
from iamcheck.simulators.aws_request import context_entries, is_entity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.aws.session import Access
    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.iam.model import Evaluation, Request
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.simulators import Simulator
    from iamcheck.simulators.aws import AwsEvaluation

__all__ = ["AwsAnswers", "PrincipalSimulation", "simulate", "simulate_given"]

_ITS_OWN: Final = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)
NO_SCPS: Final = ({"PolicyType": "scp"},)
"""https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html (PolicyExclusionList)"""


@dataclass(frozen=True, eq=False)
class AwsAnswers:
    """What AWS's simulator answered.

    Args:
        asked: What it was asked.
        evaluations: Its answer to each.
        policies: The layers that it decided under, as far as they are known.
        by_resource: The resource policies that it was given, by the ARN of their resource.
        source: The user, role or group that it was asked about; None: it was told of nobody.
        listed_keys: The context keys that it lists of the principal's identity policies; None: nobody asked.
        without_scps: Its answers with SCPs left out, by the place of the request, where SCPs deny and that hides what
            the other layers say.
    """

    asked: tuple[Request, ...]
    evaluations: tuple[AwsEvaluation, ...]
    policies: PolicySet
    by_resource: Mapping[str, Policy] = field(default_factory=dict)
    source: str | None = None
    listed_keys: tuple[str, ...] | None = None
    without_scps: Mapping[int, AwsEvaluation] = field(default_factory=dict)

    @property
    def names_scps(self) -> bool:
        """Whether SCPs are in play: AWS says what they decide where there are any."""
        return any(evaluation.by_organizations is not None for evaluation in self.evaluations)


def simulate(
    simulator: Simulator, requests: Sequence[Request], policies: PolicySet, by_resource: Mapping[str, Policy]
) -> list[Evaluation]:
    """Each request under the policy of its own resource."""
    groups: dict[str | None, list[int]] = {}
    for place, request in enumerate(requests):
        groups.setdefault(request.resource if request.resource in by_resource else None, []).append(place)
    evaluations: dict[int, Evaluation] = {}
    for resource, places in groups.items():
        layers = policies if resource is None else replace(policies, resource=by_resource[resource])
        answers = simulator.simulate([requests[place] for place in places], layers)
        evaluations.update(zip(places, answers, strict=True))
    return [evaluations[place] for place in range(len(requests))]


def simulate_given(
    requests: tuple[Request, ...], policies: PrincipalPolicies, access: Access
) -> AwsAnswers | AwsUnavailableError:
    """Asks AWS's simulator under policies that the user gave; why not, where it could not be asked.

    It takes neither RCPs nor session policies, and resource policies only for a user, role or group that asks.
    """
    caller = requests[0].principal if requests else None
    by_resource = policies.by_resource if is_entity(caller) else {}
    layers = replace(policies.layers, rcps=(), session=(), resource=None)
    simulator = AwsSimulator(access.iam, None, access.deadline, max_concurrency=access.max_concurrency)
    try:
        answers = simulate(simulator, requests, layers, by_resource)
    except AwsUnavailableError as error:
        return error
    return AwsAnswers(requests, tuple(answers), layers, by_resource, caller)  # type: ignore[arg-type]


@dataclass(frozen=True)
class PrincipalSimulation:
    """AWS's simulator about one principal.

    Args:
        access: The way to AWS.
        source: The ARN of the user, role or group whose policies it decides under.
        boundary: The permissions boundary that takes the place of the principal's own; None: its own counts.
        ignores_scps: Whether SCPs are left out.
    """

    access: Access
    source: str | None
    boundary: Policy | None = None
    ignores_scps: bool = False

    def ask(self, requests: tuple[Request, ...]) -> AwsAnswers:
        """AWS's answers to requests.

        Raises:
            AwsUnavailableError: AWS could not be asked, or its answer cannot be understood.
        """
        answers = self._simulate(requests, ignores_scps=self.ignores_scps)
        return AwsAnswers(requests, answers, _ITS_OWN, source=self.source)

    def ask_again(self, before: AwsAnswers, requests: tuple[Request, ...]) -> AwsAnswers:
        """AWS's answers to what has come to be known meanwhile; those that it gave where nothing has.

        Raises:
            AwsUnavailableError: As `ask`.
        """
        same = [context_entries(request) for request in before.asked] == [
            context_entries(request) for request in requests
        ]
        return replace(before, asked=requests) if same else self.ask(requests)

    def ask_for_all(self, before: AwsAnswers, requests: tuple[Request, ...], facts: ContextFacts) -> AwsAnswers:
        """AWS's answers with what else it says of policies that nobody else can read.

        These are the keys that identity policies look at, and what the other layers say where SCPs deny.

        Raises:
            AwsUnavailableError: As `ask`.
        """
        operation = "iam:GetContextKeysForPrincipalPolicy"
        listed = call(self.access.iam, operation, self.access.deadline, PolicySourceArn=self.source)
        if "ContextKeyNames" not in listed.data:
            # AWS writes an empty list where there are no keys
            raise listed.unusable("ContextKeyNames is missing from the answer")
        keys = listed.texts("ContextKeyNames")
        settled = tuple(settle(request, facts, keys) for request in requests)
        answers = self.ask_again(before, settled)
        hidden = [
            place
            for place, evaluation in enumerate(answers.evaluations)
            if evaluation.by_organizations is False
            and evaluation.decision is not Decision.ALLOWED
            and not evaluation.matched
        ]
        without = self._simulate([settled[place] for place in hidden], ignores_scps=True) if hidden else ()
        return replace(answers, listed_keys=keys, without_scps=dict(zip(hidden, without, strict=True)))

    def _simulate(self, requests: Sequence[Request], *, ignores_scps: bool) -> tuple[AwsEvaluation, ...]:
        simulator = AwsSimulator(
            self.access.iam,
            self.source,
            self.access.deadline,
            max_concurrency=self.access.max_concurrency,
            exclusions=NO_SCPS if ignores_scps else (),
        )
        return simulator.simulate(requests, replace(_ITS_OWN, boundary=self.boundary or UNREAD))
