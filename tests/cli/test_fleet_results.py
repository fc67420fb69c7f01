"""The results of `iamcheck fleet` overwrite nothing that the run reads, and never speak of the rows of another run."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import threading
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, NEEDS_MFA, allow, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run

ROW = {"endpoint": "churn", "config": "churn-v7", "region": "eu-west-1", "account_id": ACCOUNT}


@pytest.fixture(autouse=True)
def fleet(tmp_path: Path) -> None:
    """Two manifests: the rows of `fleet.jsonl` pass, those of `other.jsonl` do not."""
    (tmp_path / "allow.json").write_text(json.dumps(policy(allow("*"))))
    (tmp_path / "mfa.json").write_text(json.dumps(NEEDS_MFA))
    for name, file in (("fleet.jsonl", "allow.json"), ("other.jsonl", "mfa.json")):
        (tmp_path / name).write_text(f"{json.dumps({**ROW, 'policy': [file]})}\n" * 3)


@pytest.mark.parametrize(
    "name", ["fleet.jsonl", "./fleet.jsonl", "symbolic.jsonl", "hard.jsonl", "allow.json", "scp.json"]
)
def test_what_the_run_reads_is_not_overwritten(name: str, run: Run, tmp_path: Path) -> None:
    (tmp_path / "scp.json").write_text(json.dumps(policy(allow("*"))))
    (tmp_path / "symbolic.jsonl").symlink_to("fleet.jsonl")
    (tmp_path / "hard.jsonl").hardlink_to(tmp_path / "fleet.jsonl")
    before = (tmp_path / name).read_bytes()
    done = run("fleet", "fleet.jsonl", "--offline", "--scp", "scp.json", "--output-file", name)
    assert (done.status, done.out) == (2, "")
    assert "which the run reads (name another file)" in done.err
    assert (tmp_path / name).read_bytes() == before


def test_a_manifest_where_the_state_would_stand_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fleet.jsonl").rename(tmp_path / "out.state")
    before = (tmp_path / "out.state").read_bytes()
    done = run("fleet", "out.state", "--offline", "--output-file", "out")
    assert (done.status, (tmp_path / "out.state").read_bytes()) == (2, before)
    assert "the results would overwrite out.state" in done.err


def test_a_policy_that_the_results_would_be_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fleet.jsonl").write_text(json.dumps({**ROW, "policy": ["out.jsonl"]}))
    done = run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    assert done.status == 2
    assert "the results would overwrite out.jsonl" in done.err
    assert not (tmp_path / "out.jsonl").exists()


def test_results_are_gone_before_the_state_of_another_run_is_written(run: Run, tmp_path: Path) -> None:
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    (tmp_path / "out.jsonl.state").unlink()
    # nobody can write the state: the run ends where a kill between the two would end it
    (tmp_path / "out.jsonl.state").mkdir()
    done = run("fleet", "other.jsonl", "--offline", "--output-file", "out.jsonl")
    assert (done.status, (tmp_path / "out.jsonl").read_bytes()) == (2, b"")
    assert "out.jsonl.state: cannot be written" in done.err
    assert not list(tmp_path.glob("*.tmp"))


def test_rows_from_standard_input_are_not_resumed_as_those_of_the_run_before(run: Run, tmp_path: Path) -> None:
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=((tmp_path / "other.jsonl").read_bytes(),))
    writer.start()
    done = run("fleet", "pipe", "--offline", "--output-file", "out.jsonl")
    writer.join()
    assert (done.status, done.err) == (3, "iamcheck: 3 rows: 0 pass, 0 fail, 0 invalid, 3 unknown\n")
    done = run("fleet", "fleet.jsonl", "--offline", "--resume", "out.jsonl")
    assert (done.status, done.out) == (2, "")
    assert "nobody knows what the results were made from" in done.err


@pytest.mark.parametrize("manifest", ["-", "pipe"])
def test_a_stream_is_not_resumed(manifest: str, run: Run, tmp_path: Path) -> None:
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    os.mkfifo(tmp_path / "pipe")
    before = (tmp_path / "out.jsonl").read_bytes()
    done = run("fleet", manifest, "--offline", "--resume", "out.jsonl")
    assert (done.status, done.out, (tmp_path / "out.jsonl").read_bytes()) == (2, "", before)
    assert "save the manifest as a file" in done.err


def test_two_runs_do_not_write_to_one_file(run: Run, tmp_path: Path) -> None:
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    before = (tmp_path / "out.jsonl").read_bytes()[:-10]
    (tmp_path / "out.jsonl").write_bytes(before)
    with (tmp_path / "out.jsonl").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        for word in ("--resume", "--output-file"):
            done = run("fleet", "fleet.jsonl", "--offline", word, "out.jsonl")
            assert (done.status, done.out, (tmp_path / "out.jsonl").read_bytes()) == (2, "", before)
            assert "out.jsonl: another run is writing to it (wait for its end" in done.err


def test_a_full_disk_ends_the_run_with_a_line(run: Run) -> None:
    done = run("fleet", "fleet.jsonl", "--offline", "--output-file", "/dev/full")
    assert (done.status, done.out) == (2, "")
    assert done.err == "iamcheck: /dev/full: cannot be written: No space left on device\n"
    assert not os.path.exists("/dev/full.state")  # noqa: PTH110  beside a device nothing is written


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["1", "2"])
def test_results_before_the_disk_was_full_are_good_for_resume(workers: str, run: Run, tmp_path: Path) -> None:
    rows = [{**ROW, "endpoint": f"e-{n}", "policy": ["mfa.json"]} for n in range(30)]
    (tmp_path / "fleet.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "whole.jsonl")
    whole = (tmp_path / "whole.jsonl").read_bytes()
    code = """if __name__ == "__main__":
    import resource, sys
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)), resource.RLIM_INFINITY))
    from iamcheck.cli import main
    main()
"""
    (tmp_path / "small_disk.py").write_text(code)
    limit = len(whole) // 2
    words = [sys.executable, "small_disk.py", str(limit), "fleet", "fleet.jsonl", "--offline", "--workers", workers]
    done = subprocess.run(
        [*words, "--output-file", "out.jsonl"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == (
        "iamcheck: out.jsonl: cannot be written: File too large "
        "(make room; --resume goes on from the results that were written)\n"
    )
    assert (tmp_path / "out.jsonl").read_bytes() == whole[:limit]
    done = subprocess.run(
        [sys.executable, "-m", "iamcheck", *words[3:], "--resume", "out.jsonl"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, (tmp_path / "out.jsonl").read_bytes()) == (3, whole), done.stderr


def test_the_cure_of_each_refusal_works(run: Run, tmp_path: Path) -> None:
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "whole.jsonl")
    whole = (tmp_path / "whole.jsonl").read_bytes()
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    state = (tmp_path / "out.jsonl.state").read_bytes()
    other = state.replace(json.loads(state)["manifest"].encode(), b"0" * 64)
    for damaged in (None, b"", state[: len(state) // 2], b"\x00" * len(state), b"[]", other):
        (tmp_path / "out.jsonl").write_bytes(whole[:-20])
        (tmp_path / "out.jsonl.state").unlink()
        if damaged is not None:
            (tmp_path / "out.jsonl.state").write_bytes(damaged)
        refused = run("fleet", "fleet.jsonl", "--offline", "--resume", "out.jsonl")
        assert (refused.status, (tmp_path / "out.jsonl").read_bytes()) == (2, whole[:-20])
        assert "(start anew, with --output-file in place of --resume)" in refused.err
        assert refused.err.count("\n") == 1
        cured = run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
        assert (cured.status, (tmp_path / "out.jsonl").read_bytes()) == (0, whole)


@pytest.mark.parametrize("added", ["again", "{}\n", '{"row": 4, "verdict": "pass"}\n', "cut\n"])
def test_lines_that_are_no_results_of_the_rows_are_refused(added: str, run: Run, tmp_path: Path) -> None:
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    whole = (tmp_path / "out.jsonl").read_bytes()
    wrong = {"again": whole + whole, "cut\n": whole[:-40] + b"\n"}.get(added, whole + added.encode())
    (tmp_path / "out.jsonl").write_bytes(wrong)
    done = run("fleet", "fleet.jsonl", "--offline", "--resume", "out.jsonl")
    assert (done.status, (tmp_path / "out.jsonl").read_bytes()) == (2, wrong)
    assert "is not the result of row" in done.err
    run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == whole


def test_results_in_a_folder_that_rows_read_do_not_stand_in_the_way(run: Run, tmp_path: Path) -> None:
    (tmp_path / "org").mkdir()
    words = ("fleet", "fleet.jsonl", "--offline", "--template-dir", "org")
    first = run(*words, "--output-file", "org/out.jsonl")
    whole = (tmp_path / "org" / "out.jsonl").read_bytes()
    (tmp_path / "org" / "out.jsonl").write_bytes(whole[:-20])
    again = run(*words, "--resume", "org/out.jsonl")
    assert (again.status, again.err, (tmp_path / "org" / "out.jsonl").read_bytes()) == (first.status, first.err, whole)


OF_VERDICT = {"pass": "allow.json", "fail": "nothing.json", "invalid": "missing.json", "unknown": "mfa.json"}
"""A policy that gives a row each verdict."""
COMBINATIONS = [some for count in range(1, 5) for some in combinations(OF_VERDICT, count)]


@pytest.mark.parametrize("verdicts", COMBINATIONS)
def test_the_exit_status_is_that_of_the_worst_row_of_all_runs(
    verdicts: tuple[str, ...], run: Run, tmp_path: Path
) -> None:
    (tmp_path / "nothing.json").write_text(json.dumps(policy(allow("s3:GetObject"))))
    rows = [{**ROW, "policy": [OF_VERDICT[verdict]]} for verdict in verdicts]
    (tmp_path / "fleet.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    status = next(
        status for verdict, status in (("fail", 1), ("invalid", 2), ("unknown", 3), ("pass", 0)) if verdict in verdicts
    )
    summary = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("pass", "fail", "invalid", "unknown"))
    said = f"iamcheck: {len(rows)} row{'' if len(rows) == 1 else 's'}: {summary}\n"
    done = run("fleet", "fleet.jsonl", "--offline", "--output-file", "out.jsonl")
    assert (done.status, done.err) == (status, said)
    whole = (tmp_path / "out.jsonl").read_bytes()
    assert [json.loads(line)["verdict"] for line in whole.splitlines()] == list(verdicts)
    lines = whole.splitlines(keepends=True)
    for count in range(len(lines) + 1):
        (tmp_path / "out.jsonl").write_bytes(b"".join(lines[:count]) + whole[:7] * (count < len(lines)))
        done = run("fleet", "fleet.jsonl", "--offline", "--resume", "out.jsonl")
        assert (done.status, done.err, (tmp_path / "out.jsonl").read_bytes()) == (status, said, whole)
