"""The AccessDenied message is AWS's, word for word.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.explain.why import denial_message
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import PolicySet, Request
from tests.documents import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = "arn:aws:iam::123456789012:user/JohnDoe"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:x"
ON = f"User: {USER} is not authorized to perform: secretsmanager:GetSecretValue on resource: {SECRET}"
NO_ALLOW = " allows the secretsmanager:GetSecretValue action"
ALLOW: Mapping[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OTHER = {**ALLOW, "Action": "s3:*"}
DENY = {**ALLOW, "Effect": "Deny"}
EVERYONE = {"Principal": "*"}


ANY, NONE, DENIED = parsed(ALLOW), parsed(OTHER), parsed(ALLOW, DENY)
WORLDS = [
    (PolicySet(identity=[NONE]), f"because no identity-based policy{NO_ALLOW}"),
    (PolicySet(identity=[DENIED]), "with an explicit deny in an identity-based policy"),
    (PolicySet(identity=[ANY], boundary=NONE), f"because no permissions boundary{NO_ALLOW}"),
    (PolicySet(identity=[ANY], boundary=DENIED), "with an explicit deny in a permissions boundary"),
    (PolicySet(identity=[ANY], scps=[[ANY], [NONE]]), f"because no service control policy{NO_ALLOW}"),
    (PolicySet(identity=[ANY], scps=[[ANY], [DENIED]]), "with an explicit deny in a service control policy"),
    (
        PolicySet(identity=[ANY], rcps=[[parsed({**ALLOW, **EVERYONE}, {**DENY, **EVERYONE})]]),
        "with an explicit deny in a resource control policy",
    ),
    (PolicySet(identity=[ANY], session=[NONE]), f"because no session policy{NO_ALLOW}"),
    (PolicySet(identity=[ANY], session=[DENIED]), "with an explicit deny in a session policy"),
    (
        PolicySet(identity=[ANY], resource=parsed({**DENY, **EVERYONE})),
        "with an explicit deny in a resource-based policy",
    ),
]


@pytest.mark.parametrize(("policies", "reason"), WORLDS, ids=[reason for _, reason in WORLDS])
def test_each_type_of_policy_is_named_as_aws_names_it(policies: PolicySet, reason: str) -> None:
    answer = evaluate(Request("secretsmanager:GetSecretValue", SECRET, USER), policies)
    assert denial_message(answer) == f"{ON} {reason}"


def test_a_session_is_named_where_the_role_was_asked_about() -> None:
    session = "arn:aws:sts::123456789012:assumed-role/ci/build-7"
    request = Request("codecommit:ListRepositories", "*", "arn:aws:iam::123456789012:role/ci")
    assert denial_message(evaluate(request, PolicySet()), session) == (
        f"User: {session} is not authorized to perform: codecommit:ListRepositories "
        "because no identity-based policy allows the codecommit:ListRepositories action"
    )


def test_the_policy_of_another_accounts_resource() -> None:
    request = Request("secretsmanager:GetSecretValue", SECRET.replace("123456789012", "210987654321"), USER)
    answer = evaluate(request, PolicySet(identity=[ANY], resource=parsed({**OTHER, **EVERYONE})))
    assert denial_message(answer).endswith(f" because no resource-based policy{NO_ALLOW}")


def test_the_policy_of_a_role_is_its_trust_policy() -> None:
    request = Request("sts:AssumeRole", "arn:aws:iam::123456789012:role/r", USER)
    nobody = parsed({"Effect": "Deny", "Action": "sts:AssumeRole", "Principal": "*"})
    other = parsed({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "210987654321"}})
    denied, missed = (evaluate(request, PolicySet(identity=[ANY], resource=one)) for one in (nobody, other))
    assert denial_message(denied).endswith("with an explicit deny in the role trust policy")
    assert denial_message(missed).endswith("because no role trust policy allows the sts:AssumeRole action")


def test_nobody_known_is_you() -> None:
    assert denial_message(evaluate(Request("s3:ListAllMyBuckets", "*"), PolicySet())).startswith(
        "You are not authorized to perform: s3:ListAllMyBuckets because"
    )


def test_there_is_no_message_for_an_allow() -> None:
    assert denial_message(evaluate(Request("s3:ListAllMyBuckets", "*"), PolicySet(identity=[ANY]))) == ""
