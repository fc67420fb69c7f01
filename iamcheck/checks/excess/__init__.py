"""Measures what a principal's policies allow beyond a deployment, worst first."""

from iamcheck.checks.excess.measure import Escalation, Excess, Level, Wider, excess, full_access_excess

__all__ = ["Escalation", "Excess", "Level", "Wider", "excess", "full_access_excess"]
