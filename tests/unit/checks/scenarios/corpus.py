"""Makes the texts of all worlds: `tests/cases/approved/checks/`."""

from __future__ import annotations

import functools
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.unit.checks.scenarios import live, policy, principal_given, principal_online, reports, roles, sagemaker
from tests.whole_results import Here, whole_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from tests.server import LoopbackAws
    from tests.whole_results import Scenario

__all__ = ["OFFLINE", "ONLINE", "TEXTS"]

OFFLINE: Mapping[str, Mapping[str, Scenario]] = {
    "policy": policy.SCENARIOS,
    "principal_given": principal_given.SCENARIOS,
    "principal_online": principal_online.SCENARIOS,
    "reports": reports.SCENARIOS,
    "roles": roles.SCENARIOS,
}
"""The scenarios of each group, by name."""
ONLINE: Mapping[str, Mapping[str, Scenario]] = {"live": live.SCENARIOS, "sagemaker": sagemaker.SCENARIOS}
"""Those that need an AWS."""


@contextmanager
def _empty_folder() -> Iterator[Path]:
    """An empty folder, which is the working directory meanwhile."""
    home = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        yield Path(folder)
        os.chdir(home)


@functools.cache
def _server() -> LoopbackAws:
    """One AWS for all groups."""
    import botocore.session

    from tests.server import LoopbackAws

    # a session reads the models of its services anew: in one process once is enough
    botocore.session.create_loader = functools.cache(botocore.session.create_loader)
    return LoopbackAws()


def _text(scenarios: Mapping[str, Scenario], *, is_online: bool) -> str:
    parts = {}
    for name, scenario in scenarios.items():
        aws = _server() if is_online else None
        if aws is not None:
            aws.reset()
        with _empty_folder() as folder:
            here = Here(folder, aws)
            parts[name] = here.shown(scenario(here))
    if is_online:
        _server().reset()
    return whole_text(parts)


TEXTS: Mapping[str, Callable[[], str]] = {
    f"checks/{group}": functools.partial(_text, scenarios, is_online=groups is ONLINE)
    for groups in (OFFLINE, ONLINE)
    for group, scenarios in groups.items()
}
