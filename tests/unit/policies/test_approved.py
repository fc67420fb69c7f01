"""Whole policies over a grid of deployments are those that somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.policies.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_the_policies_are_those_that_were_read(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
