"""Two answers to one question: AWS's simulator's, and the local engine's.

What is compared is what AWS's simulator would say, by its own rules. What will happen on the day may be another thing,
for it looks at layers that the simulator leaves out: that is not a disagreement.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.checks.principal.evaluating import simulate
from iamcheck.checks.principal.judging import JudgedRequest
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import ContextValue, Decision, KeyType, PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.simulators.aws_request import context_entries, is_entity
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model import ContextInput, Evaluation, Policy, PolicySet, Request

__all__ = ["agreed", "as_simulated"]

_NOT_SIMULATED: Final = (PolicyType.RCP, PolicyType.RESOURCE, PolicyType.SESSION)
"""Layers that deny on the day and that the simulator leaves out, or was not asked about."""
_NOBODY: Final = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR"


def as_simulated(
    requests: Sequence[Request],
    policies: PolicySet,
    by_resource: Mapping[str, Policy],
    *,
    caller: str | None,
) -> list[Evaluation]:
    """The local engine's answers to what AWS's simulator is asked, by the simulator's rules.

    Args:
        requests: As AWS was asked.
        policies: As AWS has them.
        by_resource: Resource policies by the ARN of their resource, where AWS was given them.
        caller: The ARN of the user, role or group that AWS was asked about; None: AWS was told of nobody.
    """
    return simulate(
        LocalSimulator(Semantics.SIMULATOR), [_as_sent(one, caller) for one in requests], policies, by_resource
    )


def _as_sent(request: Request, caller: str | None) -> Request:
    """The request with the context that the simulator has: what was sent, and what it fills in itself."""
    context: dict[str, ContextInput] = {
        name: ContextValue(values, KeyType(kind), KeyType(kind).many) for name, kind, values in context_entries(request)
    }
    sent = {name.lower() for name in context}
    filled = _filled(caller if is_entity(caller) else None, request)
    context |= {
        key: ContextValue((text,), KeyType.STRING) for key, text in filled.items() if key.lower() not in sent and text
    }
    return replace(request, context=context, absent=())


def _filled(caller: str | None, request: Request) -> dict[str, str]:
    """The keys that the simulator fills in (observed in AWS's answers, September 2026)."""
    if caller is None:
        return {"aws:PrincipalAccount": request.parts[4] if request.parts else "", "aws:userid": _NOBODY}
    filled = {"aws:PrincipalArn": caller, "aws:PrincipalAccount": caller.split(":")[4], "aws:userid": caller}
    if ":user/" in caller:
        filled["aws:username"] = caller.rpartition("/")[2]
    return filled


def agreed(live: JudgedRequest, same: Evaluation, aws: Evaluation) -> JudgedRequest:
    """AWS's decision with the local engine's certainty; nothing is certain where the two answers differ.

    Args:
        live: What the local engine says of the day.
        same: What it says by the simulator's rules.
        aws: What AWS's simulator says.
    """
    one = live.evaluation
    if same.decision is not aws.decision:
        return _disagreed(one, same.decision, aws)
    if one.decision is aws.decision:
        return replace(live, evaluation=replace(one, simulator="aws"))
    if aws.decision is Decision.ALLOWED and one.blocked_by in _NOT_SIMULATED:
        left_out = f"AWS's simulator says allowed, for it leaves out the {POLICY_NAMES[one.blocked_by]}"
        return replace(live, why="; ".join(filter(None, (live.why, left_out))))
    if one.allowed is False and aws.decision is not Decision.ALLOWED:
        return live
    return _disagreed(one, one.decision, aws)


def _disagreed(one: Evaluation, local: Decision, aws: Evaluation) -> JudgedRequest:
    differ = f"AWS's simulator says {aws.decision}, and the local engine {local}"
    found = replace(
        one,
        decision=aws.decision,
        matched=aws.matched,
        blocked_by=aws.blocked_by,
        certain=False,
        could_allow=True,
        simulator="aws",
    )
    return JudgedRequest(found, differ)
