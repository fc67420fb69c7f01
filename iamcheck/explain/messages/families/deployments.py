"""Lists the messages of deployments that failed or rolled back, and of the tools that waited for them."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_GUARDRAILS: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html"

FAMILIES: Final = (
    MessageFamily(
        "rollback-alarm",
        "An alarm rolled the deployment back",
        (
            r"[Aa]larms?\b[^.]{0,120}?\b(?:in|into) (?:the )?ALARM\b",
            r"[Aa]larms?\b[^.]{0,120}?\b(?:[Rr]oll(?:ed|ing)? ?back|[Rr]ollback)\b",
            r"\b(?:[Rr]oll(?:ed|ing)? ?back|[Rr]ollback)\b[^.]{0,120}?\b[Aa]larms?\b",
            r"[Aa]uto-?[Rr]oll ?back",
            r"\b[Aa]larms?\b[^.]{0,80}?(?:not found|could not be found|does not exist|cannot be read|DescribeAlarms)",
        ),
        "An alarm of the update's automatic rollback went off, or SageMaker could not read it; the endpoint is back on "
        "its former configuration.",
        "Look at the alarm's history; the execution role needs cloudwatch:DescribeAlarms on it.",
        _GUARDRAILS,
        "Deployment failed and was rolled back: one or more alarms configured for auto rollback are in ALARM state.",
        ("which alarm it was, and what it measured",),
        ("describe-alarms", "describe-endpoint"),
        "whoever deploys",
        ("alarms.exist",),
    ),
    MessageFamily(
        "endpoint-failed",
        "The endpoint failed, and the message says no reason",
        (
            r"unexpected state '(?:Failed|RollingBack|UpdateRollbackFailed)', wanted target",
            r"Waiter EndpointInService failed",
            r"Error hosting endpoint (?P<name>[\w-]+): (?:Failed|UpdateRollbackFailed)",
            r"UPDATE_ROLLBACK_(?:COMPLETE|IN_PROGRESS|FAILED)",
            r"did not stabilize|NotStabilized",
        ),
        "The tool waited for the endpoint, and it failed or was rolled back. The reason stands in the endpoint's "
        "FailureReason, which this message does not repeat.",
        "Read FailureReason, and explain it: iamcheck explain --from-endpoint NAME.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html",
        "waiting for SageMaker AI Endpoint (churn) create: unexpected state 'Failed', wanted target 'InService'",
        ("why it failed",),
        ("describe-endpoint",),
        "whoever deploys",
    ),
)
