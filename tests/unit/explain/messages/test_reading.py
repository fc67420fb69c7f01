"""Which messages a text has, wherever they stand in it."""

from __future__ import annotations

import pytest

from iamcheck.explain.messages.families import FAMILIES
from iamcheck.explain.messages.reading import messages_in

EXAMPLES = {family.id: family.example for family in FAMILIES}
FIRST = "An error occurred (AccessDenied): Not authorized to perform sts:AssumeRoleWithWebIdentity"


@pytest.mark.parametrize("between", ["", " ", "\n", "; "])
def test_one_message_may_stand_right_behind_another(between: str) -> None:
    found = {message.family.id for message in messages_in(f"{FIRST}{between}{EXAMPLES['explicit-deny']}")}
    assert {"oidc-trust", "explicit-deny"} <= found
