"""Decides each request: chooses the engine, and says what keeps its decision from being certain."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.checks.principal.aws_alone import decided_by_aws
from iamcheck.checks.principal.aws_answers import AwsAnswers
from iamcheck.checks.principal.compare import compared
from iamcheck.checks.principal.decide_locally import decide_locally
from iamcheck.checks.principal.other_owners import open_where_another_owns_it
from iamcheck.errors import AwsUnavailableError
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.principal.gather import PrincipalFacts
    from iamcheck.checks.principal.judge import JudgedRequest
    from iamcheck.checks.principal.layers import PrincipalPolicies
    from iamcheck.simulators import Simulator

__all__ = ["Decider", "Decisions", "decide"]


class Decider(Enum):
    """Who decides."""

    LOCAL = "the local engine alone"
    BOTH = "AWS's simulator, and the local engine says what is certain"
    AWS = "AWS's simulator alone, of the policies that nobody else could read"
    NOBODY = "AWS's simulator could not be asked"


class _Aws(Enum):
    """How far AWS's simulator could be asked."""

    ANSWERED = "answered"
    REFUSED = "could not be asked"


_DECIDERS: Final[Mapping[tuple[str, _Aws, bool], Decider]] = {
    ("auto", _Aws.ANSWERED, True): Decider.BOTH,
    ("auto", _Aws.ANSWERED, False): Decider.AWS,
    ("auto", _Aws.REFUSED, True): Decider.LOCAL,
    ("auto", _Aws.REFUSED, False): Decider.LOCAL,
    ("aws", _Aws.ANSWERED, True): Decider.BOTH,
    ("aws", _Aws.ANSWERED, False): Decider.AWS,
    ("aws", _Aws.REFUSED, True): Decider.NOBODY,
    ("aws", _Aws.REFUSED, False): Decider.NOBODY,
    ("both", _Aws.ANSWERED, True): Decider.BOTH,
    # there is nothing to compare AWS's answers with: what was not read stays open
    ("both", _Aws.ANSWERED, False): Decider.LOCAL,
    ("both", _Aws.REFUSED, True): Decider.NOBODY,
    ("both", _Aws.REFUSED, False): Decider.NOBODY,
}
"""The engine of the run, AWS's simulator, whether the principal's policies are all known -> who decides.

Where AWS's simulator is not to be asked (`--engine local`, offline) the local engine decides.
"""


@dataclass(frozen=True)
class Decisions:
    """The decisions about all requests.

    Args:
        decider: Who decided.
        rows: The decision about each request, in order; none where nobody could decide.
        assumptions: What was taken for granted in deciding.
        error: Why AWS's simulator could not be asked; None: it answered, or was not to be asked.
    """

    decider: Decider
    rows: tuple[JudgedRequest, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    error: AwsUnavailableError | None = None


def decide(facts: PrincipalFacts, engine: str, local: Simulator) -> Decisions:
    """Decides every request by the engine that the table names.

    Args:
        facts: What is known.
        engine: `auto`, `aws`, `local` or `both`.
        local: The local engine.

    Raises:
        UnsupportedElementError: A policy is not understood.
    """
    decider, aws, policies = _decider(facts, engine), facts.aws, facts.policies
    error = aws if isinstance(aws, AwsUnavailableError) else None
    if decider is Decider.NOBODY:
        return Decisions(decider, error=error)
    if decider is Decider.AWS and isinstance(aws, AwsAnswers):
        rows = _with_other_owners(decided_by_aws(facts.requests, aws, policies, local), policies, local)
        return Decisions(decider, rows, (_aws_alone(facts),))
    rows = _with_other_owners(decide_locally(facts.requests, policies, local), policies, local)
    if decider is Decider.BOTH and isinstance(aws, AwsAnswers):
        return Decisions(decider, compared(rows, aws, policies))
    assumptions = () if error is None else (_not_asked(error),)
    return Decisions(decider, rows, assumptions, error)


def _with_other_owners(
    rows: Sequence[JudgedRequest], policies: PrincipalPolicies, local: Simulator
) -> tuple[JudgedRequest, ...]:
    return tuple(
        open_where_another_owns_it(row, policies.about(row.evaluation.request.resource), local) for row in rows
    )


def _decider(facts: PrincipalFacts, engine: str) -> Decider:
    if facts.aws is None:
        return Decider.LOCAL
    answered = _Aws.ANSWERED if isinstance(facts.aws, AwsAnswers) else _Aws.REFUSED
    return _DECIDERS[engine, answered, facts.policies.are_known]


def _aws_alone(facts: PrincipalFacts) -> Assumption:
    gaps = "; ".join(str(gap) for gap in facts.gaps)
    text = f"assumed: AWS's simulator is right about the principal's policies, which were not read ({gaps})"
    # a gap without an operation is left by a file or by --engine aws: the user may give the policies
    return Assumption(text, ", ".join(dict.fromkeys(gap.operation or "--policy" for gap in facts.gaps)))


def _not_asked(error: AwsUnavailableError) -> Assumption:
    text = f"assumed: the local engine decides as AWS's simulator would, which could not be asked ({error})"
    return Assumption(text, error.operation)
