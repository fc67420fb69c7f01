"""The Allow that came nearest is named first, with the one element that failed and the values side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.explain.why import applied_denies, nearest_misses
from iamcheck.explain.why.misses import blocking_level
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import UNREAD, Effect, Policy, PolicySet, PolicyType, Principals, Request, Statement

if TYPE_CHECKING:
    from collections.abc import Mapping

ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
ROLE = "arn:aws:iam::123456789012:role/ci"
REQUEST = Request(
    "sagemaker:CreateEndpoint",
    ARN,
    ROLE,
    context={"aws:RequestedRegion": "eu-west-1", "aws:PrincipalTag/team": "ml"},
    absent=["aws:RequestTag/team"],
)
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: Mapping[str, Any], name: str = "deployer", version: str = "2012-10-17") -> Policy:
    """A policy of these statements; what they leave out fits the request."""
    filled = []
    for statement in statements:
        one = {"Effect": "Allow", **statement}
        if not {"Action", "NotAction"} & set(one):
            one["Action"] = "sagemaker:CreateEndpoint"
        if not {"Resource", "NotResource"} & set(one):
            one["Resource"] = "*"
        filled.append(one)
    return Policy.parse({"Version": version, "Statement": filled}, name=name)


def condition(operator: str, key: str, *values: str) -> dict[str, Any]:
    """A statement with one condition."""
    return {"Condition": {operator: {key: list(values)}}}


TOLD = [
    ({"Resource": ARN.replace("eu-west-1", "us-east-1")}, "Resource has us-east-1, the request eu-west-1"),
    ({"Resource": ARN.replace("123456789012", "210987654321")}, "Resource has 210987654321, the request 123456789012"),
    ({"Resource": ARN.replace("churn", "fraud-*")}, "Resource has endpoint/fraud-*, the request endpoint/churn"),
    (
        {"Resource": ARN.replace("endpoint/", "endpoint-config/")},
        "Resource has endpoint-config/churn, the request endpoint/churn",
    ),
    (
        {"Resource": ARN.replace("churn", "Churn")},
        "Resource has endpoint/Churn, the request endpoint/churn (case counts)",
    ),
    (
        {"Resource": "arn:aws:sagemaker:us-*:123456789012:endpoint/fraud"},
        "Resource has us-* and endpoint/fraud, the request eu-west-1 and endpoint/churn",
    ),
    ({"Resource": "arn:aws:s3:::b/*"}, f"Resource has arn:aws:s3:::b/*, the request {ARN}"),
    (
        {"Resource": "arn:aws:sagemaker:::endpoint/churn"},
        "Resource has no Region and no account, the request eu-west-1 and 123456789012",
    ),
    (
        {"Resource": ["arn:aws:s3:::bucket", ARN.replace("eu-west-1", "us-east-1"), ARN.replace("churn", "x")]},
        "Resource has us-east-1, the request eu-west-1 (nearest of 3 entries)",
    ),
    (
        {"Resource": ARN.replace("churn", "${aws:PrincipalTag/team}-*")},
        "Resource has endpoint/ml-*, the request endpoint/churn",
    ),
    (
        {"Resource": ARN.replace("churn", "${aws:RequestTag/team}")},
        f"Resource has {ARN.replace('churn', '${aws:RequestTag/team}')}, and the request no single value of "
        "aws:RequestTag/team",
    ),
    (
        {"NotResource": ["arn:aws:s3:::*", "arn:aws:sagemaker:*:*:endpoint/*"]},
        f"NotResource has arn:aws:sagemaker:*:*:endpoint/*, and that takes in the request's {ARN}",
    ),
    (
        {"Action": ["s3:CreateEndpoint", "sagemaker:CreateModel", "sagemaker:DeleteEndpoint"]},
        "Action has sagemaker:DeleteEndpoint, the request sagemaker:CreateEndpoint (nearest of 3 entries)",
    ),
    ({"Action": "sagemaker:CreateModel"}, "Action has sagemaker:CreateModel, the request sagemaker:CreateEndpoint"),
    (
        {"NotAction": ["iam:*", "sagemaker:Create*"]},
        "NotAction has sagemaker:Create*, and that takes in the request's sagemaker:CreateEndpoint",
    ),
    (
        condition("StringEquals", "aws:RequestTag/team", "ml"),
        "Condition StringEquals aws:RequestTag/team: needs ml, the request has none",
    ),
    (
        condition("StringEquals", "aws:RequestedRegion", "us-east-1", "us-west-2"),
        "Condition StringEquals aws:RequestedRegion: needs us-east-1, us-west-2, the request has eu-west-1",
    ),
    (
        condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1"),
        "Condition StringNotEquals aws:RequestedRegion: needs anything but eu-west-1, the request has eu-west-1",
    ),
    (
        condition("Null", "aws:RequestTag/team", "false"),
        "Condition Null aws:RequestTag/team: needs some value, the request has none",
    ),
    (
        condition("Null", "aws:RequestedRegion", "true"),
        "Condition Null aws:RequestedRegion: needs none, the request has eu-west-1",
    ),
    (
        condition("StringEquals", "aws:RequestedRegion", "${aws:PrincipalTag/team}", "${aws:RequestTag/team}"),
        "Condition StringEquals aws:RequestedRegion: needs ${aws:PrincipalTag/team} (here ml), "
        "${aws:RequestTag/team} (without a value here), the request has eu-west-1",
    ),
    (
        condition("StringEquals", "aws:SourceVpc", "vpc-1"),
        "Condition StringEquals aws:SourceVpc: needs vpc-1; perhaps it matches: nothing is known of aws:SourceVpc",
    ),
    (
        condition("StringEquals", "aws:TagKeys", "team"),
        "Condition StringEquals aws:TagKeys: needs team, and nothing that the request may have matches",
    ),
]


@pytest.mark.parametrize(("statement", "text"), TOLD, ids=[text[:60] for _, text in TOLD])
def test_the_element_that_failed_is_told_with_the_values_side_by_side(statement: Mapping[str, Any], text: str) -> None:
    (miss,) = nearest_misses(REQUEST, PolicySet(identity=[policy(statement)]))
    assert [one.text for one in miss.differences] == [text]
    assert miss.text == f"Statement[0] of the identity policy deployer: {text}"
    assert miss.differences[0].perhaps is ("perhaps" in text)


def test_a_variable_of_the_older_version_is_text() -> None:
    statement = {"Resource": ARN.replace("churn", "${aws:PrincipalTag/team}")}
    (miss,) = nearest_misses(REQUEST, PolicySet(identity=[policy(statement, version="2008-10-17")]))
    assert miss.differences[0].text == "Resource has endpoint/${aws:PrincipalTag/team}, the request endpoint/churn"


def test_a_request_without_a_resource() -> None:
    (miss,) = nearest_misses(
        Request("sagemaker:ListEndpoints", "*"), PolicySet(identity=[policy({"Action": "*", "Resource": ARN})])
    )
    assert [one.text for one in miss.differences] == [f"Resource has {ARN}, the request *"]


NEAREST_FIRST = [
    ("a condition", condition("StringEquals", "aws:RequestTag/team", "ml")),
    ("the name", {"Resource": ARN.replace("churn", "churn-2")}),
    ("a name less like it", {"Resource": ARN.replace("churn", "fraud")}),
    ("Region and name", {"Resource": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud"}),
    ("another type", {"Resource": ARN.replace("endpoint/", "model/")}),
    ("another service", {"Resource": "arn:aws:s3:::bucket"}),
    ("a like action", {"Action": "sagemaker:DeleteEndpoint"}),
    ("another action", {"Action": "sagemaker:ListModels"}),
    ("two conditions", {"Condition": {"StringEquals": {"aws:RequestTag/team": "ml", "aws:RequestedRegion": "x"}}}),
    ("condition and Region", {**condition("StringEquals", "aws:RequestTag/team", "ml"), "Resource": "arn:aws:s3:::b"}),
]


@pytest.mark.parametrize("turned", [False, True])
def test_the_nearest_comes_first_whatever_the_order_of_the_statements(turned: bool) -> None:
    statements = [{"Sid": f"S{place}", **one} for place, (_, one) in enumerate(NEAREST_FIRST)]
    given = policy(*(reversed(statements) if turned else statements))
    misses = nearest_misses(REQUEST, PolicySet(identity=[given]), most=99)
    assert [miss.ref.sid for miss in misses] == [one["Sid"] for one in statements]
    assert nearest_misses(REQUEST, PolicySet(identity=[given])) == misses[:3]


@pytest.mark.parametrize("other", [{"Action": "s3:GetObject"}, {"Action": "s3:*", "Resource": "arn:aws:s3:::b"}])
def test_a_statement_of_another_service_is_named_only_where_no_other_is_there(other: Mapping[str, Any]) -> None:
    near = {"Action": ["s3:GetObject", "sagemaker:CreateModel"], "Resource": "arn:aws:s3:::bucket"}
    both, alone = policy(other, near), policy(other, other)
    assert [miss.ref.index for miss in nearest_misses(REQUEST, PolicySet(identity=[both]))] == [1]
    assert [miss.ref.index for miss in nearest_misses(REQUEST, PolicySet(identity=[alone]))] == [0]


def test_equally_near_statements_keep_the_policies_order() -> None:
    same = condition("StringEquals", "aws:RequestTag/team", "ml")
    misses = nearest_misses(REQUEST, PolicySet(identity=[policy(same, same, name="a"), policy(same, name="b")]))
    assert [(miss.ref.policy, miss.ref.index) for miss in misses] == [("a", 0), ("a", 1), ("b", 0)]


def test_what_may_match_is_nearer_than_what_cannot() -> None:
    given = policy(
        condition("StringEquals", "aws:RequestTag/team", "ml"), condition("StringEquals", "aws:SourceVpc", "vpc-1")
    )
    assert [miss.ref.index for miss in nearest_misses(REQUEST, PolicySet(identity=[given]))] == [1, 0]


def test_of_two_that_fail_in_one_element_the_one_that_leaves_nothing_open_is_nearer() -> None:
    tag = {"aws:RequestTag/team": "ml"}
    given = policy(
        {"Condition": {"StringEquals": {**tag, "aws:SourceVpc": "vpc-1"}}}, {"Condition": {"StringEquals": tag}}
    )
    misses = nearest_misses(REQUEST, PolicySet(identity=[given]))
    assert [miss.ref.index for miss in misses] == [1, 0]
    assert [one.perhaps for one in misses[1].differences] == [False, True]


def test_an_entry_of_another_service_is_never_the_nearest() -> None:
    entries = [ARN.replace("sagemaker", "logs"), "arn:aws:sagemaker:us-east-1:210987654321:endpoint/churn"]
    (miss,) = nearest_misses(REQUEST, PolicySet(identity=[policy({"Resource": entries})]))
    assert miss.differences[0].wanted == (entries[1],)


def test_only_the_layer_that_stopped_it_is_looked_at() -> None:
    us = policy({"Sid": "Us", "Action": "*", **condition("StringEquals", "aws:RequestedRegion", "us-east-1")})
    everything = policy(ALL, name="everything")
    principal = {"Principal": {"AWS": "arn:aws:iam::123456789012:role/other"}}
    worlds = {
        "identity": PolicySet(identity=[us], boundary=everything, scps=[[everything]]),
        "boundary": PolicySet(identity=[everything], boundary=us, scps=[[everything]]),
        "scp": PolicySet(identity=[everything], scps=[[everything], [us], [policy({"Sid": "Late"})]]),
        "session": PolicySet(identity=[everything], session=[us]),
        "rcp": PolicySet(identity=[everything], rcps=[[policy({"Sid": "Us", **principal})]]),
    }
    for layer, policies in worlds.items():
        # RCPs do not act on SageMaker
        request = replace(REQUEST, action="s3:GetObject", resource="arn:aws:s3:::b/k") if layer == "rcp" else REQUEST
        (miss,) = nearest_misses(request, policies)
        assert (miss.ref.policy_type.value, miss.ref.sid) == (layer, "Us")
        assert miss.ref.level == {"scp": 1, "rcp": 0}.get(layer)


def test_the_policy_of_a_resource_in_another_account() -> None:
    bucket = policy({"Sid": "Other", "Principal": {"AWS": "arn:aws:iam::210987654321:root"}, "Action": "s3:*"})
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", ROLE, context={"aws:ResourceAccount": "210987654321"})
    (miss,) = nearest_misses(request, PolicySet(identity=[policy(ALL)], resource=bucket))
    assert miss.ref.policy_type.value == "resource"
    assert miss.differences[0].text == f"Principal has arn:aws:iam::210987654321:root, the request {ROLE}"


def test_everyone_but_those_who_are_named() -> None:
    # IAM does not store an Allow with NotPrincipal, but a policy need not have been parsed
    spared = Principals(aws=(ROLE, "123456789012"))
    bucket = Policy((Statement(Effect.ALLOW, actions=("s3:*",), resources=("*",), not_principals=spared),))
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", ROLE, context={"aws:ResourceAccount": "210987654321"})
    (miss,) = nearest_misses(request, PolicySet(identity=[policy(ALL)], resource=bucket))
    name = "Statement[0] of the resource policy"
    assert miss.text == f"{name}: NotPrincipal has {ROLE}, 123456789012, and that takes in the request's {ROLE}"


def test_nobody_known_is_perhaps_the_one_who_is_named() -> None:
    trust = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sts:AssumeRole"}],
        }
    )
    request = Request("sts:AssumeRole", "arn:aws:iam::123456789012:role/exec")
    (miss,) = nearest_misses(request, PolicySet(identity=[policy(ALL)], resource=trust))
    assert miss.differences[0].perhaps
    assert miss.differences[0].text.startswith(f"Principal has {ROLE}, the request one that is not known; perhaps")


def test_what_speaks_of_the_request_and_does_not_count_is_told_as_that() -> None:
    # in the simulator an action on a resource of another type is denied whatever the policies say
    request = Request("sagemaker:CreateEndpoint", "arn:aws:s3:::bucket", ROLE)
    (miss,) = nearest_misses(request, PolicySet(identity=[policy(ALL)]), semantics=Semantics.SIMULATOR)
    assert miss.differences == ()
    assert miss.text.endswith("it speaks of the request, but does not count here")


def test_there_is_nothing_to_tell_of_an_allow_or_of_layers_without_one() -> None:
    assert nearest_misses(REQUEST, PolicySet(identity=[policy(ALL)])) == ()
    assert nearest_misses(REQUEST, PolicySet(identity=UNREAD)) == ()
    assert nearest_misses(REQUEST, PolicySet(identity=[policy({**ALL, "Effect": "Deny"})])) == ()
    assert applied_denies(REQUEST, PolicySet(identity=[policy(ALL)])) == ()


DENIED = [
    (
        condition("StringNotEquals", "aws:RequestedRegion", "eu-central-1"),
        "Condition StringNotEquals aws:RequestedRegion: the request has eu-west-1, the policy exempts eu-central-1",
    ),
    (
        condition("StringLike", "aws:RequestedRegion", "eu-*"),
        "Condition StringLike aws:RequestedRegion: the request has eu-west-1, the policy denies eu-*",
    ),
    (
        condition("Null", "aws:RequestTag/team", "true"),
        "Condition Null aws:RequestTag/team: the request has none, the policy denies requests without it",
    ),
    (
        condition("StringNotEquals", "aws:SourceVpc", "vpc-1"),
        "Condition StringNotEquals aws:SourceVpc: nothing is known of what the request has, the policy exempts vpc-1; "
        "perhaps it does not apply",
    ),
    (
        {"NotAction": ["iam:*", "sts:*"]},
        "NotAction: the policy exempts nothing but iam:*, sts:*",
    ),
    ({"NotResource": "arn:aws:s3:::*"}, "NotResource: the policy exempts nothing but arn:aws:s3:::*"),
    ({"Action": "sagemaker:*"}, "Action sagemaker:* on Resource *, whatever the context"),
]


@pytest.mark.parametrize(("statement", "text"), DENIED, ids=[text[:60] for _, text in DENIED])
def test_a_deny_tells_what_made_it_apply(statement: Mapping[str, Any], text: str) -> None:
    lock = policy(ALL, {"Sid": "Lock", "Effect": "Deny", **statement}, name="lock")
    (found,) = applied_denies(REQUEST, PolicySet(identity=[policy(ALL)], scps=[[lock]]))
    assert found.text == f"statement Lock of the service control policy (SCP) lock: {text}"
    assert (found.ref.policy_type.value, found.ref.level, found.perhaps) == ("scp", 0, "perhaps" in text)
    assert nearest_misses(REQUEST, PolicySet(identity=[policy(ALL)], scps=[[lock]])) == ()


def test_the_level_that_has_no_allow_is_counted_from_the_root() -> None:
    allows, other = policy(ALL), policy({"Action": "s3:*"})
    for levels, level in (([[allows], [other]], 1), ([[other], [allows]], 0), ([[allows]], None), ([], None)):
        assert blocking_level(REQUEST, PolicySet(scps=levels), PolicyType.SCP) == level
    # nobody knows the levels of what is not read, and other layers have none
    assert blocking_level(REQUEST, PolicySet(scps=UNREAD), PolicyType.SCP) is None
    assert blocking_level(REQUEST, PolicySet(rcps=UNREAD), PolicyType.RCP) is None
    assert blocking_level(REQUEST, PolicySet(), PolicyType.IDENTITY) is None


def test_of_several_denies_of_a_policy_the_matching_statement_is_named() -> None:
    several = policy(
        ALL,
        {"Effect": "Deny", "Sid": "Other", **condition("StringEquals", "aws:RequestedRegion", "us-east-1")},
        {"Effect": "Deny", "Sid": "Here", **condition("StringEquals", "aws:RequestedRegion", "eu-west-1")},
        {"Effect": "Deny", "Sid": "Away", **condition("StringNotEquals", "aws:RequestedRegion", "eu-west-1")},
    )
    (applied,) = applied_denies(REQUEST, PolicySet(identity=[several]))
    assert (applied.ref.sid, applied.ref.index) == ("Here", 2)
    assert "eu-west-1" in applied.text
    assert "us-east-1" not in applied.text
