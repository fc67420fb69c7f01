"""`iamcheck who-can`: the answers as text and JSON, and the exit status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iamcheck.cli.who_can import command
from tests.documents import allow, deny
from tests.unit.fleet.accounts import ACCOUNT, arn, details, entity, trusted

if TYPE_CHECKING:
    from tests.cli import Run, Write

ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"
ASK = ("who-can", "sagemaker:CreateEndpoint", "--on", ENDPOINT)
ACCOUNT_FILE = ("--authorization-details", "account.json")
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}


@pytest.fixture(autouse=True)
def files(write: Write) -> None:
    create = allow("sagemaker:CreateEndpoint")
    users = [
        entity("user", "ann", create),
        entity("user", "eve", allow("sts:AssumeRole", arn("role", "ci"))),
        entity("user", "max", create, deny("*", Condition=MFA)),
    ]
    write("account.json", details(users=users, roles=[entity("role", "ci", create)]))
    write("b.json", details(users=[entity("user", "ann", create, account="210987654321")]))
    write("policy.json", trusted("*"))
    write("scp.json", {"Version": "2012-10-17", "Statement": [deny("sagemaker:CreateEndpoint")]})


def test_json_has_every_principal_and_the_chains(run: Run) -> None:
    done = run(*ASK, "--authorization-details", "account.json", "--output", "json")
    found = done.document
    assert done.status == 3
    assert {one["principal"].rpartition("/")[2]: one["decision"] for one in found["principals"]} == {
        "ann": "allowed",
        "eve": "denied",
        "max": "unknown",
        "ci": "allowed",
    }
    assert found["counts"] == {"allowed": 2, "unknown": 1, "denied": 1}
    assert found["principals"][0]["decided_by"]["policy"] == "own (inline, of user ann)"
    assert found["principals"][2]["open_keys"] == ["aws:multifactorauthpresent"]
    (chain,) = found["chains"]
    assert chain == {
        "principal": arn("user", "eve"),
        "role": arn("role", "ci"),
        "decision": "allowed",
        "open_keys": [],
    }
    (root,) = found["others"]
    assert (root["kind"], root["role"], root["decision"]) == ("root user", None, "allowed")


def test_the_table_shows_who_may_and_on_what_the_rest_depends(run: Run) -> None:
    done = run(*ASK, "--authorization-details", "account.json")
    assert f"allowed {arn('user', 'ann')}: by Statement[0] of the identity policy own" in done.flat
    assert "it depends on aws:MultiFactorAuthPresent, which is not known" in done.flat
    assert f"{arn('user', 'eve')} -> {arn('role', 'ci')}" in done.flat
    assert "denied " not in done.out.split("May become")[0]
    assert done.out.endswith("4 principals: 2 allowed, 1 unknown, 1 denied\n")
    assert "denied" in run(*ASK, "--authorization-details", "account.json", "--all").out.split("May become")[0]


def test_all_decided_is_exit_status_0(run: Run) -> None:
    done = run(*ASK, "--authorization-details", "account.json", "--scp", "FullAWSAccess,scp.json")
    assert (done.status, done.out.splitlines()[-1]) == (0, "4 principals: 0 allowed, 0 unknown, 4 denied")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((*ASK,), "--authorization-details"),
        ((*ASK, "--authorization-details", "missing.json"), "missing.json: there is no such file"),
        ((*ASK[:2], "--on", "endpoint/churn", "--authorization-details", "account.json"), "endpoint/churn"),
        (
            ("who-can", "sagemaker:CreateEndpoin", *ASK[2:], "--authorization-details", "account.json"),
            "has no action 'sagemaker:CreateEndpoin' (did you mean sagemaker:CreateEndpoint",
        ),
        (
            ("who-can", "sagemakr:CreateEndpoint", *ASK[2:], "--authorization-details", "account.json"),
            "has no service 'sagemakr' (did you mean sagemaker",
        ),
        (
            (*ASK[:2], "--on", "arn:aws:s3:::models", "--authorization-details", "account.json"),
            "--on: arn:aws:s3:::models is of no type of resource that sagemaker:CreateEndpoint has (its resources are "
            "arn:${Partition}:sagemaker:${Region}:${Account}:endpoint/",
        ),
        (
            ("who-can", "sagemaker:ListEndpoints", *ASK[2:], "--authorization-details", "account.json"),
            "sagemaker:ListEndpoints has (it has none: give *)",
        ),
        (("who-can", "sagemaker:", *ASK[2:], *ACCOUNT_FILE), "'sagemaker:' names a service and no action"),
        (("who-can", "sagemaker:*", *ASK[2:], "--authorization-details", "account.json"), "is not an action"),
        ((*ASK, "--authorization-details", "account.json", "--organizations", "aws"), "it asks AWS"),
        ((*ASK, *ACCOUNT_FILE, *ACCOUNT_FILE), "account 123456789012 is in account.json too (give each account once"),
        (
            (*ASK[:2], "--on", "*", *ACCOUNT_FILE),
            "sagemaker:CreateEndpoint needs a resource, and * names none",
        ),
        ((*ASK[:2], "--on", ENDPOINT.replace("churn", "*"), *ACCOUNT_FILE), "has a wildcard"),
        ((*ASK[:2], "--on", ENDPOINT.replace("churn", "chur?"), *ACCOUNT_FILE), "has a wildcard"),
        ((*ASK[:2], "--on", "", *ACCOUNT_FILE), "--on is empty"),
        (
            (*ASK[:2], "--on", ENDPOINT.replace("aws:", "aws-cn:").replace("eu-west-1", "cn-north-1"), *ACCOUNT_FILE),
            "it is of the partition aws-cn, ",
        ),
        ((*ASK, *ACCOUNT_FILE, "--context", "aws:MultiFactorAuthPresent=yes"), "'yes' is not true or false"),
        ((*ASK, *ACCOUNT_FILE, "--context", "aws:username=ann"), "aws:username is another one for each principal"),
        ((*ASK, *ACCOUNT_FILE, "--absent", "aws:PrincipalArn"), "--absent: aws:PrincipalArn is another one"),
        ((*ASK, *ACCOUNT_FILE, "--context", "aws:SourceIp=x"), "'x' is not an IP address"),
        ((*ASK, *ACCOUNT_FILE, "--context", "aws:SourceIp=192.0.2.1", "--context", "aws:sourceip=192.0.2.2"), "twice"),
        ((*ASK, *ACCOUNT_FILE, "--resource-policy", f"{ENDPOINT}x=policy.json"), "is not the resource that --on names"),
        (
            ("who-can", "s3:GetObject", "--on", "arn:aws:s3:::b/k", *ACCOUNT_FILE, "--authorization-details", "b.json"),
            "its ARN does not say which of the accounts it is in (give --context aws:ResourceAccount=ID)",
        ),
    ],
)
def test_what_cannot_be_used_is_said(words: tuple[str, ...], why: str, run: Run) -> None:
    done = run(*words)
    assert (done.status, done.out) == (2, "")
    assert why in done.err


def test_every_option_that_the_answer_names_is_one_of_the_command(run: Run) -> None:
    out = run(*ASK, "--authorization-details", "account.json").flat
    named = set(re.findall(r"--[a-z-]+[a-z]", out))
    assert named
    assert not named - {option for param in command.params for option in param.opts}


def test_the_table_names_services_and_providers_that_may_become_a_role(run: Run, write: Write) -> None:
    create = allow("sagemaker:CreateEndpoint")
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/example.com"
    sub = {"StringEquals": {"example.com:sub": "x"}}
    build = entity("role", "build", create, AssumeRolePolicyDocument=trusted({"Service": "codebuild.amazonaws.com"}))
    web = trusted({"Federated": provider}, "sts:AssumeRoleWithWebIdentity", Condition=sub)
    write("account.json", details(roles=[build, entity("role", "web", create, AssumeRolePolicyDocument=web)]))
    done = run(*ASK, *ACCOUNT_FILE)
    assert f"the service codebuild.amazonaws.com -> {arn('role', 'build')} (and with it whoever can give" in done.flat
    assert f"identity provider lets in: {provider} -> {arn('role', 'web')} (under conditions on" in done.flat
    assert "example.com:sub; not certain)" in done.flat
    assert "the root user" in done.flat
    assert "account.json has all users of the account: it has none" in done.flat
    assert done.status == 0


def test_details_without_principals_are_no_answer(run: Run, write: Write) -> None:
    write("account.json", details())
    done = run(*ASK, *ACCOUNT_FILE)
    assert (done.status, done.out.splitlines()[-1]) == (3, "0 principals: 0 allowed, 0 unknown, 0 denied")
    assert "\n\n\n" not in done.out


def test_calls_on_a_key_rest_on_no_grant_and_on_nobodys_policy(run: Run) -> None:
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
    done = run("who-can", "kms:CreateGrant", "--on", key, *ACCOUNT_FILE)
    assert done.status == 3
    assert "no grant of the key allows it" in done.flat
    assert "no grant" not in run(*ASK, *ACCOUNT_FILE).flat


def test_the_step_into_a_role_rests_on_rcps_too(run: Run) -> None:
    assert "no RCPs apply (neither given nor read; --rcp gives them)" in run(*ASK, *ACCOUNT_FILE).flat


@pytest.mark.parametrize(
    ("words", "assumes"),
    [
        ((), "no SCPs apply (none given; --scp gives them)"),
        (("--organizations", "ignore"), "no SCPs apply (--organizations ignore leaves them out)"),
        (("--scp", "FullAWSAccess"), None),
    ],
)
def test_scps_that_were_not_given_are_assumed(words: tuple[str, ...], assumes: str | None, run: Run) -> None:
    out = run(*ASK, *ACCOUNT_FILE, *words).flat
    assert (assumes or "Assumed") in out
    assert ("SCPs apply" in out) is (assumes is not None)


def test_rcps_that_are_given_are_not_assumed(run: Run) -> None:
    assert "RCPs apply" not in run(*ASK, *ACCOUNT_FILE, "--rcp", "RCPFullAWSAccess").flat


def test_a_trust_policy_that_is_given_wins_over_that_of_the_details(run: Run, write: Write) -> None:
    write("trust.json", trusted({"AWS": arn("user", "ann")}))
    ask = ("who-can", "sts:AssumeRole", "--on", arn("role", "ci"), *ACCOUNT_FILE, "--output", "json")
    decisions = [
        {one["principal"].rpartition("/")[2] for one in done.document["principals"] if one["decision"] == "allowed"}
        for done in (run(*ask), run(*ask, "--resource-policy", f"{arn('role', 'ci')}=trust.json"))
    ]
    assert decisions == [{"eve"}, {"ann"}]
