"""The whole results of checks in many worlds are those that somebody has read and approved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.approved import path_of
from tests.unit.checks.scenarios.corpus import OFFLINE, ONLINE
from tests.whole_results import Here, sections

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.server import LoopbackAws
    from tests.whole_results import Scenario

APPROVED = {group: sections(path_of(f"checks/{group}").read_text(encoding="utf-8")) for group in (*OFFLINE, *ONLINE)}


def rows(groups: Mapping[str, Mapping[str, Scenario]]) -> list[tuple[str, str]]:
    return [(group, name) for group, scenarios in groups.items() for name in scenarios]


@pytest.mark.parametrize(("group", "name"), rows(OFFLINE))
def test_results_are_as_approved(group: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    here = Here(tmp_path)
    assert here.shown(OFFLINE[group][name](here)).strip("\n") == APPROVED[group].get(name)


@pytest.mark.parametrize(("group", "name"), rows(ONLINE))
def test_results_of_reading_aws_are_as_approved(
    group: str, name: str, aws: LoopbackAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    here = Here(tmp_path, aws)
    assert here.shown(ONLINE[group][name](here)).strip("\n") == APPROVED[group].get(name)


def test_nothing_is_approved_that_no_scenario_gives() -> None:
    assert {group: list(texts) for group, texts in APPROVED.items()} == {
        group: list(scenarios) for group, scenarios in {**OFFLINE, **ONLINE}.items()
    }
