"""What is read of texts, documents and requests is what somebody has read."""

from __future__ import annotations

import pytest

from tests.approved import differences
from tests.unit.iam.model.corpus import TEXTS


@pytest.mark.parametrize("name", TEXTS)
def test_texts_are_read_as_somebody_has_read_them(name: str) -> None:
    assert differences(name, TEXTS[name]()) == []
