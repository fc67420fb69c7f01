"""`iamcheck sts` over many Regions, over time, in every partition, and on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_check_online import once
from tests.server import World, error

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli import Run
    from tests.server import Answer, Call, LoopbackAws

OPT_IN = ("af-south-1", "ap-east-1", "eu-south-1")
LIST, ONE = "account:ListRegions", "account:GetRegionOptStatus"


def regions_of(done: object) -> dict[str, str]:
    report: Mapping[str, list[dict[str, str]]] = done.report  # type: ignore[attr-defined]  # a Done
    return {one["region"]: one["status"] for one in report["regions"]}


@pytest.mark.parametrize("world", [World.NOT_ENABLED, World.ACCESS_DENIED])
def test_the_opt_in_status_of_all_regions_is_one_list(run: Run, aws: LoopbackAws, world: World) -> None:
    for region in OPT_IN:
        aws.sts.world(region, world)
    done = run("sts", "--all-regions", "--output", "json", **once(aws))
    found = regions_of(done)
    expected = "skipped" if world is World.NOT_ENABLED else "pass"
    assert (done.status, {found[region] for region in OPT_IN}) == (0, {expected})
    calls = Counter(aws.actions)
    assert (calls[LIST], calls[ONE]) == (1, 0)
    (one,) = [one for one in done.report["regions"] if one["region"] == OPT_IN[0]]
    assert LIST in [evidence["call"]["operation"] for evidence in one["evidence"]]


def test_where_nobody_may_list_each_region_is_asked_about(run: Run, aws: LoopbackAws) -> None:
    for region in OPT_IN:
        aws.sts.world(region, World.NOT_ENABLED)
    aws.deny(LIST)
    done = run("sts", *OPT_IN, "eu-west-1", "--output", "json", **once(aws))
    assert regions_of(done) == dict.fromkeys(OPT_IN, "fail") | {"eu-west-1": "pass"}
    calls = Counter(aws.actions)
    assert (calls[LIST], calls[ONE]) == (1, len(OPT_IN))


def test_the_opt_in_status_of_one_region_is_no_list(run: Run, aws: LoopbackAws) -> None:
    aws.sts.world(OPT_IN[0], World.NOT_ENABLED)
    done = run("sts", OPT_IN[0], "eu-west-1", "--output", "json", **once(aws))
    assert regions_of(done)[OPT_IN[0]] == "fail"
    calls = Counter(aws.actions)
    assert (calls[LIST], calls[ONE]) == (0, 1)


@pytest.mark.parametrize("body", [{}, {"Regions": [{"RegionName": "af-south-1"}]}, {"Regions": [], "NextToken": "a"}])
def test_a_list_that_cannot_be_used_passes_nothing(run: Run, aws: LoopbackAws, body: Mapping[str, object]) -> None:
    from tests.server.wire import json_answer

    for region in OPT_IN:
        aws.sts.world(region, World.ACCESS_DENIED)
    aws.hook(LIST, lambda _: json_answer(body))
    aws.deny(ONE)
    done = run("sts", *OPT_IN, "--output", "json", **once(aws))
    assert (done.status, set(regions_of(done).values())) == (3, {"unknown"})


@pytest.mark.parametrize(
    ("partition", "home", "number"), [("aws-cn", "cn-north-1", 2), ("aws-us-gov", "us-gov-west-1", 2)]
)
def test_all_regions_are_those_of_the_partition(
    run: Run, aws: LoopbackAws, partition: str, home: str, number: int
) -> None:
    user = aws.create_user("ann", partition=partition)
    environment = {**once(aws, user), "AWS_REGION": home, "AWS_DEFAULT_REGION": home}
    done = run("sts", "--all-regions", "--output", "json", **environment)
    found = regions_of(done)
    assert (done.status, len(found), set(found.values())) == (0, number, {"pass"})
    assert home in found
    aws.sts.world(home, World.DEACTIVATED)
    assert run("sts", "--all-regions", **environment).status == 1


class Activated:
    """An administrator who activates STS, or enables a Region, after so many questions."""

    def __init__(self, region: str, questions: int) -> None:
        self._region, self._left = region, questions

    def __call__(self, call: Call) -> Answer | None:
        if call.region != self._region:
            return None
        self._left -= 1
        if self._left < 0:
            return None
        text = "STS is not activated in this region for account:123456789012."
        return error(call.protocol, 403, "RegionDisabledException", text)


def test_waiting_for_an_activation(run: Run, aws: LoopbackAws) -> None:
    aws.hook("sts:GetSessionToken", Activated("eu-central-1", 1))
    done = run("sts", "eu-west-1", "eu-central-1", "--wait", "0.1", "--output", "json", **once(aws))
    assert (done.status, regions_of(done)) == (0, {"eu-west-1": "pass", "eu-central-1": "pass"})
    (line,) = done.err.splitlines()
    assert line.startswith("iamcheck: waiting for STS in eu-central-1 (deactivated): asking again in 0")
    # a Region that has passed is not asked again
    assert Counter(aws.actions)["sts:GetSessionToken"] == 3


@pytest.mark.parametrize("world", [World.ACCESS_DENIED, World.EXPIRED_TOKEN, World.GARBAGE])
def test_what_does_not_get_better_is_not_waited_for(run: Run, aws: LoopbackAws, world: World) -> None:
    aws.sts.world("eu-west-1", world)
    done = run("sts", "eu-west-1", "--wait", "3600", **once(aws))
    assert (done.status, done.err) == (3, "")


@pytest.mark.parametrize("seconds", ["-1", "nan", "soon", "1e9"])
def test_what_is_no_time_to_wait(run: Run, aws: LoopbackAws, seconds: str) -> None:
    done = run("sts", "eu-west-1", "--wait", seconds, **once(aws))
    assert (done.status, done.out) == (2, "")
    assert "--wait" in done.err
    assert aws.actions == []


def on_a_terminal(environment: Mapping[str, str], *words: str) -> tuple[int, str, str]:
    """The status, standard output and what a terminal as standard error shows."""
    master, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "iamcheck", *words],
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
        env={**os.environ, "TERM": "xterm", **environment},
    ) as running:
        os.close(terminal)
        out, _ = running.communicate(timeout=60)
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:
        pass  # the other end of a terminal that is closed
    finally:
        os.close(master)
    return running.returncode, out, shown.decode()


@pytest.mark.parametrize(
    ("words", "more", "is_shown"),
    [
        (("eu-west-1", "eu-north-1", "eu-west-3"), {}, True),
        (("eu-west-1",), {}, False),
        (("eu-west-1", "eu-north-1"), {"TERM": "dumb"}, False),
        (("eu-west-1", "eu-north-1", "--debug"), {}, False),
    ],
)
def test_a_terminal_shows_how_far_it_is(
    aws: LoopbackAws, words: tuple[str, ...], more: Mapping[str, str], is_shown: bool
) -> None:
    status, out, shown = on_a_terminal({**once(aws), **more}, "sts", *words, "--output", "json")
    assert status == 0
    assert '"verdict": "pass"' in out
    assert ("100%" in shown) is is_shown
    assert "%" not in out


def test_no_terminal_shows_nothing(run: Run, aws: LoopbackAws) -> None:
    assert run("sts", "eu-west-1", "eu-north-1", **once(aws)).err == ""
