"""`iamcheck check` online: what AWS's simulator hides, what AWS refuses, and where it cannot be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli import (
    ACCOUNT,
    CONFIG_ARN,
    ENDPOINT_ARN,
    NAMES,
    NEEDS_MFA,
    REGION_LOCK,
    ROLE,
    allow,
    deny,
    policy,
)
from tests.server import Answer, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from tests.cli import Run, Write
    from tests.server import Credentials, LoopbackAws

CHECK = ("check", *NAMES)
HERE = (*CHECK, "--account-id", ACCOUNT)
JSON = ("--output", "json")
OTHER = "210987654321"
DEPLOYER = policy(allow("sagemaker:CreateEndpoint*", [ENDPOINT_ARN, CONFIG_ARN]))
OFFICE = policy(allow(), deny(Sid="NotFromThere", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
NARROW = policy(allow("sagemaker:CreateEndpoint", ENDPOINT_ARN))
ORGANIZATION = ([policy(allow())], [policy(allow()), REGION_LOCK])


def once(aws: LoopbackAws, credentials: Credentials | None = None, **more: str) -> dict[str, str]:
    """The environment of this AWS, for clients that try once: a refusal is not asked for twice."""
    return aws.environment(credentials, AWS_MAX_ATTEMPTS="1", **more)


def without_credentials(aws: LoopbackAws) -> dict[str, str]:
    return {key: value for key, value in once(aws).items() if "ACCESS_KEY" not in key}


def test_a_user_who_may(run: Run, aws: LoopbackAws, schema: Mapping[str, object]) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    done = run(*CHECK, *JSON, **once(aws, user))
    assert (done.status, done.err) == (0, "")
    assert aws.actions.count("sts:GetCallerIdentity") == 1
    report = done.valid(schema)
    assert (report["verdict"], report["principal"], report["engine"], report["offline"]) == (
        "pass",
        user.arn,
        "aws",
        False,
    )
    assert report["deployment"]["account_id"] == ACCOUNT
    assert done.statuses == {
        "policy.sufficient": "pass",
        "policy.minimal": "pass",
        "principal.allowed": "pass",
        "sts.active": "pass",
        "endpoint-config.ready": "pass",
        "endpoint-name.ready": "pass",
    }
    assert {"iam:SimulatePrincipalPolicy", "iam:GetUser", "iam:GetUserPolicy"} <= set(aws.actions)
    assert {action for action in aws.actions if action.startswith("sagemaker:")} == {
        "sagemaker:DescribeEndpoint",
        "sagemaker:DescribeEndpointConfig",
        "sagemaker:ListEndpoints",
    }


def test_what_aws_s_simulator_hides(run: Run, aws: LoopbackAws, schema: Mapping[str, object]) -> None:
    user = aws.create_user("deployer", policy=OFFICE)
    simulated = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=user.arn, ActionNames=["sagemaker:CreateEndpoint"], ResourceArns=[ENDPOINT_ARN]
    )
    assert [one["EvalDecision"] for one in simulated["EvaluationResults"]] == ["allowed"]
    done = run(*CHECK, *JSON, **once(aws, user))
    assert (done.status, done.valid(schema)["verdict"]) == (3, "unknown")
    assert done.check("principal.allowed")["open_keys"] == ["aws:sourceip"]
    assert {one["decision"] for one in done.check("principal.allowed")["evidence"]} == {"allowed"}
    shown = run(*CHECK, **once(aws, user))
    assert shown.status == 3
    assert "--context aws:SourceIp=VALUE or --absent aws:SourceIp" in shown.flat


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--context", "aws:SourceIp=203.0.113.7"), 1),
        (("--context", "aws:SourceIp=198.51.100.7"), 0),
        (("--absent", "aws:SourceIp"), 0),
    ],
)
def test_what_the_user_knows_settles_it(run: Run, aws: LoopbackAws, words: tuple[str, ...], status: int) -> None:
    done = run(*CHECK, *words, *JSON, **once(aws, aws.create_user("deployer", policy=OFFICE)))
    assert done.status == status
    assert any("aws:SourceIp" in one for one in done.report["assumptions"])


WORLDS: list[tuple[str, Callable[[LoopbackAws], Credentials], int, tuple[str, ...]]] = [
    ("user who may not", lambda aws: aws.create_user("u", policy=NARROW), 1, ("implicitDeny", CONFIG_ARN)),
    ("user without policies", lambda aws: aws.create_user("u"), 1, ("implicitDeny", CONFIG_ARN)),
    (
        "user within a boundary",
        lambda aws: aws.create_user("u", policy=DEPLOYER, boundary=NARROW),
        1,
        ("permissions boundary", CONFIG_ARN),
    ),
    ("user who needs MFA", lambda aws: aws.create_user("u", policy=NEEDS_MFA), 0, ()),
    ("session that needs MFA", lambda aws: aws.create_role("r", policy=NEEDS_MFA), 3, ("aws:MultiFactorAuthPresent",)),
    ("role that may not", lambda aws: aws.create_role("r", policy=NARROW), 1, ("implicitDeny", CONFIG_ARN)),
    (
        "role within a boundary",
        lambda aws: aws.create_role("r", policy=DEPLOYER, boundary=NARROW),
        1,
        ("permissions boundary", CONFIG_ARN),
    ),
    ("root user", lambda aws: aws.root(), 3, ("root", "--principal")),
]


@pytest.mark.parametrize(("make", "status", "says"), [one[1:] for one in WORLDS], ids=[one[0] for one in WORLDS])
def test_principals(
    run: Run, aws: LoopbackAws, make: Callable[[LoopbackAws], Credentials], status: int, says: tuple[str, ...]
) -> None:
    done = run(*CHECK, "--skip", "sts.active", **once(aws, make(aws)))
    assert done.status == status, done.out
    assert not [one for one in says if one not in done.flat], done.out


@pytest.mark.parametrize("path", ["/", "/team/deploy/"])
def test_a_session_stands_for_its_role(run: Run, aws: LoopbackAws, path: str) -> None:
    session = aws.create_role("ci", policy=DEPLOYER, path=path)
    done = run(*CHECK, "--skip", "sts.active", *JSON, **once(aws, session))
    assert (done.status, done.report["principal"]) == (0, session.arn)
    sources = {call.parameters["PolicySourceArn"] for call in aws.calls if "PrincipalPolicy" in call.operation}
    assert sources == {f"arn:aws:iam::{ACCOUNT}:role{path}ci"}


def test_a_role_whose_path_may_not_be_read(run: Run, aws: LoopbackAws) -> None:
    session = aws.create_role("ci", policy=DEPLOYER)
    aws.deny("iam:GetRole")
    done = run(*CHECK, "--verbose", "--skip", "sts.active", **once(aws, session))
    assert done.status == 0
    assert f"grant iam:GetRole on {ROLE}" in done.flat
    assert run(*CHECK, "--skip", "sts.active", "--strict", **once(aws, session)).status == 3


def test_scps_that_aws_sees(run: Run, aws: LoopbackAws) -> None:
    user = aws.create_user("deployer", policy=policy(allow("sagemaker:*")))
    aws.iam.scps = ORGANIZATION
    aws.deny("organizations:*")
    elsewhere = (*CHECK, "--region", "eu-central-1")
    for engine in ("auto", "aws"):
        denied = run(*CHECK, "--engine", engine, **once(aws, user))
        assert denied.status == 3
        assert "AWS's simulator says that SCPs deny it" in denied.flat
        # AWS allows it, and does not say which keys the SCPs look at
        allowed = run(*elsewhere, "--engine", engine, **once(aws, user))
        assert allowed.status == 3
        assert "what nobody has read: service control policy (SCP)" in allowed.flat


def test_another_principal(run: Run, aws: LoopbackAws) -> None:
    aws.create_role("ci", policy=NARROW)
    assert run(*CHECK, **once(aws)).status == 0
    done = run(*CHECK, "--principal", ROLE, *JSON, **once(aws))
    assert (done.status, done.report["principal"]) == (1, ROLE)
    nobody = run(*CHECK, "--principal", f"{ROLE}-nobody", **once(aws))
    assert nobody.status == 3
    assert "NoSuchEntity" in nobody.flat


@pytest.mark.parametrize("operation", ["iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy"])
def test_a_caller_who_may_not_simulate(
    run: Run, aws: LoopbackAws, schema: Mapping[str, object], operation: str
) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    aws.deny(operation)
    done = run(*CHECK, "--engine", "aws", *JSON, **once(aws, user))
    assert (done.status, done.valid(schema)["verdict"]) == (3, "unknown")
    found = done.check("principal.allowed")
    assert f"grant {operation} on {user.arn}" in found["remedy"]["text"]
    assert [one["call"]["operation"] for one in found["evidence"]] == [operation]
    assert {one["call"]["endpoint"] for one in found["evidence"]} == {aws.url}


GIVEN = ("--policy", "given.json", "--scp", "FullAWSAccess")


@pytest.mark.parametrize("engine", ["auto", "aws", "local", "both"])
@pytest.mark.parametrize(
    ("document", "status"), [(DEPLOYER, 0), (NARROW, 1), (OFFICE, 3)], ids=["allows", "denies", "open"]
)
def test_policies_that_are_given(
    run: Run, aws: LoopbackAws, write: Write, engine: str, document: Mapping[str, object], status: int
) -> None:
    write("given.json", document)
    assert run(*CHECK, *GIVEN, "--engine", engine, **once(aws)).status == status
    assert ("iam:SimulateCustomPolicy" in aws.actions) is (engine != "local")
    assert "iam:SimulatePrincipalPolicy" not in aws.actions


def test_scps_that_nobody_has_read_are_not_none(run: Run, aws: LoopbackAws, write: Write) -> None:
    write("given.json", DEPLOYER)
    words = (*CHECK, "--policy", "given.json", "--engine", "local")
    assert run(*words, **once(aws)).status == 0
    aws.deny("organizations:*")
    done = run(*words, **once(aws))
    assert done.status == 3
    assert "service control policy (SCP)" in done.flat
    assert "--scp" in done.flat


class Denying:
    """A simulator that denies whatever it is asked."""

    def simulate_custom_policy(self, **asked: Sequence[str]) -> dict[str, object]:
        results = [
            {
                "EvalActionName": action,
                "EvalResourceName": arn,
                "EvalDecision": "implicitDeny",
                "ResourceSpecificResults": [{"EvalResourceName": arn, "EvalResourceDecision": "implicitDeny"}],
            }
            for action in asked["ActionNames"]
            for arn in asked["ResourceArns"]
        ]
        return {"EvaluationResults": results, "IsTruncated": False}


@pytest.mark.parametrize(("engine", "status"), [("auto", 3), ("both", 3), ("aws", 3), ("local", 0)])
def test_engines_that_disagree(run: Run, aws: LoopbackAws, write: Write, engine: str, status: int) -> None:
    write("given.json", DEPLOYER)
    aws.iam.simulator = lambda **_: Denying()
    done = run(*CHECK, *GIVEN, "--engine", engine, **once(aws))
    assert done.status == status
    if status:
        assert "AWS's simulator says implicitDeny, and the local engine allowed" in done.flat


@pytest.mark.parametrize(("engine", "status"), [("auto", 0), ("both", 3), ("aws", 3), ("local", 0)])
def test_given_policies_where_aws_may_not_be_asked(
    run: Run, aws: LoopbackAws, write: Write, engine: str, status: int
) -> None:
    write("given.json", DEPLOYER)
    aws.deny("iam:SimulateCustomPolicy")
    done = run(*CHECK, *GIVEN, "--engine", engine, "--verbose", **once(aws))
    assert done.status == status
    if engine != "local":
        assert "iam:SimulateCustomPolicy" in done.flat


def test_sts_is_deactivated(run: Run, aws: LoopbackAws) -> None:
    aws.sts.deactivate("eu-west-1")
    done = run(*CHECK, *JSON, **once(aws))
    assert done.status == 1
    assert {id for id, status in done.statuses.items() if status != "pass"} == {"sts.active"}
    assert run(*CHECK, "--skip", "sts.active", **once(aws)).status == 0


def test_a_probe_role_proves_sts(run: Run, aws: LoopbackAws) -> None:
    aws.create_role("probe")
    session = aws.create_role("ci", policy=DEPLOYER)
    assert run(*CHECK, **once(aws, session)).status == 3
    probe = f"arn:aws:iam::{ACCOUNT}:role/probe"
    assert run(*CHECK, "--sts-probe-role", probe, **once(aws, session)).status == 0


def test_credentials_of_another_account(run: Run, aws: LoopbackAws) -> None:
    done = run(*CHECK, "--account-id", OTHER, **once(aws))
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"belongs to account {ACCOUNT}, and the deployment to {OTHER}" in done.err
    other = run(*CHECK, "--principal", ROLE.replace(ACCOUNT, OTHER), **once(aws))
    assert (other.status, other.out) == (2, "")


@pytest.mark.parametrize("words", [CHECK, HERE], ids=["account from credentials", "account given"])
def test_no_credentials(run: Run, aws: LoopbackAws, schema: Mapping[str, object], words: tuple[str, ...]) -> None:
    done = run(*words, *JSON, **without_credentials(aws))
    assert (done.status, done.valid(schema)["verdict"]) == (3, "unknown")
    assert "--offline" in done.check("principal.allowed")["summary"]
    assert "--offline" in run(*words, **without_credentials(aws)).flat
    assert aws.calls == ()


def test_a_profile(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    keys = user.environment()
    (tmp_path / "credentials").write_text(
        f"[ci]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {user.secret_access_key}\n"
    )
    (tmp_path / "config").write_text("[profile ci]\nregion = eu-central-1\n")
    environment = {
        **without_credentials(aws),
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }
    del environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]
    done = run(*CHECK, "--profile", "ci", *JSON, **environment)
    assert (done.report["principal"], done.report["deployment"]["region"]) == (user.arn, "eu-central-1")


CANNOT_ASK = [World.INVALID_TOKEN, World.EXPIRED_TOKEN, World.THROTTLED, World.GARBAGE, World.BAD_GATEWAY]
WORDS = {
    World.INVALID_TOKEN: "InvalidClientTokenId",
    World.EXPIRED_TOKEN: "expired",
    World.THROTTLED: "throttled",
    World.GARBAGE: "cannot be understood",
    World.BAD_GATEWAY: "502",
}


@pytest.mark.parametrize("words", [CHECK, HERE], ids=["account from credentials", "account given"])
@pytest.mark.parametrize("world", CANNOT_ASK)
def test_sts_that_cannot_be_asked(
    run: Run, aws: LoopbackAws, schema: Mapping[str, object], world: World, words: tuple[str, ...]
) -> None:
    aws.sts.world("*", world)
    done = run(*words, *JSON, **once(aws))
    assert (done.status, done.err, done.valid(schema)["verdict"]) == (3, "", "unknown")
    found = done.check("principal.allowed")
    assert WORDS[world] in found["summary"]
    assert (found["evidence"][0]["call"]["operation"], found["evidence"][0]["call"]["endpoint"]) == (
        "sts:GetCallerIdentity",
        aws.url,
    )
    shown = run(*words, **once(aws))
    assert (shown.status, shown.err) == (3, "")
    assert f"sts:GetCallerIdentity at {aws.url}" in shown.flat
    assert shown.out.startswith("Verdict: unknown\n")


@pytest.mark.parametrize("status", [200, 502])
def test_garbage_in_place_of_the_simulator(run: Run, aws: LoopbackAws, status: int) -> None:
    page = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>Sign in<br></body>\r\n</html>"
    aws.hook("iam:*", lambda _: Answer(status, page, {"Content-Type": "text/html"}))
    done = run(*CHECK, **once(aws))
    assert done.status == 3
    assert f"iam:SimulatePrincipalPolicy at {aws.url}" in done.flat


@pytest.mark.parametrize("words", [CHECK, HERE], ids=["account from credentials", "account given"])
@pytest.mark.parametrize("attempts", [{"AWS_MAX_ATTEMPTS": "1"}, {}], ids=["one attempt", "our own retries"])
def test_a_closed_port(
    run: Run,
    aws: LoopbackAws,
    schema: Mapping[str, object],
    closed_port: str,
    words: tuple[str, ...],
    attempts: dict[str, str],
) -> None:
    environment = {**aws.environment(), "AWS_ENDPOINT_URL": closed_port, **attempts}
    done = run(*words, "--timeout", "600", *JSON, **environment)
    assert (done.status, done.err) == (3, "")
    report = done.valid(schema)
    assert report["verdict"] == "unknown"
    # what needs no AWS is answered all the same, where the account is known
    expected = "pass" if "--account-id" in words else "unknown"
    assert (done.statuses["policy.sufficient"], done.statuses["principal.allowed"]) == (expected, "unknown")
    assert closed_port in done.check("principal.allowed")["summary"]


def test_a_host_that_never_answers_is_waited_for_no_longer_than_told(
    run: Run, aws: LoopbackAws, silent_host: str
) -> None:
    environment = {**aws.environment(), "AWS_ENDPOINT_URL": silent_host}
    done = run(*HERE, "--timeout", "1", **environment)
    assert done.status == 3
    # a busy machine may not come to the report in time: then standard error says so
    assert "--timeout" in done.flat + done.err


def test_a_report_without_an_account_says_so(run: Run, aws: LoopbackAws, closed_port: str) -> None:
    environment = {**once(aws), "AWS_ENDPOINT_URL": closed_port}
    done = run(*CHECK, *JSON, **environment)
    report = done.report
    assert (report["deployment"]["account_id"], report["policy"], report["permissions"]) == (None, None, [])
    assert set(done.statuses.values()) == {"unknown"}
    shown = run(*CHECK, **environment)
    assert "Place eu-west-1, an account that is not known" in shown.flat
    assert "--account-id" in shown.flat


def test_a_bad_name_is_found_before_aws_is_asked(run: Run, aws: LoopbackAws) -> None:
    assert run("check", "churn_7", "churn-v7", **once(aws)).status == 2
    assert run(*CHECK, "--engine", "aws", "--scp", "FullAWSAccess", **once(aws)).status == 2
    assert aws.calls == ()


def test_generate_takes_the_account_from_the_credentials(run: Run, aws: LoopbackAws, closed_port: str) -> None:
    done = run("generate", *NAMES, **once(aws))
    assert done.status == 0
    assert ENDPOINT_ARN in done.out
    unknown = run("generate", *NAMES, **{**once(aws), "AWS_ENDPOINT_URL": closed_port})
    assert (unknown.status, unknown.out, unknown.err.count("\n")) == (3, "", 1)
    assert f"sts:GetCallerIdentity at {closed_port}" in unknown.err
