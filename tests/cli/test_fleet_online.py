"""`iamcheck fleet` online: sessions and roles are shared by rows, and calls are bounded."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.clients import call
from iamcheck.aws.limits import Deadline
from iamcheck.aws.shared_sessions import SharedSessions
from tests.cli.fleets import ACCOUNTS, EVERYTHING, create_roles, results_of, trust, write_rows
from tests.documents import allow, deny, document
from tests.server import error
from tests.server.sts import refused

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Run
    from tests.server import Answer, Call, LoopbackAws


def without_external_id(call: Call) -> Answer | None:
    """Refuse what a trust policy refuses that asks for the external id x1."""
    if call.parameters.get("ExternalId") == "x1":
        return None
    return error(call.protocol, 403, "AccessDenied", "User is not authorized to perform: sts:AssumeRole")


def test_a_row_online_is_what_check_says(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{}, {}])
    check = run("check", "churn", "churn-v7", "--region", "eu-west-1", "--output", "json", **aws.environment())
    done = run("fleet", "fleet.jsonl", **aws.environment())
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {"row": number, **check.document} for number in (1, 2)
    ]
    assert done.status == check.status


def test_a_role_is_assumed_once_in_each_account(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    for account in ACCOUNTS:
        aws.create_role("fleet", account_id=account, policy=EVERYTHING, trust=trust())
    write_rows(tmp_path, [{"account_id": account} for account in ACCOUNTS * 2])
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    results = [json.loads(line) for line in done.out.splitlines()]
    assert [one["reports"][0]["deployment"]["account_id"] for one in results] == [*ACCOUNTS, *ACCOUNTS]
    assert [one["reports"][0]["principal"] for one in results] == [
        f"arn:aws:sts::{account}:assumed-role/fleet/iamcheck-fleet" for account in ACCOUNTS * 2
    ]
    assert aws.actions.count("sts:AssumeRole") == 3


def test_a_role_that_may_not_be_assumed_is_unknown_with_the_cure(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    aws.create_role("fleet", policy=EVERYTHING, trust=trust())
    aws.hook("sts:AssumeRole", without_external_id)
    write_rows(tmp_path, [{"account_id": ACCOUNTS[0]}, {}])
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    refused, unplaced = (json.loads(line) for line in done.out.splitlines())
    assert (refused["verdict"], unplaced["verdict"]) == ("unknown", "invalid")
    assert "--external-id where its trust policy has one" in refused["error"]
    assert "asks for MFA" in refused["error"]
    assert "give account_id in the row" in unplaced["error"]
    again = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", "--external-id", "x1", **aws.environment())
    assert json.loads(again.out.splitlines()[0])["reports"][0]["principal"].endswith(
        "assumed-role/fleet/iamcheck-fleet"
    )


REGIONS = ("eu-west-1", "eu-central-1")
PER_ROW = {
    "iam:SimulatePrincipalPolicy": 2,
    "sagemaker:DescribeEndpoint": 1,
    "sagemaker:DescribeEndpointConfig": 1,
    "sagemaker:ListEndpoints": 1,
}
"""The calls for a row whose endpoint no other row has."""
PER_PRINCIPAL = {
    "sts:AssumeRole": 1,
    "sts:GetCallerIdentity": 1,
    "sts:GetSessionToken": 1,
    "iam:GetRole": 1,
    "iam:ListRolePolicies": 1,
    "iam:GetRolePolicy": 1,
    "iam:ListAttachedRolePolicies": 1,
}
"""The calls for the role of an account, however many rows it has."""


def calls_for(rows: int, roles: int) -> Counter[str]:
    """The calls of a fleet of rows over roles, each with an inline policy, in one Region."""
    return Counter(
        {name: rows * count for name, count in PER_ROW.items()}
        | {name: roles * count for name, count in PER_PRINCIPAL.items()}
    )


def test_what_rows_have_in_common_is_asked_once_for_a_principal(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "config": f"c{n}", "account_id": ACCOUNTS[n % 3]} for n in range(6)])
    run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    assert Counter(aws.actions) == calls_for(rows=6, roles=3)


def test_rows_of_one_deployment_ask_the_simulator_once(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{}] * 3)
    run("fleet", "fleet.jsonl", **aws.environment())
    assert aws.actions.count("iam:SimulatePrincipalPolicy") == 2
    assert aws.actions.count("sagemaker:DescribeEndpoint") == 3


def test_each_row_of_several_accounts_is_what_check_says_there(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    policies = (EVERYTHING, document(allow("*"), deny("sagemaker:CreateEndpoint", Sid="No")), document(allow("iam:*")))
    expected = []
    for account, policy in zip(ACCOUNTS, policies, strict=True):
        role = aws.create_role("fleet", account_id=account, policy=policy, trust=trust(), session="iamcheck-fleet")
        words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--output", "json")
        expected.append(run(*words, **aws.environment(role)).document)
    write_rows(tmp_path, [{"account_id": account} for account in ACCOUNTS * 2])
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    assert results_of(done) == [{"row": number, **one} for number, one in enumerate(expected * 2, 1)]
    assert [one["verdict"] for one in expected] == ["unknown", "fail", "fail"]


@pytest.mark.slow
def test_rows_of_accounts_under_different_scps_are_what_check_says_there(
    aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    tree = aws.organizations.create()
    roles = {}
    for number, account in enumerate(ACCOUNTS):
        unit = tree.unit(f"unit{number}", tree.root)
        tree.account(account, unit)
        if number:
            only = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"][:number]}}
            tree.attach(unit, document(deny("sagemaker:*", Sid=f"Scp{number}", Condition=only)))
        aws.organizations.delegated.add(account)
        policy = document(allow("*"), *([deny("sagemaker:CreateEndpointConfig")] if number == 1 else []))
        roles[account] = aws.create_role(
            "fleet", account_id=account, policy=policy, trust=trust(), session="iamcheck-fleet"
        )
    rows = [
        {
            "endpoint": f"e{n}",
            "account_id": ACCOUNTS[n % 3],
            "region": REGIONS[n % 2],
            "engine": ("auto", "local")[n % 2],
        }
        for n in range(300)
    ]
    write_rows(tmp_path, rows)
    command = [
        sys.executable,
        "-m",
        "iamcheck",
        "fleet",
        "fleet.jsonl",
        "--assume-role-name",
        "fleet",
        "--workers",
        "2",
    ]
    done = subprocess.run(command, cwd=tmp_path, env=aws.environment(), capture_output=True, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    asked = Counter(aws.actions)
    assert len(results) == 300
    for number in (*range(0, 30), *range(37, 300, 37)):
        row = rows[number]
        options = ("--region", row["region"], "--engine", row["engine"], "--output", "json")
        alone = run("check", row["endpoint"], "churn-v7", *options, **aws.environment(roles[row["account_id"]]))
        assert results[number] == {"row": number + 1, **alone.document}
    assert {one["verdict"] for one in results} == {"fail", "unknown"}
    per_role = 2 * 3  # two workers, three accounts
    assert asked["sts:AssumeRole"] == asked["iam:GetRole"] == asked["iam:GetRolePolicy"] == per_role
    assert asked["organizations:DescribeOrganization"] == per_role
    # SCPs and RCPs of the root, the unit and the account
    assert asked["organizations:ListPoliciesForTarget"] == per_role * 2 * 3
    assert asked["sts:GetCallerIdentity"] == per_role * len(REGIONS)


def test_a_role_is_assumed_anew_before_its_credentials_expire(
    aws: LoopbackAws, enter: Callable[[Mapping[str, str]], None]
) -> None:
    create_roles(aws)
    enter(aws.environment())
    start = time.time()
    moment = [start]
    shared = SharedSessions(role_name="fleet", clock=lambda: moment[0])

    def who_calls() -> None:
        clients = shared.clients(None, ACCOUNTS[0], region="eu-west-1", timeout=30)
        sagemaker = clients.session.client("sagemaker", region_name="eu-west-1")
        call(sagemaker, "sagemaker:ListEndpoints", Deadline.after(30, time.monotonic))

    for seconds, times in ((0, 1), (3000, 1), (3400, 2), (3500, 2)):
        moment[0] = start + seconds
        who_calls()
        assert aws.actions.count("sts:AssumeRole") == times
    keys = [one.access_key_id for one in aws.calls if one.operation == "ListEndpoints"]
    assert keys[0] == keys[1] != keys[2] == keys[3]


class Expired:
    """Refuses calls of some operations as expired, by the key that they are signed with.

    Args:
        most: Keys that are refused, the first ones that come.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.keys: list[str | None] = []

    def __call__(self, call: Call) -> Answer | None:
        if call.access_key_id not in self.keys and len(self.keys) < self.most:
            self.keys.append(call.access_key_id)
        return refused(call, "expired") if call.access_key_id in self.keys else None


@pytest.mark.parametrize("action", ["iam:SimulatePrincipalPolicy", "sagemaker:DescribeEndpoint", "iam:GetRole"])
def test_a_role_whose_credentials_expire_in_the_middle_is_assumed_anew(
    action: str, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[0]} for n in range(2)])
    words = ("fleet", "fleet.jsonl", "--assume-role-name", "fleet")
    undisturbed = run(*words, **aws.environment())
    aws.hook(action, Expired(1))
    before = aws.actions.count("sts:AssumeRole")
    assert run(*words, **aws.environment()).out == undisturbed.out
    assert aws.actions.count("sts:AssumeRole") - before == 2


def test_credentials_that_go_on_being_refused_are_renewed_once(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 2]} for n in range(6)])
    expired = Expired(1000)
    aws.hook("*", lambda call: expired(call) if (call.access_key_id or "").startswith("ASIA") else None)
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    assert [one["verdict"] for one in results_of(done)] == ["unknown"] * 6
    assert all("the credentials have expired" in line for line in done.out.splitlines())
    assert aws.actions.count("sts:AssumeRole") == 4


def test_a_role_that_is_refused_is_refused_once_and_hurts_no_other_account(
    aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    create_roles(aws)
    aws.hook("sts:AssumeRole", lambda call: without_external_id(call) if ACCOUNTS[1] in str(call.parameters) else None)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(9)])
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    results = results_of(done)
    refused_rows = [one for one in results if "error" in one]
    assert [one["row"] for one in refused_rows] == [2, 5, 8]
    assert {one["verdict"] for one in refused_rows} == {"unknown"}
    assert len({one["error"] for one in refused_rows}) == 1
    assert aws.actions.count("sts:AssumeRole") == 3
    allowed = [check for one in results if "error" not in one for check in one["reports"][0]["checks"]]
    assert {one["status"] for one in allowed if one["id"] == "principal.allowed"} == {"pass"}


MFA_PROFILES = """
[profile base]
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = not-a-secret
[profile with-mfa]
role_arn = arn:aws:iam::123456789012:role/ci
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/ann
[profile over-mfa]
role_arn = arn:aws:iam::123456789012:role/other
source_profile = with-mfa
"""


@pytest.mark.parametrize("profile", ["with-mfa", "over-mfa"])
def test_a_profile_whose_role_asks_for_mfa_is_refused_with_the_cure(
    profile: str, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text(MFA_PROFILES)
    write_rows(tmp_path, [{"profile": profile}] * 2)
    done = run("fleet", "fleet.jsonl", **aws.environment(AWS_CONFIG_FILE=str(tmp_path / "config")))
    for result in results_of(done):
        assert result["verdict"] == "unknown"
        assert "asks for MFA" in result["error"]
        assert f"aws configure export-credentials --profile {profile}" in result["error"]
    assert aws.actions == []


def test_regions_and_partitions_where_credentials_are_not_good(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    create_roles(aws)
    role = aws.create_role("other", account_id=ACCOUNTS[1], policy=EVERYTHING, session="s")
    aws.sts.deactivate("eu-west-1", account_id=ACCOUNTS[1])
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--output", "json")
    expected = {one["id"]: one["status"] for one in run(*words, **aws.environment(role)).report["checks"]}
    before = Counter(aws.actions)
    rows = [
        {"account_id": ACCOUNTS[1]},
        {"account_id": ACCOUNTS[1], "region": "eu-central-1"},
        {"account_id": ACCOUNTS[0]},
        {"account_id": ACCOUNTS[0], "region": "mars-north-1"},
        {"account_id": ACCOUNTS[0], "region": "cn-north-1"},
        {"account_id": ACCOUNTS[0], "region": "cn-north-1"},
    ]
    write_rows(tmp_path, rows)
    done = run("fleet", "fleet.jsonl", "--assume-role-name", "fleet", **aws.environment())
    results = results_of(done)
    assert [one["verdict"] for one in results] == ["fail", "unknown", "unknown", "invalid", "unknown", "unknown"]
    assert {one["id"]: one["status"] for one in results[0]["reports"][0]["checks"]} == expected
    assert expected["sts.active"] == "fail"
    assert "mars-north-1" in results[3]["error"]
    assert "InvalidClientTokenId" in results[4]["error"]
    assert results[5] == {**results[4], "row": 6}
    # two accounts, one of them where STS is deactivated in the Region of the environment, and another partition
    assert (Counter(aws.actions) - before)["sts:AssumeRole"] == 4


PROFILES = """
[profile base]
aws_access_key_id = {key}
aws_secret_access_key = not-a-secret
[profile ci]
role_arn = arn:aws:iam::123456789012:role/fleet
source_profile = base
"""


def test_sts_is_probed_once_for_a_principal_and_region(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    create_roles(aws)
    probe = aws.create_role("probe", policy=EVERYTHING, trust=trust()).caller.principal
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[0]} for n in range(3)])
    words = ("fleet", "fleet.jsonl", "--assume-role-name", "fleet", "--sts-probe-role", probe)
    done = run(*words, **aws.environment())
    assert [one["verdict"] for one in results_of(done)] == ["pass"] * 3
    assert [call.parameters["RoleArn"] for call in aws.calls if call.operation == "AssumeRole"] == [
        f"arn:aws:iam::{ACCOUNTS[0]}:role/fleet",
        probe,
    ]


@pytest.mark.parametrize(
    ("refusal", "status"), [(None, "pass"), ("RegionDisabledException", "fail"), ("AccessDenied", "unknown")]
)
def test_the_role_of_a_profile_is_probed_once(
    refusal: str | None, status: str, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    aws.create_role("fleet", policy=EVERYTHING, trust=trust())
    if refusal is not None:
        text = f"STS is not activated in this region for account:{ACCOUNTS[0]}."
        aws.hook(
            "sts:AssumeRole",
            lambda call: error(call.protocol, 403, refusal, text) if "Policy" in call.parameters else None,
        )
    (tmp_path / "config").write_text(PROFILES.format(key=aws.admin.access_key_id))
    write_rows(tmp_path, [{"endpoint": f"e{n}", "profile": "ci"} for n in range(3)])
    environment = aws.environment(AWS_CONFIG_FILE=str(tmp_path / "config"))
    done = run("fleet", "fleet.jsonl", **environment)
    count = aws.actions.count("sts:AssumeRole")
    alone = run(
        "check", "e0", "churn-v7", "--region", "eu-west-1", "--profile", "ci", "--output", "json", **environment
    )
    active = [one for row in results_of(done) for one in row["reports"][0]["checks"] if one["id"] == "sts.active"]
    assert active == [alone.check("sts.active")] * 3
    assert active[0]["status"] == status
    # by the credential chain, and with a session policy as a probe
    assert count == 2


def test_the_probe_of_a_profile_counts_as_a_call(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    aws.create_role("fleet", policy=EVERYTHING, trust=trust())
    (tmp_path / "config").write_text(PROFILES.format(key=aws.admin.access_key_id))
    write_rows(tmp_path, [{"endpoint": f"e{n}", "profile": "ci"} for n in range(3)])
    environment = aws.environment(AWS_CONFIG_FILE=str(tmp_path / "config"))
    run("fleet", "fleet.jsonl", **environment)
    needed = len(aws.calls)
    for most in (needed - 1, needed, needed + 1):
        before = len(aws.calls)
        run("fleet", "fleet.jsonl", "--max-calls", str(most), **environment)
        assert len(aws.calls) - before == min(most, needed)


def test_authorization_details_are_read_once_and_no_policy_is_asked_for(
    aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    policies = {"ann": EVERYTHING, "other": document(deny("sagemaker:CreateEndpoint"), allow("sagemaker:*"))}
    for name, policy in policies.items():
        aws.create_user(name, policy=policy)
    environment = aws.environment()
    run("account", "export", "account", **environment)
    details = next((tmp_path / "account").glob("*authorization-details*.json"))
    before = Counter(aws.actions)

    def spoil(call: Call) -> None:
        if call.parameters["EndpointName"] == "e1":
            details.write_text("spoiled")

    aws.hook("sagemaker:DescribeEndpoint", spoil)
    rows = [
        {"endpoint": f"e{n}", "principal": f"arn:aws:iam::{ACCOUNTS[0]}:user/{name}"}
        for n, name in enumerate(("admin", "admin", "other"))
    ]
    write_rows(tmp_path, rows)
    done = run("fleet", "fleet.jsonl", "--authorization-details", str(details), "--skip", "sts.active", **environment)
    assert details.read_text() == "spoiled"
    assert [one["verdict"] for one in results_of(done)] == ["pass", "pass", "fail"]
    asked = Counter(aws.actions) - before
    assert not [name for name in asked if name.startswith("iam:") and "Simulate" not in name]
