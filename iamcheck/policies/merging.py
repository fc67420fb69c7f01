"""Merges the statements of policies: what is granted under the same conditions is granted once, grouped and sorted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from iamcheck.results import Json

__all__ = ["merged_document"]

_MEMBERS: Final = frozenset({"Sid", "Effect", "Action", "Resource", "Condition"})
"""The members of a statement that can be merged: an Allow of actions on resources."""


def merged_document(documents: Sequence[Mapping[str, Json]]) -> dict[str, Json]:
    """One policy that grants what several grant, and nothing besides.

    Each action is granted on each resource once, where no condition narrows it even if a condition does elsewhere.
    Actions that have the same resources and conditions are in one statement. A statement that is no plain Allow stays
    as it is.

    Args:
        documents: The policies, as `json.loads` gives them.
    """
    grants: dict[str, dict[str, dict[str, str]]] = {}
    others: list[Mapping[str, Json]] = []
    for statement in (statement for document in documents for statement in _statements(document)):
        if statement.get("Effect") != "Allow" or not _MEMBERS.issuperset(statement):
            others += [] if statement in others else [statement]
            continue
        condition = json.dumps(statement.get("Condition", {}), sort_keys=True)
        sid = str(statement.get("Sid", ""))
        for action in _texts(statement["Action"]):
            resources = grants.setdefault(condition, {}).setdefault(action, {})
            for resource in _texts(statement["Resource"]):
                resources.setdefault(resource, sid)
    _drop_granted_anyway(grants)
    merged = [
        _statement(condition, actions, resources)
        for condition, by_action in grants.items()
        for resources, actions in _grouped(by_action).items()
    ]
    return {"Version": "2012-10-17", "Statement": _with_own_sids([*merged, *(dict(other) for other in others)])}


def _drop_granted_anyway(grants: Mapping[str, dict[str, dict[str, str]]]) -> None:
    """Takes away what is granted under conditions and without any as well."""
    always = grants.get("{}", {})
    for condition, by_action in grants.items():
        if condition != "{}":
            for action, resources in by_action.items():
                for resource in always.get(action, {}).keys() & resources.keys():
                    del resources[resource]


def _grouped(by_action: Mapping[str, Mapping[str, str]]) -> dict[tuple[tuple[str, str], ...], list[str]]:
    """The actions that are granted on the same resources together, each resource with the Sid that granted it first."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for action, resources in by_action.items():
        if resources:
            groups.setdefault(tuple(sorted(resources)), []).append(action)
    return {
        tuple((resource, by_action[actions[0]][resource]) for resource in resources): sorted(actions)
        for resources, actions in groups.items()
    }


def _statement(condition: str, actions: list[str], resources: Iterable[tuple[str, str]]) -> dict[str, Json]:
    names, sids = zip(*resources, strict=True)
    statement: dict[str, Json] = {"Effect": "Allow", "Action": [*actions], "Resource": [*names]}
    narrowed = json.loads(condition)
    if narrowed:
        statement["Condition"] = narrowed
    sid = next((sid for sid in sids if sid), "")
    return {"Sid": sid, **statement} if sid else statement


def _with_own_sids(statements: list[dict[str, Json]]) -> list[Json]:
    """The statements, each with a Sid of its own: a Sid that comes again gets a number."""
    seen: dict[str, int] = {}
    numbered: list[Json] = []
    taken = {str(statement["Sid"]) for statement in statements if "Sid" in statement}
    for statement in statements:
        sid = str(statement.get("Sid", ""))
        count = seen[sid] = seen.get(sid, 0) + 1
        if sid and count > 1:
            while f"{sid}{count}" in taken:
                count += 1
            taken.add(f"{sid}{count}")
            numbered.append({**statement, "Sid": f"{sid}{count}"})
        else:
            numbered.append(statement)
    return numbered


def _statements(document: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    statements = document["Statement"]
    listed = statements if isinstance(statements, list) else [statements]
    return [entry for entry in listed if isinstance(entry, dict)]


def _texts(value: Json) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
