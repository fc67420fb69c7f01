"""What iamcheck raises: one base class and a few children.

A denial is a value (a `Decision`, a failing check), never an exception. "The input is bad" and
"AWS could not be asked" are two families, because the first ends with exit status 2 and the second with 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.deployment import Unsettled
    from iamcheck.results import Report

__all__ = [
    "AwsUnavailableError",
    "EndpointFailedError",
    "IamcheckError",
    "InvalidInputError",
    "PreflightFailed",
    "PreflightUnknown",
    "TemplateError",
    "UnsettledError",
    "UnsupportedElementError",
]


class IamcheckError(Exception):
    """Base class of every error that iamcheck raises on purpose."""


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


class UnsettledError(IamcheckError):
    """What a policy depends on is not known, or AWS would refuse it; the command line exits with 3.

    Args:
        unsettled: What it is, each with its place and cure.
    """

    def __init__(self, unsettled: Sequence[Unsettled]) -> None:
        self.unsettled = tuple(unsettled)
        super().__init__("; ".join(f"{one}: {one.cure}" for one in self.unsettled))


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


class EndpointFailedError(IamcheckError):
    """An endpoint that was waited for will not be in service, or not with what it was updated to.

    Args:
        endpoint_name: Its name.
        status: Its status when AWS was asked last.
        failure_reason: AWS's `FailureReason`, None where it gave none.
        what: What has happened, in one clause, without secrets.
        meaning: What AWS's reason means; empty where it is not one that is known.
        cure: What to do, and what to run; likewise.
        source: The AWS page; likewise.
    """

    def __init__(
        self,
        endpoint_name: str,
        status: str,
        failure_reason: str | None,
        what: str,
        meaning: str = "",
        cure: str = "",
        source: str = "",
    ) -> None:
        self.endpoint_name = endpoint_name
        self.status = status
        self.failure_reason = failure_reason
        self.meaning = meaning
        self.cure = cure
        self.source = source
        explained = f"; that is: {meaning}; {cure} ({source})" if meaning else ""
        super().__init__(f"the endpoint {endpoint_name} ({status}): {what}{explained}")


class _PreflightError(IamcheckError):
    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__(report.headline())


class PreflightFailed(_PreflightError):  # noqa: N818  the published name
    """At least one check failed; `report` is the whole report."""


class PreflightUnknown(_PreflightError):  # noqa: N818  the published name
    """No check failed, but the verdict could not be established; `report` is the whole report."""
