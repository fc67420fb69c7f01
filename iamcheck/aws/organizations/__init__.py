"""Reads the SCPs and RCPs over an account, level by level, from AWS Organizations or from a folder."""

from iamcheck.aws.organizations.found import OrganizationGap, OrganizationPolicies, left_out
from iamcheck.aws.organizations.from_aws import read_live
from iamcheck.aws.organizations.from_folder import read_folder
from iamcheck.aws.organizations.source import organizations_of

__all__ = [
    "OrganizationGap",
    "OrganizationPolicies",
    "left_out",
    "organizations_of",
    "read_folder",
    "read_live",
]
