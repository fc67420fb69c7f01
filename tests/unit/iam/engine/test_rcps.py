"""RCPs spare service-linked roles, and no role that only has a name like theirs.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import Decision, Policy, PolicySet, Request
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
        (SESSION, {}, Decision.ALLOWED),
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
