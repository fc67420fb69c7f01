"""`iamcheck check --offline`: the main job without a network, by exit status and by what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iamcheck._version import __version__
from iamcheck.iam.catalogue import reference_date
from tests.cli import (
    ACCOUNT,
    CONFIG_ARN,
    ENDPOINT_ARN,
    NAMES,
    NEEDS_MFA,
    OFFLINE,
    REGION_LOCK,
    ROLE,
    allow,
    deny,
    policy,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.cli import Done, Run, Write

ALLOWED = policy(allow("sagemaker:CreateEndpoint*"))
JSON = ("--output", "json")
SKIPPED = dict.fromkeys(("principal.allowed", "sts.active", "endpoint-config.ready", "endpoint-name.ready"), "skipped")


def test_the_main_job(run: Run, schema: Mapping[str, object]) -> None:
    done = run(*OFFLINE, *JSON)
    assert (done.status, done.err) == (0, "")
    report = done.valid(schema)
    assert {key: value for key, value in done.document.items() if key != "reports"} == {
        "schema_version": "2",
        "iamcheck_version": __version__,
        "reference_date": reference_date(),
        "verdict": "pass",
    }
    assert (report["verdict"], report["engine"], report["offline"]) == ("pass", "local", True)
    assert report["deployment"] == {
        "endpoint_name": "churn",
        "endpoint_config_name": "churn-v7",
        "region": "eu-west-1",
        "account_id": ACCOUNT,
        "partition": "aws",
        "source": None,
    }
    assert done.statuses == {"policy.sufficient": "pass", "policy.minimal": "pass", **SKIPPED}
    assert {(one["action"], one["resource"]) for one in report["permissions"]} == {
        ("sagemaker:CreateEndpointConfig", CONFIG_ARN),
        ("sagemaker:CreateEndpoint", ENDPOINT_ARN),
        ("sagemaker:CreateEndpoint", CONFIG_ARN),
    }
    assert report["principal"] is None


def test_the_main_job_for_a_person(run: Run) -> None:
    done = run(*OFFLINE)
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("Verdict: pass\n")
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert "sts.active, endpoint-config.ready, endpoint-name.ready: offline" in done.flat
    assert "\x1b" not in done.out


def test_a_policy_that_forgets_the_config_s_arn(run: Run, write: Write, schema: Mapping[str, object]) -> None:
    forgets = write("forgets.json", policy(allow("sagemaker:CreateEndpoint*", ENDPOINT_ARN)))
    done = run(*OFFLINE, "--policy", forgets)
    assert done.status == 1
    assert "implicitDeny" in done.out
    assert CONFIG_ARN in done.out
    document = run(*OFFLINE, "--policy", forgets, *JSON)
    assert (document.status, document.valid(schema)["verdict"]) == (1, "fail")
    decisions = {
        (one["action"], one["resource"]): one["decision"] for one in document.check("principal.allowed")["evidence"]
    }
    assert decisions == {
        ("sagemaker:CreateEndpointConfig", CONFIG_ARN): "implicitDeny",
        ("sagemaker:CreateEndpoint", ENDPOINT_ARN): "allowed",
        ("sagemaker:CreateEndpoint", CONFIG_ARN): "implicitDeny",
    }
    assert CONFIG_ARN in document.check("principal.allowed")["remedy"]["text"]


@pytest.mark.parametrize("identity", [("--policy", "allowed.json"), ()], ids=["own-policy", "rendered-policy"])
def test_an_scp_that_locks_regions(
    run: Run, write: Write, schema: Mapping[str, object], identity: tuple[str, ...]
) -> None:
    write("allowed.json", ALLOWED)
    lock = write("lock.json", REGION_LOCK)
    elsewhere = ("check", *NAMES, "--offline", "--account-id", ACCOUNT, *identity, "--scp", f"FullAWSAccess,{lock}")
    words = (*elsewhere, "--region", "eu-west-1")
    done = run(*words)
    assert done.status == 1
    assert "RegionLock" in done.out
    assert "lock.json" in done.out
    document = run(*words, *JSON)
    assert document.valid(schema)["verdict"] == "fail"
    by = [one["decided_by"] for one in document.check("principal.allowed")["evidence"]]
    assert {(one["policy_type"], one["policy"], one["sid"], one["index"]) for one in by} == {
        ("scp", "lock.json", "RegionLock", 0)
    }
    assert any("rendered policy" in one for one in document.report["assumptions"]) is not bool(identity)
    assert run(*elsewhere, "--region", "eu-central-1").status == 0


def test_a_deny_on_what_nobody_knows(run: Run, write: Write, schema: Mapping[str, object]) -> None:
    mfa = write("mfa.json", NEEDS_MFA)
    done = run(*OFFLINE, "--policy", mfa)
    assert done.status == 3
    assert "aws:MultiFactorAuthPresent" in done.out
    assert "--absent aws:MultiFactorAuthPresent" in done.flat
    document = run(*OFFLINE, "--policy", mfa, *JSON)
    assert (document.status, document.valid(schema)["verdict"]) == (3, "unknown")
    found = document.check("principal.allowed")
    assert found["open_keys"] == ["aws:multifactorauthpresent"]
    assert {one["certain"] for one in found["evidence"]} == {False}


@pytest.mark.parametrize(
    ("words", "status", "assumed"),
    [
        (("--context", "aws:MultiFactorAuthPresent=false"), 1, "aws:MultiFactorAuthPresent"),
        (("--context", "aws:multifactorauthpresent=true"), 0, "aws:multifactorauthpresent"),
        (("--absent", "aws:MultiFactorAuthPresent"), 0, "aws:MultiFactorAuthPresent"),
    ],
)
def test_what_the_user_knows_settles_it(
    run: Run, write: Write, words: tuple[str, ...], status: int, assumed: str
) -> None:
    done = run(*OFFLINE, "--policy", write("mfa.json", NEEDS_MFA), *words, *JSON)
    assert done.status == status
    assert any(assumed in one for one in done.report["assumptions"])


def test_context_wins_over_what_iamcheck_knows(run: Run, write: Write) -> None:
    write("allowed.json", ALLOWED)
    lock = ("--policy", "allowed.json", "--scp", f"FullAWSAccess,{write('lock.json', REGION_LOCK)}")
    assert run(*OFFLINE, *lock).status == 1
    assert run(*OFFLINE, *lock, "--context", "aws:RequestedRegion=eu-central-1").status == 0
    assert run(*OFFLINE, *lock, "--absent", "aws:RequestedRegion").status == 1


def test_lists_are_split_for_lists_only(run: Run, write: Write) -> None:
    tagged = policy(
        allow(Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["team", "cost"]}}),
        deny(Condition={"StringNotEquals": {"aws:PrincipalTag/team": "a,b"}}),
    )
    words = (*OFFLINE, "--policy", write("tagged.json", tagged), "--context", "aws:PrincipalTag/team=a,b")
    assert run(*words, "--context", "aws:TagKeys=team,cost").status == 0
    assert run(*words, "--context", "aws:TagKeys=team", "--context", "aws:TagKeys=cost").status == 0
    assert run(*words, "--context", "aws:TagKeys=team,other").status == 1


@pytest.mark.parametrize(
    ("words", "status", "layer"),
    [
        (("--boundary", "allowed.json"), 0, None),
        (("--boundary", "narrow.json"), 1, "permissions boundary"),
        (("--scp", "FullAWSAccess", "--scp", "allowed.json"), 0, None),
        (("--scp", "FullAWSAccess", "--scp", "narrow.json"), 1, "service control policy (SCP)"),
        (("--scp", "scps"), 1, "service control policy (SCP)"),
        (("--rcp", "RCPFullAWSAccess"), 0, None),
        (("--rcp", "RCPFullAWSAccess,rcp.json"), 0, None),
        (("--resource-policy", f"{CONFIG_ARN}=guard.json"), 1, "resource policy"),
        (("--resource-policy", f"{CONFIG_ARN}-other=guard.json"), 0, None),
    ],
)
def test_every_layer_has_its_say(
    run: Run, write: Write, tmp_path: Path, words: tuple[str, ...], status: int, layer: str | None
) -> None:
    (tmp_path / "scps").mkdir()
    write("allowed.json", ALLOWED)
    write("narrow.json", policy(allow("sagemaker:CreateEndpoint", ENDPOINT_ARN)))
    write("scps/root.json", policy(allow()))
    write("scps/lock.json", REGION_LOCK)
    write("rcp.json", policy(deny("s3:*", Principal="*")))
    write("guard.json", policy(deny("sagemaker:*", CONFIG_ARN, Principal="*")))
    done = run(*OFFLINE, "--policy", "allowed.json", *words)
    assert done.status == status, done.out
    if layer:
        assert layer in done.flat


def test_several_policies_count_together(run: Run, write: Write) -> None:
    one = write("one.json", policy(allow("sagemaker:CreateEndpointConfig")))
    other = write("other.json", policy(allow("sagemaker:CreateEndpoint")))
    assert run(*OFFLINE, "--policy", one).status == 1
    assert run(*OFFLINE, "--policy", one, "--policy", other).status == 0


def test_strict_takes_no_assumptions(run: Run, write: Write) -> None:
    allowed = write("allowed.json", ALLOWED)
    assert run(*OFFLINE, "--policy", allowed).status == 0
    done = run(*OFFLINE, "--policy", allowed, "--strict")
    assert done.status == 3
    assert "--strict" in done.flat
    # nothing rests on assumptions where the policy alone is judged
    assert run(*OFFLINE, "--strict").status == 0


def test_the_principal_s_own_keys_are_known(run: Run, write: Write) -> None:
    named = policy(allow(Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}))
    words = (*OFFLINE, "--policy", write("named.json", named))
    assert run(*words, "--principal", ROLE).status == 0
    assert run(*words, "--principal", f"{ROLE}-other").status == 1
    done = run(*words)
    assert done.status == 3
    assert "aws:PrincipalArn" in done.out


@pytest.mark.parametrize("scope", ["create", "update", "deploy", "lifecycle", "docs"])
def test_every_scope_is_proved(run: Run, schema: Mapping[str, object], scope: str) -> None:
    done = run(*OFFLINE, "--scope", scope, *JSON)
    report = done.valid(schema)
    assert (done.status, report["scope"], report["verdict"]) == (0, scope, "pass")


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (("--skip", "policy.minimal"), ["policy.sufficient"]),
        (("--skip", "sts.active", "--skip", "policy.minimal"), ["policy.sufficient"]),
        (("--check", "all"), ["policy.sufficient", "policy.minimal"]),
        (("--check", "policy.minimal", "--skip", "policy.minimal"), ["policy.sufficient"]),
    ],
)
def test_checks_are_chosen(run: Run, words: tuple[str, ...], ids: list[str]) -> None:
    done = run(*OFFLINE, *words, *JSON)
    ran = [one for one, status in done.statuses.items() if status != "skipped"]
    assert (done.status, ran) == (0, ids)
    assert set(SKIPPED) < set(done.statuses)


def test_nothing_checked_is_no_pass(run: Run) -> None:
    words = [word for one in ("policy.sufficient", "policy.minimal") for word in ("--skip", one)]
    done = run(*OFFLINE, *words)
    assert done.status == 3
    assert "Verdict: unknown" in done.out


def test_names_by_option(run: Run) -> None:
    here = ("--offline", "--region", "eu-west-1", "--account-id", ACCOUNT, *JSON)
    expected = run("check", *NAMES, *here).report
    assert run("check", "--endpoint-name", NAMES[0], "--endpoint-config-name", NAMES[1], *here).report == expected
    assert run("check", NAMES[0], "--endpoint-config-name", NAMES[1], *here).report == expected
    assert run("check", *NAMES, "--endpoint-name", NAMES[0], *here).report == expected


@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION"])
def test_the_region_of_the_environment(run: Run, name: str) -> None:
    done = run("check", *NAMES, "--offline", "--account-id", ACCOUNT, *JSON, **{name: "eu-north-1"})
    assert (done.status, done.report["deployment"]["region"]) == (0, "eu-north-1")


GENEROUS = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}'


@pytest.mark.parametrize("words", [("--template", "policies/create.json.j2"), ("--template-dir", ".")])
def test_own_templates(run: Run, tmp_path: Path, words: tuple[str, str]) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/create.json.j2").write_text(GENEROUS)
    done = run(*OFFLINE, *words, *JSON)
    assert done.status == 1
    assert done.statuses == {"policy.sufficient": "pass", "policy.minimal": "fail", **SKIPPED}
    assert done.report["policy"] == json.loads(GENEROUS)


def test_the_check_decides_past_dates_and_names_the_time_of_others(run: Run, write: Write) -> None:
    past, future = "2020-01-01T00:00:00Z", "2099-01-01T00:00:00Z"
    words = ("check", "churn", "churn-v7", "--region", "eu-west-1", "--account-id", "123456789012", "--offline")

    def done(operator: str, value: str, *more: str) -> Done:
        condition = {operator: {"aws:CurrentTime": value}}
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
        document = {"Version": "2012-10-17", "Statement": [statement]}
        return run(*words, "--output", "json", "--policy", write("p.json", document), *more)

    assert done("DateGreaterThan", past).statuses["principal.allowed"] == "pass"
    assert done("DateLessThan", past).statuses["principal.allowed"] == "fail"
    open_ = done("DateLessThan", future)
    assert open_.statuses["principal.allowed"] == "unknown"
    (check,) = [one for one in open_.report["checks"] if one["id"] == "principal.allowed"]
    cure = "to settle it, say what the request will have: --context aws:CurrentTime=TIME, when the deployment is made"
    assert check["remedy"]["text"] == cure
    settled = done("DateLessThan", future, "--context", "aws:CurrentTime=2026-12-01T00:00:00Z")
    assert settled.statuses["principal.allowed"] == "pass"
