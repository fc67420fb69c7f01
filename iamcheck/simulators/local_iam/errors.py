"""Makes AWS's errors, as a boto3 client raises them.

botocore is imported only when an error must be raised or the exception classes are asked for.
Sources: the Errors section of API_SimulatePrincipalPolicy in the IAM API Reference; the texts are those observed in
AWS's answers, September 2026, unless a caller says otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from iamcheck.simulators.local_iam.shapes import response_metadata

if TYPE_CHECKING:
    from botocore.errorfactory import BaseClientExceptions
    from botocore.exceptions import ClientError, ParamValidationError, _ClientErrorResponseTypeDef
    from botocore.model import ServiceModel

__all__ = [
    "Exceptions",
    "Refusal",
    "invalid_input",
    "no_such_entity",
    "parameter_error",
    "service_error",
    "validation_error",
]

_STATUS = {"InvalidInput": 400, "ValidationError": 400, "NoSuchEntity": 404, "PolicyEvaluation": 500}


class Refusal(Exception):  # noqa: N818  it never leaves this package: LocalIAM makes an InvalidInputException of it
    """IAM answers InvalidInput, with this text."""


def service_error(code: str, message: str, operation: str) -> ClientError:
    """Makes the ClientError that boto3 would raise: its class is the one that `.exceptions` has for `code`."""
    fault = {"Type": "Receiver" if code == "PolicyEvaluation" else "Sender", "Code": code, "Message": message}
    response: dict[str, object] = {"Error": fault, "ResponseMetadata": response_metadata(_STATUS[code])}
    return Exceptions.from_code(code)(cast("_ClientErrorResponseTypeDef", response), operation)


def invalid_input(message: str, operation: str) -> ClientError:
    """Makes an InvalidInputException."""
    return service_error("InvalidInput", message, operation)


def no_such_entity(kind: str, name: str, operation: str) -> ClientError:
    """Makes the NoSuchEntityException for an entity that is not there."""
    return service_error("NoSuchEntity", f"The {kind} with name {name} cannot be found.", operation)


def validation_error(failures: list[str], operation: str) -> ClientError:
    """Makes AWS's ValidationError out of its parts, each `Value ... at '...' failed to satisfy constraint: ...`."""
    count = f"{len(failures)} validation error{'s' if len(failures) > 1 else ''} detected"
    return service_error("ValidationError", f"{count}: {'; '.join(failures)}", operation)


def parameter_error(operation: str, parameters: dict[str, object]) -> ParamValidationError | None:
    """Asks botocore's own validator, over its own model: None where it finds no fault."""
    from botocore.exceptions import ParamValidationError
    from botocore.validate import ParamValidator

    shape = _service_model().operation_model(operation).input_shape
    if shape is None:
        raise AssertionError(f"{operation} has an input")
    report = ParamValidator().validate(parameters, shape)
    return ParamValidationError(report=report.generate_report()) if report.has_errors() else None


@cache
def _service_model() -> ServiceModel:
    from botocore.session import Session

    return Session().get_service_model("iam")


@cache
def _factory() -> BaseClientExceptions:
    from botocore.errorfactory import ClientExceptionsFactory

    return ClientExceptionsFactory().create_client_exceptions(_service_model())


class Exceptions:
    """What `client.exceptions` is on a boto3 IAM client: `ClientError`, `InvalidInputException`, and so on."""

    @staticmethod
    def from_code(error_code: str) -> type[ClientError]:
        """Returns the class of an error code, `ClientError` for a code that the service model has no class for."""
        # botocore's stubs take the class for an instance of it
        return cast("type[ClientError]", _factory().from_code(error_code))

    def __getattr__(self, name: str) -> type[ClientError]:
        if name.startswith("__"):
            raise AttributeError(name)
        return cast("type[ClientError]", getattr(_factory(), name))
