"""Why a principal is denied, and the fix: every one that is offered is put into IAM, and then the check passes."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, NAMES, OFFLINE, allow, deny, policy
from tests.cli.test_check_online import DEPLOYER, NARROW, once
from tests.cli.test_engines import JSON, LOCKED, under

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli import Run, Write
    from tests.server import Credentials, LoopbackAws

pytestmark = pytest.mark.slow

CHECK = ("check", *NAMES, "--skip", "sts.active")
OTHER_REGION = policy(
    allow(
        ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"],
        [ENDPOINT_ARN.replace("eu-west-1", "us-east-1"), CONFIG_ARN.replace("eu-west-1", "us-east-1")],
        Sid="Deploy",
    )
)
STORAGE = policy(allow("s3:*", Sid="Storage"))

SLOW_LOCAL = pytest.param("local", marks=pytest.mark.slow)
SLOW_BOTH = pytest.param("both", marks=pytest.mark.slow)


def user(aws: LoopbackAws, document: Mapping[str, object] | None = None, **more: Any) -> Credentials:  # noqa: ANN401  keywords of create_user
    return aws.create_user("deployer", policy=document, **more)


def in_group(aws: LoopbackAws, document: Mapping[str, object]) -> Credentials:
    found, iam = user(aws), aws.client("iam")
    iam.create_group(GroupName="ml")
    iam.add_user_to_group(GroupName="ml", UserName="deployer")
    iam.put_group_policy(GroupName="ml", PolicyName="ml-inline", PolicyDocument=json.dumps(document))
    return found


def by_managed_policy(aws: LoopbackAws, document: Mapping[str, object]) -> Credentials:
    """The second version counts, for it is the default."""
    found, iam = user(aws), aws.client("iam")
    made = iam.create_policy(PolicyName="deploy", PolicyDocument=json.dumps(STORAGE))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=made, PolicyDocument=json.dumps(document), SetAsDefault=True)
    iam.attach_user_policy(UserName="deployer", PolicyArn=made)
    return found


ALLOWED: dict[str, tuple[Callable[[LoopbackAws], Credentials], str]] = {
    "user": (lambda aws: user(aws, DEPLOYER), "deployer-inline (inline, of user deployer)"),
    "group": (lambda aws: in_group(aws, DEPLOYER), "ml-inline (inline, of group ml)"),
    "role": (lambda aws: aws.create_role("ci", policy=DEPLOYER, path="/t/"), "ci-inline (inline, of role ci)"),
    "managed policy": (lambda aws: by_managed_policy(aws, DEPLOYER), f"arn:aws:iam::{ACCOUNT}:policy/deploy"),
}


@pytest.mark.parametrize("engine", ["auto", SLOW_BOTH])
@pytest.mark.parametrize("name", ALLOWED)
def test_who_is_allowed_and_by_what(run: Run, aws: LoopbackAws, name: str, engine: str) -> None:
    make, by = ALLOWED[name]
    done = run(*CHECK, "--engine", engine, *JSON, **once(aws, make(aws)))
    assert done.status == 0
    evidence = [one for one in done.check("principal.allowed")["evidence"] if one["decision"]]
    assert {one["decided_by"]["policy"] for one in evidence} == {by}
    assert {one["decided_by"]["index"] for one in evidence} == {0}
    assert {one["denial"] for one in evidence} == {None}


def put(aws: LoopbackAws, document: Mapping[str, object]) -> None:
    """Apply a fix: one more policy of the user."""
    aws.client("iam").put_user_policy(UserName="deployer", PolicyName="fix", PolicyDocument=json.dumps(document))


ADDED: dict[str, tuple[Callable[[LoopbackAws], Credentials], str]] = {
    "nothing": (user, ""),
    "one of three": (lambda aws: user(aws, NARROW), "Statement[0]"),
    "another Region in a Resource": (lambda aws: user(aws, OTHER_REGION), "has us-east-1, the request eu-west-1"),
    "of a group": (lambda aws: in_group(aws, NARROW), "Statement[0]"),
    "condition": (
        lambda aws: user(aws, policy(allow(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))),
        "Condition StringEquals aws:RequestedRegion",
    ),
    "storage": (lambda aws: user(aws, STORAGE), "Action has s3:*"),
}


@pytest.mark.parametrize("engine", ["auto", SLOW_LOCAL, SLOW_BOTH])
@pytest.mark.parametrize("name", ADDED)
def test_a_statement_that_is_offered_helps(run: Run, aws: LoopbackAws, name: str, engine: str) -> None:
    make, near = ADDED[name]
    who = make(aws)
    done = run(*CHECK, "--engine", engine, *JSON, **once(aws, who))
    assert done.status == 1
    found = done.check("principal.allowed")
    assert found["remedy"]["proved"] is True
    denied = [one for one in found["evidence"] if one["decision"] == "implicitDeny"]
    assert denied
    assert all(near in " ".join(one["nearest"]) for one in denied)
    for one in denied:
        assert one["denial"].startswith(f"User: {who.arn} is not authorized to perform: {one['action']}")
        assert one["denial"].endswith(f"because no identity-based policy allows the {one['action']} action")
    offered = found["remedy"]["policy"]
    assert "*" not in json.dumps(offered)
    put(aws, offered)
    assert run(*CHECK, "--engine", engine, **once(aws, who)).status == 0


def patched(text: str, before: Mapping[str, object], folder: Path) -> dict[str, object]:
    """A document with a unified diff applied, by the tool that everybody has for it."""
    file = folder / "policy.json"
    file.write_text(json.dumps(before, indent=2) + "\n")
    subprocess.run(["patch", str(file)], input=text + "\n", text=True, check=True, capture_output=True)
    found: dict[str, object] = json.loads(file.read_text())
    return found


def test_the_change_that_is_offered_helps(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    before = policy(
        {"Effect": "Allow", "Action": ["sagemaker:CreateEndpoint"], "Resource": [ENDPOINT_ARN]},
        {"Effect": "Allow", "Action": ["sagemaker:CreateEndpointConfig"], "Resource": [CONFIG_ARN]},
    )
    who = user(aws, before)
    done = run(*CHECK, *JSON, **once(aws, who))
    assert done.status == 1
    text = done.check("principal.allowed")["remedy"]["diff"]
    after = patched(text, before, tmp_path)
    assert json.dumps(after).count("arn:aws") == 3
    aws.client("iam").put_user_policy(
        UserName="deployer", PolicyName="deployer-inline", PolicyDocument=json.dumps(after)
    )
    assert run(*CHECK, **once(aws, who)).status == 0
    shown = run(*CHECK, **once(aws, aws.create_user("other", policy=before)))
    assert "or change what is there:" in shown.flat
    assert f'+ "{CONFIG_ARN}"' in shown.flat


def test_a_statement_with_a_wildcard_is_not_widened(run: Run, aws: LoopbackAws) -> None:
    wide = policy(allow("sagemaker:*", ENDPOINT_ARN, Sid="Wide"))
    done = run(*CHECK, *JSON, **once(aws, user(aws, wide)))
    remedy = done.check("principal.allowed")["remedy"]
    assert (remedy["diff"], remedy["proved"]) == (None, True)


@pytest.mark.parametrize("engine", ["auto", SLOW_LOCAL])
def test_a_boundary_is_widened(run: Run, aws: LoopbackAws, engine: str) -> None:
    who = user(aws, DEPLOYER, boundary=STORAGE)
    done = run(*CHECK, "--engine", engine, *JSON, **once(aws, who))
    found = done.check("principal.allowed")
    assert done.status == 1
    assert "the permissions boundary" in found["remedy"]["text"]
    assert "no permissions boundary allows" in found["evidence"][0]["denial"]
    wider = policy(*STORAGE["Statement"], *found["remedy"]["policy"]["Statement"])
    arn = f"arn:aws:iam::{ACCOUNT}:policy/deployer-boundary"
    aws.client("iam").create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(wider), SetAsDefault=True)
    assert run(*CHECK, "--engine", engine, **once(aws, who)).status == 0


DENIES: dict[str, Mapping[str, object]] = {
    "NotAction": {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*", "Sid": "Guard"},
    "NotResource": {"Effect": "Deny", "Action": "sagemaker:*", "NotResource": "arn:aws:s3:::*", "Sid": "Guard"},
    "condition": deny(Sid="Guard", Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}),
    "Region": deny("sagemaker:*", "arn:aws:sagemaker:eu-west-1:*:*", Sid="Guard"),
}


@pytest.mark.parametrize("engine", ["auto", SLOW_LOCAL, SLOW_BOTH])
@pytest.mark.parametrize("name", DENIES)
def test_a_deny_is_named_with_its_owner_and_no_policy_is_offered(
    run: Run, aws: LoopbackAws, name: str, engine: str
) -> None:
    who = user(aws, policy(allow(), DENIES[name]))
    done = run(*CHECK, "--engine", engine, *JSON, **once(aws, who))
    assert done.status == 1
    found = done.check("principal.allowed")
    for one in found["evidence"]:
        if one["decision"]:
            assert (one["decision"], one["decided_by"]["sid"], one["decided_by"]["index"]) == (
                "explicitDeny",
                "Guard",
                1,
            )
            assert one["denial"].endswith("with an explicit deny in an identity-based policy")
            assert one["nearest"]
    remedy = found["remedy"]
    assert (remedy["policy"], remedy["diff"], remedy["proved"]) == (None, None, True)
    assert "statement Guard" in remedy["text"]
    assert "whoever administers the principal" in remedy["text"]
    assert "without it, the deployment passes" in remedy["text"]
    aws.client("iam").put_user_policy(
        UserName="deployer", PolicyName="deployer-inline", PolicyDocument=json.dumps(policy(allow()))
    )
    assert run(*CHECK, "--engine", engine, **once(aws, who)).status == 0


def test_a_deny_and_a_boundary(run: Run, aws: LoopbackAws) -> None:
    who = user(aws, policy(allow(), DENIES["condition"]), boundary=STORAGE)
    done = run(*CHECK, *JSON, **once(aws, who))
    remedy = done.check("principal.allowed")["remedy"]
    assert "without it, the permissions boundary still stops it" in remedy["text"]
    assert remedy["policy"] is None


@pytest.mark.parametrize("level", [0, 1, 2])
def test_an_scp_is_named_with_its_level_and_owner(run: Run, aws: LoopbackAws, level: int) -> None:
    who = user(aws, DEPLOYER)
    name = under(aws, LOCKED, may_read=True, level=level)
    done = run(*CHECK, *JSON, **once(aws, who))
    assert done.status == 1
    found = done.check("principal.allowed")
    text = found["remedy"]["text"]
    assert (
        f"statement NotHere of the service control policy (SCP) {name}, line 1 (level {level + 1} from the root)"
        in text
    )
    assert "the organization's administrator; without it, the deployment passes" in text
    assert (found["remedy"]["policy"], found["remedy"]["proved"]) == (None, True)
    assert found["evidence"][0]["denial"].endswith("with an explicit deny in a service control policy")


def test_an_scp_that_allows_too_little_has_no_fix_by_a_policy_of_the_principal(
    run: Run, aws: LoopbackAws, write: Write
) -> None:
    who = user(aws, DEPLOYER)
    scps = ("--scp", "FullAWSAccess", "--scp", write("storage.json", STORAGE))
    done = run(*CHECK, "--engine", "local", *scps, *JSON, **once(aws, who))
    remedy = done.check("principal.allowed")["remedy"]
    assert done.status == 1
    assert (remedy["policy"], remedy["proved"]) == (None, False)
    assert "the organization's administrator" in remedy["text"]


def test_what_stays_open_is_not_called_a_fix(run: Run, aws: LoopbackAws) -> None:
    # the missing permission would help only from somewhere
    perhaps = deny("sagemaker:CreateEndpointConfig", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    done = run(*CHECK, *JSON, **once(aws, user(aws, policy(*NARROW["Statement"], perhaps))))
    remedy = done.check("principal.allowed")["remedy"]
    assert done.status == 1
    assert (remedy["policy"], remedy["proved"]) == (None, False)


def test_a_role_is_passed_and_a_key_used_by_what_is_known(run: Run, write: Write) -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/exec"
    variant = {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    config = {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant], "ExecutionRoleArn": role}
    words = (*OFFLINE[:1], *OFFLINE[3:], "--config-request", write("config.json", config), "--request", "request.json")
    write("request.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
    done = run(*words, "--policy", write("own.json", STORAGE), *JSON)
    offered = done.check("principal.allowed")["remedy"]["policy"]
    (passing,) = [one for one in offered["Statement"] if one["Action"] == ["iam:PassRole"]]
    assert passing["Resource"] == [role]
    assert passing["Condition"] == {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    assert run(*words, "--policy", "own.json", "--policy", write("fix.json", offered)).status == 0


def test_the_table_shows_why_in_a_few_lines(run: Run, aws: LoopbackAws) -> None:
    who = user(aws, OTHER_REGION)
    done = run(*CHECK, **once(aws, who))
    assert "Resource has us-east-1, the request eu-west-1" in done.flat
    assert len(done.out.splitlines()) < 100
    explained = run(*CHECK, "--explain", **once(aws, who))
    assert explained.flat.count("AWS would say: User:") == 1
