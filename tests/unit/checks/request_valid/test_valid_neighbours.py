"""Values beside those that AWS refuses: each is valid, and nothing is found."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.checks.request_valid.test_cases import judged, mutated

# API_MetricsConfig and API_MetricsEndpoint: the values of MetricPublishFrequencyInSeconds
FREQUENCIES = (10, 30, 60, 120, 180, 240, 300)
CONTAINER = {"Image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/my-image:latest"}
IN_CONTAINER = "PrimaryContainer.ContainerMetricsConfig.MetricsEndpoints[0].MetricPublishFrequencyInSeconds"


@pytest.mark.parametrize(
    "case",
    [
        *(
            {
                "example": "prefix_routing",
                "request": "config",
                "set": {"MetricsConfig": {"MetricPublishFrequencyInSeconds": one}},
            }
            for one in FREQUENCIES
        ),
        *({"example": "uncompressed_model", "request": "models[0]", "set": {IN_CONTAINER: one}} for one in FREQUENCIES),
        # a pipeline of one container is no inference pipeline
        {
            "example": "serverless",
            "request": "models[0]",
            "drop": ["PrimaryContainer"],
            "set": {"Containers": [CONTAINER]},
        },
        {"example": "serverless", "request": "models[0]", "set": {"EnableNetworkIsolation": False}},
        {"example": "serverless", "request": "config", "set": {"EnableNetworkIsolation": False}},
        {"example": "create_endpoint", "request": "endpoint", "set": {"Tags": []}},
        # API_RollingUpdatePolicy: a rollback may be of the whole capacity, and is unless the request says otherwise
        {
            "example": "rolling",
            "request": "endpoint",
            "set": {"DeploymentConfig.RollingUpdatePolicy.RollbackMaximumBatchSize.Value": 100},
        },
    ],
    ids=lambda case: f"{case['example']} {next(iter(case['set'].items()))}",
)
def test_nothing_is_found(case: dict[str, Any]) -> None:
    found = judged(mutated(case))

    assert (found.problems, found.unjudged) == ((), ())
