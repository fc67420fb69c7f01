"""What an exception of boto3's or botocore's means to us: one place, and no secrets in the texts."""

from __future__ import annotations

from typing import Any

from iamcheck.aws.secrets import mask_secrets
from iamcheck.errors import AwsUnavailableError, InvalidInputError

__all__ = ["ACCESS_DENIED", "EXPIRED", "is_access_denied", "redact", "translated"]

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
    asked = getattr(error.__cause__, "operation_name", None)
    return error.code in ACCESS_DENIED and asked in (None, error.operation.partition(":")[2])


def redact(text: str) -> str:
    """`text` on one line, without control characters, passwords, keys, tokens and signatures, and not too long."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    line = mask_secrets(line)
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def translated(error: Exception, operation: str, endpoint: str | None) -> AwsUnavailableError | InvalidInputError:
    """What an exception of boto3's or botocore's means to us.

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
    for kinds, reason in (
        ((b.NoCredentialsError,), "no AWS credentials were found: configure some, or use --offline"),
        ((b.PartialCredentialsError,), "the AWS credentials are incomplete"),
        (
            (ResponseParserError,),
            "the answer cannot be understood: it is not AWS's XML or JSON (a page of a proxy or a login?)",
        ),
        ((b.ReadTimeoutError,), "no answer in time"),
    ):
        if isinstance(error, kinds):
            return AwsUnavailableError(reason, operation=operation, endpoint=endpoint)
    return AwsUnavailableError(
        redact(f"{error}" if isinstance(error, b.BotoCoreError) else f"{type(error).__name__}: {error}"),
        operation=operation,
        endpoint=endpoint,
    )


def _refused(error: Any, operation: str, endpoint: str | None) -> AwsUnavailableError:  # noqa: ANN401  a ClientError, whose class is not imported at run time
    details = error.response.get("Error") or {}
    code, message = str(details.get("Code") or "no error code"), redact(str(details.get("Message") or ""))
    if code in EXPIRED:
        message = "the credentials have expired: renew them"
    elif code in INVALID_CREDENTIALS:
        # the text of a SignatureDoesNotMatch holds the signed headers, the session token among them
        message = redact(message.partition(". ")[0].partition(" The Canonical")[0])
    elif code in THROTTLED:
        message = f"{message or 'throttled'} (throttled, after all retries)"
    # the credential chain makes calls of its own, such as AssumeRole for a profile with role_arn
    asked = operation.partition(":")[2]
    within = "" if error.operation_name == asked else f"getting credentials, {error.operation_name}: "
    return AwsUnavailableError(
        within + (f"{code}: {message}" if message else code), operation=operation, endpoint=endpoint, code=code
    )
