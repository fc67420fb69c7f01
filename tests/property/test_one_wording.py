"""What `check` says of a denial and what `explain` says of AWS's message about it are the same words.

Each world has one policy that decides. AWS's message, as `check` foretells it, is given to `explain`.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.deployment import Deployment
from iamcheck.explain.messages import explain_messages
from iamcheck.explain.policy_types import POLICIES
from iamcheck.iam.model import Decision, PolicyType
from tests.documents import allow, deny, document

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.results import CheckResult

ACCOUNT, OTHER = "123456789012", "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
VARIANT = {"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
MODEL = {"ModelName": "churn", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "1.dkr.ecr.aws.com/churn:7"}}
SKIPPED = ("policy.minimal", "policy.sufficient", "request.valid", "deployment.covered")
PRINCIPALS = {
    "a session": f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7",
    "a role": f"arn:aws:iam::{ACCOUNT}:role/ci",
    "a user": f"arn:aws:iam::{ACCOUNT}:user/ann",
    "a permission set": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Deploy_0123456789abcdef/ann",
    "a service-linked role": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
}
EVERYONE = {"Principal": "*"}
ACTIONS = ("sagemaker:CreateEndpointConfig", "sagemaker:CreateModel", "iam:PassRole", "kms:CreateGrant")


def key_of(account: str) -> str:
    return f"arn:aws:kms:eu-west-1:{account}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def world(layer: PolicyType, decision: Decision, action: str, account: str) -> dict[str, Any]:
    """The policies, all of which allow everything but for one, which does not allow or denies an action."""
    everything = document(allow())
    denies = document(allow(), deny(action))
    lacks = document({"Effect": "Allow", "NotAction": action, "Resource": "*"})
    own = denies if decision is Decision.EXPLICIT_DENY else lacks
    # a key policy that leaves it to the IAM policies of the account
    by_account = document({**allow(), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})
    full = document({**allow(), **EVERYONE})
    anyone = document(*({**one, **EVERYONE} for one in own["Statement"]))
    return {
        "policies": [own if layer is PolicyType.IDENTITY else everything],
        "boundary": own if layer is PolicyType.BOUNDARY else everything,
        "scps": [[everything], [own if layer is PolicyType.SCP else everything]],
        "rcps": [[full, document({**deny(action), **EVERYONE})] if layer is PolicyType.RCP else [full]],
        "resource_policies": {key_of(account): anyone if layer is PolicyType.RESOURCE else by_account},
        **({"session_policies": [own]} if layer is PolicyType.SESSION else {}),
    }


def checked(principal: str, policies: Mapping[str, Any], account: str) -> CheckResult:
    deployment = Deployment.from_requests(
        {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [VARIANT], "KmsKeyId": key_of(account)},
        region="eu-west-1",
        account_id=ACCOUNT,
    )
    report = iamcheck.check(
        deployment, offline=True, principal=principal, create_models=[MODEL], skip=SKIPPED, **policies
    )
    return next(one for one in report.checks if one.id == "principal.allowed")


def is_possible(layer: PolicyType, action: str, principal: str) -> bool:
    """Whether the layer has a say in such a call."""
    if layer in (PolicyType.RCP, PolicyType.RESOURCE) and not action.startswith("kms"):
        return False
    if layer is PolicyType.SESSION and ":user/" in principal:
        return False
    # neither SCPs nor RCPs apply to service-linked roles
    return "AWSServiceRole" not in principal or layer in (PolicyType.IDENTITY, PolicyType.BOUNDARY)


WORLDS = [
    (layer, decision, action, principal)
    for layer, decision, action, principal in itertools.product(
        PolicyType, (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY), ACTIONS, PRINCIPALS.values()
    )
    # RCPFullAWSAccess is always attached
    if is_possible(layer, action, principal) and (layer, decision) != (PolicyType.RCP, Decision.IMPLICIT_DENY)
]


@pytest.mark.parametrize(("layer", "decision", "action", "principal"), WORLDS)
def test_the_message_that_check_foretells_means_to_explain_what_check_says(
    layer: PolicyType, decision: Decision, action: str, principal: str
) -> None:
    result = checked(principal, world(layer, decision, action, ACCOUNT), ACCOUNT)
    (evidence,) = [one for one in result.evidence if one.denial]
    assert (result.status, evidence.action, evidence.decision) == ("fail", action, decision)
    assert evidence.denial is not None
    assert result.remedy is not None

    (message,) = explain_messages(evidence.denial)
    # the same cause, and the same layer
    assert (message.decision, message.action, message.resource) == (decision, action, evidence.resource)
    assert message.policy is not None
    words = POLICIES[message.policy]
    assert words.layer is layer
    # the same words about what to do
    assert message.remedy is not None
    if "AWSServiceRole" in principal and layer is PolicyType.IDENTITY:
        shared = ["whose policies nobody can change: call as another principal"]
    elif decision is Decision.IMPLICIT_DENY and layer in (PolicyType.IDENTITY, PolicyType.BOUNDARY):
        place = "boundary" if layer is PolicyType.BOUNDARY else message.remedy.text.partition(" (")[0]
        shared = [f"allow {action} on {message.resource}: add the statement to ", f"(ask {message.owner})", place]
        assert message.remedy.policy == result.remedy.policy
    elif decision is Decision.IMPLICIT_DENY:
        shared = [message.remedy.text, f"ask {message.owner} to allow in the {words.short}"]
    else:
        shared = [f"ask {message.owner}", words.short]
    assert [one for one in shared if one not in message.remedy.text] == []
    assert [one for one in shared if one not in result.remedy.text] == []


@pytest.mark.parametrize("decision", [Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY])
@pytest.mark.parametrize("principal", [PRINCIPALS["a session"], PRINCIPALS["a user"]])
def test_the_message_about_a_key_of_another_account_is_that_of_kms(decision: Decision, principal: str) -> None:
    policies = world(PolicyType.RESOURCE, decision, "kms:CreateGrant", OTHER)
    result = checked(principal, policies, OTHER)
    (evidence,) = [one for one in result.evidence if one.denial]
    assert evidence.denial is not None
    assert key_of(OTHER) not in evidence.denial
    (message,) = explain_messages(evidence.denial)
    assert (message.family, message.action) == ("kms-key", "kms:CreateGrant")
    assert result.remedy is not None
    assert message.remedy is not None
    assert f"ask {message.owner}" in result.remedy.text
    assert f"ask {message.owner}" in message.remedy.text


def test_there_are_worlds_of_every_layer() -> None:
    assert {layer for layer, *_ in WORLDS} == set(PolicyType)
    assert len(WORLDS) > 100
