"""Tells whether AWS STS is active in a Region for an account: probe, evidence, state.

SageMaker downloads model artifacts with STS, which an account's administrator can deactivate Region by Region (IAM User
Guide, "Manage AWS STS in an AWS Region"). The rules by which evidence becomes a state are those of `judge`.
"""

from iamcheck.checks.sts._regions import RegionResult, StsAccess, StsReport, check_region, check_regions
from iamcheck.checks.sts._trust import probe_role_trust
from iamcheck.checks.sts._verdict import Observation, OptIn, Probe, ProbeOutcome, Question, StsFinding, StsState, judge
from iamcheck.checks.sts._waiting import wait_for_regions

__all__ = [
    "Observation",
    "OptIn",
    "Probe",
    "ProbeOutcome",
    "Question",
    "RegionResult",
    "StsAccess",
    "StsFinding",
    "StsReport",
    "StsState",
    "check_region",
    "check_regions",
    "judge",
    "probe_role_trust",
    "wait_for_regions",
]
