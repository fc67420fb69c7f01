"""RCPs over the caller's account may not be over the account that owns a resource.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from typing import Any

import pytest

import iamcheck
from iamcheck.results import Status
from tests.documents import allow, deny, document

ACCOUNT, OTHER = "123456789012", "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"
NO_GRANTS = document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"})
RCPS: dict[str, Any] = {"rcps": [["RCPFullAWSAccess", NO_GRANTS]]}


def key_of(account: str) -> str:
    return f"arn:aws:kms:eu-west-1:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def checked(account: str, *policies: dict[str, Any], **words: Any) -> tuple[Status, str, str]:  # noqa: ANN401  any keyword
    """The status about a deployment with a volume key of an account, the summary, and the assumptions."""
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant], "KmsKeyId": key_of(account)}
    deployment = iamcheck.Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}, config, region="eu-west-1", account_id=ACCOUNT
    )
    opened = document(allow(Principal={"AWS": ROLE}))
    report = iamcheck.check(
        deployment,
        offline=True,
        principal=ROLE,
        policies=[document(allow(), *policies)],
        resource_policies={key_of(account): opened},
        skip=("policy.sufficient", "policy.minimal"),
        **words,
    )
    result = next(check for check in report.checks if check.id == "principal.allowed")
    return result.status, result.summary, " ".join(map(str, report.assumptions))


def test_a_denial_of_a_key_of_the_account_is_certain() -> None:
    assert checked(ACCOUNT, **RCPS)[0] is Status.FAIL


def test_a_denial_of_a_key_of_another_account_is_open() -> None:
    status, summary, _ = checked(OTHER, **RCPS)
    assert status is Status.UNKNOWN
    assert f"whether these RCPs are over account {OTHER} too, which owns the resource, nobody has read" in summary


def test_what_another_layer_denies_too_is_denied() -> None:
    status, summary, _ = checked(OTHER, deny("kms:CreateGrant", Sid="NoGrants"), **RCPS)
    assert status is Status.FAIL
    assert "statement NoGrants of" in summary


@pytest.mark.parametrize(("account", "is_assumed"), [(ACCOUNT, False), (OTHER, True)])
def test_that_no_rcp_of_the_owner_denies_is_assumed(account: str, is_assumed: bool) -> None:
    status, _, assumptions = checked(account, rcps=[["RCPFullAWSAccess"]])
    assert status is Status.PASS
    assert ("no RCPs over the account that owns it deny" in assumptions) is is_assumed
