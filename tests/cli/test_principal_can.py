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


def test_what_was_not_read_leaves_nothing_certain(run: Run) -> None:
    done = run(ASK[0], arn("user", "eve"), *ASK[2:], "--output", "json")
    assert done.status == 3
    assert done.document["policy"]["Statement"] == []
    assert f"arn:aws:iam::{ACCOUNT}:policy/gone" in " ".join(done.document["assumptions"])


def test_a_principal_that_is_not_there_is_said(run: Run) -> None:
    done = run(ASK[0], arn("user", "anna"), *ASK[2:])
    assert (done.status, "did you mean ann?" in done.err) == (2, True)
