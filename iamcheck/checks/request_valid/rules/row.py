"""Defines a row of the table of rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iamcheck.checks.request_valid.findings import RuleFinding
    from iamcheck.checks.request_valid.requests import Requests

__all__ = ["GUIDE", "Rule"]

GUIDE: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Args:
        id: What it is called.
        source: The AWS page that has it.
        broken: What of the requests breaks it, and what cannot be judged.
    """

    id: str
    source: str
    broken: Callable[[Requests], Iterable[RuleFinding]]
