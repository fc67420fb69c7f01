"""The engine beside the naive reading: where do they differ, and what is the smallest case that shows it?"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from iamcheck.errors import IamcheckError
from iamcheck.iam.engine import Semantics, evaluate
from tests.generator import Case
from tests.naive import Place, decide

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from iamcheck.iam.model import Evaluation, PolicySet

__all__ = ["difference", "outcome", "places", "shown", "shrunk"]


Json: TypeAlias = Any
"""Documents and contexts, as `json` has them."""


def places(evaluation: Evaluation) -> frozenset[Place]:
    """Where the statements stand that the engine calls matched."""
    return frozenset(
        Place(one.policy_type, one.level, one.source, -1 if one.index is None else one.index)
        for one in evaluation.matched
    )


def difference(case: Case, semantics: Semantics, policies: PolicySet | None = None) -> str:
    """What the engine and the naive reading say differently of a case; empty where they agree."""
    policies = policies or case.policies()
    request = case.request()
    ours = evaluate(request, policies, semantics=semantics)
    naive = decide(request, policies, simulator=semantics is Semantics.SIMULATOR)
    if ours.decision is not naive.decision:
        return f"engine: {ours.decision}, naive reading: {naive.decision} by {sorted(naive.matched)}"
    if places(ours) != naive.matched or len(ours.matched) != len(naive.matched):
        return f"{ours.decision}; engine by {sorted(places(ours))}, naive reading by {sorted(naive.matched)}"
    return ""


def outcome(case: Case, semantics: Semantics) -> str:
    """The engine's decision."""
    return evaluate(case.request(), case.policies(), semantics=semantics).decision.value


def shrunk(case: Case, still: Callable[[Case], bool]) -> Case:
    """The smallest case that is found by leaving out one part after the other while `still` holds."""
    value: dict[str, Any] = asdict(case)
    smaller = True
    while smaller:
        smaller = False
        for candidate in (c for c in _without_one(value) if c.keys() == value.keys()):
            try:
                if still(Case(**candidate)):
                    value, smaller = candidate, True
                    break
            except (IamcheckError, KeyError, IndexError):
                continue  # what is left is no case any more
    return replace(case, **value)


def _without_one(value: Json) -> Iterator[Json]:
    """Every value that lacks one member somewhere, the outermost first."""
    if isinstance(value, dict):
        for key in value:
            yield {other: member for other, member in value.items() if other != key}
        for key, member in value.items():
            for smaller in _without_one(member):
                yield {**value, key: smaller}
    elif isinstance(value, list):
        for place in range(len(value)):
            yield value[:place] + value[place + 1 :]
        for place, member in enumerate(value):
            for smaller in _without_one(member):
                yield [*value[:place], smaller, *value[place + 1 :]]


def shown(case: Case) -> str:
    """The case as JSON, to be copied into a file of cases."""
    return json.dumps(asdict(case), indent=1)
