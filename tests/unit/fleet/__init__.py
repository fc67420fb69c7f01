"""Tests of `iamcheck/fleet/`."""
