"""What the README shows works as it stands there, and its tables agree with the code.

The two set-up lines are run by `.ci/run`.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from iamcheck.checks.registry import CHECKS
from iamcheck.cli import _COMMANDS, INTERRUPTED, UNKNOWN, USAGE, _cli
from iamcheck.cli.options import SCOPES, STATUS

if TYPE_CHECKING:
    from tests.server import LoopbackAws

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SET_UP = "<!-- set-up -->\n"


@dataclass(frozen=True)
class Block:
    """A fenced block, and the text between it and the next heading or block."""

    language: str
    code: str
    after: str
    is_set_up: bool

    @property
    def status(self) -> int:
        """The exit status that the text says the block ends with; 0 where it says nothing."""
        said = re.match(r"\s*This one exits with (\d)", self.after)
        return int(said[1]) if said else 0


def blocks() -> list[Block]:
    pattern = rf"({SET_UP})?```(\w+)\n(.*?)\n```\n(.*?)(?=\n```|\n<!--|\n#|\Z)"
    return [
        Block(language, code, after, bool(mark))
        for mark, language, code, after in re.findall(pattern, README, re.DOTALL)
    ]


SHOWN = [block for block in blocks() if not block.is_set_up]
INLINE = sorted(set(re.findall(r"`(iamcheck [a-z][^`]*)`", README)) - {f"iamcheck {name}" for name in _COMMANDS})


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, less its head."""
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def shell(code: str, folder: Path, aws: LoopbackAws) -> subprocess.CompletedProcess[str]:
    """Run code as a reader would who has installed iamcheck, with credentials of the loopback AWS."""
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "iamcheck"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m iamcheck "$@"\n')
    program.chmod(0o755)
    environment = aws.environment()
    environment["PATH"] = f"{programs}:{environment['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("block", SHOWN, ids=[f"{n} {block.language}" for n, block in enumerate(SHOWN, 1)])
def test_what_is_shown_works(block: Block, tmp_path: Path, aws: LoopbackAws) -> None:
    code = block.code if block.language == "bash" else f"{shlex.quote(sys.executable)} -c {shlex.quote(block.code)}"
    done = shell(code, tmp_path, aws)
    assert (done.returncode, done.stderr) == (block.status, "")
    assert done.stdout.strip()
    for named in re.findall(r"^This one exits with \d and names the statement `(\w+)`", block.after.strip()):
        assert named in done.stdout


@pytest.mark.parametrize("command", INLINE)
def test_commands_in_the_text_work(command: str, tmp_path: Path, aws: LoopbackAws) -> None:
    done = shell(command.replace("ENDPOINT CONFIG", "churn churn-v7"), tmp_path, aws)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_readme_shows_every_use() -> None:
    assert {block.language for block in SHOWN} == {"bash", "python"}
    text = "\n".join(block.code for block in SHOWN)
    assert [name for name in ("check", "generate", "simulate") if f"iamcheck {name} " not in text] == []
    assert [f"iamcheck {name}" for name in _COMMANDS if f"iamcheck {name}" not in README] == []


def test_exactly_two_lines_do_the_set_up() -> None:
    set_up = [block for block in blocks() if block.is_set_up]
    assert [block.code.count("\n") for block in set_up] == [0, 0]


def test_every_flag_exists() -> None:
    runner = CliRunner()
    known = {"--version"}
    for name in _COMMANDS:
        known |= set(re.findall(r"--[a-z][a-z-]+", runner.invoke(_cli, [name, "--help"]).output))
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    flags = {flag for one in re.findall(r"`(--[a-z][^`]*)`", prose) for flag in re.findall(r"--[a-z][a-z-]+", one)}
    assert flags
    assert flags - known == set()


def test_every_scope_is_explained() -> None:
    assert [scope for scope in SCOPES if f"`{scope}`" not in README] == []


def test_the_exit_statuses_are_those_of_the_code() -> None:
    table = {int(status): meaning for status, meaning in rows("Exit status")}
    assert list(table) == sorted({*STATUS.values(), USAGE, UNKNOWN, INTERRUPTED})
    for verdict, status in STATUS.items():
        assert table[status].startswith(verdict)


def test_the_checks_are_those_of_the_code() -> None:
    assert [check.strip("`") for check, _ in rows("The checks")] == [row.id for row in CHECKS]


def test_the_dependencies_are_those_of_the_project() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    names = re.findall(r'"([a-z0-9]+)>=', listed)
    assert sorted(name.lower() for name in re.findall(r"\[(\w+)\]\(https://pypi", README)) == sorted(names)


def test_the_permissions_that_the_check_needs_are_those_that_it_uses(tmp_path: Path, aws: LoopbackAws) -> None:
    named = {action for cell, *_ in rows("What the check itself needs") for action in re.findall(r"`(\w+:\w+)`", cell)}
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    session = aws.create_role("ci", policy=nothing)
    user, iam = aws.create_user("ann", policy=nothing), aws.client("iam")
    iam.create_group(GroupName="ml")
    iam.add_user_to_group(GroupName="ml", UserName="ann")
    iam.put_group_policy(GroupName="ml", PolicyName="own", PolicyDocument=json.dumps(nothing))
    iam.attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    tree = aws.organizations.create(types=("SERVICE_CONTROL_POLICY",))
    tree.account(aws.account_id, tree.root)
    aws.organizations.delegated.add(aws.account_id)
    set_up = len(aws.actions)
    aws.create_role("probe")
    (tmp_path / "allow.json").write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}]}'
    )
    check = [sys.executable, "-m", "iamcheck", "check", "churn", "churn-v7", "--output-file", "report"]
    aws.sagemaker.create_endpoint("there", "churn-v7")
    (tmp_path / "endpoint.json").write_text(
        '{"EndpointName": "churn", "EndpointConfigName": "churn-v7", "DeploymentConfig": {"AutoRollbackConfiguration": '
        '{"Alarms": [{"AlarmName": "errors"}]}}}'
    )
    key = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": "churn-v7", "KmsKeyId": key, "ProductionVariants": [variant]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    for who, more in (
        (session, ["--sts-probe-role", "arn:aws:iam::123456789012:role/probe"]),
        (session, ["--policy", "allow.json"]),
        (session, ["--check", "all", "--request", "endpoint.json", "--scope", "lifecycle"]),
        (session, ["--engine", "aws"]),
        (user, ["--request", "endpoint.json", "--config-request", "config.json"]),
    ):
        subprocess.run([*check, *more], env=aws.environment(who), cwd=tmp_path, timeout=120, check=False)
    for regions in (["eu-south-1"], ["eu-south-1", "af-south-1"]):
        for region in regions:
            aws.sts.world(region, "not-enabled")
        command = [sys.executable, "-m", "iamcheck", "sts", *regions, "--output-file", "report"]
        subprocess.run(command, env=aws.environment(session), cwd=tmp_path, timeout=120, check=False)
    free = {"sts:GetCallerIdentity", "sts:GetSessionToken"}
    # of `iamcheck sts` about several Regions, told where that command is
    assert "account:ListRegions" in README
    assert set(aws.actions[set_up:]) - free == named | {"account:ListRegions"}
