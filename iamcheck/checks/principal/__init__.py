"""Checks principal.allowed: what the principal may do, and who decides it."""
