"""Adds to a deployment what it makes besides, whose requests are given beside its source."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.deployment.located import Tool, WrittenDeployment
from iamcheck.deployment.parts import only_part
from iamcheck.deployment.resolving import require_few_tags, settle_model, settle_resources
from iamcheck.deployment.unsettled import by_cause
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.deployment.deployment import UnplacedDeployment
    from iamcheck.deployment.features import ModelRequest
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["with_requests"]


def with_requests(
    deployment: UnplacedDeployment, requests: Sequence[WrittenRequest], *, are_created: bool = True
) -> UnplacedDeployment:
    """Adds what a deployment makes besides, whose requests are given beside its source.

    Args:
        deployment: The deployment.
        requests: The requests: CreateModel, and those of `resource_reading.READERS`.
        are_created: Whether the deployment makes what they ask for; False: the user asks about the endpoint alone, and
            they are listed as not covered.

    Raises:
        InvalidInputError: Two models have the same name, or a request has more tags than AWS takes.
    """
    if not requests:
        return deployment
    models = tuple(request for request in requests if request.operation == "CreateModel")
    others = tuple(request for request in requests if request.operation != "CreateModel")
    base = deployment.written or WrittenDeployment(Tool.SDK, ", ".join(str(request.place) for request in requests))
    written = replace(
        base,
        models=(*base.models, *models),
        created_models=(*base.created_models, *models),
        resources=(*base.resources, *others),
    )
    require_few_tags(written)
    if not are_created:
        return replace(deployment, written=only_part(written))
    is_separate = base.tool is not Tool.SDK
    added = [settle_model(model, Tool.SDK, None, is_separate=is_separate) for model in models]
    made = list(settle_resources(others, Tool.SDK, deployment.endpoint_name, is_separate=is_separate))
    model_requests = (*deployment.model_requests, *(request for request, _ in added))
    _require_distinct(model_requests)
    return replace(
        deployment,
        written=written,
        model_requests=model_requests,
        resource_requests=(*deployment.resource_requests, *(request for request, _ in made)),
        unsettled=by_cause(
            (*deployment.unsettled, *(open_point for _, unsettled in (*added, *made) for open_point in unsettled))
        ),
    )


def _require_distinct(models: Sequence[ModelRequest]) -> None:
    """Returns where each name is that of one model: names are unique in a Region, without regard to case."""
    seen: dict[str, ModelRequest] = {}
    for model in models:
        if not isinstance(model.name, str) or "*" in model.name:
            continue
        other = seen.setdefault(model.name.lower(), model)
        if other is not model and model.written is not None and other.written is not None:
            raise InvalidInputError(
                f"{model.written.place} and {other.written.place} make a model {shown(model.name)} both",
                where="--model-request",
                cure="give it once, or leave out the model that the file has",
            )
