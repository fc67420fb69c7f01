"""Lists the AWS calls that a deployment may make: one file a call, named as AWS names the call.

To add a call, add its file here and its row to `CALLS`, and grant it in the templates. What a call takes from several
requests, or shares with other calls, belongs in `permissions/context/` and `permissions/dependent_calls/`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.permissions.operation import Part

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from iamcheck.permissions.operation import Operation

__all__ = ["CALLS", "all_operations", "operations_of"]


class _Row(NamedTuple):
    """Who makes a call.

    Args:
        scopes: The scopes that have it.
        part: The part without which no deployment makes it, so that its file is not loaded either; None: any.
    """

    scopes: frozenset[str]
    part: Part | None = None


_CREATE: Final = frozenset({"create", "update", "deploy", "lifecycle"})
_READ: Final = frozenset({"deploy", "lifecycle"})
_CHANGE: Final = frozenset({"lifecycle"})

CALLS: Final[Mapping[str, _Row]] = {
    "create_model_package_group": _Row(_CREATE, Part.MODEL_PACKAGE_GROUP),
    "create_model_package": _Row(_CREATE, Part.MODEL_PACKAGE),
    "create_model": _Row(_CREATE, Part.MODEL),
    "put_metric_alarm": _Row(_CREATE, Part.ALARM),
    "create_endpoint_config": _Row(_CREATE | {"docs"}),
    "create_endpoint": _Row(_READ | {"create", "docs"}),
    "create_inference_component": _Row(_CREATE, Part.INFERENCE_COMPONENT),
    "register_scalable_target": _Row(_CREATE, Part.SCALABLE_TARGET),
    "create_service_linked_role": _Row(_CREATE, Part.SERVICE_LINKED_ROLE),
    "put_scaling_policy": _Row(_CREATE, Part.SCALING_POLICY),
    "describe_endpoint": _Row(_READ),
    "describe_endpoint_config": _Row(_READ),
    "describe_model": _Row(_READ, Part.MODEL),
    "describe_inference_component": _Row(_READ, Part.INFERENCE_COMPONENT),
    "describe_scalable_targets": _Row(_READ, Part.SCALABLE_TARGET),
    "describe_scaling_policies": _Row(_READ, Part.SCALING_POLICY),
    "describe_alarms": _Row(_READ, Part.ALARM),
    "describe_model_package_group": _Row(_READ, Part.MODEL_PACKAGE_GROUP),
    "list_tags": _Row(_READ),
    "list_tags_for_resource_application_autoscaling": _Row(_READ, Part.SCALABLE_TARGET),
    "list_tags_for_resource_cloudwatch": _Row(_READ, Part.ALARM),
    "update_endpoint": _Row(_CHANGE | {"update"}),
    "update_endpoint_weights_and_capacities": _Row(_CHANGE),
    "update_inference_component": _Row(_CHANGE, Part.INFERENCE_COMPONENT),
    "update_inference_component_runtime_config": _Row(_CHANGE, Part.INFERENCE_COMPONENT),
    "delete_scaling_policy": _Row(_CHANGE, Part.SCALING_POLICY),
    "deregister_scalable_target": _Row(_CHANGE, Part.SCALABLE_TARGET),
    "delete_inference_component": _Row(_CHANGE, Part.INFERENCE_COMPONENT),
    "delete_endpoint": _Row(_CHANGE),
    "delete_endpoint_config": _Row(_CHANGE),
    "delete_model": _Row(_CHANGE, Part.MODEL),
    "delete_alarms": _Row(_CHANGE, Part.ALARM),
    "delete_model_package": _Row(_CHANGE, Part.MODEL_PACKAGE),
    "delete_model_package_group": _Row(_CHANGE, Part.MODEL_PACKAGE_GROUP),
    "invoke_endpoint": _Row(_CHANGE),
    "invoke_endpoint_async": _Row(_CHANGE),
    "invoke_endpoint_with_response_stream": _Row(_CHANGE),
}
"""Who makes each call, by the name of its file, in the order of the report."""


def all_operations() -> tuple[Operation, ...]:
    """Every call, in the order of the report."""
    return tuple(_operation(name) for name in CALLS)


def operations_of(scope: str, parts: Collection[Part]) -> tuple[Operation, ...]:
    """The calls that a scope has for a deployment, in the order of the report; only their files are loaded.

    Args:
        scope: The scope.
        parts: The parts that the deployment has.
    """
    return tuple(
        _operation(name)
        for name, row in CALLS.items()
        if scope in row.scopes and (row.part is None or row.part in parts)
    )


@cache
def _operation(name: str) -> Operation:
    operation: Operation = import_module(f"{__name__}.{name}").OPERATION
    return operation
