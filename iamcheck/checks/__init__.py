"""Checks a deployment: one folder a family of checks, each check a small function over what is passed in."""
