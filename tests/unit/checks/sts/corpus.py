"""Makes what is said of STS over worlds of calls, and what the evidence comes to by itself."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3

from iamcheck.aws.clients import Deadline, make_session
from iamcheck.aws.principals import parse_principal
from iamcheck.checks.sts import (
    Observation,
    OptIn,
    Probe,
    ProbeOutcome,
    Question,
    StsAccess,
    check_region,
    check_regions,
    judge,
    probe_role_trust,
)
from iamcheck.checks.sts._clients import SessionClients, is_regional, require_may_serve
from iamcheck.checks.sts._credentials import plan_probe
from iamcheck.errors import IamcheckError
from iamcheck.iam import catalogue
from iamcheck.results import AwsCall
from tests.unit.checks.sts.wire import ACCOUNT, OTHER, REFUSALS, Wire, assumed, identity, issued

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from iamcheck.checks.sts import RegionResult
    from tests.approved import Corpus
    from tests.unit.checks.sts.wire import Answer

__all__ = ["TEXTS"]

USER: Final = f"arn:aws:iam::{ACCOUNT}:user/deployer"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"
SESSION: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run"
STRANGER: Final = f"arn:aws:iam::{OTHER}:user/deployer"
ROLE: Final = f"arn:aws:iam::{ACCOUNT}:role/probe"
OF_OTHER: Final = f"arn:aws:iam::{OTHER}:role/probe"
ASSUMED: Final = f"arn:aws:sts::{ACCOUNT}:assumed-role/probe/iamcheck-sts-probe"
DEFAULT, OPT_IN, HOME, CHINA = "eu-west-1", "af-south-1", "us-east-1", "cn-north-1"


# --- the evidence by itself


def seen(outcome: ProbeOutcome, region: str = DEFAULT, account: str | None = ACCOUNT) -> Observation:
    return Observation(AwsCall("sts:Something", f"https://{region}.example", outcome.name), region, outcome, account)


def _by_probe(observation: Observation, question: Question) -> Observation:
    """The observation, of the probe's own call where that was denied."""
    if observation.outcome is not ProbeOutcome.ACCESS_DENIED or observation.region != question.region.name:
        return observation
    operation = f"sts:{question.probe.value.partition(' ')[0]}"
    return replace(observation, call=observation.call._replace(operation=operation))


def _evidence(region: str, home: str) -> Iterator[tuple[str, list[Observation]]]:
    yield "nothing", []
    for outcome in ProbeOutcome:
        yield outcome.name, [seen(outcome, region)]
    for outcome, account in itertools.product(
        (ProbeOutcome.ISSUED, ProbeOutcome.IDENTIFIED, ProbeOutcome.REGION_DISABLED, ProbeOutcome.ACCESS_DENIED),
        (OTHER, None),
    ):
        yield f"{outcome.name} of {account}", [seen(outcome, region, account)]
    for outcome in ProbeOutcome:
        yield (
            f"INVALID_TOKEN, {outcome.name} at home",
            [
                seen(ProbeOutcome.INVALID_TOKEN, region, None),
                seen(outcome, home),
            ],
        )
    for first, second in (
        (ProbeOutcome.IDENTIFIED, ProbeOutcome.ACCESS_DENIED),
        (ProbeOutcome.IDENTIFIED, ProbeOutcome.UNREACHABLE),
        (ProbeOutcome.UNUSABLE, ProbeOutcome.UNREACHABLE),
        (ProbeOutcome.ISSUED, ProbeOutcome.REGION_DISABLED),
        (ProbeOutcome.NO_CREDENTIALS, ProbeOutcome.EXPIRED_TOKEN),
        (ProbeOutcome.EXPIRED_TOKEN, ProbeOutcome.INVALID_TOKEN),
    ):
        yield f"{first.name}, {second.name}", [seen(first, region), seen(second, region)]
    yield (
        "ACCESS_DENIED, UNREACHABLE at home",
        [
            seen(ProbeOutcome.ACCESS_DENIED, region),
            seen(ProbeOutcome.UNREACHABLE, home),
        ],
    )
    yield (
        "of two others",
        [
            seen(ProbeOutcome.IDENTIFIED, region, OTHER),
            seen(ProbeOutcome.REGION_DISABLED, region, "111111111111"),
        ],
    )
    yield "REGION_DISABLED at home", [seen(ProbeOutcome.REGION_DISABLED, home)]


def _questions() -> Iterator[tuple[str, Question]]:
    """The questions beside a common one, each with another answer of one kind."""
    for name in (DEFAULT, OPT_IN, HOME, CHINA):
        common = Question(catalogue.region(name), ACCOUNT, Probe.SESSION_TOKEN, True)
        yield name, common
        yield f"{name} of nobody", replace(common, account_id=None)
        yield f"{name} by session credentials", replace(common, long_term=False)
        if name in (DEFAULT, OPT_IN):
            for status in OptIn:
                yield f"{name} {status.name}", replace(common, opt_in=status)
        if name == DEFAULT:
            for probe, long_term in itertools.product(Probe, (True, False)):
                yield f"by {probe.name}, long-term {long_term}", replace(common, probe=probe, long_term=long_term)


def judgments_text() -> str:
    """What evidence proves; what it proves of the first question is not repeated for those beside it."""
    lines: list[str] = []
    common: dict[str, str] = {}
    for what, question in _questions():
        region = question.region.name
        home = "cn-northwest-1" if region == CHINA else "eu-north-1" if region == HOME else HOME
        is_common = what == region
        common = {} if is_common else common
        by_finding: dict[str, list[str]] = {}
        for name, evidence in _evidence(region, home):
            found = judge(question, [_by_probe(one, question) for one in evidence])
            text = f"  {found.state.value}: {found.summary}" + (f"\n    {found.remedy.text}" if found.remedy else "")
            if common.get(name) != text:
                by_finding.setdefault(text, []).append(name)
            if is_common:
                common[name] = text
        lines += [f"## {what}", "", *(line for text, names in by_finding.items() for line in (*names, text)), ""]
    return "\n".join(lines)


# --- worlds of calls


@contextmanager
def environment(**variables: str) -> Iterator[Path]:
    """The environment variables of AWS are these alone; an empty folder."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        nothing = str(Path(folder) / "nothing")
        os.environ.update({"AWS_CONFIG_FILE": nothing, "AWS_SHARED_CREDENTIALS_FILE": nothing})
        os.environ.update({"AWS_EC2_METADATA_DISABLED": "true", **variables})
        try:
            yield Path(folder)
        finally:
            os.environ.clear()
            os.environ.update(before)


@cache
def keys(token: str | None = None, region: str = DEFAULT) -> boto3.Session:
    """A session on keys; each is made once, for that takes longer than all calls of a world."""
    return WIRE.attach(boto3.Session("KEYID", "none", token, region_name=region))


WIRE: Final = Wire()
"""Answers every session of `keys`."""


GOOD: Final[Mapping[str, Answer]] = {
    "GetCallerIdentity": identity(USER),
    "GetSessionToken": issued(),
    "AssumeRole": assumed(ASSUMED),
    "AssumeRoleWithWebIdentity": assumed(ASSUMED, "AssumeRoleWithWebIdentity"),
    "GetRegionOptStatus": (200, json.dumps({"RegionName": OPT_IN, "RegionOptStatus": "ENABLED"})),
    "ListRegions": (200, json.dumps({"Regions": [{"RegionName": OPT_IN, "RegionOptStatus": "ENABLED"}]})),
}


MAY_NOT: Final = (403, json.dumps({"message": "not authorized"}))
"""A refusal of the Account Management API."""


def status(text: object) -> Answer:
    return 200, json.dumps({"RegionOptStatus": text})


def listed(*statuses: tuple[object, object]) -> Answer:
    regions = [{"RegionName": name, "RegionOptStatus": of} for name, of in statuses]
    return 200, json.dumps({"Regions": regions})


def result_lines(result: RegionResult) -> list[str]:
    """A result, whole."""
    lines = [f"{result.region} {result.state.value} {result.status.value}: {result.summary}"]
    for one in result.evidence:
        assert one.call is not None
        lines.append(
            f"  {one.call.operation} {one.call.endpoint}: {one.call.answer}" + (f" ({one.note})" if one.note else "")
        )
    lines += [] if result.remedy is None else [f"  remedy: {result.remedy.text}"]
    checked = result.check().remedy
    lines += [] if checked == result.remedy or checked is None else [f"  remedy of a check: {checked.text}"]
    return [*lines, *(["  may change"] if result.may_change else [])]


def asked(access: StsAccess, regions: Sequence[str], answers: Mapping[str, Answer], **how: Any) -> list[str]:  # noqa: ANN401
    """What is said of Regions in a world."""
    WIRE.answers = {**GOOD, **answers}
    told: list[str] = []
    try:
        if len(regions) == 1 and not how:
            return result_lines(check_region(regions[0], access))
        report = check_regions(regions, access, on_region=lambda one: told.append(one.region), **how)
    except IamcheckError as error:
        return [f"{type(error).__name__}: {error}"]
    lines = [line for one in report.regions for line in result_lines(one)]
    document = report.to_dict()
    assert [one["region"] for one in document["regions"]] == [one.region for one in report.regions]  # type: ignore[index,call-overload,union-attr]
    lines += [] if len(regions) == 1 else [f"{report.verdict.value}, told of {' '.join(sorted(told))}"]
    return lines


def _section(title: str, rows: Iterable[tuple[str, Sequence[str]]]) -> list[str]:
    by_outcome: dict[tuple[str, ...], list[str]] = {}
    for what, lines in rows:
        by_outcome.setdefault(tuple(lines), []).append(what)
    body = [line for lines, whats in by_outcome.items() for line in (*(f"# {what}" for what in whats), *lines)]
    sent = Counter(WIRE.sent)
    WIRE.sent.clear()
    return [f"## {title}", "", *body, *(f"sent {count} times: {one}" for one, count in sorted(sent.items())), ""]


def _user_worlds() -> Iterator[tuple[str, list[str]]]:
    for region in (DEFAULT, OPT_IN, HOME, CHINA):
        yield region, asked(StsAccess(keys()), [region], {})
    for name, answer in REFUSALS.items():
        yield f"the identity is {name}", asked(StsAccess(keys()), [DEFAULT], {"GetCallerIdentity": answer})
        yield f"the probe is {name}", asked(StsAccess(keys()), [DEFAULT], {"GetSessionToken": answer})
    for name in ("deactivated", "not known", "expired", "throttled"):
        refused: Answer = REFUSALS[name]
        yield f"in us-east-1 the identity is {name}", asked(StsAccess(keys()), [HOME], {"GetCallerIdentity": refused})
        yield f"in {OPT_IN} the probe is {name}", asked(StsAccess(keys()), [OPT_IN], {"GetSessionToken": refused})
    unknown = REFUSALS["not known"]
    for name in ("deactivated", "denied", "expired", "not known", "no connection", "a page"):
        answer = REFUSALS[name]
        here = {"GetCallerIdentity": unknown, "GetSessionToken": unknown, f"GetCallerIdentity {HOME}": answer}
        yield f"not known here, at home {name}", asked(StsAccess(keys()), [DEFAULT], here)
    for region in (OPT_IN, CHINA):
        here = {f"{operation} {region}": unknown for operation in ("GetCallerIdentity", "GetSessionToken")}
        yield f"not known in {region}", asked(StsAccess(keys()), [region], here)
    for member in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        yield f"no {member}", asked(StsAccess(keys()), [DEFAULT], {"GetSessionToken": issued(**{member: ""})})


def _who_worlds() -> Iterator[tuple[str, list[str]]]:
    for name, arn in (("root", ROOT), ("a user of another account", STRANGER), ("a session", SESSION)):
        for region in (DEFAULT, HOME):
            answers = {"GetCallerIdentity": identity(arn)}
            yield f"{name} in {region}", asked(StsAccess(keys()), [region], answers)
            yield f"{name} in {region}, root told", asked(StsAccess(keys(), probe_root=True), [region], answers)
            yield f"{name} in {region}, of {ACCOUNT}", asked(StsAccess(keys(), account_id=ACCOUNT), [region], answers)
    yield "an identity of two accounts", asked(StsAccess(keys()), [HOME], {"GetCallerIdentity": identity(USER, OTHER)})
    known = StsAccess(keys(), caller=parse_principal(USER))
    yield "a caller who is known", asked(known, [DEFAULT], {})
    yield "root that is known", asked(StsAccess(keys(), caller=parse_principal(ROOT)), [DEFAULT], {})
    yield "a caller who is known, in us-east-1", asked(StsAccess(keys(), caller=parse_principal(USER)), [HOME], {})


def _session_worlds() -> Iterator[tuple[str, list[str]]]:
    for region in (DEFAULT, OPT_IN, HOME):
        answers = {"GetCallerIdentity": identity(SESSION), "GetSessionToken": REFUSALS["denied"]}
        yield region, asked(StsAccess(keys("token")), [region], answers)
    unknown = REFUSALS["not known"]
    for region in (DEFAULT, OPT_IN):
        here = {f"{operation} {region}": unknown for operation in ("GetCallerIdentity", "GetSessionToken")}
        at_home = {f"GetCallerIdentity {HOME}": identity(SESSION), "GetRegionOptStatus": MAY_NOT}
        yield f"not known in {region}", asked(StsAccess(keys("token")), [region], {**here, **at_home})


def _role_worlds() -> Iterator[tuple[str, list[str]]]:
    for region in (DEFAULT, OPT_IN, HOME, CHINA):
        yield region, asked(StsAccess(keys(), probe_role=ROLE), [region], {})
    for name in ("deactivated", "denied", "expired", "not known", "no connection", "another refusal"):
        answers = {"AssumeRole": REFUSALS[name]}
        yield f"refused: {name}", asked(StsAccess(keys(), probe_role=ROLE), [DEFAULT], answers)
    for name in ("denied", "deactivated", "not known"):
        for region in (HOME, OPT_IN):
            answers = {"AssumeRole": REFUSALS[name]}
            yield f"{name} in {region}", asked(StsAccess(keys(), probe_role=ROLE), [region], answers)
    for name, answer in (
        ("nobody", assumed(None)),
        ("a role of another account", assumed(f"arn:aws:sts::{OTHER}:assumed-role/probe/x")),
        ("no ARN", assumed("probe")),
        ("a bucket", assumed("arn:aws:s3:::bucket")),
        ("no credentials", assumed(ASSUMED, credentials=False)),
    ):
        yield f"it assumes {name}", asked(StsAccess(keys(), probe_role=ROLE), [DEFAULT], {"AssumeRole": answer})
    other = {"AssumeRole": assumed(f"arn:aws:sts::{OTHER}:assumed-role/probe/x")}
    yield "a role of another account", asked(StsAccess(keys(), probe_role=OF_OTHER), [DEFAULT], other)
    for_this = StsAccess(keys(), probe_role=OF_OTHER, account_id=ACCOUNT)
    yield "a role of another account than is asked about", asked(for_this, [DEFAULT], other)
    yield (
        "a role of another account, in an opt-in Region",
        asked(StsAccess(keys(), probe_role=OF_OTHER), [OPT_IN], {"AssumeRole": REFUSALS["denied"]}),
    )
    for role in (USER, "arn:aws:iam:::role/x", "arn:aws:s3:::role/x", "probe"):
        yield f"the role {role}", asked(StsAccess(keys(), probe_role=role), [DEFAULT], {})


def _opt_in_worlds() -> Iterator[tuple[str, list[str]]]:
    denied = {"GetSessionToken": REFUSALS["denied"]}
    for name in ("ENABLED", "DISABLED", "ENABLING", "DISABLING", "ENABLED_BY_DEFAULT", "PERHAPS", "", 7):
        answers = {**denied, "GetRegionOptStatus": status(name)}
        yield f"status {name}", asked(StsAccess(keys()), [OPT_IN], answers)
    yield "no status", asked(StsAccess(keys()), [OPT_IN], {**denied, "GetRegionOptStatus": (200, "{}")})
    yield "denied", asked(StsAccess(keys()), [OPT_IN], {**denied, "GetRegionOptStatus": MAY_NOT})
    second = "ap-east-1"
    for name, answer in (
        ("both", listed((OPT_IN, "ENABLED"), (second, "DISABLED"))),
        ("one", listed((OPT_IN, "DISABLING"))),
        ("none", listed()),
        ("an unknown word", listed((OPT_IN, "PERHAPS"), (second, "ENABLING"))),
        ("no names", listed((None, "ENABLED"))),
        ("a refusal", MAY_NOT),
        ("a list that is none", (200, json.dumps({"Regions": {"a": 1}}))),
    ):
        answers = {**denied, "ListRegions": answer, "GetRegionOptStatus": status("ENABLED")}
        yield f"a list of {name}", asked(StsAccess(keys()), [OPT_IN, second], answers, max_concurrency=1)
    by_list = {**denied, "ListRegions": listed((OPT_IN, "DISABLED"), (second, "ENABLED"))}
    yield (
        "not enabled, skipped",
        asked(StsAccess(keys()), [OPT_IN, second], by_list, max_concurrency=1, skip_not_enabled=True),
    )
    yield "not enabled, asked for twice", asked(StsAccess(keys()), [OPT_IN, OPT_IN], by_list, max_concurrency=1)


def _many_worlds() -> Iterator[tuple[str, list[str]]]:
    answers = {f"GetSessionToken {CHINA}": REFUSALS["denied"], "GetSessionToken eu-north-1": REFUSALS["deactivated"]}
    for regions in ([DEFAULT, HOME], [DEFAULT, "eu-north-1"], [DEFAULT, CHINA], [DEFAULT, "eu-north-1", CHINA]):
        yield " ".join(regions), asked(StsAccess(keys()), regions, answers, max_concurrency=1)
    yield "at most none at a time", asked(StsAccess(keys()), [DEFAULT, HOME], {}, max_concurrency=0)
    over = Deadline.after(0.0, lambda: 0.0)
    yield "the time is over", asked(StsAccess(keys(), deadline=over), [DEFAULT], {})
    yield (
        "the time is over, in opt-in Regions",
        asked(
            StsAccess(keys(), caller=parse_principal(USER), deadline=over), [OPT_IN, "ap-east-1"], {}, max_concurrency=1
        ),
    )
    yield "no Region", asked(StsAccess(keys()), [], {})
    yield "no such Region", asked(StsAccess(keys()), ["eu-west-99"], {})
    yield "nothing to ask with", asked(StsAccess(), [DEFAULT], {})
    with environment():
        yield "no credentials", asked(StsAccess(make_session(region=DEFAULT)), [DEFAULT, OPT_IN], {})


def _client_worlds() -> Iterator[tuple[str, list[str]]]:
    for name, url, region in (
        ("AWS's", None, DEFAULT),
        ("of another Region", None, "eu-north-1"),
        ("global", "https://sts.amazonaws.com", DEFAULT),
        ("of another Region's host", "https://sts.eu-north-1.amazonaws.com", DEFAULT),
        ("configured", "https://proxy.example", DEFAULT),
    ):
        client = keys().client("sts", region_name=region, endpoint_url=url)
        yield f"a client: {name}", asked(StsAccess(client=client), [DEFAULT], {})
    client = keys().client("sts")
    yield "a client of root", asked(StsAccess(client=client), [DEFAULT], {"GetCallerIdentity": identity(ROOT)})
    yield "a client denied", asked(StsAccess(client=client), [DEFAULT], {"GetSessionToken": REFUSALS["denied"]})
    yield "a client with a role", asked(StsAccess(client=client, probe_role=ROLE), [DEFAULT], {})
    yield "a client with no role", asked(StsAccess(client=client, probe_role=USER), [DEFAULT], {})
    there = StsAccess(client=keys().client("sts", region_name=OPT_IN))
    yield "a client in an opt-in Region", asked(there, [OPT_IN], {"GetSessionToken": REFUSALS["denied"]})


def _configured_worlds() -> Iterator[tuple[str, list[str]]]:
    for url in (
        "https://proxy.example",
        "https://sts.amazonaws.com",
        "https://sts.eu-north-1.amazonaws.com",
        "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com",
        "https://vpce-1.sts.eu-north-1.vpce.amazonaws.com",
    ):
        with environment(AWS_ENDPOINT_URL_STS=url, AWS_ACCESS_KEY_ID="KEYID", AWS_SECRET_ACCESS_KEY="none"):
            yield url, asked(StsAccess(WIRE.attach(make_session(region=DEFAULT))), [DEFAULT], {})
    for region in (DEFAULT, HOME, CHINA):
        with environment(AWS_STS_REGIONAL_ENDPOINTS="legacy", AWS_ACCESS_KEY_ID="KEYID", AWS_SECRET_ACCESS_KEY="none"):
            yield f"legacy {region}", asked(StsAccess(WIRE.attach(make_session(region=region))), [region], {})


def _web_worlds() -> Iterator[tuple[str, list[str]]]:
    variables = {"AWS_ROLE_ARN": ROLE, "AWS_SESSION_TOKEN": "token", "AWS_ACCESS_KEY_ID": "KEYID"}
    variables |= {"AWS_SECRET_ACCESS_KEY": "none", "AWS_REGION": DEFAULT}
    operation = "AssumeRoleWithWebIdentity"
    worlds: list[tuple[str, dict[str, str], dict[str, Answer], list[str]]] = [
        ("it answers", {}, {}, [DEFAULT]),
        ("a session name", {"AWS_ROLE_SESSION_NAME": "chosen"}, {}, [DEFAULT]),
        ("us-east-1", {}, {}, [HOME]),
        ("an opt-in Region", {}, {operation: REFUSALS["denied"]}, [OPT_IN]),
        ("denied in us-east-1", {}, {operation: REFUSALS["denied"]}, [HOME]),
        ("no token", {"AWS_WEB_IDENTITY_TOKEN_FILE": "nowhere"}, {}, [DEFAULT]),
        ("another endpoint", {"AWS_ENDPOINT_URL_STS": "https://proxy.example"}, {}, [DEFAULT]),
        (
            "another endpoint, that refuses the caller",
            {"AWS_ENDPOINT_URL_STS": "https://proxy.example"},
            {"GetCallerIdentity": REFUSALS["denied"]},
            [DEFAULT],
        ),
        *((f"refused: {name}", {}, {operation: REFUSALS[name]}, [DEFAULT]) for name in ("deactivated", "not known")),
    ]
    for name, more, answers, regions in worlds:
        with environment(**variables, **more) as folder:
            (folder / "token").write_text("web-token\n", encoding="ascii")
            os.environ.setdefault("AWS_WEB_IDENTITY_TOKEN_FILE", str(folder / "token"))
            session = WIRE.attach(make_session())
            yield name, asked(StsAccess(session), regions, {"GetCallerIdentity": identity(SESSION), **answers})


def _profile_worlds() -> Iterator[tuple[str, list[str]]]:
    """A profile with a role: what the chain asks, and the same role again from the same source."""
    profile = f"[profile mine]\nregion = {DEFAULT}\n{PROFILES['a source, with all that a profile may have']}"
    config = f"{profile}[profile keys]\n{_KEYS}"
    worlds: list[tuple[str, str, dict[str, Answer], dict[str, Any]]] = [
        ("it answers", DEFAULT, {}, {}),
        ("deactivated", DEFAULT, {"AssumeRole": REFUSALS["deactivated"]}, {}),
        ("denied in us-east-1", HOME, {"AssumeRole": REFUSALS["denied"]}, {}),
        ("not known in an opt-in Region", OPT_IN, {"AssumeRole": REFUSALS["not known"]}, {}),
        ("a role to probe with", DEFAULT, {"AssumeRole by a": assumed(ASSUMED)}, {"probe_role": ROLE}),
        *(
            (f"the chain is {refusal}, in {region}", region, {"AssumeRole": REFUSALS[refusal]}, {"probe_role": ROLE})
            for refusal, region in (
                ("deactivated", DEFAULT),
                ("deactivated", "eu-north-1"),
                ("deactivated for nobody", DEFAULT),
                ("expired", DEFAULT),
                ("denied", DEFAULT),
            )
        ),
        (
            "a role to probe with, that is denied",
            DEFAULT,
            {"AssumeRole by a": REFUSALS["denied"]},
            {"probe_role": ROLE},
        ),
    ]
    for name, region, answers, how in worlds:
        with environment(AWS_MAX_ATTEMPTS="1") as folder, WIRE.serve() as url:
            (folder / "config").write_text(config, encoding="utf-8")
            os.environ.update({"AWS_CONFIG_FILE": str(folder / "config"), "AWS_ENDPOINT_URL": url})
            access = StsAccess(make_session(profile="mine"), **how)
            lines = asked(access, [region], {"GetCallerIdentity": identity(SESSION), **answers})
            yield name, [line.replace(url, "http://loopback") for line in lines]


def _misled_worlds() -> Iterator[tuple[str, list[str]]]:
    """A request that would leave for another host than the client's."""
    session = WIRE.attach(boto3.Session("KEYID", "none", region_name=DEFAULT))

    def mislead(request: Any, **_: object) -> None:  # noqa: ANN401  an AWSRequest
        request.url = request.url.replace("eu-west-1", "eu-north-1")

    session._session.register("request-created.sts", mislead)  # type: ignore[arg-type]  # the stubs know no names
    yield "another host", asked(StsAccess(session), [DEFAULT], {})


WORLDS: Final[Mapping[str, Mapping[str, Callable[[], Iterator[tuple[str, list[str]]]]]]] = {
    "sts/own": {"an IAM user's keys": _user_worlds, "who calls": _who_worlds, "session credentials": _session_worlds},
    "sts/roles": {"a role to probe with": _role_worlds, "web identities": _web_worlds},
    "sts/profiles": {"profiles with a role": _profile_worlds},
    "sts/regions": {"opt-in Regions": _opt_in_worlds, "several Regions": _many_worlds},
    "sts/clients": {
        "clients": _client_worlds,
        "configured endpoints": _configured_worlds,
        "a request that is misled": _misled_worlds,
    },
}


def worlds_text(sections: Mapping[str, Callable[[], Iterator[tuple[str, list[str]]]]]) -> str:
    """What is said of STS in each world, and each call that was made for it."""
    WIRE.sent.clear()
    with environment():
        return "\n".join(line for title, worlds in sections.items() for line in _section(title, worlds()))


# --- which probe


_KEYS: Final = "aws_access_key_id = KEYID\naws_secret_access_key = none\n"
_TOKEN: Final = "aws_session_token = token\n"
_ROLE: Final = f"role_arn = {ROLE}\n"
_MFA: Final = f"mfa_serial = arn:aws:iam::{ACCOUNT}:mfa/ann\n"
PROFILES: Final[Mapping[str, str]] = {
    "keys": _KEYS,
    "session keys": _KEYS + _TOKEN,
    "a source": f"{_ROLE}source_profile = keys\n",
    "a source with session keys": f"{_ROLE}source_profile = session\n",
    "a source, with all that a profile may have": f"{_ROLE}source_profile = keys\n"
    "role_session_name = deploy\nexternal_id = chosen\n",
    "its own source": f"{_ROLE}source_profile = mine\n{_KEYS}",
    "its own source with session keys": f"{_ROLE}source_profile = mine\n{_KEYS}{_TOKEN}",
    "its own source without a secret": f"{_ROLE}source_profile = mine\naws_access_key_id = KEYID\n",
    "the environment": f"{_ROLE}credential_source = Environment\n",
    "an instance": f"{_ROLE}credential_source = Ec2InstanceMetadata\n",
    "a container": f"{_ROLE}credential_source = EcsContainer\n",
    "a source, with MFA": f"{_ROLE}source_profile = keys\n{_MFA}",
    "a source that has a role": f"{_ROLE}source_profile = chained\n",
    "a web identity": f"{_ROLE}web_identity_token_file = token\n",
    "a web identity with a session name": f"{_ROLE}web_identity_token_file = token\nrole_session_name = deploy\n",
    "a user in place of a role": f"role_arn = {USER}\nsource_profile = keys\n",
    "no credentials": "region = eu-west-1\n",
}
VARIABLES: Final[Mapping[str, Mapping[str, str]]] = {
    "nothing": {},
    "keys": {"AWS_ACCESS_KEY_ID": "ENVKEYID", "AWS_SECRET_ACCESS_KEY": "none"},
    "session keys": {"AWS_ACCESS_KEY_ID": "ENVKEYID", "AWS_SECRET_ACCESS_KEY": "none", "AWS_SESSION_TOKEN": "token"},
    "a web identity": {"AWS_ROLE_ARN": OF_OTHER, "AWS_WEB_IDENTITY_TOKEN_FILE": "env-token"},
    "a web identity with a session name": {
        "AWS_ROLE_ARN": OF_OTHER,
        "AWS_WEB_IDENTITY_TOKEN_FILE": "env-token",
        "AWS_ROLE_SESSION_NAME": "named",
    },
    "a token's role alone": {"AWS_ROLE_ARN": OF_OTHER},
    "session keys and a web identity": {
        "AWS_ACCESS_KEY_ID": "ENVKEYID",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ROLE_ARN": OF_OTHER,
        "AWS_WEB_IDENTITY_TOKEN_FILE": "env-token",
    },
    "keys and a web identity": {
        "AWS_ACCESS_KEY_ID": "ENVKEYID",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_ROLE_ARN": OF_OTHER,
        "AWS_WEB_IDENTITY_TOKEN_FILE": "env-token",
    },
    "session keys and half a web identity": {
        "AWS_ACCESS_KEY_ID": "ENVKEYID",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_SESSION_TOKEN": "token",
        "AWS_ROLE_ARN": OF_OTHER,
    },
}


def _plan(profile: str | None = None, probe_role: str | None = None) -> str:
    try:
        clients = SessionClients(make_session(profile=profile, region=DEFAULT))
        plan = plan_probe(clients, probe_role=probe_role)
    except IamcheckError as error:
        return f"{type(error).__name__}: {error}"
    signs: Any = plan.clients
    source = ""
    if signs.session is not clients.session:
        signer = signs.session.get_credentials()
        # what has a role would call AWS for its key
        key = "a role's key" if signer.method == "assume-role" else f"{signer.access_key} and {signer.token}"
        source = f", from another session of {key} in {signs.session.region_name}"
    return (
        f"{plan.probe.name}, long-term {plan.long_term}, role {plan.role_arn} of {plan.account_id}, "
        f"{plan.role_session_name}, external id {plan.external_id}, token {plan.token_file}{source}"
    )


def plans_text() -> str:
    """Which probe credentials allow, by profile and by environment."""
    rows: list[tuple[str, list[str]]] = []
    for name, variables in VARIABLES.items():
        with environment(**variables):
            rows.append((f"environment: {name}", [f"  {_plan()}"]))
            rows.append((f"environment: {name}, with a role", [f"  {_plan(probe_role=ROLE)}"]))
    for (name, profile), of_environment in itertools.product(PROFILES.items(), ("nothing", "keys", "a web identity")):
        with environment(**VARIABLES[of_environment]) as folder:
            config = folder / "config"
            others = f"[profile keys]\n{_KEYS}[profile session]\n{_KEYS}{_TOKEN}"
            others += f"[profile chained]\nrole_arn = {OF_OTHER}\nsource_profile = keys\n"
            config.write_text(f"[profile mine]\n{profile}{others}", encoding="utf-8")
            os.environ["AWS_CONFIG_FILE"] = str(config)
            # what is chosen on the command line comes before the environment, and AWS_PROFILE is of the environment
            is_chosen = of_environment != "a web identity"
            if not is_chosen:
                os.environ["AWS_PROFILE"] = "mine"
            what = f"{'profile' if is_chosen else 'AWS_PROFILE'}: {name}, environment: {of_environment}"
            rows.append((what, [f"  {_plan('mine' if is_chosen else None)}"]))
    return "\n".join(_section("plans", rows))


def endpoints_text() -> str:
    """Which hosts are a Region's, and which may serve it; whom a probe role trusts."""
    lines = []
    hosts = [
        *("sts.amazonaws.com", "sts.{0}.amazonaws.com", "sts-fips.{0}.amazonaws.com", "sts.{0}.api.aws"),
        *("sts.{0}.amazonaws.com.cn", "sts.{0}.api.amazonwebservices.com.cn", "sts.{0}.amazonaws.com.example"),
        *(
            "sts.eu-north-1.amazonaws.com",
            "vpce-1.sts.{0}.vpce.amazonaws.com",
            "proxy.example",
            "eu-north-1.{0}.example",
        ),
        *("iam.{0}.amazonaws.com", "x-sts.{0}.amazonaws.com", "eu-north-1.eu-south-1.example", ""),
    ]
    for region, host in itertools.product((DEFAULT, "cn-north-1", "us-gov-west-1"), hosts):
        url = f"https://{host.format(region)}" if host else ""
        try:
            require_may_serve(url or None, catalogue.region(region))
            may = "may serve it"
        except IamcheckError as error:
            may = str(error)
        lines.append(f"{region} {url}: {is_regional(url, catalogue.region(region))}, {may}")
    for arn in (
        *(f"arn:aws:iam::{ACCOUNT}:{resource}" for resource in ("role/a/b", "user/a/b", "root", "group/g")),
        *(f"arn:aws:sts::{ACCOUNT}:{resource}" for resource in ("assumed-role/a/b", "federated-user/f")),
    ):
        try:
            trust = json.dumps(probe_role_trust(parse_principal(arn)))
        except IamcheckError as error:
            trust = str(error)
        lines.append(f"{arn}: {trust}")
    return "\n".join(lines) + "\n"


TEXTS: Final[Corpus] = {
    "sts/judgments": judgments_text,
    **{name: partial(worlds_text, sections) for name, sections in WORLDS.items()},
    "sts/plans": plans_text,
    "sts/endpoints": endpoints_text,
}
