"""Judges models that are written as well, alone and with the variants that host them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import given, known_items, number, settled, spot, text
from iamcheck.checks.request_valid.rules.row import GUIDE, Rule
from iamcheck.deployment.located import UNKNOWN
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Container, Requests, VariantMember
    from iamcheck.deployment.located import Member, WrittenRequest

__all__ = ["MODELS"]

_FREQUENCIES: Final = (10, 30, 60, 120, 180, 240, 300)
_LARGEST_VALUE: Final = 1024
_LARGEST_ENVIRONMENT: Final = 32 * 1024


def _containers_given(requests: Requests) -> Iterator[RuleFinding]:
    for model in requests.models:
        count = sum(given(model.root.get(name)) for name in ("PrimaryContainer", "Containers"))
        if count != 1:
            what = f"the documentation does not say whether AWS takes {count} of PrimaryContainer and Containers"
            yield RuleFinding(model, spot(model.root, "PrimaryContainer"), what, certain=False)


def _hostnames(requests: Requests) -> Iterator[RuleFinding]:
    for model in requests.models:
        containers = known_items(model.root.get("Containers"))
        names = [spot(container, "ContainerHostname") for container in containers]
        named = [name for name in names if given(name)]
        for name in names if named else ():
            if not given(name):
                what = "each container of the pipeline has this member or none: it is missing"
                yield RuleFinding(model, name, what, any(settled(member) for member in named))
        first: dict[str, str] = {}
        for name in names:
            value = text(name)
            if isinstance(value, str):
                if value in first:
                    yield RuleFinding(model, name, f"the host name {shown(value)} is that of {first[value]} too")
                first.setdefault(value, name.path)
            elif value is UNKNOWN and len(names) > 1:
                yield RuleFinding(
                    model, name, "whether another container has this name is not known yet", certain=False
                )


def _registry(requests: Requests) -> Iterator[RuleFinding]:
    for container in requests.containers():
        config = container.at.get("ImageConfig")
        login = None if config is None else config.get("RepositoryAuthConfig")
        mode = None if config is None else text(config.get("RepositoryAccessMode"))
        if login is not None and given(login) and isinstance(mode, str) and mode != "Vpc":
            what = f"this member is for access mode Vpc only, and the mode is {shown(mode)}"
            yield RuleFinding(container.request, login, what, settled(login))


def _bytes(value: str) -> int:
    return len(value.encode("utf-8", "surrogatepass"))


def _environment(requests: Requests) -> Iterator[RuleFinding]:
    total: dict[int, int] = {}
    for container in requests.containers():
        environment = container.at.get("Environment")
        if environment is None or not isinstance(environment.value, Mapping):
            continue
        before = total.get(id(container.request), 0)
        size = before
        for name, member in environment.value.items():
            value = text(member)
            sizes = _bytes(name), _bytes(value) if isinstance(value, str) else 0
            if max(sizes) > _LARGEST_VALUE:
                what = f"a key or value of {max(sizes)} bytes: at most {_LARGEST_VALUE} are taken"
                yield RuleFinding(container.request, member, what)
            size += sum(sizes)
        total[id(container.request)] = size
        if before <= _LARGEST_ENVIRONMENT < size:
            what = "with it the environments of the model have more than 32 KB together"
            yield RuleFinding(container.request, environment, what)


def _sources(container: Container) -> Iterator[Member]:
    """What says where model data is in S3, wherever in a container."""
    source = container.at.get("ModelDataSource")
    sources = [None if source is None else source.get("S3DataSource")]
    sources += [item.get("S3DataSource") for item in known_items(container.at.get("AdditionalModelDataSources"))]
    yield from (known for known in sources if known is not None)


def _prefixes(requests: Requests) -> Iterator[RuleFinding]:
    for container in requests.containers():
        for source in _sources(container):
            uri = text(source.get("S3Uri"))
            if text(source.get("S3DataType")) == "S3Prefix" and isinstance(uri, str) and not uri.endswith("/"):
                what = f"{shown(uri)} is no key name prefix: one ends with a slash"
                yield RuleFinding(container.request, spot(source, "S3Uri"), what)


def _data_source(requests: Requests) -> Iterator[RuleFinding]:
    for container in requests.containers():
        source = container.at.get("ModelDataSource")
        if source is not None and isinstance(source.value, Mapping) and not given(source.get("S3DataSource")):
            yield RuleFinding(
                container.request, spot(source, "S3DataSource"), "one data source must be given: it is missing"
            )
        if source is not None and given(source) and text(container.at.get("Mode")) == "MultiModel":
            what = "ModelDataSource is not for multi-model endpoints"
            yield RuleFinding(container.request, source, what, settled(source))


def _metrics(requests: Requests) -> Iterator[RuleFinding]:
    for container in requests.containers():
        config = container.at.get("ContainerMetricsConfig")
        for endpoint in known_items(None if config is None else config.get("MetricsEndpoints")):
            place = spot(endpoint, "MetricPublishFrequencyInSeconds")
            seconds = number(place)
            if seconds is UNKNOWN or (isinstance(seconds, int) and seconds not in _FREQUENCIES):
                what = "the API takes 10, 30, 60, 120, 180, 240 or 300 seconds"
                yield RuleFinding(container.request, place, what, settled(place))


def _serverless(requests: Requests) -> Iterator[RuleFinding]:
    """What serverless inference does not host."""
    for variant in requests.variants():
        if variant.serverless is not None:
            for model, certain in requests.hosted(variant):
                for member, why in _not_for_serverless(requests, model):
                    sure = certain and settled(variant.serverless, member)
                    yield _hosted(variant, model, member, f"{why} not for serverless variants", sure)


def _not_for_serverless(requests: Requests, model: WrittenRequest) -> Iterator[tuple[Member, str]]:
    root = model.root
    containers = root.get("Containers")
    if containers is not None and len(known_items(containers)) > 1:
        yield containers, "inference pipelines are"
    vpc, isolation = root.get("VpcConfig"), root.get("EnableNetworkIsolation")
    if vpc is not None and given(vpc):
        yield vpc, "a VPC configuration is"
    if isolation is not None and (isolation.value is True or not settled(isolation)):
        yield isolation, "network isolation is"
    for container in requests.containers():
        if container.request is model:
            source, config = container.at.get("ModelDataSource"), container.at.get("ImageConfig")
            if source is not None and given(source):
                yield source, "ModelDataSource is"
            if text(container.at.get("Mode")) == "MultiModel":
                yield spot(container.at, "Mode"), "multi-model endpoints are"
            if config is not None and text(config.get("RepositoryAccessMode")) == "Vpc":
                yield spot(config, "RepositoryAccessMode"), "private Docker registries are"


def _shadow(requests: Requests) -> Iterator[RuleFinding]:
    for variant in requests.variants() if requests.shadow() else ():
        for model, certain in requests.hosted(variant):
            containers = model.root.get("Containers")
            if containers is not None and len(known_items(containers)) > 1:
                what = "multi-container endpoints have no shadow variants"
                yield _hosted(variant, model, containers, what, certain)
            for container in requests.containers():
                if container.request is model and text(container.at.get("Mode")) == "MultiModel":
                    what = "multi-model endpoints have no shadow variants"
                    yield _hosted(variant, model, spot(container.at, "Mode"), what, certain)


def _hosted(variant: VariantMember, model: WrittenRequest, place: Member, why: str, certain: bool) -> RuleFinding:
    hosts = "hosts" if certain else "may host"
    return RuleFinding(model, place, f"{why}, and {variant.at.path} {hosts} this model", certain)


_CONTAINER: Final = f"{API}ContainerDefinition.html"

MODELS: Final = (
    Rule("model-containers", f"{API}CreateModel.html", _containers_given),
    Rule("container-host-names", _CONTAINER, _hostnames),
    Rule("registry-login", f"{API}ImageConfig.html", _registry),
    Rule("environment-size", _CONTAINER, _environment),
    Rule("s3-prefix", f"{API}S3ModelDataSource.html", _prefixes),
    Rule("model-data-source", f"{API}ModelDataSource.html", _data_source),
    Rule("container-metrics-frequency", f"{API}MetricsEndpoint.html", _metrics),
    Rule("serverless-hosts", f"{GUIDE}serverless-endpoints.html", _serverless),
    Rule("shadow-hosts", f"{GUIDE}shadow-tests.html", _shadow),
)
