"""`iamcheck organizations export` and `iamcheck account export`: what they write says offline what AWS says online."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.account.authorization_details import read_details
from iamcheck.aws.organizations import read_folder, read_live
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import UNREAD, Policy, PolicyType
from tests.documents import allow, deny, document
from tests.server.faults import Fault, Storm
from tests.server.wire import encode_query, error, service_model
from tests.unit.fleet.accounts import boundary, details, entity

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli import Run, Write
    from tests.server import LoopbackAws
    from tests.server.calls import Call
    from tests.server.organizations import Tree
    from tests.server.wire import Answer

ALLOWED = document(allow("sagemaker:*"))
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
ONLY = ("--check", "principal.allowed")


def test_the_folder_of_an_organization_says_what_aws_says(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    tree = aws.organizations.create(types=("SERVICE_CONTROL_POLICY",))
    unit = tree.unit("unit", tree.root)
    tree.account(aws.account_id, unit)
    tree.account("210987654321", unit)
    tree.attach(unit, document(deny("ec2:*")))
    tree.attach("210987654321", document(deny("s3:*")))
    aws.organizations.delegated.add(aws.account_id)
    done = run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    calls = aws.calls
    assert (done.status, done.out) == (0, ""), done.err
    assert "give it as --organizations organization" in done.err
    live = read_live(aws.account_id, aws.client("organizations"))
    assert read_folder(tmp_path / "organization", aws.account_id) == live
    other = read_folder(tmp_path / "organization", "210987654321")
    assert other == read_live("210987654321", aws.client("organizations"))
    policies = [*(tmp_path / "organization" / "policies").iterdir()]
    assert len(policies) >= 3
    assert (tmp_path / "organization" / "accounts.json").exists()
    asked = [call for call in calls if call.action == "organizations:ListPoliciesForTarget"]
    assert len(asked) == len({(call.parameters["TargetId"], call.parameters["Filter"]) for call in asked})
    # each once for the export, and once for each of the two that were read live
    described = [call.parameters["PolicyId"] for call in aws.calls if call.action == "organizations:DescribePolicy"]
    exported = described[: len(policies)]
    assert {f"{policy_id}.json" for policy_id in exported} == {file.name for file in policies}


def test_whoever_may_not_read_the_organization_is_told(aws: LoopbackAws, run: Run) -> None:
    tree = aws.organizations.create()
    tree.account(aws.account_id, tree.root)
    done = run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    assert done.status == 3
    assert "organizations:ListRoots" in done.err


def test_an_account_in_no_organization_needs_no_export(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    done = run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    assert (done.status, (tmp_path / "organization").exists()) == (3, False)
    assert done.err.rstrip().endswith("(no SCPs and RCPs apply to it, so export nothing: give --organizations ignore)")
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--organizations", "ignore")
    assert run(*words, **aws.environment(aws.create_user("ci", policy=ALLOWED))).status == 0


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


def _fails(call_number: int, status: int, code: str) -> Storm:
    """A server that fails from one call of the operation on."""
    fault = Fault(code, lambda call, _serve, _storm: error(call.protocol, status, code, "said so"))
    return Storm(lambda _call, before: fault if before >= call_number else None)


def _organization(aws: LoopbackAws) -> tuple[Tree, str]:
    tree = aws.organizations.create(types=("SERVICE_CONTROL_POLICY",))
    unit = tree.unit("unit", tree.root)
    tree.account(aws.account_id, unit)
    tree.attach(unit, document(deny("ec2:*")))
    aws.organizations.delegated.add(aws.account_id)
    return tree, unit


@pytest.mark.parametrize(
    ("command", "operation", "number", "code"),
    [
        ("organizations", "organizations:ListRoots", 0, "AccessDeniedException"),
        ("organizations", "organizations:ListAccounts", 0, "AccessDeniedException"),
        ("organizations", "organizations:DescribePolicy", 1, "ServiceException"),
        ("organizations", "organizations:ListPoliciesForTarget", 2, "TooManyRequestsException"),
        ("account", "iam:GetAccountAuthorizationDetails", 0, "AccessDenied"),
        ("account", "iam:GetAccountAuthorizationDetails", 1, "AccessDenied"),
        ("account", "kms:ListKeys", 0, "KMSInternalException"),
    ],
)
def test_an_export_that_ends_early_leaves_no_file(
    command: str, operation: str, number: int, code: str, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    _organization(aws)
    aws.create_role("ci", policy=ALLOWED)
    aws.create_role("cd", policy=ALLOWED)
    if number and command == "account":
        _pages_of_details(aws)
    aws.wrap(operation, _fails(number, 400, code))
    (tmp_path / "there").mkdir()
    for folder in ("there", "new"):
        done = run(command, "export", folder, "--region", "eu-west-1", **aws.environment(AWS_MAX_ATTEMPTS="1"))
        assert (done.status, operation in done.err) == (3, True), done.err
    assert [*(tmp_path / "there").iterdir()] == []
    assert not (tmp_path / "new").exists()


def _pages_of_details(aws: LoopbackAws) -> None:
    """Lets each page of the details have one role."""
    whole = aws.client("iam").get_account_authorization_details()
    lists = {name: whole[name] for name in ("UserDetailList", "GroupDetailList", "Policies")}
    roles = whole["RoleDetailList"]
    operation = service_model("iam").operation_model("GetAccountAuthorizationDetails")

    def page(call: Call, _serve: Callable[[], Answer]) -> Answer:
        at = int(str(call.parameters.get("Marker", "0")))
        more = {"IsTruncated": at + 1 < len(roles), "Marker": str(at + 1)}
        entries = lists if at == 0 else {name: [] for name in lists}
        return encode_query({**entries, "RoleDetailList": roles[at : at + 1], **more}, operation)

    aws.wrap("iam:GetAccountAuthorizationDetails", page)


@pytest.mark.parametrize(
    ("operation", "number", "missing"),
    [
        ("organizations:DescribePolicy", 1, "policies/"),
        ("organizations:ListPoliciesForTarget", 2, "targets/"),
        ("organizations:ListParents", 1, "parents/"),
    ],
)
def test_what_may_not_be_read_is_said_and_unknown_to_readers_of_the_folder(
    operation: str, number: int, missing: str, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    _organization(aws)
    aws.wrap(operation, _fails(number, 400, "AccessDeniedException"))
    done = run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    assert done.status == 3
    assert f"not read: {missing}" in done.err
    found = read_folder(tmp_path / "organization", aws.account_id)
    assert found.scps is UNREAD
    assert any("AccessDeniedException" in gap.why for gap in found.unread)
    (tmp_path / "allow.json").write_text(json.dumps(ALLOWED))
    check = run(
        *("check", "churn", "churn-v7", "--offline", "--region", "eu-west-1", "--account-id", aws.account_id),
        *("--policy", "allow.json", "--organizations", "organization"),
    )
    assert check.status == 3, check.out
    assert "the folder does not have it" in check.flat


def test_a_file_that_is_gone_without_a_reason_is_still_bad_input(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    _organization(aws)
    run("organizations", "export", "organization", "--region", "eu-west-1", **aws.environment())
    (tmp_path / "organization" / "unread.json").write_text("{}")
    (tmp_path / "organization" / f"parents/{aws.account_id}.json").unlink()
    with pytest.raises(InvalidInputError, match=r"unread\.json: it does not name files and reasons"):
        read_folder(tmp_path / "organization", aws.account_id)


@pytest.mark.parametrize("operation", ["kms:ListKeys", "kms:GetKeyPolicy"])
def test_keys_that_may_not_be_read_are_said_and_the_rest_is_there(
    operation: str, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    aws.client("kms").create_key()
    aws.deny(operation)
    done = run("account", "export", "account", "--region", "eu-west-1", **aws.environment())
    assert done.status == 3
    assert "iamcheck: not read: " in done.err
    assert "AccessDenied" in done.err
    assert [file.name for file in (tmp_path / "account").iterdir()] == ["authorization-details.json"]


def test_lists_with_pages_are_read_to_the_end(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        aws.create_role(name, policy=ALLOWED)
    keys = {aws.client("kms").create_key()["KeyMetadata"]["KeyId"] for _ in range(3)}
    _pages_of_details(aws)

    def small(call: Call, serve: Callable[[], Answer]) -> Answer:
        call.parameters["Limit"] = 1  # type: ignore[index]
        return serve()

    aws.wrap("kms:ListKeys", small)
    run("account", "export", "account", "--region", "eu-west-1", **aws.environment())
    details = json.loads((tmp_path / "account" / "authorization-details.json").read_text())
    assert {one["RoleName"] for one in details["RoleDetailList"]} >= {"one", "two", "three"}
    assert len(details["RoleDetailList"]) == len({one["Arn"] for one in details["RoleDetailList"]})
    files = (tmp_path / "account" / "key-policies").iterdir()
    assert {file.name for file in files} == {f"eu-west-1.{key}.json" for key in keys}
    assert aws.actions.count("iam:GetAccountAuthorizationDetails") > 3


def test_a_fleet_over_the_exports_has_the_verdicts_of_one_online(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    tree, unit = _organization(aws)
    tree.attach(unit, document(deny("sagemaker:CreateEndpoint", "arn:aws:sagemaker:*:*:endpoint/prod-*")))
    boundary = document(allow("s3:*"))
    aws.create_role("ci", policy=ALLOWED)
    aws.create_role("small", policy=ALLOWED, boundary=boundary)
    aws.create_role("mfa", policy=document(allow(), deny(Condition=MFA)))
    aws.create_user("none")
    arns = [f"arn:aws:iam::{aws.account_id}:{name}" for name in ("role/ci", "role/small", "role/mfa", "user/none")]
    rows = [
        {"endpoint": name, "config": "c", "principal": arn, "region": "eu-west-1", "account_id": aws.account_id}
        for arn in arns
        for name in ("churn", "prod-churn")
    ]
    (tmp_path / "fleet.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    for command in ("account", "organizations"):
        assert run(command, "export", command, "--region", "eu-west-1", **aws.environment()).status == 0
    online = run("fleet", "fleet.jsonl", "--engine", "local", "--organizations", "aws", *ONLY, **aws.environment())
    offline = run(
        *("fleet", "fleet.jsonl", "--offline", "--organizations", "organizations", *ONLY),
        *("--authorization-details", "account/authorization-details.json"),
    )
    verdicts = [[json.loads(line)["verdict"] for line in done.out.splitlines()] for done in (online, offline)]
    assert verdicts[0] == ["pass", "fail", "fail", "fail", "unknown", "fail", "fail", "fail"]
    assert verdicts[1] == verdicts[0]


def test_a_folder_of_an_account_is_read_with_its_key_policies(
    aws: LoopbackAws, run: Run, write: Write, tmp_path: Path
) -> None:
    aws.create_role("ci", policy=document(allow(["sagemaker:*", "kms:*", "iam:PassRole"])))
    kms = aws.client("kms")
    open_to = {"AWS": f"arn:aws:iam::{aws.account_id}:root"}
    closed_to = {"AWS": f"arn:aws:iam::{aws.account_id}:role/other"}
    opened, closed = (
        kms.create_key(Policy=json.dumps(document({**allow("kms:*"), "Principal": who})))["KeyMetadata"]["Arn"]
        for who in (open_to, closed_to)
    )
    assert run("account", "export", "account", "--region", "eu-west-1", **aws.environment()).status == 0
    role = f"arn:aws:iam::{aws.account_id}:role/ci"
    for key, verdict in ((opened, "allowed"), (closed, "denied")):
        details = ("--authorization-details", "account", "--output", "json")
        answers = run("who-can", "kms:CreateGrant", "--on", key, *details).document["principals"]
        assert {one["decision"] for one in answers if one["principal"] == role} == {verdict}
        alone = ("--authorization-details", "account/authorization-details.json", "--output", "json")
        answers = run("who-can", "kms:CreateGrant", "--on", key, *alone).document["principals"]
        assert {one["decision"] for one in answers if one["principal"] == role} == {"unknown"}
    write("closed.json", document({**allow("kms:*"), "Principal": closed_to}))
    given = ("--resource-policy", f"{opened}=closed.json")
    answers = run("who-can", "kms:CreateGrant", "--on", opened, *details, *given).document["principals"]
    assert {one["decision"] for one in answers if one["principal"] == role} == {"denied"}
    variant = {"VariantName": "a", "ModelName": "m", "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}
    rows = []
    for number, key in enumerate((opened, closed, opened)):
        request = {"EndpointConfigName": "c", "ProductionVariants": [variant], "KmsKeyId": key}
        write(f"config-{number}.json", request)
        rows.append({"endpoint": "e", "config_request": f"config-{number}.json", "principal": role,
                     "region": "eu-west-1", "account_id": aws.account_id})  # fmt: skip
    (tmp_path / "rows.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    done = run("fleet", "rows.jsonl", "--offline", *ONLY, "--authorization-details", "account")
    assert [json.loads(line)["verdict"] for line in done.out.splitlines()] == ["pass", "fail", "pass"]
    online = run("fleet", "rows.jsonl", *ONLY, "--engine", "local", "--organizations", "ignore", **aws.environment())
    assert [json.loads(line)["verdict"] for line in online.out.splitlines()] == ["pass", "fail", "pass"]


def test_details_as_cloudsplaining_writes_them_leave_a_boundary_unread(run: Run, write: Write) -> None:
    """Of managed policies it keeps those that are attached to somebody, and of AWS's the default version alone.

    Source: cloudsplaining 0.9.1, cloudsplaining/command/download.py, get_account_authorization_details.
    """
    policy = {
        "PolicyName": "ReadOnly",
        "PolicyId": "ANPAEXAMPLE",
        "Arn": "arn:aws:iam::aws:policy/ReadOnly",
        "Path": "/",
        "DefaultVersionId": "v2",
        "AttachmentCount": 1,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": True,
        "CreateDate": "2026-01-01 00:00:00+00:00",
        "UpdateDate": "2026-01-01 00:00:00+00:00",
        "PolicyVersionList": [{"VersionId": "v2", "IsDefaultVersion": True, "Document": document(allow())}],
    }
    has = [{"PolicyName": "ReadOnly", "PolicyArn": policy["Arn"]}]
    users = [
        entity("user", "ann", AttachedManagedPolicies=has),
        entity("user", "eve", AttachedManagedPolicies=has, PermissionsBoundary=boundary("limit")),
    ]
    write("default.json", details(users=users, policies=[policy]))
    ask = ("who-can", "sagemaker:ListEndpoints", "--on", "*", "--authorization-details", "default.json")
    answers = run(*ask, "--output", "json").document["principals"]
    assert [one["decision"] for one in answers] == ["allowed", "unknown"]
    assert "policy/limit" in answers[1]["unread"][0]


@pytest.mark.parametrize("command", ["check", "who-can", "principal-can"])
def test_a_folder_without_details_is_said(command: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "other" / "aws").mkdir(parents=True)
    role = "arn:aws:iam::123456789012:role/ci"
    words = {
        "check": (
            "churn",
            "c",
            "--offline",
            "--region",
            "eu-west-1",
            "--account-id",
            "123456789012",
            "--principal",
            role,
        ),
        "who-can": ("sagemaker:ListEndpoints", "--on", "*"),
        "principal-can": (role,),
    }
    done = run(command, *words[command], "--authorization-details", "other")
    assert (done.status, done.out) == (2, "")
    assert (
        "other: it is a directory without authorization-details.json (give a folder of iamcheck account export"
        in done.err
    )


def test_a_key_policy_that_is_not_understood_is_said_with_its_file(run: Run, write: Write, tmp_path: Path) -> None:
    account = "123456789012"
    (tmp_path / "account" / "key-policies").mkdir(parents=True)
    write("account/authorization-details.json", details(users=[entity("user", "ann")]))
    (tmp_path / "account" / "key-policies" / "eu-west-1.k.json").write_text('{"Statement": [{"Effct": 1}]}')
    key = f"arn:aws:kms:eu-west-1:{account}:key/k"
    done = run("who-can", "kms:CreateGrant", "--on", key, "--authorization-details", "account")
    assert (done.status, "eu-west-1.k.json" in done.err) == (2, True)


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
