"""The policies that a principal has, read from IAM or from a file, and what could not be read of them."""

from iamcheck.aws.account.authorization_details import read_details
from iamcheck.aws.account.from_iam import read_live
from iamcheck.aws.account.policies import AttachedPolicies, Gap, PolicySource

__all__ = ["AttachedPolicies", "Gap", "PolicySource", "read_details", "read_live"]
