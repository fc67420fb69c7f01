"""Lists the AWS calls that a deployment may make: one file a call, named as AWS names the call.

To add a call, add its file here and its line to `OPERATIONS`, and grant it in the templates. What a call takes from
several requests, or shares with other calls, belongs in `permissions/context/` and `permissions/dependent_calls/`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.permissions.operations import (
    create_endpoint,
    create_endpoint_config,
    create_model,
    delete_endpoint,
    delete_endpoint_config,
    delete_model,
    describe_endpoint,
    describe_endpoint_config,
    describe_model,
    invoke_endpoint,
    invoke_endpoint_async,
    invoke_endpoint_with_response_stream,
    list_tags,
    update_endpoint,
    update_endpoint_weights_and_capacities,
)

if TYPE_CHECKING:
    from iamcheck.permissions.operation import Operation

__all__ = ["OPERATIONS", "operations_of"]

OPERATIONS: tuple[Operation, ...] = (
    create_model.OPERATION,
    create_endpoint_config.OPERATION,
    create_endpoint.OPERATION,
    describe_endpoint.OPERATION,
    describe_endpoint_config.OPERATION,
    describe_model.OPERATION,
    list_tags.OPERATION,
    update_endpoint.OPERATION,
    update_endpoint_weights_and_capacities.OPERATION,
    delete_endpoint.OPERATION,
    delete_endpoint_config.OPERATION,
    delete_model.OPERATION,
    invoke_endpoint.OPERATION,
    invoke_endpoint_async.OPERATION,
    invoke_endpoint_with_response_stream.OPERATION,
)
"""In the order of the report."""


def operations_of(scope: str) -> tuple[Operation, ...]:
    """The calls that a scope has, in the order of the report."""
    return tuple(operation for operation in OPERATIONS if scope in operation.scopes)
