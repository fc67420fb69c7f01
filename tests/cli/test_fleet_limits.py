"""The limits of `iamcheck fleet` online: calls in an account, retries, and accounts that do not answer."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.aws.call_budget import CallBudget
from iamcheck.aws.patience import MOST_REFUSALS
from iamcheck.errors import AwsUnavailableError
from tests.cli.fleets import ACCOUNTS, create_roles, results_of, write_rows
from tests.server import Protocol, error
from tests.server.faults import FAULTS, Storm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Done, Run
    from tests.server import Answer, Call, LoopbackAws
    from tests.server.faults import Fault

POLICIES_ALONE = ("--skip", "sts.active", "--skip", "endpoint-config.ready", "--skip", "endpoint-name.ready")
ASSUME = ("fleet", "fleet.jsonl", "--assume-role-name", "fleet")


@pytest.mark.parametrize("most", [1, 5, 14])
def test_no_more_calls_are_made_than_the_bound(most: int, aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{"endpoint": f"e{n}"} for n in range(4)])
    done = run("fleet", "fleet.jsonl", "--max-calls", str(most), **aws.environment())
    assert len(aws.calls) == most
    verdicts = [one["verdict"] for one in results_of(done)]
    assert len(verdicts) == 4
    assert verdicts[-1] == "unknown"
    assert f"{most} calls were made with the credentials (--max-calls)" in done.out.splitlines()[-1]
    assert done.status == 3


def test_the_rows_of_each_account_have_the_bound_for_themselves(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(9)])
    run(*ASSUME, "--max-calls", "15", **aws.environment())
    keys = {one.access_key_id for one in aws.calls if one.operation == "GetCallerIdentity"}
    assert len(keys) == 3
    assert Counter(one.access_key_id for one in aws.calls if one.operation != "AssumeRole") == dict.fromkeys(keys, 14)
    assert aws.actions.count("sts:AssumeRole") == 3


def test_retries_count_as_calls(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    aws.hook("sts:GetCallerIdentity", lambda call: error(call.protocol, 400, "Throttling", "Rate exceeded"))
    write_rows(tmp_path, [{}])
    done = run("fleet", "fleet.jsonl", "--max-calls", "1", **aws.environment())
    assert aws.actions == ["sts:GetCallerIdentity"]
    assert results_of(done)[0]["verdict"] == "unknown"
    assert "1 calls were made with the credentials (--max-calls)" in done.out


def test_no_row_passes_for_which_the_bound_left_no_call(aws: LoopbackAws, run: Run, tmp_path: Path) -> None:
    write_rows(tmp_path, [{"endpoint": f"e{n}"} for n in range(3)])
    whole = run("fleet", "fleet.jsonl", *POLICIES_ALONE, **aws.environment())
    assert [one["verdict"] for one in results_of(whole)] == ["pass"] * 3
    done = run("fleet", "fleet.jsonl", *POLICIES_ALONE, "--max-calls", "5", **aws.environment())
    assert results_of(done)[-1]["verdict"] == "unknown"


LIBRARY_ROWS = [iamcheck.Deployment(f"e{n}", f"c{n}", region="eu-west-1", account_id=ACCOUNTS[0]) for n in range(4)]


@pytest.mark.parametrize("rows", [LIBRARY_ROWS, [{"deployment": one} for one in LIBRARY_ROWS]])
@pytest.mark.parametrize("is_session_given", [False, True])
@pytest.mark.parametrize("threads", [0, 2])
def test_the_library_makes_no_more_calls_than_the_bound(
    rows: list[Any],
    is_session_given: bool,
    threads: int,
    aws: LoopbackAws,
    enter: Callable[[Mapping[str, str]], None],
) -> None:
    enter(aws.environment())
    more: dict[str, Any] = {"session": aws.session()} if is_session_given else {}
    with ExitStack() as stack:
        executor = stack.enter_context(ThreadPoolExecutor(threads)) if threads else None
        reports = iamcheck.check_all(rows, executor=executor, max_calls=9, **more)
    assert len(aws.calls) == 9
    assert reports.reports[-1].verdict is iamcheck.Verdict.UNKNOWN
    assert "9 calls were made with the credentials (--max-calls)" in json.dumps(reports.to_dict())
    # a session that is passed in is as it was
    assert "Account" in aws.session().client("sts").get_caller_identity()


@pytest.mark.slow
def test_the_library_s_bound_holds_over_processes(aws: LoopbackAws, enter: Callable[[Mapping[str, str]], None]) -> None:
    enter(aws.environment())
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        reports = iamcheck.check_all(LIBRARY_ROWS * 8, executor=executor, max_calls=31)
    assert len(aws.calls) == 31
    assert reports.reports[-1].verdict is iamcheck.Verdict.UNKNOWN


@pytest.mark.parametrize("most", [0, -1, True, 1.5, "9"])
def test_a_bound_of_the_library_is_a_number(most: object) -> None:
    options: dict[str, Any] = {"max_calls": most}
    with pytest.raises(iamcheck.InvalidInputError, match="max_calls"):
        iamcheck.check_all(LIBRARY_ROWS, offline=True, **options)


def test_calls_of_a_client_that_is_passed_in_cannot_be_bounded(aws: LoopbackAws) -> None:
    with pytest.raises(iamcheck.InvalidInputError, match="iam: the calls of a client that is passed in"):
        iamcheck.check_all(LIBRARY_ROWS, iam=aws.client("iam"), session=aws.session(), max_calls=9)


def test_a_budget_gives_each_number_once(tmp_path: Path) -> None:
    def is_taken(_: int) -> bool:
        try:
            CallBudget(str(tmp_path), 100).take("account 123456789012")
        except AwsUnavailableError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(is_taken, range(400))) == 100
    with pytest.raises(AwsUnavailableError, match="cannot be counted"):
        CallBudget(str(tmp_path / "gone"), 100).take("account 123456789012")


@pytest.mark.slow
def test_worker_processes_share_the_bound_exactly(aws: LoopbackAws, tmp_path: Path) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(30)])
    command = [sys.executable, "-m", "iamcheck", *ASSUME, "--workers", "2", "--max-calls", "21"]
    done = subprocess.run(command, cwd=tmp_path, env=aws.environment(), capture_output=True, text=True, check=False)
    results = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["row"] for one in results] == list(range(1, 31))
    assert {one["verdict"] for one in results} == {"unknown"}
    assert len(aws.calls) == 3 * 21


def with_one_try(aws: LoopbackAws) -> dict[str, str]:
    """The environment's retries win over the fleet's own: no test waits between two tries."""
    return aws.environment(AWS_MAX_ATTEMPTS="1")


def throttled(call: Call) -> Answer:
    code = "Throttling" if call.protocol is Protocol.QUERY else "ThrottlingException"
    return error(call.protocol, 400, code, "Rate exceeded")


def statuses(done: Done) -> list[dict[str, str]]:
    """The status of each check of each row."""
    return [{one["id"]: one["status"] for one in row["reports"][0]["checks"]} for row in results_of(done)]


@pytest.mark.parametrize(
    ("action", "most"),
    [("sts:AssumeRole", {"sts:AssumeRole": 3 * MOST_REFUSALS}), ("iam:*", {"iam:GetRole": 3 * MOST_REFUSALS})],
)
def test_a_service_that_refuses_everything_is_asked_a_bounded_number_of_times(
    action: str, most: dict[str, int], aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    create_roles(aws)
    aws.hook(action, throttled)
    write_rows(tmp_path, [{"account_id": ACCOUNTS[n % 3]} for n in range(42)])
    done = run(*ASSUME, *POLICIES_ALONE, **with_one_try(aws))
    assert {one["verdict"] for one in results_of(done)} == {"unknown"}
    assert "(Throttling), and is left alone for a while" in done.out.splitlines()[-1]
    asked = Counter(aws.actions)
    assert {name: asked[name] for name in most} == most


@pytest.mark.parametrize("every", [2, 5])
def test_no_check_says_something_else_because_calls_are_refused(
    every: int, aws: LoopbackAws, run: Run, tmp_path: Path
) -> None:
    create_roles(aws)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n]} for n in range(3)])
    undisturbed = statuses(run(*ASSUME, **aws.environment()))
    numbers = count(1)
    aws.hook("*", lambda call: throttled(call) if call.service != "sts" and next(numbers) % every == 0 else None)
    disturbed = statuses(run(*ASSUME, **with_one_try(aws)))
    assert disturbed != undisturbed
    for before, after in zip(undisturbed, disturbed, strict=True):
        assert {name: status for name, status in after.items() if status != "unknown"}.items() <= before.items()


def start(aws: LoopbackAws, tmp_path: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "iamcheck", *ASSUME, *words]
    return subprocess.Popen(
        command, cwd=tmp_path, env=aws.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_a_share_of_refused_calls_costs_a_share_more_calls(aws: LoopbackAws, tmp_path: Path) -> None:
    create_roles(aws)
    rows = 24
    write_rows(tmp_path, [{"endpoint": f"e{n}", "config": f"c{n}", "account_id": ACCOUNTS[n % 3]} for n in range(rows)])
    numbers = count(1)
    aws.hook("*", lambda call: throttled(call) if next(numbers) % 5 == 0 else None)
    with start(aws, tmp_path, "--workers", "2") as running:
        out, _ = running.communicate(timeout=300)
    checks = [check for line in out.splitlines() for check in json.loads(line)["reports"][0]["checks"]]
    assert Counter(one["status"] for one in checks if one["id"] == "principal.allowed") == {"pass": rows}
    needed = 5 * rows + 2 * 3 * 7
    assert needed < len(aws.calls) <= 1.3 * needed


@pytest.mark.slow
def test_an_account_that_never_answers_costs_the_others_nothing(aws: LoopbackAws, tmp_path: Path) -> None:
    create_roles(aws)
    storm = Storm(lambda call, _number: FAULTS["hanging"] if ACCOUNTS[1] in str(call.parameters) else None)
    aws.wrap("sts:AssumeRole", storm)
    write_rows(tmp_path, [{"endpoint": f"e{n}", "account_id": ACCOUNTS[n % 3]} for n in range(30)])
    with start(aws, tmp_path, "--timeout", "10") as running:
        out, _ = running.communicate(timeout=300)
        storm.end()
    results = [json.loads(line) for line in out.splitlines()]
    assert [one["row"] for one in results if "error" in one] == list(range(2, 31, 3))
    assert aws.actions.count("sts:AssumeRole") <= 2 + 3


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_ends_a_fleet_that_waits_for_an_answer(workers: str, aws: LoopbackAws, tmp_path: Path) -> None:
    create_roles(aws)
    reached = threading.Event()

    def hang(call: Call, number: int) -> Fault:
        reached.set()
        return FAULTS["hanging"]

    storm = Storm(hang)
    aws.wrap("sts:AssumeRole", storm)
    write_rows(tmp_path, [{"account_id": account} for account in ACCOUNTS])
    with start(aws, tmp_path, "--workers", workers, "--timeout", "3600") as running:
        assert reached.wait(60)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
        storm.end()
    assert (running.returncode, err) == (130, "iamcheck: interrupted\n")
