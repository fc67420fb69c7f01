"""`iamcheck who-can`: the answers as text and JSON, and the exit status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from iamcheck.cli.who_can import command
from tests.documents import allow, deny
from tests.unit.fleet.accounts import ACCOUNT, arn, details, entity

if TYPE_CHECKING:
    from tests.cli import Run, Write

ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"
ASK = ("who-can", "sagemaker:CreateEndpoint", "--on", ENDPOINT)
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
    assert found["chains"] == [{"principal": arn("user", "eve"), "role": arn("role", "ci"), "decision": "allowed"}]


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
        (("who-can", "sagemaker:*", *ASK[2:], "--authorization-details", "account.json"), "is not an action"),
        ((*ASK, "--authorization-details", "account.json", "--organizations", "aws"), "it asks AWS"),
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
