"""Checks `policy.sufficient`: the policy alone allows every needed permission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.policy.evidence import and_more, call_text, evidence_of, open_keys_of, spelled
from iamcheck.iam.model import Decision, Policy, PolicySet, PolicyType
from iamcheck.results import CheckId, CheckResult, Remedy, Status
from iamcheck.simulators.settled import ask

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.iam.model import Evaluation, Request
    from iamcheck.permissions import RequiredPermission
    from iamcheck.simulators import Simulator

__all__ = ["sufficient"]

_ID: Final = CheckId.POLICY_SUFFICIENT


def sufficient(
    policy: Policy,
    permissions: Sequence[RequiredPermission],
    simulator: Simulator,
    families: Sequence[tuple[str, str]] = (),
) -> CheckResult:
    """Proves that a policy, with no other one beside it, allows everything that is needed.

    Args:
        policy: The identity policy to judge.
        permissions: What must be allowed. Where nothing is needed, nothing is proved, and that is no pass.
        simulator: Who answers.
        families: The names that are patterns, as `deployment.families.families_of` gives them: of these the policy is
            proved for two made-up names besides.

    Raises:
        AwsUnavailableError: The simulator could not be asked.
    """
    if not permissions:
        return CheckResult(
            _ID,
            Status.UNKNOWN,
            "no permission is known to be needed, so there is nothing to prove",
        )
    requests = [permission.request for permission in permissions]
    of_whom = ""
    if families:
        from iamcheck.checks.policy.family_members import family_members  # most deployments are of no family

        members = family_members(requests, families)
        requests += [request for member in members for request in member.requests]
        names = " and ".join(member.name for member in members)
        of_whom = f" for the family {families[0][1]}, and likewise for two made-up names of it, {names}"
    answers = ask(simulator, requests, PolicySet(identity=[policy]))
    evidence = tuple(evidence_of(answer) for answer in answers)
    denied = [answer for answer in answers if answer.allowed is False]
    if denied:
        calls = [f"{call_text(evaluation)} ({evaluation.decision})" for evaluation in denied]
        summary = f"the policy does not allow {and_more(calls)}"
        return CheckResult(
            _ID,
            Status.FAIL,
            summary,
            evidence,
            remedy=_remedy(policy, denied, requests, simulator),
        )
    undecided = [answer for answer in answers if answer.allowed is None]
    if undecided:
        keys = open_keys_of(undecided)
        summary = (
            f"whether the policy allows {and_more([call_text(evaluation) for evaluation in undecided])} "
            f"depends on {spelled(keys, policy) or 'what is not known'}"
        )
        return CheckResult(_ID, Status.UNKNOWN, summary, evidence, open_keys=keys)
    needed = "the needed permission" if len(permissions) == 1 else f"each of the {len(permissions)} needed permissions"
    summary = f"the policy allows {needed}{of_whom}"
    return CheckResult(_ID, Status.PASS, summary, evidence)


def _remedy(policy: Policy, denied: Sequence[Evaluation], requests: Sequence[Request], simulator: Simulator) -> Remedy:
    explicit = [answer for answer in denied if answer.decision is Decision.EXPLICIT_DENY]
    if explicit:
        culprit = evidence_of(explicit[0]).decided_by
        name = "the Deny" if culprit is None else f"the Deny of {culprit}"
        return Remedy(f"take back {name}: no Allow outweighs it")
    from iamcheck.explain.remedies.statements import needed_policy  # the packaged templates allow what is needed

    document = needed_policy([answer.request for answer in denied])
    missing = Policy.parse(document, name="remedy", layer=PolicyType.IDENTITY)
    answers = ask(simulator, requests, PolicySet(identity=[policy, missing]))
    return Remedy(
        "add what is missing to the policy's template",
        document,
        proved=all(answer.allowed is True for answer in answers),
    )
