"""`--request` and `--config-request`: the names, the permissions and the context from the real requests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, allow, deny, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Done, Run, Write

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
FILES = ("--request", "e.json", "--config-request", "c.json")
OFFLINE = ("--offline", "--policy", "all.json", *HERE)
G5_SCP = policy(
    deny(
        "sagemaker:CreateEndpointConfig",
        Sid="OnlyM5",
        Condition={"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": "ml.m5.*"}},
    )
)
TAG_SCP = policy(
    deny(
        ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"],
        Sid="TeamTag",
        Condition={"Null": {"aws:RequestTag/team": "true"}},
    )
)


@pytest.fixture
def requests(write: Write) -> Write:
    """Write both requests, with these members of the config and of both."""

    def write_requests(instance_type: str, both: Any) -> str:  # noqa: ANN401  any JSON
        variants = [{"VariantName": "a", "ModelName": "m", "InstanceType": instance_type, "InitialInstanceCount": 1}]
        write("all.json", policy(allow()))
        write("e.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7", **both})
        return write("c.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": variants, **both})

    return write_requests


def principal(done: Done) -> Any:  # noqa: ANN401  any JSON
    return done.check("principal.allowed")


def test_the_names_come_from_the_requests(run: Run, requests: Write) -> None:
    requests("ml.m5.large", {})

    done = run("check", *FILES, *OFFLINE, "--output", "json")

    assert (done.status, done.err) == (0, "")
    assert done.report["deployment"]["endpoint_name"] == "churn"
    assert {one["resource"] for one in done.report["permissions"]} == {ENDPOINT_ARN, CONFIG_ARN}
    config = next(one for one in done.report["permissions"] if one["action"] == "sagemaker:CreateEndpointConfig")
    assert config["context"]["sagemaker:InstanceTypes"] == ["ml.m5.large"]
    assert "aws:RequestTag/*" in config["absent"]


def test_the_policy_is_that_of_the_requests(run: Run, requests: Write) -> None:
    requests("ml.m5.large", {"Tags": [{"Key": "team", "Value": "ml"}]})

    bare = run("generate", "churn", "churn-v7", *HERE)
    done = run("generate", *FILES, *HERE)

    assert (done.status, done.err) == (0, "")
    sids = [one["Sid"] for one in done.report["Statement"]]
    assert sids == [*(one["Sid"] for one in bare.report["Statement"]), "TagEndpoint", "TagEndpointConfig"]


def test_an_scp_on_instance_types(run: Run, requests: Write, write: Write) -> None:
    scp = ("--scp", f"FullAWSAccess,{write('scp.json', G5_SCP)}", "--output", "json")

    requests("ml.m5.large", {})
    fits = run("check", *FILES, *OFFLINE, *scp)
    bare = run("check", "churn", "churn-v7", *OFFLINE, *scp)
    only_endpoint = run("check", "--request", "e.json", *OFFLINE, *scp)
    requests("ml.g5.xlarge", {})
    denied = run("check", *FILES, *OFFLINE, *scp)

    assert fits.status == 0
    assert denied.status == 1
    assert principal(denied)["status"] == "fail"
    assert "OnlyM5" in principal(denied)["summary"]
    for done in (bare, only_endpoint):
        assert done.status == 3
        assert principal(done)["open_keys"] == ["sagemaker:instancetypes"]
        assert "sagemaker:InstanceTypes" in principal(done)["summary"]


def test_tags_that_must_be_there(run: Run, requests: Write, write: Write) -> None:
    scp = ("--scp", f"FullAWSAccess,{write('scp.json', TAG_SCP)}", "--output", "json")

    requests("ml.m5.large", {"Tags": [{"Key": "team", "Value": "ml"}]})
    tagged = run("check", *FILES, *OFFLINE, *scp)
    bare = run("check", "churn", "churn-v7", *OFFLINE, *scp)
    requests("ml.m5.large", {"Tags": [{"Key": "cost", "Value": "ml"}]})
    otherwise = run("check", *FILES, *OFFLINE, *scp)
    requests("ml.m5.large", {})
    untagged = run("check", *FILES, *OFFLINE, *scp)

    assert tagged.status == 0
    assert (bare.status, principal(bare)["open_keys"]) == (3, ["aws:requesttag/team"])
    for done in (otherwise, untagged):
        assert done.status == 1
        assert "TeamTag" in principal(done)["summary"]


def test_what_the_user_says_wins_over_the_request(run: Run, requests: Write, write: Write) -> None:
    scp = ("--scp", f"FullAWSAccess,{write('scp.json', TAG_SCP)}")
    requests("ml.m5.large", {"Tags": [{"Key": "team", "Value": "ml"}]})
    assert run("check", *FILES, *OFFLINE, *scp, "--absent", "aws:RequestTag/team").status == 1
    requests("ml.m5.large", {})
    assert run("check", *FILES, *OFFLINE, *scp, "--context", "aws:RequestTag/team=ml").status == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--request", "nosuch.json", "--config-request", "c.json"), "nosuch.json: there is no such file"),
        (("--request", "c.json"), "c.json, line "),
        (("other", "churn-v7", *FILES), "EndpointName: 'other' is given"),
        (("--request", "list.json", *FILES[2:]), "list.json: a request is a JSON object"),
        (("--request", "typo.json", *FILES[2:]), "typo.json, line 1, EndpointNme: CreateEndpoint has no member"),
        (
            ("--request", "other.json", *FILES[2:]),
            "other.json, line 1, EndpointConfigName: 'v8' here and 'churn-v7'",
        ),
        (("--request", "-", "--config-request", "-"), "both are standard input"),
    ],
)
@pytest.mark.parametrize("command", ["check", "generate"])
def test_bad_requests_are_one_line_and_2(
    run: Run, requests: Write, tmp_path: Path, command: str, words: tuple[str, ...], said: str
) -> None:
    requests("ml.m5.large", {})
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "typo.json").write_text(json.dumps({"EndpointNme": "churn"}))
    (tmp_path / "other.json").write_text(json.dumps({"EndpointName": "churn", "EndpointConfigName": "v8"}))

    done = run(command, *words, *HERE, *(("--offline",) if command == "check" else ()))

    assert (done.status, done.out) == (2, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_the_probe_role_is_for_no_request(run: Run, requests: Write) -> None:
    requests("ml.m5.large", {})
    assert run("generate", "--for", "sts-probe-role", *FILES, *HERE).status == 2


def test_a_policy_that_singles_a_key_out_leaves_an_alias_open(run: Run, requests: Write, write: Write) -> None:
    requests("ml.m5.large", {})
    variants = [{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]
    write("c.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": variants, "KmsKeyId": "alias/volumes"})
    keys = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key"
    write("key.json", policy({**allow("kms:*"), "Principal": {"AWS": ACCOUNT}}))
    words = ("check", *FILES, *OFFLINE, "--resource-policy", f"{keys}/*=key.json", "--output", "json")
    given = ("--principal", f"arn:aws:iam::{ACCOUNT}:role/ci")
    assert principal(run(*words, *given))["status"] == "pass"

    write("all.json", policy(allow(), deny("kms:*", Sid="NotThisKey", Resource=f"{keys}/1234abcd")))

    found = principal(run(*words, *given))
    assert found["status"] == "unknown"
    assert f"which key the alias names: for {keys}/1234abcd" in found["summary"]
