"""Lists the messages about containers that do not start, do not answer, or answer with an error."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES"]

_CONTAINERS: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html"
_OWNER: Final = "whoever builds the container and the model"
_VARIANT: Final = r"(?: for (?:the )?production variant ['\"]?(?P<variant>[\w-]+))?"

FAMILIES: Final = (
    MessageFamily(
        "health-check",
        "The container does not answer the health check",
        (rf"container{_VARIANT} did not pass the ping health check", r"did not pass the ping health check"),
        "The container runs, and did not answer GET /ping with status 200 within 2 seconds. This is never a permission "
        "of whoever deploys; it can be a model that does not load.",
        "Read the container's logs in CloudWatch; give it more time with ContainerStartupHealthCheckTimeoutInSeconds.",
        f"{_CONTAINERS}#your-algorithms-inference-algo-ping-requests",
        "The primary container for production variant AllTraffic did not pass the ping health check. Please check "
        "CloudWatch logs for this endpoint.",
        ("why the container does not answer: its logs say it",),
        ("logs",),
        _OWNER,
    ),
    MessageFamily(
        "container-start",
        "The container does not start",
        (
            r"CannotStartContainer(?:Error)?",
            rf"[Cc]ontainer{_VARIANT} (?:failed|was unable|could not be) (?:to )?start(?:ed)?",
            r"[Cc]ontainer .{0,60}?(?:exited|stopped) (?:unexpectedly|with (?:exit )?(?:code|status))",
        ),
        "The container does not start: its entry point fails, or the image is of another processor architecture than "
        "the "
        "instance. This is never a permission of whoever deploys.",
        "Start it as SageMaker does: docker run IMAGE serve; and read its logs in CloudWatch.",
        f"{_CONTAINERS}#your-algorithms-inference-code-run-image",
        "CannotStartContainerError. Please ensure the model container for variant AllTraffic starts correctly when "
        "invoked with 'docker run <image> serve'",
        ("why the container does not start: its logs say it",),
        ("logs",),
        _OWNER,
    ),
    MessageFamily(
        "model-timeout",
        "The model did not answer in time",
        (r"[Ii]nvocation timed out while waiting for a response from container (?P<container>[\w-]+)",),
        "The endpoint passed the request on, and the container {container} did not answer within the time that "
        "SageMaker waits (60 seconds for InvokeEndpoint). This is no permission of whoever invokes.",
        "Make the model faster, give the container more workers or a larger instance, or use asynchronous inference.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
        "An error occurred (ModelError) when calling the InvokeEndpoint operation: Invocation timed out while waiting "
        "for a response from container primary",
        ("why the container was slow: its logs say it",),
        ("logs",),
        _OWNER,
    ),
    MessageFamily(
        "component-required",
        "The endpoint wants the name of an inference component",
        (r"Inference Component Name header is required",),
        "The endpoint has inference components, and the call does not say which of them it is for. This is no "
        "permission of whoever invokes.",
        "Give InferenceComponentName in InvokeEndpoint.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
        "Inference Component Name header is required for endpoints to which you plan to deploy inference components.",
        (),
        (),
        "whoever invokes",
    ),
    MessageFamily(
        "image-size",
        "The image is too large",
        (r"Image size (?P<size>[\d.]+) is greater than (?:the )?supported size (?P<limit>\d+)",),
        "The container's image has {size} bytes, and a serverless endpoint takes {limit} at most. This is no "
        "permission of whoever deploys.",
        "Make the image smaller, or use an endpoint with instances.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "Image size 12399514599 is greater than supported size 10737418240",
        (),
        ("describe-images",),
        _OWNER,
    ),
    MessageFamily(
        "features",
        "The endpoint config has features that exclude each other",
        (r"[Oo]ne or more endpoint features are not supported using this configuration",),
        "The endpoint config asks for features that this kind of endpoint does not have; a serverless endpoint, for "
        "one, has no VpcConfig, data capture, multi-model or network isolation. This is no permission of whoever "
        "deploys.",
        "Leave the feature out, or use an endpoint with instances.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/serverless-endpoints.html",
        "One or more endpoint features are not supported using this configuration.",
        ("which features they are",),
        ("check-request",),
        "whoever deploys",
        ("request.valid",),
    ),
    MessageFamily(
        "disk-full",
        "The disk of the instance is full",
        (r"No space left on device",),
        "The model, or what the container writes, does not fit on the instance's disk. This is never a permission of "
        "whoever deploys.",
        "Give more room with VolumeSizeInGB, where the instance type has no local disk, or use another type.",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/host-instance-storage.html",
        "OSError: [Errno 28] No space left on device",
        ("what filled it",),
        ("logs",),
        _OWNER,
    ),
    MessageFamily(
        "model-error",
        "The model answered with an error",
        (r"Received (?:client|server) error \((?P<status>\d{3})\) from (?P<container>[\w-]+)",),
        "The endpoint passed the request on, and the container {container} answered with status {status}. This is no "
        "permission of whoever invokes.",
        "Read the container's logs in CloudWatch, for the time of the call.",
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html",
        "An error occurred (ModelError) when calling the InvokeEndpoint operation: Received server error (500) from "
        "primary with message",
        ("why the container failed: its logs say it",),
        ("logs",),
        _OWNER,
    ),
)
