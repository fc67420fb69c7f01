"""Reads the policies of a principal, from IAM or from a file, and says which could not be read."""

from iamcheck.aws.account.authorization_details import read_details
from iamcheck.aws.account.from_iam import read_live
from iamcheck.aws.account.policies import AccountGap, AttachedPolicies, PolicySource

__all__ = ["AccountGap", "AttachedPolicies", "PolicySource", "read_details", "read_live"]
