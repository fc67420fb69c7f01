"""Describes UpdateEndpointWeightsAndCapacities, which shifts traffic and changes instance counts."""

from __future__ import annotations

from iamcheck.permissions.operation import API, RESOURCE_TAGS, Operation, Part, Target

__all__ = ["OPERATION"]

OPERATION = Operation(
    "sagemaker:UpdateEndpointWeightsAndCapacities",
    (Target(Part.ENDPOINT, "weights and instance counts of the variants are changed"),),
    f"{API}UpdateEndpointWeightsAndCapacities.html",
    acts_on=Part.ENDPOINT,
    unknown_keys=dict.fromkeys(RESOURCE_TAGS, "anybody may have changed the tags since the endpoint was created"),
)
