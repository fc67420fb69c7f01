"""Whole answers of the engine are those that somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.iam.engine.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_the_answers_are_those_that_were_read(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
