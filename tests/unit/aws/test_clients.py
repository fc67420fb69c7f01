"""Clients under every fault: real sockets on loopback, real boto3 clients."""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore import exceptions
from botocore.config import Config

from iamcheck.aws.clients import Deadline, call, endpoint_of, make_client, make_session
from iamcheck.aws.refusals import is_access_denied, redact, translated
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from tests.server import Answer, error

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server import Call, LoopbackAws


WHO = "sts:GetCallerIdentity"
GARBAGE = {
    "html": Answer(200, b"<html><body>Please <b>log in</body></html>", {"Content-Type": "text/html"}),
    "well-formed html": Answer(200, b"<html><body>Please log in</body></html>", {"Content-Type": "text/html"}),
    "html of a proxy, 403": Answer(403, b"<html>Blocked<br></html>", {"Content-Type": "text/html"}),
    "well-formed html, 407": Answer(407, b"<html><p>Blocked</p></html>", {"Content-Type": "text/html"}),
    "json": Answer(200, b'{"Account": "123456789012"}', {"Content-Type": "application/json"}),
    "nothing": Answer(200, b"", {}),
    "truncated": Answer(200, b"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn", {}),
    "bytes": Answer(200, bytes(range(256)), {}),
    "error without a code": Answer(400, b"<ErrorResponse><Error/></ErrorResponse>", {}),
    "error of another shape": Answer(400, b"<a><b>c</b></a>", {}),
    "server error": Answer(500, b"oops", {}),
}


@pytest.fixture
def port() -> Iterator[socket.socket]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        yield listener


def _session(**settings: object) -> boto3.Session:
    core = botocore.session.Session()
    core.set_config_variable("config_file", "/dev/null")
    core.set_config_variable("credentials_file", "/dev/null")
    core.set_default_client_config(Config(proxies={}, **settings))  # type: ignore[arg-type]
    return boto3.Session("AKIAEXAMPLE", "not-a-secret", region_name="eu-west-1", botocore_session=core)


def _url(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_the_answer_comes_with_operation_and_endpoint(aws: LoopbackAws) -> None:
    answer = call(make_client(aws.session(), "sts"), WHO)
    assert (answer.operation, answer.endpoint, answer.text("Arn")) == (WHO, aws.url, aws.admin.arn)


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_could_not_ask(aws: LoopbackAws, kind: str) -> None:
    aws.hook(WHO, lambda _: GARBAGE[kind])
    client = make_client(aws.session(attempts=1), "sts")
    with pytest.raises(AwsUnavailableError) as caught:
        call(client, WHO).text("Arn")
    assert (caught.value.operation, caught.value.endpoint) == (WHO, aws.url)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        ("AccessDenied", "User: arn:aws:iam::123456789012:user/x is not authorized to perform: y", "not authorized"),
        ("ExpiredToken", "The security token included in the request is expired", "expired: renew"),
        ("InvalidClientTokenId", "The security token included in the request is invalid.", "is invalid"),
        ("SignatureDoesNotMatch", "It does not match. The Canonical String is 'x-amz-security-token:abc'", "not match"),
        ("RegionDisabledException", "STS is not activated in this region for account:123456789012.", "123456789012"),
        ("Throttling", "Rate exceeded", "Rate exceeded (throttled"),
    ],
)
def test_a_refusal_keeps_its_code(aws: LoopbackAws, code: str, text: str, said: str) -> None:
    aws.hook(WHO, lambda asked: error(asked.protocol, 403, code, text))
    with pytest.raises(AwsUnavailableError, match="sts:GetCallerIdentity at http") as caught:
        call(make_client(aws.session(attempts=1), "sts"), WHO)
    assert caught.value.code == code
    assert said in caught.value.reason
    assert "security-token:abc" not in str(caught.value)
    assert is_access_denied(caught.value) is (code == "AccessDenied")


TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE" * 8


def _every_text(error: BaseException | None) -> str:
    """All that an error and whatever is chained to it says, or holds."""
    texts = []
    while error is not None:
        texts += [str(error), repr(error), repr(vars(error))]
        error = error.__cause__ or error.__context__
    return "".join(texts)


@pytest.mark.parametrize(
    ("code", "message"),
    [(TOKEN, "denied"), ("AccessDenied", f"token: {TOKEN}"), ("ASIAIOSFODNN7EXAMPLE", "x"), (f"a b {TOKEN}", TOKEN)],
)
def test_no_secret_is_in_an_error_or_in_what_is_chained_to_it(aws: LoopbackAws, code: str, message: str) -> None:
    """A proxy may echo headers anywhere, in the error code too, and botocore's own error holds the whole answer."""
    aws.hook(WHO, lambda asked: error(asked.protocol, 403, code, message))
    with pytest.raises(AwsUnavailableError) as caught:
        call(make_client(aws.session(attempts=1), "sts"), WHO)
    assert code in ("AccessDenied", caught.value.code) or code not in _every_text(caught.value)
    assert TOKEN not in _every_text(caught.value)
    assert "ASIAIOSFODNN7EXAMPLE" not in _every_text(caught.value)
    assert isinstance(caught.value.__cause__, exceptions.ClientError)


@pytest.mark.parametrize("code", ["AWS.SimpleQueueService.NonExistentQueue", "Client.UnauthorizedOperation", "403"])
def test_codes_of_any_service_are_kept(aws: LoopbackAws, code: str) -> None:
    aws.hook(WHO, lambda asked: error(asked.protocol, 403, code, "no"))
    with pytest.raises(AwsUnavailableError) as caught:
        call(make_client(aws.session(attempts=1), "sts"), WHO)
    assert caught.value.code == code


def test_a_credential_process_that_hangs_is_given_up_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = eu-west-1\ncredential_process = sh -c 'read line < fifo'\n")
    os.mkfifo(tmp_path / "fifo")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    session = boto3.Session()
    with pytest.raises(AwsUnavailableError, match="--timeout"):
        make_client(session, "sts", deadline=Deadline.after(0.2, time.monotonic))
    # let the process end
    (tmp_path / "fifo").write_text("x\n")


def test_throttling_is_tried_again(aws: LoopbackAws) -> None:
    asked: list[Call] = []

    def once(this: Call) -> Answer | None:
        asked.append(this)
        return error(this.protocol, 400, "Throttling", "Rate exceeded") if len(asked) == 1 else None

    aws.hook("iam:ListUsers", once)
    answer = call(make_client(aws.session(), "iam"), "iam:ListUsers", Deadline.after(30, time.monotonic))
    assert [user.text("UserName") for user in answer.parts("Users")] == ["admin"]
    assert len(asked) == 2


def test_a_closed_port_is_tried_twice(port: socket.socket) -> None:
    # bound and not listening: connections are refused
    client = make_client(_session(), "iam", endpoint_url=_url(port))
    sent: list[object] = []
    client.meta.events.register("before-send", lambda **_: sent.append(1))
    with pytest.raises(AwsUnavailableError, match="Could not connect") as caught:
        call(client, "iam:ListUsers")
    assert caught.value.endpoint == _url(port)
    assert len(sent) == 2


@pytest.mark.parametrize("host", ["http://nobody.invalid", "http://127.0.0.1:1"])
def test_retry_settings_of_the_caller_do_not_prolong_a_dead_host(host: str) -> None:
    client = make_client(_session(retries={"total_max_attempts": 9}), "sts", endpoint_url=host)
    sent: list[object] = []
    client.meta.events.register("before-send", lambda **_: sent.append(1))
    with pytest.raises(AwsUnavailableError):
        call(client, WHO)
    assert len(sent) == 2


def test_a_proxy_that_refuses_is_named_without_its_password(port: socket.socket) -> None:
    proxy = f"http://someone:letmein@127.0.0.1:{port.getsockname()[1]}"
    session = _session()
    session._session.set_default_client_config(Config(proxies={"http": proxy}))
    client = make_client(session, "sts", endpoint_url="http://sts.example.com")
    with pytest.raises(AwsUnavailableError, match="proxy") as caught:
        call(client, WHO)
    assert "letmein" not in str(caught.value)


def test_a_silent_host_ends_with_the_deadline(port: socket.socket) -> None:
    port.listen()
    port.settimeout(60)
    now = [-30.0]
    deadline = Deadline(lambda: now[0], at=0.2, seconds=0.2)
    client = make_client(_session(), "sts", endpoint_url=_url(port), deadline=deadline)
    now[0] = 0.0
    with pytest.raises(AwsUnavailableError, match=r"time limit of 0\.2 seconds"):
        call(client, WHO, deadline)
    now[0] = 0.2
    with pytest.raises(AwsUnavailableError, match="time limit"):
        call(client, WHO, deadline)
    # let the thread that still waits end: it does not try again after the deadline
    port.accept()[0].close()
    for thread in threading.enumerate():
        if thread.name.startswith("iamcheck"):
            thread.join()


@pytest.mark.parametrize(
    ("settings", "service", "retries"),
    [
        ({}, "iam", {"mode": "adaptive", "total_max_attempts": 10}),
        ({}, "sts", {"mode": "standard", "total_max_attempts": 4}),
        ({"retries": {"total_max_attempts": 2}}, "iam", {"mode": "standard", "total_max_attempts": 2}),
    ],
)
def test_retry_settings_of_the_session_win(settings: dict[str, object], service: str, retries: object) -> None:
    client = make_client(_session(**settings), service)
    assert client.meta.config.retries == retries
    assert "iamcheck/" in client.meta.config.user_agent_extra


@pytest.mark.parametrize(
    ("variable", "value", "attempts"), [("AWS_MAX_ATTEMPTS", "2", 2), ("AWS_RETRY_MODE", "legacy", None)]
)
def test_retry_settings_of_the_environment_win(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, attempts: int | None
) -> None:
    monkeypatch.setenv(variable, value)
    client = make_client(_session(), "iam")
    assert client.meta.config.retries.get("total_max_attempts") == attempts


def test_retry_settings_of_the_profile_win(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("[profile slow]\nmax_attempts = 7\nregion = eu-west-1\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-a-secret")
    client = make_client(make_session(profile="slow"), "iam")
    assert client.meta.config.retries["total_max_attempts"] == 7


def test_a_profile_that_does_not_exist_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    # with this variable, which the AWS CLI sets for its own process, botocore does not look at the profile by itself
    monkeypatch.setenv("AWS_DATA_PATH", "/dev/null")
    with pytest.raises(InvalidInputError, match="nobody"):
        make_session(profile="nobody")


@pytest.mark.parametrize("url", ["nonsense", "http://"])
def test_an_endpoint_that_is_no_url_is_bad_input(url: str) -> None:
    with pytest.raises(InvalidInputError, match="endpoint"):
        make_client(_session(), "sts", endpoint_url=url)


def test_no_region_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(InvalidInputError, match="--region"):
        make_client(make_session(), "sagemaker")


def test_no_credentials_say_what_to_do(monkeypatch: pytest.MonkeyPatch, port: socket.socket) -> None:
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(variable, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(variable, raising=False)
    client = make_client(make_session(region="eu-west-1"), "sts", endpoint_url=_url(port))
    with pytest.raises(AwsUnavailableError, match=r"no AWS credentials were found: configure some$"):
        call(client, WHO)


def test_half_of_the_credentials_is_could_not_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(AwsUnavailableError, match="incomplete"):
        make_client(make_session(region="eu-west-1"), "sts")


def test_credentials_that_cannot_be_had_name_the_call(monkeypatch: pytest.MonkeyPatch, aws: LoopbackAws) -> None:
    aws.deny("sts:AssumeRole")
    for name, value in aws.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    core = botocore.session.Session()
    core.full_config["profiles"]["chained"] = {
        "role_arn": "arn:aws:iam::123456789012:role/deployer",
        "credential_source": "Environment",
        "region": "eu-west-1",
    }
    core.set_config_variable("profile", "chained")
    client = make_client(boto3.Session(botocore_session=core), "iam")
    with pytest.raises(AwsUnavailableError, match="getting credentials, AssumeRole: AccessDenied"):
        call(client, "iam:ListUsers")


def test_parameters_that_botocore_refuses_are_bad_input(aws: LoopbackAws) -> None:
    with pytest.raises(InvalidInputError, match="RoleName"):
        call(make_client(aws.session(), "iam"), "iam:GetRole", RoleName="")


class _Stub:
    """Anything with the methods of a client."""

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def list_users(self) -> object:
        return self._answer


def test_errors_of_our_own_pass_through() -> None:
    class Refusing:
        def list_users(self) -> object:
            raise InvalidInputError("no account")

    with pytest.raises(InvalidInputError, match="no account"):
        call(Refusing(), "iam:ListUsers")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.ProfileNotFound(profile="nobody"), InvalidInputError),
        (exceptions.ConfigParseError(path="config"), InvalidInputError),
        (
            exceptions.SSLError(endpoint_url="https://sts.example.com", error=OSError("self-signed")),
            AwsUnavailableError,
        ),
        (exceptions.TokenRetrievalError(provider="sso", error_msg="run aws sso login"), AwsUnavailableError),
        (OSError("broken pipe"), AwsUnavailableError),
    ],
)
def test_what_the_credential_chain_raises_is_told_apart(error: Exception, kind: type[Exception]) -> None:
    assert type(translated(error, WHO, None)) is kind


@pytest.mark.parametrize("answer", [None, [], "text"])
def test_what_is_no_structure_is_could_not_ask(answer: object) -> None:
    with pytest.raises(AwsUnavailableError, match="not a structure"):
        call(_Stub(answer), "iam:ListUsers")


@pytest.mark.parametrize(
    "users", ["text", {"a": 1}, ["text"], [None]], ids=["a text", "a structure", "of texts", "of nothing"]
)
def test_a_member_of_another_type_is_could_not_ask(users: object) -> None:
    with pytest.raises(AwsUnavailableError, match="Users is not a"):
        call(_Stub({"Users": users}), "iam:ListUsers").parts("Users")


def test_members_are_read_by_type() -> None:
    answer = call(
        _Stub({"Names": ["a", "b"], "Mixed": ["a", 1], "Void": ["a", ""], "Detail": {"Text": "x"}, "Empty": ""}),
        "iam:ListUsers",
    )
    assert endpoint_of(_Stub({})) is None
    assert answer.texts("Names") == ("a", "b")
    assert answer.texts("Missing") == ()
    assert answer.parts("Missing") == ()
    assert answer.part("Missing") is None
    detail = answer.part("Detail")
    assert detail is not None
    assert detail.text("Text") == "x"
    for member in ("Mixed", "Void"):
        with pytest.raises(AwsUnavailableError, match=f"{member} is not a list of texts"):
            answer.texts(member)
    with pytest.raises(AwsUnavailableError, match="Empty is missing"):
        answer.text("Empty")


@pytest.mark.parametrize(
    "secret",
    [
        "A" * 39 + "b",
        "aB3/" * 10,
        "FwoGZXIvYXdzE" * 20,
        "AKIAIOSFODNN7EXAMPLE",
        "ASIAIOSFODNN7EXAMPLE",
    ],
)
def test_what_looks_like_a_secret_is_taken_out(secret: str) -> None:
    text = redact(f"before {secret} after\r\n\x1b[31mnext")
    assert secret not in text
    assert text == "before *** after [31mnext"


@pytest.mark.parametrize("name", ["X-Amz-Security-Token", "Signature", "Credential", "SecretAccessKey", "password"])
@pytest.mark.parametrize("sign", ["=", ": ", '": "'])
def test_named_secrets_are_taken_out(name: str, sign: str) -> None:
    assert "short" not in redact(f"{name}{sign}short")


def test_long_texts_are_shortened() -> None:
    assert len(redact("word " * 1000)) == 300
    assert redact("arn:aws:iam::123456789012:role/ci is plain") == "arn:aws:iam::123456789012:role/ci is plain"
