"""Leaves a deployment at the part of its file that the user asks about, and lists the rest as not covered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from iamcheck.results import NotCovered

if TYPE_CHECKING:
    from iamcheck.deployment.located import WrittenDelete, WrittenDeployment, WrittenRequest

__all__ = ["PARTS", "only_part"]

PARTS: Final = ("endpoint",)
"""The parts of a file that `--only` names: `endpoint` is the endpoint and its endpoint config."""


def only_part(written: WrittenDeployment) -> WrittenDeployment:
    """The deployment without the calls that its file makes besides CreateEndpoint and CreateEndpointConfig.

    The models stay as what is known of the endpoint config's variants.
    """
    calls: list[WrittenRequest | WrittenDelete] = [*written.created_models, *written.deletes]
    left_out = tuple(
        NotCovered(f"sagemaker:{call.operation}", call.place, "left out by --only endpoint") for call in calls
    )
    return replace(written, created_models=(), deletes=(), not_covered=(*written.not_covered, *left_out))
