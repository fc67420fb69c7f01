"""Bounds how much of an answer's body a client reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSResponse

__all__ = ["LARGEST_BODY", "bound_bodies"]

LARGEST_BODY: Final = 32 * 1024 * 1024
"""Bytes of an answer that are read. The largest page of IAM or SageMaker takes a few MiB."""


def bound_bodies(client: Any) -> None:  # noqa: ANN401  boto3 makes its clients' classes at run time
    """Makes a client refuse an answer of more than `LARGEST_BODY` bytes before it is all in memory.

    botocore has no setting for this: it reads whatever a server, or a proxy before it, sends.

    Args:
        client: A boto3 client.
    """
    endpoint = client._endpoint
    endpoint.http_session = _BoundedSession(endpoint.http_session)


class _BoundedSession:
    """The HTTP session of a client, which reads bodies itself."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  a botocore session over HTTP, which has no public type
        self._session = session

    def send(self, request: Any) -> AWSResponse:  # noqa: ANN401  an AWSPreparedRequest, not imported at run time
        """Sends a request.

        Raises:
            AwsUnavailableError: The answer is too large.
            botocore.exceptions.HTTPClientError: No connection, or one that broke.
        """
        from botocore.awsrequest import AWSResponse

        streams, request.stream_output = request.stream_output, True
        response: AWSResponse = self._session.send(request)
        if streams:
            return response
        bounded = AWSResponse(response.url, response.status_code, response.headers, _BoundedBody(response.raw))  # type: ignore[arg-type]  # the stubs know two types of headers
        _read(bounded, request)
        return bounded

    def close(self) -> None:
        """Closes all connections."""
        self._session.close()


class _BoundedBody:
    """The body of an answer, as botocore reads it."""

    def __init__(self, raw: Any) -> None:  # noqa: ANN401  urllib3's response
        self._raw = raw

    def stream(self) -> Iterator[bytes]:
        """The body, piece by piece."""
        size = 0
        for piece in self._raw.stream():
            size += len(piece)
            if size > LARGEST_BODY:
                # the connection cannot be used again: the rest of the body is still on its way
                self._raw.close()
                raise AwsUnavailableError(
                    f"the answer has more than {LARGEST_BODY // 1024**2} MiB: no answer of AWS's is so large",
                    operation="*",
                )
            yield piece


def _read(response: AWSResponse, request: Any) -> None:  # noqa: ANN401  likewise
    """Reads the body, with botocore's errors for a connection that breaks meanwhile."""
    from botocore import exceptions as b
    from urllib3 import exceptions as u

    try:
        response.content  # noqa: B018  botocore keeps what this property reads
    except u.ReadTimeoutError as error:
        raise b.ReadTimeoutError(endpoint_url=request.url, error=error) from error
    except u.ProtocolError as error:
        raise b.ConnectionClosedError(error=error, request=request, endpoint_url=request.url) from error
    except u.HTTPError as error:
        raise b.HTTPClientError(error=error) from error
