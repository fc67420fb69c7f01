"""Lists the AWS calls that a deployment may make: one file a call, named as AWS names the call.

To add a call, add its file here and its line to `SCOPES_OF`, and grant it in the templates. What a call takes from
several requests, or shares with other calls, belongs in `permissions/context/` and `permissions/dependent_calls/`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.permissions.operation import Operation

__all__ = ["SCOPES_OF", "all_operations", "operations_of"]

SCOPES_OF: Final[Mapping[str, frozenset[str]]] = {
    "create_model": frozenset({"create", "update", "deploy", "lifecycle"}),
    "create_endpoint_config": frozenset({"create", "docs", "update", "deploy", "lifecycle"}),
    "create_endpoint": frozenset({"create", "docs", "deploy", "lifecycle"}),
    "describe_endpoint": frozenset({"deploy", "lifecycle"}),
    "describe_endpoint_config": frozenset({"deploy", "lifecycle"}),
    "describe_model": frozenset({"deploy", "lifecycle"}),
    "list_tags": frozenset({"deploy", "lifecycle"}),
    "update_endpoint": frozenset({"update", "lifecycle"}),
    "update_endpoint_weights_and_capacities": frozenset({"lifecycle"}),
    "delete_endpoint": frozenset({"lifecycle"}),
    "delete_endpoint_config": frozenset({"lifecycle"}),
    "delete_model": frozenset({"lifecycle"}),
    "invoke_endpoint": frozenset({"lifecycle"}),
    "invoke_endpoint_async": frozenset({"lifecycle"}),
    "invoke_endpoint_with_response_stream": frozenset({"lifecycle"}),
}
"""The scopes that have each call, by the name of its file, in the order of the report."""


def all_operations() -> tuple[Operation, ...]:
    """Every call, in the order of the report."""
    return tuple(_operation(name) for name in SCOPES_OF)


def operations_of(scope: str) -> tuple[Operation, ...]:
    """The calls that a scope has, in the order of the report; only their files are loaded."""
    return tuple(_operation(name) for name, scopes in SCOPES_OF.items() if scope in scopes)


@cache
def _operation(name: str) -> Operation:
    operation: Operation = import_module(f"{__name__}.{name}").OPERATION
    return operation
