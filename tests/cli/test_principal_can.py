"""`iamcheck principal-can`: the policy, what is beside it, and the exit status."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.documents import allow, deny, document
from tests.unit.fleet.accounts import ACCOUNT, arn, attached, details, entity

if TYPE_CHECKING:
    from tests.cli import Run, Write

ASK = ("principal-can", arn("user", "ann"), "--authorization-details", "account.json")


@pytest.fixture(autouse=True)
def files(write: Write) -> None:
    users = [
        entity("user", "ann", allow("sagemaker:*", "*")),
        entity("user", "eve", allow("*"), AttachedManagedPolicies=attached("gone")),
    ]
    write("account.json", details(users=users))
    write("scp.json", document(deny("sagemaker:Delete*")))


def test_the_policy_of_all_layers(run: Run) -> None:
    done = run(*ASK, "--scp", "FullAWSAccess,scp.json", "--output", "json")
    found = done.document
    allowed, denied = found["policy"]["Statement"]
    assert done.status == 0
    assert "sagemaker:CreateEndpoint" in allowed["Action"]
    assert "sagemaker:DeleteEndpoint" in denied["Action"]
    assert (found["principal"], found["words"]) == (arn("user", "ann"), [])
    assert not any("SCPs" in text for text in found["assumptions"])
    table = run(*ASK)
    assert table.out.startswith('{\n  "Version": "2012-10-17"')
    assert "SCPs: none were given" in table.out


def test_scps_that_are_left_out_are_said_and_a_service_linked_role_has_none(run: Run, write: Write) -> None:
    left_out = run(*ASK, "--organizations", "ignore", "--output", "json").document["assumptions"]
    assert any("--organizations ignore leaves them out" in text for text in left_out)
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    write("account.json", details(roles=[entity("role", "AWSServiceRoleForX", allow("sagemaker:*"), Arn=linked)]))
    done = run("principal-can", linked, *ASK[2:], "--scp", "FullAWSAccess,scp.json", "--output", "json")
    assert [one["Effect"] for one in done.document["policy"]["Statement"]] == ["Allow"]
    alone = run("principal-can", linked, *ASK[2:], "--output", "json").document["assumptions"]
    assert not any(text.startswith("SCPs") for text in alone)


def test_words_are_broken_at_the_width_of_the_terminal(run: Run) -> None:
    lines = run(*ASK).out.partition("Not in the policy:")[2].splitlines()
    assert max(map(len, lines)) <= 80


def test_policies_of_resources_may_allow_more(run: Run) -> None:
    assert any("may allow more" in text for text in run(*ASK, "--output", "json").document["assumptions"])


def test_what_was_not_read_leaves_nothing_certain(run: Run) -> None:
    done = run(ASK[0], arn("user", "eve"), *ASK[2:], "--output", "json")
    assert done.status == 3
    assert done.document["policy"]["Statement"] == []
    assert f"arn:aws:iam::{ACCOUNT}:policy/gone" in " ".join(done.document["assumptions"])


def test_what_is_not_an_arn_is_named_as_the_argument(run: Run) -> None:
    done = run(ASK[0], "ci", *ASK[2:])
    assert (done.status, done.err.startswith("iamcheck: ARN: 'ci' is not an ARN (")) == (2, True)


def test_a_principal_that_is_not_there_is_said(run: Run) -> None:
    done = run(ASK[0], arn("user", "anna"), *ASK[2:])
    assert (done.status, "did you mean ann?" in done.err) == (2, True)
