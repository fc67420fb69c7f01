"""Names the service that a client of botocore asks, with its Region where there is one in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AskedService", "asked_service"]

_OF_A_PARTITION: Final = frozenset({"account", "iam", "organizations"})
"""Services that a partition has once: they answer the same whatever Region their client is for.

Source: https://docs.aws.amazon.com/general/latest/gr/rande.html#global-endpoints
"""


class AskedService(NamedTuple):
    """A service, as a client asks it.

    Args:
        name: botocore's name of it.
        region: Region code; None: it is of the partition.
    """

    name: str
    region: str | None


def asked_service(model: Any, context: Mapping[str, Any]) -> AskedService:  # noqa: ANN401  botocore's model of an operation
    """The service of a call.

    Args:
        model: botocore's model of the operation.
        context: What botocore knows of the request.
    """
    name: str = model.service_model.service_name
    return AskedService(name, None if name in _OF_A_PARTITION else context.get("client_region"))
