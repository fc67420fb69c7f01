"""What the checks that read SageMaker say of what a Region has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from iamcheck.checks.plan import NotKnownError
from iamcheck.checks.sagemaker import (
    alarms,
    endpoint_config,
    endpoint_config_unused,
    endpoint_name,
    model_name,
    models,
    quota,
)
from iamcheck.checks.sagemaker.variants import variants_of
from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ModelRequest, ProductionVariant
from iamcheck.deployment.located import UNKNOWN
from iamcheck.errors import AwsUnavailableError
from tests.server import json_answer
from tests.unit.checks import reads_of, refusal
from tests.unit.checks.scenarios.common import KEY, Here
from tests.whole_results import error_text, result_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from iamcheck.aws.reads import RegionReads
    from iamcheck.results import CheckResult
    from tests.server import LoopbackAws

    Check = Callable[[RegionReads], CheckResult]

DENIED = "AccessDeniedException"


def scenario(
    check: Check,
    has: Callable[[LoopbackAws], None] = lambda _: None,
    *,
    answers: Mapping[str, Any] | None = None,
    refuses: Sequence[str] = (),
) -> Callable[[Here], str]:
    """What a check says, in an AWS that has something, gives other answers or refuses."""

    def run(here: Here) -> str:
        assert here.aws is not None
        has(here.aws)
        for action, answer in (answers or {}).items():
            if action not in refuses:
                here.aws.hook(action, _answering(answer))
        for action in refuses:
            here.aws.hook(action, refusal(DENIED, f"not authorized to perform {action}"))
        try:
            return result_text(check(reads_of(here.aws)))
        except NotKnownError as error:
            return f"not known: {error.reason} | {error.cure}"
        except AwsUnavailableError as error:
            return error_text(error)

    return run


def _answering(answer: Any) -> Any:  # noqa: ANN401  what AWS answers, by the name that is asked for or whatever is
    def give(call: Any) -> Any:  # noqa: ANN401  a call
        named = answer if not callable(answer) else answer(call.parameters)
        return named(call) if callable(named) else json_answer(named)

    return give


def endpoints(*rows: tuple[str, str, str], **more: Any) -> dict[str, Any]:  # noqa: ANN401  members of answers
    """A Region's endpoints: name, state, endpoint config; `more` are members of DescribeEndpoint by name."""
    by_name = {
        name: {"EndpointName": name, "EndpointStatus": state, "EndpointConfigName": config, **more.get(name, {})}
        for name, state, config in rows
    }
    listed = [{"EndpointName": name, "EndpointStatus": state} for name, state, _ in rows]
    missing = refusal("ValidationException", "Could not find endpoint")
    return {
        "sagemaker:ListEndpoints": {"Endpoints": listed},
        "sagemaker:DescribeEndpoint": lambda asked: by_name.get(asked["EndpointName"], missing),
    }


def config(**members: Any) -> dict[str, Any]:  # noqa: ANN401  members of DescribeEndpointConfig
    return {"sagemaker:DescribeEndpointConfig": {"EndpointConfigName": "churn-v7", **members}}


def variant(instance_type: str | None = "ml.m5.large", count: int | None = 2, **more: Any) -> ProductionVariant:  # noqa: ANN401  members
    return ProductionVariant(
        **{
            "model_name": "churn",
            "instance_type": instance_type,
            "is_serverless": False,
            "initial_instance_count": count,
            **more,
        }
    )


def quotas(applied: Mapping[str, float], default: Mapping[str, float] | None = None) -> dict[str, Any]:
    def listed(values: Mapping[str, float]) -> dict[str, Any]:
        return {"Quotas": [{"QuotaName": name, "Value": value} for name, value in values.items()]}

    return {
        "servicequotas:ListServiceQuotas": listed(applied),
        "servicequotas:ListAWSDefaultServiceQuotas": listed(default or {}),
    }


def on_quota(
    needed: Sequence[ProductionVariant],
    has: Mapping[str, Any],
    *,
    updates: bool = False,
    rolls: bool | None = False,
    applied: Mapping[str, float] | None = None,
    default: Mapping[str, float] | None = None,
    there: Mapping[str, Any] | None = None,
) -> Callable[[Here], str]:
    values = {"ml.m5.large for endpoint usage": 4} if applied is None else applied
    types = {"ProductionVariants": [{"VariantName": "a", "InstanceType": "ml.m5.large"}], **(there or {})}
    return scenario(
        lambda reads: quota.instances(quota.InstanceDemand(needed, updates=updates, rolls=rolls), reads),
        answers={**has, **quotas(values, default), **config(**types)},
    )


def counts(current: int | None, desired: int | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401  members
    both = {"CurrentInstanceCount": current, "DesiredInstanceCount": desired}
    return {"VariantName": "a", **{name: count for name, count in both.items() if count is not None}, **more}


def using(*variants: Mapping[str, Any], state: str = "InService", **more: Any) -> dict[str, Any]:  # noqa: ANN401  members
    return endpoints(("other", state, "churn-v7"), other={"ProductionVariants": list(variants), **more})


def endpoint_request(*names: str) -> EndpointRequest:
    return EndpointRequest(alarm_names=names)


def model(name: object) -> ModelRequest:
    return ModelRequest(name=name)  # type: ignore[arg-type]  # UNKNOWN too


def make_models(*names: str) -> Callable[[LoopbackAws], None]:
    def make(aws: LoopbackAws) -> None:
        for name in names:
            aws.sagemaker.create_model(name)

    return make


def make_alarms(*names: str) -> Callable[[LoopbackAws], None]:
    def make(aws: LoopbackAws) -> None:
        for name in names:
            aws.create_alarm(name)

    return make


def existing_variants(reads: RegionReads, request: ConfigRequest | None, expected: str) -> CheckResult:
    """The instances that the variants need, which are those of what exists where it may."""
    return quota.instances(quota.InstanceDemand(variants_of(request, "churn-v7", expected, reads)), reads)


REQUEST = ConfigRequest(variants=(variant(count=3),))
TOTAL = "Total endpoint instances"
M5, G5 = "ml.m5.large for endpoint usage", "ml.g5.xlarge for endpoint usage"
PENDING = {"PendingDeploymentSummary": {"EndpointConfigName": "churn-v7"}}
SCENARIOS: dict[str, Callable[[Here], str]] = {
    # --- endpoint-config.ready
    **{
        f"endpoint config, {there}, {expected} expected": scenario(
            lambda reads, expected=expected: endpoint_config.ready("churn-v7", expected, reads),  # type: ignore[misc]
            answers=config(**members) if there != "missing" else {},
        )
        for expected in ("new", "existing", "any")
        for there, members in (
            ("missing", {}),
            ("there", {}),
            ("spelled otherwise", {"EndpointConfigName": "Churn-V7"}),
            ("with a key", {"KmsKeyId": KEY}),
        )
    },
    "endpoint config, with the key that is known": scenario(
        lambda reads: endpoint_config.ready("churn-v7", "existing", reads, known_key=KEY), answers=config(KmsKeyId=KEY)
    ),
    "endpoint config, with another key than is known": scenario(
        lambda reads: endpoint_config.ready("churn-v7", "any", reads, known_key=f"{KEY[:-1]}a"),
        answers=config(KmsKeyId=KEY),
    ),
    "endpoint config, without the key that is known": scenario(
        lambda reads: endpoint_config.ready("churn-v7", "existing", reads, known_key=KEY), answers=config(KmsKeyId="")
    ),
    "endpoint config, not to be read": scenario(
        lambda reads: endpoint_config.ready("churn-v7", "new", reads), refuses=["sagemaker:DescribeEndpointConfig"]
    ),
    # --- endpoint-name.ready
    **{
        f"endpoint, {state}, {expected} expected": scenario(
            lambda reads, expected=expected: endpoint_name.ready("churn", expected, reads),  # type: ignore[misc]
            answers=endpoints(*([("churn", state, "c")] if state != "missing" else [])),
        )
        for expected in ("new", "existing")
        for state in ("missing", "InService", "Deleting", "Failed", "Updating", "Sideways")
    },
    "endpoint of another spelling, new expected": scenario(
        lambda reads: endpoint_name.ready("churn", "new", reads), answers=endpoints(("Churn", "InService", "c"))
    ),
    "endpoint of another spelling, existing expected": scenario(
        lambda reads: endpoint_name.ready("churn", "existing", reads),
        answers={"sagemaker:DescribeEndpoint": {"EndpointName": "Churn", "EndpointStatus": "InService"}},
    ),
    "endpoint that may not be described, but is listed": scenario(
        lambda reads: endpoint_name.ready("churn", "new", reads),
        answers=endpoints(("churn", "InService", "c")),
        refuses=["sagemaker:DescribeEndpoint"],
    ),
    "endpoint that is described, but may not be listed": scenario(
        lambda reads: endpoint_name.ready("churn", "new", reads),
        answers=endpoints(("churn", "InService", "c")),
        refuses=["sagemaker:ListEndpoints"],
    ),
    "no endpoint, and none may be listed": scenario(
        lambda reads: endpoint_name.ready("churn", "new", reads),
        answers=endpoints(),
        refuses=["sagemaker:ListEndpoints"],
    ),
    "no endpoint among others": scenario(
        lambda reads: endpoint_name.ready("churn", "new", reads),
        answers=endpoints(("churn-2", "InService", "c"), ("a-churn", "Failed", "c")),
    ),
    # --- endpoint-config.unused
    **{
        f"endpoint config, used by an endpoint that is {state}": scenario(
            lambda reads: endpoint_config_unused.unused("churn-v7", reads),
            answers=endpoints(("churn", state, "churn-v7"), ("other", "InService", "other")),
        )
        for state in ("InService", "Updating", "Deleting", "Failed", "RollingBack")
    },
    "endpoint config, used by two endpoints": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers=endpoints(("a", "InService", "churn-v7"), ("b", "Creating", "churn-v7"), ("c", "Failed", "churn-v7")),
    ),
    "endpoint config, of an update that is in progress": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers=endpoints(("a", "Updating", "churn-v6"), a=PENDING),
    ),
    "endpoint config, of another spelling": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers=endpoints(("a", "InService", "Churn-v7"), ("b", "Deleting", "Churn-v7")),
    ),
    "endpoint config, beside one that rolls back": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers=endpoints(("a", "RollingBack", "x"), ("b", "UpdateRollbackFailed", "y"), ("c", "InService", "z")),
    ),
    "endpoint config, used by none of two": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers=endpoints(("a", "InService", "x"), ("b", "Failed", "churn-v7")),
    ),
    "endpoint config, used by none": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads), answers=endpoints()
    ),
    "endpoint config, used by one, and another may not be described": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers={
            **endpoints(("a", "InService", "churn-v7"), ("b", "InService", "x")),
            "sagemaker:DescribeEndpoint": lambda asked: {
                "a": {"EndpointName": "a", "EndpointStatus": "InService", "EndpointConfigName": "churn-v7"},
                "b": refusal(DENIED, "not b"),
            }[asked["EndpointName"]],
        },
    ),
    "endpoint config, used by none that may be described": scenario(
        lambda reads: endpoint_config_unused.unused("churn-v7", reads),
        answers={
            **endpoints(("a", "InService", "x"), ("b", "InService", "x")),
            "sagemaker:DescribeEndpoint": lambda asked: {
                "a": {"EndpointName": "a", "EndpointStatus": "InService", "EndpointConfigName": "x"},
                "b": refusal(DENIED, "not b"),
            }[asked["EndpointName"]],
        },
    ),
    # --- models.exist
    "models, there": scenario(lambda reads: models.exist([variant()], reads), make_models("churn")),
    "models, one of two missing": scenario(
        lambda reads: models.exist([variant(), variant(model_name="other")], reads), make_models("churn")
    ),
    "models, one made by the deployment": scenario(
        lambda reads: models.exist([variant(), variant(model_name="made")], reads, frozenset({"made"})),
        make_models("churn"),
    ),
    "models, all made by the deployment": scenario(
        lambda reads: models.exist([variant(), variant()], reads, frozenset({"churn"}))
    ),
    "models, made by the deployment, and some later": scenario(
        lambda reads: models.exist([variant(), variant(model_name=UNKNOWN)], reads, frozenset({"churn"}))
    ),
    "models, in pools": scenario(
        lambda reads: models.exist([variant(has_instance_pools=True)], reads), make_models("churn")
    ),
    "models, known in part": scenario(
        lambda reads: models.exist([variant(), variant(model_name=UNKNOWN)], reads), make_models("churn")
    ),
    "models, missing and known in part": scenario(
        lambda reads: models.exist([variant(), variant(model_name=UNKNOWN)], reads)
    ),
    "models, none named": scenario(lambda reads: models.exist([variant(model_name=None)], reads)),
    "models, not to be read": scenario(
        lambda reads: models.exist([variant()], reads), refuses=["sagemaker:DescribeModel"]
    ),
    # --- model-name.ready
    "names of models, free": scenario(lambda reads: model_name.ready([model("a"), model("b")], reads)),
    "names of models, one of two taken": scenario(
        lambda reads: model_name.ready([model("a"), model("b"), model("a")], reads), make_models("b")
    ),
    "names of models, taken by a stack": scenario(
        lambda reads: model_name.ready([model("a"), model("b")], reads, of_a_stack=True), make_models("b")
    ),
    "names of models, taken by what is deleted": scenario(
        lambda reads: model_name.ready([model("a"), model("b")], reads, deleted=["B"]), make_models("b")
    ),
    "names of models, taken by what is deleted and by another": scenario(
        lambda reads: model_name.ready([model("a"), model("b")], reads, deleted=["b"]), make_models("a", "b")
    ),
    "names of models, known in part": scenario(lambda reads: model_name.ready([model("a"), model(UNKNOWN)], reads)),
    "names of models, a pattern": scenario(lambda reads: model_name.ready([model("churn-*")], reads)),
    "names of models, not to be read": scenario(
        lambda reads: model_name.ready([model("a")], reads), refuses=["sagemaker:DescribeModel"]
    ),
    # --- alarms.exist
    "alarms, there": scenario(lambda reads: alarms.exist(endpoint_request("a", "b"), reads), make_alarms("a", "b")),
    "alarms, one of two missing": scenario(
        lambda reads: alarms.exist(endpoint_request("a", "b", "a"), reads), make_alarms("a", "c")
    ),
    "alarms, one made by the deployment": scenario(
        lambda reads: alarms.exist(endpoint_request("a", "made"), reads, frozenset({"made"})), make_alarms("a")
    ),
    "alarms, all made by the deployment": scenario(
        lambda reads: alarms.exist(endpoint_request("made", "too"), reads, frozenset({"made", "too"}))
    ),
    "alarms, none": scenario(lambda reads: alarms.exist(endpoint_request(), reads)),
    "alarms, not known": scenario(lambda reads: alarms.exist(None, reads)),
    "alarms, known later": scenario(lambda reads: alarms.exist(EndpointRequest(alarm_names=UNKNOWN), reads)),
    # --- quota.instances
    "quota, room": on_quota([variant()], endpoints()),
    "quota, room to the last instance": on_quota([variant()], using(counts(2))),
    "quota, no room for one": on_quota([variant()], using(counts(3))),
    "quota, counts that differ leave it open": on_quota([variant()], using(counts(2, 3))),
    "quota, counts that differ leave room": on_quota([variant()], using(counts(1, 2))),
    "quota, counts that differ leave none": on_quota([variant()], using(counts(4, 3))),
    "quota, a variant with the desired count alone": on_quota([variant()], using(counts(None, 1))),
    "quota, a variant without counts": on_quota([variant()], using(counts(None))),
    "quota, a count that is no number": on_quota([variant()], using({**counts(None), "CurrentInstanceCount": "two"})),
    "quota, a count below zero": on_quota([variant()], using(counts(-1))),
    "quota, no instance at all": on_quota([variant()], using(counts(0))),
    "quota, an endpoint that is deleted": on_quota([variant()], using(counts(4), state="Deleting")),
    "quota, an endpoint that failed": on_quota([variant()], using(counts(2), state="Failed")),
    "quota, an update in progress": on_quota(
        [variant()],
        using(
            counts(1),
            state="Updating",
            PendingDeploymentSummary={
                "EndpointConfigName": "churn-v7",
                "ProductionVariants": [counts(2, InstanceType="ml.m5.large")],
            },
        ),
    ),
    "quota, an update in progress without types": on_quota(
        [variant()],
        using(counts(1), PendingDeploymentSummary={"ProductionVariants": [counts(2)]}),
    ),
    "quota, a shadow variant": on_quota(
        [variant()],
        using(counts(1), ShadowProductionVariants=[counts(1, VariantName="s")]),
        there={"ShadowProductionVariants": [{"VariantName": "s", "InstanceType": "ml.m5.large"}]},
    ),
    "quota, a variant of another type": on_quota(
        [variant()], using(counts(4)), there={"ProductionVariants": [{"VariantName": "a", "InstanceType": "ml.x"}]}
    ),
    "quota, a variant whose type is not known": on_quota([variant()], using(counts(3, VariantName="gone"))),
    "quota, a serverless variant": on_quota(
        [variant()], using(counts(3, CurrentServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 5}))
    ),
    "quota, a variant that becomes serverless": on_quota(
        [variant()], using(counts(3, DesiredServerlessConfig={"MemorySizeInMB": 2048, "MaxConcurrency": 5}))
    ),
    "quota, pools": on_quota(
        [variant()],
        using(
            {
                "VariantName": "a",
                "InstancePools": [
                    {"InstanceType": "ml.m5.large", "CurrentInstanceCount": 1},
                    {"InstanceType": "ml.g5.xlarge", "CurrentInstanceCount": 3},
                ],
            }
        ),
    ),
    "quota, pools without counts": on_quota(
        [variant()], using({"VariantName": "a", "InstancePools": [{"InstanceType": "ml.m5.large"}]})
    ),
    "quota, two variants of two types": on_quota(
        [variant(), variant("ml.g5.xlarge", 1), variant(count=1)], using(counts(1)), applied={M5: 4, G5: 0, TOTAL: 9}
    ),
    "quota, no room over all types": on_quota(
        [variant()], using(counts(1), counts(3, VariantName="gone")), applied={M5: 9, TOTAL: 5.5}
    ),
    "quota, by default": on_quota([variant()], endpoints(), applied={}, default={M5: 1, G5: 0}),
    "quota, by default and applied": on_quota([variant()], endpoints(), applied={M5: 3}, default={M5: 1}),
    "quota, not listed": on_quota([variant(), variant("ml.g5.xlarge")], endpoints(), applied={TOTAL: 9}),
    "quota, not listed, and another is full": on_quota(
        [variant(), variant("ml.g5.xlarge")], endpoints(), applied={M5: 1}
    ),
    "quota, not listed, and another is tight": on_quota(
        [variant(), variant("ml.g5.xlarge")], using(counts(2, 3)), applied={M5: 4}
    ),
    "quota, an update by blue and green": on_quota([variant(count=3)], using(counts(2)), updates=True),
    "quota, a rolling update": on_quota([variant(count=3)], using(counts(2)), updates=True, rolls=True),
    "quota, an update that may roll": on_quota([variant(count=3)], using(counts(2)), updates=True, rolls=None),
    "quota, a rolling update without room for one": on_quota(
        [variant(count=3)], using(counts(4)), updates=True, rolls=True
    ),
    "quota, a rolling update of nothing": on_quota([variant(count=0)], using(counts(4)), updates=True, rolls=True),
    "quota, no update and rolling": on_quota([variant(count=3)], using(counts(2)), rolls=True),
    "quota, serverless": on_quota([variant(None, None, is_serverless=True)], endpoints()),
    "quota, serverless and not": on_quota([variant(None, None, is_serverless=True), variant()], endpoints()),
    "quota, perhaps serverless": on_quota([variant(is_serverless=UNKNOWN)], endpoints()),
    "quota, a type that is not known": on_quota([variant(UNKNOWN)], endpoints()),  # type: ignore[arg-type]
    "quota, a count that is not known": on_quota([variant(count=None), variant()], endpoints()),
    "quota, a variant with pools": on_quota([variant(has_instance_pools=True)], endpoints()),
    "quota, an endpoint that may not be described": scenario(
        lambda reads: quota.instances(quota.InstanceDemand([variant()]), reads),
        answers={**endpoints(("other", "InService", "churn-v7")), **quotas({M5: 4})},
        refuses=["sagemaker:DescribeEndpoint"],
    ),
    "quota, an endpoint config that may not be described": scenario(
        lambda reads: quota.instances(quota.InstanceDemand([variant()]), reads),
        answers={**using(counts(1)), **quotas({M5: 4})},
        refuses=["sagemaker:DescribeEndpointConfig"],
    ),
    "quota, an endpoint config that is deleted": scenario(
        lambda reads: quota.instances(quota.InstanceDemand([variant()]), reads),
        answers={**using(counts(3)), **quotas({M5: 4})},
    ),
    # --- which variants
    **{
        f"variants, {expected} expected, {what}": scenario(
            lambda reads, request=request, expected=expected: existing_variants(reads, request, expected),  # type: ignore[misc]
            answers={**endpoints(), **quotas({M5: 4, G5: 4}), **there},
        )
        for expected in ("new", "existing", "any")
        for what, request, there in (
            ("no request and nothing there", None, {}),
            ("a request and nothing there", REQUEST, {}),
            (
                "a request and what is there",
                REQUEST,
                config(
                    ProductionVariants=[
                        {"VariantName": "a", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 1}
                    ],
                    ShadowProductionVariants=[
                        {"VariantName": "s", "InstanceType": "ml.g5.xlarge", "InitialInstanceCount": 2}
                    ],
                ),
            ),
        )
    },
    "variants, a request that is open": scenario(
        lambda reads: existing_variants(reads, ConfigRequest(variants=UNKNOWN), "new")
    ),
    "variants, a request without any": scenario(lambda reads: existing_variants(reads, ConfigRequest(), "new")),
    "variants, none of what is there": scenario(
        lambda reads: existing_variants(reads, None, "existing"), answers=config(ProductionVariants=[])
    ),
    "variants, serverless and pools there": scenario(
        lambda reads: existing_variants(reads, None, "existing"),
        answers=config(
            ProductionVariants=[
                {"VariantName": "a", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}},
                {"VariantName": "b", "InstancePools": [{"InstanceType": "ml.m5.large"}], "ModelName": "m"},
            ]
        ),
    ),
    "variants, a count of what is there that is no number": scenario(
        lambda reads: existing_variants(reads, None, "existing"),
        answers=config(ProductionVariants=[{"VariantName": "a", "InitialInstanceCount": True}]),
    ),
}
