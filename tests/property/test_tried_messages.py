"""A denied call that is tried under drawn policies: what is called proved is allowed with it, and nothing breaks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.explain.messages import explain_messages
from iamcheck.explain.messages.trying import GivenPolicies
from iamcheck.explain.policy_types import POLICIES
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import Policy, PolicySet, PolicyType, Request
from tests.documents import document

ACCOUNT = "123456789012"
CONFIG = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint-config/churn-v7"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
CALLERS = (
    f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7",
    f"arn:aws:iam::{ACCOUNT}:user/ann",
    f"arn:aws:sts::{ACCOUNT}:federated-user/ann",
    f"arn:aws:iam::{ACCOUNT}:root",
    "anonymous",
    f"arn:aws:iam::{ACCOUNT}:something/else",
    "arn:aws:sts::999999999999:assumed-role/other/x",
)
CALLS = (
    ("sagemaker:CreateEndpointConfig", CONFIG),
    ("iam:PassRole", ROLE),
    ("sagemaker:ListModels", "*"),
    ("made:Up", "arn:aws:made::x:y"),
)
CONDITIONS: tuple[dict[str, Any], ...] = (
    {},
    {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
    {"StringEquals": {"aws:RequestedRegion": "us-east-1"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}},
    {"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": ["ml.m5.*"]}},
    {"Null": {"aws:RequestTag/team": "true"}},
    {"StringEquals": {"iam:PassedToService": ["sagemaker.amazonaws.com", "ec2.amazonaws.com"]}},
    {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
    {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/*"}},
)
STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Deny"]),
    st.sampled_from(["*", "sagemaker:*", "sagemaker:Create*", "iam:PassRole", "s3:GetObject"]),
    st.sampled_from(["*", CONFIG, ROLE, "arn:aws:sagemaker:*:*:endpoint/*"]),
    st.sampled_from(CONDITIONS),
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=3).map(lambda rows: document(*rows))
INDENTS = st.sampled_from([None, 2, 4])
WHY = st.sampled_from(
    [
        "",
        " with an explicit deny",
        *(f" with an explicit deny in a {name}" for name in POLICIES),
        *(f" because no {name} allows the {{}} action" for name in POLICIES),
    ]
)


def policy(drawn: dict[str, Any], layer: PolicyType, indent: int | None = 2) -> Policy:
    return Policy.parse(json.dumps(drawn, indent=indent), name=f"{layer}.json", layer=layer)


@given(
    st.sampled_from(CALLERS),
    st.sampled_from(CALLS),
    WHY,
    DOCUMENTS,
    INDENTS,
    st.none() | DOCUMENTS,
    st.none() | DOCUMENTS,
    st.none() | DOCUMENTS,
)
def test_what_is_called_proved_is_allowed_with_it(  # each is drawn by itself
    caller: str,
    call: tuple[str, str],
    why: str,
    own: dict[str, Any],
    indent: int | None,
    boundary: dict[str, Any] | None,
    scp: dict[str, Any] | None,
    session: dict[str, Any] | None,
) -> None:
    action, resource = call
    text = json.dumps(own, indent=indent)
    layers = PolicySet(
        identity=[policy(own, PolicyType.IDENTITY, indent)],
        boundary=None if boundary is None else policy(boundary, PolicyType.BOUNDARY),
        scps=() if scp is None else [[policy(scp, PolicyType.SCP)]],
        session=() if session is None else [policy(session, PolicyType.SESSION)],
    )
    message = f"User: {caller} is not authorized to perform: {action} on resource: {resource}{why.format(action)}"
    (found,) = explain_messages(message, given=GivenPolicies(layers, text=text))
    assert found.remedy is not None
    assert found.remedy.text
    if not found.remedy.proved:
        return
    # what a deployment of SageMaker passes a role for is what the statement is for
    known: dict[str, Any] = {"aws:RequestedRegion": "eu-west-1"} if ":eu-west-1:" in resource else {}
    known["aws:SecureTransport"] = True
    if action == "iam:PassRole":
        known["iam:PassedToService"] = "sagemaker.amazonaws.com"
    request = Request(action, resource, caller if caller.startswith("arn:") else None, known)
    assert evaluate(request, layers).allowed is not True
    if found.remedy.policy is not None:
        added = Policy.parse(found.remedy.policy, name="added")
        identity, changed = layers.identity, layers.boundary
        assert isinstance(identity, tuple)
        if "add the statement to the permissions boundary" in found.remedy.text:
            assert isinstance(changed, Policy)
            changed = replace(changed, statements=(*changed.statements, *added.statements))
        else:
            identity = (*identity, added)
        assert evaluate(request, replace(layers, identity=identity, boundary=changed)).allowed is not False
