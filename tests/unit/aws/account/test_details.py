"""The policies of a principal as authorization details have them."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from io import BytesIO
from itertools import permutations
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import ijson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.aws.account import read_details, read_live
from iamcheck.aws.principals import parse_principal
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import UNREAD, Policy, PolicyType
from tests.unit.aws.account import world
from tests.unit.aws.account.large import ROLE, USER, write_details
from tests.unit.aws.account.world import FULL_ACCESS, IAM, document, managed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from iamcheck.aws.account import AttachedPolicies
    from tests.server import LoopbackAws

ANN = f"{IAM}:user/team/ann"
SHARED, OWN, BOUNDARY = f"{IAM}:policy/ml/shared", f"{IAM}:policy/own", f"{IAM}:policy/boundary"
PARSERS = ("yajl2_c", "python")
LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")


def _attached(*arns: str) -> list[dict[str, str]]:
    return [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]


def _entity(kind: str, name: str, **more: object) -> dict[str, Any]:
    path = "/team/"
    return {
        "Path": path,
        f"{kind}Name": name,
        f"{kind}Id": f"A{kind[0]}DA{name.upper()}",
        "Arn": f"{IAM}:{kind.lower()}{path}{name}",
        "CreateDate": "2024-01-01T00:00:00+00:00",
        f"{kind}PolicyList": [{"PolicyName": "inline", "PolicyDocument": document(f"Of{name}")}],
        "AttachedManagedPolicies": [],
        "Tags": [],
        **more,
    }


def _policy(arn: str) -> dict[str, Any]:
    name = arn.rpartition("/")[2]
    versions = [
        {"Document": document(f"{name}{number}"), "VersionId": f"v{number}", "IsDefaultVersion": number == 2}
        for number in (3, 2, 1)
    ]
    return {
        "PolicyName": name,
        "PolicyId": "ANPAEXAMPLE",
        "Arn": arn,
        "DefaultVersionId": "v2",
        "PolicyVersionList": versions,
    }


DETAILS: dict[str, Any] = {
    "UserDetailList": [
        _entity("User", "bob"),
        _entity(
            "User",
            "ann",
            GroupList=["ml", "ops"],
            AttachedManagedPolicies=_attached(OWN, SHARED),
            PermissionsBoundary={"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": BOUNDARY},
            Tags=[{"Key": "team", "Value": "ml"}],
        ),
    ],
    "GroupDetailList": [
        _entity("Group", "ml", AttachedManagedPolicies=_attached(SHARED)),
        _entity("Group", "idle", AttachedManagedPolicies=_attached(f"{IAM}:policy/unused")),
        _entity("Group", "ops", AttachedManagedPolicies=_attached(FULL_ACCESS)),
    ],
    "RoleDetailList": [
        _entity("Role", "ci", AssumeRolePolicyDocument={"Version": "2012-10-17", "Statement": []}),
    ],
    "Policies": [_policy(arn) for arn in (f"{IAM}:policy/unused", BOUNDARY, SHARED, OWN, FULL_ACCESS)],
}
ROOT_TRUST = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole"}
DETAILS["RoleDetailList"][0]["AssumeRolePolicyDocument"]["Statement"].append(ROOT_TRUST)


class _Parser:
    """A parser of ijson's that counts how often it is used."""

    def __init__(self, name: str) -> None:
        try:
            self._parse = ijson.get_backend(name).basic_parse
        except ImportError:
            pytest.skip(f"ijson has no {name} here")
        self.readings = 0

    def __call__(self, file: Any) -> Iterator[tuple[str, object]]:  # noqa: ANN401  ijson has no types
        self.readings += 1
        events: Iterator[tuple[str, object]] = self._parse(file, use_float=True)
        return events


@pytest.fixture(params=PARSERS)
def parse(request: pytest.FixtureRequest) -> _Parser:
    return _Parser(request.param)


def read(
    folder: Path, details: object, arn: str = ANN, *, parse: _Parser | None = None, indent: int | None = None
) -> AttachedPolicies:
    path = folder / "details.json"
    text = details if isinstance(details, (str, bytes)) else json.dumps(details, indent=indent)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_details(path, arn, parse=parse)


def sids(found: AttachedPolicies) -> dict[str, str | None]:
    return {policy.name: policy.statements[0].sid for policy in found.policies}


EXPECTED = {
    "inline (inline, of user ann)": "Ofann",
    "inline (inline, of group ml)": "Ofml",
    "inline (inline, of group ops)": "Ofops",
    OWN: "own2",
    SHARED: "shared2",
    FULL_ACCESS: "AmazonSageMakerFullAccess2",
}


# --- what the file says


@pytest.fixture
def account(aws: LoopbackAws) -> list[str]:
    """The ARNs of principals of every kind."""
    ann = world.ann(aws)
    role = aws.create_role("ci", path="/team/", policy=document("OfRole"), boundary=document("Limit"))
    iam = aws.client("iam")
    iam.attach_role_policy(RoleName="ci", PolicyArn=managed("more"))
    iam.tag_role(RoleName="ci", Tags=[{"Key": "team", "Value": "ml"}])
    aws.create_user("bare")
    return [
        ann,
        role.arn,
        f"{IAM}:role/team/ci",
        f"{IAM}:group/ml",
        f"{IAM}:user/bare",
        f"{IAM}:root",
        f"arn:aws:sts::{IAM.split(':')[4]}:federated-user/ann",
    ]


def test_the_file_says_the_same_as_iam(aws: LoopbackAws, account: list[str], tmp_path: Path) -> None:
    details: dict[str, Any] = dict(aws.client("iam").get_account_authorization_details())
    del details["ResponseMetadata"]
    for entry in (*details["UserDetailList"], *details["RoleDetailList"]):
        entry.setdefault("Tags", [])  # AWS names empty lists, which moto leaves out here
    text = json.dumps(details, default=str, indent=4)
    for arn in account:
        live = read_live(parse_principal(arn), aws.client("iam"))
        found = read(tmp_path, text, arn)
        # live, a group is not asked for its own id, which matters to nobody
        assert replace(found, unique_id=live.unique_id) == live


@pytest.mark.slow
def test_what_the_aws_cli_prints_is_read(aws: LoopbackAws, account: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "awscli", "iam", "get-account-authorization-details", "--output", "json"]
    done = subprocess.run(command, env=aws.environment(), stdout=subprocess.PIPE, check=True)
    found, live = read(tmp_path, done.stdout), read_live(parse_principal(account[0]), aws.client("iam"))
    assert (found.policies, found.boundary, found.tags) == (live.policies, live.boundary, live.tags)
    assert found.unread == ()
    first = [*command, "--max-items", "1"]
    page = subprocess.run(first, env=aws.environment(), stdout=subprocess.PIPE, check=True).stdout
    with pytest.raises(InvalidInputError, match="one page of several"):
        read(tmp_path, page)


def test_everything_that_reaches_a_user_is_found(tmp_path: Path, parse: _Parser) -> None:
    found = read(tmp_path, DETAILS, parse=parse, indent=4)
    assert sids(found) == EXPECTED
    assert found.unread == ()
    assert isinstance(found.boundary, Policy)
    assert found.boundary.statements[0].sid == "boundary2"
    assert (found.tags, found.unique_id) == ({"team": "ml"}, "AUDAANN")
    assert found.sources[SHARED].holders == ("user ann", "group ml")
    assert parse.readings == 1


@pytest.mark.parametrize("order", list(permutations(LISTS)))
def test_the_lists_may_come_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    parser = _Parser("python")
    expected = read(tmp_path, DETAILS)
    found = read(tmp_path, {name: DETAILS[name] for name in order}, parse=parser)
    assert found == expected
    # another reading for each reference that looks back: from users to groups, from users or groups to policies
    users, groups, policies = (order.index(LISTS[place]) for place in (0, 1, 3))
    if groups < users:
        assert parser.readings == (3 if policies < groups else 2)
    else:
        assert parser.readings == (2 if policies < groups else 1)


@pytest.mark.parametrize("reverse", [False, True])
def test_members_may_come_in_any_order(tmp_path: Path, parse: _Parser, reverse: bool) -> None:
    def ordered(value: object) -> object:
        if isinstance(value, dict):
            return {key: ordered(value[key]) for key in sorted(value, reverse=reverse)}
        return [ordered(one) for one in value] if isinstance(value, list) else value

    assert sids(read(tmp_path, ordered(DETAILS), parse=parse)) == EXPECTED


@pytest.mark.parametrize(
    "written",
    [json.dumps, lambda one: quote(json.dumps(one)), lambda one: quote(f"\n{json.dumps(one)}")],
    ids=["text", "encoded", "encoded with a newline before it"],
)
def test_documents_may_be_text(tmp_path: Path, written: Callable[[object], str]) -> None:
    details = deepcopy(DETAILS)
    for policy in details["Policies"]:
        for version in policy["PolicyVersionList"]:
            version["Document"] = written(version["Document"])
    assert sids(read(tmp_path, details)) == EXPECTED


@pytest.mark.parametrize("left_out", ["DefaultVersionId", "IsDefaultVersion"])
def test_the_default_version_is_named_in_two_ways(tmp_path: Path, left_out: str) -> None:
    details = deepcopy(DETAILS)
    for policy in details["Policies"]:
        policy.pop(left_out, None)
        for version in policy["PolicyVersionList"]:
            version.pop(left_out, None)
    assert sids(read(tmp_path, details)) == EXPECTED


def test_a_session_has_the_policies_of_its_role(tmp_path: Path) -> None:
    found = read(tmp_path, DETAILS, "arn:aws:sts::123456789012:assumed-role/ci/a@b.c=d,e-f")
    assert (found.who.policy_source_arn, found.who.path_known) == (f"{IAM}:role/team/ci", True)
    assert found.who.facts().known["aws:userid"] == "ARDACI:a@b.c=d,e-f"
    assert isinstance(found.trust, Policy)
    assert found.trust.name == "trust policy of role ci"


def test_numbers_in_documents_are_read(tmp_path: Path, parse: _Parser) -> None:
    details = deepcopy(DETAILS)
    statement = details["UserDetailList"][1]["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]
    statement["Condition"] = {
        "NumericLessThan": {"s3:max-keys": [10, 2.5, 1e30]},
        "Bool": {"aws:SecureTransport": True},
    }
    found = read(tmp_path, details, parse=parse)
    assert {value for condition in found.policies[0].statements[0].conditions for value in condition.values} == {
        "10",
        "2.5",
        "1e+30",
        "true",
    }


@pytest.mark.parametrize("prefix", [b"\xef\xbb\xbf", b"\n\n  ", b""])
def test_what_stands_before_the_text_is_passed_over(tmp_path: Path, parse: _Parser, prefix: bytes) -> None:
    assert sids(read(tmp_path, prefix + json.dumps(DETAILS).encode(), parse=parse)) == EXPECTED


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    text = json.dumps(DETAILS).encode()
    assert sids(read_details("-", ANN, stdin=BytesIO(text))) == EXPECTED
    backwards = json.dumps({name: DETAILS[name] for name in reversed(LISTS)}).encode()
    with pytest.raises(InvalidInputError, match="standard input: its lists are in an order that takes two readings"):
        read_details("-", ANN, stdin=BytesIO(backwards))


# --- what the file leaves out


def _without_groups(details: dict[str, Any]) -> None:
    del details["GroupDetailList"]


def _without_one_group(details: dict[str, Any]) -> None:
    del details["GroupDetailList"][2]


def _without_aws_managed(details: dict[str, Any]) -> None:
    del details["Policies"][4]


def _without_policies(details: dict[str, Any]) -> None:
    del details["Policies"]


def _without_boundary(details: dict[str, Any]) -> None:
    del details["Policies"][1]


def _strange_inline(details: dict[str, Any]) -> None:
    details["UserDetailList"][1]["UserPolicyList"][0]["PolicyDocument"]["Statement"][0]["Odd"] = 1


def _no_inline_document(details: dict[str, Any]) -> None:
    del details["UserDetailList"][1]["UserPolicyList"][0]["PolicyDocument"]


def _strange_group_inline(details: dict[str, Any]) -> None:
    details["GroupDetailList"][0]["GroupPolicyList"][0]["PolicyDocument"] = "no JSON"


def _strange_managed(details: dict[str, Any]) -> None:
    details["Policies"][3]["PolicyVersionList"][1]["Document"] = {"Statement": 7}


def _strange_boundary(details: dict[str, Any]) -> None:
    details["Policies"][1]["PolicyVersionList"][1]["Document"] = None


@pytest.mark.parametrize(
    ("change", "what", "layers"),
    [
        (_without_groups, "the policies of group ml", {PolicyType.IDENTITY}),
        (_without_one_group, "the policies of group ops", {PolicyType.IDENTITY}),
        (_without_aws_managed, f"the policy {FULL_ACCESS}", {PolicyType.IDENTITY}),
        (_without_policies, f"the policy {OWN}", {PolicyType.IDENTITY, PolicyType.BOUNDARY}),
        (_without_boundary, f"the permissions boundary {BOUNDARY}", {PolicyType.BOUNDARY}),
        (_strange_inline, "inline (inline, of user ann)", {PolicyType.IDENTITY}),
        (_no_inline_document, "inline (inline, of user ann)", {PolicyType.IDENTITY}),
        (_strange_group_inline, "inline (inline, of group ml)", {PolicyType.IDENTITY}),
        (_strange_managed, f"the policy {OWN}", {PolicyType.IDENTITY}),
        (_strange_boundary, f"the policy {BOUNDARY}", {PolicyType.BOUNDARY}),
    ],
)
def test_what_is_left_out_or_not_understood_is_unread(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], what: str, layers: set[PolicyType]
) -> None:
    details = deepcopy(DETAILS)
    change(details)
    found = read(tmp_path, details)
    assert what in str(found.unread[0])
    assert {layer for gap in found.unread for layer in gap.layers} == layers
    assert (found.identity is UNREAD) is (PolicyType.IDENTITY in layers)
    assert (found.boundary is UNREAD) is (PolicyType.BOUNDARY in layers)


def test_the_filter_that_would_help_is_named(tmp_path: Path) -> None:
    details = {**DETAILS, "GroupDetailList": [], "Policies": [_policy(BOUNDARY)]}
    texts = " ".join(str(gap) for gap in read(tmp_path, details).unread)
    assert "with Group in it" in texts
    assert "with LocalManagedPolicy in it" in texts
    whole = {**DETAILS, "Policies": DETAILS["Policies"][:4]}
    assert "with AWSManagedPolicy in it" in str(read(tmp_path, whole).unread[0])


def test_tags_that_the_file_does_not_speak_of_are_not_known(tmp_path: Path) -> None:
    details = deepcopy(DETAILS)
    del details["UserDetailList"][1]["Tags"]
    found = read(tmp_path, details)
    assert found.tags is None
    assert not any("PrincipalTag" in key for key in (*found.who.facts().known, *found.who.facts().absent))


def test_the_id_of_an_entity_may_be_missing(tmp_path: Path) -> None:
    details = deepcopy(DETAILS)
    del details["UserDetailList"][1]["UserId"]
    found = read(tmp_path, details)
    assert found.unique_id is None
    assert "aws:userid" not in found.who.facts().known


# --- bad files


def _put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(details: dict[str, Any]) -> None:
        holder: Any = details
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value

    return change


USERS, GROUPS = "UserDetailList", "GroupDetailList"


@pytest.mark.parametrize(
    ("change", "place", "what"),
    [
        (_put("IsTruncated", value=True), "IsTruncated", "one page of several"),
        (_put("IsTruncated", value={}), "IsTruncated", "one page of several"),
        (_put("Marker", value="abc"), "Marker", "one page of several"),
        (_put("NextToken", value="abc"), "NextToken", "one page of several"),
        (_put(USERS, value={}), USERS, "not a list"),
        (_put(GROUPS, value=None), GROUPS, "not a list"),
        (_put(USERS, 0, value="bob"), f"{USERS}[0]", "not a JSON object"),
        (_put(USERS, 0, value={}), f"{USERS}[0]", "UserName is missing"),
        (_put(USERS, 0, value={"UserName": 7}), f"{USERS}[0]", "UserName is missing"),
        (_put(USERS, 1, "Arn", value=f"{IAM}:user/bob"), f"{USERS}[1]", "its ARN is not that of ann"),
        (_put(USERS, 1, "Arn", value=7), f"{USERS}[1]", "Arn is missing"),
        (_put(USERS, 1, "Arn", value="arn:aws:iam::210987654321:user/team/ann"), f"{USERS}[1]", "is not"),
        (_put(USERS, 1, "GroupList", value="ml"), f"{USERS}[1].GroupList", "not a list"),
        (_put(USERS, 1, "GroupList", value=[7]), f"{USERS}[1].GroupList[0]", "not a text"),
        (_put(USERS, 1, "UserPolicyList", value=[7]), f"{USERS}[1].UserPolicyList[0]", "not a JSON object"),
        (_put(USERS, 1, "UserPolicyList", value=[{}]), f"{USERS}[1].UserPolicyList[0]", "PolicyName is missing"),
        (_put(USERS, 1, "AttachedManagedPolicies", value=[{}]), "AttachedManagedPolicies[0]", "PolicyArn is missing"),
        (_put(USERS, 1, "PermissionsBoundary", value="x"), f"{USERS}[1].PermissionsBoundary", "not a JSON object"),
        (_put(USERS, 1, "Tags", value=[{"Value": "x"}]), f"{USERS}[1].Tags[0]", "Key is missing"),
        (_put(USERS, 1, "Tags", value=[{"Key": "x", "Value": 7}]), f"{USERS}[1].Tags[0]", "Value is not a text"),
        (_put(USERS, 0, value=DETAILS[USERS][1]), f"{USERS}[1]", "user ann is there twice"),
        (_put(GROUPS, 1, value=DETAILS[GROUPS][0]), f"{GROUPS}[1]", "ml is there twice"),
        (_put("Policies", 0, value=DETAILS["Policies"][2]), "Policies[2]", "is there twice"),
        (_put("Policies", 3, "PolicyVersionList", value=[]), "Policies[3].PolicyVersionList", "the default version"),
        (_put("Policies", 3, "PolicyName", value=""), "Policies[3]", "PolicyName is missing"),
    ],
)
def test_what_is_not_of_the_shape_is_bad_input_with_its_place(
    tmp_path: Path, parse: _Parser, change: Callable[[dict[str, Any]], None], place: str, what: str
) -> None:
    details = deepcopy(DETAILS)
    change(details)
    with pytest.raises(InvalidInputError) as caught:
        read(tmp_path, details, parse=parse)
    assert what in str(caught.value)
    assert place in caught.value.where
    assert caught.value.where.startswith(str(tmp_path / "details.json"))
    assert "\n" not in str(caught.value)


WHOLE = json.dumps(DETAILS)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        (" \n ", "the file is empty"),
        ("[]", "not a JSON object"),
        ("7", "not a JSON object"),
        ("{}", "none of its four lists is there"),
        ('{"Statement": []}', "none of its four lists is there"),
        ('{"Policies": []}', "UserDetailList is not there"),
        (WHOLE + WHOLE, "not JSON|more than one JSON value"),
        (WHOLE + "\n" + WHOLE, "not JSON|more than one JSON value"),
        (WHOLE + "]", "not JSON"),
        (WHOLE[:-1], "not JSON, or cut off"),
        (WHOLE.replace('"Path": "/team/"', "\"Path\": '/team/'"), "not JSON"),
        (WHOLE.replace('"UserName": "ann"', '"UserName": "ann", "UserName": "bob"', 1), "duplicate key"),
        (WHOLE.replace('"Path": "/team/"', f'"Path": {"1" * 5000}'), "not JSON"),
        (WHOLE.replace('"Path": "/team/"', '"Path": NaN'), "not JSON"),
        (WHOLE.replace("/team/", "/\0/"), "not JSON"),
        (WHOLE.replace('"Version":', '"Version": "2008-10-17", "Version":'), "duplicate key"),
        (WHOLE[:-1] + ', "Policies": []}', "given twice"),
        (WHOLE.encode("utf-16"), "UTF-16"),
        (WHOLE.replace("AIDAANN", "").encode().replace(b"Ofann", b"Of\xffann"), "not UTF-8"),
        (b"\x1f\x8b\x08\x00 and so on", "it is compressed"),
        ("[" * 100_000, "not a JSON object"),
        ('{"UserDetailList": [{"a": ' + "[" * 100_000, "nested more than"),
        ('{"Other": ' + "[" * 100_000, "not JSON, or cut off|not JSON"),
    ],
)
def test_what_is_no_such_text_is_bad_input(tmp_path: Path, parse: _Parser, text: str | bytes, what: str) -> None:
    with pytest.raises(InvalidInputError, match=what) as caught:
        read(tmp_path, text, parse=parse)
    assert caught.value.where.startswith(str(tmp_path / "details.json"))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", PARSERS)
def test_a_file_that_is_cut_off_anywhere_is_bad_input(tmp_path: Path, name: str) -> None:
    parser = _Parser(name)
    for end in range(0, len(WHOLE), 29):
        with pytest.raises(InvalidInputError):
            read(tmp_path, WHOLE[:end], parse=parser)


@given(place=st.integers(0, len(WHOLE) - 1), byte=st.integers(0, 255), name=st.sampled_from(PARSERS))
def test_a_file_with_a_wrong_byte_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int, name: str
) -> None:
    data = bytearray(WHOLE.encode())
    data[place] = byte
    with suppress(InvalidInputError):
        assert read(tmp_path_factory.getbasetemp(), bytes(data), parse=_Parser(name)).who.name == "ann"


def test_an_error_says_how_far_it_came(tmp_path: Path) -> None:
    text = WHOLE.replace('"RoleName": "ci"', '"RoleName": ci')
    with pytest.raises(InvalidInputError, match=r"in or after (GroupDetailList|RoleDetailList\[0\])"):
        read(tmp_path, text, parse=_Parser("python"))


def test_files_that_cannot_be_read_are_bad_input(tmp_path: Path) -> None:
    for path, what in ((tmp_path, "a directory"), (tmp_path / "gone.json", "no such file"), ("a\0b", "no path")):
        with pytest.raises(InvalidInputError, match=what):
            read_details(path, ANN)


# --- principals that are not there


@pytest.mark.parametrize(
    ("arn", "cure"),
    [
        (f"{IAM}:user/anne", "did you mean ann?"),
        (f"{IAM}:user/ANN", "did you mean ann?"),
        (f"{IAM}:user/ci", "there is a role of that name"),
        (f"{IAM}:role/ann", "there is a user of that name"),
        (f"{IAM}:group/nobody", "are these the details of the principal's account?"),
    ],
)
def test_a_principal_that_is_not_there_is_bad_input(tmp_path: Path, arn: str, cure: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        read(tmp_path, DETAILS, arn)
    assert caught.value.cure == cure
    assert arn.rpartition("/")[2] in str(caught.value)


def test_what_is_no_principal_is_bad_input(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="--principal"):
        read(tmp_path, DETAILS, "ann")


# --- size


@pytest.mark.parametrize("arn", [USER, ROLE])
def test_one_of_many_is_found(tmp_path: Path, parse: _Parser, arn: str) -> None:
    path = tmp_path / "details.json"
    write_details(path, 400, statements=2)
    found = read_details(path, arn.replace("@" * 7, "0000150"), parse=parse)
    assert found.unread == ()
    assert found.tags == {"number": "0000150"}
    assert found.policies[0].statements[1].resources == (
        "arn:aws:s3:::bucket-0000150-1/*",
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/0000150-*",
    )
    assert len(found.policies) == (6 if arn is USER else 3)
    assert parse.readings == 1
