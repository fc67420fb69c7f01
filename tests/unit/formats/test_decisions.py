"""The page draws each decision as AWS's evaluation flow, up to the step that stopped the request."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run

OFFLINE = ("--offline", "--region", "eu-west-1", "--account-id", "123456789012")
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}
STEPS = ["explicit deny", "RCP", "SCP", "identity or resource policy", "permissions boundary", "session policy"]


def flow(page: str) -> list[tuple[str, str]]:
    """The steps of the first permission with their states."""
    drawn = re.search(r'<ol class="flow".*?</ol>', page, re.DOTALL)
    assert drawn is not None
    return re.findall(r'<li class="[a-z-]+">(.*?)<span class="soft">(.*?)</span>', drawn[0])


@pytest.mark.parametrize(
    ("documents", "stopped"),
    [
        ({"policy": [ALLOW]}, None),
        ({"policy": []}, "identity or resource policy"),
        ({"policy": [ALLOW], "scp": []}, "SCP"),
        ({"policy": [ALLOW], "boundary": []}, "permissions boundary"),
        ({"policy": [ALLOW], "scp": [ALLOW, {**ALLOW, "Effect": "Deny"}]}, "explicit deny"),
        ({"policy": [], "boundary": [{**ALLOW, "Effect": "Deny"}]}, "explicit deny"),
    ],
)
def test_the_flow_stops_where_the_decision_was_made(
    documents: dict[str, list[object]], stopped: str | None, run: Run, tmp_path: Path
) -> None:
    words = []
    for option, statements in documents.items():
        # an SCP without any Allow is refused: this one allows another service
        held = statements or [{**ALLOW, "Action": "s3:GetObject"}]
        (tmp_path / f"{option}.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": held}))
        words += [f"--{option}", f"{option}.json"]
    page = run("check", "churn", "churn-v7", *OFFLINE, *words, "--output", "html").out
    at = len(STEPS) if stopped is None else STEPS.index(stopped)
    states = ["passed"] * at + ["stopped"] * (stopped is not None)
    assert flow(page) == list(zip(STEPS, states + ["not reached"] * (len(STEPS) - len(states)), strict=True))


def test_where_the_made_policy_is_judged_alone_no_other_layer_is_drawn(run: Run) -> None:
    page = run("check", "churn", "churn-v7", *OFFLINE, "--output", "html").out
    assert flow(page) == [("explicit deny", "passed"), ("identity policy", "passed")]


@pytest.mark.parametrize("operator", ["Bool", "BoolIfExists"])
def test_a_step_that_may_stop_the_request_is_not_certain(operator: str, run: Run, tmp_path: Path) -> None:
    # an absent key matches `IfExists`: without a value the Deny applies, and an MFA device would end that
    deny = {**ALLOW, "Effect": "Deny", "Condition": {operator: {"aws:MultiFactorAuthPresent": "false"}}}
    (tmp_path / "p.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [ALLOW, deny]}))
    page = run("check", "churn", "churn-v7", *OFFLINE, "--policy", "p.json", "--output", "html").out
    if operator == "Bool":
        assert '<ol class="flow"' not in page
    else:
        assert flow(page)[:2] == [("explicit deny", "not certain"), ("RCP", "not reached")]
