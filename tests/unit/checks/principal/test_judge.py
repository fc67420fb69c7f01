"""`principal.allowed` judges decisions: three answers, and what decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.principal.explain import ask_owners, layer_cures
from iamcheck.checks.principal.judge import JudgedRequest, judge
from iamcheck.iam.model import Decision, Evaluation, PolicyType, Request, StatementRef
from iamcheck.results import Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.results import CheckResult

CONFIG = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
ROLE = "arn:aws:iam::123456789012:role/ci"
CREATE = Request("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:RequestedRegion": "eu-west-1"})
CREATE_CONFIG = replace(CREATE, action="sagemaker:CreateEndpointConfig", resource=CONFIG)
GUARD = StatementRef(PolicyType.SCP, "guard.json", "RegionLock", 0, line=4)


def evaluated(request: Request = CREATE, decision: str = "allowed", **more: Any) -> Evaluation:  # noqa: ANN401  any field
    fields: dict[str, Any] = {
        "certain": True,
        "open_keys": frozenset(),
        "open_layers": frozenset(),
        "matched": (),
        "blocked_by": None,
        "missing_context": (),
        "could_allow": decision == "allowed",
        **more,
    }
    return Evaluation(request, Decision(decision), **fields)


def uncertain(request: Request = CREATE, decision: str = "allowed", **more: Any) -> Evaluation:  # noqa: ANN401  any field
    return evaluated(request, decision, certain=False, could_allow=True, **more)


def judged(evaluations: list[Evaluation], spelled: Mapping[str, str] | None = None) -> CheckResult:
    return judge([JudgedRequest(one) for one in evaluations], spelled)


def asked(evaluations: list[Evaluation]) -> str:
    """Whom to ask for what."""
    return ask_owners([JudgedRequest(one) for one in evaluations]).text


def test_all_certain_and_allowed_is_a_pass() -> None:
    result = judged([evaluated(), evaluated(CREATE_CONFIG)])
    assert (result.id, result.status) == ("principal.allowed", Status.PASS)
    assert [(one.action, one.resource) for one in result.evidence] == [
        ("sagemaker:CreateEndpoint", ENDPOINT),
        ("sagemaker:CreateEndpointConfig", CONFIG),
    ]


def test_nothing_asked_is_no_pass() -> None:
    assert judged([]).status is Status.UNKNOWN


def test_an_implicit_deny_names_decision_and_arn() -> None:
    evaluations = [evaluated(), evaluated(CREATE_CONFIG, "implicitDeny", blocked_by=PolicyType.IDENTITY)]
    result = judged(evaluations)
    assert result.status is Status.FAIL
    assert "implicitDeny" in result.summary
    assert CONFIG in result.summary
    assert "no Allow of an identity policy matched" in result.summary
    assert asked(evaluations) == (
        "ask whoever administers the principal to allow in the identity policy: "
        f"sagemaker:CreateEndpointConfig on {CONFIG}"
    )


def test_an_explicit_deny_names_its_statement() -> None:
    denied = evaluated(decision="explicitDeny", matched=(GUARD,), blocked_by=PolicyType.SCP)
    result = judged([denied])
    assert "statement RegionLock of the service control policy (SCP) guard.json, line 4" in result.summary
    assert result.evidence[0].decided_by == GUARD
    assert "ask the organization's administrator to stop denying" in asked([denied])


@pytest.mark.parametrize(
    ("decision", "ref", "layer", "text"),
    [
        ("explicitDeny", None, PolicyType.SCP, "a Deny of the service control policy (SCP) matched"),
        ("implicitDeny", None, PolicyType.BOUNDARY, "no Allow of a permissions boundary matched"),
        ("explicitDeny", replace(GUARD, sid=None), PolicyType.SCP, "Statement[0] of"),
        ("explicitDeny", replace(GUARD, sid=None, index=None, line=None), PolicyType.SCP, "a statement of"),
    ],
)
def test_what_decided_is_said(decision: str, ref: StatementRef | None, layer: PolicyType, text: str) -> None:
    one = evaluated(decision=decision, matched=() if ref is None else (ref,), blocked_by=layer)
    assert text in judged([one]).summary


def test_what_is_open_is_named_as_the_policies_spell_it() -> None:
    result = judged([uncertain(open_keys=frozenset({"aws:sourceip"}))], {"aws:sourceip": "aws:SourceIp"})
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourceip",))
    assert "depends on aws:SourceIp" in result.summary


@pytest.mark.parametrize(
    ("layer", "name", "cure"),
    [
        (PolicyType.IDENTITY, "identity policy", "--policy FILE"),
        (PolicyType.BOUNDARY, "permissions boundary", "--boundary FILE"),
        (PolicyType.SCP, "service control policy (SCP)", "--scp FullAWSAccess"),
        (PolicyType.RCP, "resource control policy (RCP)", "--rcp RCPFullAWSAccess"),
        (PolicyType.RESOURCE, "resource policy", f"--resource-policy {CREATE.resource}=FILE"),
    ],
)
def test_an_unread_layer_is_named_with_what_would_settle_it(layer: PolicyType, name: str, cure: str) -> None:
    evaluations = [uncertain(open_layers=frozenset({layer})), evaluated(CREATE_CONFIG)]
    result = judged(evaluations)
    assert result.status is Status.UNKNOWN
    assert f"it depends on what nobody has read: {name}" in result.summary
    (text,) = layer_cures(evaluations)
    assert cure in text
    assert ("another --engine" in layer_cures(evaluations, by_aws=True)[0]) is (layer is not PolicyType.IDENTITY)


def test_nobody_can_give_a_session_policy_and_a_certain_decision_needs_no_layer() -> None:
    session = frozenset({PolicyType.SESSION})
    assert layer_cures([uncertain(open_layers=session)]) == []
    assert layer_cures([evaluated(open_layers=frozenset({PolicyType.SCP}))]) == []


def test_a_denial_wins_over_what_is_open() -> None:
    denied = evaluated(CREATE_CONFIG, "implicitDeny")
    assert judged([uncertain(open_keys=frozenset({"aws:sourceip"})), denied]).status is Status.FAIL


def test_long_lists_are_shortened() -> None:
    requests = [replace(CREATE, resource=f"{ENDPOINT}-{number}") for number in range(9)]
    result = judged([evaluated(request, "implicitDeny") for request in requests])
    assert "and 8 more of 9" in result.summary
    assert len(result.evidence) == 9
    reasons = [
        evaluated(request, "explicitDeny", matched=(replace(GUARD, sid=f"S{at}"),))
        for at, request in enumerate(requests)
    ]
    assert judged(reasons[:3]).summary.count("statement S") == 3
    assert "more" not in judged(reasons[:1]).summary
    assert "; and 1 more" in judged(reasons[:4]).summary
    assert "; and 6 more" in judged(reasons).summary


CAPITALS = replace(CREATE, resource=ENDPOINT.replace("churn", "Churn"))


@pytest.mark.parametrize(
    ("one", "other", "status"),
    [
        ("allowed", "allowed", Status.PASS),
        ("allowed", "implicitDeny", Status.UNKNOWN),
        ("explicitDeny", "allowed", Status.UNKNOWN),
        ("explicitDeny", "implicitDeny", Status.FAIL),
    ],
)
def test_both_spellings_of_a_name_count(one: str, other: str, status: Status) -> None:
    result = judged([evaluated(decision=one), evaluated(CAPITALS, other)])
    assert result.status is status
    assert ("spelling" in result.summary) is (status is Status.UNKNOWN)


def test_a_role_in_another_case_is_another_role() -> None:
    passing = replace(CREATE, action="iam:PassRole", resource=ROLE)
    other = replace(passing, resource=ROLE.replace("/ci", "/CI"))
    assert judged([evaluated(passing), evaluated(other, "implicitDeny")]).status is Status.FAIL


def test_the_same_call_for_two_purposes_is_two_calls_and_no_other_spelling() -> None:
    to_sagemaker = Request("iam:PassRole", ROLE, context={"iam:PassedToService": "sagemaker.amazonaws.com"})
    to_scaling = replace(to_sagemaker, context={"iam:PassedToService": "application-autoscaling.amazonaws.com"})
    result = judged([evaluated(to_sagemaker), evaluated(to_scaling, "implicitDeny")])

    assert result.status is Status.FAIL


def test_a_denial_counts_what_is_not_certain_apart() -> None:
    denied = evaluated(CREATE_CONFIG, "implicitDeny")
    assert "not certain" not in judged([evaluated(), denied]).summary
    result = judged([uncertain(open_keys=frozenset({"aws:sourceip"})), denied])
    assert result.summary.startswith(f"denied: sagemaker:CreateEndpointConfig on {CONFIG}: ")
    assert result.summary.endswith("; not certain: 1 of 2")
    assert [one.status for one in result.evidence] == [Status.UNKNOWN, Status.FAIL]


def test_denied_for_whichever_reason_is_denied() -> None:
    either = evaluated(decision="implicitDeny", certain=False, open_keys=frozenset({"aws:sourceip"}))
    result = judged([either])
    assert result.status is Status.FAIL
    assert "not certain" not in result.summary
    assert [one.status for one in result.evidence] == [Status.FAIL]
