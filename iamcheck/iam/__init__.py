"""Decides as IAM does: model, reference data, engine, policy input. No network, template, command line or clock."""
