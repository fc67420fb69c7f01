"""`principal.allowed`: three answers, and what decided; over real HTTP where AWS is asked."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.aws.clients import Deadline, make_client
from iamcheck.aws.principals import parse_principal, resolve
from iamcheck.checks.principal.decisions import by_aws, by_policies
from iamcheck.checks.principal.judging import judge
from iamcheck.iam.model import Decision, Evaluation, Policy, PolicySet, PolicyType, Request, StatementRef
from iamcheck.permissions import RequiredPermission
from iamcheck.results import Status
from iamcheck.simulators.aws import AwsSimulator
from tests.server import Answer
from tests.unit.simulators.test_aws import Simulator, refused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.checks.principal.decisions import Outcome
    from tests.server import LoopbackAws

CONFIG = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
ROLE = "arn:aws:iam::123456789012:role/ci"
CREATE = Request("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:RequestedRegion": "eu-west-1"})
CREATE_CONFIG = replace(CREATE, action="sagemaker:CreateEndpointConfig", resource=CONFIG)
GUARD = StatementRef(PolicyType.SCP, "guard.json", "RegionLock", 0, line=4)
ALLOW = Policy.parse({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
CONDITIONAL = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
        },
    }
)


def needed(*requests: Request) -> tuple[RequiredPermission, ...]:
    return tuple(RequiredPermission(request, "it is needed", "https://docs.aws.amazon.com/") for request in requests)


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


def test_all_certain_and_allowed_is_a_pass() -> None:
    result = judge([evaluated(), evaluated(CREATE_CONFIG)])
    assert (result.id, result.status) == ("principal.allowed", Status.PASS)
    assert [(one.action, one.resource) for one in result.evidence] == [
        ("sagemaker:CreateEndpoint", ENDPOINT),
        ("sagemaker:CreateEndpointConfig", CONFIG),
    ]


def test_nothing_asked_is_no_pass() -> None:
    assert judge([]).status is Status.UNKNOWN


def test_an_implicit_deny_names_decision_and_arn() -> None:
    result = judge([evaluated(), evaluated(CREATE_CONFIG, "implicitDeny", blocked_by=PolicyType.IDENTITY)])
    assert result.status is Status.FAIL
    assert "implicitDeny" in result.summary
    assert CONFIG in result.summary
    assert "no Allow of an identity policy matched" in result.summary
    assert result.remedy is not None
    assert CONFIG in result.remedy.text


def test_an_explicit_deny_names_its_statement() -> None:
    denied = evaluated(decision="explicitDeny", matched=(GUARD,), blocked_by=PolicyType.SCP)
    result = judge([denied])
    assert "statement RegionLock of the service control policy (SCP) guard.json, line 4" in result.summary
    assert result.evidence[0].decided_by == GUARD
    assert result.remedy is not None
    assert "the organization's administrator" in result.remedy.text


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
    assert text in judge([one]).summary


def test_what_is_open_is_named_with_what_would_settle_it() -> None:
    result = judge([uncertain(open_keys=frozenset({"aws:sourceip"}))], {"aws:sourceip": "aws:SourceIp"})
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourceip",))
    assert "depends on aws:SourceIp" in result.summary
    assert result.remedy is not None
    assert "--context aws:SourceIp=VALUE or --absent aws:SourceIp" in result.remedy.text


def test_an_unread_layer_is_named() -> None:
    result = judge([uncertain(open_layers=frozenset({PolicyType.SCP}))])
    assert result.status is Status.UNKNOWN
    assert "service control policy (SCP)" in result.summary
    assert result.remedy is not None
    assert "--scp FullAWSAccess" in result.remedy.text
    assert judge([uncertain(open_layers=frozenset({PolicyType.SESSION}))]).remedy is None


def test_a_denial_wins_over_what_is_open() -> None:
    denied = evaluated(CREATE_CONFIG, "implicitDeny")
    assert judge([uncertain(open_keys=frozenset({"aws:sourceip"})), denied]).status is Status.FAIL


def test_long_lists_are_shortened() -> None:
    requests = [replace(CREATE, resource=f"{ENDPOINT}-{number}") for number in range(9)]
    result = judge([evaluated(request, "implicitDeny") for request in requests])
    assert "and 8 more of 9" in result.summary
    assert len(result.evidence) == 9


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
    result = judge([evaluated(decision=one), evaluated(CAPITALS, other)])
    assert result.status is status
    assert ("spelling" in result.summary) is (status is Status.UNKNOWN)


def test_a_role_in_another_case_is_another_role() -> None:
    passing = replace(CREATE, action="iam:PassRole", resource=ROLE)
    other = replace(passing, resource=ROLE.replace("/ci", "/CI"))
    assert judge([evaluated(passing), evaluated(other, "implicitDeny")]).status is Status.FAIL


@dataclass
class Local:
    """A simulator that answers by a function."""

    answer: Callable[[Request, PolicySet], Evaluation]
    name: str = "local"
    seen: list[PolicySet] = field(default_factory=list)

    def simulate(self, requests: Sequence[Request], policies: PolicySet) -> tuple[Evaluation, ...]:
        self.seen.append(policies)
        return tuple(self.answer(request, policies) for request in requests)


def test_offline_every_layer_that_was_not_given_is_an_assumption() -> None:
    local = Local(lambda request, _: evaluated(request))
    result, assumed = by_policies(needed(CREATE), PolicySet(identity=[ALLOW]), local=local)
    assert result.status is Status.PASS
    assert [text.split(" ", 2)[1] for text in assumed] == ["permissions", "SCPs", "RCPs", "policies"]
    _, given = by_policies(
        needed(CREATE), PolicySet(identity=[ALLOW], boundary=ALLOW, scps=[[ALLOW]], rcps=[[ALLOW]]), local=local
    )
    assert len(given) == 1


def test_open_keys_are_spelled_as_the_policy_spells_them() -> None:
    local = Local(lambda request, _: uncertain(request, open_keys=frozenset({"aws:multifactorauthpresent"})))
    for policies in (
        PolicySet(identity=[CONDITIONAL]),
        PolicySet(boundary=CONDITIONAL),
        PolicySet(scps=[[CONDITIONAL]]),
        PolicySet(session=[CONDITIONAL]),
    ):
        result, _ = by_policies(needed(CREATE), policies, local=local)
        assert "aws:MultiFactorAuthPresent" in result.summary
        assert result.open_keys == ("aws:multifactorauthpresent",)


def test_each_resource_has_its_own_resource_policy() -> None:
    local = Local(
        lambda request, policies: evaluated(request, "implicitDeny" if policies.resource is None else "allowed")
    )
    result, _ = by_policies(
        needed(CREATE, CREATE_CONFIG, CREATE), PolicySet(), local=local, resource_policies={CONFIG: CONDITIONAL}
    )
    assert [one.decision for one in result.evidence] == ["implicitDeny", "allowed", "implicitDeny"]


def test_an_agreement_of_two_engines_is_a_decision() -> None:
    local = Local(lambda request, _: evaluated(request))
    result, _ = by_policies(needed(CREATE), PolicySet(identity=[ALLOW]), local=local, aws=AwsSimulator(Simulator()))
    assert result.status is Status.PASS


@pytest.mark.parametrize("decision", ["implicitDeny", "explicitDeny"])
def test_a_disagreement_of_two_engines_is_unknown(decision: str) -> None:
    local = Local(lambda request, _: evaluated(request, decision))
    result, _ = by_policies(needed(CREATE), PolicySet(identity=[ALLOW]), local=local, aws=AwsSimulator(Simulator()))
    assert result.status is Status.UNKNOWN
    assert f"AWS's simulator says allowed, and the local engine {decision}" in result.summary


def test_given_policies_and_an_aws_that_cannot_be_asked_are_unknown() -> None:
    def refuse(_: object) -> dict[str, Any]:
        raise refused("AccessDenied", "not authorized")

    local = Local(lambda request, _: evaluated(request))
    result, _ = by_policies(
        needed(CREATE), PolicySet(identity=[ALLOW]), local=local, aws=AwsSimulator(Simulator(refuse))
    )
    assert result.status is Status.UNKNOWN
    assert result.remedy is not None
    assert "grant iam:SimulateCustomPolicy on *" in result.remedy.text


class Aws:
    """AWS's side for a principal: decides by the names of the context keys that it is sent, in lower case."""

    def __init__(self, allows: Callable[[set[str]], bool] = lambda _: True, keys: Sequence[str] = ()) -> None:
        self._allows, self._keys = allows, keys
        self.asked: list[dict[str, Any]] = []
        self.organizations = False

    def get_context_keys_for_principal_policy(self, **_: object) -> dict[str, Any]:
        return {"ContextKeyNames": list(self._keys)}

    def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
        self.asked.append(asked)
        names = {entry["ContextKeyName"].lower() for entry in asked.get("ContextEntries", ())}
        decision = "allowed" if self._allows(names) else "implicitDeny"
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": "*",
                "EvalDecision": decision,
                "ResourceSpecificResults": [
                    {"EvalResourceName": arn, "EvalResourceDecision": decision} for arn in asked["ResourceArns"]
                ],
            }
            | ({"OrganizationsDecisionDetail": {"AllowedByOrganizations": True}} if self.organizations else {})
            for action in asked["ActionNames"]
        ]
        return {"EvaluationResults": results}


def asked_about(aws: LoopbackAws, world: Aws, principal: str = ROLE) -> Outcome:
    aws.iam.simulator = lambda **_: world
    deadline = Deadline.after(60, time.monotonic)
    iam = make_client(aws.session(), "iam", deadline=deadline)
    return by_aws(needed(CREATE, CREATE_CONFIG), parse_principal(principal), iam=iam, deadline=deadline)


def test_online_a_principal_that_may_passes(aws: LoopbackAws) -> None:
    world = Aws()
    result, assumed = asked_about(aws, world)
    assert result.status is Status.PASS
    assert {one["PolicySourceArn"] for one in world.asked} == {ROLE}
    assert any("RCPs" in text for text in assumed)
    assert any("no SCPs" in text for text in assumed)


def test_online_a_principal_that_may_not_fails(aws: LoopbackAws) -> None:
    result, _ = asked_about(aws, Aws(lambda _: False))
    assert result.status is Status.FAIL
    assert ENDPOINT in result.summary
    assert "implicitDeny" in result.summary


def test_online_a_decision_that_flips_is_unknown_and_names_the_key(aws: LoopbackAws) -> None:
    result, _ = asked_about(aws, Aws(lambda names: "aws:sourceip" not in names, ["aws:SourceIp"]))
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourceip",))
    assert "aws:SourceIp" in result.summary
    assert all(one.decision == "allowed" for one in result.evidence)


def test_online_a_key_that_changes_nothing_is_an_assumption(aws: LoopbackAws) -> None:
    result, assumed = asked_about(aws, Aws(keys=["aws:PrincipalTag/team"]))
    assert result.status is Status.PASS
    assert any("aws:PrincipalTag/team" in text for text in assumed)


def test_online_a_key_that_the_action_never_has_is_not_tried(aws: LoopbackAws) -> None:
    world = Aws(lambda names: "s3:prefix" not in names, ["s3:prefix"])
    result, assumed = asked_about(aws, world)
    assert result.status is Status.PASS
    assert not any("s3:prefix" in text for text in assumed)


def test_online_scps_are_probed_and_said_to_be_hidden(aws: LoopbackAws) -> None:
    world = Aws(lambda names: "aws:sourcevpce" not in names)
    world.organizations = True
    result, assumed = asked_about(aws, world)
    assert (result.status, result.open_keys) == (Status.UNKNOWN, ("aws:sourcevpce",))
    assert any("SCPs" in text and "aws:MultiFactorAuthPresent" in text for text in assumed)


@pytest.mark.parametrize("operation", ["iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy"])
def test_online_a_caller_who_may_not_ask_is_told_what_to_grant(aws: LoopbackAws, operation: str) -> None:
    aws.deny(operation)
    result, _ = asked_about(aws, Aws())
    assert result.status is Status.UNKNOWN
    assert result.remedy is not None
    assert f"grant {operation} on {ROLE}" in result.remedy.text
    (evidence,) = result.evidence
    assert evidence.call is not None
    assert (evidence.call.operation, evidence.call.endpoint, evidence.call.answer) == (
        operation,
        aws.url,
        "AccessDenied",
    )


def test_online_garbage_is_unknown(aws: LoopbackAws) -> None:
    aws.hook("iam:SimulatePrincipalPolicy", lambda _: Answer(200, b"<html></html>", {"Content-Type": "text/html"}))
    result, _ = asked_about(aws, Aws())
    assert (result.status, result.remedy) == (Status.UNKNOWN, None)
    assert "iam:SimulatePrincipalPolicy" in result.summary


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:aws:iam::123456789012:root", "root user cannot be simulated"),
        ("arn:aws:sts::123456789012:federated-user/ann", "federated user cannot be simulated"),
        ("arn:aws:sts::123456789012:assumed-role/ci/run", "was not resolved"),
    ],
)
def test_online_a_principal_that_cannot_be_simulated_is_unknown(aws: LoopbackAws, arn: str, said: str) -> None:
    world = Aws()
    result, _ = asked_about(aws, world, arn)
    assert result.status is Status.UNKNOWN
    assert said in result.summary
    assert not world.asked


def test_online_a_group_is_only_a_part_of_its_members(aws: LoopbackAws) -> None:
    result, assumed = asked_about(aws, Aws(), "arn:aws:iam::123456789012:group/ml")
    assert result.status is Status.PASS
    assert any("group" in text for text in assumed)


@pytest.mark.parametrize("may_read", [True, False])
def test_online_the_arn_of_a_role_is_unknown_where_its_path_is(aws: LoopbackAws, may_read: bool) -> None:
    # the simulator fills in aws:PrincipalArn by the ARN that it is asked about, which then may lack the path
    if not may_read:
        aws.deny("iam:GetRole")
    aws.create_role("ci", path="/team/")
    session = parse_principal("arn:aws:sts::123456789012:assumed-role/ci/run")
    principal = resolve(session, aws.client("iam"))
    world = Aws(lambda _: True, ["aws:PrincipalArn"])
    aws.iam.simulator = lambda **_: world
    _, assumed = by_aws(needed(CREATE), principal, iam=aws.client("iam"))
    assert any("aws:PrincipalArn" in text for text in assumed) is not may_read
    assert any("iam:GetRole" in text for text in assumed) is not may_read
