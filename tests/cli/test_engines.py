"""`iamcheck check` online by the principal's own policies: who reads them, who decides, and what if one may not."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, NAMES, OFFLINE, allow, deny, policy
from tests.cli.test_check_online import DEPLOYER, NARROW, OFFICE, Denying, once
from tests.server import Answer
from tests.server.wire import encode_query, service_model

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Run, Write
    from tests.server import Credentials, LoopbackAws

pytestmark = pytest.mark.slow

CHECK = ("check", *NAMES, "--skip", "sts.active", "--verbose")
JSON = ("--output", "json")
NO_SCPS = ("--scp", "FullAWSAccess")
READS = ("iam:Get*", "iam:List*")

SLOW_BOTH = pytest.param("both", marks=pytest.mark.slow)


class Disagreeing(Denying):
    """A simulator that denies whatever it is asked about a principal."""

    def get_context_keys_for_principal_policy(self, **_: object) -> dict[str, object]:
        return {"ContextKeyNames": []}

    def simulate_principal_policy(self, **asked: Any) -> dict[str, object]:  # noqa: ANN401  boto3's keywords
        return self.simulate_custom_policy(**asked)


@pytest.mark.parametrize("engine", ["auto", "local", SLOW_BOTH])
@pytest.mark.parametrize(
    ("document", "status"), [(DEPLOYER, 0), (NARROW, 1), (OFFICE, 3)], ids=["allows", "denies", "open"]
)
def test_policies_are_read_from_iam(
    run: Run,
    aws: LoopbackAws,
    schema: Mapping[str, object],
    engine: str,
    document: Mapping[str, object],
    status: int,
) -> None:
    user = aws.create_user("deployer", policy=document)
    scps = NO_SCPS if engine == "local" else ()
    done = run(*CHECK, "--engine", engine, *scps, *JSON, **once(aws, user))
    assert (done.status, done.valid(schema)["engine"]) == (status, {"auto": "aws"}.get(engine, engine))
    assert ("iam:SimulatePrincipalPolicy" in aws.actions) is (engine != "local")
    assert "iam:GetContextKeysForPrincipalPolicy" not in aws.actions
    assert Counter(aws.actions).most_common(1)[0][1] <= 2
    if status == 3:
        assert done.check("principal.allowed")["open_keys"] == ["aws:sourceip"]


@pytest.mark.parametrize("engine", ["auto", "aws"])
def test_a_key_that_nobody_knows_is_open_whatever_value_a_policy_wants(run: Run, aws: LoopbackAws, engine: str) -> None:
    tagged = policy(allow(), deny(Condition={"StringEquals": {"aws:SourceVpc": "vpc-of-the-contractors"}}))
    user = aws.create_user("deployer", policy=tagged)
    done = run(*CHECK, "--engine", engine, *JSON, **once(aws, user))
    assert (done.status, done.check("principal.allowed")["open_keys"]) == (3, ["aws:sourcevpc"])
    assert (
        "--context aws:SourceVpc=VALUE or --absent aws:SourceVpc" in done.check("principal.allowed")["remedy"]["text"]
    )


@pytest.mark.parametrize("engine", ["auto", SLOW_BOTH])
def test_answers_that_differ_are_unknown(run: Run, aws: LoopbackAws, engine: str) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    aws.iam.simulator = lambda **_: Disagreeing()
    done = run(*CHECK, "--engine", engine, **once(aws, user))
    assert done.status == 3
    assert "AWS's simulator says implicitDeny, and the local engine allowed" in done.flat


def test_who_may_not_simulate_is_answered_by_the_local_engine(run: Run, aws: LoopbackAws) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    aws.deny("iam:SimulatePrincipalPolicy")
    done = run(*CHECK, *NO_SCPS, *JSON, **once(aws, user))
    assert (done.status, done.report["engine"]) == (0, "local")
    assert any("the local engine decides as AWS's simulator would" in one for one in done.report["assumptions"])
    both = run(*CHECK, *NO_SCPS, "--engine", "both", **once(aws, user))
    assert both.status == 3
    assert "could not ask AWS: iam:SimulatePrincipalPolicy" in both.flat


def test_who_may_do_neither_is_told_what_to_grant(run: Run, aws: LoopbackAws, schema: Mapping[str, object]) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    for one in (*READS, "iam:Simulate*"):
        aws.deny(one)
    done = run(*CHECK, *JSON, **once(aws, user))
    assert (done.status, done.valid(schema)["verdict"]) == (3, "unknown")
    remedy = done.check("principal.allowed")["remedy"]
    place = ("--region", "eu-west-1", "--account-id", ACCOUNT, "--principal", user.arn)
    generated = run("generate", *NAMES, "--for", "checker", "--check", "principal.allowed", *place)
    assert remedy["policy"] == json.loads(generated.out)
    for action in ("iam:SimulatePrincipalPolicy", "iam:GetUserPolicy", "iam:ListGroupsForUser"):
        assert action in remedy["text"]
    notes = [one["note"] for one in done.check("principal.allowed")["evidence"] if one["note"]]
    assert any("iam:ListUserPolicies" in note and "not authorized" in note for note in notes)


def unreadable(aws: LoopbackAws) -> None:
    """Lets the caller simulate, and read nothing."""
    for one in ("iam:GetUser*", "iam:List*", "iam:GetPolicy*"):
        aws.deny(one)


def test_who_may_simulate_and_not_read_has_aws_s_word(run: Run, aws: LoopbackAws) -> None:
    user = aws.create_user("deployer", policy=OFFICE)
    unreadable(aws)
    done = run(*CHECK, *JSON, **once(aws, user))
    assert (done.status, done.report["engine"]) == (3, "aws")
    assert done.check("principal.allowed")["open_keys"] == ["aws:sourceip"]
    assert any("AWS's simulator is right about" in one for one in done.report["assumptions"])
    known = ("--absent", "aws:SourceIp")
    assert run(*CHECK, *known, **once(aws, user)).status == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--scp", "FullAWSAccess"), 0),
        (("--scp", "FullAWSAccess,locked.json"), 1),
        (("--boundary", "narrow.json"), 1),
        (("--boundary", "deployer.json"), 0),
        (("--boundary", "office.json"), 3),
    ],
)
def test_layers_that_are_given_count_beside_aws_s_word(
    run: Run, aws: LoopbackAws, write: Write, words: tuple[str, ...], status: int
) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    unreadable(aws)
    for name, document in (("locked", LOCKED), ("narrow", NARROW), ("deployer", DEPLOYER), ("office", OFFICE)):
        write(f"{name}.json", document)
    done = run(*CHECK, *words, **once(aws, user))
    assert done.status == status, done.out
    assert ("aws:SourceIp" in done.flat) is (status == 3)


LOCKED = policy(deny(Sid="NotHere", Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}))
ELSEWHERE = policy(deny(Sid="NotThere", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))
FULL = policy(allow())


def under(aws: LoopbackAws, scp: Mapping[str, object], *, may_read: bool, level: int = 0) -> str:
    """The account in a unit of an organization, with an SCP at one level; AWS's simulator knows it too.

    Gives the name of the policy.
    """
    tree = aws.organizations.create()
    unit = tree.unit("workloads", tree.root)
    account = tree.account(ACCOUNT, unit)
    tree.attach((tree.root, unit, account)[level], scp)
    aws.iam.scps = [[FULL, scp] if at == level else [FULL] for at in range(3)]
    if may_read:
        aws.organizations.delegated.add(ACCOUNT)
    made = tree.backend.policies[-1]
    return f"{made.name} ({made.id})"


@pytest.mark.parametrize("level", [0, 1, 2])
@pytest.mark.parametrize("engine", ["auto", "local", SLOW_BOTH])
@pytest.mark.parametrize(("scp", "status"), [(LOCKED, 1), (ELSEWHERE, 0)], ids=["locked", "elsewhere"])
def test_scps_are_read_from_the_organization(
    run: Run, aws: LoopbackAws, engine: str, level: int, scp: Mapping[str, object], status: int
) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    name = under(aws, scp, may_read=True, level=level)
    done = run(*CHECK, "--engine", engine, *JSON, **once(aws, user))
    assert done.status == status
    found = done.check("principal.allowed")
    assert any("were read from AWS Organizations" in (one["note"] or "") for one in found["evidence"])
    if status:
        by = found["evidence"][0]["decided_by"]
        assert (by["policy_type"], by["policy"], by["sid"]) == ("scp", name, "NotHere")


@pytest.mark.parametrize("engine", ["auto", "local", SLOW_BOTH])
@pytest.mark.parametrize(
    ("words", "status"),
    [((), 3), (("--organizations", "ignore"), 0), (("--scp", "FullAWSAccess"), 0)],
    ids=["unread", "ignored", "given"],
)
def test_scps_that_nobody_has_read_keep_it_from_being_known(
    run: Run, aws: LoopbackAws, engine: str, words: tuple[str, ...], status: int
) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    under(aws, ELSEWHERE, may_read=False)
    done = run(*CHECK, "--engine", engine, *words, **once(aws, user))
    assert done.status == status, done.out
    if status:
        assert "service control policy (SCP)" in done.flat
        assert "--organizations ignore" in done.flat
        assert "organizations:ListParents" in done.flat
    if "ignore" in words:
        assert "--organizations ignore leaves them out" in done.flat


@pytest.mark.parametrize("readable", [True, False])
@pytest.mark.parametrize("engine", ["auto", "aws"])
@pytest.mark.parametrize("scp", [LOCKED, ELSEWHERE], ids=["denies", "allows"])
def test_scps_that_nobody_has_read_leave_aws_s_word_open(
    run: Run, aws: LoopbackAws, engine: str, scp: Mapping[str, object], *, readable: bool
) -> None:
    # AWS lists no keys of SCPs, so that which of the unknown ones they look at nobody can tell
    user = aws.create_user("deployer", policy=DEPLOYER)
    under(aws, scp, may_read=False)
    if not readable:
        unreadable(aws)
    done = run(*CHECK, "--engine", engine, **once(aws, user))
    assert done.status == 3
    assert "--organizations ignore" in done.flat
    if scp is LOCKED:
        assert "AWS's simulator says that SCPs deny it, given" in done.flat
        assert "aws:RequestedRegion" in done.flat
    else:
        assert "what nobody has read: service control policy (SCP)" in done.flat
    ignored = run(*CHECK, "--engine", engine, "--organizations", "ignore", **once(aws, user))
    assert ignored.status == 0
    assert "--organizations ignore leaves them out" in ignored.flat


@pytest.mark.parametrize("engine", ["auto", "aws"])
def test_who_may_not_even_without_scps_is_denied(run: Run, aws: LoopbackAws, engine: str) -> None:
    user = aws.create_user("deployer", policy=NARROW)
    under(aws, LOCKED, may_read=False)
    unreadable(aws)
    done = run(*CHECK, "--engine", engine, **once(aws, user))
    assert done.status == 1
    assert "no Allow of an identity policy matched" in done.flat
    assert "stop denying" not in done.flat
    assert CONFIG_ARN in done.flat


@pytest.mark.parametrize("engine", ["auto", "aws"])
@pytest.mark.parametrize(("scp", "status"), [(LOCKED, 1), (ELSEWHERE, 0)], ids=["locked", "elsewhere"])
def test_scps_that_can_be_read_settle_aws_s_word(
    run: Run, aws: LoopbackAws, engine: str, scp: Mapping[str, object], status: int
) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    under(aws, scp, may_read=True)
    unreadable(aws)
    assert run(*CHECK, "--engine", engine, **once(aws, user)).status == status


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--organizations", "nowhere"), "no such folder"),
        (("--organizations", "ignore", "--scp", "FullAWSAccess"), "--scp"),
        (("--organizations", ".", "--engine", "aws"), "--engine"),
    ],
)
def test_organizations_that_make_no_sense(run: Run, aws: LoopbackAws, words: tuple[str, ...], says: str) -> None:
    done = run(*CHECK, "--engine", "local", *words, **once(aws))
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err
    assert run(*OFFLINE, "--organizations", "aws").status == 2


def test_a_policy_that_is_not_understood_is_unknown_and_never_bad_input(run: Run, aws: LoopbackAws) -> None:
    user = aws.create_user("deployer", policy=DEPLOYER)
    odd = json.dumps(policy({**allow(), "Until": "2027"}))
    answer = {"UserName": "deployer", "PolicyName": "deployer-inline", "PolicyDocument": odd}
    encoded = encode_query(answer, service_model("iam").operation_model("GetUserPolicy"))
    aws.hook("iam:GetUserPolicy", lambda _: encoded)
    done = run(*CHECK, "--engine", "local", *NO_SCPS, **once(aws, user))
    assert (done.status, done.err) == (3, "")
    assert "deployer-inline" in done.flat
    assert "Until" in done.flat


def details(aws: LoopbackAws, tmp_path: Path) -> str:
    """What `aws iam get-account-authorization-details` prints."""
    answer = aws.client("iam").get_account_authorization_details()
    (tmp_path / "details.json").write_text(json.dumps(answer, default=str))
    return "details.json"


WHO: list[tuple[str, Callable[[LoopbackAws], Credentials]]] = [
    ("user", lambda aws: aws.create_user("deployer", policy=DEPLOYER)),
    ("session", lambda aws: aws.create_role("deployer", policy=DEPLOYER, path="/team/")),
]


@pytest.mark.parametrize("make", [one[1] for one in WHO], ids=[one[0] for one in WHO])
def test_authorization_details_stand_for_iam(
    run: Run, aws: LoopbackAws, tmp_path: Path, make: Callable[[LoopbackAws], Credentials]
) -> None:
    who = make(aws)
    words = ("--authorization-details", details(aws, tmp_path))
    seen = len(aws.calls)
    offline = run(*OFFLINE, *words, "--principal", who.arn, *JSON)
    assert (offline.status, offline.statuses["principal.allowed"], offline.report["engine"]) == (0, "pass", "local")
    assert len(aws.calls) == seen
    online = run(*CHECK, *words, *JSON, **once(aws, who))
    assert (online.status, online.report["engine"]) == (0, "aws")
    assert {one for one in aws.actions[seen:] if one.startswith("iam:")} == {"iam:SimulatePrincipalPolicy"}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "--principal"),
        (("--principal", f"arn:aws:iam::{ACCOUNT}:user/nobody"), "nobody"),
        (("--principal", f"arn:aws:iam::{ACCOUNT}:user/admin", "--policy", "own.json"), "--policy"),
    ],
    ids=["whose", "not there", "twice"],
)
def test_authorization_details_that_make_no_sense(
    run: Run, aws: LoopbackAws, write: Write, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    write("own.json", DEPLOYER)
    done = run(*OFFLINE, "--authorization-details", details(aws, tmp_path), *words)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert says in done.err


def test_a_principal_offline_needs_policies(run: Run) -> None:
    done = run(*OFFLINE, "--principal", f"arn:aws:iam::{ACCOUNT}:user/ann")
    assert done.status == 2
    assert "--authorization-details" in done.err


KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def with_key(write: Write) -> tuple[str, ...]:
    """A deployment whose volumes are encrypted."""
    variant = {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant], "KmsKeyId": KEY}
    return ("--config-request", write("config.json", config), "--request", write("request.json", REQUEST))


REQUEST = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
GRANTS = policy(
    allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"], [ENDPOINT_ARN, CONFIG_ARN]),
    allow("kms:CreateGrant", KEY),
)


@pytest.mark.parametrize(
    ("statement", "status"),
    [
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"}, 0),
        ({"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/other"}, "Action": "kms:*"}, 1),
        (None, 3),
    ],
    ids=["delegates", "does not", "denied"],
)
def test_the_policy_of_a_key_is_read(
    run: Run, aws: LoopbackAws, write: Write, statement: Mapping[str, object] | None, status: int
) -> None:
    user = aws.create_user("deployer", policy=GRANTS)
    if statement is None:
        aws.deny("kms:GetKeyPolicy")
    else:
        document = policy({"Effect": "Allow", "Resource": "*", **statement})
        body = json.dumps({"Policy": json.dumps(document), "PolicyName": "default"}).encode()
        aws.hook("kms:GetKeyPolicy", lambda _: Answer(200, body, {"Content-Type": "application/x-amz-json-1.1"}))
    words = ("check", *with_key(write), "--skip", "sts.active")
    done = run(*words, **once(aws, user))
    assert done.status == status, done.out
    if status == 1:
        assert "resource policy" in done.flat
    if status == 3:
        assert "kms:GetKeyPolicy" in done.flat
        own = policy({"Effect": "Allow", "Resource": "*", "Principal": {"AWS": user.arn}, "Action": "kms:CreateGrant"})
        given = ("--resource-policy", f"{KEY}={write('key.json', own)}")
        assert run(*words, *given, **once(aws, user)).status == 0
