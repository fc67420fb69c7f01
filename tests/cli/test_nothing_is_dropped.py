"""No word of a command line is dropped: an option of one value that comes twice, and an empty value, are refused."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click
import pytest

from iamcheck.cli import _COMMANDS
from tests.cli import OFFLINE, ROLE, allow, policy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli import Run, Write


def parameters() -> Iterator[tuple[str, click.Parameter]]:
    for name in _COMMANDS:
        command: click.Command = import_module(f"iamcheck.cli.{name.replace('-', '_')}").command
        yield from ((name, param) for param in command.params)


OPTIONS = [(name, option) for name, option in parameters() if isinstance(option, click.Option) and not option.is_flag]
ARGUMENTS = [(name, argument) for name, argument in parameters() if isinstance(argument, click.Argument)]


def test_there_are_options_to_try() -> None:
    assert len(OPTIONS) > 60
    assert {name for name, _ in parameters()} == set(_COMMANDS)


@pytest.mark.parametrize(
    ("name", "flag"), [(name, flag) for name, option in OPTIONS for flag in option.opts], ids=lambda one: str(one)
)
@pytest.mark.parametrize("empty", ["", "  "], ids=["empty", "blank"])
def test_an_empty_option_is_refused(run: Run, name: str, flag: str, empty: str) -> None:
    done = run(name, flag, empty)
    assert (done.status, done.out) == (2, "")
    assert flag.lstrip("-") in done.err


@pytest.mark.parametrize(
    ("name", "flag"),
    [(name, option.opts[0]) for name, option in OPTIONS if not option.multiple],
    ids=lambda one: str(one),
)
def test_an_option_of_one_value_that_comes_twice_is_refused(run: Run, name: str, flag: str) -> None:
    done = run(name, flag, "1", f"{flag}=1")
    assert (done.status, done.out) == (2, "")
    assert flag in done.err
    assert "is given 2 times" in done.err


@pytest.mark.parametrize(("name", "argument"), ARGUMENTS, ids=lambda one: str(one))
def test_an_empty_argument_is_refused(run: Run, name: str, argument: click.Argument) -> None:
    before = next(at for at, (other, one) in enumerate([one for one in ARGUMENTS if one[0] == name]) if one is argument)
    done = run(name, *(["churn"] * before), "")
    assert (done.status, done.out) == (2, "")
    assert f"{(argument.metavar or '').strip('[]')} is empty" in done.err


def test_a_flag_may_come_twice(run: Run) -> None:
    assert run(*OFFLINE, "--offline").status == 0


@pytest.mark.parametrize("level", ["a.json,", ",a.json", "a.json,,a.json", ",", " ,a.json"])
@pytest.mark.parametrize("flag", ["--scp", "--rcp"])
def test_an_empty_name_in_a_level_is_refused(run: Run, write: Write, flag: str, level: str) -> None:
    write("a.json", policy(allow("*")))
    done = run(*OFFLINE, "--policy", "a.json", flag, level)
    assert (done.status, done.out) == (2, "")
    assert flag in done.err
    assert "empty" in done.err


@pytest.mark.parametrize(
    ("words", "where"),
    [
        (("--organizations", "nowhere"), "--organizations nowhere: there is no such folder"),
        (
            ("--organizations", "nowhere", "--policy", "a.json", "--skip", "principal.allowed"),
            "--organizations nowhere: there is no such folder",
        ),
        (
            ("--authorization-details", "nowhere", "--principal", ROLE, "--skip", "principal.allowed"),
            "--authorization-details: there is no file nowhere",
        ),
        (("--profile", "nowhere"), "--profile: The config profile (nowhere) could not be found"),
    ],
)
def test_what_does_not_exist_is_refused_where_nothing_would_read_it(
    run: Run, write: Write, words: tuple[str, ...], where: str
) -> None:
    write("a.json", policy(allow("*")))
    done = run(*OFFLINE, *words)
    assert (done.status, done.out) == (2, "")
    assert where in done.err


def test_a_profile_that_does_not_exist_is_refused_where_no_credentials_are_needed(run: Run) -> None:
    done = run("generate", *OFFLINE[1:3], *OFFLINE[4:], "--profile", "nowhere")
    assert (done.status, done.out) == (2, "")
    assert "--profile" in done.err


def test_a_profile_of_the_environment_is_for_the_runs_that_use_it(run: Run) -> None:
    assert run(*OFFLINE, IAMCHECK_PROFILE="nowhere").status == 0
