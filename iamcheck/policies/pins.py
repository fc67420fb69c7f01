"""Gathers what conditions can narrow a policy to, of what the requests of a deployment say, and what they cannot.

A list or a value is empty where the request has none, or none that is known and the same for every variant: the context
keys for models and serverless sizes have one value each
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.deployment.features import ConfigRequest, Vpc
from iamcheck.deployment.located import UNKNOWN
from iamcheck.deployment.unsettled import Unsettled, UnsettledError
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place
from iamcheck.policies.request_values import all_known, tag_keys, text_or_empty

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from iamcheck.deployment import Deployment
    from iamcheck.deployment.features import EndpointRequest
    from iamcheck.deployment.resources import MadeRequest

__all__ = ["pinned_values", "require_pinnable", "unpinned"]


def require_pinnable(deployment: Deployment, scope: str) -> None:
    """Returns where a policy can be narrowed to the deployment.

    Raises:
        InvalidInputError: Nothing but the names is known of it, the scope is AWS's own text, or tags cannot be told
            apart, for keys of the condition context have no case.
        UnsettledError: A tag is known only when the deployment is made.
    """
    requests = _requests(deployment)
    if not requests:
        raise InvalidInputError(
            "only the names are known", where="--pin", cure="give --request, --config-request or --from"
        )
    if scope == "docs":
        raise InvalidInputError("scope docs is AWS's own text", where="--pin", cure="choose another --scope")
    for what, request in requests:
        tags = () if request.tags is UNKNOWN else request.tags.known
        keys = [str(tag.key).lower() for tag in tags]
        if len(set(keys)) < len(keys):
            raise InvalidInputError(
                f"tags of {what} differ in the case of their keys only", where="--pin", cure="leave one of them out"
            )
        if any("${" in f"{tag.key}{tag.value}" for tag in tags):
            raise InvalidInputError(
                f"a tag of {what} looks like a policy variable", where="--pin", cure="AWS takes no ${ in tags"
            )
        if any(UNKNOWN in (tag.key, tag.value) for tag in tags):
            raise UnsettledError(
                [
                    Unsettled(
                        f"a tag of {what}",
                        "is known only when the deployment is made",
                        Place(label="Tags"),
                        "leave out --pin",
                    )
                ]
            )


def _requests(deployment: Deployment) -> list[tuple[str, EndpointRequest | ConfigRequest | MadeRequest]]:
    """The requests that are known, each with what it makes, in words."""
    requests: list[tuple[str, EndpointRequest | ConfigRequest | MadeRequest | None]] = [
        ("the endpoint", deployment.endpoint_request),
        ("the endpoint config", deployment.config_request),
        *((f"the model {model.name}", model) for model in deployment.model_requests),
        *((f"the {request.kind} {request.name}", request) for request in deployment.resource_requests),
    ]
    return [(what, request) for what, request in requests if request is not None]


def pinned_values(deployment: Deployment) -> dict[str, object]:
    """What a template may put into conditions."""
    config = deployment.config_request if deployment.config_request is not None else ConfigRequest()
    variants = config.known_variants
    vpc = config.vpc if config.vpc is not None else Vpc()
    pools = any(variant.has_instance_pools for variant in variants)
    serverless = [variant for variant in variants if variant.is_serverless is True]
    whole = len(serverless) == len(variants)
    return {
        "endpoint_tag_keys": tag_keys(deployment.endpoint_request),
        "endpoint_config_tag_keys": tag_keys(config),
        "instance_types": [] if pools else all_known(variant.instance_type for variant in variants),
        "accelerator_types": all_known(variant.accelerator_type for variant in variants),
        "security_group_ids": all_known(vpc.security_group_ids),
        "subnets": all_known(vpc.subnets),
        "model_name": "" if pools else _model_name(config),
        "network_isolation": str(config.network_isolation).lower()
        if isinstance(config.network_isolation, bool)
        else "",
        "volume_key": text_or_empty(config.kms_key_id),
        "memory_mb": _only(variant.memory_mb for variant in serverless) if whole else "",
        "max_concurrency": _only(variant.max_concurrency for variant in serverless) if whole else "",
    }


def _only(values: Iterable[object]) -> str:
    distinct = set(values)
    single = next(iter(distinct), None)
    return str(single) if len(distinct) == 1 and isinstance(single, (str, int)) else ""


def _model_name(config: ConfigRequest) -> str:
    name = _only(variant.model_name for variant in config.known_variants)
    # the ARN that authorisation sees may be in lower case
    return name if name == name.lower() else ""


def unpinned(deployment: Deployment, scope: str) -> tuple[str, ...]:
    """What the policy is not narrowed to, each with the reason, as texts."""
    return tuple(_unpinned(deployment, scope))


def _unpinned(deployment: Deployment, scope: str) -> Iterator[str]:
    from iamcheck.permissions import required

    endpoint, config = deployment.endpoint_request, deployment.config_request
    pinned = pinned_values(deployment)
    needed = {permission.request.action.partition(":") for permission in required(deployment, scope)}
    actions = {name for service, _, name in needed if service == "sagemaker"}
    # AddTags is narrowed to the tags of the request that it comes with
    others = sorted(actions - _NARROWED)
    if others:
        yield f"{', '.join(others)}: the service reference lists no condition key of the request for them"
    if "CreateEndpoint" in actions:
        if endpoint is None:
            yield "CreateEndpoint: its request is not known"
        else:
            yield "CreateEndpoint: the service reference lists keys for its request's tags and for nothing else in it"
            yield from _open_tags("endpoint", endpoint)
    yield from _unpinned_models(deployment)
    yield from _unpinned_resources(deployment)
    if "CreateEndpointConfig" not in actions:
        return
    if config is None:
        yield "CreateEndpointConfig: its request is not known"
        return
    yield from _open_tags("endpoint config", config)
    variants = config.known_variants
    for what, has, key in (
        (
            "instance types",
            any(variant.instance_type or variant.has_instance_pools for variant in variants),
            "instance_types",
        ),
        ("models", any(variant.model_name for variant in variants), "model_name"),
        ("serverless memory size", any(variant.memory_mb for variant in variants), "memory_mb"),
        ("serverless concurrency", any(variant.max_concurrency for variant in variants), "max_concurrency"),
        ("subnets", bool(config.vpc and config.vpc.subnets), "subnets"),
        ("security groups", bool(config.vpc and config.vpc.security_group_ids), "security_group_ids"),
    ):
        if has and not pinned[key]:
            yield (
                f"{what}: not known, not the same for every variant, in instance pools, or a name with capitals, whose "
                "spelling in the context is not documented"
            )
    if isinstance(config.kms_key_id, str) and not (
        config.kms_key_id.startswith("arn:") and ":key/" in config.kms_key_id
    ):
        yield "the volume key: which form of it is in the context is documented for the ARN of a key only"
    yield "instance counts, weights, data capture, asynchronous inference: there is no condition key for them"


def _unpinned_models(deployment: Deployment) -> Iterator[str]:
    for model in deployment.model_requests:
        yield from _open_tags(f"model {model.name}", model)
        vpc = model.vpc
        for what, has, values in (
            ("subnets", vpc is not None and bool(vpc.subnets), () if vpc is None else vpc.subnets),
            (
                "security groups",
                vpc is not None and bool(vpc.security_group_ids),
                () if vpc is None else vpc.security_group_ids,
            ),
        ):
            if has and not all_known(values):
                yield f"{what} of the model {model.name}: known only when the deployment is made"
        if model.network_isolation is UNKNOWN:
            yield f"network isolation of the model {model.name}: known only when the deployment is made"
    if deployment.model_requests:
        yield "containers, images and model data of the models: there is no condition key for them"


_NARROWED: Final = frozenset(
    {
        *("AddTags", "CreateEndpoint", "CreateEndpointConfig", "CreateInferenceComponent", "CreateModel"),
        *("CreateModelPackage", "CreateModelPackageGroup"),
    }
)
"""SageMaker's actions for which there are keys of the request."""


def _unpinned_resources(deployment: Deployment) -> Iterator[str]:
    """What of inference components, scaling, alarms and model packages the policy is not narrowed to."""
    kinds = dict.fromkeys(request.kind for request in deployment.resource_requests)
    for request in deployment.resource_requests:
        yield from _open_tags(f"{request.kind} {request.name}", request)
        model = getattr(request, "model_name", None)
        if model is UNKNOWN or (isinstance(model, str) and model != model.lower()):
            yield f"the model of the {request.kind} {request.name}: not known, or a name with capitals"
    if "scalable target" in kinds or "scaling policy" in kinds:
        yield "capacities and scaling policies: there is no condition key for them"
    if "alarm" in kinds:
        yield "metrics, thresholds and actions of the alarms: whether the keys have all of them is not documented"


def _open_tags(what: str, request: EndpointRequest | ConfigRequest | MadeRequest) -> Iterator[str]:
    if request.tags is UNKNOWN:
        yield f"the tags of the {what}: known only when the deployment is made"
    elif not request.tags.complete:
        which = f"with keys that begin with {request.tags.open_prefix}" if request.tags.open_prefix else "of the stack"
        yield f"the keys of the {what}'s tags: tags {which} may come besides"
