"""How long, how often and for what `--wait` waits: with a clock of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.checks.sts import RegionResult, StsReport, StsState, wait_for_regions
from iamcheck.errors import InvalidInputError
from iamcheck.results import AwsCall, Evidence, Status

if TYPE_CHECKING:
    from collections.abc import Sequence


class World:
    """Regions whose states are lists: of the questions to come, the last for ever; and a clock that sleeping moves."""

    def __init__(self, **states: list[StsState | str]) -> None:
        self.now = 1000.0
        self.asked: list[tuple[str, ...]] = []
        self.slept: list[float] = []
        self._states = {name.replace("_", "-"): states for name, states in states.items()}

    def ask(self, regions: Sequence[str]) -> StsReport:
        self.asked.append(tuple(regions))
        self.now += 1
        return StsReport(tuple(self._result(region) for region in regions))

    def _result(self, region: str) -> RegionResult:
        states = self._states[region]
        state = states.pop(0) if len(states) > 1 else states[0]
        if isinstance(state, StsState):
            return RegionResult(region, state, state.status, "")
        call = AwsCall("account:GetRegionOptStatus", "", state)
        return RegionResult(region, StsState.UNKNOWN, Status.UNKNOWN, "", (Evidence(call=call),))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def wait(self, seconds: float) -> list[StsState]:
        report = wait_for_regions(
            self.ask, list(self._states), seconds=seconds, clock=lambda: self.now, sleep=self.sleep
        )
        assert [one.region for one in report.regions] == list(self._states)
        return [one.state for one in report.regions]


ON, OFF, NOT_ENABLED = StsState.ACTIVE, StsState.DEACTIVATED, StsState.REGION_NOT_ENABLED


def test_only_what_may_change_is_asked_again() -> None:
    world = World(eu_west_1=[ON], eu_west_2=[OFF, ON], eu_west_3=[StsState.UNKNOWN], eu_north_1=[OFF, OFF, ON])
    assert world.wait(100) == [ON, ON, StsState.UNKNOWN, ON]
    assert world.asked[1:] == [("eu-west-2", "eu-north-1"), ("eu-north-1",)]
    assert world.slept == [2, 4]


@pytest.mark.parametrize("state", [OFF, NOT_ENABLED, "ENABLING"])
def test_what_is_waited_for(state: StsState | str) -> None:
    assert World(eu_south_1=[state, ON]).wait(10) == [ON]


@pytest.mark.parametrize(
    "state", [ON, StsState.UNKNOWN, StsState.UNREACHABLE, StsState.INVALID_CREDENTIALS, "DISABLED", "DISABLING"]
)
def test_what_is_not(state: StsState | str) -> None:
    world = World(eu_south_1=[state, ON])
    world.wait(1000)
    assert (len(world.asked), world.slept) == (1, [])


def test_the_pauses_grow_to_half_a_minute_and_end_with_the_time() -> None:
    world = World(eu_west_1=[OFF])
    assert world.wait(120) == [OFF]
    assert world.slept[:6] == [2, 4, 8, 16, 30, 30]
    assert sum(world.slept) <= 120
    # the last question comes when the time is over, not a pause before
    assert world.now >= 1120


def test_no_time_is_one_question() -> None:
    world = World(eu_west_1=[OFF, ON])
    assert world.wait(0) == [OFF]
    assert world.slept == []


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_what_is_no_time(seconds: float) -> None:
    with pytest.raises(InvalidInputError, match="no time to wait"):
        World(eu_west_1=[OFF]).wait(seconds)
