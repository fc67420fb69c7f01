"""Random trouble, by a seed: whatever happens to the calls of a run, it never says yes where the truth is no."""

from __future__ import annotations

import math
import random
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT
from tests.cli.weather import BY_AWS, CHECK, GIVEN, ONLINE, OPERATIONS, WORLDS, is_out_of_time, written
from tests.server.faults import FAULTS, Storm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Run
    from tests.server import LoopbackAws
    from tests.server.faults import Fault

SCHEDULES = 250
TOGETHER = 10
"""Schedules of one test."""
SECONDS = 2.0
GRACE = 10.0
"""Seconds for what is not waiting for AWS, on a busy machine too; a call that nobody gives up hangs for longer."""
TRIES = 3
"""How often a run may end before it can report: a machine that is busy stands still at times, a defect does so always.
"""
MOST_FAULTS = 5
SLOW_ONES = 0.15
"""How likely a fault that a client finds out by waiting is kept, when it was drawn."""


def schedule(draw: random.Random) -> Mapping[tuple[str, int], Fault]:
    """Which call, counted by operation, meets which fault."""
    found: dict[tuple[str, int], Fault] = {}
    for _ in range(draw.randint(1, MOST_FAULTS)):
        operation, fault = draw.choice([*OPERATIONS]), draw.choice([*FAULTS.values()])
        first = draw.choice((0, 0, 0, 1, 2))
        if fault.is_slow and draw.random() > SLOW_ONES:
            continue
        for number in range(first, first + draw.choice((1, 1, 2, 9))):
            found[operation, number] = fault
    return found


def weathered(
    run: Run, aws: LoopbackAws, schema: Mapping[str, object], seed: int, *, clock: Callable[[], float] = time.monotonic
) -> tuple[int, float]:
    """Run one schedule; how many checks came to know something, and the seconds that it took."""
    aws.check_failures()
    aws.reset()
    draw = random.Random(seed)
    world = WORLDS[draw.choice([*WORLDS])]
    environment = aws.environment(world.make(aws), AWS_MAX_ATTEMPTS=draw.choice(("1", "2")))
    planned = schedule(draw)
    storm = Storm(lambda call, before: planned.get((call.action, before)))
    aws.wrap("*", storm)
    layers, account = draw.choice([BY_AWS, GIVEN]), draw.choice([(), ("--account-id", ACCOUNT)])
    words = (*CHECK, *layers, *account, "--timeout", f"{SECONDS}", "--output", "json")
    started = clock()
    done = run(*words, **environment)
    took = clock() - started
    storm.end()
    if is_out_of_time(done):
        return 0, math.inf
    what = f"seed {seed}: {storm.met}\n{done.out}{done.err}"
    assert done.err == "", what
    done.valid(schema)
    excused = {check_id for _, name in storm.met for check_id in FAULTS[name].says}
    for check_id in ONLINE:
        found, true = done.statuses[check_id], world.truth[check_id]
        assert found in {true, "unknown"} or (found == "fail" and check_id in excused), f"{check_id}, {what}"
    statuses = done.statuses.values()
    assert done.status == (1 if "fail" in statuses else 3 if "unknown" in statuses else 0), what
    return sum(done.statuses[check_id] != "unknown" for check_id in ONLINE), took


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, SCHEDULES, TOGETHER))
def test_no_schedule_makes_a_check_say_what_is_not_true(
    run: Run, aws: LoopbackAws, schema: Mapping[str, object], tmp_path: Path, first: int
) -> None:
    written(tmp_path)
    known = 0
    for seed in range(first, first + TOGETHER):
        for _ in range(TRIES):
            told, took = weathered(run, aws, schema, seed)
            known += told
            if took <= SECONDS + GRACE:
                break
        else:
            pytest.fail(f"seed {seed}: over the time limit, {TRIES} times")
    assert known, "nothing was ever known, so that nothing was tried"


def test_the_same_seed_is_the_same_schedule() -> None:
    one, again, other = (schedule(random.Random(seed)) for seed in (7, 7, 8))
    assert one == again != other
