"""Holds a value of a plan beside its marks: what of it is unknown, sensitive, and written in the configuration."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.deployment.terraform._document import CURE, is_true
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import Number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.terraform._plan import PlannedResource
    from iamcheck.iam.model import Place

__all__ = ["PlannedValue", "Written", "attribute_of", "keys_of", "scalar"]


class Written(Enum):
    """Whether the configuration has an expression for a value."""

    YES = "yes"
    NO = "no"
    NOT_KNOWN = "not known"
    """The plan has no configuration, or a `dynamic` block makes the value, which configurations leave out."""


class PlannedValue(NamedTuple):
    """A value as it will be, with its marks; None: left out.

    Args:
        after: The value, as far as it is known and set.
        unknown: The same tree, true where a value is known only after the plan was applied.
        sensitive: The same tree, true where a value may not be shown.
        expression: What the configuration has for it: a block's expressions by attribute, the blocks of a list, an
            expression, or whether there is any.
    """

    after: object
    unknown: object
    sensitive: object
    expression: object

    def member(self, name: str) -> PlannedValue:
        """An attribute of a block, or a member of a map."""
        after, unknown, sensitive = (_get(tree, name) for tree in (self.after, self.unknown, self.sensitive))
        expression = self.expression
        if isinstance(expression, dict):
            expression = Written.YES if _is_expression(expression) else expression.get(name, Written.NO)
        elif isinstance(expression, list):
            expression = Written.NOT_KNOWN
        return PlannedValue(after, unknown, sensitive, expression)

    def item(self, index: int, length: int, *, is_ordered: bool) -> PlannedValue:
        """An item of a list of a given length; `is_ordered`: the configuration has its blocks in the same order."""
        after, unknown, sensitive = (_item(tree, index) for tree in (self.after, self.unknown, self.sensitive))
        expression = self.expression
        if isinstance(expression, list):
            blocks = [block for block in expression if isinstance(block, dict)]
            if len(blocks) != length or len(blocks) != len(expression):
                expression = Written.NOT_KNOWN
            elif is_ordered:
                expression = blocks[index]
            else:
                # an attribute of a block in a set is written where it is written in any of the blocks
                expression = {name: value for block in blocks for name, value in block.items()}
        elif isinstance(expression, dict):
            expression = Written.YES if _is_expression(expression) else expression
        elif expression is Written.NO:
            # a `dynamic` block makes what is there and not written
            expression = Written.NOT_KNOWN
        return PlannedValue(after, unknown, sensitive, expression)

    @property
    def is_absent(self) -> bool:
        """Whether there is no value: null, an empty text, list or block."""
        return self.after in (None, "", [], {})

    @property
    def is_unknown(self) -> bool:
        """Whether nothing of it is known."""
        return self.unknown is True or (self.is_absent and is_true(self.unknown))

    @property
    def is_hidden(self) -> bool:
        """Whether all of it may not be shown."""
        return self.sensitive is True

    @property
    def is_written(self) -> Written:
        """Whether the configuration has an expression for it."""
        return self.expression if isinstance(self.expression, Written) else Written.YES


def attribute_of(resource: PlannedResource, expressions: object, name: str) -> PlannedValue:
    """An attribute of a resource.

    Args:
        resource: The resource.
        expressions: The expressions of its configuration by attribute; None: the plan does not have it.
        name: The attribute.
    """
    expression = expressions.get(name, Written.NO) if isinstance(expressions, dict) else Written.NOT_KNOWN
    return PlannedValue(resource.after.get(name), resource.unknown.get(name), resource.sensitive.get(name), expression)


def keys_of(tree: object, where: Place) -> Mapping[str, object]:
    """The members of an object; none where it is null or false, as marks of a block are where nothing is marked.

    Raises:
        InvalidInputError: It is anything else.
    """
    if tree is None or tree is False:
        return {}
    if not isinstance(tree, dict):
        raise InvalidInputError("an object is due here", where=str(where), cure=CURE)
    return tree


def scalar(value: object, where: Place) -> str | int | float | bool | None:
    """A text, a number, a truth value or null.

    Raises:
        InvalidInputError: It is anything else, or a number or text that no request can have.
    """
    if isinstance(value, Number):
        if re.fullmatch(r"-?\d{1,18}", value.text):
            return int(value.text)
        number = float(value.text)
        if number in (float("inf"), float("-inf")):
            raise InvalidInputError("the number is too large", where=str(where), cure=CURE)
        return number
    if isinstance(value, str):
        if not value.isascii() and re.search("[\ud800-\udfff]", value):
            raise InvalidInputError("half of a surrogate pair is no character", where=str(where), cure=CURE)
        return value
    if value is None or isinstance(value, bool):
        return value
    raise InvalidInputError("a text, a number or a truth value is due here", where=str(where), cure=CURE)


def _is_expression(expression: Mapping[str, object]) -> bool:
    """Whether it is one expression, and not the expressions of a block."""
    return bool(expression) and expression.keys() <= {"constant_value", "references"}


def _get(tree: object, name: str) -> object:
    """A member of a tree; the tree itself, where it is one mark for everything in it."""
    if isinstance(tree, dict):
        return tree.get(name)
    return True if tree is True else None


def _item(tree: object, index: int) -> object:
    if isinstance(tree, list):
        return tree[index] if index < len(tree) else None
    return True if tree is True else None
