"""The two proofs on policies that people write: what is said, what decided it, and what would help."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Decision, Policy, PolicySet, Request
from iamcheck.permissions import SCOPES, required
from iamcheck.policies.rendering import generate_policy, render_policy
from iamcheck.results import CheckResult, Status
from iamcheck.simulators.local import LocalSimulator
from tests.documents import parsed

DEPLOYMENT = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
ENDPOINT, CONFIG = DEPLOYMENT.endpoint_arn, DEPLOYMENT.endpoint_config_arn
PERMISSIONS = required(DEPLOYMENT)
SIMULATOR = LocalSimulator(Semantics.ALONE)
Statement = dict[str, Any]


def statement(actions: str | list[str], resources: str | list[str], **more: object) -> Statement:
    names = [actions] if isinstance(actions, str) else actions
    return {
        "Effect": "Allow",
        "Action": [name if ":" in name or name == "*" else f"sagemaker:{name}" for name in names],
        "Resource": resources,
    } | more


CREATE = statement("CreateEndpoint", [ENDPOINT, CONFIG], Sid="Create")
CREATE_CONFIG = statement("CreateEndpointConfig", CONFIG, Sid="Config")


def sufficient(*statements: Statement) -> CheckResult:
    return proofs.sufficient(parsed(*statements), PERMISSIONS, SIMULATOR)


def minimal(*statements: Statement) -> CheckResult:
    return proofs.minimal(parsed(*statements), PERMISSIONS, SIMULATOR)


def test_the_rendered_policy_passes_with_evidence_for_each_permission() -> None:
    rendered = render_policy(DEPLOYMENT).policy

    result = proofs.sufficient(rendered, PERMISSIONS, SIMULATOR)

    assert (result.id, result.status) == ("policy.sufficient", Status.PASS)
    assert [(one.action, one.resource) for one in result.evidence] == [
        (permission.request.action, permission.request.resource) for permission in PERMISSIONS
    ]
    assert all(one.decision is Decision.ALLOWED and one.certain for one in result.evidence)
    assert {one.decided_by.sid for one in result.evidence if one.decided_by} == {"EndpointAndConfig", "EndpointConfig"}
    assert proofs.minimal(rendered, PERMISSIONS, SIMULATOR).status is Status.PASS


def test_a_forgotten_config_arn_is_an_implicit_deny_that_names_it() -> None:
    result = sufficient(statement("CreateEndpoint", ENDPOINT), CREATE_CONFIG)

    assert result.status is Status.FAIL
    assert "sagemaker:CreateEndpoint" in result.summary
    assert f"{CONFIG} (implicitDeny)" in result.summary
    (denied,) = (one for one in result.evidence if one.decision is not Decision.ALLOWED)
    assert (denied.action, denied.resource, denied.decision) == (
        "sagemaker:CreateEndpoint",
        CONFIG,
        Decision.IMPLICIT_DENY,
    )


def test_what_is_missing_is_offered_and_was_seen_to_help() -> None:
    lacking = statement("CreateEndpoint", ENDPOINT)

    result = sufficient(lacking)

    assert result.remedy is not None
    assert result.remedy.proved
    assert result.remedy.policy is not None
    assert result.remedy.policy["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"],
            "Resource": [CONFIG],
        }
    ]
    assert sufficient(lacking, *result.remedy.policy["Statement"]).status is Status.PASS


def test_a_deny_in_the_policy_is_named_and_no_statement_is_offered() -> None:
    deny = {"Sid": "NoConfigs", "Effect": "Deny", "Action": "sagemaker:*Config", "Resource": "*"}

    result = sufficient(CREATE, CREATE_CONFIG, deny)

    assert result.status is Status.FAIL
    assert f"sagemaker:CreateEndpointConfig on {CONFIG} (explicitDeny)" in result.summary
    assert result.remedy is not None
    assert result.remedy.policy is None
    assert not result.remedy.proved
    assert "NoConfigs" in result.remedy.text


def test_a_remedy_that_is_not_enough_is_not_called_proved() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "ml"}}

    result = sufficient({**CREATE, "Condition": condition})

    assert result.status is Status.FAIL
    assert result.remedy is not None
    assert not result.remedy.proved


def test_a_condition_on_what_nobody_knows_is_unknown_and_names_the_key() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/Team": "ml"}}

    result = sufficient({**CREATE, "Condition": condition}, CREATE_CONFIG)

    assert result.status is Status.UNKNOWN
    assert result.open_keys == ("aws:principaltag/team",)
    assert "aws:PrincipalTag/Team" in result.summary


def test_a_condition_on_what_is_known_is_decided() -> None:
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
    there = {"StringEquals": {"aws:RequestedRegion": "eu-west-2"}}

    assert sufficient({**CREATE, "Condition": here}, CREATE_CONFIG).status is Status.PASS
    assert sufficient({**CREATE, "Condition": there}, CREATE_CONFIG).status is Status.FAIL


# Service Authorization Reference: sagemaker:InstanceTypes is listed for CreateEndpointConfig, not for CreateEndpoint
def test_a_key_that_the_action_does_not_have_is_absent() -> None:
    condition = {"ForAnyValue:StringLike": {"sagemaker:InstanceTypes": "ml.m5.*"}}

    assert sufficient({**CREATE, "Condition": condition}, CREATE_CONFIG).status is Status.FAIL
    assert sufficient(CREATE, {**CREATE_CONFIG, "Condition": condition}).status is Status.UNKNOWN
    # a key of another service is settled when it turns out to matter
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"s3:prefix": "x"}}}
    assert sufficient(CREATE, CREATE_CONFIG, deny).status is Status.PASS


def test_nothing_needed_is_nothing_proved() -> None:
    rendered = render_policy(DEPLOYMENT).policy

    assert proofs.sufficient(rendered, (), SIMULATOR).status is Status.UNKNOWN
    assert proofs.minimal(rendered, (), SIMULATOR).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        ([CREATE, CREATE_CONFIG, statement("iam:PassRole", "*", Sid="Pass")], "not needed: statement Pass"),
        ([CREATE, CREATE_CONFIG, statement("iam:PassRole", "*")], r"not needed: Statement\[2\]"),
        (
            [statement(["CreateEndpoint", "CreateModel"], [ENDPOINT, CONFIG], Sid="Create"), CREATE_CONFIG],
            "not needed: action sagemaker:CreateModel in statement Create; allowed besides: sagemaker:CreateModel",
        ),
        (
            [CREATE, statement("CreateEndpointConfig", [CONFIG, ENDPOINT], Sid="Config")],
            f"not needed: resource {ENDPOINT} in statement Config",
        ),
        ([CREATE, CREATE_CONFIG, dict(CREATE, Sid="Again")], "not needed: statement Create and 5 more"),
        ([statement("*", "*")], "allowed besides: .*another name"),
        ([statement("sagemaker:*", [ENDPOINT, CONFIG])], r"sagemaker:\* stands for it"),
        ([CREATE, statement("CreateEndpointConfig*", CONFIG)], r"CreateEndpointConfig\* would stand for it"),
        ([CREATE, statement("CreateEndpointConfig", CONFIG + "*")], "another name"),
        ([CREATE, statement("CreateEndpointConfig", CONFIG.replace("eu-west-1", "*"))], "another Region"),
        ([CREATE, statement("CreateEndpointConfig", CONFIG.replace("eu-west-1", "eu-west-?"))], "stands for it"),
        ([CREATE, statement("CreateEndpointConfig", CONFIG.replace("123456789012", "*"))], "another account"),
        ([CREATE, statement("CreateEndpointConfig", CONFIG.replace(":aws:", ":aws*:"))], "another partition"),
        ([CREATE, statement("*:CreateEndpointConfig", CONFIG)], "would stand for it"),
        (
            [{"Effect": "Allow", "NotAction": ["iam:*", "sts:*", "kms:*"], "Resource": [ENDPOINT, CONFIG]}],
            "no NotAction names it",
        ),
        ([CREATE, {"Effect": "Allow", "Action": CREATE_CONFIG["Action"], "NotResource": ENDPOINT}], "another name"),
    ],
)
def test_what_is_too_much_is_named(statements: list[Statement], said: str) -> None:
    result = minimal(*statements)

    assert (result.id, result.status) == ("policy.minimal", Status.FAIL)
    assert re.search(said, result.summary), result.summary
    assert result.evidence
    assert result.remedy is not None


def test_a_not_action_that_leaves_out_sagemaker_but_for_what_is_needed_is_still_too_much() -> None:
    services = [f"{name}:*" for name in ("iam", "sts", "kms")]
    others = ["sagemaker:Delete*"]

    result = minimal({"Effect": "Allow", "NotAction": [*services, *others], "Resource": [ENDPOINT, CONFIG]})

    assert result.status is Status.FAIL


def test_evidence_of_excess_is_a_request_that_was_allowed() -> None:
    result = minimal(CREATE, statement("CreateEndpointConfig", CONFIG + "*", Sid="Wide"))

    assert result.evidence
    for one in result.evidence:
        assert one.action == "sagemaker:CreateEndpointConfig"
        assert one.resource is not None
        assert one.resource.startswith(CONFIG)
        assert one.resource != CONFIG
        assert one.decision is Decision.ALLOWED
        assert one.decided_by is not None
        assert one.decided_by.sid == "Wide"


def test_a_deny_narrows_and_is_never_too_much() -> None:
    deny = {"Effect": "Deny", "Action": "sagemaker:*", "NotResource": [ENDPOINT, CONFIG]}

    assert minimal(CREATE, CREATE_CONFIG, deny).status is Status.PASS
    # and it takes back what a wildcard lets through
    assert minimal(CREATE, statement("CreateEndpointConfig", CONFIG + "*"), deny).status is Status.PASS


def test_a_condition_can_keep_a_wildcard_in_bounds() -> None:
    anywhere = statement("CreateEndpointConfig", CONFIG.replace("eu-west-1", "*"))
    here = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}

    assert minimal(CREATE, anywhere).status is Status.FAIL
    assert minimal(CREATE, {**anywhere, "Condition": here}).status is Status.PASS


def test_whether_a_wildcard_is_kept_in_bounds_may_be_unknown() -> None:
    wide = statement("CreateEndpointConfig", CONFIG + "*", Condition={"StringEquals": {"aws:PrincipalTag/Team": "ml"}})

    result = minimal(CREATE, wide)

    assert result.status is Status.UNKNOWN
    assert result.open_keys == ("aws:principaltag/team",)
    assert "aws:PrincipalTag/Team" in result.summary


def test_what_the_user_says_of_the_context_holds_for_the_neighbours_too() -> None:
    key = "aws:PrincipalTag/team"
    wide = statement("CreateEndpointConfig", CONFIG + "*", Condition={"StringEquals": {key: "ml"}})
    narrow = {**CREATE_CONFIG, "Condition": {"Null": {key: "true"}}}

    requests = [permission.request for permission in PERMISSIONS]
    known = [replace(request, context={**request.context, key: "ml"}) for request in requests]
    absent = [replace(request, absent=[*request.absent, key]) for request in requests]

    def judged(one: Statement, requests: list[Request]) -> Status:
        said = [permission._replace(request=request) for permission, request in zip(PERMISSIONS, requests, strict=True)]
        return proofs.minimal(parsed(CREATE, one), said, SIMULATOR).status

    assert judged(wide, requests) is Status.UNKNOWN
    assert judged(wide, known) is Status.FAIL
    assert judged(narrow, absent) is Status.PASS


def test_two_ways_to_one_permission_may_each_be_needed() -> None:
    teams = [
        statement("CreateEndpointConfig", CONFIG, Condition={"StringEquals": {"aws:PrincipalTag/team": team}})
        for team in ("ml", "ops")
    ]

    assert minimal(CREATE, *teams).status is Status.UNKNOWN
    # what could never allow a needed permission is too much, whatever is unknown
    assert minimal(CREATE, *teams, statement("s3:GetObject", "*")).status is Status.FAIL


def test_a_policy_that_does_not_suffice_can_still_be_too_much() -> None:
    assert minimal(CREATE).status is Status.PASS
    assert minimal(CREATE, statement("CreateModel", "*")).status is Status.FAIL


def test_names_with_capitals_need_both_spellings() -> None:
    deployment = Deployment("Churn", "churn-v7", region="eu-west-1", account_id="123456789012")
    permissions = required(deployment)
    document = generate_policy(deployment)
    assert proofs.sufficient(Policy.parse(document, name="both"), permissions, SIMULATOR).status is Status.PASS
    for spelling in deployment.endpoint_arns:
        one = parsed(statement("CreateEndpoint", [spelling, CONFIG]), CREATE_CONFIG)

        result = proofs.sufficient(one, permissions, SIMULATOR)

        assert result.status is Status.FAIL
        assert next(arn for arn in deployment.endpoint_arns if arn != spelling) in result.summary


def test_aws_own_policy_is_minimal_for_it_can_lose_nothing() -> None:
    assert proofs.minimal(render_policy(DEPLOYMENT, "docs").policy, PERMISSIONS, SIMULATOR).status is Status.PASS


# `minimal` does not ask for actions that no Allow names; here they are asked for, one and all
@pytest.mark.parametrize("scope", SCOPES)
def test_every_other_action_stays_denied(scope: str) -> None:
    permissions = required(DEPLOYMENT, scope)
    needed = {permission.request.action for permission in permissions}
    others = [
        one for name in ("sagemaker", "iam", "kms", "sts") for one in catalogue.actions(name) if one not in needed
    ]
    requests = [Request(action, arn) for action in others for arn in (ENDPOINT, CONFIG, "*")]

    answers = SIMULATOR.simulate(requests, PolicySet(identity=[render_policy(DEPLOYMENT, scope).policy]))

    assert len(others) > 600
    assert {answer.allowed for answer in answers} == {False}


@pytest.mark.parametrize("region", ["us-east-1", "us-west-2", "eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_another_region_is_never_the_deployments(region: str) -> None:
    """The neighbours that must stay denied are of other Regions, wherever the deployment goes."""
    deployment = Deployment("churn", "churn-v7", region=region, account_id="123456789012")
    policy, needed = render_policy(deployment).policy, required(deployment)
    assert proofs.minimal(policy, needed, SIMULATOR).status is Status.PASS
    document: Any = policy.to_dict()
    for one in document["Statement"]:
        one["Resource"] = [arn.replace(f":{region}:", ":*:") for arn in one["Resource"]]
    assert proofs.minimal(Policy.parse(document), needed, SIMULATOR).status is Status.FAIL
