"""What is said of STS over a corpus of worlds is what somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.checks.sts.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_the_answers_are_those_that_were_read(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
