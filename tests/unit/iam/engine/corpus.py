"""The questions whose answers are approved texts: `python scripts/refresh_approved.py engine`.

The decisions are judged a second time by the naive reading: tests/property/test_answers_judged.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.answers.conditions import written_conditions
from tests.answers.layers import layer_worlds
from tests.answers.principals import principal_worlds
from tests.answers.rcps import rcp_worlds
from tests.answers.resources import resource_worlds
from tests.answers.traces import written_traces
from tests.answers.worlds import written

if TYPE_CHECKING:
    from tests.approved import Corpus

__all__ = ["TEXTS"]

TEXTS: Final[Corpus] = {
    "engine/conditions": written_conditions,
    "engine/layers": lambda: written(layer_worlds()),
    "engine/principals": lambda: written(principal_worlds()),
    "engine/rcps": lambda: written(rcp_worlds()),
    "engine/resources": lambda: written(resource_worlds()),
    "engine/traces": written_traces,
}
