"""Tests one condition of a statement: an operator over a key, with its set operator and IfExists.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
..._multi-value-conditions.html; multivalued keys under plain operators as observed in AWS's answers, September 2026.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.iam.engine.operators import made_test
from iamcheck.iam.engine.truth import NO, PERHAPS_NO, PERHAPS_YES, YES, Compiled, outcome_of
from iamcheck.iam.engine.variables import is_many, parse_template
from iamcheck.iam.engine.wildcards import STAR, plain_text
from iamcheck.iam.model import Family, Quantifier
from iamcheck.iam.model.values import boolean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.engine.truth import Test
    from iamcheck.iam.engine.variables import KeyTypes, VariablePattern
    from iamcheck.iam.engine.wildcards import Pieces
    from iamcheck.iam.model import Condition, ContextValue, KeyType, Operator, Request

__all__ = ["compile_condition"]

_WITH_VARIABLES: Final = (Family.STRING, Family.ARN)


class _Setting(NamedTuple):
    """What is known of a condition before any request."""

    key: str
    operator: Operator
    declared: KeyType | None
    rules: Rules
    denies: bool

    @property
    def never_plain(self) -> bool:
        """A multivalued key matches no plain operator, negated and IfExists included."""
        return self.operator.quantifier is None and self.declared is not None and self.declared.many

    @property
    def when_absent(self) -> bool:
        """What the operator says of a missing key."""
        quantifier = self.operator.quantifier
        if self.operator.if_exists or quantifier is Quantifier.FOR_ALL_VALUES:
            return True
        return self.operator.negated and quantifier is None


def compile_condition(
    condition: Condition, *, rules: Rules, denies: bool, variables: bool, key_types: KeyTypes
) -> Compiled:
    """Makes a test of a condition.

    The test of an unknown key is as precise as is cheap: every value of the key's type is taken to be possible, and
    each condition and each variable is taken by itself, so that two conditions on one unknown key may both be
    *perhaps* where they contradict each other.

    Args:
        condition: The condition.
        rules: The semantics.
        denies: Whether the statement is a Deny, for a bad ARN pattern fails closed.
        variables: Whether the policy's Version has variables.
        key_types: The types of keys, from the reference data.
    """
    operator = condition.operator
    setting = _Setting(condition.key.lower(), operator, key_types(condition.key), rules, denies)
    own_key = ((setting.key, condition.key),)
    if operator.family is Family.NULL:
        return Compiled(_null(setting, condition.values), own_key)
    expand = variables and operator.family in _WITH_VARIABLES
    templates = [parse_template(value, variables=expand, key_types=key_types) for value in condition.values]
    variable_keys = [(variable.key, variable.spelling) for template in templates for variable in template.variables]
    if variable_keys:
        return Compiled(_with_variables(setting, templates), (*own_key, *variable_keys))
    values = [template.literal or () for template in templates]
    return Compiled(_without_variables(setting, values), own_key)


def _null(setting: _Setting, values: Sequence[str]) -> Test:
    """`Null` looks only at presence; anything but `true` acts as `false`."""
    truths = {boolean(value) for value in values}
    when_absent, when_present = True in truths, False in truths
    return partial(_test_null, setting.key, when_present, when_absent, outcome_of(when_absent, (when_present,)))


def _test_null(key: str, when_present: bool, when_absent: bool, when_unknown: int, request: Request) -> int:
    if key in request.known:
        return when_present
    return when_absent if key in request.absent_keys else when_unknown


def _without_variables(setting: _Setting, values: Sequence[Pieces]) -> Test:
    when_absent = setting.when_absent
    when_unknown = outcome_of(when_absent, _possible(setting, values))
    if setting.operator.quantifier is None and not setting.never_plain:
        made = made_test(setting.operator.base, values, setting.rules, denies=setting.denies)
        return partial(_test_plain, setting.key, made, setting.declared, when_absent, when_unknown)
    return partial(_test, setting.key, _present(setting, values), when_absent, when_unknown)


def _test_plain(
    key: str,
    made: Callable[[str], bool],
    declared: KeyType | None,
    when_absent: bool,
    when_unknown: int,
    request: Request,
) -> int:
    """The commonest test, in one step for speed: as `_test` does with a plain operator."""
    value = request.known.get(key)
    if value is None:
        return when_absent if key in request.absent_keys else when_unknown
    if value.many and is_many(value, declared):
        return NO
    return made(value.values[0])


def _test(
    key: str, present: Callable[[ContextValue], bool], when_absent: bool, when_unknown: int, request: Request
) -> int:
    value = request.known.get(key)
    if value is not None:
        return present(value)
    return when_absent if key in request.absent_keys else when_unknown


def _present(setting: _Setting, values: Sequence[Pieces]) -> Callable[[ContextValue], bool]:
    """The test of a key that is there: a plain operator wants a single value, a set operator takes one for a set."""
    operator = setting.operator
    test = made_test(operator.base, values, setting.rules, denies=setting.denies)
    match operator.quantifier:
        case None:
            return partial(_single, test, setting.declared)
        case Quantifier.FOR_ANY_VALUE:
            return lambda value: any(map(test, value.values))
        case Quantifier.FOR_ALL_VALUES:
            return lambda value: all(map(test, value.values))


def _single(test: Callable[[str], bool], declared: KeyType | None, value: ContextValue) -> bool:
    return not is_many(value, declared) and test(value.values[0])


def _possible(setting: _Setting, values: Sequence[Pieces]) -> set[bool]:
    """What the operator may say of a key that is there with a value that nobody knows."""
    if setting.never_plain:
        return {False}
    operator = setting.operator
    possible = {True, False}
    if not values and not operator.negated:
        possible = {False}
    elif operator.base in ("StringLike", "StringNotLike") and any(set(value) == {STAR} for value in values):
        possible = {not operator.negated}
    elif operator.family is Family.BOOL and len({boolean(plain_text(value)) for value in values}) == 2:
        possible = {True}
    may_be_many = operator.quantifier is None and setting.declared is None
    return possible | {False} if may_be_many else possible


def _with_variables(setting: _Setting, templates: Sequence[VariablePattern]) -> Test:
    if setting.never_plain:
        when_unknown = outcome_of(setting.when_absent, (False,))
    else:
        when_unknown = outcome_of(setting.when_absent, (True, False))

    def test(request: Request) -> int:
        value = request.known.get(setting.key)
        if value is None:
            return setting.when_absent if setting.key in request.absent_keys else when_unknown
        return _resolved(setting, templates, value, request)

    return test


def _resolved(setting: _Setting, templates: Sequence[VariablePattern], value: ContextValue, request: Request) -> int:
    """A value whose variable is missing equals nothing; the other values of the list count (inferred)."""
    resolved = [template.resolve(request) for template in templates]
    now = _present(setting, [template.pieces for template in resolved if template.pieces is not None])(value)
    if all(one.widest is None for one in resolved):
        return now
    if setting.operator.quantifier is None and is_many(value, setting.declared):
        return NO
    settled = [one.pieces for one in resolved if one.pieces is not None and one.widest is None]
    # more values only add matches; but an ARN pattern may turn out bad, and then hides those that stand after it
    if setting.operator.family is Family.STRING and _present(setting, settled)(value) is not setting.operator.negated:
        return NO if setting.operator.negated else YES
    return PERHAPS_YES if now else PERHAPS_NO
