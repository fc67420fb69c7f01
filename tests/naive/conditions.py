"""Condition blocks in two values: every key is there or is not.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html, and
AWS's answers of September 2026 where the page is silent.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from iamcheck.iam.model import KeyType, Quantifier
from tests.naive import values
from tests.naive.patterns import dead, fill, glob, split

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.iam.model import Condition
    from tests.naive.patterns import Value

__all__ = ["holds"]


def holds(
    condition: Condition, context: Mapping[str, Value], *, denies: bool, variables: bool, simulator: bool
) -> bool:
    """Whether one line of a condition block of a statement, which denies or allows, is true."""
    value = context.get(condition.key.lower())
    how = condition.operator
    if how.base == "Null":
        return any((wanted.lower() == "true") == (value is None) for wanted in condition.values)
    if value is None:
        if how.quantifier is Quantifier.FOR_ALL_VALUES or how.if_exists:
            return True
        return how.negated and how.quantifier is None
    reading = _Reading(condition, context, denies, variables, simulator)
    if how.quantifier is Quantifier.FOR_ALL_VALUES:
        return all(reading.matches(text, value.type) for text in value.texts)
    if how.quantifier is Quantifier.FOR_ANY_VALUE:
        return any(reading.matches(text, value.type) for text in value.texts)
    if value.type.many:
        return False
    return reading.matches(value.texts[0], value.type)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "Equals": operator.eq,
    "NotEquals": operator.eq,
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
"""How the request's value stands to the policy's; NotEquals is the negation of Equals over the whole list."""


class _Reading:
    """One operator over one key, for one value of the request at a time."""

    def __init__(
        self, condition: Condition, context: Mapping[str, Value], denies: bool, variables: bool, simulator: bool
    ) -> None:
        self.base = condition.operator.base
        self.negated = condition.operator.negated
        self.wanted = condition.values
        self.context = context
        self.denies = denies
        self.variables = variables
        self.simulator = simulator

    def matches(self, text: str, kind: KeyType) -> bool:
        if self.base.startswith("String"):
            return self.strings(self.normal(text, kind.base))
        if self.base.startswith("Arn"):
            return self.arns(text)
        if self.base.startswith("Numeric"):
            return self.numbers(text, kind.base)
        if self.base.startswith("Date"):
            return self.dates(text, kind.base)
        if self.base == "Bool":
            return any((one.lower() == "true") == (text.lower() == "true") for one in self.wanted)
        if self.base == "BinaryEquals":
            return values.is_base64(text) and text in self.wanted
        return self.addresses(text)

    def normal(self, text: str, kind: KeyType) -> str:
        """The simulator hands typed values to the String operators in one spelling."""
        if not self.simulator:
            return text
        if kind is KeyType.NUMERIC and (number := values.number(text)) is not None:
            return values.plain(number)
        if kind is KeyType.DATE and (moment := values.date(text)) is not None:
            return values.timestamp(moment)
        return text

    def strings(self, text: str) -> bool:
        return self.negated != any(self.string(one, text) for one in self.wanted)

    def string(self, wanted: str, text: str) -> bool:
        filled = fill(wanted, self.context, variables=self.variables)
        if filled is None:
            return False
        if self.base.endswith("Like"):
            return glob(filled, text)
        if self.base.endswith("IgnoreCase"):
            return values.lower(dead(filled)) == values.lower(text)
        return dead(filled) == text

    def arns(self, text: str) -> bool:
        parts = split(text)
        if len(parts) < 6 or parts[0] != "arn" or not parts[5]:
            return False
        for wanted in self.wanted:
            filled = fill(wanted, self.context, variables=self.variables)
            if filled is None:
                continue
            globs = split(filled)
            if len(globs) < 6 or not globs[5]:
                # fails closed: the Allow does not apply, the Deny does
                return self.denies
            if all(glob(one, part) for one, part in zip(globs, parts, strict=True)):
                return not self.negated
        return self.negated

    def numbers(self, text: str, kind: KeyType) -> bool:
        found = values.number(text)
        if found is None or (self.simulator and kind is KeyType.DATE):
            return self.negated and not self.simulator
        compare = _COMPARE[self.base.removeprefix("Numeric")]
        numbers = [values.number(one) for one in self.wanted]
        return self.negated != any(one is not None and compare(found, one) for one in numbers)

    def dates(self, text: str, kind: KeyType) -> bool:
        found = values.date(self.normal(text, kind) if kind is KeyType.NUMERIC else text)
        if found is None:
            return self.negated
        compare = _COMPARE[self.base.removeprefix("Date")]
        dates = [values.date(one) for one in self.wanted]
        return self.negated != any(one is not None and compare(found, one) for one in dates)

    def addresses(self, text: str) -> bool:
        found = values.address(text)
        if found is None:
            return False
        for wanted in self.wanted:
            network = values.network(wanted)
            if network is None:
                if self.simulator:
                    return False
            elif found in network:
                return not self.negated
        return self.negated
