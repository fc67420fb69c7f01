"""Runs many checks: reads a manifest, gives its rows to workers, and writes the results in its order; sums results up.

Questions over all principals of accounts are here too. What one check does belongs to the rooms below; what people type
belongs to `cli/`, which says what a row's words mean.
"""
