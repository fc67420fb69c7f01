"""What README.md and docs/ show is what iamcheck prints now, and their tables agree with the code.

`python scripts/refresh_docs.py` writes the output of the commands anew. The two set-up lines are run by `.ci/run`.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
from functools import cache
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import iamcheck
from iamcheck.checks.registry import CHECKS, CheckRow
from iamcheck.cli import _COMMANDS, _cli
from iamcheck.cli.exit_status import INTERRUPTED, STATUS, UNKNOWN, USAGE
from iamcheck.cli.options import SCOPES
from tests.documentation import PAGES, README, ROOT, prose, reader_folder, refresh, run_commands, run_shell, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.cli import Run
    from tests.server import Credentials, LoopbackAws

DOCS = ROOT / "docs"
PERMISSIONS = (DOCS / "permissions.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split("\n## [Unreleased]\n")[1].split("\n## ")[0]
LONGEST_README = 160


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def rows(text: str) -> list[list[str]]:
    """The cells of the first table of a text, less its head."""
    table = re.search(r"^\|.*\n\|[ -|]*\n((?:\|.*\n)*)", text, re.MULTILINE)
    assert table is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


PYTHON = [
    pytest.param(code, id=f"{name_of(page)} {number}")
    for page in PAGES
    for number, code in enumerate(re.findall(r"^```python\n(.*?)^```$", read(page), re.DOTALL | re.MULTILINE), 1)
]


@pytest.mark.parametrize("page", [page for page in PAGES if "```console" in read(page)], ids=name_of)
def test_the_output_that_a_page_shows_is_what_its_commands_print(
    page: Path, tmp_path: Path, aws: LoopbackAws, run: Run
) -> None:
    folder = reader_folder(tmp_path)

    def outputs(commands: Sequence[str]) -> list[str]:
        every = [words_of(command) for command in commands]
        if page.name == "README.md" or None in every:
            return run_commands(commands, folder, aws.environment())
        # a process for each command would be most of what this test takes
        done = [run(*words, **_aws_settings(aws), COLUMNS="80") for words in every if words is not None]
        return [one.err + one.out for one in done]

    text = read(page)
    assert text == refresh(text, outputs)


def _aws_settings(aws: LoopbackAws, credentials: Credentials | None = None) -> dict[str, str]:
    return {name: value for name, value in aws.environment(credentials).items() if name.startswith("AWS_")}


@pytest.mark.parametrize("code", PYTHON)
def test_the_python_that_a_page_shows_works(code: str, tmp_path: Path, aws: LoopbackAws) -> None:
    command = f"{shlex.quote(sys.executable)} -W error -c {shlex.quote(code)}"
    done = run_shell(command, reader_folder(tmp_path), aws.environment())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_a_page_shows_is_run(page: Path) -> None:
    languages = re.findall(r"^```(\w*).*\n(?:.*\n)*?```$", read(page), re.MULTILINE)
    run_elsewhere = {"README.md": ["bash", "bash"], "docs/organizations.md": ["bash"], "docs/architecture.md": [""]}
    assert [one for one in languages if one not in ("console", "python")] == run_elsewhere.get(name_of(page), [])


def test_the_readme_is_short_and_names_every_command() -> None:
    assert len(README.splitlines()) <= LONGEST_README
    assert [f"iamcheck {name}" for name in _COMMANDS if f"`iamcheck {name}" not in README] == []


def test_exactly_two_lines_do_the_set_up() -> None:
    set_up = re.findall(r"^<!-- set-up -->\n```bash\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert [code.count("\n") for code in set_up] == [1, 1]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_to_a_file(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", prose(read(page)))
    missing = [link for link in links if not re.match("https?://", link) and not (page.parent / link).exists()]
    assert missing == []


def test_every_page_can_be_reached_from_the_index() -> None:
    reached: set[Path] = set()
    waiting = [DOCS / "index.md"]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        links = re.findall(r"\]\(([^)#:]+\.md)", read(page))
        waiting += [(page.parent / link).resolve() for link in links]
    assert {name_of(page) for page in DOCS.rglob("*.md")} - {name_of(page) for page in reached} == set()


@cache
def flags_of(command: str) -> set[str]:
    return set(re.findall(r"--[a-z][a-z-]+", CliRunner().invoke(_cli, [*command.split(), "--help"]).output))


def test_every_option_that_a_page_names_exists() -> None:
    known = {"--version"}.union(*map(flags_of, (*_COMMANDS, "fleet report")))
    text = CHANGELOG + "\n".join(prose(read(page)) for page in PAGES)
    named = {flag for code in re.findall(r"`([^`]*)`", text) for flag in re.findall(r"--[a-z][a-z-]+", code)}
    of_aws = {"--cli-input-json", "--policy-document"}
    assert len(named) > 30
    assert named - of_aws - known == set()


def test_every_command_in_the_text_exists_and_has_the_options_beside_it() -> None:
    text = CHANGELOG + "\n".join(prose(read(page)) for page in PAGES)
    commands = re.findall(r"`iamcheck ([a-z-]+)\b([^`]*)`", text)
    assert {command for command, _ in commands} == set(_COMMANDS)
    wrong = [
        (command, flag)
        for command, words in commands
        for flag in re.findall(r"--[a-z][a-z-]+", words)
        if flag not in flags_of("fleet report" if (command, words[:7]) == ("fleet", " report") else command)
    ]
    assert wrong == []


def test_every_name_of_the_library_exists() -> None:
    text = CHANGELOG + "\n".join(prose(read(page)) for page in PAGES)
    # `iamcheck.toml` and the like are files
    name = r"\biamcheck\.(?!(?:toml|fish|html|xml|sarif)\b)([a-zA-Z_.]+)"
    named = {found for code in re.findall(r"`([^`]*)`", text) for found in re.findall(name, code)}
    assert named
    assert [name for name in sorted(named) if not hasattr(iamcheck, name)] == []


def test_every_scope_is_explained() -> None:
    readers = read(DOCS / "readers.md")
    assert [scope for scope in SCOPES if f"`{scope}`" not in readers] == []


def test_the_exit_statuses_are_those_of_the_code() -> None:
    table = {int(status): meaning for status, meaning in rows(read(DOCS / "commands" / "index.md").split("## Exit")[1])}
    assert list(table) == sorted({*STATUS.values(), USAGE, UNKNOWN, INTERRUPTED})
    for verdict, status in STATUS.items():
        assert table[status].startswith(verdict)
    readme = rows(README.split("## How to read a verdict")[1])
    assert {verdict.strip("`"): int(status) for verdict, status, _ in readme} == STATUS


@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row.id.value)
def test_each_check_has_a_page_with_its_source_and_how_to_settle_unknown(row: CheckRow) -> None:
    page = read(DOCS / "checks" / f"{row.id.value}.md")
    assert f"\nThe check passes where {row.passes_where}.\n" in page
    assert f"Source: <{row.source}>" in page
    assert "\n## How it is decided\n" in page
    assert "\n## How to settle `unknown`\n" in page


def test_each_command_has_a_page() -> None:
    assert {page.stem for page in (DOCS / "commands").glob("*.md")} - {"index"} == set(_COMMANDS)


def test_the_dependencies_are_those_of_the_project() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (listed,) = re.findall(r"^dependencies = \[\n(.*?)^\]", project, re.DOTALL | re.MULTILINE)
    names = re.findall(r'"([a-z0-9]+)>=', listed)
    page = read(DOCS / "dependencies.md")
    assert sorted(name.lower() for name in re.findall(r"\[(\w+)\]\(https://pypi", page)) == sorted(names)


def test_the_permissions_that_the_check_needs_are_those_that_it_uses(
    tmp_path: Path, aws: LoopbackAws, run: Run
) -> None:
    named = {action for cell, *_ in rows(PERMISSIONS) for action in re.findall(r"`([\w-]+:\w+)`", cell)}
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
        run("check", "churn", "churn-v7", "--output-file", "report", *more, **_aws_settings(aws, who))
    for regions in (["eu-south-1"], ["eu-south-1", "af-south-1"]):
        for region in regions:
            aws.sts.world(region, "not-enabled")
        run("sts", *regions, "--output-file", "report", **_aws_settings(aws, session))
    free = {"sts:GetCallerIdentity", "sts:GetSessionToken"}
    # of `iamcheck sts` about several Regions, which the page names below its table
    assert "account:ListRegions" in PERMISSIONS
    assert set(aws.actions[set_up:]) - free == named | {"account:ListRegions"}
