"""Which probe credentials allow: the best one is chosen before anybody is asked."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import boto3
import botocore.session
import pytest
from botocore.credentials import RefreshableCredentials

from iamcheck.aws.clients import make_session
from iamcheck.checks.sts import Probe
from iamcheck.checks.sts._clients import SessionClients
from iamcheck.checks.sts._credentials import plan_probe

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci", "AWS_WEB_IDENTITY_TOKEN_FILE": "token"}
EXPIRATION = "2099-01-01T00:00:00Z"
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "none"}
SESSION_KEYS = {**KEYS, "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE", "AWS_SESSION_TOKEN": "none"}


@pytest.mark.parametrize(
    ("environment", "probe"),
    [
        (KEYS, Probe.SESSION_TOKEN),
        (SESSION_KEYS, Probe.SESSION_TOKEN),
        # keys of a user sign the calls, whatever else is there
        ({**KEYS, **IDENTITY}, Probe.SESSION_TOKEN),
        # some CI systems put the session's keys into the environment and leave the token's file there
        ({**SESSION_KEYS, **IDENTITY}, Probe.WEB_IDENTITY),
        (IDENTITY, Probe.WEB_IDENTITY),
    ],
)
def test_the_probe_is_that_of_the_credentials_that_sign(
    environment: dict[str, str], probe: Probe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("none", encoding="utf-8")
    for name in (*IDENTITY, *SESSION_KEYS, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    assert plan_probe(SessionClients(make_session())).probe is probe


# https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html
@pytest.mark.parametrize(
    ("source", "probe"),
    [
        ("credential_source = Environment", Probe.SOURCE_ROLE),
        ("source_profile = base", Probe.SOURCE_ROLE),
        ("source_profile = ci\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = none", Probe.SOURCE_ROLE),
        # a second code would be asked for on the terminal
        ("source_profile = base\nmfa_serial = arn:aws:iam::123456789012:mfa/ann", Probe.SESSION_TOKEN),
    ],
)
def test_a_profile_with_a_role_has_it_assumed_from_the_same_source(
    source: str, probe: Probe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in (*IDENTITY, *SESSION_KEYS, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    role = f"[profile ci]\nregion = eu-west-1\nrole_arn = {IDENTITY['AWS_ROLE_ARN']}\n{source}\n"
    base = "[profile base]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = none\n"
    (tmp_path / "config").write_text(role + base, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "nothing"))
    plan = plan_probe(SessionClients(make_session(profile="ci")))
    assert plan.probe is probe
    if probe is Probe.SOURCE_ROLE:
        assert (plan.role_arn, plan.long_term) == (IDENTITY["AWS_ROLE_ARN"], True)


class Container(BaseHTTPRequestHandler):
    """Gives credentials as the agent of a container does.

    Source: https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
    """

    access_key: str | None = "OFCONTAINER"
    secret_key: str | None = "none"

    def do_GET(self) -> None:
        keys = {"AccessKeyId": self.access_key, "SecretAccessKey": self.secret_key}
        body = json.dumps({**keys, "Token": "t", "Expiration": EXPIRATION}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing: standard error belongs to the tests."""


class EmptyContainer(Container):
    """Answers `null` for both keys."""

    access_key = None
    secret_key = None


@pytest.mark.parametrize(
    ("container", "keys"), [(Container, ("OFCONTAINER", "none", "t")), (EmptyContainer, ("", "", "t"))]
)
def test_the_source_is_the_one_that_the_profile_names(
    container: type[Container], keys: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Keys of the environment come before those of a container, but not for a profile that names the container."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    for name in (*IDENTITY, "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    role = f"[profile ci]\nregion = eu-west-1\nrole_arn = {IDENTITY['AWS_ROLE_ARN']}\n"
    (tmp_path / "config").write_text(f"{role}credential_source = EcsContainer\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "nothing"))
    with ThreadingHTTPServer(("127.0.0.1", 0), container) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}/keys"
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        plan = plan_probe(SessionClients(make_session(profile="ci")))
        server.shutdown()
        thread.join()

    assert (plan.probe, plan.long_term) == (Probe.SOURCE_ROLE, False)
    assert isinstance(plan.clients, SessionClients)
    credentials = plan.clients.session.get_credentials()
    assert credentials is not None
    assert (credentials.access_key, credentials.secret_key, credentials.token) == keys


@pytest.mark.parametrize("source", ["web_identity_token_file = token", "", "credential_source = Nothing"])
def test_credentials_that_the_caller_made_need_no_source_in_the_profile(
    source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """botocore does not look at the profile of a session that was given its credentials."""
    for name in (*IDENTITY, *SESSION_KEYS, "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    role = f"[default]\nregion = eu-west-1\nrole_arn = {IDENTITY['AWS_ROLE_ARN']}\n{source}\n"
    (tmp_path / "config").write_text(role, encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "nothing"))
    core = botocore.session.Session()
    expiry = datetime(2099, 1, 1, tzinfo=timezone.utc)
    credentials = RefreshableCredentials("ASIA", "none", "t", expiry, dict, "assume-role")
    # botocore has no public door for credentials that refresh themselves
    core._credentials = credentials  # type: ignore[attr-defined]
    assert plan_probe(SessionClients(boto3.Session(botocore_session=core))).probe is Probe.SESSION_TOKEN
