"""Asks AWS's policy simulator, over any client with boto3's methods, and reads its answers.

An answer that is missing, empty or not understood is an `AwsUnavailableError`, never a pass. The simulator takes a key
of the context that was not sent as absent, so that an answer of its own is never certain.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.aws.clients import AwsAnswer, call
from iamcheck.aws.concurrency import together
from iamcheck.aws.pages import pages
from iamcheck.errors import AwsUnavailableError
from iamcheck.iam.model import Decision, Evaluation, Policy, PolicyType, Position, StatementRef, Unread
from iamcheck.simulators.aws_request import ANY, batches, context_entries, custom_input, open_layers, principal_input

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.aws.clients import Deadline
    from iamcheck.iam.model import PolicySet, Request
    from iamcheck.simulators.aws_request import Batch

__all__ = ["AwsEvaluation", "AwsSimulator"]

CUSTOM: Final = "iam:SimulateCustomPolicy"
PRINCIPAL: Final = "iam:SimulatePrincipalPolicy"
DIFFERENT_KINDS = "require different authorization information"
_SOURCE_ID = re.compile(r"(PolicyInputList|PermissionsBoundaryPolicyInputList|ResourcePolicy)(?:\.([0-9]+))?")


@dataclass(frozen=True)
class AwsEvaluation(Evaluation):
    """AWS's answer, with what it says of the layers that it looked at."""

    by_organizations: bool | None = None
    """What the SCPs say of the action, over all the ARNs of the call; None: no SCPs are in play."""
    by_boundary: bool | None = None
    """What the boundary says; None: there is none."""
    contradiction: str = ""
    """What in the answer contradicts the decision, in one clause; empty where nothing does."""


@dataclass(frozen=True)
class _Verdict:
    decision: Decision
    matched: tuple[StatementRef, ...]
    missing: tuple[str, ...]
    by_organizations: bool | None
    by_boundary: bool | None
    contradiction: str = ""


_MOST_RESTRICTIVE: Final = (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY, Decision.ALLOWED)


@dataclass(frozen=True)
class AwsSimulator:
    """AWS's simulator.

    Args:
        iam: A boto3 client for IAM, or a `LocalIAM`.
        source_arn: The user, role or group whose own policies are asked about (SimulatePrincipalPolicy); None: the
            policies that are given are all there are (SimulateCustomPolicy).
        deadline: When the run must have ended.
        max_concurrency: How many simulations are made side by side.
        exclusions: With a `source_arn`, what of its policies is left out: entries of a `PolicyExclusionList`.
    """

    iam: object
    source_arn: str | None = None
    deadline: Deadline | None = None
    max_concurrency: int = 4
    exclusions: tuple[Mapping[str, str], ...] = ()

    @property
    def name(self) -> str:
        """`aws`."""
        return "aws"

    def simulate(self, requests: Sequence[Request], policies: PolicySet) -> tuple[AwsEvaluation, ...]:
        """Asks AWS about each request.

        Args:
            requests: What is asked; `context` is sent, and every other key is absent to the simulator.
            policies: With a `source_arn`, what is added to the principal's own policies, else all there are.

        Returns:
            One evaluation a request, in the same order, never `certain`.

        Raises:
            AwsUnavailableError: AWS could not be asked, or its answer is incomplete or cannot be understood.
            UnsupportedElementError: A layer of policies that AWS's simulator does not take.
        """
        verdicts: dict[tuple[object, ...], _Verdict] = {}
        all_batches = list(batches(requests))
        answers = together(
            [partial(self._ask, batch, policies) for batch in all_batches], max_concurrency=self.max_concurrency
        )
        for batch, answer in zip(all_batches, answers, strict=True):
            if isinstance(answer, AwsUnavailableError):
                raise answer
            for (action, resource), verdict in answer.items():
                verdicts[batch.context, batch.caller, action, resource] = verdict
        unread = open_layers(policies)
        return tuple(
            _evaluation(
                request,
                verdicts[context_entries(request), request.principal, request.action, request.resource],
                unread,
            )
            for request in requests
        )

    def _ask(self, batch: Batch, policies: PolicySet) -> dict[tuple[str, str], _Verdict]:
        try:
            answer = self._ask_at_once(batch, policies)
            # the detail about SCPs is over all ARNs of the call: only one ARN alone shows whether it contradicts itself
            return self._ask_about_each(batch, policies) if _is_mixed(answer, batch) else answer
        except AwsUnavailableError as error:
            if DIFFERENT_KINDS not in error.reason or len(batch.actions) == 1:
                raise
            groups = _groups(error.reason, batch.actions)
        verdicts: dict[tuple[str, str], _Verdict] = {}
        for group in groups:
            verdicts |= self._ask(replace(batch, actions=group), policies)
        return verdicts

    def _ask_about_each(self, batch: Batch, policies: PolicySet) -> dict[tuple[str, str], _Verdict]:
        """Asks about each ARN alone, so that what SCPs say is said of that ARN and of no other."""
        verdicts: dict[tuple[str, str], _Verdict] = {}
        for resource in batch.resources:
            verdicts |= self._ask_at_once(replace(batch, resources=(resource,)), policies)
        return verdicts

    def _ask_at_once(self, batch: Batch, policies: PolicySet) -> dict[tuple[str, str], _Verdict]:
        if self.source_arn is None:
            operation, arguments = CUSTOM, custom_input(policies, batch.caller)
        else:
            operation, arguments = PRINCIPAL, principal_input(policies, self.source_arn)
            arguments |= {"PolicyExclusionList": [*self.exclusions]} if self.exclusions else {}
        sent = _sent_policies(policies)
        verdicts: dict[tuple[str, str], _Verdict] = {}
        parameters = {**arguments, **batch.parameters()}

        def ask(marker: Mapping[str, str]) -> AwsAnswer:
            return call(self.iam, operation, self.deadline, **parameters, **marker)

        for page in pages(ask, "EvaluationResults"):
            for result in page.parts("EvaluationResults"):
                for pair, verdict in _read(result, batch, sent):
                    if verdicts.setdefault(pair, verdict).decision is not verdict.decision:
                        raise page.unusable(f"{' on '.join(pair)} was answered twice, differently")
        for pair in ((action, resource) for action in batch.actions for resource in batch.resources):
            if pair not in verdicts:
                raise page.unusable(f"{' on '.join(pair)} was not answered")
        return verdicts


def _is_mixed(answer: Mapping[tuple[str, str], _Verdict], batch: Batch) -> bool:
    """Whether SCPs deny something of several ARNs, and one of these is allowed."""
    return len(batch.resources) > 1 and any(
        verdict.by_organizations is False and verdict.decision is Decision.ALLOWED for verdict in answer.values()
    )


def _groups(text: str, actions: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The groups of actions that AWS names in brackets; each action alone where it does not name all of them."""
    named = [tuple(name.strip() for name in group.split(",")) for group in re.findall(r"\[([^\[\]]*)\]", text)]
    if len(named) > 1 and sorted(name for group in named for name in group) == sorted(actions):
        return named
    return [(action,) for action in actions]


def _read(
    result: AwsAnswer, batch: Batch, sent: Mapping[str, Sequence[Policy]]
) -> list[tuple[tuple[str, str], _Verdict]]:
    """The verdicts of one EvaluationResult, each under the ARN that it names itself.

    The top level's name is a template and its decision the most restrictive one where several ARNs were asked about
    (observed in AWS's answers, September 2026): it counts only where no ARN was, and a decision about an ARN that it
    contradicts is marked.
    """
    action = result.text("EvalActionName")
    if action not in batch.actions:
        raise result.unusable(f"{action} was not asked about")
    organizations = _flag(result, "OrganizationsDecisionDetail", "AllowedByOrganizations")
    if batch.resources == ANY:
        verdict = _verdict(result, "EvalDecision", organizations, sent)
        return [((action, "*"), replace(verdict, contradiction=_contradiction(verdict, sent, is_about_one_arn=True)))]
    verdicts = []
    for specific in result.parts("ResourceSpecificResults"):
        resource = specific.text("EvalResourceName")
        if resource not in batch.resources:
            raise result.unusable(f"{resource} was not asked about")
        verdicts.append(((action, resource), _verdict(specific, "EvalResourceDecision", organizations, sent)))
    differs = _differs_from_top_level(result, [verdict.decision for _, verdict in verdicts])
    alone = len(batch.resources) == 1
    return [
        (pair, replace(verdict, contradiction=differs or _contradiction(verdict, sent, is_about_one_arn=alone)))
        for pair, verdict in verdicts
    ]


def _differs_from_top_level(result: AwsAnswer, decisions: Sequence[Decision]) -> str:
    """What contradicts the decisions about ARNs in the decision over all of them, which is the most restrictive."""
    if not decisions or result.data.get("EvalDecision") is None:
        return ""
    over_all = _decision(result, "EvalDecision")
    most_restrictive = min(decisions, key=_MOST_RESTRICTIVE.index)
    if over_all is most_restrictive:
        return ""
    return f"it says {over_all} over all ARNs, and {most_restrictive} at most about each"


def _contradiction(verdict: _Verdict, sent: Mapping[str, Sequence[Policy]], *, is_about_one_arn: bool) -> str:
    if verdict.decision is not Decision.ALLOWED:
        return ""
    # a grant of a resource policy to a user is not limited by an implicit deny of the boundary (observed)
    if verdict.by_boundary is False and not sent["ResourcePolicy"]:
        return "it says allowed, and that the permissions boundary does not allow it"
    if verdict.by_organizations is False and is_about_one_arn:
        return "it says allowed, and that the organization does not allow it"
    return ""


def _verdict(
    part: AwsAnswer, member: str, organizations: bool | None, sent: Mapping[str, Sequence[Policy]]
) -> _Verdict:
    return _Verdict(
        _decision(part, member),
        tuple(_statement(statement, sent) for statement in part.parts("MatchedStatements")),
        part.texts("MissingContextValues"),
        organizations,
        _flag(part, "PermissionsBoundaryDecisionDetail", "AllowedByPermissionsBoundary"),
    )


def _decision(part: AwsAnswer, member: str) -> Decision:
    text = part.text(member)
    try:
        return Decision(text)
    except ValueError:
        raise part.unusable(f"the decision {text!r} is not one that iamcheck knows") from None


def _flag(part: AwsAnswer, structure: str, member: str) -> bool | None:
    detail = part.part(structure)
    value = None if detail is None else detail.data.get(member)
    if value is None or isinstance(value, bool):
        return value
    raise part.unusable(f"{member} is neither true nor false")


def _sent_policies(policies: PolicySet) -> dict[str, Sequence[Policy]]:
    """The policies as the simulator numbers them."""
    return {
        "PolicyInputList": () if isinstance(policies.identity, Unread) else policies.identity,
        "PermissionsBoundaryPolicyInputList": (policies.boundary,) if isinstance(policies.boundary, Policy) else (),
        "ResourcePolicy": (policies.resource,) if isinstance(policies.resource, Policy) else (),
    }


def _statement(matched: AwsAnswer, sent: Mapping[str, Sequence[Policy]]) -> StatementRef:
    """The statement behind a MatchedStatement.

    `SourcePolicyType` is `IAM Policy`, `Resource Policy` or `Permissions Boundary Policy`, and not the enum that the
    service model has (observed in AWS's answers, September 2026); both are understood, and any other is an identity
    policy's.
    """
    name = str(matched.data.get("SourcePolicyId") or "")
    kind = _policy_type(name, str(matched.data.get("SourcePolicyType") or ""))
    start, end = _position(matched, "StartPosition"), _position(matched, "EndPosition")
    place = _SOURCE_ID.fullmatch(name)
    number = int(place[2] or 1) - 1 if place else 0
    policies = sent[place[1]] if place else ()
    if place and 0 <= number < len(policies):
        policy = policies[number]
        # positions are in the text that was sent, so that text is read again
        for there in Policy.parse(policy.to_json(), stored=False).statements:
            if there.start == start:
                statement = policy.statements[there.index]
                return policy.reference(statement, kind, name=name, source=number)
    return StatementRef(kind, name, None, None, None if start is None else start.line, start, end)


def _policy_type(name: str, kind: str) -> PolicyType:
    words = f"{name} {kind}".lower() if _SOURCE_ID.fullmatch(name) else kind.lower()
    if "boundary" in words:
        return PolicyType.BOUNDARY
    if "service control" in words or "organization" in words:
        return PolicyType.SCP
    return PolicyType.RESOURCE if "resource" in words else PolicyType.IDENTITY


def _position(matched: AwsAnswer, member: str) -> Position | None:
    place = matched.part(member)
    line, column = (None, None) if place is None else (place.data.get("Line"), place.data.get("Column"))
    return Position(line, column) if isinstance(line, int) and isinstance(column, int) else None


def _evaluation(request: Request, verdict: _Verdict, unread: frozenset[PolicyType]) -> AwsEvaluation:
    return AwsEvaluation(
        request=request,
        decision=verdict.decision,
        certain=False,
        open_keys=frozenset(),
        open_layers=unread,
        matched=verdict.matched,
        blocked_by=_blocked_by(verdict),
        missing_context=verdict.missing,
        simulator="aws",
        could_allow=True,
        by_organizations=verdict.by_organizations,
        by_boundary=verdict.by_boundary,
        contradiction=verdict.contradiction,
    )


def _blocked_by(verdict: _Verdict) -> PolicyType | None:
    if verdict.decision is Decision.ALLOWED:
        return None
    if verdict.decision is Decision.EXPLICIT_DENY and verdict.matched:
        return verdict.matched[0].policy_type
    # an SCP's statements are never among the matched ones
    if verdict.by_organizations is False:
        return PolicyType.SCP
    return PolicyType.BOUNDARY if verdict.by_boundary is False else PolicyType.IDENTITY
