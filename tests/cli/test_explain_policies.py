"""`iamcheck explain --policy FILE` and the like: the denied call is tried, and what helps was seen to help."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import Policy, PolicySet, Request
from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, allow, deny, policy

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run, Write

SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/build-7"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/exec"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FORGETS = policy(allow("sagemaker:CreateEndpoint", ENDPOINT_ARN))
JSON = ("--output", "json")


def denied(
    action: str = "sagemaker:CreateEndpointConfig",
    resource: str = CONFIG_ARN,
    how: str = "because no identity-based policy allows the {} action",
    who: str = SESSION,
) -> str:
    return f"User: {who} is not authorized to perform: {action} on resource: {resource} {how.format(action)}"


def remedy(run: Run, *words: str) -> dict[str, Any]:
    done = run("explain", *words, *JSON)
    assert (done.status, done.err) == (0, "")
    found: dict[str, Any] = done.document["remedy"]
    assert set(found) == {"text", "policy", "proved", "diff"}
    return found


def apply(before: str, diff: str) -> str:
    """The text after a change of one place."""
    head, body = diff.split("\n")[:3], diff.split("\n")[3:]
    assert head[2].startswith("@@ -")
    start = int(head[2].split()[1].split(",")[0][1:]) - 1
    lines = before.splitlines()
    rows = [line for line in body if not line.startswith("\\")]
    removed = sum(1 for line in rows if line[:1] in (" ", "-"))
    lines[start : start + removed] = [line[1:] for line in rows if line[:1] in (" ", "+")]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("action", "resource", "context"),
    [
        ("sagemaker:CreateEndpointConfig", CONFIG_ARN, {}),
        ("sagemaker:DescribeEndpoint", ENDPOINT_ARN, {}),
        ("iam:PassRole", ROLE, {"iam:PassedToService": "sagemaker.amazonaws.com"}),
        ("sagemaker:ListModels", "*", {}),
    ],
)
def test_the_change_of_the_file_is_proved(
    action: str, resource: str, context: dict[str, str], run: Run, tmp_path: Path
) -> None:
    text = json.dumps(FORGETS, indent=2)
    (tmp_path / "deployer.json").write_text(text + "\n")
    found = remedy(run, denied(action, resource), "--policy", "deployer.json")
    assert found["proved"] is True
    assert found["diff"].startswith("--- deployer.json\n+++ deployer.json\n")
    changed = Policy.parse(apply(text, found["diff"]))
    request = Request(action, resource, SESSION, context)
    assert evaluate(request, PolicySet(identity=[Policy.parse(text)])).allowed is False
    assert evaluate(request, PolicySet(identity=[changed])).allowed is True
    # the least: nothing that was not denied, and under the purpose that a deployment has
    assert len(changed.statements) == 2
    (added,) = found["policy"]["Statement"]
    assert (added["Action"], added["Resource"]) == ([action], [resource])
    assert all(
        evaluate(Request(action, resource, SESSION, {key: "x"}), PolicySet(identity=[changed])).allowed is False
        for key in context
    )
    text = run("explain", denied(action, resource), "--policy", "deployer.json").flat
    assert "with it, the call is allowed under the policies that you give" in text
    assert all(f"{key} {value}" in text for key, value in context.items())


@pytest.mark.parametrize(
    ("own", "more", "says"),
    [
        (policy(allow("s3:*"), deny("sagemaker:*")), (), ["Statement[1] of the identity policy own.json", "denies it"]),
        (
            policy(allow("s3:*"), deny("sagemaker:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})),
            (),
            ["--context aws:MultiFactorAuthPresent=VALUE or --absent aws:MultiFactorAuthPresent"],
        ),
        (FORGETS, ("--boundary", "narrow.json"), ["to allow in the permissions boundary"]),
        (FORGETS, ("--scp", "FullAWSAccess", "--scp", "narrow.json"), ["the organization's administrator to allow"]),
        (FORGETS, ("--scp", "FullAWSAccess,lock.json"), ["statement Lock of the service control policy", "denies it"]),
        (FORGETS, ("--session-policy", "narrow.json"), ["ask whoever opens the session to allow"]),
    ],
)
def test_what_is_not_enough_is_not_called_proved(
    own: dict[str, Any], more: tuple[str, ...], says: list[str], run: Run, write: Write
) -> None:
    write("narrow.json", policy(allow("s3:*")))
    write("lock.json", policy(deny("sagemaker:CreateEndpointConfig", Sid="Lock")))
    found = remedy(run, denied(), "--policy", write("own.json", own), *more)
    assert found["proved"] is False
    assert found["policy"] is not None
    assert "it is not proved to be enough" in found["text"]
    assert [one for one in says if one not in found["text"]] == []


def test_what_the_user_says_of_the_context_settles_it(run: Run, write: Write) -> None:
    guard = deny("sagemaker:*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}})
    words = (denied(), "--policy", write("own.json", policy(guard)))
    assert remedy(run, *words, "--context", "aws:MultiFactorAuthPresent=true")["proved"] is True
    assert remedy(run, *words, "--absent", "aws:MultiFactorAuthPresent")["proved"] is True
    assert remedy(run, *words, "--context", "aws:MultiFactorAuthPresent=false")["proved"] is False


@pytest.mark.parametrize(
    ("name", "text", "head"),
    [
        (
            "own.yaml",
            "Version: '2012-10-17'\nStatement:\n  - {Effect: Allow, Action: 's3:*', Resource: '*'}\n",
            "own.yaml",
        ),
        ("own.yml", "Statement:\n- Effect: Allow\n  Action: s3:GetObject\n  Resource: '*'\n", "own.yml"),
        ("own.json", json.dumps({"PolicyDocument": FORGETS}, indent=2), "own.json"),
        ("text.json", json.dumps({"Policy": json.dumps(FORGETS)}), "text.json (as JSON)"),
    ],
)
def test_a_policy_in_another_form_gets_the_statement_too(
    name: str, text: str, head: str, run: Run, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    found = remedy(run, denied(), "--policy", name)
    assert found["proved"] is True
    assert found["diff"].startswith(f"--- {head}\n+++ {head}\n")
    assert "sagemaker:CreateEndpointConfig" in found["diff"]


def test_a_policy_that_allows_the_call_is_not_the_one_that_denied_it(run: Run, write: Write) -> None:
    found = remedy(run, denied(), "--policy", write("own.json", policy(allow("sagemaker:*"))))
    assert (found["proved"], found["policy"], found["diff"]) == (False, None, None)
    assert "is allowed" in found["text"]


SCP = policy(
    deny(
        "sagemaker:CreateEndpointConfig",
        Sid="Types",
        Condition={"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": ["ml.m5.*"]}},
    ),
    deny("s3:*", Sid="Other"),
)


@pytest.mark.parametrize(
    ("layer", "flag", "file"),
    [
        ("service control policy", "--scp", "FullAWSAccess,guard.json"),
        ("identity-based policy", "--policy", "guard.json"),
        ("permissions boundary", "--boundary", "guard.json"),
        ("session policy", "--session-policy", "guard.json"),
    ],
)
def test_a_deny_is_named_with_what_it_exempts(layer: str, flag: str, file: str, run: Run, write: Write) -> None:
    write("guard.json", SCP)
    done = run("explain", denied(how=f"with an explicit deny in a {layer}"), flag, file, *JSON)
    found = done.document
    assert "statement Types of the" in found["remedy"]["text"]
    assert "use instance types that it exempts: ml.m5.*" in found["remedy"]["text"]
    assert "Other" not in str(found)
    # the message does not say which instance types the call had, so another statement may be the culprit
    assert "may deny it" in found["remedy"]["text"]
    assert found["remedy"]["proved"] is False
    assert "sagemaker:InstanceTypes" in found["nearest"][0]


def test_a_deny_that_certainly_applies_is_proved_to_be_the_only_one(run: Run, write: Write) -> None:
    write("own.json", policy(allow("sagemaker:*"), deny("sagemaker:CreateEndpointConfig", Sid="Lock")))
    found = remedy(run, denied(how="with an explicit deny in an identity-based policy"), "--policy", "own.json")
    assert found["proved"] is True
    assert found["text"].startswith("statement Lock of the identity policy own.json, line 9 denies it: ask whoever")
    assert found["text"].endswith("; without it, the call is allowed under the policies that you give")


def test_a_file_without_the_deny_is_not_blamed(run: Run, write: Write) -> None:
    message = denied(how="with an explicit deny in a service control policy")
    found = remedy(run, message, "--scp", f"FullAWSAccess,{write('s3.json', policy(deny('s3:*')))}")
    assert (found["text"][:10], found["proved"]) == ("no Deny of", False)
    # nor is a policy of another type
    found = remedy(run, message, "--policy", write("own.json", policy(allow("sagemaker:*"))))
    assert found["text"].startswith("the service control policy (SCP) that decided is not among the policies")
    assert "--scp FullAWSAccess,SCP.json gives it" in found["text"]


def test_a_key_policy_has_its_say(run: Run, write: Write) -> None:
    root = {**allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    own = ("--policy", write("own.json", FORGETS))
    message = denied("kms:CreateGrant", KEY)
    assert remedy(run, message, *own)["proved"] is False
    found = remedy(run, message, *own, "--resource-policy", f"{KEY}={write('key.json', policy(root))}")
    assert found["proved"] is True
    assert found["policy"]["Statement"][0]["Condition"] == {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringEquals": {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com"},
    }


def test_without_a_reason_in_the_message_the_policies_say_it(run: Run, write: Write) -> None:
    message = f"User: {SESSION} is not authorized to perform: sagemaker:CreateEndpointConfig on resource: {CONFIG_ARN}"
    found = remedy(run, message, "--policy", write("own.json", FORGETS))
    assert (found["proved"], "add the statement" in found["text"]) == (True, True)
    write("deny.json", policy(allow("sagemaker:*"), deny("*", Sid="Lock")))
    assert "statement Lock" in remedy(run, message, "--policy", "deny.json")["text"]


@pytest.mark.parametrize(
    ("who", "owner", "place"),
    [
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForX/x", "nobody", "whose policies nobody can change"),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Deploy_0123456789abcdef/ann",
            "IAM Identity Center",
            "the permission set Deploy",
        ),
        (f"arn:aws:iam::{ACCOUNT}:user/ann", "whoever administers the principal", "a policy of user ann"),
    ],
)
def test_the_statement_goes_where_somebody_can_write_it(
    who: str, owner: str, place: str, run: Run, write: Write
) -> None:
    for words in ((), ("--policy", write("own.json", FORGETS))):
        done = run("explain", denied(who=who), *words, *JSON).document
        assert place in done["remedy"]["text"]
        assert owner in done["owner"]
        assert (done["remedy"]["policy"] is None) is (owner == "nobody")


def test_a_policy_of_aws_can_only_be_detached(run: Run) -> None:
    managed = "arn:aws:iam::aws:policy/AWSDenyAll"
    text = remedy(run, denied(how=f"with an explicit deny in an identity-based policy: {managed}"))["text"]
    assert text.startswith("ask whoever administers the principal to detach that policy, which is AWS's")
    assert managed in text
    own = f"arn:aws:iam::{ACCOUNT}:policy/guard"
    text = remedy(run, denied(how=f"with an explicit deny in an identity-based policy: {own}"))["text"]
    assert f"to stop denying in the identity policy {own}: sagemaker:CreateEndpointConfig" in text


@pytest.mark.parametrize("resource", ["", " on resource: something odd"])
def test_a_call_on_no_arn_is_said_to_have_none(resource: str, run: Run) -> None:
    message = f"User: {SESSION} is not authorized to perform: sagemaker:ListModels{resource}"
    done = run("explain", message, *JSON).document
    assert done["resource"] is None
    assert "on which resource: the message names none, or not by an ARN" in done["leaves_open"]
    assert any("--resource-arns RESOURCE-ARN" in one["text"] for one in done["run"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((denied(), "--context", "aws:SourceIp=10.0.0.1"), "there are no policies to try"),
        ((denied(), "--absent", "aws:SourceIp"), "there are no policies to try"),
        ((denied(), "--policy", "nowhere.json"), "there is no such file"),
        (("Could not find model data at s3://m/k.", "--policy", "own.json"), "names a denied call"),
        ((denied(resource=CONFIG_ARN.replace(ACCOUNT, "***")), "--policy", "own.json"), "--account-id"),
    ],
)
def test_nothing_that_is_given_is_dropped_in_silence(words: tuple[str, ...], says: str, run: Run, write: Write) -> None:
    write("own.json", FORGETS)
    done = run("explain", *words)
    assert (done.status, done.out) == (2, "")
    assert says in done.err


def test_a_masked_account_that_is_given_can_be_tried(run: Run, write: Write) -> None:
    text = denied(resource=CONFIG_ARN.replace(ACCOUNT, "***"), who=SESSION.replace(ACCOUNT, "***"))
    words = ("--account-id", ACCOUNT, "--policy", write("own.json", FORGETS))
    assert remedy(run, text, *words)["proved"] is True
