"""Secrets in texts are masked, and the quick look at a text overlooks none."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.aws.secrets import mask_secrets

FORTY: Final = "wJalr" + 35 * "x"

MASKED: Final = {
    "https://user:word@host/path": "https://host/path",
    "password=hunter2": "password=***",
    "PASSWD: hunter2": "PASSWD: ***",
    "api_key=abc": "api_key=***",
    "apikey=abc": "apikey=***",
    "aws_secret_access_key = abc": "aws_secret_access_key = ***",
    "session_token=abc": "session_token=***",
    "X-Amz-Signature=abc": "X-Amz-Signature=***",
    "X-Amz-Credential=abc": "X-Amz-Credential=***",
    "the key AKIA0000EXAMPLE": "the key ***",
    "the key ASIA0000EXAMPLE": "the key ***",
    f"key {FORTY} end": "key *** end",
    f"token {2 * FORTY + 20 * 'y'} end": "token *** end",
    # a pattern that ignores case takes these letters for s and i
    "\u017fignature=abc": "\u017fignature=***",
    "s\u0131gnature=abc": "s\u0131gnature=***",
}
PIECES: Final = ("=", ": ", " ", "/", "//", "@", "x", "_", "-", "\n", "arn:aws:iam::1:role/", *MASKED, FORTY[:39])


@pytest.mark.parametrize("text", MASKED)
def test_a_secret_is_masked(text: str) -> None:
    assert mask_secrets(text) == MASKED[text]


@pytest.mark.parametrize(
    "text", ["", "allowed", f"name {FORTY[:39]} end", f"arn:aws:iam::1:role/{FORTY}", "sagemaker:CreateEndpoint"]
)
def test_other_texts_stay_whole(text: str) -> None:
    assert mask_secrets(text) == text


@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join))
def test_the_quick_look_at_an_ascii_text_overlooks_nothing(text: str) -> None:
    # a text with a letter beyond ASCII is always looked at closely
    assert mask_secrets(f"\u00e9 {text}") == f"\u00e9 {mask_secrets(text)}"
