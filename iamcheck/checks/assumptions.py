"""Words what a verdict takes to be so, and names the flag or the read that settles it."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from iamcheck.iam.model import PolicyType
from iamcheck.results import Assumption

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["LayerState", "layer_assumptions", "settleable"]


class LayerState(Enum):
    """Why a layer of policies is judged as it is, where nobody gave it and nobody read it."""

    NOT_GIVEN = "nobody gave it, and nobody was there to read it"
    LEFT_OUT = "the user leaves it out"
    NOT_NAMED = "AWS's simulator names none"
    RENDERED = "the rendered policy stands in its place"
    NEVER_READ = "nobody can read it"


_LAYERS: Final[Mapping[tuple[PolicyType, LayerState], Assumption]] = {
    (PolicyType.IDENTITY, LayerState.RENDERED): Assumption(
        "assumed: the principal has the rendered policy and no other identity policy (none given; --policy gives them)",
        "--policy",
    ),
    (PolicyType.BOUNDARY, LayerState.NOT_GIVEN): Assumption(
        "assumed: no permissions boundary applies (none given; --boundary gives it)", "--boundary"
    ),
    (PolicyType.SCP, LayerState.NOT_GIVEN): Assumption(
        "assumed: no SCPs apply (none given; --scp gives them)", "--scp"
    ),
    (PolicyType.SCP, LayerState.LEFT_OUT): Assumption(
        "assumed: no SCPs apply (--organizations ignore leaves them out)", "--scp"
    ),
    (PolicyType.SCP, LayerState.NOT_NAMED): Assumption(
        "assumed: no SCPs apply (AWS's simulator names none; --scp gives them)", "--scp"
    ),
    (PolicyType.RCP, LayerState.NOT_GIVEN): Assumption(
        "assumed: no RCPs apply (neither given nor read; --rcp gives them)", "--rcp"
    ),
    (PolicyType.RCP, LayerState.LEFT_OUT): Assumption(
        "assumed: no RCPs apply (--organizations ignore leaves them out)", "--rcp"
    ),
    (PolicyType.SESSION, LayerState.NEVER_READ): Assumption(
        "assumed: no session policy and no VPC endpoint policy denies it (nobody can read them)"
    ),
}
"""What is assumed of a layer in a state. Adding a state of a layer is adding a row."""


def layer_assumptions(states: Mapping[PolicyType, LayerState]) -> tuple[Assumption, ...]:
    """The assumptions about layers of policies, in the order of the layers.

    Args:
        states: The layers that were neither given nor read, and why; no layer that was.
    """
    return tuple(assumption for row, assumption in _LAYERS.items() if states.get(row[0]) is row[1])


def settleable(assumptions: Iterable[Assumption]) -> tuple[Assumption, ...]:
    """The assumptions that a flag or a read could settle, which `--strict` does not take."""
    return tuple(one for one in assumptions if one.settled_by)
