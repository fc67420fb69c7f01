"""Proves by simulation and comparison that a policy alone suffices, and that it allows nothing beyond the need.

Checks of other policies than the one that a template rendered do not belong here.
"""

from iamcheck.checks.policy.minimal import minimal
from iamcheck.checks.policy.sufficient import sufficient

__all__ = ["minimal", "sufficient"]
