"""Makes a deployment from API requests, given as boto3 takes them for keyword arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.deployment import Deployment
from iamcheck.deployment.requests import requests_of
from iamcheck.deployment.resolving import draft_of
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.deployment.requests import OtherRequests

__all__ = ["deployment_from_requests"]


def deployment_from_requests(
    create_endpoint: Mapping[str, object] | None,
    create_endpoint_config: Mapping[str, object] | None,
    create_models: Sequence[Mapping[str, object]],
    others: OtherRequests,
    *,
    region: str,
    account_id: str,
    endpoint_name: str | None,
    endpoint_config_name: str | None,
) -> Deployment:
    """The deployment that requests ask for; `Deployment.from_requests` says what the arguments mean."""
    draft = draft_of(
        requests_of(create_endpoint, create_endpoint_config, create_models, others),
        endpoint_name=endpoint_name,
        endpoint_config_name=endpoint_config_name,
    )
    made = draft.at(region, account_id)
    if isinstance(made, Deployment):
        return made
    raise InvalidInputError(str(made.unsettled[0]), cure=made.unsettled[0].cure)
