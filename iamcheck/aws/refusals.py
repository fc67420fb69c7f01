"""Translates exceptions of boto3 and botocore into errors of iamcheck, without secrets in texts, codes and causes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from iamcheck.aws.secrets import mask_secrets
from iamcheck.errors import AwsUnavailableError, IamcheckError, InvalidInputError, MissingCredentialsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = [
    "ACCESS_DENIED",
    "EXPIRED",
    "INVALID_CREDENTIALS",
    "THROTTLED",
    "attempt",
    "is_access_denied",
    "redact",
    "translated",
]

T = TypeVar("T")

_CODE: Final = r"[A-Za-z0-9][\w .:#-]{0,79}"
"""The form of AWS's error codes, such as `AWS.SimpleQueueService.NonExistentQueue`."""

LONGEST_REASON = 300
"""Characters of a text of AWS's or a proxy's that are kept."""
ACCESS_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"})
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
INVALID_CREDENTIALS = frozenset(
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure", "SignatureDoesNotMatch"}
)
THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})


def is_access_denied(error: AwsUnavailableError) -> bool:
    """True where AWS answered that the caller may not ask this; says nothing about the deployment.

    False where it was a call of the credential chain that was denied: then this was not asked at all.
    """
    operation_name = getattr(error.__cause__, "operation_name", None)
    return error.code in ACCESS_DENIED and operation_name in (None, error.operation.partition(":")[2])


def attempt(ask: Callable[[], T], operation: str, endpoint: str | None) -> T:
    """Does something with boto3 or botocore, and translates what they raise.

    What is raised carries nothing of the original exception but a redacted copy (`__cause__`): a request in it may hold
    a session token.

    Args:
        ask: What to do.
        operation: The operation that is asked, as `service:Operation`.
        endpoint: The URL that is asked.

    Raises:
        AwsUnavailableError: AWS could not be asked.
        InvalidInputError: The configuration or the parameters cannot be used.
    """
    failure: AwsUnavailableError | InvalidInputError
    try:
        return ask()
    except MissingCredentialsError:
        raise
    except AwsUnavailableError as error:
        # a handler held the request back, and does not know which call it belonged to
        failure = AwsUnavailableError(error.reason, operation=operation, endpoint=endpoint, code=error.code)
        failure.__cause__ = error
    except IamcheckError:
        # a `LocalIAM` says itself what is wrong with its input
        raise
    except Exception as error:
        failure = translated(error, operation, endpoint)
        failure.__cause__ = _without_secrets(error)
    # outside of the handlers, so that Python does not chain the original exception to it
    raise failure


def redact(text: str) -> str:
    """`text` on one line, without control characters, passwords, keys, tokens and signatures, and not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    line = mask_secrets(line)
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def translated(error: Exception, operation: str, endpoint: str | None) -> AwsUnavailableError | InvalidInputError:
    """The error of iamcheck that says what an exception of boto3 or botocore means.

    Args:
        error: The exception.
        operation: The operation that was asked, as `service:Operation`.
        endpoint: The URL that was asked.
    """
    from botocore import exceptions as b
    from botocore.parsers import ResponseParserError

    if isinstance(error, b.ClientError):
        return _refused(error, operation, endpoint)
    if isinstance(error, (b.ProfileNotFound, b.ConfigParseError, b.ConfigNotFound)):
        return InvalidInputError(redact(str(error)), where="AWS configuration", cure="see `aws configure list`")
    if isinstance(error, (b.NoRegionError, b.InvalidRegionError)):
        return InvalidInputError(redact(str(error)), where="--region", cure="give a Region code such as eu-west-1")
    if isinstance(error, b.ParamValidationError):
        return InvalidInputError(redact(str(error)), where=operation)
    if isinstance(error, b.NoCredentialsError):
        return MissingCredentialsError(operation=operation, endpoint=endpoint)
    for kinds, reason in (
        ((b.PartialCredentialsError,), "the AWS credentials are incomplete"),
        (
            (ResponseParserError,),
            "the answer cannot be understood: it is not AWS's XML or JSON (a page of a proxy or a login?)",
        ),
        ((b.ReadTimeoutError,), "no answer in time"),
    ):
        if isinstance(error, kinds):
            return AwsUnavailableError(reason, operation=operation, endpoint=endpoint)
    if isinstance(error, b.BotoCoreError):
        reason = redact(str(error))
    elif isinstance(error, (LookupError, ValueError, AttributeError, TypeError, RecursionError)):
        # botocore's parsers leak these on bodies that are well formed and not AWS's
        reason = f"the answer cannot be understood: {type(error).__name__} in reading it"
    else:
        reason = redact(f"{type(error).__name__}: {error}")
    return AwsUnavailableError(reason, operation=operation, endpoint=endpoint)


def _code_of(details: Mapping[str, object]) -> str:
    """The error code of an answer; one that is no code, such as a token that a proxy echoes, is not shown."""
    code = str(details.get("Code") or "no error code")
    return code if re.fullmatch(_CODE, redact(code)) else "an error code that is none of AWS's"


def _without_secrets(error: Exception) -> Exception:
    """A copy of an exception of which only the type and redacted texts are left."""
    from botocore.exceptions import ClientError

    copy = type(error).__new__(type(error))
    copy.args = (redact(str(error)),)
    if isinstance(error, ClientError) and isinstance(copy, ClientError):
        details = error.response.get("Error") or {}
        metadata: Mapping[str, object] = error.response.get("ResponseMetadata") or {}
        copy.operation_name = error.operation_name
        copy.response = {
            "Error": {"Code": _code_of(details), "Message": redact(str(details.get("Message") or ""))},
            "ResponseMetadata": {"HTTPStatusCode": metadata.get("HTTPStatusCode", 0)},  # type: ignore[typeddict-item]  # no more of it is needed
        }
    return copy


def _refused(error: Any, operation: str, endpoint: str | None) -> AwsUnavailableError:  # noqa: ANN401  a ClientError, whose class is not imported at run time
    details = error.response.get("Error") or {}
    code, message = _code_of(details), redact(str(details.get("Message") or ""))
    if code in EXPIRED:
        message = "the credentials have expired: renew them"
    elif code in INVALID_CREDENTIALS:
        # the text of a SignatureDoesNotMatch holds the signed headers, the session token among them
        message = redact(message.partition(". ")[0].partition(" The Canonical")[0])
    elif message.lstrip().startswith("<"):
        message = "a web page in place of AWS's answer (of a proxy or a login?)"
    elif code in THROTTLED:
        message = f"{message or 'throttled'} (throttled, after all retries)"
    # the credential chain makes calls of its own, such as AssumeRole for a profile with role_arn
    operation_name = operation.partition(":")[2]
    within = "" if error.operation_name == operation_name else f"getting credentials, {error.operation_name}: "
    return AwsUnavailableError(
        within + (f"{code}: {message}" if message else code), operation=operation, endpoint=endpoint, code=code
    )
