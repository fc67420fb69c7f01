"""The rules between members of requests: one table, a row a rule.

A member that is not known yet is reported by the request's shape; a rule says that it cannot be judged only where that
leaves it out: a free text, or a request that is not given.
"""

from __future__ import annotations

from typing import Final

from iamcheck.validity.rules.combinations import COMBINATIONS
from iamcheck.validity.rules.guardrails import GUARDRAILS
from iamcheck.validity.rules.models import MODELS
from iamcheck.validity.rules.row import Rule
from iamcheck.validity.rules.tags import TAGS
from iamcheck.validity.rules.target import TARGET
from iamcheck.validity.rules.variants import VARIANTS

__all__ = ["RULES", "Rule"]

RULES: Final[tuple[Rule, ...]] = (*GUARDRAILS, *TAGS, *VARIANTS, *COMBINATIONS, *MODELS, *TARGET)
