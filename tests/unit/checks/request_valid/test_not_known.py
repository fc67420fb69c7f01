"""What is known only when the deployment is made is never a problem, and never passed over in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks.request_valid import validity_of
from iamcheck.deployment.located import UNKNOWN, Pattern, Tool
from tests.examples import config_of, endpoint_of, example, model_of

if TYPE_CHECKING:
    from iamcheck.checks.request_valid import Unjudged

VARIANT = "ProductionVariants[0]"
METRICS = ("PrimaryContainer", "ContainerMetricsConfig", "MetricsEndpoints", 0, "MetricPublishFrequencyInSeconds")
TRAFFIC = "DeploymentConfig.BlueGreenUpdatePolicy.TrafficRoutingConfiguration"


def paths(found: tuple[Unjudged, ...]) -> list[str]:
    return [one.path for one in found]


def replaced(whole: Any, value: Any, *steps: str | int) -> Any:  # noqa: ANN401  JSON
    for step in steps[:-1]:
        whole = whole[step]
    whole[steps[-1]] = value


@pytest.mark.parametrize("value", [UNKNOWN, Pattern("churn-*")])
def test_a_free_text_is_taken_for_valid_and_named(value: Any) -> None:  # noqa: ANN401  either
    case = example("create_endpoint")
    replaced(case, value, "endpoint", "EndpointName")
    replaced(case, value, "config", "KmsKeyId")
    replaced(case, value, "config", "ProductionVariants", 0, "ModelName")

    validity = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]))

    assert (validity.problems, validity.unjudged) == ((), ())
    assert paths(validity.on_trust) == ["EndpointName", "KmsKeyId", f"{VARIANT}.ModelName"]


# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sagemaker-endpointconfig.html
@pytest.mark.parametrize("operation", ["endpoint", "config"])
def test_an_arn_is_no_name_whatever_its_end_will_be(operation: str) -> None:
    case = example("create_endpoint")
    arn = Pattern("arn:aws:sagemaker:eu-west-1:123456789012:endpoint-config/*")
    replaced(case, arn, operation, "EndpointConfigName")

    (problem,) = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"])).problems

    assert problem.path == "EndpointConfigName"
    assert "this is an ARN, and the API takes a name" in problem.what


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("InitialInstanceCount", UNKNOWN, [f"{VARIANT}.InitialInstanceCount"]),
        ("InstanceType", UNKNOWN, [f"{VARIANT}.InstanceType"]),
        ("InstanceType", Pattern("ml.m5.*"), [f"{VARIANT}.InstanceType"]),
        ("CoreDumpConfig", UNKNOWN, [f"{VARIANT}.CoreDumpConfig"]),
        ("InstancePools", UNKNOWN, [f"{VARIANT}.InstancePools"]),
        # a truth value has no bounds: whatever comes is taken
        ("EnableSSMAccess", UNKNOWN, []),
    ],
)
def test_a_choice_or_a_number_is_not_judged(name: str, value: Any, expected: list[str]) -> None:  # noqa: ANN401
    case = example("create_endpoint")
    replaced(case, value, "config", "ProductionVariants", 0, name)

    validity = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]))

    assert (validity.problems, paths(validity.unjudged), validity.on_trust) == ((), expected, ())


def test_a_number_without_bounds_is_not_missed() -> None:
    case = example("explainer")
    replaced(case, UNKNOWN, "config", "ExplainerConfig", "ClarifyExplainerConfig", "ShapConfig", "Seed")

    assert validity_of(config=config_of(case["config"])).unjudged == ()


@pytest.mark.parametrize(
    ("name", "steps", "expected"),
    [
        ("multi_variant", ("config", "ProductionVariants", 1, "VariantName"), ["ProductionVariants[1].VariantName"]),
        ("create_endpoint", ("endpoint", "Tags", 0, "Key"), ["Tags[0].Key"]),
        ("multi_container", ("models", 0, "Containers", 0, "ContainerHostname"), ["Containers[0].ContainerHostname"]),
        ("prefix_routing", ("config", "MetricsConfig", "MetricPublishFrequencyInSeconds"), None),
        (
            "uncompressed_model",
            ("models", 0, *METRICS),
            None,
        ),
    ],
)
def test_a_rule_that_needs_it_is_not_judged(
    name: str, steps: tuple[str | int, ...], expected: list[str] | None
) -> None:
    case = example(name)
    replaced(case, UNKNOWN, *steps)

    validity = validity_of(
        endpoint_of(case["endpoint"]), config_of(case["config"]), [model_of(one) for one in case["models"]]
    )

    assert validity.problems == ()
    assert [path.rpartition(".")[2] for path in paths(validity.unjudged)] == [str(steps[-1])]
    assert expected is None or paths(validity.unjudged) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AsyncInferenceConfig", UNKNOWN),
        ("DataCaptureConfig", UNKNOWN),
        ("EnableNetworkIsolation", UNKNOWN),
        ("CrossRegionTrafficConfig", UNKNOWN),
        ("VpcConfig", UNKNOWN),
    ],
)
def test_what_may_stand_beside_serverless_is_not_judged(name: str, value: Any) -> None:  # noqa: ANN401  UNKNOWN
    case = example("serverless")
    replaced(case, value, "config", name)

    validity = validity_of(config=config_of(case["config"]))

    assert validity.problems == ()
    assert set(paths(validity.unjudged)) == {name}
    assert len(validity.unjudged) == 1


def test_a_serverless_config_that_may_be_is_not_judged() -> None:
    case = example("canary")
    replaced(case, UNKNOWN, "config", "ProductionVariants", 0, "ServerlessConfig")

    validity = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]))

    assert validity.problems == ()
    assert {"DeploymentConfig", f"{VARIANT}.InstanceType", f"{VARIANT}.ServerlessConfig"} <= set(
        paths(validity.unjudged)
    )


def test_a_model_whose_name_is_not_known_may_be_hosted() -> None:
    case = example("serverless")
    replaced(case, UNKNOWN, "config", "ProductionVariants", 0, "ModelName")
    replaced(case, "MultiModel", "models", 0, "PrimaryContainer", "Mode")

    validity = validity_of(config=config_of(case["config"]), models=[model_of(case["models"][0])])

    assert validity.problems == ()
    assert [(one.path, one.rule) for one in validity.unjudged] == [("PrimaryContainer.Mode", "serverless-hosts")]


def test_a_model_that_nothing_hosts_is_judged_alone() -> None:
    case = example("serverless")
    replaced(case, "other", "config", "ProductionVariants", 0, "ModelName")
    replaced(case, "MultiModel", "models", 0, "PrimaryContainer", "Mode")

    assert validity_of(config=config_of(case["config"]), models=[model_of(case["models"][0])]).problems == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("canary", ["DeploymentConfig"]),
        ("canary_counted", ["DeploymentConfig", f"{TRAFFIC}.CanarySize.Value"]),
        ("create_endpoint", []),
    ],
)
def test_what_depends_on_an_endpoint_config_that_is_not_given_is_not_judged(name: str, expected: list[str]) -> None:
    validity = validity_of(endpoint_of(example(name)["endpoint"]))

    assert (validity.problems, paths(validity.unjudged)) == ((), expected)


def test_a_size_against_a_count_that_is_left_out_is_not_judged() -> None:
    case = example("canary_counted")
    variant = case["config"]["ProductionVariants"][0]
    del variant["InitialInstanceCount"]
    variant["ManagedInstanceScaling"] = {"MinInstanceCount": 1, "MaxInstanceCount": 4}

    validity = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]))

    assert validity.problems == ()
    assert paths(validity.unjudged) == [f"{TRAFFIC}.CanarySize.Value", f"{VARIANT}.InitialInstanceCount"]


def test_a_template_may_leave_out_a_little_more() -> None:
    request = example("all_at_once")["endpoint"]
    del request["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"]

    by_tool = {tool: validity_of(endpoint_of(request), tool=tool).problems for tool in Tool}

    assert [one.path for one in by_tool[Tool.SDK]] == [f"{TRAFFIC}.WaitIntervalInSeconds"]
    assert by_tool[Tool.CLOUDFORMATION] == ()
    assert by_tool[Tool.TERRAFORM] == by_tool[Tool.SDK]


def test_the_values_of_an_environment_are_never_shown() -> None:
    case = example("multi_container")
    replaced(case, {"1SECRET": "hunter2" * 300}, "models", 0, "Containers", 0, "Environment")

    problems = validity_of(models=[model_of(case["models"][0])]).problems

    assert len(problems) == 3
    assert not [one for one in problems if "hunter2" in one.what or "SECRET" in one.what]


def test_a_key_that_is_missing_is_wrong_and_not_unknown() -> None:
    """Only a key that is known later may be that of another tag."""
    for key, problems, unjudged in (
        ({}, ["Tags[1].Key"], []),
        ({"Key": 7}, ["Tags[1].Key"], []),
        ({"Key": UNKNOWN}, [], ["Tags[1].Key"]),
        ({"Key": Pattern("a*")}, [], ["Tags[1].Key"]),
    ):
        case = example("create_endpoint")
        case["endpoint"]["Tags"] = [{"Key": "a", "Value": "1"}, {"Value": "2", **key}]
        validity = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]))
        assert [one.path for one in validity.problems] == problems
        assert paths(validity.unjudged) == unjudged


def test_an_item_that_is_not_known_may_be_left_out_after_all() -> None:
    """`AWS::NoValue` in a list: only a text that is known later is certainly there."""
    case = example("create_endpoint")
    variant = case["config"]["ProductionVariants"][0]
    known = [{**variant, "VariantName": f"v{number}"} for number in range(10)]
    for items, problems in (
        ([*known, UNKNOWN], []),
        ([*known, {**variant, "VariantName": "v10"}], ["ProductionVariants"]),
    ):
        case["config"]["ProductionVariants"] = items
        validity = validity_of(endpoint_of(case["endpoint"]), config_of(case["config"]))
        assert [one.path for one in validity.problems] == problems
