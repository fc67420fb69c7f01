"""Judges scalable targets and scaling policies, alone and with the variants and inference components they scale."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.checks.request_valid.findings import RuleFinding
from iamcheck.checks.request_valid.reading import given, number, settled, spot, text
from iamcheck.checks.request_valid.rules.row import GUIDE, Rule
from iamcheck.checks.request_valid.service import AUTO_SCALING, shapes
from iamcheck.deployment.located import UNKNOWN, Pattern, Tool
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.checks.request_valid.requests import Requests
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = ["SCALING", "variant_finding"]

_PART: Final = r"[a-zA-Z0-9*](?:[a-zA-Z0-9*-]*[a-zA-Z0-9*])?"
_VARIANT_ID: Final = rf"endpoint/({_PART})/variant/({_PART})"
_COMPONENT_ID: Final = rf"inference-component/({_PART})"
_INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
_CONCURRENCY: Final = "sagemaker:variant:DesiredProvisionedConcurrency"
_COPIES: Final = "sagemaker:inference-component:DesiredCopyCount"
_DIMENSIONS: Final = {"endpoint": (_INSTANCES, _CONCURRENCY), "inference-component": (_COPIES,)}
"""The dimensions by the first part of a ResourceId."""
_CONFIGURATIONS: Final = {
    "PredictiveScaling": "PredictiveScalingPolicyConfiguration",
    "StepScaling": "StepScalingPolicyConfiguration",
    "TargetTrackingScaling": "TargetTrackingScalingPolicyConfiguration",
}
_METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "SageMakerInferenceComponent": (_COPIES,),
    "SageMakerVariant": (_INSTANCES, _CONCURRENCY),
}
"""The dimensions that a predefined metric scales, by how its name begins."""


class _Scaled(NamedTuple):
    """What a request scales.

    Args:
        request: The request.
        resource_id: Its ResourceId.
        id_text: The text of it, `*` for what is not known; None: nothing of it is known, or it is no text.
        dimension: Its ScalableDimension; None: not known, or no text.
    """

    request: WrittenRequest
    resource_id: Member
    id_text: str | None
    dimension: str | None


def _scaled(requests: Requests) -> Iterator[_Scaled]:
    for request in requests.of("RegisterScalableTarget", "PutScalingPolicy"):
        # a namespace that is not known yet may be another service's
        if text(request.root.get("ServiceNamespace")) not in ("sagemaker", None):
            continue
        resource_id = spot(request.root, "ResourceId")
        value = resource_id.value
        id_text = value.text if isinstance(value, Pattern) else value if isinstance(value, str) else None
        dimension = text(request.root.get("ScalableDimension"))
        yield _Scaled(request, resource_id, id_text, dimension if isinstance(dimension, str) else None)


def _ids(requests: Requests) -> Iterator[RuleFinding]:
    for scaled in _scaled(requests):
        if isinstance(scaled.resource_id.value, str) and not re.fullmatch(
            rf"{_VARIANT_ID}|{_COMPONENT_ID}", scaled.resource_id.value.replace("*", "?")
        ):
            what = (
                f"{shown(scaled.resource_id.value)} is no ResourceId of SageMaker: endpoint/NAME/variant/NAME, or "
                "inference-component/NAME"
            )
            yield RuleFinding(scaled.request, scaled.resource_id, what)


def _dimensions(requests: Requests) -> Iterator[RuleFinding]:
    for scaled in _scaled(requests):
        id_text = scaled.id_text or ""
        dimensions = _DIMENSIONS.get(id_text.partition("/")[0])
        if dimensions is not None and scaled.dimension is not None and scaled.dimension not in dimensions:
            what = f"{shown(scaled.dimension)} is no dimension of {shown(id_text)}: {' or '.join(dimensions)}"
            yield RuleFinding(scaled.request, spot(scaled.request.root, "ScalableDimension"), what)


def _required_capacities(requests: Requests) -> Iterator[RuleFinding]:
    is_new = requests.endpoint is not None and not requests.updates
    for request in requests.of("RegisterScalableTarget"):
        for name in ("MinCapacity", "MaxCapacity"):
            if not given(request.root.get(name)):
                what = "a scalable target that is new needs this member, and it is missing"
                yield RuleFinding(request, spot(request.root, name), what, requests.tool is not Tool.SDK or is_new)


def _capacities(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.of("RegisterScalableTarget"):
        least, most = (number(request.root.get(name)) for name in ("MinCapacity", "MaxCapacity"))
        if isinstance(least, int) and isinstance(most, int) and least > most:
            what = f"the least capacity, {least}, is more than the most, {most}"
            yield RuleFinding(request, spot(request.root, "MinCapacity"), what)
        for name, value in (("MinCapacity", least), ("MaxCapacity", most)):
            if isinstance(value, int) and value < 0:
                yield RuleFinding(request, spot(request.root, name), f"{value} is less than 0: no capacity is")
            elif value is UNKNOWN:
                what = "whether the least capacity is not more than the most is known only when the deployment is made"
                yield RuleFinding(request, spot(request.root, name), what, certain=False)


def _zeros(requests: Requests) -> Iterator[RuleFinding]:
    for scaled in _scaled(requests):
        least, most = (spot(scaled.request.root, name) for name in ("MinCapacity", "MaxCapacity"))
        if most.value == 0 and not isinstance(most.value, bool):
            what = "the documentation does not say whether AWS takes a scalable target without any capacity"
            yield RuleFinding(scaled.request, most, what, certain=False)
        is_async = requests.config is not None and given(requests.config.root.get("AsyncInferenceConfig"))
        is_zero = least.value == 0 and not isinstance(least.value, bool)
        if is_zero and scaled.dimension in (_INSTANCES, _CONCURRENCY) and not is_async:
            what = "the documentation says that this is at least 1, but for an asynchronous endpoint"
            yield RuleFinding(scaled.request, least, what, certain=False)


def _targets(requests: Requests) -> Iterator[RuleFinding]:
    for scaled in _scaled(requests):
        variant = re.fullmatch(_VARIANT_ID, scaled.id_text or "")
        component = re.fullmatch(_COMPONENT_ID, scaled.id_text or "")
        if variant is not None:
            yield from _variant(requests, scaled, variant[1], variant[2])
        elif component is not None and "*" not in component[1]:
            made = [
                text(request.root.get("InferenceComponentName")) for request in requests.of("CreateInferenceComponent")
            ]
            if component[1] not in made:
                near = f" ({nearest(component[1], [name for name in made if isinstance(name, str)])})" if made else ""
                what = f"names an inference component that is not made here{near}"
                yield RuleFinding(scaled.request, scaled.resource_id, what, certain=False, trusted=True)


def _variant(requests: Requests, scaled: _Scaled, endpoint: str, name: str) -> Iterator[RuleFinding]:
    """Judges the variant that a ResourceId names."""
    root = None if requests.endpoint is None else requests.endpoint.root
    its_name = None if root is None else text(root.get("EndpointName"))
    if "ResourceId" in scaled.request.endpoint_members or endpoint == its_name:
        if "*" not in name:
            yield from variant_finding(requests, scaled.request, scaled.resource_id, name)
        for variant in requests.production():
            if text(variant.at.get("VariantName")) != name:
                continue
            is_serverless = variant.serverless is not None
            if scaled.dimension == (_INSTANCES if is_serverless else _CONCURRENCY):
                certain = settled(variant.serverless)
                kind = "is not serverless"
                if is_serverless:
                    kind = "is serverless and has no instances" if certain else "may be serverless, without instances"
                what = f"{scaled.dimension} is no dimension of {variant.at.path}, which {kind}"
                yield RuleFinding(scaled.request, spot(scaled.request.root, "ScalableDimension"), what, certain)
    elif "*" not in endpoint and isinstance(its_name, str):
        what = f"names the endpoint {shown(endpoint)}, which is not made here ({nearest(endpoint, [its_name])})"
        yield RuleFinding(scaled.request, scaled.resource_id, what, certain=False, trusted=True)


def variant_finding(requests: Requests, request: WrittenRequest, at: Member, name: str) -> Iterator[RuleFinding]:
    """Says that the endpoint config has no variant of a name; nothing where no endpoint config is given.

    Args:
        requests: The requests.
        request: The request that names the variant.
        at: Its member that does.
        name: The name.
    """
    if requests.config is None:
        return
    members = [requests.config.root.get(part) for part in ("ProductionVariants", "ShadowProductionVariants")]
    items = [item for member in members if member is not None for item in member.items()]
    names = [text(item.get("VariantName")) for item in items]
    if name in names:
        return
    if settled(*members, *items) and all(isinstance(variant_name, str) for variant_name in names):
        known = [variant_name for variant_name in names if isinstance(variant_name, str)]
        near = f" ({nearest(name, known)})" if known else ""
        what = f"the endpoint config has no variant {shown(name)}{near}"
        yield RuleFinding(request, at, what)
    else:
        what = f"whether the endpoint config has a variant {shown(name)} is not known yet"
        yield RuleFinding(request, at, what, certain=False)


def _policy_types(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.of("PutScalingPolicy"):
        member = request.root.get("PolicyType")
        if member is None and requests.tool is not Tool.SDK:
            yield RuleFinding(request, spot(request.root, "PolicyType"), "this member is missing, and is required")
        kind = "StepScaling" if member is None else text(member)
        if not isinstance(kind, str) or kind not in _CONFIGURATIONS:
            continue
        for of_kind, name in _CONFIGURATIONS.items():
            configuration = request.root.get(name)
            if of_kind == kind and not given(configuration) and name not in request.unread:
                what = f"a policy of type {kind} needs this member, and it is missing"
                yield RuleFinding(request, spot(request.root, name), what)
            elif of_kind != kind and given(configuration):
                what = f"the documentation does not say whether AWS takes this member with type {kind}"
                yield RuleFinding(request, spot(request.root, name), what, certain=False)


def _metrics(requests: Requests) -> Iterator[RuleFinding]:
    for scaled in _scaled(requests):
        configuration = scaled.request.root.get(_CONFIGURATIONS["TargetTrackingScaling"])
        if configuration is None or not settled(configuration):
            continue
        predefined, customized = (
            configuration.get(name) for name in ("PredefinedMetricSpecification", "CustomizedMetricSpecification")
        )
        if given(predefined) == given(customized):
            what = "the policy has a predefined metric or a customized metric, and this has " + (
                "both" if given(predefined) else "none"
            )
            yield RuleFinding(scaled.request, configuration, what, settled(predefined, customized))
        metric = None if predefined is None else predefined.get("PredefinedMetricType")
        name = text(metric)
        if metric is None or not isinstance(name, str):
            continue
        dimensions = next((value for start, value in _METRICS.items() if name.startswith(start)), ())
        is_of_another = name in shapes(AUTO_SCALING)["MetricType"].enum and not dimensions
        if is_of_another or (dimensions and scaled.dimension is not None and scaled.dimension not in dimensions):
            of = "SageMaker" if is_of_another else scaled.dimension
            yield RuleFinding(scaled.request, metric, f"{shown(name)} is no metric of {of}")


_TARGET: Final = f"{AUTO_SCALING.pages}RegisterScalableTarget.html"
_POLICY: Final = f"{AUTO_SCALING.pages}PutScalingPolicy.html"
_TRACKING: Final = f"{AUTO_SCALING.pages}TargetTrackingScalingPolicyConfiguration.html"

SCALING: Final = (
    Rule("scaling-resource-id", _TARGET, _ids),
    Rule("scaling-dimension", _TARGET, _dimensions),
    Rule("scaling-capacities-needed", _TARGET, _required_capacities),
    Rule("scaling-capacities", _TARGET, _capacities),
    Rule("scaling-to-zero", f"{GUIDE}endpoint-auto-scaling-add-code-register.html", _zeros),
    Rule("scaling-target", f"{GUIDE}endpoint-auto-scaling.html", _targets),
    Rule("scaling-policy-type", _POLICY, _policy_types),
    Rule("scaling-metric", _TRACKING, _metrics),
)
