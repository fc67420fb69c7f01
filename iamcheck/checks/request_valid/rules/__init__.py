"""Lists the rules between members of requests: one table, a row a rule.

A member that is not known yet is reported by the request's shape; a rule says that it cannot be judged only where that
leaves it out: a free text, or a request that is not given.
"""

from __future__ import annotations

from typing import Final

from iamcheck.checks.request_valid.rules.combinations import COMBINATIONS
from iamcheck.checks.request_valid.rules.components import COMPONENTS
from iamcheck.checks.request_valid.rules.guardrails import GUARDRAILS
from iamcheck.checks.request_valid.rules.models import MODELS
from iamcheck.checks.request_valid.rules.others import OTHERS
from iamcheck.checks.request_valid.rules.row import Rule
from iamcheck.checks.request_valid.rules.scaling import SCALING
from iamcheck.checks.request_valid.rules.tags import TAGS
from iamcheck.checks.request_valid.rules.target import TARGET
from iamcheck.checks.request_valid.rules.variants import VARIANTS

__all__ = ["RULES", "Rule"]

RULES: Final[tuple[Rule, ...]] = (
    *GUARDRAILS,
    *TAGS,
    *VARIANTS,
    *COMBINATIONS,
    *MODELS,
    *TARGET,
    *COMPONENTS,
    *SCALING,
    *OTHERS,
)
