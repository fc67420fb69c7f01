"""Puts messages of AWS into what tools, logs and people make of them."""

from __future__ import annotations

import html
import json
import re
import textwrap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["MASKS", "READ_ALONE", "TOOLS", "masked"]

ACCOUNT: Final = "123456789012"


def _cloudformation(text: str) -> str:
    said = f"{text} (Service: SageMaker, Status Code: 400, Request ID: 0f6c2e1a-1111-2222-3333-444455556666)"
    return (
        "2026-09-01T12:00:00.000Z  CREATE_FAILED  AWS::SageMaker::Model  Model\n"
        f'Resource handler returned message: "{said}" (RequestToken: 8d1c, HandlerErrorCode: InvalidRequest)'
    )


def _terraform(text: str) -> str:
    said = (
        "Error: creating SageMaker AI Model (churn): operation error SageMaker: CreateModel, https response error "
        f"StatusCode: 400, RequestID: 0f6c2e1a, api error ValidationException: {text}"
    )
    lines = textwrap.wrap(said, 78, break_long_words=False, break_on_hyphens=False)
    where = [
        "",
        "  with aws_sagemaker_model.churn,",
        '  on main.tf line 12, in resource "aws_sagemaker_model" "churn":',
    ]
    return "╷\n" + "\n".join(f"│ {line}" for line in [*lines, *where]) + "\n╵"


def _cdk(text: str) -> str:
    return (
        "churn-prod |  3/12 | 12:00:00 PM | CREATE_FAILED   | AWS::SageMaker::Model | Churn/Model (ChurnModel1A2B) "
        f'Resource handler returned message: "{text}" (RequestToken: 8d1c, HandlerErrorCode: GeneralServiceException)\n'
        " ❌  churn-prod failed: The stack named churn-prod failed creation"
    )


def _boto3(text: str) -> str:
    return (
        "Traceback (most recent call last):\n"
        '  File "/opt/deploy.py", line 12, in <module>\n    client.create_model(**request)\n'
        '  File "/usr/lib/python3.12/site-packages/botocore/client.py", line 1023, in _make_api_call\n'
        "    raise error_class(parsed_response, operation_name)\n"
        "botocore.exceptions.ClientError: An error occurred (ValidationException) when calling the CreateModel "
        f"operation: {text}\n"
    )


def _step_functions(text: str) -> str:
    said = f"{text} (Service: AmazonSageMaker; Status Code: 400; Error Code: ValidationException; Proxy: null)"
    return json.dumps({"error": "SageMaker.AmazonSageMakerException", "cause": said}, indent=2)


def _cli(text: str) -> str:
    return f"\nAn error occurred (ValidationException) when calling the CreateModel operation: {text}\n"


def _json_twice(text: str) -> str:
    return json.dumps({"detail": json.dumps({"message": text, "level": "ERROR"})})


def _colours(text: str) -> str:
    return f"\x1b[1m\x1b[31mError:\x1b[0m \x1b[33m{text}\x1b[0m\n"


def _actions(text: str) -> str:
    return f"2026-09-01T12:00:00.00Z ##[error]{text}\n2026-09-01T12:00:00.1Z ##[error]Process completed: 254."


def _markdown(text: str) -> str:
    return f"Hi, I get this when I deploy:\n\n```\n{text}\n```\n\nAny idea? Thanks!"


def _before_each_line(text: str, start: str) -> str:
    """The frame of Terraform, with something before each of its lines."""
    return "\n".join(f"{start}{line}" for line in _terraform(text).split("\n"))


def _quoted(text: str) -> str:
    lines = textwrap.wrap(text, 70, break_long_words=False, break_on_hyphens=False)
    return "\n".join(["> Hi,", ">", *(f"> {line}" for line in lines), "", "Any idea?"])


def _typographic(text: str) -> str:
    """What chats and word processors make of it."""
    return re.sub('"([^"]*)"', "\u201c\\1\u201d", text).replace("'", "\u2019").replace("-", "\u2011")


def _xml(text: str) -> str:
    code = f"<Code>AccessDenied</Code>\n<Message>{html.escape(text)}</Message>"
    return f"<ErrorResponse><Error>{code}</Error></ErrorResponse>"


TOOLS: Final[Mapping[str, Callable[[str], str]]] = {
    "plain": str,
    "CloudFormation": _cloudformation,
    "Terraform": _terraform,
    "CDK": _cdk,
    "boto3": _boto3,
    "Step Functions": _step_functions,
    "the AWS CLI": _cli,
    "JSON in JSON": _json_twice,
    "colours": _colours,
    "GitHub Actions": _actions,
    "Markdown": _markdown,
    "the raw log of GitHub Actions": lambda text: _before_each_line(text, "2026-09-01T12:00:00.1234567Z "),
    "the raw log of GitLab": lambda text: _before_each_line(text, "2026-09-01T12:00:00.123456Z 01O "),
    "Docker Compose": lambda text: _before_each_line(text, "deploy-1  | "),
    "a quotation": _quoted,
    "a chat": _typographic,
    "a web page": lambda text: text.replace(":", ":\u200b").replace("/", "/\u200b"),
    "XML": _xml,
    "HTML": lambda text: f"<td>{html.escape(text)}</td><td>2026-09-01</td>",
    "JSON without blanks": lambda text: json.dumps({"message": text, "code": "Failed"}, separators=(",", ":")),
    "a table": lambda text: f"| {text} | CREATE_FAILED |",
}
"""None of them is a message by itself."""
READ_ALONE: Final = (
    *("the raw log of GitHub Actions", "the raw log of GitLab", "Docker Compose", "a quotation", "a chat"),
    *("a web page", "XML", "HTML", "JSON without blanks", "a table"),
)
"""Tools whose texts are read where they wrap a message; what other tools make of such a text is not always."""
MASKS: Final = ("***", "XXXXXXXXXXXX", "xxxxxxxxxxxx", "<account>", "{account-id}", "000000000000", "1234XXXXXXXX")
"""How CI systems and people hide an account."""


def masked(text: str, mask: str) -> str:
    """The text with its account hidden."""
    return text.replace(ACCOUNT, mask)
