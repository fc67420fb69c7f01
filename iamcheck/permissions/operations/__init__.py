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


class _CallRow(NamedTuple):
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

CALLS: Final[Mapping[str, _CallRow]] = {
    "create_model_package_group": _CallRow(_CREATE, Part.MODEL_PACKAGE_GROUP),
    "create_model_package": _CallRow(_CREATE, Part.MODEL_PACKAGE),
    "create_model": _CallRow(_CREATE, Part.MODEL),
    "put_metric_alarm": _CallRow(_CREATE, Part.ALARM),
    "create_endpoint_config": _CallRow(_CREATE | {"docs"}),
    "create_endpoint": _CallRow(_READ | {"create", "docs"}),
    "create_inference_component": _CallRow(_CREATE, Part.INFERENCE_COMPONENT),
    "register_scalable_target": _CallRow(_CREATE, Part.SCALABLE_TARGET),
    "create_service_linked_role": _CallRow(_CREATE, Part.SERVICE_LINKED_ROLE),
    "put_scaling_policy": _CallRow(_CREATE, Part.SCALING_POLICY),
    "describe_endpoint": _CallRow(_READ),
    "describe_endpoint_config": _CallRow(_READ),
    "describe_model": _CallRow(_READ, Part.MODEL),
    "describe_inference_component": _CallRow(_READ, Part.INFERENCE_COMPONENT),
    "describe_scalable_targets": _CallRow(_READ, Part.SCALABLE_TARGET),
    "describe_scaling_policies": _CallRow(_READ, Part.SCALING_POLICY),
    "describe_alarms": _CallRow(_READ, Part.ALARM),
    "describe_model_package_group": _CallRow(_READ, Part.MODEL_PACKAGE_GROUP),
    "list_tags": _CallRow(_READ),
    "list_tags_for_resource_application_autoscaling": _CallRow(_READ, Part.SCALABLE_TARGET),
    "list_tags_for_resource_cloudwatch": _CallRow(_READ, Part.ALARM),
    "update_endpoint": _CallRow(_CHANGE | {"update"}),
    "update_endpoint_weights_and_capacities": _CallRow(_CHANGE),
    "update_inference_component": _CallRow(_CHANGE, Part.INFERENCE_COMPONENT),
    "update_inference_component_runtime_config": _CallRow(_CHANGE, Part.INFERENCE_COMPONENT),
    "delete_scaling_policy": _CallRow(_CHANGE, Part.SCALING_POLICY),
    "deregister_scalable_target": _CallRow(_CHANGE, Part.SCALABLE_TARGET),
    "delete_inference_component": _CallRow(_CHANGE, Part.INFERENCE_COMPONENT),
    "delete_endpoint": _CallRow(_CHANGE),
    "delete_endpoint_config": _CallRow(_CHANGE),
    "delete_model": _CallRow(_CHANGE, Part.MODEL),
    "delete_alarms": _CallRow(_CHANGE, Part.ALARM),
    "delete_model_package": _CallRow(_CHANGE, Part.MODEL_PACKAGE),
    "delete_model_package_group": _CallRow(_CHANGE, Part.MODEL_PACKAGE_GROUP),
    "invoke_endpoint": _CallRow(_CHANGE),
    "invoke_endpoint_async": _CallRow(_CHANGE),
    "invoke_endpoint_with_response_stream": _CallRow(_CHANGE),
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
