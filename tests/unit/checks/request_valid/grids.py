"""Lists grids of requests for the rules between members: each operand alone, missing, null, not known, and each pair.

The bounds and the forms are those of the pages that `RULES` names.
"""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.checks.request_valid import RequestPlace
from iamcheck.deployment.located import UNKNOWN, Pattern, Tool
from tests.unit.checks.request_valid.test_resources import COPIES, REQUESTS, SCALED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["ABSENT", "GRIDS", "Grid", "Row", "rows_of"]

ABSENT: Final = object()
"""The member is left out."""


class Grid(NamedTuple):
    """Requests that differ in a few members.

    Args:
        name: What it is called.
        base: The requests that every row has: `endpoint`, `config`, `models` and `resources` (by operation).
        axes: The values of each member, by its path in the requests; each with a word for it.
        tools: What sends them.
        updates: Whether the endpoint exists already.
        targets: Where they go; None: nobody says.
    """

    name: str
    base: Mapping[str, Any]
    axes: Mapping[str, Mapping[str, object]]
    tools: Sequence[Tool] = (Tool.SDK,)
    updates: Sequence[bool] = (False,)
    targets: Sequence[RequestPlace | None] = (None,)


class Row(NamedTuple):
    """One combination of a grid: in words, the requests, and the keywords of `validity_of`."""

    words: str
    requests: dict[str, Any]
    keywords: dict[str, Any]


def rows_of(grid: Grid) -> Iterator[Row]:
    """Each combination of a grid."""
    choices = [[(path, word, value) for word, value in values.items()] for path, values in grid.axes.items()]
    for row in itertools.product(*choices):
        requests = copy.deepcopy(dict(grid.base))
        for path, _, value in row:
            _put(requests, path.split("."), value)
        words = ", ".join(f"{path.rpartition('.')[2]} {word}" for path, word, _ in row if len(grid.axes[path]) > 1)
        for tool, updates, target in itertools.product(grid.tools, grid.updates, grid.targets):
            how = [words] if words else []
            how += [tool.name] if len(grid.tools) > 1 else []
            how += ["exists" if updates else "new"] if len(grid.updates) > 1 else []
            how += [_place(target)] if len(grid.targets) > 1 else []
            keywords = {"tool": tool, "updates": updates, "target": target}
            yield Row(", ".join(how) or "the row", copy.deepcopy(requests), keywords)


def _place(target: RequestPlace | None) -> str:
    return "to nowhere" if target is None else f"to {target.region} of {target.account_id}"


def _put(owner: Any, steps: Sequence[str], value: object) -> None:  # noqa: ANN401  JSON
    for step in steps[:-1]:
        owner = owner[int(step)] if isinstance(owner, list) else owner.setdefault(step, {})
    if value is not ABSENT:
        owner[steps[-1]] = value


def numbers(*values: object) -> dict[str, object]:
    """An axis of values that are their own words."""
    return {"open" if value is UNKNOWN else "null" if value is None else str(value): value for value in values}


def presence(value: object) -> dict[str, object]:
    """Missing, null, not known, and there."""
    return {"absent": ABSENT, "null": None, "open": UNKNOWN, "there": value}


ON_INSTANCES: Final = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 10}
SERVERLESS: Final = {
    "VariantName": "s",
    "ModelName": "m",
    "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5},
}
MAYBE: Final = {**SERVERLESS, "VariantName": "o", "ServerlessConfig": UNKNOWN}
INF1: Final = {**ON_INSTANCES, "VariantName": "i", "InstanceType": "ml.inf1.xlarge"}
SECOND: Final = {**ON_INSTANCES, "VariantName": "b"}
PLAIN: Final = {"config": {"EndpointConfigName": "c", "ProductionVariants": [ON_INSTANCES]}}
ENDPOINT: Final = {"endpoint": {"EndpointName": "e", "EndpointConfigName": "c"}}
VARIANTS: Final[dict[str, object]] = {
    "on instances": [ON_INSTANCES],
    "serverless": [SERVERLESS],
    "maybe": [MAYBE],
    "maybe and serverless": [MAYBE, SERVERLESS],
}
IN_CONFIG: Final = "config.ProductionVariants"
VARIANT: Final = f"{IN_CONFIG}.0"
SHAP: Final = "config.ExplainerConfig.ClarifyExplainerConfig"
KEY_FORMS: Final = (
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "mrk-1234abcd12ab34cd56ef1234567890ab",
    "mykey",
    "alias/mine",
    "alias/mine/deep_1",
    "alias/",
    "my/key",
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "arn:aws-cn:kms:cn-north-1:123456789012:alias/mine",
    "arn:aws:kms:eu-west-1:12345678901:key/1234",
    "arn:aws:kms:eu-west-1:123456789012:mine",
    "arn:aws:s3:::bucket",
    "",
)
FREQUENCIES: Final = (9, 10, 11, 29, 30, 60, 120, 180, 240, 299, 300, 301, 0, -10, 10.5, True, "60", UNKNOWN, None)
SIZED: Final = numbers(0, 1, 4, 5, 6, 9, 10, 49, 50, 51, 100, 101, UNKNOWN, None)
GIVEN: Final = "there"


def sizes(parent: str, name: str, others: Mapping[str, object]) -> list[Grid]:
    """A size in percent, and in instances against counts on both sides of its bounds."""
    path = f"endpoint.DeploymentConfig.{parent}"
    base = {**ENDPOINT, **PLAIN}
    for step, value in others.items():
        base = copy.deepcopy(base)
        _put(base, f"{path}.{step}".split("."), value)
    return [
        Grid(
            f"{name} in percent",
            base,
            {
                f"{path}.{name}.Type": numbers("CAPACITY_PERCENT", "OTHER", UNKNOWN),
                f"{path}.{name}.Value": SIZED,
            },
        ),
        Grid(
            f"{name} in instances",
            base,
            {
                f"{path}.{name}.Type": numbers("INSTANCE_COUNT"),
                f"{path}.{name}.Value": numbers(0, 1, 2, 5, 6, 10, 11, UNKNOWN),
                f"{VARIANT}.InitialInstanceCount": {**numbers(1, 10, 20, 21, UNKNOWN, None), "a text": "10"},
            },
        ),
        Grid(
            f"{name} in instances of several variants",
            {**base, "config": None},
            {
                f"{path}.{name}.Type": numbers("INSTANCE_COUNT"),
                f"{path}.{name}.Value": numbers(0, 3),
                "config": {
                    "absent": None,
                    "two": {"ProductionVariants": [{**ON_INSTANCES, "InitialInstanceCount": 4}, SECOND]},
                    "serverless": {"ProductionVariants": [SERVERLESS]},
                    "maybe": {"ProductionVariants": [MAYBE]},
                    "with shadow": {"ProductionVariants": [SECOND], "ShadowProductionVariants": [INF1]},
                },
            },
        ),
    ]


TRAFFIC: Final = "BlueGreenUpdatePolicy.TrafficRoutingConfiguration"
DEPLOYMENT: Final = "endpoint.DeploymentConfig"
BATCH: Final = {"Type": "CAPACITY_PERCENT", "Value": 10}

GUARDRAILS: Final = [
    Grid(
        "one update policy",
        ENDPOINT,
        {
            f"{DEPLOYMENT}.BlueGreenUpdatePolicy": presence({}),
            f"{DEPLOYMENT}.RollingUpdatePolicy": presence({}),
        },
    ),
    Grid(
        "the sizes of a type",
        {**ENDPOINT, **PLAIN},
        {
            f"{DEPLOYMENT}.{TRAFFIC}.Type": numbers("ALL_AT_ONCE", "CANARY", "LINEAR", "OTHER", UNKNOWN),
            f"{DEPLOYMENT}.{TRAFFIC}.CanarySize": presence(BATCH),
            f"{DEPLOYMENT}.{TRAFFIC}.LinearStepSize": presence(BATCH),
        },
    ),
    *sizes(TRAFFIC, "CanarySize", {"Type": "CANARY"}),
    *sizes(TRAFFIC, "LinearStepSize", {"Type": "LINEAR"}),
    *sizes("RollingUpdatePolicy", "MaximumBatchSize", {}),
    Grid(
        "rollback",
        {**ENDPOINT, **PLAIN},
        {
            f"{DEPLOYMENT}.RollingUpdatePolicy.RollbackMaximumBatchSize.Type": numbers(
                "CAPACITY_PERCENT", "INSTANCE_COUNT", UNKNOWN
            ),
            f"{DEPLOYMENT}.RollingUpdatePolicy.RollbackMaximumBatchSize.Value": numbers(99, 100, 101, UNKNOWN),
        },
    ),
    Grid(
        "waits of blue and green",
        {**ENDPOINT, **PLAIN},
        {
            f"{DEPLOYMENT}.{TRAFFIC}.Type": numbers("ALL_AT_ONCE"),
            f"{DEPLOYMENT}.{TRAFFIC}.WaitIntervalInSeconds": {"absent": ABSENT, **numbers(300, UNKNOWN)},
            f"{DEPLOYMENT}.BlueGreenUpdatePolicy.TerminationWaitInSeconds": {"absent": ABSENT, **numbers(300, UNKNOWN)},
            f"{DEPLOYMENT}.BlueGreenUpdatePolicy.MaximumExecutionTimeoutInSeconds": {
                "absent": ABSENT,
                **numbers(0, 300, 301, 600, 601, UNKNOWN),
            },
        },
    ),
    Grid(
        "waits of a rolling update",
        {**ENDPOINT, **PLAIN},
        {
            f"{DEPLOYMENT}.RollingUpdatePolicy.WaitIntervalInSeconds": numbers(600, UNKNOWN),
            f"{DEPLOYMENT}.RollingUpdatePolicy.MaximumExecutionTimeoutInSeconds": numbers(599, 600, 601, UNKNOWN),
        },
    ),
    Grid(
        "guardrails and serverless",
        {**ENDPOINT, "config": None},
        {
            DEPLOYMENT: {"absent": ABSENT, "null": None, "open": UNKNOWN, "there": {}},
            "config": {"absent": None, **{name: {"ProductionVariants": value} for name, value in VARIANTS.items()}},
        },
    ),
]

CONFIGS: Final = [
    *(
        Grid(f"{member} and serverless", PLAIN, {IN_CONFIG: VARIANTS, f"config.{member}": values})
        for member, values in (
            ("AsyncInferenceConfig", presence({})),
            ("VpcConfig", presence({})),
            ("CrossRegionTrafficConfig", presence({})),
            ("EnableNetworkIsolation", numbers(True, False, None, UNKNOWN)),
            (
                "DataCaptureConfig",
                {
                    **presence({}),
                    "on": {"EnableCapture": True},
                    "off": {"EnableCapture": False},
                    "perhaps on": {"EnableCapture": UNKNOWN},
                },
            ),
        )
    ),
    Grid(
        "serverless among several",
        PLAIN,
        {
            IN_CONFIG: {
                "s": [SERVERLESS],
                "s, s": [SERVERLESS, {**SERVERLESS, "VariantName": "t"}],
                "s, i": [SERVERLESS, ON_INSTANCES],
                "i, i": [ON_INSTANCES, SECOND],
                "maybe, i": [MAYBE, ON_INSTANCES],
                "s, open": [SERVERLESS, UNKNOWN],
                "maybe, s, i": [MAYBE, SERVERLESS, ON_INSTANCES],
                "open": UNKNOWN,
            }
        },
    ),
    Grid(
        "cross-Region and asynchronous",
        PLAIN,
        {"config.CrossRegionTrafficConfig": presence({}), "config.AsyncInferenceConfig": presence({})},
    ),
    Grid(
        "shadow variants",
        PLAIN,
        {
            "config.ShadowProductionVariants": {
                "absent": ABSENT,
                "null": None,
                "open": UNKNOWN,
                "none": [],
                "one": [SECOND],
                "two": [SECOND, {**SECOND, "VariantName": "z"}],
                "serverless": [SERVERLESS],
            },
            IN_CONFIG: {
                "one": [ON_INSTANCES],
                "two": [ON_INSTANCES, {**ON_INSTANCES, "VariantName": "y"}],
                "one and open": [ON_INSTANCES, UNKNOWN],
                "Inf1": [INF1],
                "maybe": [MAYBE],
            },
        },
    ),
    Grid(
        "shadow variants and asynchronous inference",
        PLAIN,
        {
            "config.ShadowProductionVariants": {"absent": ABSENT, "open": UNKNOWN, "one": [SECOND]},
            "config.AsyncInferenceConfig": presence({}),
        },
    ),
    Grid(
        "the role of inference components",
        PLAIN,
        {
            f"{VARIANT}.ModelName": {"null": None, "open": UNKNOWN, "there": "m"},
            f"{VARIANT}.InstancePools": {
                "absent": ABSENT,
                "without": [{"InstanceType": "ml.m5.large"}],
                "with": [{"InstanceType": "ml.m5.large", "ModelNameOverride": "m"}],
            },
            "config.ExecutionRoleArn": presence("arn:aws:iam::123456789012:role/r"),
        },
    ),
    Grid(
        "the model of a serverless variant",
        {"config": {"ProductionVariants": [SERVERLESS]}},
        {f"{VARIANT}.ModelName": {"null": None, "open": UNKNOWN, "there": "m"}},
    ),
    Grid(
        "frequencies",
        PLAIN,
        {"config.MetricsConfig.MetricPublishFrequencyInSeconds": numbers(*FREQUENCIES)},
    ),
    Grid(
        "SHAP baselines",
        PLAIN,
        {
            f"{SHAP}.ShapConfig.ShapBaselineConfig.ShapBaseline": presence("1,2"),
            f"{SHAP}.ShapConfig.ShapBaselineConfig.ShapBaselineUri": presence("s3://b/k"),
        },
    ),
    Grid(
        "a SHAP baseline",
        PLAIN,
        {f"{SHAP}.ShapConfig": {"absent": ABSENT, "null": None, "open": UNKNOWN, "none": {}}},
    ),
    Grid(
        "an open SHAP baseline",
        PLAIN,
        {f"{SHAP}.ShapConfig.ShapBaselineConfig": {"null": None, "open": UNKNOWN, "none": {}}},
    ),
    Grid(
        "types of SHAP baselines",
        PLAIN,
        {
            f"{SHAP}.ShapConfig.ShapBaselineConfig.ShapBaseline": {"there": "1,2"},
            f"{SHAP}.ShapConfig.ShapBaselineConfig.MimeType": {
                "absent": ABSENT,
                **numbers("text/csv", "application/jsonlines", "text/plain", 7, None, UNKNOWN),
            },
        },
    ),
    Grid(
        "feature types",
        PLAIN,
        {
            f"{SHAP}.InferenceConfig.FeatureTypes": {
                **presence(["text"]),
                "none": [],
                "numerical": ["numerical"],
                "numerical, text": ["numerical", "text"],
                "numerical, open": ["numerical", UNKNOWN],
                "numerical, pattern": ["numerical", Pattern("t*")],
            }
        },
    ),
    Grid("the key", PLAIN, {"config.KmsKeyId": numbers(*KEY_FORMS, UNKNOWN, None, 7)}),
    Grid("the key of captured data", PLAIN, {"config.DataCaptureConfig.KmsKeyId": numbers("mykey", "my/key")}),
    Grid("the key of core dumps", PLAIN, {f"{VARIANT}.CoreDumpConfig.KmsKeyId": numbers("mykey", "my/key")}),
    Grid(
        "the key of asynchronous output",
        PLAIN,
        {"config.AsyncInferenceConfig.OutputConfig.KmsKeyId": numbers("mykey", "my/key")},
    ),
    Grid(
        "what counts the instances",
        {"config": {"ProductionVariants": [{"VariantName": "a", "ModelName": "m"}]}},
        {
            f"{VARIANT}.InstanceType": {"absent": ABSENT, "null": None, "there": "ml.m5.large"},
            f"{VARIANT}.InitialInstanceCount": {"absent": ABSENT, "open": UNKNOWN},
            f"{VARIANT}.InstancePools": {
                "absent": ABSENT,
                "null": None,
                "none": [],
                "open": UNKNOWN,
                "there": [{"InstanceType": "ml.m5.large"}],
            },
            f"{VARIANT}.ManagedInstanceScaling": {"absent": ABSENT, "there": {}},
        },
    ),
    Grid(
        "instances of a serverless variant",
        {"config": {"ProductionVariants": [SERVERLESS]}},
        {
            f"{VARIANT}.InstanceType": presence("ml.m5.large"),
            f"{VARIANT}.ManagedInstanceScaling": presence({}),
        },
    ),
    Grid(
        "instances of a variant that may be serverless",
        {"config": {"ProductionVariants": [MAYBE]}},
        {f"{VARIANT}.InitialInstanceCount": presence(1), f"{VARIANT}.InstancePools": presence([])},
    ),
]


def _named(*names: object) -> list[dict[str, object]]:
    return [{**ON_INSTANCES, "VariantName": name} for name in names]


def _weighted(*weights: object) -> list[dict[str, object]]:
    variants = [
        {**ON_INSTANCES, "VariantName": f"v{at}", "InitialVariantWeight": one} for at, one in enumerate(weights)
    ]
    return [{name: value for name, value in one.items() if value is not ABSENT} for one in variants]


OF_VARIANTS: Final = [
    Grid(
        "names of variants",
        PLAIN,
        {
            IN_CONFIG: {
                "a, a": _named("a", "a"),
                "a, A": _named("a", "A"),
                "a, b, a, b, a": _named("a", "b", "a", "b", "a"),
                "open": _named(UNKNOWN),
                "open, a": _named(UNKNOWN, "a"),
                "a, pattern": _named("a", Pattern("b*")),
                "a, 7": _named("a", 7),
                "a, null": _named("a", None),
            },
            "config.ShadowProductionVariants": {"absent": ABSENT, "a": _named("a")},
        },
    ),
    Grid(
        "weights",
        PLAIN,
        {
            IN_CONFIG: {
                "0": _weighted(0),
                "0, 0.0": _weighted(0, 0.0),
                "0, 1": _weighted(0, 1),
                "0, absent": _weighted(0, ABSENT),
                "0, open": _weighted(0, UNKNOWN),
                "0, false": _weighted(0, False),
                "0, null": _weighted(0, None),
                "absent": _weighted(ABSENT),
                "none": [],
            }
        },
    ),
    Grid(
        "memory",
        {"config": {"ProductionVariants": [SERVERLESS]}},
        {
            f"{VARIANT}.ServerlessConfig.MemorySizeInMB": numbers(
                0, 1, 1023, 1024, 1025, 2048, 6143, 6144, 7168, 1024.5, True, "1", UNKNOWN, None
            )
        },
    ),
    Grid(
        "concurrency",
        {"config": {"ProductionVariants": [SERVERLESS]}},
        {
            f"{VARIANT}.ServerlessConfig.MaxConcurrency": numbers(1, 5, UNKNOWN, None),
            f"{VARIANT}.ServerlessConfig.ProvisionedConcurrency": numbers(0, 1, 2, 5, 6, UNKNOWN, None),
        },
    ),
    Grid(
        "managed scaling",
        PLAIN,
        {
            f"{VARIANT}.ManagedInstanceScaling.MinInstanceCount": {"absent": ABSENT, **numbers(0, 1, 2, UNKNOWN)},
            f"{VARIANT}.ManagedInstanceScaling.MaxInstanceCount": {"absent": ABSENT, **numbers(1, 2, UNKNOWN)},
        },
    ),
    Grid(
        "prefix-aware routing",
        PLAIN,
        {
            f"{VARIANT}.RoutingConfig.RoutingStrategy": {
                "absent": ABSENT,
                **numbers("PREFIX_AWARE", "RANDOM", UNKNOWN),
            },
            f"{VARIANT}.RoutingConfig.PrefixAwareRoutingConfig": {
                **presence({}),
                "length": {"PrefixLength": 256},
                "both": {"PrefixLength": 256, "ConcurrencyThreshold": 1},
                "null and open": {"PrefixLength": None, "ConcurrencyThreshold": UNKNOWN},
            },
        },
    ),
    Grid(
        "layouts",
        PLAIN,
        {
            f"{VARIANT}.AcceleratorPartitionLayouts": {
                **presence([{}]),
                "none": [],
                "two": [{}, {}],
                "one and open": [{}, UNKNOWN],
                "three, one open": [{}, UNKNOWN, {}],
            }
        },
    ),
    Grid("accelerators", PLAIN, {f"{VARIANT}.AcceleratorType": presence("ml.eia1.medium")}),
    Grid(
        "pools beside a type",
        PLAIN,
        {
            f"{VARIANT}.InstanceType": presence("ml.m5.large"),
            f"{VARIANT}.InstancePools": {
                "none": [],
                "open item": [UNKNOWN],
                "one": [{"InstanceType": "ml.m5.large"}],
            },
        },
    ),
]


def _tags(*keys: object) -> list[dict[str, object]]:
    return [{"Key": key, "Value": "v"} for key in keys]


TAGS: Final = [
    Grid(
        "tags",
        {**ENDPOINT},
        {
            "endpoint.Tags": {
                **presence([]),
                "a, b": _tags("a", "b"),
                "a, A": _tags("a", "A"),
                "a, a, a": _tags("a", "a", "a"),
                "a, open": _tags("a", UNKNOWN),
                "open": _tags(UNKNOWN),
                "a, pattern": _tags("a", Pattern("*")),
                "a, 7": _tags("a", 7),
                "aws:": _tags("aws:", "AWS:x", "Aws:cloudformation:stack-name"),
                "aws": _tags("aws", "awsx:", "xaws:", "aw:s"),
                "aws: twice": _tags("aws:x", "aws:x"),
            }
        },
    ),
    Grid(
        "tags of each request",
        {**ENDPOINT, **PLAIN, "models": [{"ModelName": "m", "PrimaryContainer": {}}]},
        {
            "endpoint.Tags": {"two": _tags("a", "a")},
            "config.Tags": {"two": _tags("b", "b", "aws:b")},
            "models.0.Tags": {"two": _tags("c", "c", "aws:c")},
        },
    ),
]

CONTAINER: Final = {"Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/i:1"}
IN_MODEL: Final = "models.0"
PRIMARY: Final = f"{IN_MODEL}.PrimaryContainer"


def _model(**members: object) -> dict[str, Any]:
    return {"models": [{"ModelName": "m", **members}]}


def _hosts(*names: object) -> list[dict[str, object]]:
    return [{**CONTAINER, "ContainerHostname": name} if name is not ABSENT else dict(CONTAINER) for name in names]


def _of_size(size: int) -> dict[str, str]:
    """An environment of that many bytes: keys of 8 bytes, values of at most 1,016."""
    whole, rest = divmod(size, 1024)
    environment = {f"k{at:07}": "v" * 1016 for at in range(whole)}
    return {**environment, **({"r": "v" * (rest - 1)} if rest else {})}


LOGIN: Final = {"RepositoryCredentialsProviderArn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}
TWO_CONTAINERS: Final = [CONTAINER, CONTAINER]
FEATURES: Final[dict[str, dict[str, object]]] = {
    "nothing": {"PrimaryContainer": CONTAINER},
    "a pipeline": {"Containers": TWO_CONTAINERS},
    "a pipeline of one": {"Containers": [CONTAINER]},
    "a network": {"PrimaryContainer": CONTAINER, "VpcConfig": {}},
    "an open network": {"PrimaryContainer": CONTAINER, "VpcConfig": UNKNOWN},
    "no network": {"PrimaryContainer": CONTAINER, "VpcConfig": None},
    "isolation": {"PrimaryContainer": CONTAINER, "EnableNetworkIsolation": True},
    "open isolation": {"PrimaryContainer": CONTAINER, "EnableNetworkIsolation": UNKNOWN},
    "no isolation": {"PrimaryContainer": CONTAINER, "EnableNetworkIsolation": False},
    "null isolation": {"PrimaryContainer": CONTAINER, "EnableNetworkIsolation": None},
    "a data source": {"PrimaryContainer": {**CONTAINER, "ModelDataSource": {"S3DataSource": {}}}},
    "an open data source": {"PrimaryContainer": {**CONTAINER, "ModelDataSource": UNKNOWN}},
    "several models": {"PrimaryContainer": {**CONTAINER, "Mode": "MultiModel"}},
    "a private registry": {"PrimaryContainer": {**CONTAINER, "ImageConfig": {"RepositoryAccessMode": "Vpc"}}},
    "the platform's registry": {"PrimaryContainer": {**CONTAINER, "ImageConfig": {"RepositoryAccessMode": "Platform"}}},
    "several models in a pipeline": {"Containers": [{**CONTAINER, "Mode": "MultiModel"}, CONTAINER]},
}

MODELS: Final = [
    Grid(
        "containers",
        _model(),
        {
            f"{IN_MODEL}.PrimaryContainer": presence(CONTAINER),
            f"{IN_MODEL}.Containers": {"absent": ABSENT, "null": None, "open": UNKNOWN, "there": [CONTAINER]},
        },
    ),
    Grid(
        "host names",
        _model(),
        {
            f"{IN_MODEL}.Containers": {
                "a, b": _hosts("a", "b"),
                "a, a": _hosts("a", "a"),
                "a, b, a, a": _hosts("a", "b", "a", "a"),
                "none": _hosts(ABSENT, ABSENT),
                "a, none": _hosts("a", ABSENT),
                "none, a, null": _hosts(ABSENT, "a", None),
                "open, none": _hosts(UNKNOWN, ABSENT),
                "open, a, none": _hosts(UNKNOWN, "a", ABSENT),
                "open": _hosts(UNKNOWN),
                "a, open": _hosts("a", UNKNOWN),
                "a, 7": _hosts("a", 7),
            }
        },
    ),
    Grid(
        "logins of registries",
        _model(PrimaryContainer=CONTAINER),
        {
            f"{PRIMARY}.ImageConfig.RepositoryAccessMode": {"absent": ABSENT, **numbers("Vpc", "Platform", UNKNOWN)},
            f"{PRIMARY}.ImageConfig.RepositoryAuthConfig": presence(LOGIN),
        },
    ),
    Grid(
        "sizes of an environment",
        _model(PrimaryContainer=CONTAINER),
        {
            f"{PRIMARY}.Environment": {
                "a value of 1024": {"k": "v" * 1024},
                "a value of 1025": {"k": "v" * 1025},
                "a key of 1024": {"k" * 1024: ""},
                "a key of 1025": {"k" * 1025: "v"},
                "513 characters of two bytes": {"k": "é" * 513},
                "512 characters of two bytes": {"k": "é" * 512},
                "half a character": {"k": "\ud800" * 342},
                "32768 together": _of_size(32768),
                "32769 together": _of_size(32769),
                "open": UNKNOWN,
                "null": None,
                "open value": {"k": UNKNOWN, "l": 7},
                "no object": [],
            }
        },
    ),
    Grid(
        "sizes of several environments",
        _model(Containers=[CONTAINER]),
        {
            f"{IN_MODEL}.Containers": {
                "16384 and 16384": [{"Environment": _of_size(16384)}, {"Environment": _of_size(16384)}],
                "16384 and 16385": [{"Environment": _of_size(16384)}, {"Environment": _of_size(16385)}],
                "32769, 1": [{"Environment": _of_size(32769)}, {"Environment": {"k": ""}}],
                "32768, none, 1": [{"Environment": _of_size(32768)}, {}, {"Environment": {"k": ""}}],
            }
        },
    ),
    Grid(
        "environments of two models",
        {"models": [{"PrimaryContainer": CONTAINER}, {"PrimaryContainer": CONTAINER}]},
        {
            "models.0.PrimaryContainer.Environment": {"20000": _of_size(20000)},
            "models.1.PrimaryContainer.Environment": {"20000": _of_size(20000)},
        },
    ),
    Grid(
        "prefixes",
        _model(PrimaryContainer=CONTAINER),
        {
            f"{PRIMARY}.ModelDataSource.S3DataSource.S3DataType": numbers("S3Prefix", "S3Object", UNKNOWN, None),
            f"{PRIMARY}.ModelDataSource.S3DataSource.S3Uri": {
                "absent": ABSENT,
                **numbers("s3://b/k", "s3://b/k/", UNKNOWN),
            },
        },
    ),
    Grid(
        "prefixes of more data",
        _model(PrimaryContainer=CONTAINER),
        {
            f"{PRIMARY}.AdditionalModelDataSources": {
                "two": [
                    {"ChannelName": "a"},
                    {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/a"}},
                    {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/a"}},
                ]
            }
        },
    ),
    Grid(
        "data sources",
        _model(PrimaryContainer=CONTAINER),
        {
            f"{PRIMARY}.ModelDataSource": {
                **presence({}),
                "null": {"S3DataSource": None},
                "open source": {"S3DataSource": UNKNOWN},
                "whole": {"S3DataSource": {}},
            },
            f"{PRIMARY}.Mode": numbers("SingleModel", "MultiModel", UNKNOWN),
        },
    ),
    Grid(
        "frequencies of containers",
        _model(PrimaryContainer=CONTAINER),
        {
            f"{PRIMARY}.ContainerMetricsConfig.MetricsEndpoints": {
                word: [{"MetricPublishFrequencyInSeconds": value}, {}] for word, value in numbers(*FREQUENCIES).items()
            }
        },
    ),
    Grid(
        "what a serverless variant hosts",
        {"config": {"ProductionVariants": [SERVERLESS]}},
        {
            f"{VARIANT}.ServerlessConfig": {"there": {}, "open": UNKNOWN},
            "models": {name: [{"ModelName": "m", **members}] for name, members in FEATURES.items()},
        },
    ),
    Grid(
        "what shadow variants host",
        {"config": {"ProductionVariants": [ON_INSTANCES], "ShadowProductionVariants": [SECOND]}},
        {"models": {name: [{"ModelName": "m", **members}] for name, members in FEATURES.items()}},
    ),
    Grid(
        "what variants without shadows host",
        PLAIN,
        {"models": {name: [{"ModelName": "m", **members}] for name, members in FEATURES.items()}},
    ),
    Grid(
        "which model a variant hosts",
        {"config": {"ProductionVariants": [SERVERLESS], "ShadowProductionVariants": [SECOND]}, "models": []},
        {
            f"{VARIANT}.ModelName": {"m": "m", "n": "n", "open": UNKNOWN, "null": None},
            f"{VARIANT}.InstancePools": {"absent": ABSENT, "m": [{"ModelNameOverride": "m"}]},
            "models": {
                name: [{"ModelName": name, "Containers": [{"Mode": "MultiModel"}, CONTAINER]}] for name in ("m", "n")
            }
            | {"open": [{"ModelName": UNKNOWN, "Containers": TWO_CONTAINERS}]},
        },
    ),
]
CONCURRENCY: Final = "sagemaker:variant:DesiredProvisionedConcurrency"
INSTANCES: Final = "sagemaker:variant:DesiredInstanceCount"
TARGET: Final = "resources.RegisterScalableTarget"
SCALES: Final = "resources.PutScalingPolicy"
TRACKING: Final = "TargetTrackingScalingPolicyConfiguration"
MADE: Final = {
    "endpoint": {"EndpointName": "churn", "EndpointConfigName": "c"},
    "config": {"EndpointConfigName": "c", "ProductionVariants": [{**ON_INSTANCES, "VariantName": "all-traffic"}]},
}
REGISTERED: Final = {**SCALED, "ResourceId": "endpoint/churn/variant/all-traffic", "MinCapacity": 1, "MaxCapacity": 4}
IDS: Final = (
    "endpoint/churn/variant/all-traffic",
    "endpoint/churn/variant/all-trafic",
    "endpoint/chrn/variant/all-traffic",
    "endpoint/x/variant/all-traffic",
    "endpoint/churn/variant/",
    "endpoint/churn/variant/a_b",
    "endpoint/-churn/variant/a",
    "endpoint/churn-/variant/a",
    "endpoint/c/variant/a",
    "endpoint/*/variant/a",
    "endpoint/churn",
    "endpoint/churn/variant/all-traffic/more",
    "inference-component/mine",
    "inference-component/yours",
    "inference-component/",
    "Endpoint/churn/variant/all-traffic",
    "table/mine",
    "",
)
ID_PATTERNS: Final = (
    "endpoint/churn/variant/*",
    "endpoint/*/variant/all-traffic",
    "endpoint/*/variant/*",
    "endpoint/churn/variant/all-*",
    "inference-component/*",
    "inference-component/mi*",
    "*",
)
COMPONENT: Final = REQUESTS["CreateInferenceComponent"]

SCALING: Final = [
    Grid(
        "what is scaled",
        {**MADE, "resources": {"RegisterScalableTarget": REGISTERED, "CreateInferenceComponent": COMPONENT}},
        {
            "resources.CreateInferenceComponent.InferenceComponentName": {"mine": "mine"},
            "resources.CreateInferenceComponent.VariantName": {"there": "all-traffic"},
            f"{TARGET}.ResourceId": {
                **numbers(*IDS),
                **{f"pattern {text}": Pattern(text) for text in ID_PATTERNS},
                **numbers(UNKNOWN, 7, None),
            },
            f"{TARGET}.ScalableDimension": numbers(INSTANCES, COPIES),
        },
    ),
    Grid(
        "what is scaled of another service",
        {**MADE, "resources": {"RegisterScalableTarget": REGISTERED}},
        {
            f"{TARGET}.ServiceNamespace": {"absent": ABSENT, **numbers("sagemaker", "dynamodb", UNKNOWN)},
            f"{TARGET}.ResourceId": numbers("table/mine"),
        },
    ),
    Grid(
        "dimensions",
        {**MADE, "resources": {"RegisterScalableTarget": REGISTERED}},
        {
            IN_CONFIG: {
                "on instances": [{**ON_INSTANCES, "VariantName": "all-traffic"}],
                "serverless": [{**SERVERLESS, "VariantName": "all-traffic"}],
                "maybe": [{**MAYBE, "VariantName": "all-traffic"}],
                "second": [ON_INSTANCES, {**SERVERLESS, "VariantName": "all-traffic"}],
            },
            f"{TARGET}.ScalableDimension": numbers(INSTANCES, CONCURRENCY, COPIES, "other", UNKNOWN, 7),
        },
    ),
    Grid(
        "the endpoint that is scaled",
        {**MADE, "resources": {"RegisterScalableTarget": REGISTERED}},
        {
            "endpoint": {
                "absent": None,
                "churn": {"EndpointName": "churn"},
                "Churn": {"EndpointName": "Churn"},
                "open": {"EndpointName": UNKNOWN},
                "without": {},
            },
            f"{TARGET}.ResourceId": numbers("endpoint/churn/variant/no", "endpoint/churn/variant/all-traffic"),
        },
    ),
    Grid(
        "variants that may be there",
        {**MADE, "resources": {"RegisterScalableTarget": {**REGISTERED, "ResourceId": "endpoint/churn/variant/x"}}},
        {
            IN_CONFIG: {
                "absent": None,
                "open": UNKNOWN,
                "none": [],
                "open item": [ON_INSTANCES, UNKNOWN],
                "open name": _named("a", UNKNOWN),
                "pattern": _named("a", Pattern("x*")),
                "no name": _named("a", None),
                "a, x": _named("a", "x"),
                "open, x": _named(UNKNOWN, "x"),
                "a, xx": _named("a", "xx"),
            },
            "config.ShadowProductionVariants": {"absent": ABSENT, "x": _named("x"), "open": UNKNOWN, "null": None},
        },
    ),
    Grid(
        "capacities",
        {**MADE, "resources": {"RegisterScalableTarget": REGISTERED}},
        {
            f"{TARGET}.MinCapacity": numbers(-1, 0, 1, 2, UNKNOWN, None, False, 1.5),
            f"{TARGET}.MaxCapacity": numbers(-1, 0, 1, UNKNOWN, None, False),
        },
    ),
    Grid(
        "capacities that are needed",
        {"endpoint": None, "config": None, "resources": {"RegisterScalableTarget": SCALED}},
        {
            "endpoint": {"absent": None, "there": MADE["endpoint"]},
            "config": {"there": MADE["config"]},
            f"{TARGET}.ResourceId": {"there": "endpoint/churn/variant/all-traffic"},
            f"{TARGET}.MinCapacity": {"absent": ABSENT, "null": None, "0": 0},
        },
        tools=(Tool.SDK, Tool.CLOUDFORMATION, Tool.TERRAFORM),
        updates=(False, True),
    ),
    Grid(
        "capacities of zero",
        {**MADE, "resources": {"RegisterScalableTarget": REGISTERED}},
        {
            "config.AsyncInferenceConfig": presence({}),
            f"{TARGET}.ScalableDimension": numbers(INSTANCES, CONCURRENCY, COPIES, UNKNOWN),
            f"{TARGET}.MinCapacity": numbers(0, 1),
        },
    ),
    Grid(
        "types of policies",
        {**MADE, "resources": {"PutScalingPolicy": {**SCALED, "ResourceId": IDS[0], "PolicyName": "p"}}},
        {
            f"{SCALES}.PolicyType": {
                "absent": ABSENT,
                **numbers("StepScaling", "TargetTrackingScaling", "PredictiveScaling", "Other", UNKNOWN),
            },
            f"{SCALES}.StepScalingPolicyConfiguration": {"absent": ABSENT, "null": None, "there": {}},
            f"{SCALES}.{TRACKING}": {"absent": ABSENT, "open": UNKNOWN},
        },
        tools=(Tool.SDK, Tool.CLOUDFORMATION),
    ),
    Grid(
        "metrics of a policy",
        {**MADE, "resources": {"PutScalingPolicy": {**SCALED, "ResourceId": IDS[0], "PolicyName": "p"}}},
        {
            f"{SCALES}.PolicyType": {"tracking": "TargetTrackingScaling"},
            f"{SCALES}.{TRACKING}.PredefinedMetricSpecification": presence({}),
            f"{SCALES}.{TRACKING}.CustomizedMetricSpecification": presence({}),
        },
    ),
    Grid(
        "predefined metrics",
        {**MADE, "resources": {"PutScalingPolicy": {**SCALED, "ResourceId": IDS[0], "PolicyName": "p"}}},
        {
            f"{SCALES}.PolicyType": {"tracking": "TargetTrackingScaling"},
            f"{SCALES}.ScalableDimension": numbers(INSTANCES, CONCURRENCY, COPIES, UNKNOWN),
            f"{SCALES}.{TRACKING}.PredefinedMetricSpecification.PredefinedMetricType": {
                "absent": ABSENT,
                **numbers(
                    "SageMakerVariantInvocationsPerInstance",
                    "SageMakerInferenceComponentInvocationsPerCopy",
                    "ECSServiceAverageCPUUtilization",
                    "Other",
                    UNKNOWN,
                    None,
                    7,
                ),
            },
        },
    ),
]


def _component(**members: object) -> dict[str, Any]:
    return {**MADE, "resources": {"CreateInferenceComponent": {**COMPONENT, "VariantName": "all-traffic", **members}}}


def _needs(least: object, most: object) -> dict[str, object]:
    members = {"MinMemoryRequiredInMb": least, "MaxMemoryRequiredInMb": most}
    return {"ComputeResourceRequirements": {name: value for name, value in members.items() if value is not ABSENT}}


OF_COMPONENT: Final = "resources.CreateInferenceComponent"
ALARM: Final = "resources.PutMetricAlarm"
PACKAGE: Final = "resources.CreateModelPackage"

RESOURCES: Final = [
    Grid(
        "specifications",
        _component(),
        {
            f"{OF_COMPONENT}.Specification": {"null": None, "open": UNKNOWN, "there": {}},
            f"{OF_COMPONENT}.Specifications": presence([{}]),
        },
    ),
    Grid(
        "memory of components",
        _component(),
        {
            f"{OF_COMPONENT}.Specification": {
                f"{least} to {most}": _needs(least, most)
                for least, most in itertools.product((1024, 1025, ABSENT, UNKNOWN), (1024, ABSENT, UNKNOWN))
            }
            | {"none": {}, "open": UNKNOWN},
        },
    ),
    Grid(
        "memory of several specifications",
        _component(),
        {
            f"{OF_COMPONENT}.Specification": {"null": None},
            f"{OF_COMPONENT}.Specifications": {
                "second": [
                    {"InstanceType": "ml.m5.large"},
                    {"InstanceType": "ml.m5.large", **_needs(2, 1)},
                    {"InstanceType": "ml.m5.large", **_needs(4, 3)},
                ],
                "one": [{}],
                "two": [{}, {"InstanceType": None}],
                "open": [{}, UNKNOWN],
                "open type": [{"InstanceType": UNKNOWN}, {}],
            },
        },
    ),
    Grid(
        "variants of components",
        _component(),
        {
            "endpoint": {
                "absent": None,
                "churn": {"EndpointName": "churn"},
                "other": {"EndpointName": "other"},
                "open": {"EndpointName": UNKNOWN},
            },
            f"{OF_COMPONENT}.EndpointName": numbers("churn", UNKNOWN, None),
            f"{OF_COMPONENT}.VariantName": numbers("all-traffic", "all-trafic", UNKNOWN, None, 7),
        },
    ),
    Grid(
        "what an alarm watches",
        {"resources": {"PutMetricAlarm": {"AlarmName": "a", "ComparisonOperator": "x", "EvaluationPeriods": 1}}},
        {
            f"{ALARM}.MetricName": presence("m"),
            f"{ALARM}.Metrics": presence([]),
            f"{ALARM}.EvaluationCriteria": {"absent": ABSENT, "null": None, "there": {}},
        },
    ),
    Grid(
        "what an alarm needs",
        {"resources": {"PutMetricAlarm": {"AlarmName": "a"}}},
        {
            f"{ALARM}.EvaluationCriteria": presence({}),
            f"{ALARM}.ComparisonOperator": {"absent": ABSENT, "null": None, "open": UNKNOWN},
            f"{ALARM}.EvaluationPeriods": {"absent": ABSENT, "0": 0},
            f"{ALARM}.MetricName": {"absent": ABSENT, "there": "m"},
        },
    ),
    Grid(
        "missing data",
        {"resources": {"PutMetricAlarm": {**REQUESTS["PutMetricAlarm"]}}},
        {
            f"{ALARM}.TreatMissingData": numbers(
                "breaching", "notBreaching", "ignore", "missing", "Missing", "", "breach", UNKNOWN, None, 7
            )
        },
    ),
    Grid(
        "names of packages",
        {"resources": {"CreateModelPackage": {}}},
        {
            f"{PACKAGE}.ModelPackageName": presence("p"),
            f"{PACKAGE}.ModelPackageGroupName": presence("g"),
        },
    ),
    Grid(
        "tags of packages",
        {"resources": {"CreateModelPackage": {"ModelPackageName": "p"}, "CreateModelPackageGroup": {}}},
        {
            f"{PACKAGE}.Tags": {"two": _tags("a", "a")},
            "resources.CreateModelPackageGroup.Tags": {"two": _tags("aws:a")},
        },
    ),
]

PLACES: Final = (
    None,
    RequestPlace("aws", "eu-west-1", "123456789012"),
    RequestPlace("aws", "eu-west-1"),
    RequestPlace("aws-cn", "cn-north-1", "123456789012"),
)
ROLES: Final = (
    "arn:aws:iam::123456789012:role/r",
    "arn:aws:iam::210987654321:role/r",
    "arn:aws-cn:iam::123456789012:role/r",
    "arn:aws:sts::210987654321:assumed-role/r/s",
    "r",
    UNKNOWN,
)
OF_TARGETS: Final = [
    Grid(
        "roles",
        {"config": {}, "models": [{}]},
        {"config.ExecutionRoleArn": numbers(*ROLES)},
        targets=PLACES,
    ),
    Grid(
        "roles of models",
        {"models": [{}, {}]},
        {"models.0.ExecutionRoleArn": numbers(ROLES[3]), "models.1.ExecutionRoleArn": numbers(ROLES[1], ROLES[2])},
        targets=PLACES,
    ),
    Grid(
        "keys",
        PLAIN,
        {
            "config.KmsKeyId": numbers(
                "arn:aws:kms:eu-west-1:123456789012:key/1234",
                "arn:aws:kms:eu-west-2:123456789012:key/1234",
                "arn:aws-cn:kms:cn-north-1:123456789012:key/1234",
                "arn:aws-cn:kms:eu-west-1:123456789012:key/1234",
                "1234",
                "arn:aws:s3:us-east-1:123456789012:x",
                UNKNOWN,
            )
        },
        targets=PLACES,
    ),
    Grid("no config", ENDPOINT, {"endpoint.KmsKeyId": numbers("x")}, targets=PLACES[:2]),
]

GRIDS: Final[Mapping[str, Sequence[Grid]]] = {
    "guardrails": GUARDRAILS,
    "configs": CONFIGS,
    "variants": OF_VARIANTS,
    "tags": TAGS,
    "models": MODELS,
    "scaling": SCALING,
    "resources": RESOURCES,
    "targets": OF_TARGETS,
}
