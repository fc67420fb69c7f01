"""What it costs to explain a text, in processor time: `pytest -m benchmark tests/benchmarks/test_messages.py`.

The bounds are stated in each test's name and checked by hand; the families are loaded before. `extra_info` holds the
number of texts in a round.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, Final

import pytest

from iamcheck.explain.messages import explain_messages
from tests.property.test_message_texts import LONG, text_of

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.benchmark(timer=time.process_time)

TEXTS: Final = [made.text for made in (text_of(random.Random(number)) for number in range(500)) if made.text.strip()]


def test_a_text_as_people_paste_it_takes_under_1_ms(benchmark: BenchmarkFixture) -> None:
    benchmark.extra_info["texts"] = len(TEXTS)
    benchmark(lambda: [explain_messages(text) for text in TEXTS])


@pytest.mark.parametrize("piece", LONG.values(), ids=LONG)
def test_a_text_of_100_kb_takes_under_half_a_second(benchmark: BenchmarkFixture, piece: str) -> None:
    text = (piece * (100_000 // len(piece) + 1))[:100_000]
    benchmark(lambda: explain_messages(text))
