"""What iamcheck raises: one base class and a few children.

A denial is a value (a `Decision`, a failing check), never an exception. "The input is bad" and
"AWS could not be asked" are two families, because the first ends with exit status 2 and the second with 3.
"""

from __future__ import annotations

__all__ = ["AwsUnavailableError", "IamcheckError", "InvalidInputError", "TemplateError", "UnsupportedElementError"]


class IamcheckError(Exception):
    """Base class of every error that iamcheck raises on purpose."""

    def lines(self) -> tuple[str, ...]:
        """What to show: one line for each thing that is wrong."""
        return (str(self),)


class InvalidInputError(IamcheckError, ValueError):
    """Input that cannot be used; the command line exits with 2.

    Args:
        what: What is wrong, in one clause.
        where: Where it is: a file with its line, a JSON path, a flag. Empty where the text says it all.
        cure: What to do about it, in one clause.
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what = what
        self.where = where
        self.cure = cure
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{what}" + (f" ({cure})" if cure else ""))

    def at(self, place: str) -> InvalidInputError:
        """Returns the same error with `place` (a file name, say) put before its own place."""
        where = f"{place}, {self.where}" if self.where else place
        return type(self)(self.what, where=where, cure=self.cure)


class UnsupportedElementError(InvalidInputError):
    """A policy element, operator, variable or value that is not understood.

    Skipping it could turn a denial into an allow, so it is refused.
    """


class TemplateError(IamcheckError):
    """A template that is missing, does not render, or renders to anything but a valid IAM policy."""


class AwsUnavailableError(IamcheckError):
    """AWS could not be asked, or what answered cannot be understood; never a denial of the deployment.

    Args:
        reason: Why, in one clause, without secrets.
        operation: The operation, as `service:Operation`.
        endpoint: The URL that was asked, without a query; None where no call was made.
        code: AWS's error code, None where there was no answer of AWS's.
    """

    def __init__(self, reason: str, *, operation: str, endpoint: str | None = None, code: str | None = None) -> None:
        self.reason = reason
        self.operation = operation
        self.endpoint = endpoint
        self.code = code
        super().__init__(f"{operation}{f' at {endpoint}' if endpoint else ''}: {reason}")
