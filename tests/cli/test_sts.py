"""`iamcheck sts` and `iamcheck generate --for sts-probe-role`: exit status and words of each world of STS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, ROLE
from tests.server import World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Run
    from tests.server import LoopbackAws

REGION = "eu-west-1"
PROBE = f"arn:aws:iam::{ACCOUNT}:role/probe"


def user(aws: LoopbackAws, _: Path) -> dict[str, str]:
    return aws.environment(AWS_MAX_ATTEMPTS="1")


def session(aws: LoopbackAws, _: Path) -> dict[str, str]:
    return aws.environment(aws.create_role("ci"), AWS_MAX_ATTEMPTS="1")


def web_identity(aws: LoopbackAws, folder: Path) -> dict[str, str]:
    aws.create_role("ci")
    return {**aws.web_identity(ROLE, folder / "token", region_name=REGION), "AWS_MAX_ATTEMPTS": "1"}


WORLDS = [
    # who asks, the Region's world, exit status, what must be said
    (user, World.ACTIVE, 0, "active"),
    (user, World.DEACTIVATED, 1, "deactivated"),
    (session, World.ACTIVE, 3, "--sts-probe-role"),
    (web_identity, World.ACTIVE, 0, "active"),
    (user, World.INVALID_TOKEN, 3, "InvalidClientTokenId"),
    (user, World.EXPIRED_TOKEN, 3, "expired"),
    (user, World.THROTTLED, 3, "throttled"),
    (user, World.GARBAGE, 3, "cannot be understood"),
    (user, World.BAD_GATEWAY, 3, "502"),
    (user, World.ACCESS_DENIED, 3, "AccessDenied"),
]


@pytest.mark.parametrize(("who", "world", "status", "says"), WORLDS)
def test_worlds(
    run: Run,
    aws: LoopbackAws,
    tmp_path: Path,
    who: Callable[[LoopbackAws, Path], dict[str, str]],
    world: World,
    status: int,
    says: str,
) -> None:
    environment = who(aws, tmp_path)
    aws.sts.world(REGION, world)
    done = run("sts", REGION, **environment)
    assert (done.status, done.err) == (status, "")
    assert says in done.flat
    verdict = {0: "pass", 1: "fail", 3: "unknown"}[status]
    assert done.out.endswith(f"\nVerdict: {verdict}\n")
    document = run("sts", REGION, "--output", "json", **environment)
    assert document.status == status
    assert (document.report["schema_version"], document.report["verdict"]) == ("2", verdict)
    (region,) = document.report["regions"]
    assert {"region", "state", "status", "summary", "evidence"} <= set(region)
    assert (region["region"], region["status"]) == (REGION, verdict)
    assert {one["call"]["endpoint"] for one in region["evidence"]} == {aws.url}


def test_credentials_that_a_region_does_not_know_are_tried_in_the_home_region(
    run: Run, aws: LoopbackAws, tmp_path: Path
) -> None:
    aws.sts.world(REGION, World.INVALID_TOKEN)
    (region,) = run("sts", REGION, "--output", "json", **user(aws, tmp_path)).report["regions"]
    assert "GetCallerIdentity answered" in str(region["evidence"])
    # nor are they known at home
    aws.sts.world("us-east-1", World.INVALID_TOKEN)
    (region,) = run("sts", REGION, "--output", "json", **user(aws, tmp_path)).report["regions"]
    assert region["status"] == "unknown"
    assert "GetCallerIdentity answered" not in str(region["evidence"])


def test_the_worst_region_decides(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    environment = user(aws, tmp_path)
    aws.sts.deactivate("eu-central-1")
    aws.sts.world("eu-west-3", World.THROTTLED)
    assert run("sts", "eu-west-1", "us-east-1", **environment).status == 0
    assert run("sts", "eu-west-1", "eu-west-3", **environment).status == 3
    done = run("sts", "eu-west-1", "eu-west-3", "eu-central-1", **environment)
    assert done.status == 1
    order = [line.split()[0] for line in done.out.splitlines() if line.startswith("eu-")]
    assert order == ["eu-west-1", "eu-west-3", "eu-central-1"]


def test_all_regions(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    environment = user(aws, tmp_path)
    aws.sts.world("af-south-1", World.NOT_ENABLED)
    done = run("sts", "--all-regions", "--output", "json", "--max-concurrency", "2", **environment)
    assert done.status == 0
    statuses = {one["region"]: one["status"] for one in done.report["regions"]}
    assert (statuses["af-south-1"], statuses["eu-west-1"]) == ("skipped", "pass")
    assert "cn-north-1" not in statuses


def test_the_region_of_the_environment(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    done = run("sts", "--output", "json", **{**user(aws, tmp_path), "AWS_REGION": "eu-north-1"})
    assert [one["region"] for one in done.report["regions"]] == ["eu-north-1"]
    given = run("sts", "--region", "eu-west-3", "--output", "json", **user(aws, tmp_path))
    assert [one["region"] for one in given.report["regions"]] == ["eu-west-3"]


def test_no_credentials(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    environment = {key: value for key, value in user(aws, tmp_path).items() if "ACCESS_KEY" not in key}
    done = run("sts", REGION, **environment)
    assert done.status == 3
    assert "no AWS credentials" in done.flat


def test_a_closed_port(run: Run, aws: LoopbackAws, closed_port: str) -> None:
    done = run("sts", REGION, "--timeout", "600", **{**aws.environment(), "AWS_ENDPOINT_URL": closed_port})
    assert done.status == 3
    assert closed_port in done.flat


@pytest.mark.parametrize("words", [(), ("--principal", ROLE)], ids=["the caller", "named"])
def test_the_probe_role_s_trust_policy_does_its_job(
    run: Run, aws: LoopbackAws, tmp_path: Path, words: tuple[str, ...]
) -> None:
    environment = session(aws, tmp_path)
    made = run("generate", "--for", "sts-probe-role", *words, **environment)
    assert (made.status, made.err) == (0, "")
    trust: Mapping[str, object] = json.loads(made.out)
    assert ROLE in made.out
    aws.create_role("probe", trust=trust)
    assert run("sts", REGION, **environment).status == 3
    assert run("sts", REGION, "--sts-probe-role", PROBE, **environment).status == 0
    aws.create_role("other")
    stranger = aws.environment(aws.create_role("stranger"), AWS_MAX_ATTEMPTS="1")
    assert run("sts", REGION, "--sts-probe-role", PROBE, **stranger).status == 3


def test_a_table_fits_the_screen(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    aws.sts.deactivate(REGION)
    done = run("sts", REGION, "us-east-1", **user(aws, tmp_path))
    assert all(len(line) <= 80 for line in done.out.splitlines())
