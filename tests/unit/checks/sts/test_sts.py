"""From evidence to state: the verdict's table as data, and laws over all evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.aws.principals import parse_principal
from iamcheck.checks.sts import Observation, OptIn, Probe, ProbeOutcome, Question, StsState, judge, probe_role_trust
from iamcheck.checks.sts._clients import is_regional
from iamcheck.checks.sts._probes import outcome_of
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.results import AwsCall, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.aws.principals import PrincipalIdentity

ACCOUNT = "123456789012"
OTHER = "210987654321"
HOME, DEFAULT, OPT_IN, CHINA = "us-east-1", "eu-west-1", "af-south-1", "cn-north-1"

# Sources: STS API reference; IAM User Guide, "Manage AWS STS in an AWS Region"; Account Management API reference;
# answers of AWS in public reports (aws-sdk-go-v2 #2846, steampipe-plugin-aws #1510, boto3 #3975, aws-sdk-ruby #2850).


def seen(outcome: ProbeOutcome, region: str = DEFAULT, account: str | None = ACCOUNT) -> Observation:
    return Observation(AwsCall("sts:GetSessionToken", "https://example.com", "as told"), region, outcome, account)


def question(
    region: str = DEFAULT,
    *,
    account: str | None = ACCOUNT,
    probe: Probe = Probe.SESSION_TOKEN,
    long_term: bool = True,
    opt_in: OptIn | None = None,
) -> Question:
    return Question(catalogue.region(region), account, probe, long_term, opt_in)


TABLE = {
    # --- active
    "credentials were issued": (question(), [seen(ProbeOutcome.ISSUED)], StsState.ACTIVE),
    "issued, whoever's account": (question(account=None), [seen(ProbeOutcome.ISSUED, account=None)], StsState.ACTIVE),
    "us-east-1 cannot be deactivated": (question(HOME), [seen(ProbeOutcome.IDENTIFIED, HOME)], StsState.ACTIVE),
    "an enabled opt-in Region cannot be": (question(OPT_IN, opt_in=OptIn.ENABLED), [], StsState.ACTIVE),
    "issued in a Region being enabled": (
        question(OPT_IN, opt_in=OptIn.ENABLING),
        [seen(ProbeOutcome.ISSUED, OPT_IN)],
        StsState.ACTIVE,
    ),
    "issued in China": (question(CHINA), [seen(ProbeOutcome.ISSUED, CHINA)], StsState.ACTIVE),
    # --- deactivated
    "disabled": (question(), [seen(ProbeOutcome.REGION_DISABLED)], StsState.DEACTIVATED),
    "disabled, no account named": (
        question(),
        [seen(ProbeOutcome.REGION_DISABLED, account=None)],
        StsState.DEACTIVATED,
    ),
    "disabled beats issued": (
        question(),
        [seen(ProbeOutcome.ISSUED), seen(ProbeOutcome.REGION_DISABLED)],
        StsState.DEACTIVATED,
    ),
    "disabled beats an opt-in status": (
        question(OPT_IN, opt_in=OptIn.ENABLED),
        [seen(ProbeOutcome.REGION_DISABLED, OPT_IN)],
        StsState.DEACTIVATED,
    ),
    "a new account in us-east-1": (question(HOME), [seen(ProbeOutcome.REGION_DISABLED, HOME)], StsState.DEACTIVATED),
    # --- region-not-enabled
    "opt-in status DISABLED": (question(OPT_IN, opt_in=OptIn.DISABLED), [], StsState.REGION_NOT_ENABLED),
    "keys valid at home only": (
        question(OPT_IN),
        [seen(ProbeOutcome.INVALID_TOKEN, OPT_IN, None), seen(ProbeOutcome.IDENTIFIED, HOME)],
        StsState.REGION_NOT_ENABLED,
    ),
    # --- invalid-credentials
    "expired": (question(), [seen(ProbeOutcome.EXPIRED_TOKEN, account=None)], StsState.INVALID_CREDENTIALS),
    "invalid here and at home": (
        question(),
        [seen(ProbeOutcome.INVALID_TOKEN, account=None), seen(ProbeOutcome.INVALID_TOKEN, HOME, None)],
        StsState.INVALID_CREDENTIALS,
    ),
    "invalid here, expired at home": (
        question(),
        [seen(ProbeOutcome.INVALID_TOKEN, account=None), seen(ProbeOutcome.EXPIRED_TOKEN, HOME, None)],
        StsState.INVALID_CREDENTIALS,
    ),
    "invalid, and this is home": (
        question(HOME),
        [seen(ProbeOutcome.INVALID_TOKEN, HOME, None)],
        StsState.INVALID_CREDENTIALS,
    ),
    # --- unreachable
    "no connection": (question(), [seen(ProbeOutcome.UNREACHABLE, account=None)], StsState.UNREACHABLE),
    "no connection after an identity": (
        question(),
        [seen(ProbeOutcome.IDENTIFIED), seen(ProbeOutcome.UNREACHABLE)],
        StsState.UNREACHABLE,
    ),
    # --- unknown
    "nothing was asked": (question(), [], StsState.UNKNOWN),
    "root keys": (question(probe=Probe.NONE), [seen(ProbeOutcome.IDENTIFIED)], StsState.UNKNOWN),
    "no credentials": (question(), [seen(ProbeOutcome.NO_CREDENTIALS, account=None)], StsState.UNKNOWN),
    "throttled, or garbage": (question(), [seen(ProbeOutcome.UNUSABLE)], StsState.UNKNOWN),
    "session tokens may be of version 1": (
        question(OPT_IN, long_term=False),
        [seen(ProbeOutcome.INVALID_TOKEN, OPT_IN, None), seen(ProbeOutcome.IDENTIFIED, HOME)],
        StsState.UNKNOWN,
    ),
    "keys valid at home, in a default Region": (
        question(),
        [seen(ProbeOutcome.INVALID_TOKEN, account=None), seen(ProbeOutcome.IDENTIFIED, HOME)],
        StsState.UNKNOWN,
    ),
    "keys valid at home, in China": (
        question(CHINA),
        [seen(ProbeOutcome.INVALID_TOKEN, CHINA, None), seen(ProbeOutcome.IDENTIFIED, "cn-northwest-1")],
        StsState.UNKNOWN,
    ),
    "invalid here, home unreachable": (
        question(OPT_IN),
        [seen(ProbeOutcome.INVALID_TOKEN, OPT_IN, None), seen(ProbeOutcome.UNREACHABLE, HOME, None)],
        StsState.UNKNOWN,
    ),
    "issued, but its status is DISABLED": (
        question(OPT_IN, opt_in=OptIn.DISABLED),
        [seen(ProbeOutcome.ISSUED, OPT_IN)],
        StsState.UNKNOWN,
    ),
    "issued, but it is being disabled": (
        question(OPT_IN, opt_in=OptIn.DISABLING),
        [seen(ProbeOutcome.ISSUED, OPT_IN)],
        StsState.UNKNOWN,
    ),
    "being enabled": (question(OPT_IN, opt_in=OptIn.ENABLING), [], StsState.UNKNOWN),
    "disabled in another Region": (question(), [seen(ProbeOutcome.REGION_DISABLED, "eu-north-1")], StsState.UNKNOWN),
    "disabled for another account": (question(), [seen(ProbeOutcome.REGION_DISABLED, account=OTHER)], StsState.UNKNOWN),
    # --- never active because
    "the caller was identified": (question(), [seen(ProbeOutcome.IDENTIFIED)], StsState.UNKNOWN),
    "the caller was identified in an opt-in Region": (
        question(OPT_IN),
        [seen(ProbeOutcome.IDENTIFIED, OPT_IN)],
        StsState.UNKNOWN,
    ),
    "the caller was identified in China": (question(CHINA), [seen(ProbeOutcome.IDENTIFIED, CHINA)], StsState.UNKNOWN),
    "it is the default": (question(opt_in=OptIn.ENABLED_BY_DEFAULT), [seen(ProbeOutcome.IDENTIFIED)], StsState.UNKNOWN),
    "of an opt-in status that does not apply": (
        question(opt_in=OptIn.ENABLED),
        [seen(ProbeOutcome.IDENTIFIED)],
        StsState.UNKNOWN,
    ),
    "a probe was denied": (
        question(),
        [seen(ProbeOutcome.IDENTIFIED), seen(ProbeOutcome.ACCESS_DENIED)],
        StsState.UNKNOWN,
    ),
    "a session's probe was denied": (
        question(long_term=False),
        [seen(ProbeOutcome.ACCESS_DENIED, account=None)],
        StsState.UNKNOWN,
    ),
    "a role's probe was denied": (
        question(probe=Probe.PROBE_ROLE),
        [seen(ProbeOutcome.ACCESS_DENIED)],
        StsState.UNKNOWN,
    ),
    "it is active in another account": (question(), [seen(ProbeOutcome.ISSUED, account=OTHER)], StsState.UNKNOWN),
    "it is active in an account nobody knows": (
        question(),
        [seen(ProbeOutcome.ISSUED, account=None)],
        StsState.UNKNOWN,
    ),
    "it is active in another Region": (question(), [seen(ProbeOutcome.ISSUED, "eu-north-1")], StsState.UNKNOWN),
    "another account is valid in us-east-1": (
        question(HOME),
        [seen(ProbeOutcome.IDENTIFIED, HOME, OTHER)],
        StsState.UNKNOWN,
    ),
    "valid in us-east-1, asked elsewhere": (question(), [seen(ProbeOutcome.IDENTIFIED, HOME)], StsState.UNKNOWN),
}


def denied(operation: str) -> Observation:
    return replace(seen(ProbeOutcome.ACCESS_DENIED), call=AwsCall(f"sts:{operation}", "https://example.com", "denied"))


@pytest.mark.parametrize(
    ("asked", "evidence", "says", "cure"),
    [
        (question(), ["GetSessionToken"], "GetSessionToken was denied", "allow GetSessionToken,"),
        # a VPC endpoint policy can deny it, and then the probe was not tried
        (question(), ["GetCallerIdentity"], "GetCallerIdentity was denied", "allow GetCallerIdentity ("),
        (
            question(HOME, long_term=False),
            ["GetCallerIdentity"],
            "GetCallerIdentity was denied",
            "allow GetCallerIdentity (",
        ),
        (
            question(HOME, probe=Probe.PROBE_ROLE),
            ["AssumeRole", "GetCallerIdentity"],
            "AssumeRole and GetCallerIdentity were denied",
            "allow AssumeRole and GetCallerIdentity (",
        ),
        (
            question(probe=Probe.SOURCE_ROLE),
            ["AssumeRole"],
            "AssumeRole with the profile's source credentials was denied",
            "allow AssumeRole with the profile's source credentials, or",
        ),
    ],
)
def test_the_text_names_the_call_that_was_denied(asked: Question, evidence: list[str], says: str, cure: str) -> None:
    found = judge(asked, [replace(denied(name), region=asked.region.name) for name in evidence])
    assert found.summary.endswith(f": {says}")
    assert found.remedy is not None
    assert found.remedy.text.startswith(cure)


@pytest.mark.parametrize("case", TABLE)
def test_verdict(case: str) -> None:
    asked, evidence, state = TABLE[case]
    found = judge(asked, evidence)
    assert found.state is state, found
    assert found.summary
    assert (found.remedy is None) == (state is StsState.ACTIVE)


STATUS = {
    StsState.ACTIVE: Status.PASS,
    StsState.DEACTIVATED: Status.FAIL,
    StsState.REGION_NOT_ENABLED: Status.FAIL,
    StsState.UNKNOWN: Status.UNKNOWN,
    StsState.UNREACHABLE: Status.UNKNOWN,
    StsState.INVALID_CREDENTIALS: Status.UNKNOWN,
}


@pytest.mark.parametrize("state", StsState)
def test_status(state: StsState) -> None:
    assert state.status is STATUS[state]


REGIONS = st.sampled_from([HOME, DEFAULT, OPT_IN, CHINA])
ACCOUNTS = st.sampled_from([ACCOUNT, OTHER, None])
QUESTIONS = st.builds(
    question,
    REGIONS,
    account=st.sampled_from([ACCOUNT, None]),
    probe=st.sampled_from(Probe),
    long_term=st.booleans(),
    opt_in=st.none() | st.sampled_from(OptIn),
)
EVIDENCE = st.lists(st.builds(seen, st.sampled_from(ProbeOutcome), REGIONS, ACCOUNTS), max_size=4)


@given(QUESTIONS, EVIDENCE)
def test_a_pass_always_rests_on_proof(asked: Question, evidence: list[Observation]) -> None:
    region = asked.region.name
    about = [one for one in evidence if one.region == region and asked.account_id in (None, one.account_id)]
    proved = (
        any(one.outcome is ProbeOutcome.ISSUED for one in about)
        or (region == HOME and any(one.outcome is ProbeOutcome.IDENTIFIED for one in about))
        or (region == OPT_IN and asked.opt_in is OptIn.ENABLED)
    )
    if judge(asked, evidence).state.status is Status.PASS:
        assert proved
        assert not any(one.outcome is ProbeOutcome.REGION_DISABLED for one in about)


@given(QUESTIONS, EVIDENCE)
def test_evidence_about_others_never_makes_a_pass_or_a_fail(asked: Question, evidence: list[Observation]) -> None:
    strangers = [
        replace(one, region="eu-north-1", account_id=OTHER)
        for one in evidence
        if one.outcome is not ProbeOutcome.IDENTIFIED
    ]
    alone = judge(replace(asked, opt_in=None), strangers).state.status
    assert alone is Status.UNKNOWN


@given(QUESTIONS, EVIDENCE)
def test_the_order_of_the_evidence_decides_no_status(asked: Question, evidence: list[Observation]) -> None:
    assert judge(asked, evidence).state.status is judge(asked, evidence[::-1]).state.status


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        # a call that has not been answered in time
        (None, ProbeOutcome.UNREACHABLE),
        ("Throttling", ProbeOutcome.UNUSABLE),
        ("RegionDisabledException", ProbeOutcome.REGION_DISABLED),
    ],
)
def test_what_no_cause_explains_is_told_by_its_code(code: str | None, outcome: ProbeOutcome) -> None:
    error = AwsUnavailableError("no answer", operation="sts:GetSessionToken", code=code)

    assert outcome_of(error) is outcome


ENDPOINTS = [
    # https://docs.aws.amazon.com/general/latest/gr/sts.html
    ("https://sts.eu-west-1.amazonaws.com", DEFAULT, True),
    ("https://sts-fips.us-east-1.amazonaws.com", HOME, True),
    ("https://sts.eu-west-1.api.aws", DEFAULT, True),
    ("https://sts.cn-north-1.amazonaws.com.cn", CHINA, True),
    ("https://sts.amazonaws.com", HOME, False),
    ("https://sts.eu-west-1.amazonaws.com", HOME, False),
    ("https://sts.eu-west-1.amazonaws.com.example.com", DEFAULT, False),
    ("http://127.0.0.1:4000", DEFAULT, False),
    ("", DEFAULT, False),
]


@pytest.mark.parametrize(("url", "region", "expected"), ENDPOINTS)
def test_regional_endpoints_are_known(url: str, region: str, expected: bool) -> None:
    assert is_regional(url, catalogue.region(region)) is expected


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/ci/deploy",
        f"arn:aws:iam::{ACCOUNT}:user/deployer",
        f"arn:aws-cn:iam::{ACCOUNT}:root",
    ],
)
def test_trust_of_the_probe_role(arn: str) -> None:
    (statement,) = _statements(probe_role_trust(parse_principal(arn)))
    assert (statement["Effect"], statement["Action"]) == ("Allow", "sts:AssumeRole")
    assert statement["Principal"] == {"AWS": arn}


def test_trust_of_a_session_is_that_of_its_role() -> None:
    session = parse_principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/job")
    role = f"arn:aws:iam::{ACCOUNT}:role/team/ci"
    (statement,) = _statements(probe_role_trust(replace(session, policy_source_arn=role)))
    assert statement["Principal"] == {"AWS": role}


@pytest.mark.parametrize(
    "principal",
    [
        parse_principal(f"arn:aws:iam::{ACCOUNT}:group/deployers"),  # a trust policy cannot name a group
        parse_principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/job"),  # not resolved
        replace(
            parse_principal(f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/job"),
            policy_source_arn=f"arn:aws:iam::{ACCOUNT}:role/ci",
            path_known=False,
        ),
    ],
)
def test_trust_needs_an_arn_that_a_trust_policy_can_name(principal: PrincipalIdentity) -> None:
    with pytest.raises(InvalidInputError, match="trust policy"):
        probe_role_trust(principal)


def _statements(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


@pytest.mark.parametrize(("account", "whom"), [(ACCOUNT, f"account {ACCOUNT}"), (None, "the account")])
def test_the_cure_of_a_deactivated_region_names_whose_administrator_acts(account: str | None, whom: str) -> None:
    found = judge(question(account=account), [seen(ProbeOutcome.REGION_DISABLED)])

    assert found.summary == f"STS is deactivated in {DEFAULT} for {whom}"
    assert found.remedy is not None
    assert found.remedy.text.startswith(f"an administrator of {whom} activates it")
