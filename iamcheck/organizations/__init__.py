"""The policies that an organization puts over an account: SCPs and RCPs, level by level, live or from a folder."""

from iamcheck.organizations.asked import organizations_of
from iamcheck.organizations.folder import read_folder
from iamcheck.organizations.found import ACTIONS, OrganizationGap, OrganizationPolicies, left_out
from iamcheck.organizations.live import read_live

__all__ = [
    "ACTIONS",
    "OrganizationGap",
    "OrganizationPolicies",
    "left_out",
    "organizations_of",
    "read_folder",
    "read_live",
]
