"""The places of statements are those that AWS's simulator returned."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from iamcheck.iam.model import Policy, Position

OBSERVED = Path(__file__).parents[3] / "cases" / "observed" / "simulator.jsonl"


def _matched() -> list[tuple[str, tuple[Position, Position]]]:
    found = []
    for line in OBSERVED.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        given = record["input"]
        texts = {f"PolicyInputList.{n}": text for n, text in enumerate(given["PolicyInputList"], start=1)}
        texts["ResourcePolicy"] = given.get("ResourcePolicy", "")
        for statement in record.get("MatchedStatements", []):
            start, end = statement["StartPosition"], statement["EndPosition"]
            places = (Position(start["Line"], start["Column"]), Position(end["Line"], end["Column"]))
            found.append((texts[statement["SourcePolicyId"]], places))
    return found


def test_observed_statements_stand_where_aws_says() -> None:
    matched = _matched()
    assert len(matched) > 50
    for text, places in matched:
        policy = Policy.parse(text, stored=False)
        assert places in [(statement.start, statement.end) for statement in policy.statements], text


ALLOW = '{"Effect":"Allow","Action":"*","Resource":"*"}'


@pytest.mark.parametrize("newline", ["\n", "\r", "\r\n"])
def test_each_newline_counts_once(newline: str) -> None:
    # the page API_Position: lines and columns from 1; the three newlines and the two ends were observed, September 2026
    text = newline.join(["{", ' "Statement": [', f"  {ALLOW},", "", f"  {ALLOW} ]", "}"])
    first, second = Policy.parse(text).statements
    assert (first.start, first.end, first.line) == (Position(2, 16), Position(3, 49), 3)
    assert (second.start, second.end, second.line) == (Position(3, 49), Position(5, 49), 5)


def test_single_object_starts_after_its_brace() -> None:
    (statement,) = Policy.parse(f'{{"Statement": {ALLOW}}}').statements
    assert (statement.start, statement.end, statement.line) == (Position(1, 16), Position(1, 61), 1)


def test_byte_order_mark_is_not_counted() -> None:
    (statement,) = Policy.parse(f'\ufeff{{"Statement": {ALLOW}}}').statements
    assert statement.start == Position(1, 16)


def test_an_object_has_no_places() -> None:
    (statement,) = Policy.parse({"Statement": json.loads(ALLOW)}).statements
    assert (statement.start, statement.end, statement.line) == (None, None, None)
