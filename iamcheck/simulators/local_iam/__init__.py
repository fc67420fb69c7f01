"""Offers the engine behind boto3's own method names and shapes: LocalIAM."""

from iamcheck.simulators.local_iam.client import LocalIAM

__all__ = ["LocalIAM"]
