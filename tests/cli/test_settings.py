"""Options from the environment and from a configuration file: who wins, what is refused, and what the report says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from iamcheck.cli import _COMMANDS, _cli
from iamcheck.cli.parsing import settings_file
from iamcheck.cli.settings import options_by_flag
from tests.cli import ACCOUNT, OFFLINE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Done, Run

NAMES = ("churn", "churn-v7")
HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def options(name: str) -> dict[str, click.Option]:
    assert isinstance(_cli, click.Group)
    command = _cli.get_command(click.Context(_cli), name)
    assert command is not None
    return options_by_flag(command)


def value_of(run: Run, flag: str, *words: str, command: str = "check", **environment: str) -> tuple[object, object]:
    done = run("config", "--output", "json", command, *words, **environment)
    assert done.status == 0, done.err
    found = json.loads(done.out)["options"][flag]
    return found["value"], found["source"]


EVERY = [
    pytest.param(name, flag, id=f"{name} {flag}") for name in _COMMANDS if name != "config" for flag in options(name)
]


def sample(option: click.Option) -> tuple[str, object]:
    """A text for an option, and the value that it has then."""
    if option.is_flag:
        return "true", True
    if isinstance(option.type, click.Choice):
        return str(option.type.choices[-1]), str(option.type.choices[-1])
    if isinstance(option.type, (click.types.IntParamType, click.types.FloatParamType)):
        return "7", 7
    return ("one 'two three'", ["one", "two three"]) if option.multiple else ("one", "one")


@pytest.mark.parametrize(("name", "flag"), EVERY)
def test_every_option_has_a_variable_and_a_key(run: Run, tmp_path: Path, name: str, flag: str) -> None:
    option = options(name)[flag]
    text, value = sample(option)
    variable = f"IAMCHECK_{flag.upper().replace('-', '_')}"
    longest = max(option.opts, key=len)
    assert value_of(run, longest, command=name, **{variable: text}) == (value, variable)
    own = f"IAMCHECK_{name}_{flag}".upper().replace("-", "_")
    assert value_of(run, longest, command=name, **{own: text}) == (value, own)
    (tmp_path / "iamcheck.toml").write_text(f"# ours\n{flag} = {json.dumps(value)}\n")
    assert value_of(run, longest, command=name) == (value, "iamcheck.toml, line 2")


def test_a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default(run: Run, tmp_path: Path) -> None:
    assert value_of(run, "--engine") == ("auto", "default")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.iamcheck]\nengine = "aws"\n')
    assert value_of(run, "--engine") == ("aws", "pyproject.toml, line 5")
    (tmp_path / "iamcheck.toml").write_text('engine = "local"\n')
    assert value_of(run, "--engine") == ("local", "iamcheck.toml, line 1")
    (tmp_path / "iamcheck.toml").write_text('engine = "local"\n[sts]\nwait = 5\n[check]\nengine = "both"\n')
    assert value_of(run, "--engine") == ("both", "iamcheck.toml, line 5")
    assert value_of(run, "--engine", IAMCHECK_ENGINE="aws") == ("aws", "IAMCHECK_ENGINE")
    both = {"IAMCHECK_ENGINE": "aws", "IAMCHECK_CHECK_ENGINE": "local"}
    assert value_of(run, "--engine", **both) == ("local", "IAMCHECK_CHECK_ENGINE")
    assert value_of(run, "--engine", "--engine", "auto", **both) == ("auto", "flag")
    assert value_of(run, "--engine", "--no-config") == ("auto", "default")
    assert value_of(run, "--engine", IAMCHECK_NO_CONFIG="true") == ("auto", "default")


def test_names_that_are_typed_win_over_names_that_are_set(run: Run) -> None:
    set_elsewhere = {"IAMCHECK_ENDPOINT_NAME": "other", "IAMCHECK_ENDPOINT_CONFIG_NAME": "churn-v7"}
    done = run("check", "churn", "--offline", *HERE, **set_elsewhere)
    assert done.status == 0
    assert "Endpoint   churn, with config churn-v7" in done.out


def folders(root: Path) -> Path:
    inner = root / "repository" / "deep" / "er"
    inner.mkdir(parents=True)
    (root / "iamcheck.toml").write_text('engine = "aws"\n')
    return inner


def test_the_nearest_file_counts_up_to_the_root_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = folders(tmp_path)
    monkeypatch.chdir(inner)
    assert settings_file() == "../../../iamcheck.toml"
    (tmp_path / "repository" / ".git").mkdir()
    assert settings_file() is None
    (tmp_path / "repository" / "pyproject.toml").write_text("[tool.iamcheck]\n")
    (inner.parent / "pyproject.toml").write_text('[tool.other]\nnames = ["iamcheck"]\n')
    assert settings_file() == "../../pyproject.toml"
    (inner.parent / "pyproject.toml").write_text('["tool" . iamcheck.check]\nstrict = true\n')
    assert settings_file() == "../pyproject.toml"
    (inner / "pyproject.toml").mkdir()
    assert settings_file() == "../pyproject.toml"


@pytest.mark.parametrize(("kind", "why"), [("folder", "it is a directory"), ("broken link", "there is no such file")])
def test_a_file_of_settings_that_cannot_be_read_is_refused(run: Run, tmp_path: Path, kind: str, why: str) -> None:
    name = tmp_path / "iamcheck.toml"
    if kind == "folder":
        name.mkdir()
    else:
        name.symlink_to("nowhere.toml")
    done = run(*OFFLINE)
    assert (done.status, done.out) == (2, "")
    assert f"iamcheck.toml: {why}" in done.err
    assert run(*OFFLINE, "--no-config").status == 0


@pytest.mark.parametrize(
    "text",
    [
        'tool.iamcheck.engine = "local"\n',
        '[tool]\niamcheck = {engine = "local"}\n',
        'tool = {iamcheck = {engine="local"}}\n',
    ],
)
def test_every_spelling_of_the_table_is_read(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert value_of(run, "--engine")[0] == "local"


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "p.json").write_text(json.dumps(POLICY))
    (tmp_path / "iamcheck.toml").write_text(
        'policy = ["policies/p.json"]\nscp = ["FullAWSAccess,policies/p.json"]\n'
        'resource-policy = {"arn:aws:kms:eu-west-1:123456789012:key/k" = "policies/p.json"}\n'
        'output-file = ["json:out.json", "/tmp/x"]\norganizations = "ignore"\n'
    )
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    found = json.loads(CliRunner().invoke(_cli, ["config", "--output", "json"]).stdout)["options"]
    assert {flag: found[flag]["value"] for flag in ("--policy", "--scp", "--output-file", "--organizations")} == {
        "--policy": ["../policies/p.json"],
        "--scp": ["FullAWSAccess,../policies/p.json"],
        "--output-file": ["json:../out.json", "/tmp/x"],
        "--organizations": "ignore",
    }
    assert found["--resource-policy"]["value"] == ["arn:aws:kms:eu-west-1:123456789012:key/k=../policies/p.json"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("regoin = 'x'", "iamcheck.toml, line 1: there is no option 'regoin' (did you mean region?)"),
        ("\n[check]\nskipp = ['x']", "iamcheck.toml, line 3: there is no option 'skipp' (did you mean skip?)"),
        ("[sts]\nstrict = true", "iamcheck.toml, line 2: there is no option 'strict'"),
        ("[chek.x]\nstrict = true", "there is no command 'chek' (did you mean check?)"),
        ("strict = 'yes'", "iamcheck.toml, line 1: strict is neither true nor false"),
        ("region = ['a']", "iamcheck.toml, line 1: region takes one value"),
        ("region = true", "iamcheck.toml, line 1: region does not take True"),
        ("region = ' '", "iamcheck.toml, line 1: region is empty"),
        ("engine = 'fast'", "iamcheck.toml, line 1: 'fast' is not one of"),
        ("no-config = true", "there is no option 'no-config'"),
        ("region = 'a", "iamcheck.toml: not TOML"),
    ],
)
def test_a_file_that_cannot_be_used_is_bad_input(run: Run, tmp_path: Path, text: str, error: str) -> None:
    (tmp_path / "iamcheck.toml").write_text(text)
    done = run("check", *NAMES, "--offline", *HERE)
    assert (done.status, done.out) == (2, "")
    assert error in done.err
    assert run("check", *NAMES, "--offline", *HERE, "--no-config").status == 0


@pytest.mark.parametrize(
    ("variable", "text", "error"),
    [
        ("IAMCHECK_REGION", "", "IAMCHECK_REGION: it is empty (unset it, or give a value)"),
        ("IAMCHECK_STS_WAIT", " ", "IAMCHECK_STS_WAIT: it is empty"),
        ("IAMCHECK_REGOIN", "x", "IAMCHECK_REGOIN: it is no option (did you mean IAMCHECK_REGION?)"),
        ("IAMCHECK_STRICT", "perhaps", "IAMCHECK_STRICT: 'perhaps' is neither true nor false"),
        ("IAMCHECK_NO_CONFIG", "perhaps", "IAMCHECK_NO_CONFIG: 'perhaps' is neither true nor false"),
        ("IAMCHECK_SKIP", "'a", "IAMCHECK_SKIP: no list of words"),
        ("IAMCHECK_TIMEOUT", "soon", "IAMCHECK_TIMEOUT: 'soon' is not a valid float"),
        ("IAMCHECK_ENGINE", "fast", "IAMCHECK_ENGINE: 'fast' is not one of"),
    ],
)
def test_a_variable_that_cannot_be_used_is_bad_input(run: Run, variable: str, text: str, error: str) -> None:
    done = run("check", *NAMES, "--offline", *HERE, **{variable: text})
    assert (done.status, done.out) == (2, "")
    assert error in done.err


def test_a_key_of_another_command_is_passed_over(run: Run, tmp_path: Path) -> None:
    (tmp_path / "iamcheck.toml").write_text("strict = true\nwait = 5\n[fleet]\nworkers = 2\n")
    done = run("catalogue", "sagemaker:CreateEndpoint", IAMCHECK_STS_ALL_REGIONS="yes")
    assert (done.status, done.err) == (0, "")


LOOSE = {
    "skip": ["policy.minimal"],
    "absent": ["aws:SourceVpce"],
    "context": {"aws:SourceIp": "203.0.113.7"},
    "organizations": "ignore",
    "policy": ["p.json"],
    "offline": True,
}


def report_of(run: Run, *words: str, **environment: str) -> Done:
    return run("check", *NAMES, *words, "--output", "json", **environment)


def test_what_a_file_loosens_is_assumed_and_what_is_typed_is_not(run: Run, tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text(json.dumps(POLICY))
    lines = [f"{key} = {json.dumps(value).replace(': ', ' = ')}" for key, value in LOOSE.items()]
    (tmp_path / "iamcheck.toml").write_text("\n".join([*lines, 'region = "eu-west-1"', f"account-id = {ACCOUNT}", ""]))

    assumptions = report_of(run).report["assumptions"]

    for number, key in enumerate(LOOSE, 1):
        (named,) = [text for text in assumptions if text.startswith(f"--{key}")]
        assert named.endswith(f"is as iamcheck.toml, line {number} says (--no-config ignores the file)")
    assert not [text for text in assumptions if text.startswith(("--region", "--account-id"))]
    typed = ("--skip", "policy.minimal", "--policy", "p.json", "--offline", "--absent", "aws:x", "--context", "aws:y=z")
    assumptions = report_of(run, *typed, "--organizations", "ignore").report["assumptions"]
    assert not [text for text in assumptions if "iamcheck.toml" in text]


def test_the_rows_of_a_fleet_say_what_a_file_loosens(run: Run, tmp_path: Path) -> None:
    (tmp_path / "iamcheck.toml").write_text(f'offline = true\nregion = "eu-west-1"\naccount-id = {ACCOUNT}\n')
    (tmp_path / "fleet.jsonl").write_text('{"endpoint": "churn", "config": "churn-v7"}\n')
    done = run("fleet", "fleet.jsonl")
    (report,) = json.loads(done.out)["reports"]
    assert "--offline is as iamcheck.toml, line 1 says (--no-config ignores the file)" in report["assumptions"]


def test_config_shows_a_table(run: Run, tmp_path: Path) -> None:
    (tmp_path / "iamcheck.toml").write_text('skip = ["sts.active", "policy.minimal"]\n')
    done = run("config", "check", "--strict")
    assert done.out.startswith("File    iamcheck.toml\n\n")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "--skip sts.active, policy.minimal (iamcheck.toml, line 1)" in lines
    assert "--strict yes (flag)" in lines
    assert "--boundary - (default)" in lines
    assert run("config", "chek").status == 2


@pytest.mark.parametrize(
    ("environment", "words", "shown"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "us-east-1"}, (), "--region eu-west-1 (AWS_REGION)"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "us-east-1"}, (), "--region us-east-1 (AWS_DEFAULT_REGION)"),
        ({"AWS_REGION": "eu-west-1"}, ("--region", "eu-north-1"), "--region eu-north-1 (flag)"),
        ({"AWS_REGION": "eu-west-1", "IAMCHECK_REGION": "eu-north-1"}, (), "--region eu-north-1 (IAMCHECK_REGION)"),
        ({"AWS_PROFILE": "ci"}, (), "--profile ci (AWS_PROFILE)"),
        # boto3's own order
        ({"AWS_PROFILE": "ci", "AWS_DEFAULT_PROFILE": "old"}, (), "--profile old (AWS_DEFAULT_PROFILE)"),
    ],
)
def test_config_shows_what_the_variables_of_aws_say(
    run: Run, environment: dict[str, str], words: tuple[str, ...], shown: str
) -> None:
    done = run("config", "check", *words, **environment)
    assert shown in [" ".join(line.split()) for line in done.out.splitlines()]


def test_a_number_is_shown_as_it_is_typed(run: Run) -> None:
    done = run("config", "check", "--timeout", "60")
    assert "--timeout 60 (flag)" in [" ".join(line.split()) for line in done.out.splitlines()]
