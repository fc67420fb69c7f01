"""Every family as people paste it: plain, wrapped by each tool, with the account hidden in each way."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages import FAMILIES, explain_messages
from iamcheck.explain.messages.trying import GivenPolicies
from iamcheck.iam.model import Policy, PolicySet
from tests.wrapped import MASKS, TOOLS, masked

if TYPE_CHECKING:
    from iamcheck.explain.messages.families import MessageFamily

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "messages.json").read_text(encoding="utf-8")
)
IDS = [f"{row['family']}: {row['text'][:40]}" for row in ROWS]
ACCOUNT = "123456789012"


def read(text: str, **more: Any) -> tuple[list[str], dict[str, str]]:  # noqa: ANN401  keywords
    """The families of a text, and the named parts of the first message."""
    found = explain_messages(text, **more)
    return [one.family for one in found], dict(found[0].parts) if found else {}


PASTED: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[1] / "cases" / "pasted.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("row", PASTED, ids=[f"{row['family']}: {row['text'][:50]!r}" for row in PASTED])
def test_what_people_paste_is_read_rightly_or_not_at_all(row: dict[str, Any]) -> None:
    families, _ = read(row["text"])
    assert families[:1] == ([] if row["family"] is None else [row["family"]])


def test_the_rows_are_of_families_that_there_are() -> None:
    assert {row["family"] for row in ROWS} <= {family.id for family in FAMILIES}
    assert len(ROWS) > 50


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_message_is_read_whatever_tool_shows_it(row: dict[str, Any], tool: str) -> None:
    families, parts = read(TOOLS[tool](row["text"]))
    assert families == [row["family"]]
    assert {name: parts.get(name) for name in row["parts"]} == row["parts"]


@pytest.mark.parametrize("mask", ["***", "<account>", "xxxxxxxxxxxx", "{account-id}"])
def test_a_command_names_no_bucket_that_the_text_hides(mask: str) -> None:
    (message,) = explain_messages(f"Could not find model data at s3://models-{mask}/churn/model.tar.gz.")
    commands = " ".join(one.text for one in message.run)
    assert "--bucket BUCKET --key churn/model.tar.gz" in commands
    assert "arn:aws:s3:::BUCKET/churn/model.tar.gz" in commands
    assert "models-" not in commands


@pytest.mark.parametrize("width", [60, 80, 100, 120])
@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_message_that_a_terminal_broke_is_read_rightly_or_not_at_all(row: dict[str, Any], width: int) -> None:
    text = f"An error occurred when calling the operation: {row['text']}"
    lines = [text[start : start + width] for start in range(0, len(text), width)]
    families, parts = read("$ python deploy.py\n" + "\n".join(lines) + "\n$ ")
    if row["family"].endswith("-deny"):
        # the reason of a denial stands at its end, and a name before it may be broken in two
        assert families == [row["family"]]
        assert {name: parts.get(name) for name in row["parts"]} == row["parts"]
    assert row["family"] in ("denied", "denied-in-part") or families != ["denied"]


def _explained(text: str) -> list[tuple[str | None, ...]]:
    return [(one.family, one.principal, one.action, one.resource) for one in explain_messages(text)]


BROKEN = ("explicit-deny", "implicit-deny", "explicit-deny-untyped", "kms-key")


@pytest.mark.parametrize("before", ["", "An error occurred (AccessDeniedException) when calling CreateEndpoint: "])
@pytest.mark.parametrize("family", [family for family in FAMILIES if family.id in BROKEN], ids=lambda one: one.id)
def test_a_denial_with_a_reason_is_read_whole_at_every_width_of_a_terminal(family: MessageFamily, before: str) -> None:
    text = before + family.example
    whole = _explained(text)
    for width in range(40, len(text)):
        lines = [text[start : start + width] for start in range(0, len(text), width)]
        if len(lines[-1]) < width:
            assert _explained("\n".join([*lines, "make: *** [deploy] Error 254"])) == whole
            assert _explained("\r\n".join(lines)) == whole


UNTIL_RESOURCE = (
    "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: sagemaker:CreateEndpoint on resource: "
)


def test_a_resource_that_is_cut_off_is_no_resource() -> None:
    arn = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/"
    for end in range(1, len(arn) + 1):
        (message,) = explain_messages(UNTIL_RESOURCE + arn[:end])
        assert message.resource is None
        assert arn[:end] not in " ".join(command.text for command in message.run).split()


@pytest.mark.parametrize(
    "behind",
    [
        '","code":"AccessDenied"}',
        "','code':'AccessDenied'}",
        "</Message></Error>",
        "|x",
        ";Code=400",
        "(Service: S)",
        "%0A",
    ],
)
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn",
        "arn:aws:iam::123456789012:role/service-role/exec",
        "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    ],
)
def test_what_stands_right_behind_a_resource_is_no_part_of_it(arn: str, behind: str) -> None:
    assert [one.resource for one in explain_messages(f"{UNTIL_RESOURCE}{arn}{behind}")] == [arn]


ARN = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        *(("sagemaker:CreateEndpoint", f"{ARN}/{name}") for name in ("***", "<name>", "churn-*", "*", "${NAME}")),
        ("sagemaker:CreateEndpoint", "arn:aws:sagemaker:*:123456789012:endpoint/churn"),
        ("sagemaker:CreateEndpoint", "arn:aws:sagemaker:eu-west-1:*:endpoint/churn"),
        ("sagemaker:CreateEndpoint", "*"),
        ("iam:PassRole", "arn:aws:iam::123456789012:role/***"),
        ("kms:CreateGrant", "arn:aws:kms:eu-west-1:123456789012:key/*"),
        ("s3:GetObject", "arn:aws:s3:::***/churn/model.tar.gz"),
        ("s3:GetObject", "arn:aws:s3:::models/churn?/model*.tar.gz"),
    ],
)
def test_a_resource_that_the_text_hides_is_no_wildcard_of_a_statement(action: str, resource: str) -> None:
    text = (
        f"User: arn:aws:iam::123456789012:user/ci is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )
    (message,) = explain_messages(text)
    assert message.remedy is not None
    assert message.remedy.policy is None
    assert f"allow {action} on the resource whose name the text hides" in message.remedy.text
    assert "on which resource: the text does not have its name whole" in message.leaves_open
    assert resource not in [word for command in message.run for word in shlex.split(command.text)]

    allow = {"Effect": "Allow", "Action": "sagemaker:CreateModel", "Resource": "*"}
    policy = Policy.parse({"Version": "2012-10-17", "Statement": [allow]}, name="policy.json")
    given = GivenPolicies(PolicySet(identity=[policy]), {}, text=policy.to_json(), context={}, absent=())
    with pytest.raises(InvalidInputError, match="no message of the text names a denied call with a whole resource"):
        explain_messages(text, given=given)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("ecr:GetAuthorizationToken", "*"),
        ("sagemaker:ListEndpoints", "*"),
        ("application-autoscaling:RegisterScalableTarget", "arn:aws:application-autoscaling:eu-west-1:123456789012:*"),
    ],
)
def test_a_wildcard_of_aws_s_own_is_what_the_statement_has(action: str, resource: str) -> None:
    (message,) = explain_messages(
        f"User: arn:aws:iam::123456789012:user/ci is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )
    assert message.remedy is not None
    assert message.remedy.policy is not None
    assert message.remedy.policy["Statement"] == [{"Effect": "Allow", "Action": [action], "Resource": [resource]}]


def test_lines_that_happen_to_be_as_long_are_not_joined() -> None:
    text = (
        "The account-level service limit 'ml.g5.xlarge for endpoint usage' is 1\n"
        "Instances, with current utilization of 1 Instances and a request delta\n"
        "of 1 Instances."
    )
    (message,) = explain_messages(text)
    assert (message.family, message.parts["limit"]) == ("quota", "1")


def test_a_command_names_no_role_that_the_text_hides() -> None:
    (message,) = explain_messages("Could not assume role arn:aws:iam::***:role/exec-***-eu-west-1.")
    assert message.parts["role"] == "arn:aws:iam::ACCOUNT:role/exec-***-eu-west-1"
    assert "--role-name EXECUTION-ROLE" in message.run[0].text


NAMES = ("churn-v7", "churn", "exec", "ci", "build-7", "deployer", "models")


@pytest.mark.parametrize("mask", ["***", "<name>", "{name}"])
@pytest.mark.parametrize("family", FAMILIES, ids=lambda one: one.id)
def test_no_command_has_a_name_that_the_text_hides(family: MessageFamily, mask: str) -> None:
    for name in NAMES:
        for message in explain_messages(family.example.replace(name, mask)):
            assert mask not in " ".join(command.text for command in message.run)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("row", [row for row in ROWS if ACCOUNT in row["text"]])
def test_a_hidden_account_hides_nothing_else(row: dict[str, Any], mask: str) -> None:
    hidden = masked(row["text"], mask)
    # of a bucket or a role whose name holds the account, that part of the name is hidden
    parts = {
        name: text
        for name, text in row["parts"].items()
        if name != "account" and not text.startswith("s3:") and text.count(ACCOUNT) < 2
    }
    for tool in ("plain", "Terraform", "Step Functions"):
        families, found = read(TOOLS[tool](hidden))
        assert families == [row["family"]]
        assert {name: found.get(name) for name in parts} == {
            name: text.replace(ACCOUNT, "ACCOUNT") for name, text in parts.items()
        }
        families, found = read(TOOLS[tool](hidden), account_id=ACCOUNT)
        assert families == [row["family"]]
        assert {name: found.get(name) for name in parts} == parts
