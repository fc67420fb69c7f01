"""Tests of what organizations say."""
