"""Judges what an endpoint config may not have together, and what a member needs of another."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import given, known_items, number, settled, spot, text
from iamcheck.checks.request_valid.rules.row import GUIDE, Rule
from iamcheck.deployment.located import UNKNOWN
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = ["COMBINATIONS"]

_FREQUENCIES: Final = (10, 30, 60, 120, 180, 240, 300)
_MIME_TYPES: Final = ("text/csv", "application/jsonlines")
_NO_SHADOW_TYPES: Final = "ml.inf1."
_KEY_ARN: Final = "arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:"
_KEY_ID: Final = "(?:mrk-)?[0-9a-f-]+"
_KEY: Final = f"[a-zA-Z0-9-]+|{_KEY_ARN}key/[a-zA-Z0-9-]+|(?:{_KEY_ARN})?alias/[a-zA-Z0-9/_-]+"


def _excluded(
    requests: Requests, name: str, by: Member | None, because: str, if_true: Member | None = None
) -> Iterator[RuleFinding]:
    """A member of the endpoint config that may not stand beside another, `by`; perhaps only if a third is true."""
    config = requests.config
    member = None if config is None else config.root.get(name)
    if config is not None and by is not None and member is not None and given(by) and given(member):
        yield RuleFinding(config, member, because, settled(by, member, if_true))


def _not_with_serverless(
    requests: Requests, name: str, text_of_rule: str, if_true: Member | None = None
) -> Iterator[RuleFinding]:
    for variant in requests.serverless()[:1]:
        because = f"{text_of_rule} not for serverless variants, and {variant.is_serverless_text}"
        yield from _excluded(requests, name, variant.serverless, because, if_true)


def _async(requests: Requests) -> Iterator[RuleFinding]:
    yield from _not_with_serverless(requests, "AsyncInferenceConfig", "asynchronous inference is")


def _capture(requests: Requests) -> Iterator[RuleFinding]:
    capture = None if requests.config is None else requests.config.root.get("DataCaptureConfig")
    enabled = None if capture is None else capture.get("EnableCapture")
    if enabled is None or enabled.value is not False:
        yield from _not_with_serverless(requests, "DataCaptureConfig", "data capture is", enabled)


def _network(requests: Requests) -> Iterator[RuleFinding]:
    yield from _not_with_serverless(requests, "VpcConfig", "a VPC configuration is")
    isolation = None if requests.config is None else requests.config.root.get("EnableNetworkIsolation")
    if isolation is not None and isolation.value is not False:
        yield from _not_with_serverless(requests, "EnableNetworkIsolation", "network isolation is")


def _single_serverless(requests: Requests) -> Iterator[RuleFinding]:
    production = requests.production()
    serverless = [variant for variant in production if variant.serverless is not None]
    if requests.config is not None and serverless and len(production) > 1:
        place = spot(requests.config.root, "ProductionVariants")
        certain = any(settled(variant.serverless) for variant in serverless)
        what = f"a serverless endpoint has one production variant, and here are {len(production)}"
        yield RuleFinding(requests.config, place, what, certain)


def _cross_region(requests: Requests) -> Iterator[RuleFinding]:
    name = "CrossRegionTrafficConfig"
    yield from _not_with_serverless(requests, name, "a cross-Region traffic cap is")
    asynchronous = None if requests.config is None else requests.config.root.get("AsyncInferenceConfig")
    yield from _excluded(requests, name, asynchronous, "a cross-Region traffic cap is not for asynchronous inference")


def _shadow_count(requests: Requests) -> Iterator[RuleFinding]:
    config = requests.config
    shadow = None if config is None else config.root.get("ShadowProductionVariants")
    if config is not None and shadow is not None and given(shadow):
        for name in ("ProductionVariants", "ShadowProductionVariants"):
            variants = spot(config.root, name)
            if len(variants.items()) > 1:
                what = f"{len(variants.items())} variants: with shadow variants there is one of each"
                yield RuleFinding(config, variants, what, settled(shadow) and len(known_items(variants)) > 1)


def _shadow_alone(requests: Requests) -> Iterator[RuleFinding]:
    config = requests.config
    shadow = None if config is None else config.root.get("ShadowProductionVariants")
    if config is None or shadow is None or not given(shadow):
        return
    yield from _excluded(requests, "AsyncInferenceConfig", shadow, "asynchronous inference has no shadow variants")
    for variant in requests.variants():
        if variant.serverless is not None:
            what = "serverless inference has no shadow variants"
            yield RuleFinding(config, variant.serverless, what, settled(shadow, variant.serverless))
        kind = spot(variant.at, "InstanceType")
        kind_text = text(kind)
        if isinstance(kind_text, str) and kind_text.startswith(_NO_SHADOW_TYPES):
            yield RuleFinding(config, kind, "Inf1 instances have no shadow variants", settled(shadow))


def _role_needed(requests: Requests) -> Iterator[RuleFinding]:
    config = requests.config
    bare = [variant for variant in requests.variants() if not any(variant.models())]
    if config is not None and bare and not given(config.root.get("ExecutionRoleArn")):
        what = f"{bare[0].at.path} names no model, as for inference components, which need a role: it is missing"
        yield RuleFinding(config, spot(config.root, "ExecutionRoleArn"), what)


def _model_of_serverless(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        if variant.serverless is not None and not any(variant.models()):
            what = "a serverless variant without a model: the documentation does not say whether AWS takes that"
            yield RuleFinding(variant.request, spot(variant.at, "ModelName"), what, certain=False)


def _frequency(requests: Requests) -> Iterator[RuleFinding]:
    config = requests.config
    metrics = None if config is None else config.root.get("MetricsConfig")
    if config is not None and metrics is not None:
        place = spot(metrics, "MetricPublishFrequencyInSeconds")
        seconds = number(place)
        if seconds is UNKNOWN or (isinstance(seconds, int) and seconds not in _FREQUENCIES):
            what = "the API takes 10, 30, 60, 120, 180, 240 or 300 seconds"
            yield RuleFinding(config, place, what, settled(place))


def _shap(requests: Requests) -> Iterator[tuple[WrittenRequest, Member]]:
    config, member = requests.config, None if requests.config is None else requests.config.root
    for name in ("ExplainerConfig", "ClarifyExplainerConfig"):
        member = None if member is None else member.get(name)
    if config is not None and member is not None:
        yield config, member


def _baseline(requests: Requests) -> Iterator[RuleFinding]:
    for config, clarify in _shap(requests):
        shap = clarify.get("ShapConfig")
        baseline = None if shap is None else shap.get("ShapBaselineConfig")
        if baseline is not None and settled(baseline):
            choices = [baseline.get(name) for name in ("ShapBaseline", "ShapBaselineUri")]
            count = sum(given(choice) for choice in choices)
            if count != 1:
                what = f"one of ShapBaseline and ShapBaselineUri is needed, and here are {count}"
                yield RuleFinding(config, baseline, what, settled(*choices))


def _baseline_type(requests: Requests) -> Iterator[RuleFinding]:
    for config, clarify in _shap(requests):
        shap = clarify.get("ShapConfig")
        baseline = None if shap is None else shap.get("ShapBaselineConfig")
        kind = None if baseline is None else text(baseline.get("MimeType"))
        if baseline is not None and isinstance(kind, str) and kind not in _MIME_TYPES:
            what = f"{shown(kind)} is none of {' and '.join(_MIME_TYPES)}"
            yield RuleFinding(config, spot(baseline, "MimeType"), what)


def _feature_types(requests: Requests) -> Iterator[RuleFinding]:
    for config, clarify in _shap(requests):
        inference = clarify.get("InferenceConfig")
        types = None if inference is None else inference.get("FeatureTypes")
        kinds = () if types is None else tuple(text(item) for item in types.items())
        if types is not None and kinds and "text" not in kinds and UNKNOWN not in kinds:
            yield RuleFinding(config, types, "at least one feature type must be text")


def _keys(requests: Requests) -> Iterator[RuleFinding]:
    """The keys whose forms the API names; that of asynchronous output is not among them."""
    config = requests.config
    if config is None:
        return
    owners = [config.root, config.root.get("DataCaptureConfig")]
    owners += [variant.at.get("CoreDumpConfig") for variant in requests.variants()]
    for owner in owners:
        key = None if owner is None else owner.get("KmsKeyId")
        name = text(key)
        if key is not None and isinstance(name, str) and not re.fullmatch(_KEY, name):
            what = f"{shown(name)} names no KMS key: give a key id, the ARN of a key, alias/NAME or the ARN of an alias"
            yield RuleFinding(config, key, what)
        elif (
            key is not None
            and isinstance(name, str)
            and ":" not in name
            and "/" not in name
            and not re.fullmatch(_KEY_ID, name)
        ):
            what = f"{shown(name)} is read as a key id, and does not look like one: is alias/ missing?"
            yield RuleFinding(config, key, what, certain=False)


def _pools(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants():
        kind = variant.at.get("InstanceType")
        if kind is not None and given(kind) and known_items(variant.at.get("InstancePools")):
            what = "the documentation does not say whether AWS takes this member beside InstancePools"
            yield RuleFinding(variant.request, kind, what, certain=False)


_CONFIG: Final = f"{API}CreateEndpointConfig.html"
_EXCLUSIONS: Final = f"{GUIDE}serverless-endpoints.html"
_BASELINE: Final = f"{API}ClarifyShapBaselineConfig.html"

COMBINATIONS: Final = (
    Rule("async-not-serverless", f"{GUIDE}deploy-model-options.html", _async),
    Rule("capture-not-serverless", _EXCLUSIONS, _capture),
    Rule("network-not-serverless", _EXCLUSIONS, _network),
    Rule("serverless-single-variant", _EXCLUSIONS, _single_serverless),
    Rule("cross-region-cap", _CONFIG, _cross_region),
    Rule("shadow-one-of-each", _CONFIG, _shadow_count),
    Rule("shadow-exclusions", f"{GUIDE}shadow-tests.html", _shadow_alone),
    Rule("inference-components-role", f"{GUIDE}realtime-endpoints-deploy-models.html", _role_needed),
    Rule("serverless-model", f"{API}ProductionVariant.html", _model_of_serverless),
    Rule("metrics-frequency", f"{API}MetricsConfig.html", _frequency),
    Rule("shap-baseline-one", _BASELINE, _baseline),
    Rule("shap-baseline-type", _BASELINE, _baseline_type),
    Rule("feature-types", f"{API}ClarifyInferenceConfig.html", _feature_types),
    Rule("kms-key-form", _CONFIG, _keys),
    Rule("instance-pools-alone", f"{API}ProductionVariant.html", _pools),
)
