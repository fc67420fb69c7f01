"""Describes CreateModelPackage, which may tag the model package and pass the role of its validation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.resources import ModelPackageRequest
from iamcheck.permissions.context.model_package import CURRENT_KEYS, model_package_keys
from iamcheck.permissions.context.tags import request_tags, resource_tags
from iamcheck.permissions.dependent_calls.add_tags import add_tags
from iamcheck.permissions.dependent_calls.pass_role import UNKNOWN_OF_ROLE, passed_roles, passed_to
from iamcheck.permissions.operation import API, DependentCall, Operation, Part, Target
from iamcheck.permissions.parts import made_requests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.operation import Resource

__all__ = ["OPERATION"]


def _context(deployment: Deployment, resource: Resource) -> Iterator[ContextFacts]:
    yield from request_tags(deployment, resource.part, resource.made)
    yield from resource_tags(deployment, resource)
    if isinstance(resource.made, ModelPackageRequest):
        yield model_package_keys(resource.made)


def _roles(deployment: Deployment) -> Iterator[Resource]:
    packages = [
        request for request in made_requests(deployment, Part.MODEL_PACKAGE) if isinstance(request, ModelPackageRequest)
    ]
    return passed_roles(Part.MODEL_PACKAGE, packages, lambda package: package.validation_role_arn)


OPERATION = Operation(
    "sagemaker:CreateModelPackage",
    (Target(Part.MODEL_PACKAGE, "the model package is created"),),
    f"{API}CreateModelPackage.html",
    acts_on=Part.MODEL_PACKAGE,
    creates=True,
    context=_context,
    dependent_calls=(
        add_tags(Part.MODEL_PACKAGE, "CreateModelPackage"),
        DependentCall(
            "iam:PassRole",
            Part.MODEL_PACKAGE,
            "ValidationSpecification",
            _roles,
            passed_to("sagemaker.amazonaws.com"),
            "the validation of the model package has a role, which SageMaker will become",
            "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ModelPackageValidationSpecification.html",
            unknown_keys=UNKNOWN_OF_ROLE,
        ),
    ),
    unknown_keys=dict.fromkeys(CURRENT_KEYS, "what the key has before there is a model package is not documented"),
)
