"""`iamcheck generate --format`: the policy as it is deployed decides as the policy does."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.cli.options import SCOPES
from iamcheck.formats import POLICY_FORMATS
from iamcheck.formats.policies.parts import PolicyPlace
from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import Policy, PolicySet, Request
from tests.cli import ACCOUNT
from tests.documentation import EXAMPLES
from tests.unit.formats.policies.reading import READERS, normal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli import Run

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
NAMES = ("churn", "churn-v7")
PLACE = PolicyPlace(ACCOUNT, "eu-west-1", "aws")
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
FORMS = [one for one in POLICY_FORMATS if one != "json"]
REQUESTS = ("--request", "create-endpoint.json", "--config-request", "create-endpoint-config.json")
SOURCES = {
    **{scope: (*NAMES, "--scope", scope) for scope in SCOPES},
    "pinned": (*REQUESTS, "--pin"),
    "models": (*NAMES, "--model-request", "create-model.json", "--scope", "lifecycle"),
    "template": ("--from", "template.yaml", "--parameter", "Stage=prod", "--no-stack-tags"),
    "whole": ("--from", "whole.yaml", "--no-stack-tags", "--scope", "lifecycle"),
    "whole, tagged": ("--from", "whole.yaml", "--stack-tag", "team=ml"),
    "family": ("churn-*", "churn-*"),
    "trust": ("--for", "execution-role-trust"),
}


def requests_of(policy: dict[str, Any]) -> list[Request]:
    """What the policy speaks of, and what is next to it."""
    found = []
    for statement in normal(policy)["Statement"]:
        for action in statement["Action"]:
            for resource in statement.get("Resource", ["*"]):
                found += [Request(action, resource), Request(action, f"{resource}x"), Request(f"{action}s", resource)]
    return found


@pytest.mark.parametrize("portable", [False, True])
@pytest.mark.parametrize("source", SOURCES)
def test_every_form_decides_as_the_policy_does(run: Run, tmp_path: Path, source: str, portable: bool) -> None:
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    words = ("generate", *SOURCES[source], *HERE)
    policy = json.loads(run(*words).out)
    asked = requests_of(policy)
    is_trust = source == "trust"
    for output in FORMS:
        done = run(*words, "--format", output, *(["--portable"] if portable else []))
        if is_trust and portable:
            assert done.status == 2
            assert "--portable goes with --for" in done.err
            continue
        assert (done.status, done.out.endswith("\n")) == (0, True)
        read = READERS[output](done.out, PLACE, tmp_path)
        assert normal(read) == normal(policy)
        if not is_trust:
            before, after = (PolicySet(identity=[Policy.parse(one, name="policy")]) for one in (policy, read))
            assert [evaluate(one, after).decision for one in asked] == [evaluate(one, before).decision for one in asked]


def test_the_policies_of_other_principals_have_every_form(run: Run, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    role = ("--for", "execution-role", *REQUESTS, "--model-request", "create-model.json")
    principal = f"arn:aws:iam::{ACCOUNT}:user/ci"
    for words in (role, ("--for", "checker", *REQUESTS, "--principal", principal)):
        policy = run("generate", *words, *HERE)
        assert policy.status == 0, policy.err
        for output in FORMS:
            done = run("generate", *words, *HERE, "--format", output, "--portable")
            assert normal(READERS[output](done.out, PLACE, tmp_path)) == normal(json.loads(policy.out))


@pytest.mark.parametrize("output", FORMS)
@pytest.mark.parametrize("pin", [(), ("--pin",)], ids=["", "pinned"])
def test_a_portable_policy_is_that_of_the_place_where_it_is_deployed(
    run: Run, tmp_path: Path, output: str, pin: tuple[str, ...]
) -> None:
    places = (
        PLACE,
        PolicyPlace("210987654321", "cn-northwest-1", "aws-cn"),
        PolicyPlace("210987654322", "us-gov-west-1", "aws-us-gov"),
    )

    def written(place: PolicyPlace, *words: str) -> str:
        config = {
            "EndpointConfigName": "churn-v7",
            "KmsKeyId": f"arn:{place.partition}:kms:{place.region}:{place.account_id}:key/{KEY}",
            "Tags": [{"Key": ACCOUNT, "Value": "eu-west-1"}],
            "ProductionVariants": [{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large"}],
        }
        (tmp_path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        there = ("--region", place.region, "--account-id", place.account_id)
        return run("generate", "--endpoint-name", "churn", "--config-request", "config.json", *there, *pin, *words).out

    policies = {place: normal(json.loads(written(place))) for place in places}
    for place in places:
        portable = written(place, "--format", output, "--portable")
        assert {there: normal(READERS[output](portable, there, tmp_path)) for there in places} == policies


def test_the_region_is_what_the_shell_has(run: Run, tmp_path: Path) -> None:
    done = run("generate", *NAMES, *HERE, "--format", "cli", "--portable")
    there = PolicyPlace("210987654321", "us-gov-west-1", "aws-us-gov")
    assert "arn:aws-us-gov:sagemaker:us-gov-west-1:210987654321:endpoint/churn" in json.dumps(
        READERS["cli"](done.out, there, tmp_path)
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--portable",), "--portable: JSON has no name for an account or a Region (give --format terraform, "),
        (("--format", "cli", "--split", "out"), "--split writes JSON: leave --format cli out"),
        (("--format", "hcl"), "'hcl' is not one of"),
    ],
)
def test_words_that_make_no_sense_together(run: Run, words: tuple[str, ...], text: str) -> None:
    done = run("generate", *NAMES, *HERE, *words)
    assert (done.status, done.out) == (2, "")
    assert text in done.err


@pytest.mark.slow
@pytest.mark.parametrize("source", SOURCES)
def test_cfn_lint_takes_each_template(run: Run, tmp_path: Path, source: str) -> None:
    from cfnlint import decode
    from cfnlint.api import lint_all

    shutil.copytree(EXAMPLES, tmp_path, dirs_exist_ok=True)
    portable = [] if source == "trust" else ["--portable"]
    done = run("generate", *SOURCES[source], *HERE, "--format", "cloudformation", *portable)
    assert decode.decode_str(done.out)[1] == []
    assert [one for one in lint_all(done.out) if not one.rule.id.startswith("I")] == []  # I: for your information
