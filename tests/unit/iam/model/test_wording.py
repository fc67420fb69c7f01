"""Numbers and articles fit their nouns."""

from __future__ import annotations

import pytest

from iamcheck.iam.catalogue import NameKind
from iamcheck.iam.model.wording import counted, with_article


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [(0, "row", "0 rows"), (1, "row", "1 row"), (2, "row", "2 rows"), (12345, "key", "12,345 keys"),
     (1, "key policy", "1 key policy"), (3, "key policy", "3 key policies")],
)  # fmt: skip
def test_a_noun_fits_its_number(number: int, noun: str, text: str) -> None:
    assert counted(number, noun) == text


@pytest.mark.parametrize(
    "text",
    ["an EndpointName", "a UserName", "an AccountId", "a ModelName", "an identity policy", "a boundary", "an SCP",
     "an RCP", "a service control policy", "an int", "a list", "a union", "an unread layer", "a KmsKeyId", "a str"],
)  # fmt: skip
def test_an_article_fits_the_sound_of_its_noun(text: str) -> None:
    assert with_article(text.partition(" ")[2]) == text


def test_no_kind_of_name_that_begins_with_another_sound_is_new() -> None:
    vowels = {kind.value for kind in NameKind if with_article(kind.value).startswith("an ")}
    assert vowels == {"AccountId", "EndpointConfigName", "EndpointName", "InferenceComponentName"}
