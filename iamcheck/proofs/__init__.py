"""What is proved of a policy by simulation, the policy alone: that it suffices, and that nothing of it is too much."""

from iamcheck.proofs.minimal import minimal
from iamcheck.proofs.sufficient import sufficient

__all__ = ["minimal", "sufficient"]
