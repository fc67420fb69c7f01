"""The result of a row is one line of JSON, whose parts that other rows share travel once."""

from __future__ import annotations

import json
import pickle
from typing import Final

import pytest

import iamcheck
from iamcheck.checks.memory import CheckMemory
from iamcheck.checks.report import Reports
from iamcheck.fleet.row_text import RowResult, error_result, reports_result

DEPLOYMENT: Final = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")


def results(rows: int, deployments: int) -> list[RowResult]:
    """The results of rows of which each has all the deployments."""
    report = iamcheck.check(DEPLOYMENT, offline=True)
    reports, memory = Reports((report,) * deployments), CheckMemory(8)
    return [reports_result(row, reports, memory) for row in range(1, rows + 1)]


@pytest.mark.parametrize("deployments", [0, 1, 2])
def test_the_parts_together_are_the_json_document_of_check_with_the_row(deployments: int) -> None:
    report = iamcheck.check(DEPLOYMENT, offline=True)
    expected = {"row": 1, **Reports((report,) * deployments).to_dict()}
    (result,) = results(1, deployments)
    assert "".join(result.texts) == json.dumps(expected)
    assert (result.number, result.verdict) == (1, expected["verdict"])


def test_what_rows_of_one_deployment_have_in_common_travels_once() -> None:
    def size(rows: int) -> int:
        return len(pickle.dumps(results(rows, 1)))

    assert size(20) < 4 * size(1)


def test_an_error_is_a_document_without_reports() -> None:
    result = error_result(3, "invalid", "region: not given\x7f")
    document = json.loads("".join(result.texts))
    assert (document["row"], document["verdict"], document["error"]) == (3, "invalid", "region: not given\x7f")
    assert document["reports"] == []
    assert all("\x7f" not in text for text in result.texts)
