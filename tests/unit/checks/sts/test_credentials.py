"""Which probe credentials allow: the best one is chosen before anybody is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.clients import make_session
from iamcheck.checks.sts import Probe
from iamcheck.checks.sts._clients import SessionClients
from iamcheck.checks.sts._credentials import plan_probe

if TYPE_CHECKING:
    from pathlib import Path

IDENTITY = {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci", "AWS_WEB_IDENTITY_TOKEN_FILE": "token"}
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
