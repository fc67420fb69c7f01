"""Says what a CreateEndpointConfig request makes known of SageMaker's own condition keys.

Without a request nothing is known: the real request will have instance types, and perhaps a network and a key. A
request that does not have a member is another thing: then the key of the member is absent. Source: the condition keys
of SageMaker in the Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import UNKNOWN, Unknown
from iamcheck.iam.model import Arn
from iamcheck.iam.request_context import ContextFacts
from iamcheck.permissions.context.network import network_keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import ConfigRequest
    from iamcheck.iam.model import ContextInput

__all__ = ["endpoint_config_keys"]


def endpoint_config_keys(deployment: Deployment) -> Iterator[ContextFacts]:
    """SageMaker's own keys of the CreateEndpointConfig request; nothing where the request is not known."""
    if deployment.config_request is not None:
        yield _keys(deployment, deployment.config_request)
        yield network_keys(deployment.config_request)


def _keys(deployment: Deployment, config: ConfigRequest) -> ContextFacts:
    """Each key as known, as absent, or in neither: unknown."""
    known: dict[str, ContextInput] = {}
    absent: list[str] = []

    def add(key: str, value: ContextInput | Unknown | None) -> None:
        if value is None or value == []:
            absent.append(key)
        elif value is not UNKNOWN:
            known[key] = value

    variants = config.known_variants
    pools = any(variant.has_instance_pools for variant in variants)
    if config.variants is not UNKNOWN:
        if (
            variants
            and not pools
            and all(variant.instance_type or variant.is_serverless is True for variant in variants)
        ):
            # which types count where InstancePools has them is not documented
            add("sagemaker:InstanceTypes", _distinct(variant.instance_type for variant in variants))
        add("sagemaker:AcceleratorTypes", _distinct(variant.accelerator_type for variant in variants))
    if config.kms_key_id is None or (isinstance(config.kms_key_id, str) and ":key/" in config.kms_key_id):
        # of a key id or an alias nobody says whether the key has it as given or as an ARN
        add("sagemaker:VolumeKmsKeyArn", config.kms_key_id)
        add("sagemaker:VolumeKmsKey", config.kms_key_id)
    # each of these has one value: what it is where the variants differ is not documented
    single: dict[str, Sequence[str | int | Unknown | None]] = {
        "sagemaker:ModelArn": [_model_arn(deployment, variant.model_name) for variant in variants],
        "sagemaker:ServerlessMaxConcurrency": [variant.max_concurrency for variant in variants],
        "sagemaker:ServerlessMemorySize": [variant.memory_mb for variant in variants],
    }
    for key, values in single.items():
        if len(set(values)) == 1 and not (key == "sagemaker:ModelArn" and pools):
            value = values[0]
            # the ARN that authorisation sees may be in lower case
            if not isinstance(value, str) or value == value.lower():
                add(key, value)
    return ContextFacts(known, tuple(absent))


def _distinct(values: Iterable[str | Unknown | None]) -> list[str] | Unknown:
    distinct = list(dict.fromkeys(value for value in values if value))
    texts = [value for value in distinct if isinstance(value, str)]
    return texts if len(texts) == len(distinct) else UNKNOWN


def _model_arn(deployment: Deployment, name: str | Unknown | None) -> str | Unknown | None:
    if not isinstance(name, str):
        return name
    return str(Arn(deployment.partition, "sagemaker", deployment.region, deployment.account_id, f"model/{name}"))
