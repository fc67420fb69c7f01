"""AWS's managed policies, as moto ships them: is what they name in the packaged reference?"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

# Services that AWS has closed or does not document; the managed policies still name their actions. The counts are of
# the reference of September 2026 and the policies of moto 5.1 to 5.2: a larger number wants a newer reference.
UNKNOWN_ACTIONS = {
    "account": 2,
    "assurance": 22,
    "budgets": 5,
    "builderid": 4,
    "cloud9": 1,
    "cloudhsm": 7,
    "deepcomposer": 9,
    "deepracer": 5,
    "elastic-inference": 3,
    "iot1click": 12,
    "memorydb": 1,
    "organizations": 1,
    "payments": 17,
    "qapps": 2,
    "route53-recovery-control-config": 1,
    "securityagent": 16,
}
UNKNOWN_KEYS = {
    "aws:principalorgmasteraccountid",
    "deepracer:multiuser",
    "deepracer:usertoken",
    "lakeformation:gluearn",
}


@lru_cache(maxsize=1)
def _policies() -> list[dict[str, Any]]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return [policy["Document"] for policy in json.loads(aws_managed_policies_data).values()]


def _statements() -> Iterator[dict[str, Any]]:
    for document in _policies():
        statements = document["Statement"]
        yield from statements if isinstance(statements, list) else [statements]


def _actions() -> set[str]:
    found: set[str] = set()
    for statement in _statements():
        for element in ("Action", "NotAction"):
            value = statement.get(element, [])
            found.update([value] if isinstance(value, str) else value)
    return {one for one in found if "*" not in one and "?" not in one}


def test_every_action_is_known_or_counted() -> None:
    actions = _actions()
    assert len(actions) > 15_000
    unknown: dict[str, int] = {}
    for one in actions:
        if catalogue.action(one) is None:
            prefix = one.partition(":")[0]
            unknown[prefix] = unknown.get(prefix, 0) + 1
    assert unknown == UNKNOWN_ACTIONS


def test_every_condition_key_is_known_or_listed() -> None:
    keys: set[str] = set()
    for statement in _statements():
        keys.update(key.lower() for block in statement.get("Condition", {}).values() for key in block)
    assert len(keys) > 500
    assert {key for key in keys if catalogue.condition_key_type(key) is None} == UNKNOWN_KEYS
