"""Decides requests as IAM does: pure and total, without network, clock or files but the reference data.

Why a statement matches or does not is told by `iamcheck.iam.engine.explain`, which a plain decision does not load.
"""

from iamcheck.iam.engine.evaluate import evaluate, missing_context
from iamcheck.iam.engine.layers import cannot_be_passed
from iamcheck.iam.engine.rcps import rcps_can_touch
from iamcheck.iam.engine.semantics import RULES, Rules, Semantics

__all__ = ["RULES", "Rules", "Semantics", "cannot_be_passed", "evaluate", "missing_context", "rcps_can_touch"]
