"""Turns evaluations into evidence and into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.iam.engine.keys import context_keys
from iamcheck.iam.model import PolicyType
from iamcheck.iam.model.evaluation import statement_name as name_of
from iamcheck.results import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iamcheck.iam.model import Evaluation, Policy, Statement

__all__ = ["and_more", "call_text", "evidence_of", "evidence_of_statement", "open_keys_of", "spelled", "statement_name"]


def evidence_of(evaluation: Evaluation, note: str | None = None) -> Evidence:
    """The evidence that an evaluation is; of several statements that decided it, the first one is named."""
    request = evaluation.request
    return Evidence(
        action=request.action,
        resource=request.resource,
        decision=evaluation.decision,
        certain=evaluation.certain,
        decided_by=evaluation.matched[0] if evaluation.matched else None,
        note=note,
        blocked_by=evaluation.blocked_by,
        is_denied_anyway=evaluation.allowed is False,
    )


def call_text(evaluation: Evaluation) -> str:
    """The call that was evaluated, in words."""
    return f"{evaluation.request.action} on {evaluation.request.resource}"


def and_more(texts: Sequence[str]) -> str:
    """The first of some texts and how many there are besides."""
    return texts[0] if len(texts) == 1 else f"{texts[0]} and {len(texts) - 1} more"


def open_keys_of(evaluations: Iterable[Evaluation]) -> tuple[str, ...]:
    """The keys that evaluations hang on, in lower case, sorted."""
    return tuple(sorted({key for evaluation in evaluations for key in evaluation.open_keys}))


def spelled(keys: Iterable[str], policy: Policy) -> str:
    """Keys as the policy spells them, as one text."""
    spellings = context_keys([policy])
    return ", ".join(spellings.get(key, key) for key in keys)


def statement_name(statement: Statement) -> str:
    """A statement in words: its Sid, else its place from 0 as in a JSON path."""
    return name_of(statement.sid, statement.index)


def evidence_of_statement(statement: Statement, policy: Policy, note: str) -> Evidence:
    """The evidence that a statement of an identity policy is."""
    return Evidence(decided_by=policy.reference(statement, PolicyType.IDENTITY), note=note)
