"""Help that leads: options in groups, two examples a command, completion in three shells, and nearest names."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from iamcheck.cli import _COMMANDS, _cli
from iamcheck.cli.help_groups import GROUPS, grouped
from iamcheck.formats import FORMATS
from iamcheck.results import CheckId
from tests.documentation import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run


def command(name: str) -> click.Command:
    assert isinstance(_cli, click.Group)
    found = _cli.get_command(click.Context(_cli), name)
    assert found is not None
    return found


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_option_is_in_one_group(name: str) -> None:
    options = [param for param in command(name).params if isinstance(param, click.Option)]
    groups = grouped(options)
    assert list(groups) == [title for title in GROUPS if title in groups]
    assert sorted(option.name for members in groups.values() for option in members) == sorted(
        option.name for option in options
    )


def test_no_group_has_an_option_that_no_command_has() -> None:
    flags = {flag.lstrip("-") for name in _COMMANDS for param in command(name).params for flag in param.opts}
    assert {flag for members in GROUPS.values() for flag in members} - flags - {"help"} == set()


def test_help_shows_the_groups_in_their_order(run: Run) -> None:
    done = run("check", "--help")
    titles = re.findall(r"^([A-Z][\w ]+):$", done.out, re.MULTILINE)
    assert titles == ["What", "Where", "Whose policies", "Checks", "Output"]
    assert done.out.count("--scp LEVEL") == 1


@pytest.mark.parametrize("name", _COMMANDS)
def test_each_command_has_two_examples_in_its_help_and_two_outputs_on_its_page(run: Run, name: str) -> None:
    examples = run(name, "--help").out.split("Examples:\n")[1]
    assert len(re.findall(rf"^ *(?:aws .*\| )?iamcheck {name}\b|\| iamcheck {name}$", examples, re.MULTILINE)) >= 2
    page = (ROOT / "docs" / "commands" / f"{name}.md").read_text(encoding="utf-8")
    assert len(re.findall(rf"^\$ (?:[A-Z_]+=\S+ )*iamcheck {name}\b", page, re.MULTILINE)) >= 2


def complete(folder: Path, shell: str, *words: str, **environment: str) -> list[str]:
    """What a shell gets for the last of the words, each line as the shell reads it."""
    typed = " ".join(("iamcheck", *words))
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) if shell != "fish" else words[-1])}
    done = subprocess.run(
        [sys.executable, "-m", "iamcheck"],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=folder,
        env={**os.environ, **asked, "_IAMCHECK_COMPLETE": f"{shell}_complete", **environment},
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("che",), ["plain,check"]),
        (("check", "--skip", "policy."), ["plain,policy.sufficient", "plain,policy.minimal"]),
        (("check", "--scope", "d"), ["plain,deploy", "plain,docs"]),
        (("check", "--region", "eu-south"), ["plain,eu-south-1", "plain,eu-south-2"]),
        (("sts", "eu-north"), ["plain,eu-north-1"]),
        (("check", "--policy", "dep"), ["file,dep"]),
        (("check", "--template-dir", ""), ["dir,"]),
        (("check", "--scp", "F"), ["plain,FullAWSAccess", "file,F"]),
        (("check", "--organizations", "i"), ["plain,ignore", "dir,i"]),
        (("check", "--output-file", "s"), ["plain,sarif:", "file,s"]),
        (("check", "--output", "j"), ["plain,json", "plain,junit"]),
        (("check", "--profile", "t"), ["plain,team"]),
        (("config", "gen"), ["plain,generate"]),
        (("check", "--no-conf"), ["plain,--no-config"]),
    ],
)
def test_bash_completes(tmp_path: Path, words: tuple[str, ...], expected: list[str]) -> None:
    (tmp_path / "config").write_text("[profile team]\nregion = eu-west-1\n[profile other]\n")
    # a file that cannot be used does not keep a shell from completing
    (tmp_path / "iamcheck.toml").write_text("nothing = 1\n")
    assert complete(tmp_path, "bash", *words, AWS_CONFIG_FILE=str(tmp_path / "config")) == expected


def test_zsh_and_fish_complete_too(tmp_path: Path) -> None:
    assert complete(tmp_path, "zsh", "check", "--skip", "sts.")[:2] == ["plain", "sts.active"]
    assert "plain,sts.active" in " ".join(complete(tmp_path, "fish", "check", "--skip", "sts."))


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_calls_iamcheck(tmp_path: Path, shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "iamcheck"],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "_IAMCHECK_COMPLETE": f"{shell}_source"},
    )
    assert done.returncode == 0
    assert "_IAMCHECK_COMPLETE=" in done.stdout.replace("_complete", "=", 1)
    assert f"{shell}_complete" in done.stdout
    page = (ROOT / "docs" / "commands" / "index.md").read_text(encoding="utf-8")
    assert f"_IAMCHECK_COMPLETE={shell}_source iamcheck" in page


def test_every_check_and_format_can_be_completed(tmp_path: Path) -> None:
    checks = complete(tmp_path, "bash", "check", "--check", "")
    assert checks == [*(f"plain,{check.value}" for check in CheckId), "plain,all"]
    places = complete(tmp_path, "bash", "check", "--output-file", "")
    assert places == [*(f"plain,{name}:" for name in FORMATS), "file,"]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("chek",), "no such command 'chek' (did you mean check?)"),
        (("simulat", "x"), "no such command 'simulat' (did you mean simulate?)"),
        (("zzz",), "no such command 'zzz' (see iamcheck --help)"),
        (("check", "--regoin", "x"), "--region"),
        (("generate", "--formt", "cli"), "--format"),
    ],
)
def test_what_is_mistyped_gets_the_nearest_name(run: Run, words: tuple[str, ...], text: str) -> None:
    done = run(*words)
    assert (done.status, done.out) == (2, "")
    assert text in done.err


def test_help_is_there_whatever_the_configuration_says(run: Run, tmp_path: Path) -> None:
    (tmp_path / "iamcheck.toml").write_text("nothing = 1\n")
    assert run("check", "--help", IAMCHECK_REGOIN="x").status == 0
