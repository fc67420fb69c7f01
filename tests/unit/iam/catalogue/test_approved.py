"""What the reference data says of actions, keys, Regions and names is what somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.iam.catalogue.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_the_answers_are_those_that_were_read(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
