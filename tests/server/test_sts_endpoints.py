"""Which host is asked: the Region's own, whatever the settings say, or a configured one that may be the Region's.

Real clients on AWS's real host names, with a proxy that refuses: nothing leaves this machine.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import boto3
import pytest

from iamcheck.aws.clients import make_session
from iamcheck.checks.sts import StsAccess, StsState, check_region, check_regions
from tests.server import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.server import LoopbackAws

    Enter = Callable[[Mapping[str, str]], None]

ROLE = "arn:aws:iam::123456789012:role/ci"
KEYS = {
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "not-a-secret",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_CONFIG_FILE": "/nonexistent/config",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
}


@pytest.fixture
def no_way_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Let every request go to a proxy on a port that is bound and not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{bound.getsockname()[1]}"
        for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, proxy)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        yield proxy


ENDPOINTS = [
    ({}, "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
    ({"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
    ({"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "us-east-1", "https://sts.us-east-1.amazonaws.com"),
    ({"AWS_ENDPOINT_URL_STS": "https://sts.amazonaws.com"}, "eu-west-1", "https://sts.eu-west-1.amazonaws.com"),
    ({"AWS_STS_REGIONAL_ENDPOINTS": "legacy"}, "cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"),
    ({"AWS_USE_FIPS_ENDPOINT": "true"}, "us-east-1", "https://sts-fips.us-east-1.amazonaws.com"),
    (
        {"AWS_ENDPOINT_URL_STS": "https://vpce-0a1b-c2d3.sts.eu-west-1.vpce.amazonaws.com"},
        "eu-west-1",
        "https://vpce-0a1b-c2d3.sts.eu-west-1.vpce.amazonaws.com",
    ),
]


@pytest.mark.parametrize(("settings", "region", "endpoint"), ENDPOINTS)
def test_endpoint(enter: Enter, no_way_out: str, settings: dict[str, str], region: str, endpoint: str) -> None:
    enter({**KEYS, **settings})
    result = check_region(region, StsAccess(make_session(region=region)))
    assert result.state is StsState.UNREACHABLE
    (evidence,) = result.evidence
    assert evidence.call
    assert evidence.call.endpoint == endpoint
    assert ("configured" in (evidence.note or "")) == ("vpce" in endpoint)


def test_endpoint_of_another_region_is_not_asked(enter: Enter, no_way_out: str) -> None:
    # AssumeRoleWithWebIdentity is not signed: an endpoint in eu-west-1 would answer it, whatever Region is meant
    enter({**KEYS, "AWS_ENDPOINT_URL_STS": "https://vpce-0a1b-c2d3.sts.eu-west-1.vpce.amazonaws.com"})
    report = check_regions(["eu-west-1", "eu-north-1"], StsAccess(make_session()))
    assert [one.state for one in report.regions] == [StsState.UNREACHABLE, StsState.UNKNOWN]
    assert "eu-west-1" in report.regions[1].summary


def test_legacy_profile(enter: Enter, no_way_out: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nsts_regional_endpoints = legacy\n")
    enter({**KEYS, "AWS_CONFIG_FILE": str(config)})
    result = check_region("eu-west-1", StsAccess(make_session()))
    assert "https://sts.eu-west-1.amazonaws.com" in result.summary


def test_given_client_of_the_global_endpoint_proves_nothing(enter: Enter, no_way_out: str) -> None:
    enter({**KEYS, "AWS_STS_REGIONAL_ENDPOINTS": "legacy"})
    client = boto3.Session(region_name="eu-west-1").client("sts")
    result = check_region("eu-west-1", StsAccess(client=client))
    assert result.state is StsState.UNKNOWN
    assert "global endpoint" in result.summary


def test_a_request_that_was_sent_elsewhere_is_held_back(aws: LoopbackAws) -> None:
    def divert(request: object, **_: object) -> None:
        request.url = "https://sts.example.com/"  # type: ignore[attr-defined]  # botocore's AWSRequest

    session = aws.session()
    session.events.register("before-sign.sts", divert)
    result = check_region("eu-west-1", StsAccess(session))
    assert result.state is StsState.UNKNOWN
    assert aws.calls == ()


def test_configured_endpoint_that_refuses_the_signature_proves_nothing(
    aws: LoopbackAws, tmp_path: Path, enter: Enter
) -> None:
    """A web identity's credentials from an endpoint that does not take signatures for the Region."""
    aws.create_role("ci")
    enter({**aws.web_identity(ROLE, tmp_path / "token"), "AWS_MAX_ATTEMPTS": "1"})
    aws.sts.world("eu-west-1", World.THROTTLED, operations=["GetCallerIdentity"])
    result = check_region("eu-west-1", StsAccess(make_session()))
    assert result.state is StsState.UNKNOWN, result
    assert "not known to be that of eu-west-1" in result.summary
