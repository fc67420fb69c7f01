"""AWS's simulator: the calls that are made, and how answers are read; over real HTTP, with answers in AWS's shapes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from iamcheck.aws.clients import make_client
from iamcheck.errors import AwsUnavailableError, InvalidInputError, UnsupportedElementError
from iamcheck.iam.model import UNREAD, ContextValue, KeyType, Policy, PolicySet, PolicyType, Request
from iamcheck.simulators.aws import AwsSimulator
from iamcheck.simulators.aws_request import context_entries
from tests.server import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iamcheck.iam.model import ContextInput
    from tests.server import LoopbackAws

CONFIG = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/churn-v7"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
ROLE = "arn:aws:iam::123456789012:role/ci"
CREATE_CONFIG = Request("sagemaker:CreateEndpointConfig", CONFIG, context={"aws:RequestedRegion": "eu-west-1"})
CREATE_AT_CONFIG = replace(CREATE_CONFIG, action="sagemaker:CreateEndpoint")
CREATE = replace(CREATE_AT_CONFIG, resource=ENDPOINT)
PASS_ROLE = replace(CREATE, action="iam:PassRole", resource=ROLE)
ALLOW = Policy.parse(
    """{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Others", "Effect": "Allow", "Action": "s3:*", "Resource": "*"},
    {"Sid": "Deploy", "Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}
  ]
}""",
    name="deployer",
)
GIVEN = PolicySet(identity=[ALLOW])
# what every ARN says
ACCOUNT = {"ContextKeyName": "aws:resourceaccount", "ContextKeyType": "string", "ContextKeyValues": ["123456789012"]}

Json = dict[str, Any]


def result(action: str, decisions: Mapping[str, str], **more: object) -> Json:
    """An EvaluationResult as AWS writes it: a template and the worst decision at the top."""
    return {
        "EvalActionName": action,
        "EvalResourceName": "arn:aws:sagemaker:${Region}:${Account}:endpoint/${EndpointName}",
        "EvalDecision": "implicitDeny",
        "ResourceSpecificResults": [
            {"EvalResourceName": arn, "EvalResourceDecision": decision, **more} for arn, decision in decisions.items()
        ],
    }


class Simulator:
    """AWS's side: answers every call by a function and keeps what was asked."""

    def __init__(self, answer: Callable[[Json], Json] | None = None) -> None:
        self.asked: list[Json] = []
        self._answer = answer or self._allow

    @staticmethod
    def _allow(asked: Json) -> Json:
        decisions = dict.fromkeys(asked["ResourceArns"], "allowed")
        return {"EvaluationResults": [result(action, decisions) for action in asked["ActionNames"]]}

    def simulate_custom_policy(self, **asked: object) -> Json:
        self.asked.append(asked)
        return self._answer(asked)

    simulate_principal_policy = simulate_custom_policy

    def pairs(self) -> list[tuple[str, str]]:
        """Every action with every ARN that it was asked about."""
        return [(action, arn) for one in self.asked for action in one["ActionNames"] for arn in one["ResourceArns"]]


def over_http(aws: LoopbackAws, simulator: Simulator) -> AwsSimulator:
    aws.iam.simulator = lambda **_: simulator
    return AwsSimulator(make_client(aws.session(attempts=1), "iam"))


def refused(code: str, message: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(answer, "SimulateCustomPolicy")


def test_each_request_is_asked_and_answered_once(aws: LoopbackAws) -> None:
    simulator = Simulator()
    requests = [CREATE, CREATE_CONFIG, PASS_ROLE, CREATE_AT_CONFIG]
    answers = over_http(aws, simulator).simulate(requests, GIVEN)
    assert [one.request for one in answers] == requests
    assert {one.simulator for one in answers} == {AwsSimulator(simulator).name}
    assert {one.decision for one in answers} == {"allowed"}
    assert sorted(simulator.pairs()) == sorted((one.action, one.resource) for one in requests)


def test_an_answer_of_aws_alone_is_not_certain(aws: LoopbackAws) -> None:
    (answer,) = over_http(aws, Simulator()).simulate([CREATE], replace(GIVEN, scps=UNREAD))
    assert answer.allowed is None
    assert answer.simulator == "aws"
    assert answer.open_layers == {PolicyType.SCP}


def test_actions_on_the_same_arns_share_a_call_if_they_accept_the_same_types() -> None:
    simulator = Simulator()
    requests = [replace(CREATE, action=f"sagemaker:{name}") for name in ("DescribeEndpoint", "DeleteEndpoint")]
    AwsSimulator(simulator).simulate([*requests, CREATE], GIVEN)
    assert [one["ActionNames"] for one in simulator.asked] == [
        ["sagemaker:DescribeEndpoint", "sagemaker:DeleteEndpoint"],
        ["sagemaker:CreateEndpoint"],
    ]


def test_requests_of_different_contexts_do_not_share_a_call() -> None:
    simulator = Simulator()
    AwsSimulator(simulator).simulate([CREATE, replace(CREATE_AT_CONFIG, context={})], GIVEN)
    region = {"ContextKeyName": "aws:RequestedRegion", "ContextKeyType": "string", "ContextKeyValues": ["eu-west-1"]}
    assert [one["ContextEntries"] for one in simulator.asked] == [[region, ACCOUNT], [ACCOUNT]]


def test_without_a_context_none_is_sent() -> None:
    simulator = Simulator()
    AwsSimulator(simulator).simulate([Request("s3:GetObject", "arn:aws:s3:::bucket/key")], GIVEN)
    assert "ContextEntries" not in simulator.asked[0]


def test_what_a_principal_says_is_sent() -> None:
    simulator = Simulator()
    user = "arn:aws:iam::123456789012:user/team/ann"
    AwsSimulator(simulator).simulate([replace(CREATE, principal=user, context={})], GIVEN)
    sent = {one["ContextKeyName"]: one["ContextKeyValues"] for one in simulator.asked[0]["ContextEntries"]}
    assert sent == {
        "aws:principalaccount": ["123456789012"],
        "aws:principalarn": [user],
        "aws:resourceaccount": ["123456789012"],
        "aws:username": ["ann"],
    }


def test_at_most_twenty_arns_a_call() -> None:
    simulator = Simulator()
    requests = [replace(CREATE, resource=f"{ENDPOINT}-{number}") for number in range(45)]
    AwsSimulator(simulator).simulate(requests, GIVEN)
    assert [len(one["ResourceArns"]) for one in simulator.asked] == [20, 20, 5]


def test_a_star_is_never_sent_beside_arns() -> None:
    def answer(asked: Json) -> Json:
        if asked["ResourceArns"] == ["*"]:
            return {"EvaluationResults": [{"EvalActionName": "sagemaker:CreateEndpoint", "EvalDecision": "allowed"}]}
        return {"EvaluationResults": [result("sagemaker:CreateEndpoint", {ENDPOINT: "implicitDeny"})]}

    answers = AwsSimulator(Simulator(answer)).simulate([CREATE, replace(CREATE, resource="*")], GIVEN)
    assert [one.decision for one in answers] == ["implicitDeny", "allowed"]


def test_decisions_are_read_by_arn(aws: LoopbackAws) -> None:
    decisions = {ENDPOINT: "allowed", CONFIG: "explicitDeny"}
    simulator = Simulator(lambda _: {"EvaluationResults": [result("sagemaker:CreateEndpoint", decisions)]})
    answers = over_http(aws, simulator).simulate([CREATE_AT_CONFIG, CREATE], GIVEN)
    assert [one.decision for one in answers] == ["explicitDeny", "allowed"]


@pytest.mark.parametrize(
    ("key", "value", "kind", "texts"),
    [
        ("aws:RequestedRegion", "eu-west-1", "string", ["eu-west-1"]),
        ("aws:TagKeys", ["a", "b"], "stringList", ["a", "b"]),
        ("aws:TagKeys", "a", "stringList", ["a"]),
        ("sagemaker:InstanceTypes", ["ml.m5.large"], "stringList", ["ml.m5.large"]),
        ("aws:SecureTransport", True, "boolean", ["true"]),
        ("aws:MultiFactorAuthAge", 17, "numeric", ["17"]),
        ("aws:SourceIp", "192.0.2.1", "ip", ["192.0.2.1"]),
        ("aws:RequestTag/team", ["ml"], "string", ["ml"]),
        (
            "aws:CurrentTime",
            datetime(2026, 9, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            "date",
            ["2026-09-01T10:00:00.000Z"],
        ),
        ("made:Up", "text", "string", ["text"]),
        ("made:Up", False, "boolean", ["false"]),
        ("made:Up", Decimal("1.50"), "numeric", ["1.50"]),
        ("made:Up", [1, 2], "numericList", ["1", "2"]),
        ("made:Up", b"\0", "binary", ["AA=="]),
        ("aws:SourceIp", ContextValue(("x",), KeyType.STRING_LIST), "stringList", ["x"]),
        ("made:Up", ContextValue(("x",), many=True), "stringList", ["x"]),
        ("made:Up", ContextValue(("x",)), "string", ["x"]),
    ],
)
def test_context_is_sent_with_its_type(key: str, value: ContextInput, kind: str, texts: list[str]) -> None:
    simulator = Simulator()
    AwsSimulator(simulator).simulate([replace(CREATE, context={key: value})], GIVEN)
    assert simulator.asked[0]["ContextEntries"] == sorted(
        [ACCOUNT, {"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": texts}],
        key=lambda entry: str(entry["ContextKeyName"]),
    )


def test_an_empty_list_is_an_absent_key() -> None:
    entries = context_entries(replace(CREATE, context={"aws:TagKeys": []}))
    assert [name for name, _, _ in entries] == ["aws:resourceaccount"]


def test_two_values_of_a_single_valued_key_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="aws:RequestedRegion is a key of one value"):
        AwsSimulator(Simulator()).simulate([replace(CREATE, context={"aws:RequestedRegion": ["a", "b"]})], GIVEN)


def test_custom_policies_are_sent_by_layer(aws: LoopbackAws) -> None:
    simulator = Simulator()
    policies = PolicySet(identity=[ALLOW, ALLOW], boundary=ALLOW, scps=[[ALLOW], [ALLOW, ALLOW]], resource=ALLOW)
    over_http(aws, simulator).simulate([replace(CREATE, principal=ROLE)], policies)
    (asked,) = simulator.asked
    text = ALLOW.to_json()
    assert asked["PolicyInputList"] == [text, text]
    assert asked["PermissionsBoundaryPolicyInputList"] == [text]
    assert asked["OrderedOrganizationPolicyInputList"] == [
        {"ServiceControlPolicyInputList": [text]},
        {"ServiceControlPolicyInputList": [text, text]},
    ]
    assert (asked["ResourcePolicy"], asked["CallerArn"]) == (text, ROLE)


@pytest.mark.parametrize(
    "principal", [None, "arn:aws:sts::123456789012:assumed-role/ci/session", "arn:aws:iam::123456789012:root"]
)
def test_only_users_groups_and_roles_are_sent_as_the_caller(principal: str | None) -> None:
    simulator = Simulator()
    AwsSimulator(simulator).simulate([replace(CREATE, principal=principal)], GIVEN)
    assert "CallerArn" not in simulator.asked[0]
    with pytest.raises(InvalidInputError, match="resource policy only with the ARN"):
        AwsSimulator(simulator).simulate([replace(CREATE, principal=principal)], replace(GIVEN, resource=ALLOW))


def test_a_principal_is_asked_by_its_arn(aws: LoopbackAws) -> None:
    simulator = Simulator()
    policies = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)
    asking = replace(over_http(aws, simulator), source_arn=ROLE)
    asking.simulate([CREATE], policies)
    asking.simulate([CREATE], replace(policies, identity=[ALLOW], boundary=ALLOW))
    plain, more = simulator.asked
    assert plain["PolicySourceArn"] == ROLE
    assert not plain.keys() & {"PolicyInputList", "PermissionsBoundaryPolicyInputList", "CallerArn"}
    assert (more["PolicyInputList"], more["PermissionsBoundaryPolicyInputList"]) == ([ALLOW.to_json()],) * 2


@pytest.mark.parametrize(
    ("policies", "source", "said"),
    [
        (PolicySet(identity=[ALLOW], rcps=[[ALLOW]]), None, "rcp"),
        (PolicySet(identity=[ALLOW], session=[ALLOW]), None, "session"),
        (PolicySet(identity=UNREAD), None, "not read"),
        (PolicySet(scps=[[ALLOW]]), ROLE, "no SCPs"),
        (PolicySet(rcps=[[ALLOW]]), ROLE, "rcp"),
    ],
)
def test_what_the_simulator_does_not_take_is_refused(policies: PolicySet, source: str | None, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said) as caught:
        AwsSimulator(Simulator(), source).simulate([CREATE], policies)
    assert isinstance(caught.value, UnsupportedElementError) is (said != "not read")


def _matched(source: str, kind: str, column: int = 0) -> Json:
    place = {"StartPosition": {"Line": 1, "Column": column}, "EndPosition": {"Line": 1, "Column": column + 1}}
    return {"SourcePolicyId": source, "SourcePolicyType": kind, **place}


def test_matched_statements_are_found_in_the_users_own_text(aws: LoopbackAws) -> None:
    # the text that is sent is not the user's: positions are those of the sent one
    second = Policy.parse(ALLOW.to_json()).statements[1].start
    assert second is not None
    matched = [_matched("PolicyInputList.1", "IAM Policy", second.column)]
    simulator = Simulator(
        lambda _: {
            "EvaluationResults": [result("sagemaker:CreateEndpoint", {ENDPOINT: "allowed"}, MatchedStatements=matched)]
        }
    )
    (answer,) = over_http(aws, simulator).simulate([CREATE], GIVEN)
    (statement,) = answer.matched
    assert (statement.policy, statement.sid, statement.index, statement.line) == ("deployer", "Deploy", 1, 5)


@pytest.mark.parametrize(
    ("source", "kind", "layer"),
    [
        ("PolicyInputList.1", "IAM Policy", PolicyType.IDENTITY),
        ("PolicyInputList.9", "none", PolicyType.IDENTITY),
        ("ResourcePolicy", "Resource Policy", PolicyType.RESOURCE),
        ("PermissionsBoundaryPolicyInputList.1", "Permissions Boundary Policy", PolicyType.BOUNDARY),
        ("role_ci_inline-boundary", "role", PolicyType.IDENTITY),
        ("limits", "Permissions Boundary Policy", PolicyType.BOUNDARY),
        ("guard", "Service Control Policy", PolicyType.SCP),
        ("AdministratorAccess", "aws-managed", PolicyType.IDENTITY),
        ("thing", "resource", PolicyType.RESOURCE),
        ("thing", "a type of next year", PolicyType.IDENTITY),
    ],
)
def test_source_types_are_read_as_aws_writes_them_and_as_it_documents_them(
    source: str, kind: str, layer: PolicyType
) -> None:
    matched = [_matched(source, kind)]
    simulator = Simulator(
        lambda _: {
            "EvaluationResults": [
                result("sagemaker:CreateEndpoint", {ENDPOINT: "explicitDeny"}, MatchedStatements=matched)
            ]
        }
    )
    (answer,) = AwsSimulator(simulator).simulate([CREATE], GIVEN)
    assert answer.blocked_by is layer
    assert (answer.matched[0].policy, answer.matched[0].index) == (source, None)


def test_a_statement_without_positions_is_still_named() -> None:
    matched = [{"SourcePolicyId": "role_ci_inline"}]
    simulator = Simulator(
        lambda _: {
            "EvaluationResults": [result("sagemaker:CreateEndpoint", {ENDPOINT: "allowed"}, MatchedStatements=matched)]
        }
    )
    (answer,) = AwsSimulator(simulator).simulate([CREATE], GIVEN)
    assert (answer.matched[0].policy, answer.matched[0].line) == ("role_ci_inline", None)
    assert answer.blocked_by is None


ORGANIZATION = "OrganizationsDecisionDetail"
BOUNDARY = "PermissionsBoundaryDecisionDetail"


@pytest.mark.parametrize(
    ("decision", "organizations", "boundary", "layer"),
    [
        ("implicitDeny", None, None, PolicyType.IDENTITY),
        ("implicitDeny", True, True, PolicyType.IDENTITY),
        ("implicitDeny", True, False, PolicyType.BOUNDARY),
        ("implicitDeny", False, True, PolicyType.SCP),
        # an SCP's statements are never listed
        ("explicitDeny", False, None, PolicyType.SCP),
        ("allowed", True, True, None),
    ],
)
def test_what_blocked_is_read_from_the_details(
    aws: LoopbackAws, decision: str, organizations: bool | None, boundary: bool | None, layer: PolicyType | None
) -> None:
    more = {} if boundary is None else {BOUNDARY: {"AllowedByPermissionsBoundary": boundary}}
    answer = result("sagemaker:CreateEndpoint", {ENDPOINT: decision}, **more)
    if organizations is not None:
        answer[ORGANIZATION] = {"AllowedByOrganizations": organizations}
    simulator = Simulator(lambda _: {"EvaluationResults": [answer]})
    (read,) = over_http(aws, simulator).simulate([CREATE], GIVEN)
    assert (read.blocked_by, read.by_organizations, read.by_boundary) == (layer, organizations, boundary)


def test_pages_are_followed(aws: LoopbackAws) -> None:
    def answer(asked: Json) -> Json:
        at = int(asked.get("Marker", "0"))
        page = result(asked["ActionNames"][at], {ENDPOINT: "allowed"})
        more = at + 1 < len(asked["ActionNames"])
        return {"EvaluationResults": [page], "IsTruncated": more} | ({"Marker": str(at + 1)} if more else {})

    simulator = Simulator(answer)
    actions = ["DescribeEndpoint", "DeleteEndpoint", "InvokeEndpointAsync"]
    requests = [replace(CREATE, action=f"sagemaker:{name}") for name in actions]
    answers = over_http(aws, simulator).simulate(requests, GIVEN)
    assert [one.decision for one in answers] == ["allowed"] * 3
    assert [one.get("Marker") for one in simulator.asked] == [None, "1", "2"]


GOOD = result("sagemaker:CreateEndpoint", {ENDPOINT: "allowed"})
UNUSABLE: dict[str, Json] = {
    "nothing": {},
    "no results": {"EvaluationResults": []},
    "an empty page that goes on": {"EvaluationResults": [], "IsTruncated": True, "Marker": "1"},
    "a page that goes on without a marker": {"EvaluationResults": [GOOD], "IsTruncated": True},
    "the same marker again": {"EvaluationResults": [GOOD], "IsTruncated": True, "Marker": "1"},
    "another action": {"EvaluationResults": [result("sagemaker:DeleteEndpoint", {ENDPOINT: "allowed"})]},
    "another spelling of the ARN": {
        "EvaluationResults": [result("sagemaker:CreateEndpoint", {ENDPOINT.upper(): "allowed"})]
    },
    "the top level alone": {
        "EvaluationResults": [
            {"EvalActionName": "sagemaker:CreateEndpoint", "EvalResourceName": ENDPOINT, "EvalDecision": "allowed"}
        ]
    },
    "an unknown decision": {"EvaluationResults": [result("sagemaker:CreateEndpoint", {ENDPOINT: "maybe"})]},
    "no decision": {"EvaluationResults": [{**GOOD, "ResourceSpecificResults": [{"EvalResourceName": ENDPOINT}]}]},
    "no name": {"EvaluationResults": [{**GOOD, "ResourceSpecificResults": [{"EvalResourceDecision": "allowed"}]}]},
    "two answers": {"EvaluationResults": [GOOD, result("sagemaker:CreateEndpoint", {ENDPOINT: "explicitDeny"})]},
}


@pytest.mark.parametrize("kind", UNUSABLE)
def test_an_answer_that_does_not_answer_is_could_not_ask(aws: LoopbackAws, kind: str) -> None:
    simulator = Simulator(lambda _: UNUSABLE[kind])
    with pytest.raises(AwsUnavailableError, match="cannot be understood") as caught:
        over_http(aws, simulator).simulate([CREATE], GIVEN)
    assert (caught.value.operation, caught.value.endpoint) == ("iam:SimulateCustomPolicy", aws.url)


def test_a_flag_that_is_none_is_could_not_ask() -> None:
    answer = {**GOOD, ORGANIZATION: {"AllowedByOrganizations": "perhaps"}}
    with pytest.raises(AwsUnavailableError, match="neither true nor false"):
        AwsSimulator(Simulator(lambda _: {"EvaluationResults": [answer]})).simulate([CREATE], GIVEN)


@pytest.mark.parametrize(
    "body", [b"<html>", b"", b"<SimulateCustomPolicyResponse/>", b"<a>" * 50], ids=["html", "empty", "hollow", "cut"]
)
def test_garbage_is_could_not_ask(aws: LoopbackAws, body: bytes) -> None:
    aws.hook("iam:SimulateCustomPolicy", lambda _: Answer(200, body, {"Content-Type": "text/xml"}))
    with pytest.raises(AwsUnavailableError, match="iam:SimulateCustomPolicy"):
        over_http(aws, Simulator()).simulate([CREATE], GIVEN)


KINDS = [
    replace(CREATE, action=f"sagemaker:{name}")
    for name in ("DescribeEndpoint", "DeleteEndpoint", "InvokeEndpointAsync")
]


def _split_answer(message: str, largest: int) -> Callable[[Json], Json]:
    def answer(asked: Json) -> Json:
        if len(asked["ActionNames"]) > largest:
            raise refused("InvalidInput", message)
        return Simulator._allow(asked)

    return answer


@pytest.mark.parametrize(
    ("message", "largest", "calls"),
    [
        (
            "Invalid Input Actions: [sagemaker:DescribeEndpoint,sagemaker:InvokeEndpointAsync] and "
            "[sagemaker:DeleteEndpoint] require different authorization information.",
            2,
            [["DescribeEndpoint", "InvokeEndpointAsync"], ["DeleteEndpoint"]],
        ),
        (
            "Invalid Input Actions: [sagemaker:Other] and [x] require different authorization information.",
            1,
            [["DescribeEndpoint"], ["DeleteEndpoint"], ["InvokeEndpointAsync"]],
        ),
        (
            "These require different authorization information.",
            1,
            [["DescribeEndpoint"], ["DeleteEndpoint"], ["InvokeEndpointAsync"]],
        ),
    ],
)
def test_actions_of_different_kinds_are_split(
    aws: LoopbackAws, message: str, largest: int, calls: Sequence[Sequence[str]]
) -> None:
    simulator = Simulator(_split_answer(message, largest))
    answers = over_http(aws, simulator).simulate(KINDS, GIVEN)
    assert [one.decision for one in answers] == ["allowed"] * 3
    names = [[name.partition(":")[2] for name in one["ActionNames"]] for one in simulator.asked[1:]]
    assert names == calls


def test_a_refusal_is_not_split(aws: LoopbackAws) -> None:
    simulator = Simulator(_split_answer("Something else", 0))
    with pytest.raises(AwsUnavailableError, match="InvalidInput: Something else") as caught:
        over_http(aws, simulator).simulate(KINDS, GIVEN)
    assert caught.value.code == "InvalidInput"
    assert len(simulator.asked) == 1


def test_one_action_is_never_split_further(aws: LoopbackAws) -> None:
    simulator = Simulator(_split_answer("require different authorization information", 0))
    with pytest.raises(AwsUnavailableError, match="different authorization"):
        over_http(aws, simulator).simulate([CREATE], GIVEN)
