"""Defines the kinds of things that SageMaker uses as the execution role."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model import ContextInput, Place

__all__ = ["RoleUse", "UseKind"]


class UseKind(Enum):
    """What something is used for; the table has the permissions that each kind needs."""

    METRICS = "metrics"
    LOG_GROUP = "log group"
    LOG_STREAM = "log stream"
    REGISTRY = "registry"
    IMAGE = "image"
    MODEL_DATA = "model data"
    MODEL_LISTING = "listing of model data"
    MODEL_KEY = "key of model data"
    CAPTURE = "data capture"
    CAPTURE_KEY = "key of data capture"
    ASYNC_OUTPUT = "output of asynchronous inference"
    ASYNC_FAILURE = "failures of asynchronous inference"
    ASYNC_INPUT = "input of asynchronous inference"
    ASYNC_KEY = "key of asynchronous inference"
    ASYNC_TOPIC = "topic of asynchronous inference"
    CORE_DUMP = "core dump"
    CORE_DUMP_KEY = "key of core dumps"
    INTERFACE = "network interface"
    INTERFACE_PLACE = "where a network interface is made"
    NETWORK = "network"
    ALARM = "alarm"


@dataclass(frozen=True)
class RoleUse:
    """One thing that is used.

    Args:
        kind: What for.
        arn: Its ARN, or `*` where AWS takes none. A `*` at its end stands for everything that begins so.
        place: Where the request has what needs it; None: it is needed always.
        context: What is known of the condition context because of it.
    """

    kind: UseKind
    arn: str
    place: Place | None = None
    context: Mapping[str, ContextInput] = field(default_factory=dict)
