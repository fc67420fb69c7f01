"""What is proved of a policy by simulation, the policy alone: that it suffices, and that nothing of it is too much."""

from iamcheck.checks.policy.minimal import minimal
from iamcheck.checks.policy.sufficient import sufficient

__all__ = ["minimal", "sufficient"]
