"""Who may do something is what the engine says of each principal with all its policies, and who may become whom."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.aws.account.authorization_details import read_account, read_details
from iamcheck.errors import InvalidInputError
from iamcheck.fleet.questions.who_can import WhoCanQuestion, who_can
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import PolicySet, Request
from iamcheck.iam.request_context import call_context, merged, settle
from tests.documents import allow, deny, document, parsed
from tests.profiles import examples
from tests.unit.fleet.accounts import ACCOUNT, arn, attached, details, entity, managed, trust

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.aws.account.authorization_details import AccountDetails

ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"
CREATE = WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT)
WORDS = {"pass": "allowed", "fail": "denied", "unknown": "unknown"}
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}


def account(folder: Path, content: dict[str, Any], name: str = "details.json") -> AccountDetails:
    (folder / name).write_text(json.dumps(content))
    return read_account(folder / name)


def decisions(question: WhoCanQuestion, *accounts: AccountDetails) -> dict[str, str]:
    found = who_can(question, accounts)
    return {one.principal.rpartition(":")[2]: WORDS[one.result.status.value] for one in found.answers}


def test_each_layer_has_its_say(tmp_path: Path) -> None:
    create = allow("sagemaker:CreateEndpoint")
    boundary = {"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/small", "PermissionsBoundaryType": "Policy"}
    content = details(
        users=[
            entity("user", "own", create),
            entity("user", "grouped", GroupList=["ml"]),
            entity("user", "nothing"),
            entity("user", "bounded", create, PermissionsBoundary=boundary),
            entity("user", "attached", AttachedManagedPolicies=attached("big")),
            entity("user", "mfa", create, deny("sagemaker:*", Condition=MFA)),
            entity(
                "user", "denied", create, deny("*", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})
            ),
            entity("user", "elsewhere", allow("sagemaker:CreateEndpoint", ENDPOINT.replace("churn", "other"))),
            entity("user", "unread", AttachedManagedPolicies=attached("missing")),
            entity("user", "inverted", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
        ],
        groups=[entity("group", "ml", create)],
        policies=[managed("small", allow("s3:*")), managed("big", allow("SageMaker:create*"))],
    )
    assert decisions(CREATE, account(tmp_path, content)) == {
        "user/own": "allowed",
        "user/grouped": "allowed",
        "user/nothing": "denied",
        "user/bounded": "denied",
        "user/attached": "allowed",
        "user/mfa": "unknown",
        "user/denied": "denied",
        "user/elsewhere": "denied",
        "user/unread": "unknown",
        "user/inverted": "allowed",
    }
    known = CREATE._replace(absent=("aws:MultiFactorAuthPresent",))
    assert decisions(known, account(tmp_path, content))["user/mfa"] == "allowed"


def test_scps_count_for_all_but_service_linked_roles(tmp_path: Path) -> None:
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/linked"
    content = details(
        users=[entity("user", "own", allow("sagemaker:*"))],
        roles=[entity("role", "linked", allow("sagemaker:*"), Arn=linked)],
    )
    scps = [[parsed(allow("*"))], [parsed(allow("s3:*"))]]
    found = decisions(CREATE._replace(scps=scps), account(tmp_path, content))
    assert found == {"user/own": "denied", "role/aws-service-role/x.amazonaws.com/linked": "allowed"}


def test_the_policy_of_a_key_must_allow(tmp_path: Path) -> None:
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    content = details(users=[entity("user", "own", allow("kms:*")), entity("user", "named")])
    question = WhoCanQuestion("kms:CreateGrant", key)
    details_of = account(tmp_path, content)
    assert decisions(question, details_of) == {"user/own": "unknown", "user/named": "unknown"}
    own = parsed({"Effect": "Allow", "Principal": {"AWS": arn("user", "named")}, "Action": "kms:*", "Resource": "*"})
    found = decisions(question._replace(resource_policies={key: own}), details_of)
    assert found == {"user/own": "denied", "user/named": "allowed"}


def test_who_may_become_a_role_that_may(tmp_path: Path) -> None:
    deployer = arn("role", "deployer")
    content = details(
        users=[
            entity("user", "asks", allow("sts:AssumeRole", deployer)),
            entity("user", "asks-another", allow("sts:AssumeRole", arn("role", "reader"))),
            entity("user", "with-mfa", allow("sts:AssumeRole", deployer), deny("sts:*", Condition=MFA)),
            entity("user", "nothing"),
            entity("user", "itself", allow(["sts:AssumeRole", "sagemaker:*"])),
        ],
        roles=[
            entity("role", "deployer", allow("sagemaker:*")),
            entity("role", "reader", allow("s3:*")),
            entity("role", "trusts", allow("sagemaker:*"), AssumeRolePolicyDocument=trust(arn("user", "nothing"))),
        ],
    )
    found = who_can(CREATE, [account(tmp_path, content)])
    assert {(one.principal, one.role, one.is_certain) for one in found.chains} == {
        (arn("user", "asks"), deployer, True),
        (arn("user", "with-mfa"), deployer, False),
        (arn("user", "nothing"), arn("role", "trusts"), True),
    }


def test_a_chain_may_lead_from_one_account_to_another(tmp_path: Path) -> None:
    other = "210987654321"
    there = details(
        roles=[
            entity(
                "role", "deployer", allow("sagemaker:*"), AssumeRolePolicyDocument=trust(f"arn:aws:iam::{other}:root")
            )
        ]
    )
    here = details(
        users=[
            entity("user", "asks", allow("sts:AssumeRole", arn("role", "deployer")), account=other),
            entity("user", "nothing", account=other),
        ]
    )
    accounts = [account(tmp_path, there), account(tmp_path, here, "other.json")]
    found = who_can(CREATE, accounts)
    assert [(one.principal, one.is_certain) for one in found.chains] == [(arn("user", "asks", other), True)]


STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        **action,
        "Resource": resource,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(
        [
            {"Action": "sagemaker:CreateEndpoint"},
            {"Action": ["SageMaker:Create*", "s3:*"]},
            {"Action": "*"},
            {"Action": "s3:*"},
            {"NotAction": "iam:*"},
            {"NotAction": ["sagemaker:*"]},
        ]
    ),
    st.sampled_from(["*", ENDPOINT, ENDPOINT.replace("churn", "*"), ENDPOINT.replace("churn", "other")]),
    st.sampled_from(
        [
            None,
            MFA,
            {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
            {"StringLike": {"aws:PrincipalArn": "*/a*"}},
        ]
    ),
)
POLICIES = st.lists(STATEMENTS, max_size=3)


@examples(60)
@given(POLICIES, POLICIES, POLICIES, st.none() | POLICIES)
def test_the_answer_is_the_engines_over_all_statements(
    tmp_path_factory: pytest.TempPathFactory,
    own: list[dict[str, Any]],
    group: list[dict[str, Any]],
    big: list[dict[str, Any]],
    scp: list[dict[str, Any]] | None,
) -> None:
    content = details(
        users=[entity("user", "ann", *own, GroupList=["ml"], AttachedManagedPolicies=attached("big"))],
        groups=[entity("group", "ml", *group)],
        policies=[managed("big", *(big or [allow("s3:*")]))],
    )
    folder = tmp_path_factory.mktemp("account")
    details_of = account(folder, content)
    scps = [[parsed(*scp)]] if scp else []
    answer = who_can(CREATE._replace(scps=scps), [details_of]).answers[0]
    known = read_details(folder / "details.json", arn("user", "ann"))
    facts = merged((known.who.facts(), call_context("eu-west-1", ACCOUNT, called_via=None)))
    asked = settle(Request(CREATE.action, ENDPOINT), facts, [], principal=arn("user", "ann"))
    expected = evaluate(asked, PolicySet(identity=known.identity, boundary=known.boundary, scps=scps))
    assert answer.result.status.value == {True: "pass", False: "fail", None: "unknown"}[expected.allowed]
    assert answer.result.evidence[0].decided_by == (expected.matched[0] if expected.matched else None)


def test_an_account_that_is_read_whole_says_of_each_principal_what_one_reading_says(tmp_path: Path) -> None:
    content = details(
        users=[entity("user", "ann", allow("s3:*"), GroupList=["ml", "gone"]), entity("user", "eve")],
        roles=[entity("role", "ci", allow("s3:*"), AttachedManagedPolicies=attached("big", "missing"))],
        groups=[entity("group", "ml", allow("*"), AttachedManagedPolicies=attached("big"))],
        policies=[managed("big", allow("sagemaker:*"))],
    )
    whole = account(tmp_path, content)
    assert list(whole.principals()) == [arn("user", "ann"), arn("user", "eve"), arn("role", "ci")]
    for one in (*whole.principals(), arn("group", "ml"), f"arn:aws:iam::{ACCOUNT}:root"):
        assert whole.policies_of(one) == read_details(tmp_path / "details.json", one)
    for one in (arn("user", "anna"), arn("role", "ann"), arn("user", "ann", "210987654321")):
        with pytest.raises(InvalidInputError) as whole_error:
            whole.policies_of(one)
        with pytest.raises(InvalidInputError) as single_error:
            read_details(tmp_path / "details.json", one)
        assert str(whole_error.value) == str(single_error.value)


def test_tags_of_roles_are_taken_to_be_those_of_their_sessions(tmp_path: Path) -> None:
    only_ml = allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}})
    tagged = entity("role", "ci", only_ml, Tags=[{"Key": "team", "Value": "ml"}])
    found = who_can(CREATE, [account(tmp_path, details(roles=[tagged]))])
    assert [one.result.status.value for one in found.answers] == ["pass"]
    assert any("replaces one of its role" in str(one) for one in found.assumptions)
    without = who_can(CREATE, [account(tmp_path, details(roles=[entity("role", "ci", allow("*"))]))])
    assert not any("replaces one of its role" in str(one) for one in without.assumptions)


def test_an_account_without_principals_has_no_answers(tmp_path: Path) -> None:
    assert who_can(CREATE, [account(tmp_path, details())]).answers == ()


ROLE_ENTRIES = st.sampled_from(
    [
        "*",
        arn("role", "*"),
        arn("role", "ci"),
        arn("role", "c?"),
        arn("role", "${aws:username}"),
        arn("role", "other"),
        "arn:aws:iam::*:role/ci",
    ]
)
ASSUMING = st.builds(
    lambda effect, action, resources, condition: {
        "Effect": effect,
        "Action": action,
        **resources,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(["sts:AssumeRole", "sts:*", "*", "s3:*"]),
    st.builds(
        lambda element, entry: {element: entry}, st.sampled_from(["Resource", "Resource", "NotResource"]), ROLE_ENTRIES
    ),
    st.sampled_from([None, None, MFA]),
)
TRUSTING = st.builds(
    lambda effect, principal, condition: {
        "Effect": effect,
        "Action": "sts:AssumeRole",
        "Principal": principal,
        **({"Condition": condition} if condition else {}),
    },
    st.sampled_from(["Allow", "Allow", "Allow", "Deny"]),
    st.sampled_from(
        [
            "*",
            {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            {"AWS": ACCOUNT},
            {"AWS": arn("user", "ann")},
            {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/build/main"},
            {"Service": "ec2.amazonaws.com"},
        ]
    ),
    st.sampled_from([None, None, {"ArnLike": {"aws:PrincipalArn": "*:user/a*"}}, MFA]),
)


@examples(80)
@given(st.lists(ASSUMING, max_size=2), st.lists(ASSUMING, max_size=2), st.lists(TRUSTING, min_size=1, max_size=2))
def test_the_chains_are_all_pairs_that_the_engine_does_not_deny(
    tmp_path_factory: pytest.TempPathFactory,
    of_ann: list[dict[str, Any]],
    of_build: list[dict[str, Any]],
    trusts: list[dict[str, Any]],
) -> None:
    content = details(
        users=[entity("user", "ann", *of_ann, deny("sagemaker:*"))],
        roles=[
            entity("role", "build", *of_build, deny("sagemaker:*")),
            entity("role", "ci", allow("sagemaker:*"), AssumeRolePolicyDocument=document(*trusts)),
        ],
    )
    whole = account(tmp_path_factory.mktemp("account"), content)
    role = arn("role", "ci")
    trust = whole.policies_of(role).trust
    expected = set()
    for principal in (arn("user", "ann"), arn("role", "build")):
        known = whole.policies_of(principal)
        facts = merged((known.who.facts(), call_context(None, ACCOUNT, called_via=None)))
        asked = settle(Request("sts:AssumeRole", role), facts, [], principal=principal)
        answer = evaluate(asked, PolicySet(identity=known.identity, resource=trust))
        if answer.allowed is not False:
            expected.add((principal, role, answer.allowed is True))
    found = who_can(CREATE, [whole]).chains
    assert {(one.principal, one.role, one.is_certain) for one in found} == expected


def test_an_entry_without_its_arn_is_refused_with_the_file(tmp_path: Path) -> None:
    role = entity("role", "ci")
    del role["Arn"]
    with pytest.raises(InvalidInputError, match=r"details\.json, RoleDetailList\[0\]: Arn is missing"):
        decisions(CREATE, account(tmp_path, details(roles=[role])))
