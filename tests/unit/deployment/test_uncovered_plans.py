"""What a plan does that no check judges is named, and what it does not do is not.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from iamcheck.deployment.sources import read_sources

PLAN: dict[str, Any] = json.loads((Path(__file__).parents[2] / "cases/plans/basic.json").read_text("utf-8"))
ROLE: dict[str, Any] = {
    "address": "aws_iam_role.r",
    "mode": "managed",
    "type": "aws_iam_role",
    "name": "r",
    "change": {"actions": ["create"], "before": None, "after": {}, "after_unknown": {}},
}
INVOKED = {"address": "action.aws_lambda_invoke.warm", "type": "aws_lambda_invoke", "name": "warm"}


def uncovered(plan: dict[str, Any]) -> list[tuple[str, str]]:
    (written,) = read_sources("-", stdin=io.BytesIO(json.dumps(plan).encode()))
    assert written.not_covered[0].what == "Terraform's state"
    return [(part.what, part.where.path) for part in written.not_covered[1:]]


def with_role(*actions: str) -> dict[str, Any]:
    role = {**ROLE, "change": {**ROLE["change"], "actions": list(actions)}}
    return {**PLAN, "resource_changes": [*PLAN["resource_changes"], role]}


BEFORE = uncovered(PLAN)


@pytest.mark.parametrize("actions", [["create"], ["update"], ["delete"], ["delete", "create"], ["delete", "update"]])
def test_a_resource_that_is_not_read_is_named_whatever_is_done_with_it(actions: list[str]) -> None:
    assert uncovered(with_role(*actions)) == [*BEFORE, ("aws_iam_role", "aws_iam_role.r")]


@pytest.mark.parametrize("actions", [["no-op"], ["forget"]])
def test_a_resource_for_which_no_call_is_made_is_not_named(actions: list[str]) -> None:
    assert uncovered(with_role(*actions)) == BEFORE


@pytest.mark.parametrize(
    "members",
    [
        {"action_invocations": [INVOKED]},
        {"deferred_action_invocations": [{"reason": "deferred_prereq", "action_invocation": INVOKED}]},
    ],
)
def test_an_action_that_terraform_invokes_is_named(members: dict[str, Any]) -> None:
    assert uncovered(PLAN | members) == [*BEFORE, ("aws_lambda_invoke", "action.aws_lambda_invoke.warm")]


def test_a_provisioner_of_a_resource_that_is_judged_is_named() -> None:
    plan = json.loads(json.dumps(PLAN))
    (endpoint,) = (
        resource
        for resource in plan["configuration"]["root_module"]["resources"]
        if resource["type"] == "aws_sagemaker_endpoint"
    )
    endpoint["provisioners"] = [{"type": "local-exec", "expressions": {"command": {"constant_value": "aws ..."}}}]

    assert uncovered(plan) == [*BEFORE, ("aws_sagemaker_endpoint provisioner local-exec", endpoint["address"])]
