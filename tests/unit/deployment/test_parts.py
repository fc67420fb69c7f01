"""`--only endpoint`: what of a file is left out is listed, and not asked about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import iamcheck
from iamcheck.deployment.located import Tool, WrittenDelete, WrittenDeployment, WrittenRequest
from iamcheck.deployment.parts import only_part
from iamcheck.deployment.resolving import draft_of
from iamcheck.iam.model import Place
from tests.examples import member_of

HERE = Place("plan.json", 3)


def actions(written: WrittenDeployment) -> tuple[set[str], list[str]]:
    """The actions that are asked about, and what the report says that it does not cover."""
    draft = draft_of(written)
    reports = iamcheck.check_all([draft], offline=True, region="eu-west-1", account_id="123456789012")
    (report,) = reports.reports
    return {one.request.action for one in report.permissions}, [one.what for one in report.not_covered]


def test_what_a_replacement_deletes_is_left_out_and_listed() -> None:
    endpoint: Any = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    whole = WrittenDeployment(
        Tool.TERRAFORM,
        "plan.json",
        WrittenRequest("CreateEndpoint", member_of(endpoint, HERE), HERE),
        deletes=(WrittenDelete("DeleteEndpoint", "churn", HERE), WrittenDelete("DeleteEndpointConfig", "old", HERE)),
    )
    assert {"sagemaker:DeleteEndpoint", "sagemaker:DeleteEndpointConfig"} <= actions(whole)[0]
    assert actions(only_part(whole)) == (
        {"sagemaker:CreateEndpoint"},
        ["sagemaker:DeleteEndpoint", "sagemaker:DeleteEndpointConfig"],
    )


def test_a_file_of_the_endpoint_alone_stays_as_it_is() -> None:
    endpoint: Any = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
    written = WrittenDeployment(Tool.SDK, "e.json", WrittenRequest("CreateEndpoint", member_of(endpoint, HERE), HERE))
    assert only_part(written) == replace(written)
