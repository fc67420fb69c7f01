"""Reads the names of condition operators.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import UnsupportedElementError
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Family", "Operator", "Quantifier", "operators", "parse_operator"]


class Family(str, Enum):
    """What an operator compares."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATE = "Date"
    BOOL = "Bool"
    BINARY = "Binary"
    IP = "IpAddress"
    ARN = "Arn"
    NULL = "Null"


class Quantifier(str, Enum):
    """The set operators."""

    FOR_ALL_VALUES = "ForAllValues"
    FOR_ANY_VALUE = "ForAnyValue"


class Operator(NamedTuple):
    """One condition operator as a policy names it."""

    base: str
    """The plain operator in AWS's spelling, such as `StringNotLike`."""
    family: Family
    negated: bool
    quantifier: Quantifier | None = None
    if_exists: bool = False

    def __str__(self) -> str:
        prefix = f"{self.quantifier.value}:" if self.quantifier else ""
        return f"{prefix}{self.base}{'IfExists' if self.if_exists else ''}"


_BASES: Final = (
    ("StringEquals", Family.STRING, False),
    ("StringNotEquals", Family.STRING, True),
    ("StringEqualsIgnoreCase", Family.STRING, False),
    ("StringNotEqualsIgnoreCase", Family.STRING, True),
    ("StringLike", Family.STRING, False),
    ("StringNotLike", Family.STRING, True),
    ("NumericEquals", Family.NUMERIC, False),
    ("NumericNotEquals", Family.NUMERIC, True),
    ("NumericLessThan", Family.NUMERIC, False),
    ("NumericLessThanEquals", Family.NUMERIC, False),
    ("NumericGreaterThan", Family.NUMERIC, False),
    ("NumericGreaterThanEquals", Family.NUMERIC, False),
    ("DateEquals", Family.DATE, False),
    ("DateNotEquals", Family.DATE, True),
    ("DateLessThan", Family.DATE, False),
    ("DateLessThanEquals", Family.DATE, False),
    ("DateGreaterThan", Family.DATE, False),
    ("DateGreaterThanEquals", Family.DATE, False),
    ("Bool", Family.BOOL, False),
    ("BinaryEquals", Family.BINARY, False),
    ("IpAddress", Family.IP, False),
    ("NotIpAddress", Family.IP, True),
    ("ArnEquals", Family.ARN, False),
    ("ArnLike", Family.ARN, False),
    ("ArnNotEquals", Family.ARN, True),
    ("ArnNotLike", Family.ARN, True),
    ("Null", Family.NULL, False),
)
"""Every plain operator of the User Guide's page, in its order: base, family, negated."""


@cache
def operators() -> Mapping[str, Operator]:
    """Every operator with its set-operator and IfExists forms, by name. `Null` takes no IfExists."""
    made = (
        Operator(base, family, negated, quantifier, if_exists)
        for base, family, negated in _BASES
        for quantifier in (None, *Quantifier)
        for if_exists in ((False,) if family is Family.NULL else (False, True))
    )
    return {str(operator): operator for operator in made}


def parse_operator(name: str) -> Operator:
    """Reads the name of a condition operator; case matters.

    Args:
        name: As a policy writes it, such as `ForAnyValue:StringLikeIfExists`.

    Raises:
        UnsupportedElementError: It is none of the documented operators. The source is this module's page.
    """
    operator = operators().get(name)
    if operator is None:
        raise UnsupportedElementError(f"unknown condition operator {name!r}", cure=nearest(name, operators()))
    return operator
