"""Policies as people have them: what is read is the policy, and what is none says what to run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import policy_in_text, read_policy
from iamcheck.iam.model import Policy, PolicyType
from iamcheck.iam.policy_input import levels_of, policies_of, resource_policies_of, session_policies_of
from tests.profiles import examples

STATEMENT: dict[str, Any] = {
    "Sid": "Deploy",
    "Effect": "Allow",
    "Action": ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"],
    "Resource": "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/${aws:username}-*",
    "Condition": {
        "StringEquals": {"aws:RequestedRegion": ["eu-west-1"], "aws:SourceAccount": "123456789012"},
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "Null": {"aws:RequestTag/team": "false"},
    },
}
DOCUMENT = {"Version": "2012-10-17", "Statement": [STATEMENT]}
TEXT = json.dumps(DOCUMENT)
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}

FORMS = {
    "JSON": json.dumps(DOCUMENT, indent=2),
    "YAML": yaml.safe_dump(DOCUMENT),
    "YAML without quotes": f"Version: 2012-10-17\n{yaml.safe_dump({'Statement': [STATEMENT]})}",
    "get-policy-version": json.dumps({"PolicyVersion": {"Document": DOCUMENT, "VersionId": "v1"}}),
    "get-policy-version, encoded": json.dumps({"PolicyVersion": {"Document": quote(TEXT), "VersionId": "v1"}}),
    "get-policy-version --output yaml": yaml.safe_dump({"PolicyVersion": {"Document": DOCUMENT, "VersionId": "v1"}}),
    "get-role-policy": json.dumps({"RoleName": "ci", "PolicyName": "p", "PolicyDocument": DOCUMENT}),
    "get-user-policy, encoded": json.dumps({"UserName": "ci", "PolicyName": "p", "PolicyDocument": quote(TEXT)}),
    "encoded": quote(TEXT),
    "organizations describe-policy": json.dumps({"Policy": {"PolicySummary": {"Name": "p"}, "Content": TEXT}}),
    "Terraform's resource": json.dumps({"address": "aws_iam_policy.p", "values": {"name": "p", "policy": TEXT}}),
    "Terraform's attributes": json.dumps({"name": "p", "policy": TEXT}),
    "terraform output -json": json.dumps({"sensitive": False, "type": "string", "value": TEXT}),
    "terraform output": json.dumps(TEXT),
    "terraform output, several lines": f"<<EOT\n{json.dumps(DOCUMENT, indent=2)}\nEOT\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_policy_is_the_same_in_every_form(form: str, tmp_path: Path) -> None:
    file = tmp_path / "policy"
    file.write_text(f"\ufeff{FORMS[form]}\n")
    read = read_policy(str(file), layer=PolicyType.IDENTITY)
    assert read.to_dict() == Policy.parse(DOCUMENT).to_dict()
    assert read.file == str(file)
    assert read_policy(f"file://{file}", layer=PolicyType.IDENTITY).file == str(file)


@pytest.mark.parametrize(
    ("answer", "layer"),
    [
        ({"Role": {"RoleName": "ci", "AssumeRolePolicyDocument": TRUST}}, PolicyType.RESOURCE),
        ({"assume_role_policy": json.dumps(TRUST)}, PolicyType.RESOURCE),
        ({"Policy": json.dumps(TRUST)}, PolicyType.RESOURCE),
    ],
)
def test_the_policy_of_a_resource_is_read_from_its_answer(answer: object, layer: PolicyType) -> None:
    assert policy_in_text(json.dumps(answer), name="p", layer=layer).to_dict() == Policy.parse(TRUST).to_dict()


def test_the_trust_policy_of_a_role_is_no_identity_policy() -> None:
    answer = json.dumps({"Role": {"AssumeRolePolicyDocument": TRUST}})
    with pytest.raises(InvalidInputError):
        policy_in_text(answer, name="p", layer=PolicyType.IDENTITY)


def test_statements_keep_their_lines() -> None:
    wrapped = json.dumps({"PolicyVersion": {"Document": DOCUMENT}}, indent=1)
    as_text = '{\n "Policy": {\n  "Content": ' + json.dumps(json.dumps(DOCUMENT, indent=1)) + "\n }\n}"
    in_yaml = "# ours\nVersion: '2012-10-17'\nStatement:\n\n  - Effect: Deny\n    Action: '*'\n    Resource: '*'\n"
    lines = [policy_in_text(text, name="p").statements[0].start for text in (wrapped, as_text, in_yaml)]
    assert [start and start.line for start in lines] == [5, 3, 5]


@pytest.mark.parametrize(
    ("text", "path", "error"),
    [
        ("Version: 2012-10-17\nStatement: !Sub x", "", r"line 2.*the tag '!Sub'.*give a template with --from"),
        ("Statement: &a [1]\nVersion: *a", "", "aliases are not read"),
        ("<<: {a: 1}", "", "merges"),
        ("a: 1\na: 2", "", "line 2: duplicate key 'a'"),
        ("a: 1\n---\nb: 2", "", "several YAML documents"),
        ("a: [1", "", "not YAML"),
        ("deployer.json", "", r"not a policy: 'deployer.json' \(is it JSON or YAML\?"),
        ("Effect: {a: no}", "", "YAML does not take no for a text .*quotes"),
        ("a: 010", "", "YAML does not take 010"),
        ("a: 12:30:45", "", "YAML does not take 12:30:45"),
        ('resource "aws_iam_policy" "p" {\n}', "", r"Terraform configuration.*terraform show -json"),
        ("# ours\nlocals {\n}", "", "Terraform configuration"),
        ("{}", "p.tf.json", "Terraform configuration"),
        (json.dumps({"StartAt": "A", "States": {}}), "", "a state machine of Step Functions, not a policy"),
        (json.dumps({"format_version": "1.2", "planned_values": {}}), "", "a Terraform plan.*--from"),
        (json.dumps({"Resources": {}}), "", "a CloudFormation template.*--from"),
        (json.dumps({"version": 4, "terraform_version": "1", "serial": 1}), "", "a state of Terraform"),
        (
            json.dumps({"Policy": {"Arn": "arn:aws:iam::123456789012:policy/p", "DefaultVersionId": "v3"}}),
            "",
            "aws iam get-policy-version --policy-arn arn:aws:iam::123456789012:policy/p --version-id v3",
        ),
        (json.dumps({"AttachedPolicies": []}), "", "get-policy-version"),
        (json.dumps({"PolicyDocument": quote("{}{")}), "", "PolicyDocument"),
        (quote(TEXT)[:40], "", "not JSON"),
        (json.dumps({"PolicyDocument": "nothing"}), "", "line 1, PolicyDocument"),
    ],
)
def test_what_is_no_policy_is_refused_with_what_to_do(text: str, path: str, error: str) -> None:
    with pytest.raises(InvalidInputError, match=error):
        policy_in_text(text, name="p", path=path, layer=PolicyType.IDENTITY)


def test_a_saved_plan_is_recognised(tmp_path: Path) -> None:
    (tmp_path / "tfplan").write_bytes(b"PK\x03\x04\0\0")
    with pytest.raises(InvalidInputError, match=r"zip archive, as a saved plan .*terraform show -json PLAN"):
        read_policy(tmp_path / "tfplan")


PLAIN = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=12)


@examples(200)
@given(values=st.lists(PLAIN, min_size=1, max_size=4), style=st.sampled_from((None, "'", '"')))
def test_yaml_means_what_its_json_means_or_is_refused(values: list[str], style: str | None) -> None:
    statement = {**STATEMENT, "Condition": {"StringLike": {"aws:RequestTag/t": values}}}
    text = yaml.dump({"Version": "2012-10-17", "Statement": [statement]}, default_style=style)
    try:
        read = policy_in_text(text, name="p").to_dict()
    except InvalidInputError as error:
        # readers of YAML 1.1 and 1.2 differ about some words that PyYAML leaves without quotes
        assert style is None
        assert "YAML does not take" in error.what  # noqa: PT017  the alternative is a result
        return
    assert read == Policy.parse({"Version": "2012-10-17", "Statement": [statement]}).to_dict()


@examples(300)
@given(value=st.text("0123456789eE+-._:xobnaityfslTF~", min_size=1, max_size=7))
def test_no_plain_word_of_yaml_gets_another_meaning(value: str) -> None:
    """Either the word is what PyYAML reads, printed as JSON prints it, or the word itself, or refused."""
    text = "Version: 2012-10-17\nStatement:\n- {Effect: Allow, Action: '*', Resource: '*', Condition: {StringLike: "
    text += f"{{aws:RequestTag/t:\n {value}\n}}}}}}\n"
    try:
        plain = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return
    member = plain["Statement"][0]["Condition"]["StringLike"]
    try:
        read = policy_in_text(text, name="p")
    except InvalidInputError:
        return
    (condition,) = read.statements[0].conditions
    (loaded,) = member.values()
    as_json = json.dumps(loaded) if isinstance(loaded, (bool, int, float)) else str(loaded)
    assert condition.values in ((value,), (as_json,))


def test_the_library_takes_paths_and_the_names_of_default_policies(tmp_path: Path) -> None:
    folder = tmp_path / "scps"
    folder.mkdir()
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    (folder / "a.json").write_text(json.dumps(deny))
    (folder / "b.yaml").write_text(yaml.safe_dump(DOCUMENT))
    (folder / "notes.txt").write_text("nothing")
    (identity,) = policies_of([folder / "b.yaml"])
    assert (identity.to_dict(), identity.file) == (Policy.parse(DOCUMENT).to_dict(), str(folder / "b.yaml"))
    levels = levels_of(["FullAWSAccess", [deny, "FullAWSAccess"], folder, folder / "a.json"], layer=PolicyType.SCP)
    assert [[policy.name.rpartition("/")[2] for policy in level] for level in levels] == [
        ["FullAWSAccess"],
        ["scp 1 of level 2", "FullAWSAccess"],
        ["a.json", "b.yaml"],
        ["a.json"],
    ]
    assert session_policies_of([folder / "b.yaml"])[0].file == str(folder / "b.yaml")
    (tmp_path / "key.json").write_text(json.dumps({"Policy": json.dumps(TRUST)}))
    key = "arn:aws:kms:eu-west-1:123456789012:key/k"
    assert resource_policies_of({key: tmp_path / "key.json"})[key].to_dict() == Policy.parse(TRUST).to_dict()


def test_a_default_policy_is_of_its_own_layer_alone() -> None:
    for name, layer in (("FullAWSAccess", PolicyType.RCP), ("RCPFullAWSAccess", PolicyType.SCP)):
        with pytest.raises(InvalidInputError, match="not a policy"):
            levels_of([[name]], layer=layer)


@pytest.mark.parametrize("given_policies", ["deployer.json", Path("deployer.json"), DOCUMENT])
def test_a_single_policy_is_no_list(given_policies: Any) -> None:  # noqa: ANN401  what people write
    with pytest.raises(InvalidInputError, match="give a list of policies"):
        policies_of(given_policies)
