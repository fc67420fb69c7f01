"""Defines the error for an endpoint that was waited for and will not be in service."""

from __future__ import annotations

from iamcheck.errors import IamcheckError

__all__ = ["EndpointFailedError"]


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
        family: The family of the message, as `iamcheck explain` names it; likewise.
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
        family: str = "",
    ) -> None:
        self.endpoint_name = endpoint_name
        self.status = status
        self.failure_reason = failure_reason
        self.meaning = meaning
        self.cure = cure
        self.source = source
        self.family = family
        explained = f". That means: {meaning} {cure} ({source})" if meaning else ""
        super().__init__(f"the endpoint {endpoint_name} ({status}): {what}{explained}")
