"""Judges inference components, alone and with the endpoint that they run on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import given, known_items, number, settled, spot, text
from iamcheck.checks.request_valid.rules.row import Rule
from iamcheck.checks.request_valid.rules.scaling import variant_finding
from iamcheck.deployment.located import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = ["COMPONENTS"]


def _components(requests: Requests) -> tuple[WrittenRequest, ...]:
    return requests.of("CreateInferenceComponent")


def _specifications(request: WrittenRequest) -> tuple[Member, ...]:
    single = request.root.get("Specification")
    return (() if single is None else (single,)) + known_items(request.root.get("Specifications"))


def _one_specification(requests: Requests) -> Iterator[RuleFinding]:
    for request in _components(requests):
        members = [request.root.get(name) for name in ("Specification", "Specifications")]
        count = sum(map(given, members))
        if count != 1 and settled(*members):
            what = f"the documentation does not say whether AWS takes {count} of Specification and Specifications"
            yield RuleFinding(request, spot(request.root, "Specification"), what, certain=False)


def _memory(requests: Requests) -> Iterator[RuleFinding]:
    for request in _components(requests):
        for specification in _specifications(request):
            needs = specification.get("ComputeResourceRequirements")
            if needs is None:
                continue
            least, most = number(needs.get("MinMemoryRequiredInMb")), number(needs.get("MaxMemoryRequiredInMb"))
            if isinstance(least, int) and isinstance(most, int) and least > most:
                what = f"the least memory, {least} MB, is more than the most, {most} MB"
                yield RuleFinding(request, spot(needs, "MinMemoryRequiredInMb"), what)


def _instance_types(requests: Requests) -> Iterator[RuleFinding]:
    for request in _components(requests):
        several = known_items(request.root.get("Specifications"))
        for specification in several if len(several) > 1 else ():
            if not given(specification.get("InstanceType")):
                what = "each of several specifications needs this member, and it is missing"
                yield RuleFinding(request, spot(specification, "InstanceType"), what)


def _variants(requests: Requests) -> Iterator[RuleFinding]:
    for request in _components(requests):
        variant, endpoint = request.root.get("VariantName"), text(request.root.get("EndpointName"))
        name = text(variant)
        if variant is None or not isinstance(name, str) or requests.endpoint is None:
            continue
        its_name = text(requests.endpoint.root.get("EndpointName"))
        is_same = "EndpointName" in request.endpoint_members or (endpoint is not UNKNOWN and endpoint == its_name)
        if is_same:
            yield from variant_finding(requests, request, variant, name)


_COMPONENT: Final = f"{API}CreateInferenceComponent.html"

COMPONENTS: Final = (
    Rule("component-specification", _COMPONENT, _one_specification),
    Rule("component-memory", f"{API}InferenceComponentComputeResourceRequirements.html", _memory),
    Rule("component-instance-types", f"{API}InferenceComponentSpecification.html", _instance_types),
    Rule("component-variant", _COMPONENT, _variants),
)
