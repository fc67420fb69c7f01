"""`iamcheck organizations export` and `iamcheck account export`: what they write says offline what AWS says online."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.account.authorization_details import read_details
from iamcheck.aws.organizations import read_folder, read_live
from iamcheck.iam.model import Policy, PolicyType
from tests.documents import allow, deny, document

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run
    from tests.server import LoopbackAws

ALLOWED = document(allow("sagemaker:*"))


def test_the_folder_of_an_organization_says_what_aws_says(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    tree = aws.organizations.create(types=("SERVICE_CONTROL_POLICY",))
    unit = tree.unit("unit", tree.root)
    tree.account(aws.account_id, unit)
    tree.account("210987654321", unit)
    tree.attach(unit, document(deny("ec2:*")))
    tree.attach("210987654321", document(deny("s3:*")))
    aws.organizations.delegated.add(aws.account_id)
    done = run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    assert (done.status, done.out) == (0, ""), done.err
    assert "give it as --organizations organization" in done.err
    live = read_live(aws.account_id, aws.client("organizations"))
    assert read_folder(tmp_path / "organization", aws.account_id) == live
    other = read_folder(tmp_path / "organization", "210987654321")
    assert other == read_live("210987654321", aws.client("organizations"))
    assert aws.actions.count("organizations:DescribePolicy") >= 3


def test_whoever_may_not_read_the_organization_is_told(aws: LoopbackAws, run: Run) -> None:
    tree = aws.organizations.create()
    tree.account(aws.account_id, tree.root)
    done = run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    assert done.status == 3
    assert "organizations:ListRoots" in done.err


def test_the_folder_of_an_account_says_what_aws_says(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    aws.create_role("ci", policy=ALLOWED)
    iam, kms = aws.client("iam"), aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    done = run("account", "export", "account", "--region", "eu-west-1", **aws.environment())
    assert (done.status, done.out) == (0, ""), done.err
    role = f"arn:aws:iam::{aws.account_id}:role/ci"
    found = read_details(tmp_path / "account" / "authorization-details.json", role)
    assert [policy.to_dict()["Statement"] for policy in found.policies] == [
        Policy.parse(ALLOWED).to_dict()["Statement"]
    ]
    assert iam.get_role(RoleName="ci")["Role"]["Arn"] == role
    (file,) = (tmp_path / "account" / "key-policies").iterdir()
    assert file.name == f"eu-west-1.{key.rpartition('/')[2]}.json"
    assert Policy.parse(file.read_text(), layer=PolicyType.RESOURCE).statements
    check = run(
        *("check", "churn", "churn-v7", "--offline", "--region", "eu-west-1", "--account-id", aws.account_id),
        *("--principal", role, "--authorization-details", "account/authorization-details.json"),
    )
    assert check.status == 0, check.out


def test_a_folder_with_files_is_not_written_into(run: Run, tmp_path: Path) -> None:
    (tmp_path / "account").mkdir()
    (tmp_path / "account" / "x").touch()
    for command in ("account", "organizations"):
        done = run(command, "export", "account", "--region", "eu-west-1")
        assert (done.status, "the folder is not empty" in done.err) == (2, True)


@pytest.mark.parametrize("command", ["account", "organizations"])
def test_export_is_the_only_verb(command: str, run: Run) -> None:
    done = run(command, "import", "account")
    assert (done.status, "export" in done.err) == (2, True)


def test_the_exporters_policy_grants_what_the_exports_call(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    tree = aws.organizations.create()
    tree.account(aws.account_id, tree.root)
    aws.organizations.delegated.add(aws.account_id)
    aws.client("kms").create_key()
    here = ("--region", "eu-west-1", "--account-id", aws.account_id)
    policy = run("generate", "--for", "exporter", *here).document
    exporter = aws.create_role("exporter", policy=policy)
    before = len(aws.actions)
    for command in ("account", "organizations"):
        done = run(command, "export", command, "--region", "eu-west-1", **aws.environment(exporter))
        assert done.status == 0, done.err
    granted = {action for one in policy["Statement"] for action in one["Action"] if isinstance(one["Action"], list)}
    granted |= {one["Action"] for one in policy["Statement"] if isinstance(one["Action"], str)}
    assert set(aws.actions[before:]) == granted
