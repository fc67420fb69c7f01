"""`principal.allowed`: may the principal do each thing that the deployment needs?

By policies that were given, by those that the principal has, or by AWS alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.aws.refusals import is_access_denied
from iamcheck.checks.principal.evaluating import decide, simulate, spelled
from iamcheck.checks.principal.judging import ID, JudgedRequest, judge
from iamcheck.checks.principal.name_patterns import is_pattern
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import UNREAD, Decision, PolicySet, PolicyType
from iamcheck.iam.request_context import ContextFacts, settle
from iamcheck.results import CheckResult, Remedy, Status, could_not_ask

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.aws.clients import Deadline
    from iamcheck.aws.principals import PrincipalIdentity
    from iamcheck.iam.model import Evaluation, Policy, Request
    from iamcheck.permissions import RequiredPermission
    from iamcheck.simulators import Simulator
    from iamcheck.simulators.aws import AwsEvaluation, AwsSimulator

__all__ = [
    "ID",
    "NEVER_READ",
    "NOT_ASKED",
    "NOT_GIVEN",
    "Outcome",
    "PrincipalPolicies",
    "by_aws",
    "by_own_policies",
    "by_policies",
    "settled",
]

Outcome: TypeAlias = tuple[CheckResult, tuple[str, ...]]
"""The result and the assumptions that it rests on."""

NOT_GIVEN: Final[Mapping[PolicyType, str]] = {
    PolicyType.BOUNDARY: "no permissions boundary was given: there is taken to be none",
    PolicyType.SCP: "no SCPs were given: there are taken to be none",
    PolicyType.RCP: "no RCPs were given: there are taken to be none",
}
NEVER_READ: Final = "session policies and VPC endpoint policies cannot be read: there are taken to be none"
NOT_ASKED: Final = "AWS's simulator could not be asked ({error}): the local engine decided alone"
_NO_SCPS: Final = "AWS named no SCPs: there are taken to be none"
_RCPS_UNREAD: Final = "RCPs were neither read nor given: they are taken to deny nothing"
_NOT_SIMULATED: Final = (
    "AWS's simulator leaves out RCPs, resource policies, session policies and VPC endpoint policies: they are taken to "
    "deny nothing"
)
_GROUP: Final = "a group's policies were asked about: its members have others as well"


def settled(
    permissions: Sequence[RequiredPermission],
    policies: PolicySet,
    by_resource: Mapping[str, Policy],
    *,
    principal: str | None,
    facts: ContextFacts,
) -> list[Request]:
    """What is asked: each request with all that is known of the keys that the policies look at.

    Args:
        permissions: What is needed.
        policies: The policies.
        by_resource: Resource policies by the ARN of their resource.
        principal: Who asks; None: nobody is known.
        facts: What is known from who calls.
    """
    keys = spelled(policies, by_resource).values()
    return [settle(replace(one.request, principal=principal), facts, keys) for one in permissions]


def by_policies(
    permissions: Sequence[RequiredPermission],
    policies: PolicySet,
    *,
    local: Simulator,
    aws: Simulator | None = None,
    aws_may_fail: bool = False,
    facts: ContextFacts | None = None,
    resource_policies: Mapping[str, Policy] | None = None,
) -> Outcome:
    """Decides under policies that were given.

    Args:
        permissions: What is needed; who asks is in their requests.
        policies: The layers that were given; `resource` is replaced by `resource_policies`.
        local: The local engine: it says which decisions are certain.
        aws: AWS's simulator, where its decisions are asked for too; where the two differ, nothing is certain.
        aws_may_fail: Whether the local engine decides alone where AWS's cannot be asked; then an assumption says so.
        facts: What is known of the context from who calls; None: nothing.
        resource_policies: Resource policies by the ARN of their resource.
    """
    by_resource = resource_policies or {}
    keys = spelled(policies, by_resource)
    requests = [settle(permission.request, facts or ContextFacts(), keys.values()) for permission in permissions]
    found = decide(local, requests, policies, by_resource)
    given = {PolicyType.BOUNDARY: policies.boundary, PolicyType.SCP: policies.scps, PolicyType.RCP: policies.rcps}
    assumed = [*(text for layer, text in NOT_GIVEN.items() if not given[layer]), NEVER_READ]
    if aws is not None:
        try:
            answers = simulate(aws, requests, policies, by_resource)
        except AwsUnavailableError as error:
            if not aws_may_fail:
                return _could_not_ask(error), ()
            assumed.append(NOT_ASKED.format(error=error))
        else:
            found = _compared(found, requests, answers, policies, by_resource)
    who = requests[0].principal if requests else None
    world = _World(requests, policies, by_resource, local, who)
    return world.judged(found, keys), tuple(assumed)


def _compared(
    found: Sequence[JudgedRequest],
    requests: Sequence[Request],
    answers: Sequence[Evaluation],
    policies: PolicySet,
    by_resource: Mapping[str, Policy],
) -> list[JudgedRequest]:
    from iamcheck.checks.principal.comparing import agreed, as_simulated  # only where AWS was asked too

    caller = requests[0].principal if requests else None
    same = as_simulated(requests, policies, by_resource, caller=caller)
    return [agreed(*three) for three in zip(found, same, answers, strict=True)]


@dataclass(frozen=True)
class _World:
    """What was asked under which policies."""

    requests: Sequence[Request]
    policies: PolicySet
    by_resource: Mapping[str, Policy]
    local: Simulator
    who: str | None
    spared: frozenset[str] = frozenset()

    def judged(self, found: Sequence[JudgedRequest], keys: Mapping[str, str]) -> CheckResult:
        """The result with why, and with what to do."""
        if all(one.evaluation.allowed is True for one in found):
            return judge(found, keys)
        from iamcheck.checks.principal.explaining import explained  # a pass has nothing to explain

        told = [explained(one, self.policies, self.by_resource, self.who) for one in found]
        result = judge(told, keys)
        if result.status is not Status.FAIL:
            return result
        from iamcheck.explain.remedies.remedy import World, remedy_for

        remedy = remedy_for(World(self.policies, self._decide, _called(self.who), self.spared))
        return result if remedy is None else replace(result, remedy=remedy)

    def _decide(self, policies: PolicySet) -> list[Evaluation]:
        return [one.evaluation for one in decide(self.local, self.requests, policies, self.by_resource)]


def _called(arn: str | None) -> str:
    """`user ann` or `role ci`, from an ARN."""
    if arn is None:
        return ""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    if kind == "assumed-role":
        return f"role {path.partition('/')[0]}"
    return f"{kind} {path.rpartition('/')[2]}"


@dataclass(frozen=True)
class PrincipalPolicies:
    """What is known of the policies that a principal has.

    Args:
        principal: Who, resolved.
        policies: Its identity policies and boundary, and the SCPs and RCPs over it, each as read or given.
        resource_policies: Resource policies by the ARN of their resource.
        assumptions: What was taken for granted in reading them.
        spared: Names of the policies that are AWS's own, which nobody else can change.
    """

    principal: PrincipalIdentity
    policies: PolicySet
    resource_policies: Mapping[str, Policy] = field(default_factory=dict)
    assumptions: tuple[str, ...] = ()
    spared: frozenset[str] = frozenset()

    @property
    def asks(self) -> str:
        """The ARN that asks: of the user, role or group, and of the session where the role's path is not known."""
        source = self.principal.policy_source_arn
        return source if source and self.principal.path_known else self.principal.arn

    def requests(self, permissions: Sequence[RequiredPermission]) -> list[Request]:
        """What is asked, with all that is known of its context."""
        return settled(
            permissions, self.policies, self.resource_policies, principal=self.asks, facts=self.principal.facts()
        )


def by_own_policies(
    permissions: Sequence[RequiredPermission],
    own: PrincipalPolicies,
    *,
    local: Simulator,
    answers: Sequence[AwsEvaluation] | None = None,
    simulator: AwsSimulator | None = None,
) -> Outcome:
    """Decides under the policies that a principal has.

    Args:
        permissions: What is needed.
        own: What is known of the principal's policies.
        local: The local engine: it says which decisions are certain.
        answers: AWS's answers to `own.requests(permissions)`; None: the local engine decides alone.
        simulator: Who gave them, for a denial by SCPs that nobody has read.

    Raises:
        AwsUnavailableError: AWS could not be asked again.
    """
    assumed = [*(own.assumptions or own.principal.assumptions), NEVER_READ]
    policies = own.policies
    if policies.rcps is UNREAD:
        # as much as AWS's own simulator knows of them
        policies = replace(policies, rcps=())
        assumed.append(_RCPS_UNREAD)
    if policies.scps is UNREAD and answers and all(one.by_organizations is None for one in answers):
        policies = replace(policies, scps=())
        assumed.append(_NO_SCPS)
    if own.principal.kind.value == "group":
        assumed.append(_GROUP)
    keys = spelled(policies, own.resource_policies)
    requests = own.requests(permissions)
    found = decide(local, requests, policies, own.resource_policies)
    if answers is not None:
        found = _own_compared(found, requests, answers, own, policies, simulator)
    world = _World(requests, policies, own.resource_policies, local, own.principal.arn, own.spared)
    return world.judged(found, keys), tuple(assumed)


def _own_compared(
    found: Sequence[JudgedRequest],
    requests: Sequence[Request],
    answers: Sequence[AwsEvaluation],
    own: PrincipalPolicies,
    policies: PolicySet,
    simulator: AwsSimulator | None,
) -> list[JudgedRequest]:
    from iamcheck.checks.principal.comparing import agreed, as_simulated  # only where AWS was asked too
    from iamcheck.simulators.unknown_keys import HIDDEN_KEYS, survey

    # AWS was given neither the resources' policies nor those that it does not simulate
    alike = replace(policies, resource=None, rcps=(), session=())
    same = as_simulated(requests, alike, {}, caller=own.principal.policy_source_arn)
    both = [agreed(*three) for three in zip(found, same, answers, strict=True)]
    if policies.scps is not UNREAD or simulator is None:
        return both
    stopped = [
        at
        for at, answer in enumerate(answers)
        if answer.by_organizations is False
        and answer.decision is not Decision.ALLOWED
        and same[at].decision is not answer.decision
    ]
    if stopped:
        # SCPs that nobody has read: AWS's word, and what it hides is looked for
        again = survey(simulator, [requests[at] for at in stopped], _UNKNOWN, HIDDEN_KEYS)
        for at, one in zip(stopped, again.evaluations, strict=True):
            sent = ", ".join(sorted(requests[at].context, key=str.lower))
            both[at] = JudgedRequest(one, f"this is AWS's word, given {sent}; nobody has read the SCPs")
    return both


_UNKNOWN: Final = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)


def by_aws(
    permissions: Sequence[RequiredPermission],
    principal: PrincipalIdentity,
    *,
    iam: object,
    deadline: Deadline | None = None,
    simulator: AwsSimulator | None = None,
) -> Outcome:
    """Decides by AWS's simulator under the policies that the principal has, and looks for what that hides.

    Args:
        permissions: What is needed.
        principal: Who deploys, resolved.
        iam: A boto3 client for IAM, or a `LocalIAM`.
        deadline: When the run must have ended.
        simulator: Who is asked; None: AWS's simulator about the principal.
    """
    from iamcheck.aws.clients import call
    from iamcheck.simulators.aws import AwsSimulator
    from iamcheck.simulators.unknown_keys import HIDDEN_KEYS, survey

    source = principal.policy_source_arn
    if source is None:
        return CheckResult(ID, Status.UNKNOWN, principal.why_not or f"{principal.arn} was not resolved"), ()
    # the ARN of a session stands for a role whose path nobody knows
    who = source if principal.path_known else principal.arn
    try:
        answer = call(iam, "iam:GetContextKeysForPrincipalPolicy", deadline, PolicySourceArn=source)
        if "ContextKeyNames" not in answer.data:
            # AWS writes an empty list where there are no keys; without the list, what hides there is not known
            raise answer.unusable("ContextKeyNames is missing from the answer")
        keys = answer.texts("ContextKeyNames")
        facts = principal.facts()
        requests = [
            settle(replace(permission.request, principal=who), facts, (*keys, *HIDDEN_KEYS))
            for permission in permissions
        ]
        found = survey(simulator or AwsSimulator(iam, source, deadline), requests, _UNKNOWN, keys)
    except AwsUnavailableError as error:
        return _could_not_ask(error, source), principal.assumptions
    assumed = [*principal.assumptions, _NOT_SIMULATED]
    for pattern in dict.fromkeys(one.request.resource for one in permissions if is_pattern(one.request.resource)):
        assumed.append(f"{pattern} was asked about as it stands: no policy is taken to single out a part of it")
    if principal.kind.value == "group":
        assumed.append(_GROUP)
    if found.organizations:
        assumed.append(f"AWS does not list the keys that SCPs look at: of these, {', '.join(HIDDEN_KEYS)} were tried")
    else:
        assumed.append(_NO_SCPS)
    if found.tried:
        assumed.append(f"unknown, and no value that was tried changed a decision: {', '.join(found.tried)}")
    names = {key.lower(): key for key in (*HIDDEN_KEYS, *keys)}
    return judge([JudgedRequest(one) for one in found.evaluations], names), tuple(assumed)


def _could_not_ask(error: AwsUnavailableError, principal_arn: str = "*") -> CheckResult:
    grant = f"grant {error.operation} on {principal_arn} to whoever runs the check, or check offline with --policy"
    return could_not_ask(ID, error, Remedy(grant) if is_access_denied(error) else None)
