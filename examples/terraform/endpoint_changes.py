"""Counts the endpoints and endpoint configs that a Terraform plan makes or changes: python3 endpoint_changes.py PLAN.

A change of tags alone does not count. Where the count is 0, `iamcheck check` has nothing to check in the plan.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ENDPOINT = "aws_sagemaker_endpoint"
TYPES = (ENDPOINT, "aws_sagemaker_endpoint_configuration")
TAGS = {"tags", "tags_all"}


def counts(resource: dict[str, Any]) -> bool:
    """Whether iamcheck checks the change: what is created, and an endpoint that is updated."""
    change = resource["change"]
    if "create" in change["actions"]:
        return True
    if change["actions"] != ["update"] or resource["type"] != ENDPOINT:
        return False
    before, after, later = change["before"], change["after"], change["after_unknown"]
    changed = {name for name in {*before, *after, *later} if later.get(name) or before.get(name) != after.get(name)}
    return not changed <= TAGS


plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
changes = [*plan.get("resource_changes", []), *(each["resource_change"] for each in plan.get("deferred_changes", []))]
count = sum(counts(resource) for resource in changes if resource["type"] in TYPES)
sys.stdout.write(f"{count}\n")
