"""Reads a template with each value that it allows for parameters which have none.

CloudFormation refuses every other value, so what is the same for each of them is known.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from iamcheck.deployment.cloudformation._constraints import allowed_texts
from iamcheck.deployment.cloudformation._template import members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iamcheck.deployment.cloudformation._template import StackInputs, Template

__all__ = ["Alternatives"]

_MOST: Final = 32
"""Combinations of values that are tried: each reads a part of the template once more."""
_Reading = TypeVar("_Reading")


class Alternatives(Generic[_Reading]):
    """The readings of one template with each value that it allows for parameters which have none.

    Args:
        template: The template.
        inputs: What is known of the stack.
        read: Makes a reading of the template with other inputs.
    """

    def __init__(self, template: Template, inputs: StackInputs, read: Callable[[StackInputs], _Reading]) -> None:
        self._inputs, self._read = inputs, read
        self._texts = {
            name: texts
            for name, about in template.parameters.items()
            if not isinstance(inputs.parameters.get(name), str) and (texts := allowed_texts(members_of(about)))
        }
        self._readings: dict[tuple[str, ...], tuple[_Reading, ...]] = {}

    def of(self, parameters: Iterable[str]) -> tuple[_Reading, ...]:
        """The readings with each combination of values of these parameters; none where there are none, or too many."""
        names = tuple(sorted({name for name in parameters if name in self._texts}))
        if not names or prod(len(self._texts[name]) for name in names) > _MOST:
            return ()
        if names not in self._readings:
            combinations = (
                dict(zip(names, texts, strict=True)) for texts in product(*(self._texts[name] for name in names))
            )
            self._readings[names] = tuple(
                self._read(replace(self._inputs, parameters={**self._inputs.parameters, **values}))
                for values in combinations
            )
        return self._readings[names]
