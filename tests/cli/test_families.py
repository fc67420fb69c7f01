"""A policy for every deployment of a family of names, such as `churn-*`, in place of one for every version."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, allow, deny, policy

if TYPE_CHECKING:
    from tests.cli import Run, Write

HERE = ("--region", "eu-west-1", "--account-id", ACCOUNT)
OFFLINE = ("--offline", *HERE)
FAMILY = ("churn-*", "churn-*")
SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}"
PATTERNS = (f"{SAGEMAKER}:endpoint/churn-*", f"{SAGEMAKER}:endpoint-config/churn-*")


def resources(document: dict[str, Any]) -> set[str]:
    return {arn for statement in document["Statement"] for arn in statement["Resource"]}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (FAMILY, set(PATTERNS)),
        (("--name-pattern", "churn-*"), set(PATTERNS)),
        (("--name-pattern", "endpoint=churn-*", "--name-pattern", "config=churn-*"), set(PATTERNS)),
        (("--endpoint-name", "churn-*", "--endpoint-config-name", "churn-*"), set(PATTERNS)),
        (("churn", "--name-pattern", "config=churn-*"), {f"{SAGEMAKER}:endpoint/churn", PATTERNS[1]}),
        (("churn", "churn-*"), {f"{SAGEMAKER}:endpoint/churn", PATTERNS[1]}),
    ],
)
def test_a_family_has_one_policy_with_the_wildcard_in_its_names_only(
    run: Run, words: tuple[str, ...], expected: set[str]
) -> None:
    generated = run("generate", *words, *HERE)

    assert generated.status == 0
    assert resources(generated.document) == expected
    assert not any("*" in action for statement in generated.document["Statement"] for action in statement["Action"])


@pytest.mark.parametrize("scope", ["create", "update", "deploy", "lifecycle", "docs"])
def test_check_proves_the_policy_for_made_up_names_and_says_that_it_is_a_family(run: Run, scope: str) -> None:
    done = run("check", *FAMILY, *OFFLINE, "--scope", scope, "--output", "json")

    assert done.status == 0
    found = done.check("policy.sufficient")
    assert "for the family churn-*, and likewise for two made-up names of it, churn-0 and churn-made-up" in str(found)
    asked = {one["resource"] for one in found["evidence"]}
    for name in ("churn-*", "churn-0", "churn-made-up"):
        assert f"{SAGEMAKER}:endpoint/{name}" in asked
        assert f"{SAGEMAKER}:endpoint-config/{name}" in asked
    assert any("churn-* is a family of names" in one for one in done.report["assumptions"])


def test_what_the_wildcard_grants_beyond_one_deployment_is_listed(run: Run) -> None:
    generated = run("generate", *FAMILY, *HERE, "--scope", "lifecycle")
    checked = run("check", *FAMILY, *OFFLINE, "--scope", "lifecycle", "--output", "json")

    told = [line.removeprefix("iamcheck: ") for line in generated.err.splitlines()]
    assert set(told) <= set(checked.report["assumptions"])
    for kind, words in (("endpoint", "endpoint"), ("endpoint-config", "endpoint config")):
        (line,) = [one for one in told if f"on every other {words} churn-*" in one]
        granted = {
            action
            for statement in generated.document["Statement"]
            for action in statement["Action"]
            if f"{SAGEMAKER}:{kind}/churn-*" in statement["Resource"]
        }
        assert set(line.partition("churn-*: ")[2].split(", ")) == granted


def test_a_policy_for_a_single_deployment_says_nothing_of_families(run: Run) -> None:
    assert run("generate", "churn", "churn-v7", *HERE).err == ""
    assert "family" not in run("check", "churn", "churn-v7", *OFFLINE).out


@pytest.mark.parametrize("last", ["?", "0", "z"])
def test_a_template_that_grants_a_part_of_the_family_does_not_pass(run: Run, write: Write, last: str) -> None:
    granted = policy(
        allow("sagemaker:CreateEndpoint", [arn.replace("*", last) for arn in PATTERNS]),
        allow("sagemaker:CreateEndpointConfig", PATTERNS[1].replace("*", last)),
    )
    template = write("narrow.json.j2", granted)

    done = run("check", *FAMILY, *OFFLINE, "--template", template, "--skip", "policy.minimal", "--output", "json")

    assert done.status == 1
    assert done.statuses["policy.sufficient"] == "fail"


@pytest.mark.parametrize(
    ("statements", "status"),
    [
        ([allow("sagemaker:CreateEndpoint*", list(PATTERNS))], 0),
        ([allow("sagemaker:CreateEndpoint*", "*")], 0),
        ([allow("sagemaker:CreateEndpoint*", [arn.replace("*", "v7") for arn in PATTERNS])], 3),
        ([allow("sagemaker:CreateEndpoint*", "*"), deny("sagemaker:*", PATTERNS[0].replace("*", "prod-*"))], 3),
        ([allow("sagemaker:CreateModel", "*")], 1),
    ],
)
def test_a_principal_is_asked_about_every_name_of_the_family(
    run: Run, write: Write, statements: list[dict[str, object]], status: int
) -> None:
    deployer = write("deployer.json", policy(*statements))

    done = run("check", *FAMILY, *OFFLINE, "--policy", deployer)

    assert done.status == status


def test_a_request_may_stand_for_its_family(run: Run, write: Write) -> None:
    """The names of the requests belong to the family, and the policy grants what the requests need."""
    endpoint = write(
        "endpoint.json",
        {
            "EndpointName": "churn-v7",
            "EndpointConfigName": "churn-v7",
            "Tags": [{"Key": "team", "Value": "ml"}],
        },
    )

    done = run("check", *FAMILY, "--request", endpoint, *OFFLINE, "--output", "json")
    other = run("check", "fraud-*", "fraud-*", "--request", endpoint, *OFFLINE)

    assert done.status == 0
    assert resources(done.report["policy"]) == set(PATTERNS)
    assert ("sagemaker:AddTags", PATTERNS[0]) in {
        (one["action"], one["resource"]) for one in done.report["permissions"]
    }
    assert other.status == 2
    assert "'fraud-*' is given" in other.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("churn", "*"), "CONFIG: '*' stands for every name"),
        (("**", "churn"), "ENDPOINT: '**' stands for every name"),
        (("--name-pattern", "*"), "--name-pattern: '*' stands for every name"),
        (("churn", "--name-pattern", "endpoint=churn-*"), "CONFIG: not given"),
        ((*FAMILY, "--name-pattern", "churn-*"), "--name-pattern: both names are given"),
        (("churn", "churn", "--name-pattern", "model=m-*"), "--name-pattern: there is no file that makes a model"),
        (("churn-?", "churn-*"), "is not an EndpointName"),
        (("--endpoint-name=-*", "--endpoint-config-name=churn"), "is not an EndpointName"),
        (("x" * 63 + "*", "churn"), "at most 63 characters"),
    ],
)
def test_words_that_are_no_family_are_refused(run: Run, words: tuple[str, ...], said: str) -> None:
    for command in (("generate", *words, *HERE), ("check", *words, *OFFLINE)):
        done = run(*command)
        assert (done.status, done.out) == (2, "")
        assert said in done.err


def test_the_policy_of_a_family_is_the_same_each_time(run: Run) -> None:
    once, again = (run("generate", *FAMILY, *HERE, "--scope", "lifecycle") for _ in range(2))
    assert (once.out, once.err) == (again.out, again.err)
    assert json.loads(once.out)


def test_one_name_alone_may_be_a_pattern(run: Run) -> None:
    for names in (("churn-*", "churn-v7"), ("churn", "churn-v*")):
        done = run("check", *names, *OFFLINE, "--output", "json")
        assert done.statuses["policy.sufficient"] == done.statuses["policy.minimal"] == "pass"
