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
from iamcheck.errors import InvalidInputError

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


def test_what_terraform_opens_for_the_time_of_a_run_is_no_resource() -> None:
    """Nor is what it lists: https://developer.hashicorp.com/terraform/language/resources/ephemeral."""
    others = [
        {**ROLE, "mode": mode, "address": f"{mode}.aws_iam_role.r", "change": {**ROLE["change"], "actions": ["open"]}}
        for mode in ("ephemeral", "list")
    ]
    assert uncovered({**PLAN, "resource_changes": [*PLAN["resource_changes"], *others]}) == BEFORE


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


def updated(**changes: object) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(json.dumps(PLAN))
    for resource in plan["resource_changes"]:
        change = resource["change"]
        change |= {"actions": ["no-op"], "before": change["after"], "after_unknown": {}}
        if resource["type"] == "aws_sagemaker_endpoint":
            change |= {"actions": ["update"], "after": change["after"] | changes}
    return plan


def test_an_endpoint_whose_tags_alone_change_is_not_updated() -> None:
    """The provider calls UpdateEndpoint only where something else changes."""
    tags = {"tags": {"team": "ml"}, "tags_all": {"team": "ml"}}
    with pytest.raises(InvalidInputError, match="changes their tags alone"):
        uncovered(updated(**tags))
    (written,) = read_sources(
        "-", stdin=io.BytesIO(json.dumps(updated(**tags, endpoint_config_name="churn-v8")).encode())
    )
    assert written.updates


def test_a_model_whose_tags_alone_change_is_named_for_its_tags() -> None:
    plan = json.loads(json.dumps(PLAN))
    before: dict[str, Any] = {"name": "churn", "tags": None, "tags_all": {}}
    after = before | {"tags": {"team": "ml"}, "tags_all": {"team": "ml"}}
    model: dict[str, Any] = {
        "address": "aws_sagemaker_model.m",
        "mode": "managed",
        "type": "aws_sagemaker_model",
        "name": "m",
    }
    model |= {"change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}}
    plan["resource_changes"].append(model)
    (written,) = read_sources("-", stdin=io.BytesIO(json.dumps(plan).encode()))

    (part,) = (part for part in written.not_covered if part.where.path == "aws_sagemaker_model.m")
    assert part.why == "its tags change, and no check judges AddTags and DeleteTags"
