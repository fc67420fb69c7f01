"""Names the actions that read the SCPs and RCPs over an account."""

from __future__ import annotations

from typing import Final

__all__ = ["ORGANIZATION_ACTIONS"]

ORGANIZATION_ACTIONS: Final = (
    "organizations:DescribeOrganization",
    "organizations:ListParents",
    "organizations:ListPoliciesForTarget",
    "organizations:DescribePolicy",
    "organizations:ListRoots",
)
"""All but the first can be called by the management account and by member accounts that it lets, and by no other
account, whatever the policies there say.

Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListParents.html
"""
