"""SageMaker's worlds, set up behind the API: states and members that moto's own calls do not lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.sagemaker.models import sagemaker_backends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.sagemaker.models import SageMakerModelBackend

ROLE_NAME = "sagemaker-execution"


class SageMaker:
    """What tests set up of SageMaker, in one account.

    Keywords that are not named are moto's attributes of the thing, such as ``endpoint_status="Deleting"`` or
    ``pending_deployment_summary={...}``; they are answered in the API's spelling.
    """

    def __init__(self, account_id: str, region_name: str) -> None:
        self._account_id = account_id
        self._region_name = region_name

    def create_model(self, name: str, *, region_name: str | None = None, **attributes: object) -> None:
        """Make a model."""
        backend = self._backend(region_name)
        role = f"arn:aws:iam::{self._account_id}:role/{ROLE_NAME}"
        _set(backend.create_model(name, role, None, None, None, None), attributes)

    def create_endpoint_config(
        self,
        name: str,
        *variants: Mapping[str, object],
        region_name: str | None = None,
        **attributes: object,
    ) -> None:
        """Make an endpoint config of these production variants; of one with the model ``m`` where none is given."""
        made = variants or (variant("all"),)
        backend = self._backend(region_name)
        if "m" not in backend._models:
            self.create_model("m", region_name=region_name)
        config = backend.create_endpoint_config(name, [], {}, {}, [], "")
        _set(config, {"production_variants": list(made), **attributes})

    def create_endpoint(
        self,
        name: str,
        endpoint_config_name: str | None = None,
        *variants: Mapping[str, object],
        region_name: str | None = None,
        **attributes: object,
    ) -> None:
        """Make an endpoint, and an endpoint config of these variants (see there)."""
        config_name = endpoint_config_name or f"{name}-config"
        self.create_endpoint_config(config_name, *variants, region_name=region_name)
        _set(self._backend(region_name).create_endpoint(name, config_name, []), attributes)

    def delete_endpoint_config(self, name: str, *, region_name: str | None = None) -> None:
        """Delete an endpoint config, whoever uses it."""
        self._backend(region_name).delete_endpoint_config(name)

    def _backend(self, region_name: str | None) -> SageMakerModelBackend:
        backend: SageMakerModelBackend = sagemaker_backends[self._account_id][region_name or self._region_name]
        return backend


def variant(name: str, instance_type: str = "ml.m5.large", count: int = 1, **members: object) -> dict[str, object]:
    """Write a production variant with the model ``m``."""
    written = {"VariantName": name, "ModelName": "m", "InstanceType": instance_type, "InitialInstanceCount": count}
    return {**written, **members}


def _set(thing: object, attributes: Mapping[str, object]) -> None:
    for name, value in attributes.items():
        setattr(thing, name, value)
