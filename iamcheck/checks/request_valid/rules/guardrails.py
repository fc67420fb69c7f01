"""Judges deployment guardrails (CanarySize, LinearStepSize, batches, rollback): how traffic shifts to a new fleet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import given, number, settled, spot, text
from iamcheck.checks.request_valid.rules.row import GUIDE, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests, VariantMember
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = ["GUARDRAILS"]

_BLUE_GREEN: Final = "BlueGreenUpdatePolicy"
_ROLLING: Final = "RollingUpdatePolicy"
_SIZES: Final = {"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}
_TIMEOUT: Final = "MaximumExecutionTimeoutInSeconds"


@dataclass(frozen=True, slots=True)
class _Policies:
    """The update policies of a CreateEndpoint request."""

    request: WrittenRequest
    deployment: Member
    blue_green: Member | None
    rolling: Member | None
    routing: Member | None


def _policies(requests: Requests) -> Iterator[_Policies]:
    request = requests.endpoint
    deployment = None if request is None else request.root.get("DeploymentConfig")
    if request is not None and deployment is not None:
        blue_green = deployment.get(_BLUE_GREEN)
        routing = None if blue_green is None else blue_green.get("TrafficRoutingConfiguration")
        yield _Policies(request, deployment, blue_green, deployment.get(_ROLLING), routing)


def _one_policy(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        if given(policy.blue_green) and given(policy.rolling):
            what = f"only one of {_BLUE_GREEN} and {_ROLLING} may be used"
            yield RuleFinding(policy.request, policy.deployment, what, settled(policy.blue_green, policy.rolling))


def _size_needed(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        kind = None if policy.routing is None else text(policy.routing.get("Type"))
        if policy.routing is not None and isinstance(kind, str) and kind in _SIZES:
            name = _SIZES[kind]
            if not given(policy.routing.get(name)):
                yield RuleFinding(
                    policy.request, spot(policy.routing, name), f"type {kind} needs this member, and it is missing"
                )


def _size_of_another_type(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        kind = None if policy.routing is None else text(policy.routing.get("Type"))
        if policy.routing is not None and isinstance(kind, str) and kind in {*_SIZES, "ALL_AT_ONCE"}:
            for name in sorted({*_SIZES.values()} - {_SIZES.get(kind)}):
                if given(policy.routing.get(name)):
                    what = f"the documentation does not say whether AWS takes this member with type {kind}"
                    yield RuleFinding(policy.request, spot(policy.routing, name), what, certain=False)


def _canary(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        yield from _sized(requests, policy, policy.routing, "CanarySize", 0, 50)


def _linear(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        yield from _sized(requests, policy, policy.routing, "LinearStepSize", 10, 50)


def _batch(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        yield from _sized(requests, policy, policy.rolling, "MaximumBatchSize", 5, 50)


def _rollback(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        size = None if policy.rolling is None else policy.rolling.get("RollbackMaximumBatchSize")
        value = None if size is None else number(size.get("Value"))
        if size is not None and text(size.get("Type")) == "CAPACITY_PERCENT" and isinstance(value, int) and value > 100:
            what = f"{value} % is more than the whole capacity, and the documentation does not say whether AWS takes it"
            yield RuleFinding(policy.request, spot(size, "Value"), what, certain=False)


def _sized(
    requests: Requests, policies: _Policies, parent: Member | None, name: str, least: int, most: int
) -> Iterator[RuleFinding]:
    """A size against its bounds, in percent of each variant's instances."""
    size = None if parent is None else parent.get(name)
    value = None if size is None else number(size.get("Value"))
    kind = None if size is None else text(size.get("Type"))
    if size is None or not isinstance(value, int):
        return
    place = spot(size, "Value")
    bounds = f"{least} to {most} %" if least else f"at most {most} %"
    if kind == "CAPACITY_PERCENT" and not least <= value <= most:
        yield RuleFinding(policies.request, place, f"{value} % is out of bounds: {bounds} of a variant's instances")
    elif kind == "INSTANCE_COUNT":
        if requests.config is None:
            what = (
                f"whether this is {bounds} of a variant's instances depends on the endpoint config, which is not given"
            )
            yield RuleFinding(policies.request, place, what, certain=False)
        for variant in requests.production():
            yield from _counted(policies.request, place, value, variant, (least, most), bounds)


def _counted(
    request: WrittenRequest, place: Member, value: int, variant: VariantMember, limits: tuple[int, int], bounds: str
) -> Iterator[RuleFinding]:
    count = number(variant.at.get("InitialInstanceCount"))
    if isinstance(count, int) and not limits[0] * count <= 100 * value <= limits[1] * count:
        what = f"{value} of the {count} instances of {variant.at.path} is out of bounds: {bounds} of them"
        yield RuleFinding(request, place, what)
    elif count is None and variant.serverless is None:
        what = f"whether this is {bounds} of the instances of {variant.at.path} is not known: it has no count"
        yield RuleFinding(request, place, what, certain=False)


def _time(requests: Requests) -> Iterator[RuleFinding]:
    for policies in _policies(requests):
        for policy, waits in (
            (
                policies.blue_green,
                ((policies.blue_green, "TerminationWaitInSeconds"), (policies.routing, "WaitIntervalInSeconds")),
            ),
            (policies.rolling, ((policies.rolling, "WaitIntervalInSeconds"),)),
        ):
            limit = None if policy is None else number(policy.get(_TIMEOUT))
            numbers = [number(parent.get(name)) for parent, name in waits if parent is not None]
            wait = sum(seconds for seconds in numbers if isinstance(seconds, int))
            if policy is not None and isinstance(limit, int) and wait >= limit:
                yield RuleFinding(
                    policies.request, spot(policy, _TIMEOUT), f"{limit} s is not more than the waits, {wait} s together"
                )


def _serverless(requests: Requests) -> Iterator[RuleFinding]:
    for policy in _policies(requests):
        if requests.config is None and settled(policy.deployment):
            what = "guardrails are not for serverless variants, and the endpoint config is not given"
            yield RuleFinding(policy.request, policy.deployment, what, certain=False)
        for variant in requests.serverless()[:1]:
            what = f"guardrails are not for serverless variants, and {variant.is_serverless_text}"
            yield RuleFinding(policy.request, policy.deployment, what, settled(policy.deployment, variant.serverless))


_BLUE_GREEN_PAGE: Final = f"{GUIDE}deployment-guardrails-blue-green"

GUARDRAILS: Final = (
    Rule("one-update-policy", f"{API}DeploymentConfig.html", _one_policy),
    Rule("traffic-size-needed", f"{_BLUE_GREEN_PAGE}.html", _size_needed),
    Rule("traffic-size-of-another-type", f"{API}TrafficRoutingConfig.html", _size_of_another_type),
    Rule("canary-size", f"{API}TrafficRoutingConfig.html", _canary),
    Rule("linear-step-size", f"{API}TrafficRoutingConfig.html", _linear),
    Rule("rolling-batch-size", f"{API}RollingUpdatePolicy.html", _batch),
    Rule("rollback-batch-size", f"{API}RollingUpdatePolicy.html", _rollback),
    Rule("waits-within-timeout", f"{API}BlueGreenUpdatePolicy.html", _time),
    Rule("guardrails-not-serverless", f"{GUIDE}deployment-guardrails.html", _serverless),
)
