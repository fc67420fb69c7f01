"""Ratios measured on demand: `pytest -m benchmark tests/benchmarks`."""
