"""What the rules find over a corpus of requests is what somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.checks.request_valid.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_the_findings_are_those_that_were_read(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
