"""Says which values a template allows for a parameter: CloudFormation refuses the stack for any other.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from iamcheck.deployment.cloudformation._nodes import text_of
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.cloudformation._nodes import TemplateNode

__all__ = ["allowed_texts", "disallowed"]

_LONGEST_LIST = 10


def allowed_texts(about: Mapping[str, TemplateNode]) -> tuple[str, ...]:
    """The texts of which one is the value of a parameter that nobody gives; empty where the template does not say it.

    Args:
        about: The parameter as the template declares it.
    """
    if "Default" in about or "NoEcho" in about or "Type" not in about or text_of(about["Type"]) != "String":
        # a list has several of them, and a number several spellings
        return ()
    allowed = about.get("AllowedValues")
    values = (
        [text_of(value) for value in allowed.value] if allowed is not None and isinstance(allowed.value, tuple) else []
    )
    texts = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
    return texts if all(isinstance(value, str) for value in values) else ()


def disallowed(about: Mapping[str, TemplateNode], text: str) -> str | None:
    """What keeps a text from being the value of a parameter; None: nothing that is known here.

    AllowedPattern is for CloudFormation to judge.

    Args:
        about: The parameter as the template declares it.
        text: The value, a list's with its commas.
    """
    kind = text_of(about["Type"]) if "Type" in about else None
    is_list = isinstance(kind, str) and (kind == "CommaDelimitedList" or kind.startswith("List<"))
    items = [item.strip() for item in text.split(",")] if is_list else [text]
    allowed = about.get("AllowedValues")
    values = [text_of(one) for one in allowed.value] if allowed is not None and isinstance(allowed.value, tuple) else []
    if values and all(isinstance(value, str) for value in values):
        others = [item for item in items if item not in values]
        if others:
            known = ", ".join(str(value) for value in values[:_LONGEST_LIST])
            return f"AllowedValues has no {shown(others[0])} (it has {known})"
    if kind == "String":
        return _outside(about, "Length", Decimal(len(text)))
    if kind in ("Number", "List<Number>"):
        for item in items:
            number = _number(item)
            if number is None:
                return f"{shown(item)} is no number"
            if (found := _outside(about, "Value", number)) is not None:
                return found
    return None


def _outside(about: Mapping[str, TemplateNode], what: str, amount: Decimal) -> str | None:
    for name, sign in ((f"Min{what}", 1), (f"Max{what}", -1)):
        written = text_of(about[name]) if name in about else None
        bound = _number(written) if isinstance(written, str) else None
        if bound is not None and (amount - bound) * sign < 0:
            return f"{amount} is beyond {name}, which is {bound}"
    return None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
