"""Every family as people paste it: plain, wrapped by each tool, with the account hidden in each way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from iamcheck.explain.messages import FAMILIES, explain_messages
from tests.wrapped import MASKS, TOOLS, masked

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "messages.json").read_text(encoding="utf-8")
)
IDS = [f"{row['family']}: {row['text'][:40]}" for row in ROWS]
ACCOUNT = "123456789012"


def read(text: str, **more: Any) -> tuple[list[str], dict[str, str]]:  # noqa: ANN401  keywords
    """The families of a text, and the named parts of the first message."""
    found = explain_messages(text, **more)
    return [one.family for one in found], dict(found[0].parts) if found else {}


def test_the_rows_are_of_families_that_there_are() -> None:
    assert {row["family"] for row in ROWS} <= {family.id for family in FAMILIES}
    assert len(ROWS) > 50


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_message_is_read_whatever_tool_shows_it(row: dict[str, Any], tool: str) -> None:
    families, parts = read(TOOLS[tool](row["text"]))
    assert families == [row["family"]]
    assert {name: parts.get(name) for name in row["parts"]} == row["parts"]


@pytest.mark.parametrize("mask", ["***", "<account>", "xxxxxxxxxxxx", "{account-id}"])
def test_a_command_names_no_bucket_that_the_text_hides(mask: str) -> None:
    (message,) = explain_messages(f"Could not find model data at s3://models-{mask}/churn/model.tar.gz.")
    commands = " ".join(one.text for one in message.run)
    assert "--bucket BUCKET --key churn/model.tar.gz" in commands
    assert "arn:aws:s3:::BUCKET/churn/model.tar.gz" in commands
    assert "models-" not in commands


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("row", [row for row in ROWS if ACCOUNT in row["text"]])
def test_a_hidden_account_hides_nothing_else(row: dict[str, Any], mask: str) -> None:
    hidden = masked(row["text"], mask)
    # a bucket or a name that holds the account is hidden as it is
    expected = {
        name: text.replace(ACCOUNT, mask if text.startswith("s3:") else "ACCOUNT")
        for name, text in row["parts"].items()
    }
    for tool in ("plain", "Terraform", "Step Functions"):
        families, parts = read(TOOLS[tool](hidden))
        assert families == [row["family"]]
        assert {name: parts.get(name) for name in expected if name != "account"} == {
            name: text for name, text in expected.items() if name != "account"
        }
        families, parts = read(TOOLS[tool](hidden), account_id=ACCOUNT)
        assert families == [row["family"]]
        assert {name: parts.get(name) for name in row["parts"] if not expected[name].startswith("s3:")} == {
            name: text for name, text in row["parts"].items() if not expected[name].startswith("s3:")
        }
