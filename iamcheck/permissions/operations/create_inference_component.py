"""Describes CreateInferenceComponent, which is authorised on the endpoint as well, and may tag the component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import InferenceComponentRequest
from iamcheck.permissions.context.inference_component import component_endpoints, model_arn
from iamcheck.permissions.context.tags import request_tags, resource_tags
from iamcheck.permissions.dependent_calls.add_tags import add_tags
from iamcheck.permissions.operation import API, REFERENCE, RESOURCE_TAGS, Operation, Part, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    component = resource.made
    if not isinstance(component, InferenceComponentRequest):
        return
    yield from request_tags(deployment, Part.INFERENCE_COMPONENT, component)
    yield model_arn(deployment, component)
    if resource.part is Part.INFERENCE_COMPONENT or component.endpoint_name == deployment.endpoint_name:
        yield from resource_tags(deployment, resource)


OPERATION = Operation(
    "sagemaker:CreateInferenceComponent",
    (
        Target(Part.INFERENCE_COMPONENT, "the inference component is created"),
        Target(
            Part.ENDPOINT,
            "CreateInferenceComponent is authorised on the endpoint that it names as well as on the component",
            REFERENCE,
            component_endpoints,
        ),
    ),
    f"{API}CreateInferenceComponent.html",
    acts_on=Part.INFERENCE_COMPONENT,
    creates=True,
    context=_context,
    dependent_calls=(add_tags(Part.INFERENCE_COMPONENT, "CreateInferenceComponent"),),
    unknown_keys={
        **dict.fromkeys(RESOURCE_TAGS, "the tags of an endpoint that is there already were not read"),
        "sagemaker:ModelArn": "a name with capitals has two spellings, and several specifications have several models",
    },
)
