"""Compares what each Allow statement can reach with what is needed, entry by entry, without simulation.

Samples show that a policy allows too much; only a comparison shows that it does not. A statement is within the need
where each of its actions is needed and each resource that it can reach is one that the action is needed on, under the
conditions of that need. What cannot be compared (a NotAction, a wildcard that only a condition or a Deny holds back)
is a `Gap`: the statement may be harmless, but nobody has proved it.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.policy.evidence import statement_name
from iamcheck.checks.policy.purposes import PURPOSES
from iamcheck.iam import catalogue
from iamcheck.iam.engine.statements import action_matcher
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model import Effect
from iamcheck.iam.model.operators import Family, Quantifier

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.iam.model import Condition, Policy, Request, Statement

__all__ = ["Gap", "acts_on", "covers", "gaps", "has_wildcard", "is_exact"]

_PLACES: Final = {3: "aws:requestedregion", 4: "aws:resourceaccount"}
"""Parts of an ARN whose value is also that of a key.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

_EQUALS: Final = ("StringEquals", "NumericEquals", "Bool")
_LIKE: Final = ("StringLike", "ArnEquals", "ArnLike")


class Gap(NamedTuple):
    """Something of an Allow statement that may reach beyond what is needed, and was not proved not to."""

    statement: Statement
    what: str
    """The action or resource, in words."""


def gaps(policy: Policy, needed: Sequence[Request]) -> tuple[Gap, ...]:
    """What the Allow statements of a policy can reach and is not known to be needed, as far as comparison shows.

    Args:
        policy: The identity policy to judge.
        needed: What must be allowed.
    """
    allows = (statement for statement in policy.statements if statement.effect is Effect.ALLOW)
    return tuple(Gap(statement, what) for statement in allows for what in _beyond(statement, policy, needed))


def _beyond(statement: Statement, policy: Policy, needed: Sequence[Request]) -> Iterator[str]:
    name = statement_name(statement)
    if statement.actions is None:
        yield f"NotAction in {name}"
        return
    for action in statement.actions:
        of_action = [request for request in needed if request.action_key == action.lower()]
        if not of_action:
            yield f"action {action} in {name}"
            continue
        for entry in _reached(statement, action.lower(), policy):
            purposes = [_purposes(request) for request in of_action if covers(request.resource, entry)]
            if purposes and _within_purposes(statement, purposes):
                continue
            if not purposes and _has_no_effect(action, entry, needed):
                continue
            yield f"{action} on {entry} in {name}"


def _reached(statement: Statement, action: str, policy: Policy) -> Iterator[str]:
    """The resources, as entries, that a statement can allow an action on; perhaps more, never fewer."""
    entries = statement.resources if statement.resources is not None else ("*",)
    for deny in policy.statements:
        if _leaves_only(deny, action):
            inner = deny.not_resources or ()
            entries = tuple(entry for entry in inner if any(_may_overlap(outer, entry) for outer in entries))
            break
    for entry in entries:
        yield from _narrowed(entry, statement.conditions)


def _leaves_only(statement: Statement, action: str) -> bool:
    """Whether it denies an action, whatever the context, on everything but the entries of its NotResource."""
    if statement.effect is not Effect.DENY or statement.not_resources is None or statement.conditions:
        return False
    return acts_on(statement, action)


def acts_on(statement: Statement, action: str) -> bool:
    """Whether the Action or NotAction of a statement covers an action, in any case."""
    names = statement.actions if statement.actions is not None else statement.not_actions or ()
    named = any(action_matcher(name)(action.lower()) for name in names)
    return named is (statement.actions is not None)


def _may_overlap(outer: str, inner: str) -> bool:
    """Whether two entries can stand for the same resource; True where that is not plain to see."""
    if has_wildcard(inner) or "${" in outer:
        return True
    return compile_glob(glob_pieces(outer))(inner)


def _narrowed(entry: str, conditions: Sequence[Condition]) -> Iterator[str]:
    """The entry with the Regions and accounts that the conditions require, in place of wildcards."""
    parts = entry.split(":", 5)
    if len(parts) < 6 or "${" in entry:
        yield entry
        return
    choices: list[Sequence[str]] = [[part] for part in parts]
    for place, key in _PLACES.items():
        values = _required_values(conditions, key)
        if values is not None and has_wildcard(parts[place]):
            matches = compile_glob(glob_pieces(parts[place]))
            choices[place] = sorted(value for value in values if matches(value))
    yield from (":".join(parts) for parts in product(*choices))


def covers(resource: str, entry: str) -> bool:
    """Whether a needed resource, of which a `*` may be needed as a family of names, stands for all that an entry does.

    A `*` of the entry counts as a character that only a `*` of the resource can stand for, which also stands for what
    the entry's stands for.
    """
    if resource in ("*", entry):
        return True
    if "*" not in resource or "?" in resource or "${" in entry:
        return False
    return compile_glob(glob_pieces(resource))(entry)


def _has_no_effect(action: str, entry: str, needed: Sequence[Request]) -> bool:
    """Whether it is a resource of the deployment that the action does not accept, as in AWS's own policies."""
    return any(entry == request.resource for request in needed) and catalogue.accepts(action, entry) is False


def _purposes(request: Request) -> Mapping[str, tuple[str, ...]]:
    keys = (key.lower() for key in PURPOSES)
    return {key: request.given[key].values for key in keys if key in request.given}


def _within_purposes(statement: Statement, purposes: Sequence[Mapping[str, tuple[str, ...]]]) -> bool:
    """Whether whatever the conditions let through is made for one of the purposes of the need."""
    if any(not purpose for purpose in purposes):
        return True
    keys = sorted({key for purpose in purposes for key in purpose})
    limits = [_required_values(statement.conditions, key) for key in keys]
    # a key that nothing limits may have any value, or none
    for values in product(*([None] if limit is None else sorted(limit) for limit in limits)):
        combination = dict(zip(keys, values, strict=True))
        if not any(all(combination[key] in purpose[key] for key in purpose) for purpose in purposes):
            return False
    return True


def _required_values(conditions: Sequence[Condition], key: str) -> frozenset[str] | None:
    """The values of which a key must have one for the conditions to hold; None where they do not say.

    Args:
        conditions: The conditions of one statement, all of which must hold.
        key: The key in lower case.
    """
    common: frozenset[str] | None = None
    for condition in conditions:
        if condition.key.lower() == key and is_exact(condition):
            values = frozenset(_normal(value, condition) for value in condition.values)
            common = values if common is None else common & values
    return common


def is_exact(condition: Condition) -> bool:
    """Whether a condition holds only where its key is there and is, or has among its values, one of the values."""
    operator = condition.operator
    if operator.if_exists or operator.quantifier is Quantifier.FOR_ALL_VALUES or operator.negated:
        return False
    if any("${" in value for value in condition.values):
        return False
    if operator.base in _EQUALS:
        return True
    # the value of s3:prefix that is needed is a pattern itself
    return operator.base in _LIKE and (
        condition.key.lower() == "s3:prefix" or not any(has_wildcard(value) for value in condition.values)
    )


def _normal(value: str, condition: Condition) -> str:
    return value.lower() if condition.operator.family is Family.BOOL else value


def has_wildcard(text: str) -> bool:
    """Whether a `*` or `?` stands in the text."""
    return "*" in text or "?" in text
