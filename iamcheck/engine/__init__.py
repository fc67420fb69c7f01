"""How IAM decides: pure and total, without network, clock or files but the reference data."""

from iamcheck.engine.evaluate import evaluate, missing_context
from iamcheck.engine.semantics import RULES, Rules, Semantics

__all__ = ["RULES", "Rules", "Semantics", "evaluate", "missing_context"]
