"""Whether STS is active, asked over real HTTP with real clients; each world is AWS's behaviour in a Region."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.clients import make_session
from iamcheck.aws.principals import parse_principal
from iamcheck.checks.sts import (
    Probe,
    StsAccess,
    StsState,
    check_region,
    check_regions,
    probe_role_trust,
)
from iamcheck.checks.sts._clients import SessionClients
from iamcheck.checks.sts._credentials import plan_probe
from iamcheck.errors import InvalidInputError
from iamcheck.results import Status, Verdict
from tests.server import Answer, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from iamcheck.checks.sts import RegionResult
    from tests.server import Credentials, LoopbackAws
    from tests.server.calls import Call

    Enter = Callable[[Mapping[str, str]], None]

pytestmark = pytest.mark.slow

ACCOUNT = "123456789012"
OTHER = "210987654321"
DEFAULT_REGION = "eu-west-1"  # enabled by default, so that STS can be deactivated there
OPT_IN_REGION = "af-south-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"


@pytest.fixture
def access(aws: LoopbackAws, enter: Enter) -> Callable[[Credentials | None], StsAccess]:
    def give(credentials: Credentials | None = None) -> StsAccess:
        enter(aws.environment(credentials, AWS_MAX_ATTEMPTS="1"))
        return StsAccess(make_session())

    return give


Access = "Callable[[Credentials | None], StsAccess]"


def operations(result: RegionResult) -> list[str]:
    return [one.call.operation for one in result.evidence if one.call]


USER_CASES = [
    # world, Region, state: an IAM user's long-term keys
    (World.ACTIVE, DEFAULT_REGION, StsState.ACTIVE),
    (World.DEACTIVATED, DEFAULT_REGION, StsState.DEACTIVATED),
    (World.ACCESS_DENIED, DEFAULT_REGION, StsState.UNKNOWN),
    (World.INVALID_TOKEN, DEFAULT_REGION, StsState.UNKNOWN),  # valid at home: why, nobody tells
    (World.EXPIRED_TOKEN, DEFAULT_REGION, StsState.INVALID_CREDENTIALS),
    (World.THROTTLED, DEFAULT_REGION, StsState.UNKNOWN),
    (World.GARBAGE, DEFAULT_REGION, StsState.UNKNOWN),
    (World.BAD_GATEWAY, DEFAULT_REGION, StsState.UNKNOWN),
    (World.ACTIVE, OPT_IN_REGION, StsState.ACTIVE),
    (World.NOT_ENABLED, OPT_IN_REGION, StsState.REGION_NOT_ENABLED),
    (World.ACCESS_DENIED, OPT_IN_REGION, StsState.ACTIVE),  # the opt-in status says ENABLED
    (World.ACTIVE, "us-east-1", StsState.ACTIVE),
    (World.ACCESS_DENIED, "us-east-1", StsState.ACTIVE),  # valid credentials suffice there
    (World.INVALID_TOKEN, "us-east-1", StsState.INVALID_CREDENTIALS),
    (World.THROTTLED, "us-east-1", StsState.UNKNOWN),
    (World.GARBAGE, "us-east-1", StsState.UNKNOWN),
]


@pytest.mark.parametrize(("world", "region", "state"), USER_CASES)
def test_user(aws: LoopbackAws, access: Callable[..., StsAccess], world: World, region: str, state: StsState) -> None:
    aws.sts.world(region, world)
    result = check_region(region, access())
    assert (result.state, result.status) == (state, state.status), result
    assert result.evidence
    assert all(one.call and one.call.endpoint == aws.url for one in result.evidence)
    if state not in (StsState.ACTIVE, StsState.DEACTIVATED):
        assert result.remedy
    if (world, region) == (World.ACTIVE, DEFAULT_REGION):
        assert any(f"the answer is about account {ACCOUNT}" in (one.note or "") for one in result.evidence)


SESSION_CASES = [
    (World.ACTIVE, DEFAULT_REGION, StsState.UNKNOWN),
    (World.DEACTIVATED, DEFAULT_REGION, StsState.DEACTIVATED),
    (World.INVALID_TOKEN, DEFAULT_REGION, StsState.UNKNOWN),
    (World.THROTTLED, DEFAULT_REGION, StsState.UNKNOWN),
    (World.GARBAGE, DEFAULT_REGION, StsState.UNKNOWN),
    (World.ACTIVE, OPT_IN_REGION, StsState.ACTIVE),  # the opt-in status says ENABLED
    (World.NOT_ENABLED, OPT_IN_REGION, StsState.REGION_NOT_ENABLED),  # it says DISABLED
    (World.ACTIVE, "us-east-1", StsState.ACTIVE),
]


@pytest.mark.parametrize(("world", "region", "state"), SESSION_CASES)
def test_session_credentials(
    aws: LoopbackAws, access: Callable[..., StsAccess], world: World, region: str, state: StsState
) -> None:
    session = aws.create_role("ci")
    aws.sts.world(region, world)
    assert check_region(region, access(session)).state is state


def test_session_credentials_that_cannot_probe_say_what_would(
    aws: LoopbackAws, access: Callable[..., StsAccess]
) -> None:
    result = check_region(DEFAULT_REGION, access(aws.create_role("ci")))
    assert result.status is Status.UNKNOWN
    assert result.remedy
    assert "--sts-probe-role" in result.remedy.text


def test_what_is_refused_first_decides_nothing(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    # AWS does not say whether it looks at permissions before the Region's setting
    aws.sts.denies_first = True
    aws.sts.deactivate(DEFAULT_REGION)
    assert check_region(DEFAULT_REGION, access(aws.create_role("ci"))).state is StsState.UNKNOWN


def test_opt_in_status_that_may_not_be_read(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    session = aws.create_role("ci")
    aws.deny("account:*")
    aws.sts.world(OPT_IN_REGION, World.NOT_ENABLED)
    assert check_region(OPT_IN_REGION, access()).state is StsState.REGION_NOT_ENABLED
    # a session token may be of version 1, and then it is valid in default Regions only
    assert check_region(OPT_IN_REGION, access(session)).state is StsState.UNKNOWN


@pytest.mark.parametrize("region", [DEFAULT_REGION, OPT_IN_REGION, "us-east-1"])
def test_credentials_that_are_invalid_everywhere(
    aws: LoopbackAws, access: Callable[..., StsAccess], region: str
) -> None:
    aws.revoke(aws.admin)
    assert check_region(region, access()).state is StsState.INVALID_CREDENTIALS


def test_root_is_not_probed_with_unless_told(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    given = access(aws.root())
    assert check_region(DEFAULT_REGION, given).state is StsState.UNKNOWN
    assert "sts:GetSessionToken" not in aws.actions
    told = StsAccess(given.session, probe_root=True)
    assert check_region(DEFAULT_REGION, told).state is StsState.ACTIVE


WEB_CASES = [
    (World.ACTIVE, StsState.ACTIVE),
    (World.DEACTIVATED, StsState.DEACTIVATED),
    (World.ACCESS_DENIED, StsState.UNKNOWN),
    (World.THROTTLED, StsState.UNKNOWN),
    (World.GARBAGE, StsState.UNKNOWN),
]


@pytest.mark.parametrize(("world", "state"), WEB_CASES)
@pytest.mark.parametrize("region", [DEFAULT_REGION, "eu-north-1"])
def test_web_identity(
    aws: LoopbackAws, tmp_path: Path, enter: Enter, world: World, state: StsState, region: str
) -> None:
    aws.create_role("ci")
    enter({**aws.web_identity(ROLE, tmp_path / "token", region_name=region), "AWS_MAX_ATTEMPTS": "1"})
    aws.sts.world(region, world)
    result = check_region(region, StsAccess(make_session()))
    assert result.state is state, result
    assert operations(result)[0] == "sts:AssumeRoleWithWebIdentity"
    (asked, *_) = (call for call in aws.calls if call.operation == "AssumeRoleWithWebIdentity")
    assert asked.parameters["DurationSeconds"] == 900
    assert json.loads(str(asked.parameters["Policy"]))["Statement"] == [
        {"Effect": "Deny", "Action": "*", "Resource": "*"}
    ]


def test_web_identity_token_that_cannot_be_read(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    enter(aws.web_identity(ROLE, tmp_path / "token"))
    (tmp_path / "token").unlink()
    assert check_region(DEFAULT_REGION, StsAccess(make_session())).state is StsState.UNKNOWN


PROFILES = {
    "source_profile": "source_profile = keys",
    "own keys": "source_profile = ci\naws_access_key_id = {key}\naws_secret_access_key = {secret}",
    "environment": "credential_source = Environment",
}


@pytest.mark.parametrize("source", PROFILES)
@pytest.mark.parametrize(("world", "state"), WEB_CASES)
def test_profile_with_a_role(
    aws: LoopbackAws, tmp_path: Path, enter: Enter, source: str, world: World, state: StsState
) -> None:
    aws.create_role("ci")
    keys = {"key": aws.admin.access_key_id, "secret": aws.admin.secret_access_key}
    config = tmp_path / "config"
    config.write_text(
        f"[profile ci]\nrole_arn = {ROLE}\nrole_session_name = deploy\nexternal_id = chosen\n"
        + PROFILES[source].format(**keys)
        + "\n[profile keys]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n".format(**keys)
    )
    enter(aws.environment(AWS_CONFIG_FILE=str(config), AWS_MAX_ATTEMPTS="1"))
    aws.sts.world(DEFAULT_REGION, world)
    result = check_region(DEFAULT_REGION, StsAccess(make_session(profile="ci")))
    assert result.state is state, result
    assert operations(result) == ["sts:AssumeRole"]
    (asked,) = aws.calls
    assert asked.access_key_id == aws.admin.access_key_id
    assert asked.parameters["ExternalId"] == "chosen"
    assert asked.parameters["RoleSessionName"] == "deploy"


def test_a_chain_that_trips_over_the_setting_is_a_verdict(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    """With MFA no probe is tried, so that the chain's own AssumeRole meets the setting."""
    aws.create_role("ci")
    aws.create_role("probe")
    config = tmp_path / "config"
    config.write_text(f"[profile ci]\nrole_arn = {ROLE}\ncredential_source = Environment\n")
    enter(aws.environment(AWS_CONFIG_FILE=str(config)))
    aws.sts.deactivate(DEFAULT_REGION)
    session = make_session(profile="ci")
    probe = f"arn:aws:iam::{ACCOUNT}:role/probe"
    here = check_region(DEFAULT_REGION, StsAccess(session, probe_role=probe))
    assert here.state is StsState.DEACTIVATED
    assert operations(here) == ["sts:AssumeRole"]
    # the chain asks in the session's Region, which says nothing about another
    elsewhere = check_region("eu-north-1", StsAccess(session, probe_role=probe))
    assert elsewhere.state is StsState.UNKNOWN


@pytest.mark.parametrize(("world", "state"), WEB_CASES)
def test_probe_role(aws: LoopbackAws, access: Callable[..., StsAccess], world: World, state: StsState) -> None:
    session = aws.create_role("ci")
    aws.create_role("probe", account_id=OTHER, trust=probe_role_trust(parse_principal(session.caller.principal)))
    aws.sts.world(DEFAULT_REGION, world, account_id=OTHER)
    given = access(session)
    probe = f"arn:aws:iam::{OTHER}:role/probe"
    asked = StsAccess(given.session, account_id=OTHER, probe_role=probe)
    assert check_region(DEFAULT_REGION, asked).state is state
    # the setting of the role's account says nothing about another's
    assert check_region(DEFAULT_REGION, StsAccess(given.session, account_id=ACCOUNT, probe_role=probe)).state is (
        StsState.UNKNOWN
    )


@pytest.mark.parametrize("region", [DEFAULT_REGION, "us-east-1", OPT_IN_REGION])
def test_credentials_of_another_account_prove_nothing(
    aws: LoopbackAws, access: Callable[..., StsAccess], region: str
) -> None:
    given = access(aws.create_user("stranger", account_id=OTHER))
    asked = StsAccess(given.session, account_id=ACCOUNT)
    assert check_region(region, asked).state is StsState.UNKNOWN
    aws.sts.deactivate(region, account_id=OTHER)
    assert check_region(region, asked).state is StsState.UNKNOWN


def test_closed_port_is_unreachable(aws: LoopbackAws, enter: Enter, closed_port: str) -> None:
    enter(aws.environment(AWS_ENDPOINT_URL=closed_port))
    result = check_region(DEFAULT_REGION, StsAccess(make_session()))
    assert (result.state, result.status) == (StsState.UNREACHABLE, Status.UNKNOWN)
    assert closed_port in result.summary


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body><p>Sign in</p></body></html>",
        b'<GetSessionTokenResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetSessionTokenResult>'
        b"<Credentials><AccessKeyId>x</AccessKeyId></Credentials></GetSessionTokenResult></GetSessionTokenResponse>",
        b"",
        b"{}",
    ],
)
def test_an_answer_without_credentials_proves_nothing(
    aws: LoopbackAws, access: Callable[..., StsAccess], body: bytes
) -> None:
    def page(call: Call) -> Answer:
        return Answer(200, body, {"Content-Type": "text/xml"})

    aws.hook("sts:GetSessionToken", page)
    assert check_region(DEFAULT_REGION, access()).state is StsState.UNKNOWN


def test_no_credentials(aws: LoopbackAws, enter: Enter) -> None:
    environment = aws.environment()
    del environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    enter(environment)
    result = check_region(DEFAULT_REGION, StsAccess(make_session()))
    assert result.status is Status.UNKNOWN
    assert aws.calls == ()


def test_a_region_that_does_not_exist_is_refused_before_a_call(
    aws: LoopbackAws, access: Callable[..., StsAccess]
) -> None:
    with pytest.raises(InvalidInputError, match="eu-wset-1"):
        check_region("eu-wset-1", access())
    assert aws.calls == ()


def test_given_client(aws: LoopbackAws) -> None:
    assert check_region(DEFAULT_REGION, StsAccess(client=aws.client("sts"))).state is StsState.ACTIVE
    aws.sts.deactivate(DEFAULT_REGION)
    assert check_region(DEFAULT_REGION, StsAccess(client=aws.client("sts"))).state is StsState.DEACTIVATED
    assert check_region("eu-north-1", StsAccess(client=aws.client("sts"))).state is StsState.UNKNOWN


def test_given_client_of_root_is_not_probed_with(aws: LoopbackAws) -> None:
    assert check_region(DEFAULT_REGION, StsAccess(client=aws.client("sts", credentials=aws.root()))).state is (
        StsState.UNKNOWN
    )
    assert "sts:GetSessionToken" not in aws.actions


def test_known_caller_saves_the_call(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    given = StsAccess(access().session, caller=parse_principal(aws.admin.arn), account_id=ACCOUNT)
    assert check_region(DEFAULT_REGION, given).state is StsState.ACTIVE
    assert aws.actions == ["sts:GetSessionToken"]


def test_regions_side_by_side(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    aws.sts.deactivate("eu-central-1")
    aws.sts.world("eu-west-3", World.THROTTLED)
    aws.sts.world(OPT_IN_REGION, World.NOT_ENABLED)
    regions = ["us-east-1", "eu-west-3", "eu-central-1", OPT_IN_REGION, "us-east-1", "eu-north-1"]
    report = check_regions(regions, access(), max_concurrency=3)
    assert [(one.region, one.status.value) for one in report.regions] == [
        ("us-east-1", "pass"),
        ("eu-west-3", "unknown"),
        ("eu-central-1", "fail"),
        (OPT_IN_REGION, "fail"),
        ("eu-north-1", "pass"),
    ]
    assert report.verdict is Verdict.FAIL
    assert check_regions(regions[:2], access()).verdict is Verdict.UNKNOWN
    document = json.loads(json.dumps(report.to_dict()))
    assert (document["schema_version"], document["verdict"]) == ("2", "fail")
    assert set(document["regions"][0]) >= {"region", "state", "status", "summary", "evidence"}

    skipping = check_regions([OPT_IN_REGION, "eu-north-1"], access(), skip_not_enabled=True)
    assert [(one.state.value, one.status.value) for one in skipping.regions] == [
        ("region-not-enabled", "skipped"),
        ("active", "pass"),
    ]
    assert skipping.verdict is Verdict.PASS


def test_nothing_of_the_credentials_is_kept(
    aws: LoopbackAws, access: Callable[..., StsAccess], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="iamcheck")
    text = repr(check_regions([DEFAULT_REGION, "us-east-1"], access()))
    text += repr(check_region(DEFAULT_REGION, access(aws.create_role("ci"))))
    for secret in ("not-a-secret", "not-a-session-token", "ASIA", aws.admin.access_key_id):
        assert secret not in text
        assert secret not in caplog.text


def test_account_api_that_answers_what_is_not_known(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    aws.sts.world(OPT_IN_REGION, World.ACCESS_DENIED)
    aws.hook("account:GetRegionOptStatus", lambda _: Answer(200, b'{"RegionOptStatus": "PERHAPS"}'))
    assert check_region(OPT_IN_REGION, access()).state is StsState.UNKNOWN


@pytest.mark.parametrize("arn", ["arn:aws:iam::210987654321:role/ci", "arn:aws:s3:::bucket", "ci"])
def test_another_account_s_credentials_are_no_proof(
    aws: LoopbackAws, access: Callable[..., StsAccess], arn: str
) -> None:
    aws.create_role("ci")
    body = (
        '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
        "<AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey><SessionToken>c</SessionToken></Credentials>"
        f"<AssumedRoleUser><Arn>{arn}</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>"
    )
    aws.hook("sts:AssumeRole", lambda _: Answer(200, body.encode(), {"Content-Type": "text/xml"}))
    assert check_region(DEFAULT_REGION, StsAccess(access().session, probe_role=ROLE)).state is StsState.UNKNOWN


def test_us_east_1_needs_valid_credentials_only(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    session = aws.create_role("ci")
    aws.sts.world("us-east-1", World.ACCESS_DENIED)
    result = check_region("us-east-1", StsAccess(access(session).session, probe_role=ROLE))
    assert result.state is StsState.ACTIVE
    assert operations(result) == ["sts:AssumeRole", "sts:GetCallerIdentity"]


def test_expired_chain_is_no_verdict_on_the_region(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile ci]\nrole_arn = {ROLE}\ncredential_source = Environment\n")
    enter(aws.environment(AWS_CONFIG_FILE=str(config), AWS_MAX_ATTEMPTS="1"))
    session = make_session(profile="ci")
    aws.expire(aws.admin)
    probing = StsAccess(session, probe_role=f"arn:aws:iam::{ACCOUNT}:role/probe")
    assert check_region(DEFAULT_REGION, probing).state is StsState.INVALID_CREDENTIALS
    aws.deny("sts:AssumeRole")
    aws.sts.world("*", World.BAD_GATEWAY)
    assert check_region("eu-north-1", probing).status is Status.UNKNOWN


BAD_PROBE_ROLES = [f"arn:aws:iam::{ACCOUNT}:user/ci", "arn:aws:iam:::role/ci", "ci"]


@pytest.mark.parametrize("probe_role", BAD_PROBE_ROLES)
def test_probe_role_must_be_a_role(aws: LoopbackAws, access: Callable[..., StsAccess], probe_role: str) -> None:
    with pytest.raises(InvalidInputError):
        check_region(DEFAULT_REGION, StsAccess(access().session, probe_role=probe_role))


def test_what_to_ask_with_and_where_must_be_given(aws: LoopbackAws, access: Callable[..., StsAccess]) -> None:
    with pytest.raises(InvalidInputError, match="session"):
        check_region(DEFAULT_REGION, StsAccess())
    with pytest.raises(InvalidInputError, match="no Region"):
        check_regions([], access())


def test_web_identity_of_a_profile(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    aws.create_role("ci")
    environment = aws.web_identity(ROLE, tmp_path / "token")
    del environment["AWS_ROLE_ARN"], environment["AWS_WEB_IDENTITY_TOKEN_FILE"]
    config = tmp_path / "config"
    config.write_text(f"[profile ci]\nrole_arn = {ROLE}\nweb_identity_token_file = {tmp_path / 'token'}\n")
    enter({**environment, "AWS_CONFIG_FILE": str(config)})
    result = check_region(DEFAULT_REGION, StsAccess(make_session(profile="ci")))
    assert result.state is StsState.ACTIVE
    assert operations(result)[0] == "sts:AssumeRoleWithWebIdentity"


def test_session_keys_beside_a_web_identity(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    """Some CI systems put the session's keys into the environment and leave the token's file there."""
    session = aws.create_role("ci")
    enter({**aws.web_identity(ROLE, tmp_path / "token"), **session.environment()})
    assert check_region(DEFAULT_REGION, StsAccess(make_session())).state is StsState.ACTIVE


def test_mfa_is_never_asked_for_twice(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    config = tmp_path / "config"
    mfa = f"mfa_serial = arn:aws:iam::{ACCOUNT}:mfa/deployer"
    config.write_text(f"[profile ci]\nrole_arn = {ROLE}\ncredential_source = Environment\n{mfa}\n")
    enter(aws.environment(AWS_CONFIG_FILE=str(config)))
    plan = plan_probe(SessionClients(make_session(profile="ci")))
    assert (plan.probe, plan.long_term) == (Probe.SESSION_TOKEN, False)
    assert aws.calls == ()


def test_profile_on_an_instance_without_metadata(aws: LoopbackAws, tmp_path: Path, enter: Enter) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile ci]\nrole_arn = {ROLE}\ncredential_source = Ec2InstanceMetadata\n")
    enter(aws.environment(AWS_CONFIG_FILE=str(config)))
    assert check_region(DEFAULT_REGION, StsAccess(make_session(profile="ci"))).status is Status.UNKNOWN


def test_identity_of_another_kind_proves_nothing_in_us_east_1(
    aws: LoopbackAws, access: Callable[..., StsAccess]
) -> None:
    body = (
        '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
        f"<Arn>{aws.admin.arn}</Arn><UserId>x</UserId><Account>{OTHER}</Account>"
        "</GetCallerIdentityResult></GetCallerIdentityResponse>"
    )
    aws.hook("sts:GetCallerIdentity", lambda _: Answer(200, body.encode(), {"Content-Type": "text/xml"}))
    assert check_region("us-east-1", access()).state is StsState.UNKNOWN
