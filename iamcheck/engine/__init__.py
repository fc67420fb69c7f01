"""How IAM decides: pure and total, without network, clock or files but the reference data."""

from iamcheck.engine.evaluate import evaluate, missing_context
from iamcheck.engine.explain import ElementTrace, StatementTrace, explain
from iamcheck.engine.semantics import RULES, Rules, Semantics

__all__ = ["RULES", "ElementTrace", "Rules", "Semantics", "StatementTrace", "evaluate", "explain", "missing_context"]
