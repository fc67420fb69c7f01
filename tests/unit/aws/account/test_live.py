"""The policies of a principal as IAM has them: real calls to the loopback AWS."""

from __future__ import annotations

import json
from threading import Barrier, Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from iamcheck.aws.account import AccountGap, read_live
from iamcheck.aws.clients import Deadline, make_client
from iamcheck.aws.principals import parse_principal
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import UNREAD, Policy, PolicyType
from iamcheck.results import Assumption
from iamcheck.simulators.local_iam import LocalIAM
from tests.server import Answer, error
from tests.server.identities import backend
from tests.unit.aws.account import world
from tests.unit.aws.account.world import FULL_ACCESS, IAM, A, document, managed

if TYPE_CHECKING:
    from collections.abc import Callable

    from iamcheck.aws.account import AttachedPolicies
    from tests.server import Call, LoopbackAws

SSO = "/aws-reserved/sso.amazonaws.com/eu-west-1/"
NAMESPACE = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'


def read(aws: LoopbackAws, arn: str, *, max_concurrency: int = 4) -> AttachedPolicies:
    return read_live(parse_principal(arn), aws.client("iam"), max_concurrency=max_concurrency)


def sids(found: AttachedPolicies) -> dict[str, str | None]:
    return {policy.name: policy.statements[0].sid for policy in found.policies}


@pytest.fixture
def ann(aws: LoopbackAws) -> str:
    return world.ann(aws)


def test_a_user_has_its_own_policies_and_those_of_its_groups(aws: LoopbackAws, ann: str) -> None:
    found = read(aws, ann)
    shared = f"{IAM}:policy/ml/shared"
    expected = {
        "ann-inline (inline, of user ann)": "OfAnn",
        "a@b.c=d,e-f (inline, of group ml)": "OfMl",
        shared: "shared2",
    }
    assert sids(found).items() >= expected.items()
    assert sids(found).keys() == {*expected, FULL_ACCESS}
    assert found.unread == ()
    assert found.identity == found.policies
    assert isinstance(found.boundary, Policy)
    assert (found.boundary.name, found.boundary.statements[0].sid) == (f"{IAM}:policy/ann-boundary", "Limit")
    assert found.tags == {"team": "ml", "empty": ""}
    assert found.trust is None
    assert found.assumptions == ()
    assert found.sources[shared].holders == ("user ann", "group ml", "group ops")
    assert found.sources[FULL_ACCESS].aws_managed
    assert not found.sources[shared].aws_managed
    assert found.service_linked is False


def test_the_context_of_a_user_is_known(aws: LoopbackAws, ann: str) -> None:
    found = read(aws, ann)
    facts = found.who.facts()
    assert found.unique_id is not None
    assert found.unique_id == facts.known["aws:userid"]
    assert facts.known["aws:PrincipalTag/team"] == "ml"
    assert facts.known["aws:PrincipalTag/empty"] == ""
    assert "aws:PrincipalTag/*" in facts.absent


def test_each_call_is_made_once_and_the_rounds_are_four(aws: LoopbackAws, ann: str) -> None:
    count = len(aws.calls)
    read(aws, ann, max_concurrency=1)
    calls = aws.calls[count:]
    asked = [(call.action, json.dumps(call.parameters, sort_keys=True)) for call in calls]
    assert len(set(asked)) == len(asked)
    # of ann: 4, its inline policy; 2 groups: 4, an inline policy; 3 managed policies (the boundary is one): 6
    assert len(asked) == 4 + 1 + 4 + 1 + 6
    assert [action for action, _ in asked][:4] == [
        "iam:GetUser",
        "iam:ListGroupsForUser",
        "iam:ListUserPolicies",
        "iam:ListAttachedUserPolicies",
    ]


def test_reads_of_a_round_run_side_by_side_under_the_bound(aws: LoopbackAws, ann: str) -> None:
    barrier, lock, running, most = Barrier(4), Lock(), 0, 0

    def wait(call: Call) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        if call.operation in ("GetUser", "ListGroupsForUser", "ListUserPolicies", "ListAttachedUserPolicies"):
            # only four at a time get past
            barrier.wait(60)
        with lock:
            running -= 1

    aws.hook("iam:*", wait)
    assert read(aws, ann, max_concurrency=4).unread == ()
    assert most == 4


def test_a_session_has_the_policies_of_its_role(aws: LoopbackAws) -> None:
    name = "AWSReservedSSO_Deployer_0123456789abcdef"
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
    session = aws.create_role(
        name,
        path=SSO,
        session="ann@example.com",
        policy=document("OfRole"),
        boundary=document("Limit"),
        trust=trust,
    )
    iam = aws.client("iam")
    iam.attach_role_policy(RoleName=name, PolicyArn=managed("more"))
    iam.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "ml"}])
    found = read(aws, session.arn)
    assert sids(found) == {f"{name}-inline (inline, of role {name})": "OfRole", f"{IAM}:policy/more": "more1"}
    assert (found.who.policy_source_arn, found.who.path_known) == (f"{IAM}:role{SSO}{name}", True)
    assert isinstance(found.boundary, Policy)
    assert isinstance(found.trust, Policy)
    assert found.trust.statements[0].principals is not None
    facts = found.who.facts()
    assert facts.known["aws:userid"] == f"{found.unique_id}:ann@example.com"
    assert facts.known["aws:PrincipalTag/team"] == "ml"
    assert "aws:PrincipalTag/*" not in facts.absent
    (tags,) = found.assumptions
    assert "team" in tags.text
    assert tags.settled_by == "--context"
    assert found.unread == ()


def test_a_role_without_anything_has_nothing(aws: LoopbackAws) -> None:
    aws.create_role("bare")
    found = read(aws, f"{IAM}:role/bare")
    assert (found.identity, found.boundary, found.tags, found.unread, found.assumptions) == ((), None, {}, (), ())
    assert "aws:userid" not in found.who.facts().known


def test_a_service_linked_role_is_told_by_its_path(aws: LoopbackAws) -> None:
    aws.create_role("AWSServiceRoleForX", path="/aws-service-role/x.amazonaws.com/")
    assert read(aws, f"{IAM}:role/AWSServiceRoleForX").service_linked is True


def test_a_group_has_its_policies(aws: LoopbackAws, ann: str) -> None:
    found = read(aws, f"{IAM}:group/ml")
    assert sids(found) == {"a@b.c=d,e-f (inline, of group ml)": "OfMl", f"{IAM}:policy/ml/shared": "shared2"}
    assert (found.boundary, found.tags, found.trust, found.unread) == (None, None, None, ())


def test_root_may_do_everything_and_is_not_asked_about(aws: LoopbackAws) -> None:
    count = len(aws.calls)
    found = read(aws, f"{IAM}:root")
    assert isinstance(found.identity, tuple)
    assert found.identity[0].statements[0].actions == ("*",)
    assert (found.boundary, found.unread) == (None, ())
    (root,) = found.assumptions
    assert "root user" in root.text
    # a fact of AWS: no flag settles it, and --strict does not count it
    assert root.settled_by == ""
    facts = found.who.facts()
    assert facts.known["aws:PrincipalArn"] == f"{IAM}:root"
    assert "aws:username" in facts.absent
    assert len(aws.calls) == count


def test_of_a_federated_user_nothing_is_known(aws: LoopbackAws) -> None:
    found = read(aws, f"arn:aws:sts::{A}:federated-user/ann")
    assert (found.identity, found.boundary) == (UNREAD, UNREAD)
    assert "federated user cannot be simulated" in str(found.unread[0])


def test_a_path_that_was_given_wrongly_is_put_right(aws: LoopbackAws, ann: str) -> None:
    found = read(aws, f"{IAM}:user/ann")
    assert found.who.policy_source_arn == ann
    assert found.who.facts().known["aws:PrincipalArn"] == ann
    text = f"{IAM}:user/ann is taken to be {ann}, the only user of that name"
    assert found.assumptions == (Assumption(text, "--principal"),)


# --- what may not be read

OPEN = {
    "iam:GetUser": (PolicyType.BOUNDARY,),
    "iam:ListUserPolicies": (PolicyType.IDENTITY,),
    "iam:GetUserPolicy": (PolicyType.IDENTITY,),
    "iam:ListAttachedUserPolicies": (PolicyType.IDENTITY,),
    "iam:ListGroupsForUser": (PolicyType.IDENTITY,),
    "iam:ListGroupPolicies": (PolicyType.IDENTITY,),
    "iam:GetGroupPolicy": (PolicyType.IDENTITY,),
    "iam:ListAttachedGroupPolicies": (PolicyType.IDENTITY,),
    "iam:GetPolicy": (PolicyType.IDENTITY, PolicyType.BOUNDARY),
    "iam:GetPolicyVersion": (PolicyType.IDENTITY, PolicyType.BOUNDARY),
}


@pytest.mark.parametrize("action", OPEN)
@pytest.mark.parametrize("how", ["denied", "throttled", "html", "empty", "wrong"])
def test_a_part_that_is_not_answered_is_unread_and_the_rest_is_read(
    aws: LoopbackAws, ann: str, action: str, how: str
) -> None:
    operation = action.partition(":")[2]
    empty = f"<{operation}Response {NAMESPACE}><{operation}Result></{operation}Result></{operation}Response>"
    answers: dict[str, Callable[[Call], Answer]] = {
        "throttled": lambda call: error(call.protocol, 400, "Throttling", "Rate exceeded"),
        "html": lambda _: Answer(200, b"<html><body>Please log in</body></html>", {"Content-Type": "text/html"}),
        "empty": lambda _: Answer(200, empty.encode(), {"Content-Type": "text/xml"}),
        "wrong": lambda _: Answer(200, b'{"a": ', {}),
    }
    if how == "denied":
        aws.deny(action)
    else:
        aws.hook(action, answers[how])
    found = read(aws, ann)
    layers = OPEN[action]
    assert {layer for gap in found.unread for layer in gap.layers} == set(layers)
    assert (found.identity is UNREAD) is (PolicyType.IDENTITY in layers)
    assert (found.boundary is UNREAD) is (PolicyType.BOUNDARY in layers)
    assert {gap.operation for gap in found.unread} == {action}
    assert all(bool(gap.grant_on) is (how == "denied") for gap in found.unread)
    assert all("\n" not in str(gap) for gap in found.unread)
    if action == "iam:GetUser":
        assert (found.tags, found.unique_id, found.who.policy_source_arn) == (None, None, ann)
    else:
        assert found.tags == {"team": "ml", "empty": ""}


def test_what_is_denied_says_what_to_grant_on_what(aws: LoopbackAws, ann: str) -> None:
    for action in ("iam:GetGroupPolicy", "iam:GetPolicy", "iam:ListUserPolicies"):
        aws.deny(action)
    shared = f"{IAM}:policy/ml/shared"
    grants = {(gap.operation, gap.grant_on) for gap in read(aws, ann).unread}
    assert grants == {
        ("iam:ListUserPolicies", ann),
        ("iam:GetGroupPolicy", f"{IAM}:group/ml"),
        ("iam:GetPolicy", shared),
        ("iam:GetPolicy", FULL_ACCESS),
        ("iam:GetPolicy", f"{IAM}:policy/ann-boundary"),
    }
    gaps = [str(gap) for gap in read(aws, ann).unread]
    assert any(
        gap.startswith(f"the policy {shared}") and gap.endswith(f"(grant iam:GetPolicy on {shared})") for gap in gaps
    )
    assert any(gap.startswith(f"the permissions boundary {IAM}:policy/ann-boundary") for gap in gaps)


def test_what_is_denied_of_a_session_is_granted_on_its_role(aws: LoopbackAws) -> None:
    session = aws.create_role("ci", path="/team/", policy=document("OfRole"))
    aws.deny("iam:ListRolePolicies")
    (gap,) = read(aws, session.arn).unread
    assert (gap.operation, gap.grant_on) == ("iam:ListRolePolicies", f"{IAM}:role/team/ci")


def test_a_role_that_may_not_be_read_has_no_path_and_no_trust_policy(aws: LoopbackAws) -> None:
    session = aws.create_role("ci", path="/team/", policy=document("OfRole"))
    aws.deny("iam:GetRole")
    found = read(aws, session.arn)
    assert (found.who.policy_source_arn, found.who.path_known) == (f"{IAM}:role/ci", False)
    assert (found.boundary, found.trust, found.tags) == (UNREAD, UNREAD, None)
    assert "aws:userid" not in found.who.facts().known
    assert isinstance(found.identity, tuple)
    (path,) = found.assumptions
    assert "iam:GetRole" in path.text
    assert path.settled_by == "--principal"


def test_a_principal_that_does_not_exist_is_unread(aws: LoopbackAws) -> None:
    found = read(aws, f"{IAM}:user/gone")
    assert (found.identity, found.boundary) == (UNREAD, UNREAD)
    assert all("NoSuchEntity" in gap.why and not gap.grant_on for gap in found.unread)


@pytest.mark.parametrize(
    ("operation", "text"),
    [("GetUserPolicy", '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Note": "x"}]}')]
    + [("GetUserPolicy", text) for text in ("no JSON", "{}", "[]")],
)
def test_a_document_that_is_not_understood_is_unread(aws: LoopbackAws, ann: str, operation: str, text: str) -> None:
    aws.hook(f"iam:{operation}", lambda _: _user_policy(quote(text)))
    found = read(aws, ann)
    assert found.identity is UNREAD
    (gap,) = found.unread
    assert gap.layers == (PolicyType.IDENTITY,)
    assert "ann-inline (inline, of user ann)" in str(gap)
    assert len(found.policies) == 3


def test_a_boundary_or_trust_policy_that_is_not_understood_is_unread(aws: LoopbackAws) -> None:
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}
    aws.create_role("ci", boundary=document("Limit"), trust=trust)
    odd = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Odd": "x"}]}
    client = _Client(aws.client("iam"), get_policy_version={"PolicyVersion": {"VersionId": "v1", "Document": odd}})
    found = read_live(parse_principal(f"{IAM}:role/ci"), client)
    assert (found.boundary, found.trust) == (UNREAD, UNREAD)
    assert isinstance(found.identity, tuple)
    assert {gap.layers for gap in found.unread} == {(PolicyType.BOUNDARY,), (PolicyType.RESOURCE,)}


def _user_policy(document: str, *, user: str = "ann", policy: str = "ann-inline") -> Answer:
    body = (
        f"<GetUserPolicyResponse {NAMESPACE}><GetUserPolicyResult><UserName>{user}</UserName>"
        f"<PolicyName>{policy}</PolicyName><PolicyDocument>{document}</PolicyDocument>"
        "</GetUserPolicyResult></GetUserPolicyResponse>"
    )
    return Answer(200, body.encode(), {"Content-Type": "text/xml"})


class _Client:
    """A client with the answers of another, but for one operation: as a library's user may give it."""

    def __init__(self, client: object, **answers: object) -> None:
        self._client, self._answers = client, answers

    def __getattr__(self, name: str) -> object:
        return (lambda **_: self._answers[name]) if name in self._answers else getattr(self._client, name)


TEXT = json.dumps(document("Text"))


@pytest.mark.parametrize("text", [TEXT, quote(TEXT), quote(f"\n {TEXT}"), json.loads(TEXT)])
def test_documents_may_be_objects_or_text(aws: LoopbackAws, ann: str, text: object) -> None:
    client = _Client(
        aws.client("iam"),
        get_user_policy={"UserName": "ann", "PolicyName": "ann-inline", "PolicyDocument": text},
    )
    found = read_live(parse_principal(ann), client)
    assert sids(found)["ann-inline (inline, of user ann)"] == "Text"


USER = {"UserName": "ann", "UserId": "AIDAEXAMPLE", "Arn": f"{IAM}:user/team/ann"}
SHARED = f"{IAM}:policy/ml/shared"


@pytest.mark.parametrize(
    ("method", "answer", "layer"),
    [
        ("get_user", {}, PolicyType.BOUNDARY),
        ("get_user", {"User": "ann"}, PolicyType.BOUNDARY),
        ("get_user", {"User": {**USER, "Arn": f"{IAM}:user/bob"}}, PolicyType.BOUNDARY),
        ("get_user", {"User": {**USER, "Arn": "arn:aws:iam::210987654321:user/ann"}}, PolicyType.BOUNDARY),
        ("get_user", {"User": {**USER, "UserId": ""}}, PolicyType.BOUNDARY),
        ("get_user", {"User": {**USER, "Tags": [{"Key": "team"}]}}, PolicyType.BOUNDARY),
        ("get_user", {"User": {**USER, "PermissionsBoundary": {}}}, PolicyType.BOUNDARY),
        ("get_user", {"User": {**USER, "PermissionsBoundary": {"PermissionsBoundaryArn": "x"}}}, PolicyType.BOUNDARY),
        ("list_user_policies", {"PolicyNames": [1], "IsTruncated": False}, PolicyType.IDENTITY),
        ("list_user_policies", {"IsTruncated": False}, PolicyType.IDENTITY),
        ("list_user_policies", {"PolicyNames": [], "IsTruncated": True}, PolicyType.IDENTITY),
        ("list_user_policies", {"PolicyNames": [], "IsTruncated": "no", "Marker": "m"}, PolicyType.IDENTITY),
        ("list_user_policies", {"PolicyNames": [], "IsTruncated": True, "Marker": "same"}, PolicyType.IDENTITY),
        ("list_attached_user_policies", {"AttachedPolicies": [{"PolicyName": "x"}]}, PolicyType.IDENTITY),
        (
            "list_attached_user_policies",
            {"AttachedPolicies": [{"PolicyArn": "arn:aws:iam::210987654321:policy/x"}]},
            PolicyType.IDENTITY,
        ),
        ("list_groups_for_user", {"Groups": [{"GroupName": "ml"}]}, PolicyType.IDENTITY),
        (
            "get_user_policy",
            {"UserName": "ann", "PolicyName": "other", "PolicyDocument": document("X")},
            PolicyType.IDENTITY,
        ),
        (
            "get_user_policy",
            {"UserName": "bob", "PolicyName": "ann-inline", "PolicyDocument": document("X")},
            PolicyType.IDENTITY,
        ),
        ("get_user_policy", {"UserName": "ann", "PolicyName": "ann-inline"}, PolicyType.IDENTITY),
        ("get_user_policy", {"UserName": "ann", "PolicyName": "ann-inline", "PolicyDocument": 7}, PolicyType.IDENTITY),
        ("get_policy", {"Policy": {"Arn": f"{IAM}:policy/other", "DefaultVersionId": "v1"}}, PolicyType.IDENTITY),
        ("get_policy_version", {"PolicyVersion": {"VersionId": "v9", "Document": document("X")}}, PolicyType.IDENTITY),
        ("get_policy_version", {"PolicyVersion": {"VersionId": "v2"}}, PolicyType.IDENTITY),
    ],
)
def test_an_answer_that_is_not_about_it_leaves_it_unread(
    aws: LoopbackAws, ann: str, method: str, answer: object, layer: PolicyType
) -> None:
    found = read_live(parse_principal(ann), _Client(aws.client("iam"), **{method: answer}))
    assert any(layer in gap.layers for gap in found.unread)
    assert {PolicyType.IDENTITY: found.identity, PolicyType.BOUNDARY: found.boundary}[layer] is UNREAD


def test_a_client_without_these_operations_leaves_all_unread() -> None:
    found = read_live(parse_principal(f"{IAM}:user/ann"), LocalIAM(A))
    assert (found.identity, found.boundary) == (UNREAD, UNREAD)
    assert "the client that was given does not have it" in str(found.unread[0])


# --- pages


class _Paged:
    """Serves ListAttachedUserPolicies in pages of its own."""

    def __init__(self, aws: LoopbackAws, pages: list[tuple[list[str], str | None]]) -> None:
        self.asked: list[object] = []
        self._pages = pages
        aws.hook("iam:ListAttachedUserPolicies", self._answer)

    def _answer(self, call: Call) -> Answer:
        self.asked.append(call.parameters.get("Marker"))
        arns, marker = self._pages[min(len(self.asked), len(self._pages)) - 1]
        members = "".join(
            f"<member><PolicyName>{arn.rpartition('/')[2]}</PolicyName><PolicyArn>{arn}</PolicyArn></member>"
            for arn in arns
        )
        more = (
            "<IsTruncated>false</IsTruncated>"
            if marker is None
            else (f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>")
        )
        body = (
            f"<ListAttachedUserPoliciesResponse {NAMESPACE}><ListAttachedUserPoliciesResult>"
            f"<AttachedPolicies>{members}</AttachedPolicies>{more}"
            "</ListAttachedUserPoliciesResult></ListAttachedUserPoliciesResponse>"
        )
        return Answer(200, body.encode(), {"Content-Type": "text/xml"})


def test_all_pages_are_read_empty_ones_too(aws: LoopbackAws) -> None:
    arns = [managed(f"p{number}") for number in range(3)]
    ann = aws.create_user("ann").arn
    paged = _Paged(aws, [(arns[:1], "m1"), ([], "m2"), (arns[:2], "m3"), (arns[2:], None)])
    found = read(aws, ann)
    assert list(sids(found)) == arns
    assert paged.asked == [None, "m1", "m2", "m3"]
    assert found.unread == ()


def test_many_policies_come_in_pages_of_the_server(aws: LoopbackAws) -> None:
    ann = aws.create_user("ann").arn
    iam = backend(A, "aws")
    for number in range(120):
        iam.attach_user_policy(managed(f"p{number:03}"), "ann")
    found = read(aws, ann)
    assert len(found.policies) == 120
    assert aws.actions.count("iam:ListAttachedUserPolicies") == 2


@pytest.mark.parametrize(("marker", "why"), [("same", "do not end"), (None, "more than 200 pages")])
def test_pages_without_an_end_are_unread(aws: LoopbackAws, marker: str | None, why: str) -> None:
    ann = aws.create_user("ann").arn
    pages: list[tuple[list[str], str | None]] = [([], marker or f"m{number}") for number in range(200)]
    paged = _Paged(aws, pages)
    found = read(aws, ann)
    assert found.identity is UNREAD
    assert [why in gap.why for gap in found.unread] == [True]
    assert len(paged.asked) <= 200


# --- limits


def test_a_deadline_that_has_passed_leaves_all_unread(aws: LoopbackAws, ann: str) -> None:
    deadline = Deadline.after(0.0, lambda: 1.0)
    found = read_live(parse_principal(ann), make_client(aws.session(), "iam"), deadline=deadline)
    assert (found.identity, found.boundary) == (UNREAD, UNREAD)
    assert all("--timeout" in gap.why for gap in found.unread)


def test_a_bound_below_one_is_bad_input(aws: LoopbackAws, ann: str) -> None:
    with pytest.raises(InvalidInputError, match="--max-concurrency"):
        read(aws, ann, max_concurrency=0)


def test_a_gap_reads_as_a_sentence() -> None:
    gap = AccountGap(
        "the groups of user ann", "AccessDenied", (PolicyType.IDENTITY,), "iam:ListGroupsForUser", f"{IAM}:user/ann"
    )
    assert str(gap) == f"the groups of user ann: AccessDenied (grant iam:ListGroupsForUser on {IAM}:user/ann)"
