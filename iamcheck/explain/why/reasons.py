"""Words what made a Deny apply: its conditions, and what it exempts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.explain.why.words import listed

if TYPE_CHECKING:
    from iamcheck.iam.engine.explain import ElementTrace, StatementTrace
    from iamcheck.iam.model import Request

__all__ = ["WHATEVER_THE_CONTEXT", "reasons"]

WHATEVER_THE_CONTEXT: Final = "whatever the context"
"""How the reason ends where a Deny has no conditions and exempts nothing."""


def reasons(trace: StatementTrace, request: Request) -> tuple[str, ...]:
    """What made a Deny apply, the conditions first; without any its actions and resources, which take all."""
    conditions = [_condition(element) for element in trace.elements if element.element == "Condition"]
    conditions += [_exempted(element, request) for element in trace.elements if element.element.startswith("Not")]
    return tuple(conditions) or (_whatever(trace),)


def _condition(element: ElementTrace) -> str:
    operator = element.operator or ""
    values = listed(element.wanted)
    if element.had is not None:
        had = f"the request has {listed(element.had)}"
    else:
        had = "nothing is known of what the request has" if element.unknown else "the request has none"
    if operator.endswith("Null"):
        expected = "the policy denies requests " + " and ".join(
            "without it" if value.lower() == "true" else "with it" for value in element.wanted
        )
    else:
        expected = f"the policy {'exempts' if 'Not' in operator else 'denies'} {values}"
    perhaps = "; perhaps it does not apply" if element.matched is None else ""
    return f"Condition {operator} {element.key}: {had}, {expected}{perhaps}"


def _exempted(element: ElementTrace, request: Request) -> str:
    exempted = listed(element.wanted)
    if element.element in ("NotAction", "NotResource"):
        # the action and the resource stand beside each reason
        return f"{element.element}: the policy exempts nothing but {exempted}"
    return f"{element.element}: the request has {request.principal or 'nobody known'}, the policy exempts {exempted}"


def _whatever(trace: StatementTrace) -> str:
    elements = [f"{element.element} {listed(element.wanted)}" for element in trace.elements]
    return f"{' on '.join(elements[:2])}, {WHATEVER_THE_CONTEXT}"
