"""Compares one element of a statement with a request that it does not match, with the values side by side.

Only told here, never decided: whether an element matches is what the engine's trace says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from iamcheck.explain.why.arns import entry_text, nearest_entry
from iamcheck.explain.why.words import likeness, listed, side_by_side
from iamcheck.iam.engine.statements import action_matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.iam.engine.explain import ElementTrace
    from iamcheck.iam.model import Request

__all__ = ["Difference", "Rank", "difference"]

Rank: TypeAlias = "tuple[float, ...]"
"""How far off an element is: the smaller, the nearer to a match."""

_CONDITION, _RESOURCE, _PRINCIPAL, _ACTION = range(4)
_LITTLE: Final = (0, 0, 0.0)


@dataclass(frozen=True, slots=True)
class Difference:
    """One element that keeps, or may keep, a statement from matching."""

    element: str
    """`Action`, `NotAction`, `Resource`, `NotResource`, `Principal`, `NotPrincipal` or `Condition`."""
    text: str
    """The values side by side: `Resource has us-east-1, the request eu-west-1`."""
    wanted: tuple[str, ...]
    """What the statement has: of an Action or a Resource the nearest of its entries, else all texts."""
    had: tuple[str, ...] | None
    """What the request has; None: nothing, or nothing is known of it."""
    operator: str | None = None
    """Of a condition, as the policy has it: `ForAnyValue:StringLike`."""
    key: str | None = None
    """Of a condition, in the policy's spelling."""
    perhaps: bool = False
    """The element may match after all: it depends on keys of which nothing is known."""


def difference(element: ElementTrace, request: Request, *, variables: bool) -> tuple[Difference, Rank]:
    """What an element that does not match, or only perhaps, has and what the request has; and how far apart they are.

    Args:
        element: The engine's trace of the element.
        request: What was asked.
        variables: Whether the policy's Version has variables.
    """
    expected, text, rank = _TOLD.get(element.element, _condition)(element, request, variables)
    if element.matched is None:
        text += f"; perhaps it matches: nothing is known of {listed(element.unknown) or 'who asks'}"
    element_difference = Difference(
        element.element, text, expected, element.had, element.operator, element.key, perhaps=element.matched is None
    )
    return element_difference, rank


_Told: TypeAlias = "tuple[tuple[str, ...], str, Rank]"


def _condition(element: ElementTrace, request: Request, variables: bool) -> _Told:
    values = listed([entry_text(value, request, variables=variables) for value in element.wanted])
    operator = element.operator or ""
    if operator.endswith("Null"):
        expected = " or ".join("none" if value.lower() == "true" else "some value" for value in element.wanted)
    elif "Not" in operator:
        expected = f"anything but {values}"
    else:
        expected = values
    if element.had is not None:
        had = f", the request has {listed(element.had)}"
    elif element.matched is None:
        had = ""
    elif element.unknown:
        had = ", and nothing that the request may have matches"
    else:
        had = ", the request has none"
    return (
        element.wanted,
        f"Condition {operator} {element.key}: needs {expected}{had}",
        (_CONDITION, *_LITTLE),
    )


def _resource(element: ElementTrace, request: Request, variables: bool) -> _Told:
    nearest = nearest_entry(element.wanted, request, variables=variables)
    rank = (_RESOURCE, *nearest.rank)
    if nearest.without_value:
        key = listed(nearest.without_value)
        return (nearest.entry,), f"Resource has {nearest.entry}, and the request no single value of {key}", rank
    return (nearest.entry,), side_by_side("Resource", nearest.wanted, nearest.had, len(element.wanted)), rank


def _not_resource(element: ElementTrace, request: Request, variables: bool) -> _Told:
    nearest = nearest_entry(element.wanted, request, variables=variables)
    text = f"NotResource has {nearest.entry}, and that takes in the request's {request.resource}"
    return (nearest.entry,), text, (_RESOURCE, *_LITTLE)


def _principal(element: ElementTrace, request: Request, _variables: bool) -> _Told:
    who = request.principal or "one that is not known"
    return element.wanted, f"Principal has {listed(element.wanted)}, the request {who}", (_PRINCIPAL, *_LITTLE)


def _not_principal(element: ElementTrace, request: Request, _variables: bool) -> _Told:
    who = request.principal or "one that is not known"
    text = f"NotPrincipal has {listed(element.wanted)}, and that takes in the request's {who}"
    return element.wanted, text, (_PRINCIPAL, *_LITTLE)


def _action(element: ElementTrace, request: Request, _variables: bool) -> _Told:
    service, _, name = request.action_key.partition(":")

    def rank(pattern: str) -> tuple[bool, float]:
        own, _, rest = pattern.lower().partition(":")
        return not action_matcher(own)(service), -likeness(rest, name)

    nearest = min(element.wanted, key=rank, default="nothing")
    text = side_by_side("Action", nearest, request.action, len(element.wanted))
    return (nearest,), text, (_ACTION, *rank(nearest))


def _not_action(element: ElementTrace, request: Request, _variables: bool) -> _Told:
    nearest = next((pattern for pattern in element.wanted if action_matcher(pattern)(request.action_key)), "nothing")
    text = f"NotAction has {nearest}, and that takes in the request's {request.action}"
    return (nearest,), text, (_ACTION, *_LITTLE)


_TOLD: Final[dict[str, Callable[[ElementTrace, Request, bool], _Told]]] = {
    "Action": _action,
    "NotAction": _not_action,
    "Resource": _resource,
    "NotResource": _not_resource,
    "Principal": _principal,
    "NotPrincipal": _not_principal,
}
