"""Finds the variants of the endpoint config, in its request or in what exists, for the checks of models and quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.checks.plan import NotKnownError
from iamcheck.deployment.features import ConfigRequest, ProductionVariant
from iamcheck.deployment.located import UNKNOWN

if TYPE_CHECKING:
    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads

__all__ = ["variants_of", "whole_number"]


def variants_of(
    request: ConfigRequest | None, config_name: str, expected: str, reads: RegionReads
) -> tuple[ProductionVariant, ...]:
    """The variants that the endpoint will have, at least one.

    Args:
        request: The CreateEndpointConfig request; None: not known.
        config_name: Name of the endpoint config.
        expected: What the deployment finds of it: `new`, `existing` or `any`.
        reads: What the check reads of the Region, where the endpoint config exists already.

    Raises:
        NotKnownError: The variants are not known.
        AwsUnavailableError: AWS could not be asked.
    """
    # what exists keeps its own variants, whatever a request says
    config = None if expected == "new" else reads.endpoint_config(config_name)
    if config is not None:
        variants = tuple(
            _variant(part)
            for member in ("ProductionVariants", "ShadowProductionVariants")
            for part in config.parts(member)
        )
    elif request is not None and expected != "existing":
        if request.variants is UNKNOWN:
            raise NotKnownError("the variants are known only when the deployment is made", _GIVE)
        variants = request.variants
    else:
        missing = "" if expected == "new" else f"there is no endpoint config {config_name}, and "
        raise NotKnownError(f"{missing}which variants the endpoint config will have is not known", _GIVE)
    if not variants:
        raise NotKnownError(f"the endpoint config {config_name} names no variants", _GIVE)
    return variants


_GIVE = "give the CreateEndpointConfig request with --config-request, or a template with --from"


def whole_number(part: AwsAnswer, member: str) -> int | None:
    """The number in `member`; None where it is left out. AwsUnavailableError where it is not a whole number."""
    value = part.data.get(member)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise part.unusable(f"{member} is not a whole number")
    return value


def _variant(variant: AwsAnswer) -> ProductionVariant:
    return ProductionVariant(
        model_name=_text(variant, "ModelName"),
        instance_type=_text(variant, "InstanceType"),
        is_serverless=variant.part("ServerlessConfig") is not None,
        has_instance_pools=bool(variant.parts("InstancePools")),
        initial_instance_count=whole_number(variant, "InitialInstanceCount"),
    )


def _text(part: AwsAnswer, member: str) -> str | None:
    return None if part.data.get(member) is None else part.text(member)
