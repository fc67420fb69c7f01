"""What policies allow beyond a deployment, over a corpus of policies, is what somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.checks.excess.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_the_excess_is_that_which_was_read(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
