"""Checks `principal.allowed`: may the principal do each thing that the deployment needs?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.aws.principals import IdentityKind
from iamcheck.checks.plan import CheckOutcome
from iamcheck.checks.principal.decide import Decider, decide
from iamcheck.checks.principal.explain import could_not_decide, explain
from iamcheck.checks.principal.gather import gather
from iamcheck.checks.principal.judge import judge
from iamcheck.errors import InvalidInputError, UnsupportedElementError
from iamcheck.results import CheckId, CheckResult, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.session import Access
    from iamcheck.checks.memory import CheckMemory
    from iamcheck.checks.principal.decide import Decisions
    from iamcheck.checks.principal.judge import JudgedRequest
    from iamcheck.checks.principal.question import PrincipalQuestion
    from iamcheck.permissions import RequiredPermission
    from iamcheck.simulators import Simulator

__all__ = ["principal_allowed"]

_ID: Final = CheckId.PRINCIPAL_ALLOWED
_WITHOUT_SESSION: Final = (IdentityKind.USER, IdentityKind.GROUP, IdentityKind.ROOT)
"""Whoever calls with credentials of its own: only AssumeRole and GetFederationToken take policies."""


def principal_allowed(
    question: PrincipalQuestion, access: Access | None, local: Simulator, memory: CheckMemory
) -> CheckOutcome:
    """Gathers what is known, decides each request, judges the decisions, and explains what is no pass.

    Args:
        question: What is asked.
        access: The way to AWS; None: offline.
        local: The local engine.
        memory: What checks before have in common with this one.

    Raises:
        AwsUnavailableError: Nobody could tell who calls.
        InvalidInputError: The authorization details, or a policy that the user gave, cannot be used.
    """
    _require_session(question)
    is_given = question.is_about_given_policies(offline=access is None)
    if not is_given and question.known_principal().why_not:
        return CheckOutcome(CheckResult(_ID, Status.UNKNOWN, question.known_principal().why_not))
    facts = gather(question, access, memory)
    try:
        decisions = decide(facts, question.options.engine, local)
    except UnsupportedElementError as error:
        if is_given:
            raise
        return CheckOutcome(_not_understood(error))
    if decisions.error is not None and decisions.decider is Decider.NOBODY:
        return CheckOutcome(could_not_decide(facts, decisions.error), engine=_engine(question, decisions))
    decisions = replace(decisions, rows=_with_needs(decisions.rows, question.permissions))
    result = explain(judge(decisions.rows, facts.spelled_keys), question, facts, decisions, local)
    assumptions = (*facts.assumptions, *decisions.assumptions)
    return CheckOutcome(
        result,
        assumptions,
        _engine(question, decisions),
        facts.policies.layers,
    )


def _with_needs(rows: Sequence[JudgedRequest], permissions: Sequence[RequiredPermission]) -> tuple[JudgedRequest, ...]:
    """The decisions; a denial of what may not be needed is not certain, and says what settles it."""
    return tuple(
        replace(
            row,
            evaluation=replace(row.evaluation, certain=False, could_allow=True),
            why=f"whether it is needed is not known: {permission.settled_by} says that it is not",
        )
        if permission.settled_by and row.evaluation.allowed is False
        else row
        for row, permission in zip(rows, permissions, strict=True)
    )


def _require_session(question: PrincipalQuestion) -> None:
    """Returns where session policies that the user gave can be those of whoever calls.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session

    Raises:
        InvalidInputError: Whoever calls has no session to which a policy could be passed.
    """
    principal = question.principal()
    if not question.options.layers.session or principal is None or principal.kind not in _WITHOUT_SESSION:
        return
    raise InvalidInputError(
        f"{principal.arn} calls without a session that takes policies",
        where="--session-policy",
        cure="leave it out, or name the role or the federated user of the session with --principal",
    )


def _engine(question: PrincipalQuestion, decisions: Decisions) -> str:
    """Who answered, as the report says it."""
    if decisions.decider is Decider.LOCAL:
        return "local"
    return "both" if question.options.engine == "both" else "aws"


def _not_understood(error: UnsupportedElementError) -> CheckResult:
    return CheckResult(_ID, Status.UNKNOWN, f"a policy of the principal is not understood: {error}")
