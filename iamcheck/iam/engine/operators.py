"""Tests one value of a key by each operator: a function an operator, in the order of the User Guide.

Each takes the operator's values and gives a test of a text: True where one of them matches, False where none does,
None where neither the operator nor its negation is true of that text. The rules beyond the User Guide are as observed
in AWS's answers, September 2026.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from iamcheck.iam.engine.text import java_lower
from iamcheck.iam.engine.wildcards import Pieces, compile_glob, plain_text, split_parts
from iamcheck.iam.model.values import arn_parts, binary, boolean, date, ip_address, ip_network, numeric

if TYPE_CHECKING:
    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.engine.wildcards import Matcher

__all__ = ["BOTH", "VALUE_TESTS", "ValueTest", "made_test"]

BOTH: Final = 2
"""The operator and its negation are both true: how a bad pattern fails closed in a Deny."""

ValueTest: TypeAlias = Callable[[str], "bool | int | None"]
_Pattern = TypeVar("_Pattern")
Maker: TypeAlias = Callable[[Sequence[Pieces], "Rules", bool], ValueTest]
"""From the values, the semantics, and whether the statement is a Deny."""


def made_test(name: str, values: Sequence[Pieces], rules: Rules, *, denies: bool) -> Callable[[str], bool]:
    """The test of one text by an operator that is named without set operator and IfExists."""
    negated = "Not" in name
    positive = name.replace("Not", "", 1)
    test = VALUE_TESTS[positive](values, rules, denies)
    if not negated and positive in _NEVER_NEITHER:
        # only for speed: these say yes or no of every text, so that nothing has to be made of it
        return cast("Callable[[str], bool]", test)
    return partial(_not_any if negated else _any, test)


def _any(test: ValueTest, text: str) -> bool:
    return bool(test(text))


def _not_any(test: ValueTest, text: str) -> bool:
    answer = test(text)
    return answer is False or answer is BOTH


def string_equals(values: Sequence[Pieces], _rules: Rules, _denies: bool) -> ValueTest:
    """Exact; a wildcard is a character like any other."""
    return frozenset(map(plain_text, values)).__contains__


def string_equals_ignore_case(values: Sequence[Pieces], _rules: Rules, _denies: bool) -> ValueTest:
    """Compares lower-cased text, as Java lower-cases it."""
    patterns = frozenset(java_lower(plain_text(value)) for value in values)
    return lambda text: java_lower(text) in patterns


def string_like(values: Sequence[Pieces], _rules: Rules, _denies: bool) -> ValueTest:
    """Wildcards; case counts."""
    globs = [compile_glob(value) for value in values]
    return globs[0] if len(globs) == 1 else lambda text: any(glob(text) for glob in globs)


def _numeric(compare: Callable[[Any, Any], bool], *, is_equals: bool = False) -> Maker:
    """Exact decimals. A text that is no number never equals one: live it is unequal, in the simulator neither."""

    def make(values: Sequence[Pieces], rules: Rules, _denies: bool) -> ValueTest:
        numbers = [number for value in values if (number := numeric(plain_text(value))) is not None]
        unparsable = False if rules.unparsable_number_differs or not is_equals else None

        def test(text: str) -> bool | None:
            number = numeric(text)
            return unparsable if number is None else any(compare(number, bound) for bound in numbers)

        return test

    return make


def _date(compare: Callable[[int, int], bool]) -> Maker:
    """Milliseconds; a text that is no date is unequal to every date."""

    def make(values: Sequence[Pieces], _rules: Rules, _denies: bool) -> ValueTest:
        moments = [moment for value in values if (moment := date(plain_text(value))) is not None]

        def test(text: str) -> bool:
            moment = date(text)
            return moment is not None and any(compare(moment, bound) for bound in moments)

        return test

    return make


def bool_(values: Sequence[Pieces], _rules: Rules, _denies: bool) -> ValueTest:
    """Only `true`, in any case, is true, on both sides."""
    truths = {boolean(plain_text(value)) for value in values}
    return lambda text: boolean(text) in truths


def binary_equals(values: Sequence[Pieces], _rules: Rules, _denies: bool) -> ValueTest:
    """Canonical base64 only."""
    texts = frozenset(text for value in values if (text := binary(plain_text(value))) is not None)
    return texts.__contains__


def ip_address_(values: Sequence[Pieces], rules: Rules, _denies: bool) -> ValueTest:
    """In a range; a malformed address matches neither operator."""
    networks = [ip_network(plain_text(value)) for value in values]

    def test(text: str) -> bool | int | None:
        address = ip_address(text)
        if address is None:
            return None
        return _first_match(
            networks, lambda network: network.has(address), bad=None if rules.bad_ip_pattern_stops else False
        )

    return test


def arn_like(values: Sequence[Pieces], _rules: Rules, denies: bool) -> ValueTest:
    """Six parts, each with wildcards of its own; a malformed ARN matches neither operator.

    A bad pattern fails closed once it is reached: the Allow does not apply and the Deny does.
    """
    patterns = [_arn_pattern(value) for value in values]
    bad = BOTH if denies else None

    def test(text: str) -> bool | int | None:
        parts = arn_parts(text)
        if parts is None:
            return None
        return _first_match(
            patterns, lambda globs: all(glob(part) for glob, part in zip(globs, parts, strict=True)), bad=bad
        )

    return test


def _arn_pattern(value: Pieces) -> list[Matcher] | None:
    parts = split_parts(value)
    return [compile_glob(part) for part in parts] if len(parts) == 6 and parts[5] else None


def _first_match(
    patterns: Sequence[_Pattern | None], matches: Callable[[_Pattern], bool], bad: bool | int | None
) -> bool | int | None:
    """The patterns in their order; a bad one (None) ends the search unless it counts as a mere miss."""
    for pattern in patterns:
        if pattern is None:
            if bad is not False:
                return bad
        elif matches(pattern):
            return True
    return False


VALUE_TESTS: Final[dict[str, Maker]] = {
    "StringEquals": string_equals,
    "StringEqualsIgnoreCase": string_equals_ignore_case,
    "StringLike": string_like,
    "NumericEquals": _numeric(operator.eq, is_equals=True),
    "NumericLessThan": _numeric(operator.lt),
    "NumericLessThanEquals": _numeric(operator.le),
    "NumericGreaterThan": _numeric(operator.gt),
    "NumericGreaterThanEquals": _numeric(operator.ge),
    "DateEquals": _date(operator.eq),
    "DateLessThan": _date(operator.lt),
    "DateLessThanEquals": _date(operator.le),
    "DateGreaterThan": _date(operator.gt),
    "DateGreaterThanEquals": _date(operator.ge),
    "Bool": bool_,
    "BinaryEquals": binary_equals,
    "IpAddress": ip_address_,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
}
"""By the operator without its negation: `StringNotLike` is the negation of `StringLike`."""
_NEVER_NEITHER: Final = ("StringEquals", "StringEqualsIgnoreCase", "StringLike", "Bool", "BinaryEquals")
