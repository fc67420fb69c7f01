"""Sums up the results of a fleet: who cannot deploy what, what stops most, what would settle most."""
