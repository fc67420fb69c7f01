"""RCPs spare service-linked roles, and no role that only has a name like theirs.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import UNREAD, Decision, Policy, PolicySet, Request
from tests.documents import allow, deny, document

SESSION = "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForX/s"
LINKED = "arn:aws:iam::123456789012:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
NAMESAKE = "arn:aws:iam::123456789012:role/team/AWSServiceRoleForX"
POLICIES = PolicySet(
    identity=[Policy.parse(document(allow()))],
    rcps=[[Policy.parse(document(allow(Principal="*"), deny(Principal="*", Action="s3:*")))]],
)


@pytest.mark.parametrize(
    ("principal", "context", "decision"),
    [
        (LINKED, {}, Decision.ALLOWED),
        (NAMESAKE, {}, Decision.EXPLICIT_DENY),
        (SESSION, {"aws:PrincipalArn": LINKED}, Decision.ALLOWED),
        (SESSION, {"aws:PrincipalArn": NAMESAKE}, Decision.EXPLICIT_DENY),
    ],
)
def test_the_path_of_the_role_tells_whether_rcps_apply_where_it_is_known(
    principal: str, context: dict[str, str], decision: Decision
) -> None:
    request = Request("s3:GetObject", "arn:aws:s3:::data/a", principal, context)
    answer = evaluate(request, POLICIES, semantics=Semantics.LIVE)
    assert (answer.decision, answer.certain) == (decision, True)


def test_the_name_of_a_session_s_role_proves_nothing() -> None:
    # a role of that name may be in any path
    answer = evaluate(Request("s3:GetObject", "arn:aws:s3:::data/a", SESSION), POLICIES, semantics=Semantics.LIVE)
    assert (answer.allowed, answer.open_keys) == (None, frozenset({"aws:principalarn"}))


def test_where_both_roles_get_the_same_the_name_of_the_role_does_not_matter() -> None:
    # the RCPs deny nothing of SQS, and identity policies allow it
    answer = evaluate(Request("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:q", SESSION), POLICIES)
    assert (answer.decision, answer.certain) == (Decision.ALLOWED, True)


def test_where_rcps_do_not_act_at_all_the_name_of_the_role_does_not_matter() -> None:
    asked = Request("ec2:RunInstances", "arn:aws:ec2:eu-west-1:123456789012:instance/i-1", SESSION)
    answer = evaluate(asked, PolicySet(identity=POLICIES.identity, rcps=UNREAD))
    assert (answer.decision, answer.certain) == (Decision.ALLOWED, True)
