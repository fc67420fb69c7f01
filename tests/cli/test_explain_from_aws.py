"""`iamcheck explain --from-endpoint` and `--from-stack`: AWS's own reasons, read with the caller's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import pytest

from tests.server import Answer, error, json_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Done, Run
    from tests.server import Call, LoopbackAws

HEALTH = "The primary container for production variant a did not pass the ping health check."
STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/churn/1"


def described(name: str, **members: object) -> Mapping[str, object]:
    arn = f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}"
    return {"EndpointName": name, "EndpointArn": arn, "EndpointStatus": "Failed", **members}


def answers(document: Mapping[str, object]) -> Callable[[Call], Answer]:
    return lambda _call: json_answer(document)


def events(*rows: tuple[str, str, str], stack: str = STACK) -> Callable[[Call], Answer]:
    """DescribeStackEvents' answer: status, physical id and reason of each event, newest first."""
    members = "".join(
        f"<member><StackId>{stack}</StackId><EventId>{index}</EventId><StackName>churn</StackName>"
        f"<ResourceType>{'AWS::CloudFormation::Stack' if ':stack/' in physical else 'AWS::X::Y'}</ResourceType>"
        f"<PhysicalResourceId>{physical}</PhysicalResourceId><Timestamp>2026-11-01T00:00:00Z</Timestamp>"
        f"<ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{escape(reason)}</ResourceStatusReason></member>"
        for index, (status, physical, reason) in enumerate(rows)
    )
    body = (
        '<DescribeStackEventsResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">'
        f"<DescribeStackEventsResult><StackEvents>{members}</StackEvents></DescribeStackEventsResult>"
        "<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DescribeStackEventsResponse>"
    )
    return lambda _call: Answer(200, body.encode(), {"Content-Type": "text/xml"})


@pytest.fixture
def explain(run: Run, aws: LoopbackAws) -> Callable[..., Done]:
    environment = {name: value for name, value in aws.environment().items() if name.startswith("AWS_")}
    return lambda *words: run("explain", *words, **environment)


def test_a_failed_endpoint_by_its_name(aws: LoopbackAws, explain: Callable[..., Done]) -> None:
    aws.hook("sagemaker:DescribeEndpoint", answers(described("churn", FailureReason=HEALTH)))
    aws.hook("sagemaker:ListInferenceComponents", answers({"InferenceComponents": []}))
    done = explain("--from-endpoint", "churn", "--output", "json")
    assert (done.status, done.err, done.document["family"]) == (0, "", "health-check")


def test_a_failed_inference_component_of_an_endpoint(aws: LoopbackAws, explain: Callable[..., Done]) -> None:
    component = {"InferenceComponentName": "llm", "InferenceComponentStatus": "Failed"}
    aws.hook("sagemaker:DescribeEndpoint", answers(described("churn")))
    aws.hook("sagemaker:ListInferenceComponents", answers({"InferenceComponents": [component]}))
    reason = "Could not find model data at s3://models/llm/model.tar.gz."
    aws.hook("sagemaker:DescribeInferenceComponent", answers({**component, "FailureReason": reason}))
    done = explain("--from-endpoint", "churn", "--output", "json")
    assert (done.status, done.document["family"]) == (0, "model-data-missing")


def test_an_endpoint_without_a_failure(aws: LoopbackAws, explain: Callable[..., Done]) -> None:
    aws.hook("sagemaker:DescribeEndpoint", answers(described("churn", EndpointStatus="InService")))
    aws.hook("sagemaker:ListInferenceComponents", answers({"InferenceComponents": []}))
    done = explain("--from-endpoint", "churn")
    assert (done.status, done.out) == (3, "")
    assert "AWS names no failure" in done.err


def test_an_endpoint_that_is_not_there(explain: Callable[..., Done]) -> None:
    missing = explain("--from-endpoint", "churn")
    assert (missing.status, missing.out) == (2, "")
    assert "there is no endpoint 'churn' in eu-west-1" in missing.err


def test_a_reason_that_is_not_recognised_names_nobody_where_it_is_redacted(
    aws: LoopbackAws, explain: Callable[..., Done]
) -> None:
    reason = "Something new of arn:aws:iam::123456789012:role/deploying-role"
    aws.hook("sagemaker:DescribeEndpoint", answers(described("churn", FailureReason=reason)))
    aws.hook("sagemaker:ListInferenceComponents", answers({"InferenceComponents": []}))
    done = explain("--from-endpoint", "churn", "--redact")
    assert done.status == 3
    assert "Something new of arn:aws:iam::ACCOUNT-1:role/PRINCIPAL-1" in done.err


def test_a_reason_that_is_not_recognised_is_shown(aws: LoopbackAws, explain: Callable[..., Done]) -> None:
    aws.hook("sagemaker:DescribeEndpoint", answers(described("churn", FailureReason="Something new \x1b[31m")))
    aws.hook("sagemaker:ListInferenceComponents", answers({"InferenceComponents": []}))
    done = explain("--from-endpoint", "churn")
    assert (done.status, done.out) == (3, "")
    assert "Something new" in done.err
    assert "\x1b" not in done.err


def test_a_rolled_back_stack_by_its_name(aws: LoopbackAws, explain: Callable[..., Done]) -> None:
    denied = (
        'Resource handler returned message: "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: '
        "iam:PassRole on resource: arn:aws:iam::123456789012:role/exec because no identity-based policy allows the "
        'iam:PassRole action (Service: SageMaker, Status Code: 400)" (RequestToken: 1, HandlerErrorCode: AccessDenied)'
    )
    aws.hook(
        "cloudformation:DescribeStackEvents",
        events(
            ("ROLLBACK_COMPLETE", STACK, ""),
            ("CREATE_FAILED", "alarm", "Resource creation cancelled"),
            ("CREATE_FAILED", "model", denied),
            ("CREATE_IN_PROGRESS", STACK, "User Initiated"),
            ("CREATE_FAILED", "old", "Could not find model data at s3://old/model.tar.gz."),
        ),
    )
    done = explain("--from-stack", "churn", "--output", "json")
    assert (done.status, done.err) == (0, "")
    assert (done.document["family"], done.document["action"]) == ("implicit-deny", "iam:PassRole")
    assert done.document["others"] == []


def test_a_nested_stack_says_why_it_failed(aws: LoopbackAws, explain: Callable[..., Done]) -> None:
    nested = STACK.replace("churn", "churn-models")
    reasons = {
        "churn": events(
            (
                "ROLLBACK_IN_PROGRESS",
                STACK,
                "The following resource(s) failed to create: [Models]. Rollback requested.",
            ),
            ("CREATE_FAILED", nested, f"Embedded stack {nested} was not successfully created"),
            ("CREATE_FAILED", "queue", "Some reason of a queue"),
            ("CREATE_IN_PROGRESS", STACK, "User Initiated"),
        ),
        nested: events(
            ("CREATE_FAILED", nested, "The following resource(s) failed to create: [Model]."),
            ("CREATE_FAILED", "model", "Could not find model data at s3://models/churn/model.tar.gz."),
            ("CREATE_IN_PROGRESS", nested, "User Initiated"),
            stack=nested,
        ),
    }
    aws.hook("cloudformation:DescribeStackEvents", lambda call: reasons[str(call.parameters["StackName"])](call))
    done = explain("--from-stack", "churn", "--output", "json")
    assert (done.status, done.document["family"]) == (0, "model-data-missing")
    # what is not recognised is not passed over
    assert done.err == "iamcheck: iamcheck does not recognise the reason that AWS gives: Some reason of a queue\n"


def test_who_may_not_list_components_learns_why_the_endpoint_failed(
    aws: LoopbackAws, explain: Callable[..., Done]
) -> None:
    aws.hook("sagemaker:DescribeEndpoint", answers(described("churn", FailureReason=HEALTH)))
    aws.hook("sagemaker:ListInferenceComponents", lambda call: error(call.protocol, 400, "AccessDeniedException", "no"))
    done = explain("--from-endpoint", "churn", "--output", "json")
    assert (done.status, done.document["family"]) == (0, "health-check")


def test_one_source_at_a_time(explain: Callable[..., Done]) -> None:
    for words in (("text", "--from-endpoint", "churn"), ("--from-endpoint", "churn", "--from-stack", "churn")):
        assert explain(*words).status == 2


def test_a_log_is_explained_from_its_last_failure(explain: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "deploy.log").write_text(f"Rate exceeded\n{'x' * 1000}\n{HEALTH}\n")
    done = explain("file://deploy.log", "--output", "json")
    assert (done.document["family"], [one["family"] for one in done.document["others"]]) == (
        "health-check",
        ["throttled"],
    )
    assert explain("file://missing.log").status == 2
