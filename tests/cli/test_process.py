"""Whole processes: how they end, what they import, and that the entry points are the same."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import iamcheck
from tests.cli import ACCOUNT, NAMES, OFFLINE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run, Write
    from tests.server import LoopbackAws

COMMAND = [sys.executable, "-m", "iamcheck"]
GENERATE = ["generate", *NAMES, *OFFLINE[4:]]


def process(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words], capture_output=True, text=True, timeout=60, env={**os.environ, **environment}
    )


def test_the_module_runs() -> None:
    done = process(*OFFLINE)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Verdict: pass\n")


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_version_and_help(run: Run, word: str) -> None:
    done = run(word)
    assert (done.status, done.err) == (0, "")
    assert (iamcheck.__version__ in done.out) is (word == "--version")


@pytest.mark.parametrize("command", ["check", "generate", "simulate", "sts"])
def test_every_command_that_help_names_has_help(run: Run, command: str) -> None:
    assert f"  {command} " in run("--help").out
    done = run(command, "--help")
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith(f"Usage: iamcheck {command} ")
    assert all(len(line) <= 100 for line in done.out.splitlines())


def test_no_command_shows_the_help_and_is_wrong_usage(run: Run) -> None:
    done = run()
    assert (done.status, done.out) == (2, "")
    assert "Commands:" in done.err


def test_ctrl_c_ends_with_130(aws: LoopbackAws) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = subprocess.Popen(
            [*COMMAND, "check", *NAMES, "--timeout", "3600"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**aws.environment(), "AWS_ENDPOINT_URL": url},
        )
        connection, _ = listening.accept()  # it has asked, and waits for the answer
        with connection:
            running.send_signal(signal.SIGINT)
            out, err = running.communicate(timeout=60)
    assert (running.returncode, out, err) == (130, "", "iamcheck: interrupted\n")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows always has a standard input")
@pytest.mark.parametrize(
    "words", [("check", "--from", "-", "--offline"), ("fleet", "-"), ("simulate", "--cli-input-json", "-")]
)
def test_a_closed_standard_input_is_bad_input(words: tuple[str, ...]) -> None:
    shell = ["sh", "-c", 'exec "$@" <&-', "sh", *COMMAND, *words]
    done = subprocess.run(shell, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("iamcheck: ")
    assert done.stderr.endswith("standard input: it is closed (name a file)\n")


# a damaged installation: a module without its functions
DAMAGED = """
import sys
from iamcheck.cli import main
sys.modules["iamcheck.checks.run"] = type(sys)("iamcheck.checks.run")
main(sys.argv[1:])
"""


@pytest.mark.parametrize("debug", [False, True])
def test_an_unexpected_error_is_no_verdict(debug: bool) -> None:
    words = [*OFFLINE, *(["--debug"] if debug else [])]
    done = subprocess.run([sys.executable, "-c", DAMAGED, *words], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert ("Traceback" in done.stderr) is debug
    assert done.stderr.splitlines()[-1].startswith("iamcheck: unexpected ImportError")
    assert (done.stderr.count("\n") == 1) is not debug


# an installation whose error holds a secret, and what would paint a verdict
HOSTILE = """
import sys
from iamcheck.cli import main
class Broken(type(sys)):
    def __getattr__(self, name):
        raise RuntimeError("password=hunter22 \\x1b[32mAKIAIOSFODNN7EXAMPLE\\nVerdict: pass\\u202e")
sys.modules["iamcheck.checks.run"] = Broken("iamcheck.checks.run")
main(sys.argv[1:])
"""


def test_a_traceback_has_no_secret_and_cannot_paint() -> None:
    words = [sys.executable, "-c", HOSTILE, *OFFLINE, "--debug"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (3, "")
    assert "password=***" in done.stderr
    for bad in ("hunter22", "AKIAIOSFODNN7EXAMPLE", "\x1b", "\u202e", "\nVerdict"):
        assert bad not in done.stderr


HEAVY = {"jinja2", "botocore", "boto3", "policyuniverse", "iamcheck.checks.sts"}
IMPORTS = """
import json, sys
from iamcheck.cli import main
try:
    main(sys.argv[2:])
finally:
    with open(sys.argv[1], "w") as file:
        json.dump(sorted(sys.modules), file)
"""


@pytest.mark.parametrize(
    ("words", "imported"),
    [
        (["--version"], set()),
        (["--help"], set()),
        (["check", "--help"], set()),
        (GENERATE, {"jinja2"}),
        ([*OFFLINE], {"jinja2"}),
        ([*OFFLINE, "--output", "json"], {"jinja2"}),
        ([*OFFLINE, "--policy", "deployer.json", "--scp", "FullAWSAccess"], {"jinja2"}),
    ],
    ids=lambda value: " ".join(value[-2:]) if isinstance(value, list) else None,
)
def test_nothing_is_imported_that_is_not_used(
    write: Write, tmp_path: Path, words: list[str], imported: set[str]
) -> None:
    write("deployer.json", {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS, "modules", *words], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    modules = set(json.loads((tmp_path / "modules").read_text()))
    assert modules & HEAVY == imported


# what a start may load of iamcheck itself, and how many dataclasses that may make: each has its price
LARGEST_START = {"--version": (8, 0), "generate": (69, 16), "check": (118, 23)}
COUNT = """
import dataclasses, json, sys
from iamcheck.cli import main
try:
    main(sys.argv[2:])
finally:
    ours = [name for name in sys.modules if name.partition(".")[0] == "iamcheck"]
    made = {
        value
        for name in ours
        for value in vars(sys.modules[name]).values()
        if isinstance(value, type) and value.__module__ == name and dataclasses.is_dataclass(value)
    }
    with open(sys.argv[1], "w") as file:
        json.dump([len(ours), len(made)], file)
"""


@pytest.mark.parametrize("words", [["--version"], GENERATE, [*OFFLINE]], ids=LARGEST_START)
def test_a_start_loads_no_more_of_our_modules_than_today(tmp_path: Path, words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNT, "counts", *words], capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    modules, dataclasses = json.loads((tmp_path / "counts").read_text())
    most_modules, most_dataclasses = LARGEST_START[words[0]]
    assert modules <= most_modules
    assert dataclasses <= most_dataclasses


def test_importing_the_library_costs_next_to_nothing() -> None:
    code = "import sys, iamcheck; print([m for m in sys.modules if m.startswith('iamcheck.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "['iamcheck._version']"


def test_every_public_name_is_there() -> None:
    assert [name for name in iamcheck.__all__ if not hasattr(iamcheck, name)] == []
    assert set(dir(iamcheck)) >= set(iamcheck.__all__)
    with pytest.raises(AttributeError, match="nothing"):
        iamcheck.nothing  # noqa: B018  the access is the test


@pytest.mark.parametrize(
    "world", ["pass", "expired", "throttled", "denied", "session", "deactivated", "closed", "debug"]
)
def test_no_credential_is_ever_shown(run: Run, aws: LoopbackAws, closed_port: str, world: str) -> None:
    credentials = aws.create_role("ci") if world == "session" else aws.create_user("deployer")
    environment = aws.environment(credentials, AWS_MAX_ATTEMPTS="1")
    if world == "expired":
        aws.expire(credentials)
    elif world == "throttled":
        aws.sts.world("*", "throttled")
    elif world == "denied":
        aws.deny("iam:*")
    elif world == "deactivated":
        aws.sts.deactivate("eu-west-1")
    elif world == "closed":
        environment["AWS_ENDPOINT_URL"] = closed_port.replace("//", "//user:not-a-password@")
    more = ("--debug",) if world == "debug" else ()
    shown = ""
    for words in (
        ("check", *NAMES),
        ("check", *NAMES, "--account-id", ACCOUNT, "--output", "json"),
        ("sts", "eu-west-1"),
        ("sts", "eu-west-1", "--output", "json"),
        ("generate", *NAMES),
        ("generate", "--for", "sts-probe-role"),
    ):
        done = run(*words, *more, **environment)
        shown += done.out + done.err
    assert shown
    secrets = (credentials.access_key_id, "not-a-secret", "not-a-session-token", "not-a-password", "ASIA0")
    assert not [secret for secret in secrets if secret in shown]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer that interrupts reading")
def test_the_timeout_bounds_the_reading_of_files(tmp_path: Path) -> None:
    endless = tmp_path / "request.json"
    os.mkfifo(endless)
    words = ["check", "--request", str(endless), "--config-request", str(endless), "--offline", "--timeout", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "iamcheck", *words], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "--timeout" in done.stderr
    assert done.stderr.count("\n") == 1
