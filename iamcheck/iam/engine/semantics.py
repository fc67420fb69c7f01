"""Lists where AWS's policy simulator and live enforcement differ: one table, a field a difference."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["RULES", "Rules", "Semantics"]


class Semantics(str, Enum):
    """Whose answer is asked for."""

    LIVE = "live"
    SIMULATOR = "simulator"
    ALONE = "alone"
    """Live, where policies are judged by themselves: what is omitted is not there, a KMS key policy neither; other
    accounts are taken to allow; and what needs no permission is not allowed by them."""

    __str__ = str.__str__


class Rules(NamedTuple):
    """The differences, as AWS's answers of September 2026 show them unless another source is named."""

    rcps_count: bool
    """Resource control policies are not simulated."""
    session_policies_count: bool
    """Session policies are not simulated (IAM User Guide, "Testing IAM policies with the IAM policy simulator")."""
    trust_policies_count: bool
    """The simulator takes a role's trust policy for `sts:AssumeRole` and ignores it."""
    some_resource_policies_must_allow: bool
    """Live, no identity policy replaces a KMS key policy or a trust policy (KMS Developer Guide, "Key policies"; IAM
    User Guide, "Policy evaluation logic"); one that nobody has read leaves the decision open."""
    omitted_resource_policy_is_open: bool
    """Such a policy is there: where it was omitted, nobody has read it."""
    root_grant_suffices: bool
    """A resource policy's Allow for the account: in the simulator it allows, live the identity policy must allow too
    (IAM User Guide, "AWS account principals")."""
    resource_type_gate: bool
    """The simulator denies a known action on an ARN of a type that the action does not accept."""
    keys_are_derived: bool
    """Live, the request itself gives the principal's and the resource's keys. What the simulator fills in depends on
    its inputs, so its caller gives them as context; it sees numbers as plain decimals and dates as
    `YYYY-MM-DDThh:mm:ss.SSSZ`."""
    other_accounts_must_allow: bool
    """Across accounts the resource's policy must allow too. A policy that is judged by itself does not hang on it, for
    whoever it may be attached to."""
    roles_stay_in_their_account: bool
    """Live, nothing allows `iam:PassRole` on a role of another account (IAM User Guide, "Granting a user permissions
    to pass a role to an AWS service"); the simulator asks both accounts as for any other resource."""
    caller_identity_is_free: bool
    """Live, `sts:GetCallerIdentity` needs no permission and no Deny stops it (AWS STS API Reference)."""
    unparsable_number_differs: bool
    """`NumericNotEquals 1` on `no-number`: live true, in the simulator false."""
    bad_ip_pattern_stops: bool
    """A range that IAM would not store: live it just does not match; in the simulator neither `IpAddress` nor
    `NotIpAddress` is true once it is reached."""
    early_variable_is_open: bool
    """A variable before the fifth colon of a Resource: what it does live is not established, so it matches *perhaps*.
    The simulator is taken to substitute it (inferred)."""


_LIVE: Final = Rules(
    rcps_count=True,
    session_policies_count=True,
    trust_policies_count=True,
    some_resource_policies_must_allow=True,
    omitted_resource_policy_is_open=True,
    root_grant_suffices=False,
    resource_type_gate=False,
    keys_are_derived=True,
    other_accounts_must_allow=True,
    roles_stay_in_their_account=True,
    caller_identity_is_free=True,
    unparsable_number_differs=True,
    bad_ip_pattern_stops=False,
    early_variable_is_open=True,
)

RULES: Final = {
    Semantics.LIVE: _LIVE,
    Semantics.ALONE: _LIVE._replace(
        omitted_resource_policy_is_open=False,
        other_accounts_must_allow=False,
        # whether a policy names more than is needed shows only where nothing else denies it
        roles_stay_in_their_account=False,
        caller_identity_is_free=False,
    ),
    Semantics.SIMULATOR: Rules(
        rcps_count=False,
        session_policies_count=False,
        trust_policies_count=False,
        some_resource_policies_must_allow=False,
        omitted_resource_policy_is_open=False,
        root_grant_suffices=True,
        resource_type_gate=True,
        keys_are_derived=False,
        other_accounts_must_allow=True,
        roles_stay_in_their_account=False,
        caller_identity_is_free=False,
        unparsable_number_differs=False,
        bad_ip_pattern_stops=True,
        early_variable_is_open=False,
    ),
}
