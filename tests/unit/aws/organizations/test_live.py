"""SCPs and RCPs as AWS Organizations has them: real calls to the loopback AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from iamcheck.aws.clients import Deadline, make_client
from iamcheck.aws.organizations import read_live
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue.organization_actions import ORGANIZATION_ACTIONS
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import UNREAD, Policy, PolicySet, PolicyType, Request
from tests.server import ALLOW_ALL, Answer, error, json_answer
from tests.server.organizations import DEFAULTS, MANAGEMENT, RCP, SCP
from tests.unit.aws.organizations.world import A, deny, live, sids

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.aws.organizations import OrganizationPolicies
    from tests.server import Call, LoopbackAws
    from tests.server.organizations import Tree

FULL_SCP = "FullAWSAccess (p-FullAWSAccess)"
FULL_RCP = "RCPFullAWSAccess (p-RCPFullAWSAccess)"


def member(aws: LoopbackAws, *, depth: int = 0, types: tuple[str, ...] = (SCP, RCP)) -> tuple[Tree, list[str]]:
    """The admin's account at a depth, let read; and the ids of the levels, root first."""
    tree = aws.organizations.create(types=types)
    levels = [tree.root]
    for number in range(depth):
        levels.append(tree.unit(f"unit{number}", levels[-1]))
    levels.append(tree.account(A, levels[-1]))
    aws.organizations.delegated.add(A)
    return tree, levels


def assert_open(found: OrganizationPolicies, *layers: PolicyType) -> None:
    assert (found.scps is UNREAD, found.rcps is UNREAD) == (PolicyType.SCP in layers, PolicyType.RCP in layers)
    assert {layer for gap in found.unread for layer in gap.layers} == set(layers)


BOTH = (PolicyType.SCP, PolicyType.RCP)


def test_an_account_in_no_organization_has_no_levels(aws: LoopbackAws) -> None:
    found = live(aws)
    assert (found.scps, found.rcps, found.unread) == ((), (), ())
    assert found.notes == (f"account {A} is in no organization: no SCPs or RCPs apply",)
    assert (found.organization_id, found.path) == (None, None)


@pytest.mark.parametrize("depth", range(6))
def test_levels_are_those_of_the_units_root_first(aws: LoopbackAws, depth: int) -> None:
    tree, levels = member(aws, depth=depth)
    for number, target in enumerate(levels):
        tree.attach(target, deny(f"S{number}"))
        tree.attach(target, deny(f"R{number}a", kind=RCP), deny(f"R{number}b", kind=RCP), kind=RCP)
    found = live(aws)
    assert sids(found.scps) == [[FULL_SCP, f"S{number}"] for number in range(depth + 2)]
    assert sids(found.rcps) == [[FULL_RCP, f"R{number}a", f"R{number}b"] for number in range(depth + 2)]
    assert found.targets == tuple(levels)
    assert found.organization_id == tree.id
    assert found.path == "/".join([tree.id, *levels[:-1], ""])
    assert (found.unread, found.notes) == ((), ())


def test_what_was_read_decides(aws: LoopbackAws) -> None:
    tree, levels = member(aws, depth=2)
    tree.attach(levels[1], deny("Stop"))
    found = live(aws)
    allow = Policy.parse(ALLOW_ALL, name="all")
    policies = PolicySet(identity=[allow], scps=found.scps, rcps=found.rcps)
    caller = f"arn:aws:iam::{A}:user/ann"
    decided = evaluate(Request("s3:GetObject", "arn:aws:s3:::b/k", principal=caller), policies)
    assert decided.allowed is False
    assert [place.policy for place in decided.matched] == [f"p2 ({_id(found, 'Stop')})"]
    assert evaluate(Request("s3:ListBucket", "arn:aws:s3:::b", principal=caller), policies).allowed is True


def _id(found: OrganizationPolicies, sid: str) -> str:
    assert found.scps is not UNREAD
    (name,) = {policy.name for level in found.scps for policy in level if policy.statements[0].sid == sid}
    return name.partition("(")[2].rstrip(")")


def test_each_thing_is_asked_once(aws: LoopbackAws) -> None:
    tree, levels = member(aws, depth=2)
    (shared,) = tree.attach(levels[0], deny("Shared"))
    for target in levels[1:]:
        tree.attach_again(target, shared)
    live(aws)
    asked = [(call.operation, json.dumps(call.parameters, sort_keys=True)) for call in aws.calls]
    assert len(asked) == len(set(asked)) == 1 + 3 + 2 * 4 + 3
    assert {f"organizations:{operation}" for operation, _ in asked} == {*ORGANIZATION_ACTIONS} - {
        "organizations:ListRoots"
    }


def test_the_management_account_has_no_levels(aws: LoopbackAws) -> None:
    tree = aws.organizations.create(management=A)
    tree.attach(tree.root, deny("Stop"))
    found = live(aws)
    assert (found.scps, found.rcps, found.unread) == ((), (), ())
    assert found.notes == (f"account {A} is the organization's management account: SCPs and RCPs do not apply to it",)
    assert found.organization_id == tree.id


def test_the_management_account_may_ask_about_a_member(aws: LoopbackAws) -> None:
    tree = aws.organizations.create(management=A)
    tree.account("111122223333", tree.root)
    tree.attach("111122223333", deny("Stop"))
    assert sids(live(aws, "111122223333").scps) == [[FULL_SCP], [FULL_SCP, "Stop"]]


def test_a_member_account_may_not_ask(aws: LoopbackAws) -> None:
    tree = aws.organizations.create()
    tree.account(A, tree.root)
    found = live(aws)
    assert_open(found, *BOTH)
    (gap,) = found.unread
    assert gap.operation == "organizations:ListParents"
    assert "You don't have permissions to access this resource." in gap.why
    assert "management account" in gap.cure
    assert [action for action in ORGANIZATION_ACTIONS[1:] if action not in str(gap)] == []
    assert (found.organization_id, found.path) == (tree.id, None)
    assert aws.actions.count("organizations:ListParents") == len(aws.calls) - 1 == 1


def test_whether_there_is_an_organization_may_be_denied_too(aws: LoopbackAws) -> None:
    aws.deny("organizations:*")
    found = live(aws)
    assert_open(found, *BOTH)
    (gap,) = found.unread
    assert (gap.operation, gap.cure) == (ORGANIZATION_ACTIONS[0], "grant organizations:DescribeOrganization on *")
    assert found.organization_id is None


def test_a_policy_that_organizations_stores_counts_where_iam_would_not_store_it(aws: LoopbackAws) -> None:
    tree, levels = member(aws, depth=0)
    statements = [
        {"Sid": "No endpoints", "Effect": "Deny", "Action": "sagemaker:CreateEndpoint", "Resource": "arn:aws:*:*:*:*"},
        {"Sid": "No endpoints", "Effect": "Deny", "Action": "sagemaker:*", "Resource": "arn:aws:iam::*:x"},
    ]
    tree.attach(levels[-1], {"Version": "2012-10-17", "Statement": statements})
    found = live(aws)
    assert found.unread == ()
    assert sids(found.scps)[-1] == [FULL_SCP, "No endpoints"]


@pytest.mark.parametrize("action", ["ListPoliciesForTarget", "DescribePolicy"])
def test_policies_may_be_denied(aws: LoopbackAws, action: str) -> None:
    member(aws, depth=1)
    aws.deny(f"organizations:{action}")
    found = live(aws)
    assert_open(found, *BOTH)
    assert [gap.operation for gap in found.unread] == [f"organizations:{action}"] * 2
    assert all("management account" in gap.cure for gap in found.unread)


def test_consolidated_billing_has_no_policies(aws: LoopbackAws) -> None:
    tree = aws.organizations.create(features="CONSOLIDATED_BILLING", types=())
    tree.account(A, tree.root)
    found = live(aws)
    assert (found.scps, found.rcps, found.unread) == ((), (), ())
    assert "consolidated billing only" in found.notes[0]


@pytest.mark.parametrize("types", [(SCP,), (RCP,), ()])
def test_a_type_that_is_not_enabled_has_no_levels(aws: LoopbackAws, types: tuple[str, ...]) -> None:
    member(aws, depth=1, types=types)
    found = live(aws)
    assert found.unread == ()
    assert found.scps == () if SCP not in types else sids(found.scps) == [[FULL_SCP]] * 3
    assert found.rcps == () if RCP not in types else sids(found.rcps) == [[FULL_RCP]] * 3
    assert len(found.notes) == 2 - len(types)
    assert all("not enabled" in note for note in found.notes)


def test_aws_may_say_itself_that_a_type_is_not_enabled(aws: LoopbackAws) -> None:
    member(aws, types=(SCP,))

    def refuse(call: Call) -> Answer | None:
        if call.parameters["Filter"] != RCP:
            return None
        return error(call.protocol, 400, "PolicyTypeNotEnabledException", "This operation requires the policy type.")

    aws.hook("organizations:ListPoliciesForTarget", refuse)
    found = live(aws)
    assert (sids(found.scps), found.rcps, found.unread) == ([[FULL_SCP]] * 2, (), ())


def test_no_policies_are_believed_only_where_the_type_is_off(aws: LoopbackAws) -> None:
    tree, levels = member(aws, depth=1)
    for target in levels:
        tree.detach(target, DEFAULTS[RCP])
    found = live(aws)
    assert_open(found, PolicyType.RCP)
    assert "the type is ENABLED" in found.unread[0].why


def test_no_policies_are_not_believed_where_nobody_may_ask_for_the_types(aws: LoopbackAws) -> None:
    member(aws, types=(SCP,))
    aws.deny("organizations:ListRoots")
    found = live(aws)
    assert_open(found, PolicyType.RCP)
    assert found.unread[0].operation == "organizations:ListRoots"


@pytest.mark.parametrize(
    "roots",
    [[], [{"Id": "r-else", "PolicyTypes": []}], [{"Id": "ROOT"}], [{"Id": "ROOT", "PolicyTypes": [{"Type": RCP}]}]],
)
def test_types_that_are_not_understood_are_not_taken_for_off(aws: LoopbackAws, roots: list[dict[str, Any]]) -> None:
    tree, _ = member(aws, types=(SCP,))
    mine = [{**one, "Id": one["Id"].replace("ROOT", tree.root)} for one in roots]
    aws.hook("organizations:ListRoots", answering({"Roots": mine}))
    assert_open(live(aws), PolicyType.RCP)


@pytest.mark.parametrize("status", ["PENDING_ENABLE", "PENDING_DISABLE"])
def test_a_type_that_is_being_switched_is_not_off(aws: LoopbackAws, status: str) -> None:
    tree, _ = member(aws, types=(SCP,))
    types = [{"Type": RCP, "Status": status}]
    aws.hook("organizations:ListRoots", answering({"Roots": [{"Id": tree.root, "PolicyTypes": types}]}))
    found = live(aws)
    assert_open(found, PolicyType.RCP)
    assert status in found.unread[0].why


@pytest.mark.parametrize("level", range(3))
def test_a_level_without_policies_is_not_believed(aws: LoopbackAws, level: int) -> None:
    tree, levels = member(aws, depth=1)
    tree.detach(levels[level], DEFAULTS[SCP])
    found = live(aws)
    assert_open(found, PolicyType.SCP)
    assert levels[level] in found.unread[0].what


@pytest.mark.parametrize("page", [1, 2, 3, 100])
def test_lists_come_in_pages(aws: LoopbackAws, page: int) -> None:
    tree, levels = member(aws)
    tree.attach(levels[1], *(deny(f"S{number}") for number in range(4)))
    aws.organizations.page = page
    assert sids(live(aws).scps) == [[FULL_SCP], [FULL_SCP, "S0", "S1", "S2", "S3"]]


def test_an_empty_page_is_not_the_last(aws: LoopbackAws) -> None:
    member(aws)

    def empty_first(call: Call) -> Answer | None:
        return None if "NextToken" in call.parameters else json_answer({"Policies": [], "NextToken": "0"})

    aws.organizations.page = 100
    aws.hook("organizations:ListPoliciesForTarget", empty_first)
    assert sids(live(aws).scps) == [[FULL_SCP]] * 2


def test_a_policy_on_two_pages_is_there_once(aws: LoopbackAws) -> None:
    member(aws)
    aws.organizations.page = 100

    def twice(call: Call) -> Answer | None:
        if "NextToken" in call.parameters or call.parameters["Filter"] != SCP:
            return None
        summary = {"Id": DEFAULTS[SCP], "Type": SCP, "Name": "FullAWSAccess"}
        return json_answer({"Policies": [summary], "NextToken": "0"})

    aws.hook("organizations:ListPoliciesForTarget", twice)
    assert sids(live(aws).scps) == [[FULL_SCP]] * 2


def answering(body: object) -> Callable[[Call], Answer]:
    return lambda _: json_answer(body)


def counting() -> Callable[[Call], Answer]:
    """Pages without end, each with a token of its own."""
    return lambda call: json_answer({"Parents": [], "NextToken": f"{call.parameters.get('NextToken', '')}x"})


ORGANIZATION: dict[str, Any] = {"Id": "o-1", "MasterAccountId": MANAGEMENT, "FeatureSet": "ALL"}
ROOT = {"Id": "r-1", "Type": "ROOT"}
MALFORMED: list[tuple[str, Callable[[Call], Answer], str]] = [
    ("DescribeOrganization", answering({}), "Organization is missing"),
    ("DescribeOrganization", answering({"Organization": "o-1"}), "cannot be understood"),
    ("DescribeOrganization", answering({"Organization": {}}), "FeatureSet is missing"),
    ("DescribeOrganization", answering({"Organization": {**ORGANIZATION, "FeatureSet": "SOME"}}), "FeatureSet SOME"),
    ("DescribeOrganization", answering({"Organization": {**ORGANIZATION, "MasterAccountId": ""}}), "MasterAccountId"),
    ("DescribeOrganization", answering([]), ""),
    ("DescribeOrganization", lambda _: Answer(200, b"<html>login</html>", {"Content-Type": "text/html"}), ""),
    ("ListParents", answering({}), "Parents is missing"),
    ("ListParents", answering({"Parents": []}), "the answer has 0"),
    ("ListParents", answering({"Parents": [ROOT, {**ROOT, "Id": "r-2"}]}), "the answer has 2"),
    ("ListParents", answering({"Parents": [{**ROOT, "Type": "ACCOUNT"}]}), "type ACCOUNT"),
    ("ListParents", answering({"Parents": [{"Id": "r-1"}]}), "Type is missing"),
    ("ListParents", answering({"Parents": [ROOT], "NextToken": "again"}), "do not end"),
    ("ListParents", answering({"Parents": [ROOT], "NextToken": 7}), "NextToken"),
    ("ListParents", counting(), "more than 200 pages"),
    ("ListParents", answering({"Parents": [{"Id": "ou-1", "Type": "ORGANIZATIONAL_UNIT"}]}), "above itself"),
    ("ListPoliciesForTarget", answering({}), "Policies is missing"),
    ("ListPoliciesForTarget", answering({"Policies": [{"Id": "p-1", "Type": "TAG_POLICY"}]}), "TAG_POLICY"),
    ("ListPoliciesForTarget", answering({"Policies": [{"Id": "p-1"}]}), "Type is missing"),
    ("DescribePolicy", answering({}), "Policy is missing"),
    ("DescribePolicy", answering({"Policy": {"Content": "{}"}}), "PolicySummary is missing"),
    (
        "DescribePolicy",
        answering({"Policy": {"PolicySummary": {"Id": "p-1", "Type": SCP, "Name": "a"}, "Content": "{}"}}),
        "another policy",
    ),
]


@pytest.mark.parametrize(("operation", "answer", "said"), MALFORMED)
def test_answers_that_are_not_understood_are_not_taken_for_no_policies(
    aws: LoopbackAws, operation: str, answer: Callable[[Call], Answer], said: str
) -> None:
    member(aws, depth=1)
    aws.hook(f"organizations:{operation}", answer)
    found = live(aws)
    assert_open(found, *BOTH)
    assert all(said in gap.why and gap.operation == f"organizations:{operation}" for gap in found.unread)


def test_units_without_end_are_not_climbed(aws: LoopbackAws) -> None:
    member(aws)
    unit = {"Type": "ORGANIZATIONAL_UNIT"}
    aws.hook(
        "organizations:ListParents",
        lambda call: json_answer({"Parents": [{"Id": f"{call.parameters['ChildId']}1", **unit}]}),
    )
    found = live(aws)
    assert_open(found, *BOTH)
    assert "no root within 20 levels" in found.unread[0].why


DOCUMENTS = [
    ("not JSON", "{"),
    ("unknown element", json.dumps({**ALLOW_ALL, "Extra": 1})),
    (
        "unknown operator",
        json.dumps(deny("x") | {"Statement": [{**deny("x")["Statement"][0], "Condition": {"No": {}}}]}),
    ),
    ("a principal", json.dumps(deny("x", kind=RCP))),
]


@pytest.mark.parametrize("document", [text for _, text in DOCUMENTS], ids=[name for name, _ in DOCUMENTS])
def test_a_policy_that_is_not_understood_leaves_its_layer_open(aws: LoopbackAws, document: str) -> None:
    tree, levels = member(aws)
    (policy,) = tree.attach(levels[0], document)
    found = live(aws)
    assert_open(found, PolicyType.SCP)
    assert sids(found.rcps) == [[FULL_RCP]] * 2
    assert policy in found.unread[0].what
    assert "its document is not understood" in found.unread[0].why


def test_one_denied_policy_leaves_its_layer_open(aws: LoopbackAws) -> None:
    tree, levels = member(aws)
    (policy,) = tree.attach(levels[1], deny("R", kind=RCP), kind=RCP)

    def refuse(call: Call) -> Answer | None:
        if call.parameters["PolicyId"] != policy:
            return None
        return error(call.protocol, 400, "PolicyNotFoundException", "gone")

    aws.hook("organizations:DescribePolicy", refuse)
    found = live(aws)
    assert_open(found, PolicyType.RCP)
    assert found.unread[0].cure == ""
    assert sids(found.scps) == [[FULL_SCP]] * 2


def test_an_account_of_elsewhere_is_not_read(aws: LoopbackAws) -> None:
    member(aws)
    assert_open(live(aws, "444455556666"), *BOTH)


def test_the_time_limit_holds(aws: LoopbackAws) -> None:
    member(aws)
    over = Deadline.after(0.0, lambda: 1.0)
    found = read_live(A, aws.client("organizations"), deadline=over)
    assert_open(found, *BOTH)
    assert "time limit" in found.unread[0].why
    assert aws.calls == ()


def test_the_order_of_answers_does_not_matter(aws: LoopbackAws) -> None:
    tree, levels = member(aws, depth=3)
    for number, target in enumerate(levels):
        tree.attach(target, deny(f"S{number}"))
    assert live(aws, max_concurrency=1) == live(aws, max_concurrency=16)


def test_nothing_runs_without_a_bound(aws: LoopbackAws) -> None:
    with pytest.raises(InvalidInputError, match="0 at a time"):
        live(aws, max_concurrency=0)


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "organizations.us-east-1.amazonaws.com"),
        ("cn-north-1", "organizations.cn-northwest-1.amazonaws.com.cn"),
        ("us-gov-east-1", "organizations.us-gov-west-1.amazonaws.com"),
    ],
)
def test_the_client_of_any_region_asks_the_one_of_its_partition(region: str, host: str) -> None:
    client = make_client(boto3.Session("AKIAEXAMPLE", "not-a-secret"), "organizations", region=region)
    assert client.meta.endpoint_url == f"https://{host}"
