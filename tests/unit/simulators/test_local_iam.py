"""LocalIAM against what AWS's simulator was observed to answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError

from iamcheck.simulators.local_iam import LocalIAM
from tests.unit.simulators.local_iam_cases import (
    ACCOUNT,
    Case,
    cases,
    check,
    local_iam,
    parsed,
    statements,
    text,
    url_encoded,
)

if TYPE_CHECKING:
    from collections.abc import Callable

OBSERVED = Path(__file__).parents[2] / "cases" / "observed" / "simulator.jsonl"


@pytest.mark.parametrize("case", cases("contract", "context", "output"))
def test_answers_as_observed(case: Case) -> None:
    check(case, LocalIAM(ACCOUNT))


@pytest.mark.parametrize("encode", [parsed, text, url_encoded])
@pytest.mark.parametrize("case", cases("principal"))
def test_answers_as_observed_of_a_principal(case: Case, encode: Callable[[object], object]) -> None:
    check(case, local_iam(case, encode))


def observed() -> list[Any]:
    rows = [json.loads(line) for line in OBSERVED.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=f"{number}-{row['action']}") for number, row in enumerate(rows)]


@pytest.mark.parametrize("row", observed())
def test_recorded_answers(row: Case) -> None:
    iam = LocalIAM("000000000000")
    if "error" in row:
        with pytest.raises(ClientError) as raised:
            iam.simulate_custom_policy(**row["input"])
        assert raised.value.response["Error"]["Code"] == row["error"]
        return
    results = iam.simulate_custom_policy(**row["input"])["EvaluationResults"]
    (result,) = [each for each in results if each["EvalActionName"] == row["action"]]
    assert result["EvalDecision"] == row["decision"]
    assert statements([dict(each) for each in result["MatchedStatements"]]) == statements(row["MatchedStatements"])
