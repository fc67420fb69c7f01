"""How many calls a check makes, which of them side by side, and how it ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.clients import READ_TIMEOUT
from tests.cli import CONFIG_ARN, ENDPOINT_ARN, NAMES, allow, policy
from tests.cli.test_check_online import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tests.cli import Run
    from tests.server import Call, Credentials, LoopbackAws

DEPLOYER = policy(allow("sagemaker:CreateEndpoint*", [ENDPOINT_ARN, CONFIG_ARN]))
CHECK = ("check", *NAMES, "--engine", "aws")
PATIENT = (*CHECK, "--timeout", "3600")
"""The run's own time limit does not end what a test lets hang, however busy the machine is."""
MOST_CALLS = 12
PATIENCE = 60
"""Seconds after which a call that others should have joined goes on alone: then the test has failed."""


class Rounds:
    """A server that answers the calls of a round when all of them have arrived: it stands still where they do not."""

    def __init__(self, rounds: Sequence[Sequence[str]]) -> None:
        self._wanted = [Counter(one) for one in rounds]
        self._arrived: Counter[str] = Counter()
        self._change = threading.Condition()
        self.late: list[str] = []

    def __call__(self, call: Call) -> None:
        with self._change:
            self._arrived[call.action] += 1
            self._change.notify_all()
            wanted: Counter[str] = sum(self._wanted[: self._round(call.action)], Counter())
            if not self._change.wait_for(lambda: wanted <= self._arrived, PATIENCE):
                self.late.append(call.action)

    def _round(self, action: str) -> int:
        """The round of the last call so far, counted from 1; an unexpected call waits for all."""
        seen = 0
        for number, one in enumerate(self._wanted, 1):
            seen += one[action]
            if self._arrived[action] <= seen:
                return number
        return len(self._wanted)


FOUND = "sagemaker:DescribeEndpointConfig"
"""With bare names what is asked about follows from the endpoint config that exists, so this read comes first."""
LOOK = ("sagemaker:DescribeEndpoint", "sagemaker:ListEndpoints", "sts:GetSessionToken")
KEYS = "iam:GetContextKeysForPrincipalPolicy"
SIMULATED = ("iam:SimulatePrincipalPolicy", "iam:SimulatePrincipalPolicy")
WHO = "sts:GetCallerIdentity"
CALLERS: list[tuple[str, Callable[[LoopbackAws], Credentials], list[tuple[str, ...]]]] = [
    (
        "user",
        lambda aws: aws.create_user("deployer", policy=DEPLOYER),
        [(WHO,), (FOUND,), (*LOOK, *SIMULATED), (KEYS,)],
    ),
    (
        "session in a role",
        lambda aws: aws.create_role("deployer", policy=DEPLOYER),
        [(WHO,), (FOUND,), (*LOOK, "iam:GetRole"), SIMULATED, (KEYS,)],
    ),
]


@pytest.mark.parametrize(("make", "rounds"), [one[1:] for one in CALLERS], ids=[one[0] for one in CALLERS])
def test_a_check_of_bare_names_is_twelve_calls_at_most_in_five_rounds(
    run: Run, aws: LoopbackAws, make: Callable[[LoopbackAws], Credentials], rounds: list[tuple[str, ...]]
) -> None:
    caller = make(aws)
    server = Rounds(rounds)
    aws.hook("*", server)
    done = run(*PATIENT, "--max-concurrency", "8", "--output", "json", **once(aws, caller))
    assert server.late == []
    assert done.statuses["principal.allowed"] == "pass"
    assert done.statuses["endpoint-name.ready"] == "pass"
    assert Counter(aws.actions) == Counter(action for one in rounds for action in one)
    assert len(aws.actions) <= MOST_CALLS
    assert len(rounds) <= 5


@pytest.mark.parametrize("number", ["1", "2"])
def test_a_bound_of_any_size_gives_the_same_report(run: Run, aws: LoopbackAws, number: str) -> None:
    caller = aws.create_user("deployer", policy=DEPLOYER)
    wide = run(*PATIENT, "--output", "json", "--max-concurrency", "8", **once(aws, caller))
    narrow = run(*PATIENT, "--output", "json", "--max-concurrency", number, **once(aws, caller))
    assert (narrow.status, narrow.out) == (wide.status, wide.out)


@pytest.fixture
def hanging(aws: LoopbackAws) -> Iterator[Callable[[str, int], threading.Event]]:
    """Let calls that match a pattern hang, until the test is over; the event is set when so many of them do."""
    over = threading.Event()

    def hang(pattern: str, number: int) -> threading.Event:
        there, seen = threading.Event(), Counter[str]()
        lock = threading.Lock()

        def wait(call: Call) -> None:
            with lock:
                seen["all"] += 1
                if seen["all"] >= number:
                    there.set()
            over.wait()

        aws.hook(pattern, wait)
        return there

    yield hang
    over.set()


@pytest.mark.parametrize(
    ("words", "pattern", "number", "there_already"),
    [
        (PATIENT, "sts:GetCallerIdentity", 1, False),
        (PATIENT, "sts:GetCallerIdentity", 1, True),
        (PATIENT, "iam:SimulatePrincipalPolicy", len(SIMULATED), True),
        ((*PATIENT, "--max-concurrency", "1"), "iam:*", 1, True),
        (("sts", "--all-regions"), "sts:GetSessionToken", 4, True),
        (("sts", "eu-west-1"), "sts:GetSessionToken", 1, True),
    ],
)
def test_ctrl_c_ends_at_once_and_leaves_no_half_written_file(
    aws: LoopbackAws,
    hanging: Callable[[str, int], threading.Event],
    tmp_path: Path,
    words: Sequence[str],
    pattern: str,
    number: int,
    there_already: bool,
) -> None:
    before = {"report": "yesterday's"} if there_already else {}
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    there = hanging(pattern, number)
    with subprocess.Popen(
        [sys.executable, "-m", "iamcheck", *words, "--output-file", "report"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **aws.environment()},
    ) as running:
        try:
            assert there.wait(PATIENCE)
            running.send_signal(signal.SIGINT)
            # what hangs is given up at the second try: this is too short to wait for it, and enough for a busy machine
            out, err = running.communicate(timeout=1.5 * READ_TIMEOUT)
        finally:
            running.kill()
    assert (running.returncode, out, err) == (130, "", "iamcheck: interrupted\n")
    assert {one.name: one.read_text() for one in tmp_path.iterdir()} == before


def test_the_time_limit_of_a_run_holds_for_calls_side_by_side(
    run: Run, aws: LoopbackAws, hanging: Callable[[str, int], threading.Event]
) -> None:
    hanging("sagemaker:*", 3)
    done = run(*CHECK, "--timeout", "3", "--max-concurrency", "2", "--output", "json", **once(aws))
    assert done.status == 3
    for check_id in ("endpoint-name.ready", "endpoint-config.ready"):
        assert done.statuses[check_id] == "unknown"
        assert "time limit of 3 seconds" in done.check(check_id)["summary"]


@pytest.mark.slow
def test_a_read_that_hangs_before_the_checks_leaves_them_half_of_the_time(
    run: Run, aws: LoopbackAws, hanging: Callable[[str, int], threading.Event]
) -> None:
    hanging("sagemaker:DescribeEndpointConfig", 1)
    done = run(*CHECK, "--timeout", "20", "--output", "json", **once(aws))
    assert done.status == 3
    unanswered = done.check("endpoint-config.ready")
    assert (unanswered["status"], "half of the time limit of 20 seconds" in unanswered["summary"]) == ("unknown", True)
    assert {done.statuses[check_id] for check_id in ("sts.active", "endpoint-name.ready")} == {"pass"}
