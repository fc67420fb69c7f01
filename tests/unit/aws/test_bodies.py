"""Bodies of answers that are larger than any of AWS's, over real sockets."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.bodies import LARGEST_BODY
from iamcheck.aws.clients import Deadline, call, make_client
from iamcheck.errors import AwsUnavailableError
from tests.server import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.server import LoopbackAws

WHO = "sts:GetCallerIdentity"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


@pytest.fixture
def endless() -> Iterator[tuple[str, list[int]]]:
    """A server that never stops to send a body, and how many bytes it could send."""
    sent: list[int] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        piece = b"x" * 2**20
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                sent.append(0)
                connection.recv(65536)
                try:
                    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
                    while True:
                        connection.sendall(b"100000\r\n" + piece + b"\r\n")
                        sent[-1] += len(piece)
                except OSError:
                    # the client has had enough
                    continue

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}", sent
    listener.close()


def test_a_body_without_end_is_not_read_to_the_end(aws: LoopbackAws, endless: tuple[str, list[int]]) -> None:
    url, sent = endless
    deadline = Deadline.after(30, time.monotonic)
    client = make_client(aws.session(), "sts", endpoint_url=url, deadline=deadline)
    with pytest.raises(AwsUnavailableError, match="more than 32 MiB") as caught:
        call(client, WHO, deadline)
    assert (caught.value.operation, caught.value.endpoint) == (WHO, url)
    assert len(sent) == 1
    # what the sockets of both sides hold comes on top
    assert sent[0] < 2 * LARGEST_BODY


def test_a_body_that_breaks_off_is_could_not_ask(aws: LoopbackAws) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _address = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\nx")

        threading.Thread(target=serve, daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        client = make_client(aws.session(attempts=1), "sts", endpoint_url=url)
        with pytest.raises(AwsUnavailableError, match="sts:GetCallerIdentity"):
            call(client, WHO)


def test_a_large_body_that_aws_may_send_is_read(aws: LoopbackAws) -> None:
    filler = b"<!--" + b"x" * (8 * 2**20) + b"-->"
    body = (
        b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    aws.hook(WHO, lambda _: Answer(200, filler + body, {"Content-Type": "text/xml"}))
    assert call(make_client(aws.session(), "sts"), WHO).text("Arn") == "arn:aws:iam::123456789012:user/u"


def test_a_web_page_in_place_of_an_error_is_not_shown(aws: LoopbackAws) -> None:
    page = b"<!doctype html><title>500 Internal Server Error</title>"
    aws.hook("sagemaker:DescribeEndpoint", lambda _: Answer(500, page, {"Content-Type": "text/html"}))
    client = make_client(aws.session(attempts=1), "sagemaker")
    with pytest.raises(
        AwsUnavailableError, match=r": 500: a web page in place of AWS's answer \(of a proxy or a"
    ) as caught:
        call(client, "sagemaker:DescribeEndpoint", EndpointName="churn")
    assert "html" not in str(caught.value)
