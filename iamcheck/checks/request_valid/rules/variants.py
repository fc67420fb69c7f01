"""Judges one variant, and variants among themselves: names, weights, instances, serverless sizes, managed scaling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import amount, given, known_items, number, settled, spot, text
from iamcheck.checks.request_valid.rules.row import GUIDE, Rule
from iamcheck.deployment.located import UNKNOWN
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests

__all__ = ["VARIANTS"]

_OF_INSTANCES: Final = ("InstanceType", "InitialInstanceCount", "InstancePools", "ManagedInstanceScaling")
_COUNTED_ELSEWHERE: Final = ("InstancePools", "ManagedInstanceScaling")
_PREFIX_AWARE: Final = "PREFIX_AWARE"


def _names(requests: Requests) -> Iterator[RuleFinding]:
    first: dict[str, str] = {}
    variants = requests.variants()
    for variant in variants:
        place = spot(variant.at, "VariantName")
        name = text(place)
        if isinstance(name, str):
            if name in first:
                yield RuleFinding(variant.request, place, f"the name {shown(name)} is that of {first[name]} too")
            first.setdefault(name, place.path)
        elif name is UNKNOWN and len(variants) > 1:
            yield RuleFinding(
                variant.request, place, "whether another variant has this name is not known yet", certain=False
            )


def _weights(requests: Requests) -> Iterator[RuleFinding]:
    weights = [variant.at.get("InitialVariantWeight") for variant in requests.production()]
    amounts = [amount(weight) for weight in weights]
    if amounts and all(isinstance(value, (int, float)) and not value for value in amounts):
        for variant, weight in zip(requests.production(), weights, strict=True):
            if weight is not None:
                what = "every weight is 0, and the documentation does not say whether AWS takes that"
                yield RuleFinding(variant.request, weight, what, certain=False)


def _instances_of_serverless(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        if variant.serverless is not None:
            for name in _OF_INSTANCES:
                if given(variant.at.get(name)):
                    what = "a serverless variant has no instances: ServerlessConfig stands instead of this member"
                    place = spot(variant.at, name)
                    yield RuleFinding(variant.request, place, what, settled(variant.serverless, place))


def _instances_needed(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        if variant.serverless is None:
            elsewhere = [name for name in _COUNTED_ELSEWHERE if given(variant.at.get(name))]
            if not given(variant.at.get("InstanceType")) and "InstancePools" not in elsewhere:
                what = "a variant that is not serverless needs this member, and it is missing"
                yield RuleFinding(variant.request, spot(variant.at, "InstanceType"), what)
            if not given(variant.at.get("InitialInstanceCount")):
                what = "a variant that is not serverless needs this member, and it is missing"
                if elsewhere:
                    what = f"the documentation does not say whether this member may be missing with {elsewhere[0]}"
                place = spot(variant.at, "InitialInstanceCount")
                yield RuleFinding(variant.request, place, what, certain=not elsewhere)


def _memory(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        size = None if variant.serverless is None else variant.serverless.get("MemorySizeInMB")
        memory = number(size)
        if size is not None and isinstance(memory, int) and memory % 1024:
            yield RuleFinding(
                variant.request, size, f"{memory} MB is no whole number of GB: 1024, 2048 and so on to 6144"
            )


def _concurrency(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        provisioned = None if variant.serverless is None else variant.serverless.get("ProvisionedConcurrency")
        if provisioned is not None and variant.serverless is not None:
            wanted_concurrency, most = number(provisioned), number(variant.serverless.get("MaxConcurrency"))
            if isinstance(wanted_concurrency, int) and isinstance(most, int) and wanted_concurrency > most:
                yield RuleFinding(
                    variant.request, provisioned, f"{wanted_concurrency} is more than MaxConcurrency, which is {most}"
                )


def _scaling(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        scaling = variant.at.get("ManagedInstanceScaling")
        if scaling is not None:
            least, most = number(scaling.get("MinInstanceCount")), number(scaling.get("MaxInstanceCount"))
            if isinstance(least, int) and isinstance(most, int) and least > most:
                place = spot(scaling, "MinInstanceCount")
                yield RuleFinding(variant.request, place, f"{least} is more than MaxInstanceCount, which is {most}")


def _prefix_needed(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        routing = variant.at.get("RoutingConfig")
        if routing is not None and text(routing.get("RoutingStrategy")) == _PREFIX_AWARE:
            prefix = spot(routing, "PrefixAwareRoutingConfig")
            for name in ("PrefixLength", "ConcurrencyThreshold"):
                if settled(prefix) and not given(prefix.get(name)):
                    what = f"routing strategy {_PREFIX_AWARE} requires this member, and it is missing"
                    yield RuleFinding(variant.request, spot(prefix, name), what)


def _prefix_alone(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        routing = variant.at.get("RoutingConfig")
        prefix = None if routing is None else routing.get("PrefixAwareRoutingConfig")
        strategy = None if routing is None else text(routing.get("RoutingStrategy"))
        if prefix is not None and given(prefix) and isinstance(strategy, str) and strategy != _PREFIX_AWARE:
            what = f"this member is for routing strategy {_PREFIX_AWARE} only, and the strategy is {shown(strategy)}"
            yield RuleFinding(variant.request, prefix, what, settled(prefix))


def _layouts(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        layouts = spot(variant.at, "AcceleratorPartitionLayouts")
        if len(known_items(layouts)) > 1:
            yield RuleFinding(variant.request, layouts, f"{len(layouts.items())} layouts: a variant has a single one")


def _accelerators(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        accelerator = variant.at.get("AcceleratorType")
        if accelerator is not None and given(accelerator):
            what = "this member is no longer supported, and the documentation does not say whether AWS refuses it"
            yield RuleFinding(variant.request, accelerator, what, certain=False)


_PAGE: Final = f"{API}ProductionVariant.html"
_SERVERLESS: Final = f"{API}ProductionVariantServerlessConfig.html"
_PREFIX: Final = f"{API}PrefixAwareRoutingConfig.html"

VARIANTS: Final = (
    Rule("variant-names-unique", f"{GUIDE}model-ab-testing.html", _names),
    Rule("variant-weights", _PAGE, _weights),
    Rule("serverless-has-no-instances", f"{GUIDE}serverless-endpoints-create-config.html", _instances_of_serverless),
    Rule("instances-needed", _PAGE, _instances_needed),
    Rule("serverless-memory", _SERVERLESS, _memory),
    Rule("provisioned-concurrency", _SERVERLESS, _concurrency),
    Rule("scaling-range", f"{API}ProductionVariantManagedInstanceScaling.html", _scaling),
    Rule("prefix-routing-needed", _PREFIX, _prefix_needed),
    Rule("prefix-routing-alone", f"{API}ProductionVariantRoutingConfig.html", _prefix_alone),
    Rule("single-partition-layout", _PAGE, _layouts),
    Rule("accelerator-unsupported", _PAGE, _accelerators),
)
