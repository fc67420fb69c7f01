"""Reads manifests: a row for each deployment, in JSON Lines, CSV or YAML."""
