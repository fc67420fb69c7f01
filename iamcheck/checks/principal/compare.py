"""Compares AWS's answers with the local engine's: AWS's decision, and the local engine's word on what is certain.

What is compared is what AWS's simulator would say, by its own rules. What will happen on the day may be another thing,
for enforcement looks at layers that the simulator leaves out: that is not a disagreement.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.checks.principal.aws_answers import simulate
from iamcheck.checks.principal.judge import JudgedRequest
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import ContextValue, Decision, KeyType, PolicyType, Unread
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.simulators.aws_request import context_entries, is_entity
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.checks.principal.aws_answers import AwsAnswers
    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.iam.model import ContextInput, Evaluation, Request
    from iamcheck.simulators.aws import AwsEvaluation

__all__ = ["compared"]

_NOT_SIMULATED: Final = (PolicyType.RCP, PolicyType.RESOURCE, PolicyType.SESSION)
"""Layers that deny on the day and that the simulator leaves out, or was not asked about."""
_NOBODY: Final = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"


def compared(rows: Sequence[JudgedRequest], aws: AwsAnswers, policies: PrincipalPolicies) -> tuple[JudgedRequest, ...]:
    """AWS's decisions with the local engine's certainty; nothing is certain where the two differ.

    Args:
        rows: The local engine's decisions.
        aws: AWS's answers to the same requests.
        policies: The policies that the local engine decided under.
    """
    by_its_rules = simulate(
        LocalSimulator(Semantics.SIMULATOR),
        [_as_sent(request, aws.source) for request in aws.asked],
        aws.policies,
        aws.by_resource,
    )
    scps_are_unread = isinstance(policies.layers.scps, Unread)
    return tuple(
        _with_unread_scps(row, answer) if scps_are_unread and _is_stopped(same, answer) else _agreed(row, same, answer)
        for row, same, answer in zip(rows, by_its_rules, aws.evaluations, strict=True)
    )


def _as_sent(request: Request, source: str | None) -> Request:
    """The request with the context that the simulator has: what was sent, and what it fills in itself."""
    context: dict[str, ContextInput] = {
        name: ContextValue(values, KeyType(kind), KeyType(kind).many) for name, kind, values in context_entries(request)
    }
    sent = {name.lower() for name in context}
    filled = _filled(source if is_entity(source) else None, request)
    context |= {
        key: ContextValue((text,), KeyType.STRING) for key, text in filled.items() if key.lower() not in sent and text
    }
    return replace(request, context=context, absent=())


def _filled(source: str | None, request: Request) -> dict[str, str]:
    """The keys that the simulator fills in (observed in AWS's answers, September 2026)."""
    if source is None:
        return {"aws:PrincipalAccount": request.parts[4] if request.parts else "", "aws:userid": _NOBODY}
    filled = {"aws:PrincipalArn": source, "aws:PrincipalAccount": source.split(":")[4], "aws:userid": source}
    if ":user/" in source:
        filled["aws:username"] = source.rpartition("/")[2]
    return filled


def _is_stopped(same: Evaluation, aws: AwsEvaluation) -> bool:
    """Whether it is by SCPs alone that AWS's answer differs."""
    return aws.by_organizations is False and aws.decision is not Decision.ALLOWED and same.decision is not aws.decision


def _with_unread_scps(row: JudgedRequest, aws: AwsEvaluation) -> JudgedRequest:
    """AWS's denial by SCPs that nobody has read: which unknown keys they look at nobody can tell."""
    evaluation = row.evaluation
    if evaluation.allowed is False:
        return row
    sent = ", ".join(sorted(evaluation.request.context, key=str.lower)) or "nothing of the context"
    why = f"AWS's simulator says that SCPs deny it, given {sent}; which other keys they look at nobody has read"
    by_aws = replace(evaluation, decision=aws.decision, matched=aws.matched, blocked_by=PolicyType.SCP, simulator="aws")
    return JudgedRequest(by_aws, "; ".join(filter(None, (row.why, why))))


def _agreed(row: JudgedRequest, same: Evaluation, aws: AwsEvaluation) -> JudgedRequest:
    """AWS's decision with the local engine's certainty.

    Args:
        row: What the local engine says of the day.
        same: What it says by the simulator's rules.
        aws: What AWS's simulator says.
    """
    evaluation = row.evaluation
    if aws.contradiction:
        return _open(evaluation, aws, f"AWS's simulator contradicts itself: {aws.contradiction}")
    if same.decision is not aws.decision:
        return _open(evaluation, aws, _difference(aws.decision, same.decision))
    if evaluation.decision is aws.decision:
        return replace(row, evaluation=replace(evaluation, simulator="aws"))
    if aws.decision is Decision.ALLOWED and evaluation.blocked_by in _NOT_SIMULATED:
        left_out = f"AWS's simulator says allowed, for it leaves out the {POLICY_NAMES[evaluation.blocked_by]}"
        return replace(row, why="; ".join(filter(None, (row.why, left_out))))
    if evaluation.allowed is False and aws.decision is not Decision.ALLOWED:
        return row
    return _open(evaluation, aws, _difference(aws.decision, evaluation.decision))


def _difference(aws: Decision, local: Decision) -> str:
    return f"AWS's simulator says {aws}, and the local engine {local}"


def _open(evaluation: Evaluation, aws: AwsEvaluation, why: str) -> JudgedRequest:
    open_evaluation = replace(
        evaluation,
        decision=aws.decision,
        matched=aws.matched,
        blocked_by=aws.blocked_by,
        certain=False,
        could_allow=True,
        simulator="aws",
    )
    return JudgedRequest(open_evaluation, why)
