"""No secret leaves the process, but to AWS: everything that can be printed is searched for it, in every world."""

from __future__ import annotations

import hashlib
import logging
import re
import traceback
from typing import TYPE_CHECKING, Final

import pytest

from iamcheck.aws.clients import AwsAnswer, session_of
from iamcheck.aws.role_credentials import IssuedCredentials, RoleCredentials
from iamcheck.aws.session import Access
from iamcheck.checks.sts import StsAccess
from iamcheck.errors import AwsUnavailableError
from tests.cli import ACCOUNT, NAMES
from tests.cli.fleets import ACCOUNTS, create_roles, write_rows
from tests.cli.test_fault_matrix import BOUNDED, bound_of
from tests.cli.weather import CHECK, WORLDS, written
from tests.server.faults import FAULTS, Storm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.cli import Run
    from tests.server import LoopbackAws

SECRET: Final = hashlib.sha256(b"no secret access key").hexdigest()[:40]
"""As long as a real one, and drawn by nobody; the loopback verifies no signatures."""
HANDED_OUT: Final = ("not-a-secret", "not-a-session-token")
"""What the loopback's answers hold, which AWS's answers hold real ones in the place of."""
PROBE: Final = f"arn:aws:iam::{ACCOUNT}:role/probe"
QUICK: Final = ("present", "denied", "echoing", "echoing elsewhere")
EVERY: Final = [
    pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in dict.fromkeys((*WORLDS, *FAULTS))
]


class Searched:
    """The secrets of a run: those that are known before, and those that were seen on the wire."""

    def __init__(self, aws: LoopbackAws) -> None:
        self._aws = aws

    def secrets(self) -> set[str]:
        headers = [call.headers for call in self._aws.calls]
        signatures = {found[1] for one in headers if (found := re.search(r"Signature=(\w+)", one["Authorization"]))}
        tokens = {one["X-Amz-Security-Token"] for one in headers if "X-Amz-Security-Token" in one}
        assert signatures
        return {SECRET, *HANDED_OUT, *signatures, *tokens}

    def __call__(self, **texts: str) -> None:
        for secret in self.secrets():
            for name, text in texts.items():
                assert secret not in text, name


@pytest.fixture
def searched(aws: LoopbackAws) -> Searched:
    return Searched(aws)


@pytest.fixture
def world(aws: LoopbackAws, tmp_path: Path) -> Iterator[Callable[[str], dict[str, str]]]:
    """Make a world, and give the environment of a session in a role there."""
    storms: list[Storm] = []

    def make(name: str) -> dict[str, str]:
        written(tmp_path)
        WORLDS.get(name, WORLDS["present"]).make(aws)
        aws.create_role("probe")
        session = aws.create_role("ci")
        if name in FAULTS:
            fault = FAULTS[name]
            storms.append(Storm(lambda _call, _before: fault))
            aws.wrap("*", storms[-1])
        return {**aws.environment(session, AWS_MAX_ATTEMPTS="1"), "AWS_SECRET_ACCESS_KEY": SECRET}

    yield make
    for one in storms:
        one.end()


@pytest.mark.parametrize("name", EVERY)
def test_what_a_check_prints(
    run: Run,
    aws: LoopbackAws,
    world: Callable[[str], dict[str, str]],
    searched: Searched,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    name: str,
) -> None:
    caplog.set_level(logging.DEBUG, logger="iamcheck")
    environment = world(name)
    bound = bound_of(FAULTS.get(name))
    given = ("--account-id", ACCOUNT, "--sts-probe-role", PROBE, *bound, "--debug")
    shown = run(*CHECK, *given, **environment)
    told = run(*CHECK, *given, "--output", "json", "--output-file", "report.json", **environment)
    who = run(*CHECK, *bound, "--debug", **environment)
    active = run("sts", "eu-west-1", "--sts-probe-role", PROBE, *bound, "--debug", **environment)
    # `generate` has no time limit of its own, and waits half a minute for whoever does not answer
    account = ("--account-id", ACCOUNT, "--principal", PROBE) if bound == BOUNDED else ()
    trust = run("generate", "--for", "sts-probe-role", *account, "--debug", **environment)
    policy = run("generate", *NAMES, *account[:2], "--debug", **environment)
    # a check reads the endpoint config first: where nobody answers, no time is left for STS
    assert "iamcheck: sts:AssumeRole at " in (active.err if name in FAULTS and FAULTS[name].is_slow else shown.err)
    texts = {
        f"{what} of {words}": text
        for words, done in {
            "check": shown,
            "check to a file": told,
            "check without an account": who,
            "sts": active,
            "generate --for": trust,
            "generate": policy,
        }.items()
        for what, text in (("stdout", done.out), ("stderr", done.err))
    }
    ours = "\n".join(
        f"{one.getMessage()} {one.args}" for one in caplog.records if one.name.partition(".")[0] == "iamcheck"
    )
    searched(**texts, report=(tmp_path / "report.json").read_text(), logs=ours)


@pytest.mark.parametrize("fault", ["none", "expired", "echoing", "echoing elsewhere", "echoing in a page"])
@pytest.mark.parametrize("spoiled", ["sts:AssumeRole", "iam:*", pytest.param("sagemaker:*", marks=pytest.mark.slow)])
def test_what_a_fleet_writes(
    run: Run,
    aws: LoopbackAws,
    searched: Searched,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    fault: str,
    spoiled: str,
) -> None:
    caplog.set_level(logging.DEBUG, logger="iamcheck")
    create_roles(aws)
    if fault in FAULTS:
        aws.wrap(spoiled, Storm(lambda _call, _before: FAULTS[fault]))
    write_rows(tmp_path, [{"account_id": account} for account in ACCOUNTS[:2]])
    words = ("fleet", "fleet.jsonl", "--assume-role-name", "fleet", "--debug", "--max-calls", "40")
    environment = {**aws.environment(AWS_MAX_ATTEMPTS="1"), "AWS_SECRET_ACCESS_KEY": SECRET}
    done = run(*words, "--output-file", "results.jsonl", **environment)
    assert done.status == 3
    written_files = {str(file): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}
    assert len(written_files) == 3
    ours = "\n".join(f"{one.getMessage()} {one.args}" for one in caplog.records if one.name.startswith("iamcheck"))
    searched(**written_files, out=done.out, err=done.err, logs=ours)


def test_what_shows_the_credentials_of_a_role(searched: Searched, run: Run, aws: LoopbackAws) -> None:
    run("sts", "eu-west-1", **aws.environment(AWS_MAX_ATTEMPTS="1"))
    issued = IssuedCredentials("AKIAEXAMPLE", SECRET, HANDED_OUT[1], 2e9)
    credentials = RoleCredentials(lambda: issued, lambda: 0.0)
    searched(issued=repr(issued), credentials=repr(credentials), session=repr(session_of(credentials)))


@pytest.mark.parametrize("name", EVERY)
def test_what_a_library_s_user_can_print(
    aws: LoopbackAws,
    world: Callable[[str], dict[str, str]],
    enter: Callable[[Mapping[str, str]], None],
    searched: Searched,
    name: str,
) -> None:
    enter(world(name))
    access = Access(region="eu-west-1", timeout=float(bound_of(FAULTS.get(name))[1]))
    questions: tuple[Callable[[], object], ...] = (
        lambda: access.iam,
        lambda: access.caller("eu-west-1"),
        lambda: access.reads("eu-west-1").endpoint("churn"),
        lambda: access.reads("eu-west-1").endpoints(),
        lambda: access.reads("eu-west-1").alarms(["errors"]),
    )
    texts = []
    for ask in questions:
        try:
            texts.append(repr(ask()))
        except AwsUnavailableError as error:
            texts += [str(error), repr(error), repr(vars(error)), *traceback.format_exception(error, chain=False)]
    things = (access, access.deadline, access.session, access.reads("eu-west-1"))
    ways = StsAccess(session=access.session, deadline=access.deadline)
    searched(errors="\n".join(texts), things="\n".join(map(repr, (*things, ways, vars(access), aws.calls))))


def test_an_answer_does_not_show_what_it_holds() -> None:
    answer = AwsAnswer("sts:GetSessionToken", None, {"Credentials": {"SecretAccessKey": SECRET}})
    assert SECRET not in repr(answer)
    assert SECRET not in f"{answer.part('Credentials')}"


def test_the_search_finds_what_leaks(run: Run, aws: LoopbackAws, searched: Searched) -> None:
    run("sts", "eu-west-1", **aws.environment(AWS_MAX_ATTEMPTS="1"))
    for secret in searched.secrets():
        with pytest.raises(AssertionError, match="leak"):
            searched(leak=f"the key is {secret}, or so")
