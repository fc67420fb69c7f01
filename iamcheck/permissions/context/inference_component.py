"""Says what a CreateInferenceComponent request makes known: the endpoint that it is authorised on, and its model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import InferenceComponentRequest
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.operation import Part, Resource
from iamcheck.permissions.parts import arns_of, made_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment

__all__ = ["component_endpoints", "model_arn"]


def component_endpoints(deployment: Deployment) -> Iterator[Resource]:
    """The endpoints that the inference components of a deployment run on."""
    for component in made_requests(deployment, Part.INFERENCE_COMPONENT):
        if isinstance(component, InferenceComponentRequest) and isinstance(component.endpoint_name, str):
            for arn in arns_of(deployment, Part.ENDPOINT, component.endpoint_name):
                yield Resource(Part.ENDPOINT, arn, component.written, component)


def model_arn(deployment: Deployment, component: InferenceComponentRequest) -> ContextFacts:
    """`sagemaker:ModelArn`, the model of the specification; absent where the specification names no model."""
    name = component.model_name
    if name is None:
        return ContextFacts(absent=("sagemaker:ModelArn",))
    if not isinstance(name, str) or name != name.lower():
        # the ARN that authorisation sees may be in lower case
        return ContextFacts()
    (arn,) = arns_of(deployment, Part.MODEL, name)
    return ContextFacts({"sagemaker:ModelArn": arn})
