"""Decides by AWS's simulator where nobody else could read the principal's policies.

AWS's answer says what the identity policies and the boundary do, and the local engine adds the layers that are known.
The simulator takes a key that was not sent as absent and answers with confidence. A key that it lists and nobody knows
may change its answer; contrasting values can show that it does, never that it does not, so such a key is open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from iamcheck.checks.principal.judge import JudgedRequest
from iamcheck.checks.principal.name_patterns import is_pattern
from iamcheck.iam.engine.keys import context_keys
from iamcheck.iam.model import Decision, Policy, PolicyType, Unread
from iamcheck.iam.model.evaluation import POLICY_NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.principal.aws_answers import AwsAnswers
    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.iam.model import Evaluation, PolicySet, Request
    from iamcheck.simulators import Simulator
    from iamcheck.simulators.aws import AwsEvaluation

__all__ = ["decided_by_aws"]


def _everything(effect: str) -> tuple[Policy, ...]:
    statement = {"Effect": effect, "Action": "*", "Resource": "*"}
    return (Policy.parse({"Version": "2012-10-17", "Statement": [statement]}, name=f"AWS's answer: {effect}"),)


_IN_PLACE: Final[Mapping[Decision, tuple[Policy, ...]]] = {
    Decision.ALLOWED: _everything("Allow"),
    Decision.EXPLICIT_DENY: _everything("Deny"),
    Decision.IMPLICIT_DENY: (),
}
"""Identity policies that do to a request what AWS's simulator says that the principal's own and its boundary do."""


@dataclass(frozen=True)
class _Answer:
    """What AWS's simulator says of a principal's own layers, and what keeps that from being certain."""

    own: AwsEvaluation
    """Its answer about identity policies and boundary."""
    whole: AwsEvaluation
    """Its answer, SCPs included."""
    open_keys: frozenset[str]
    open_layers: frozenset[PolicyType]


def decided_by_aws(
    requests: Sequence[Request], aws: AwsAnswers, policies: PrincipalPolicies, local: Simulator
) -> tuple[JudgedRequest, ...]:
    """The decision about each request.

    Args:
        requests: What is asked, as AWS's simulator was asked.
        aws: Its answers.
        policies: What else is known: the boundary, SCPs, RCPs and policies of resources.
        local: The local engine.
    """
    answers = [_answer(place, request, aws, policies) for place, request in enumerate(requests)]
    scps_deny = _denied_by_known_scps(requests, policies, local)
    return tuple(
        _decided(request, answer, policies, local, disagreement=_disagreement(place, answers, scps_deny))
        for place, (request, answer) in enumerate(zip(requests, answers, strict=True))
    )


def _answer(place: int, request: Request, aws: AwsAnswers, policies: PrincipalPolicies) -> _Answer:
    whole = aws.evaluations[place]
    own = aws.without_scps.get(place, whole)
    boundary = policies.layers.boundary
    # on an implicit deny AWS lists the keys of the boundary too, and only then
    boundary_is_hidden = isinstance(boundary, Unread) and own.by_boundary is not None
    is_open = boundary_is_hidden and own.decision is not Decision.IMPLICIT_DENY
    keys = {key.lower() for key in (*(aws.listed_keys or ()), *own.missing_context)}
    if isinstance(boundary, Policy):
        keys |= context_keys([boundary]).keys()
    return _Answer(
        own,
        whole,
        frozenset(key for key in keys if request.is_unknown(key)),
        frozenset({PolicyType.BOUNDARY}) if is_open else frozenset(),
    )


def _decided(
    request: Request, answer: _Answer, policies: PrincipalPolicies, local: Simulator, *, disagreement: str
) -> JudgedRequest:
    layers = replace(policies.about(request.resource), boundary=None)
    evaluation = _under(request, layers, answer.own.decision, local)
    shown = _with_evidence_of_aws(evaluation, answer.own)
    unread_scps = isinstance(layers.scps, Unread)
    if unread_scps and answer.whole.by_organizations is False and shown.decision is Decision.ALLOWED:
        # what another layer denies is certain, and what SCPs deny is not
        shown = replace(shown, decision=answer.whole.decision, matched=answer.whole.matched, blocked_by=PolicyType.SCP)
    why = _doubt(request, answer) or disagreement
    if why:
        return JudgedRequest(replace(shown, certain=False, could_allow=True), why)
    if answer.open_keys or answer.open_layers:
        if all(_under(request, layers, decision, local).allowed is False for decision in Decision):
            # whatever the principal's own policies say, another layer denies it
            return JudgedRequest(_under(request, layers, Decision.ALLOWED, local))
        shown = replace(
            shown,
            certain=False,
            could_allow=True,
            open_keys=shown.open_keys | answer.open_keys,
            open_layers=shown.open_layers | answer.open_layers,
        )
    return JudgedRequest(shown, _word_about_scps(request, answer) if unread_scps and shown.allowed is None else "")


def _doubt(request: Request, answer: _Answer) -> str:
    """What in AWS's answer, or in what it was asked, lets nothing follow from it; empty where all is well."""
    contradiction = answer.whole.contradiction or answer.own.contradiction
    if contradiction:
        return f"AWS's simulator contradicts itself: {contradiction}"
    if is_pattern(request.resource) and request.resource != "*":
        return (
            f"{request.resource} stands for several resources, and which of them the policies make a difference "
            "between nobody could read"
        )
    return ""


def _under(request: Request, layers: PolicySet, decision: Decision, local: Simulator) -> Evaluation:
    """What the known layers make of a decision of the principal's own."""
    (evaluation,) = local.simulate([request], replace(layers, identity=_IN_PLACE[decision]))
    return evaluation


def _with_evidence_of_aws(evaluation: Evaluation, from_aws: AwsEvaluation) -> Evaluation:
    """The evaluation with AWS's evidence where the principal's own policies decide."""
    is_own = evaluation.decision is from_aws.decision and evaluation.blocked_by in (None, PolicyType.IDENTITY)
    evidence = replace(evaluation, matched=from_aws.matched, blocked_by=from_aws.blocked_by) if is_own else evaluation
    return replace(evidence, missing_context=from_aws.missing_context, simulator="aws")


def _word_about_scps(request: Request, answer: _Answer) -> str:
    """What AWS's simulator says of SCPs that nobody has read, and what it knew."""
    if answer.whole.by_organizations is not False:
        return ""
    sent = ", ".join(sorted(request.context, key=str.lower)) or "nothing of the context"
    return f"AWS's simulator says that SCPs deny it, given {sent}; which other keys they look at nobody has read"


def _denied_by_known_scps(
    requests: Sequence[Request], policies: PrincipalPolicies, local: Simulator
) -> tuple[bool | None, ...]:
    """Whether SCPs that are known deny each request; None: nobody knows."""
    scps = policies.layers.scps
    if isinstance(scps, Unread):
        return (None,) * len(requests)
    from_scps = replace(policies.layers, identity=_IN_PLACE[Decision.ALLOWED], boundary=None, rcps=(), session=())
    evaluations = local.simulate(requests, from_scps)
    return tuple(None if evaluation.allowed is None else not evaluation.allowed for evaluation in evaluations)


def _disagreement(place: int, answers: Sequence[_Answer], scps_deny: Sequence[bool | None]) -> str:
    """Where AWS's simulator and the SCPs that are known differ about an action."""
    whole = answers[place].whole
    # AWS says it over all resources of an action
    of_action = [
        denies
        for answer, denies in zip(answers, scps_deny, strict=True)
        if answer.whole.request.action_key == whole.request.action_key
    ]
    name = POLICY_NAMES[PolicyType.SCP]
    if whole.by_organizations is False and all(denies is False for denies in of_action):
        return f"AWS's simulator says that a {name} denies it, and none that is known does"
    if whole.by_organizations is True and scps_deny[place] is True:
        return f"AWS's simulator says that no {name} denies it, and one that is known does"
    return ""
