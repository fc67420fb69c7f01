"""A cure names what is in the question: the key, the spelling that is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, OFFLINE, ROLE, allow, policy

if TYPE_CHECKING:
    from tests.cli import Run, Write

KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_the_cure_of_an_unread_key_policy_is_the_words_that_give_it(run: Run, write: Write) -> None:
    write("p.json", policy(allow("*")))
    write("k.json", policy({**allow("kms:*"), "Principal": "*"}))
    write("e.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    write("c.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant], "KmsKeyId": KEY})
    requests = ("--request", "e.json", "--config-request", "c.json")
    words = ("check", *requests, *OFFLINE[3:], "--policy", "p.json", "--principal", ROLE, "--output", "json")
    remedy = run(*words).check("principal.allowed")["remedy"]["text"]
    assert f"--resource-policy {KEY}=FILE" in remedy
    assert run(*words, "--resource-policy", f"{KEY}=k.json").check("principal.allowed")["status"] == "pass"


def test_a_denial_says_too_what_settles_the_calls_that_are_not_certain(run: Run, write: Write) -> None:
    write("p.json", policy(allow("kms:CreateGrant")))
    write("e.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
    variant = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    write("c.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant], "KmsKeyId": KEY})
    requests = ("--request", "e.json", "--config-request", "c.json")
    done = run("check", *requests, *OFFLINE[3:], "--policy", "p.json", "--principal", ROLE, "--output", "json")
    remedy = done.check("principal.allowed")["remedy"]["text"]
    assert done.status == 1
    assert "allow in the identity policy: sagemaker:CreateEndpointConfig on " in remedy
    assert remedy.endswith(
        f"; to settle the calls that are not certain, give the resource's policy with --resource-policy {KEY}=FILE"
    )


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("aws:RequestedRegions", "no condition key aws:RequestedRegions (did you mean aws:RequestedRegion?)"),
        ("sagemaker:VolumeKmsKy", "no condition key sagemaker:VolumeKmsKy (did you mean sagemaker:VolumeKmsKey?)"),
        ("zzz:qqq", "no condition key zzz:qqq (check its spelling)"),
        ("aws:SourceIp", None),
        ("aws:PrincipalTag/team", None),
    ],
)
def test_a_key_that_nobody_knows_may_be_misspelled(run: Run, write: Write, key: str, says: str | None) -> None:
    write("p.json", policy(allow("*"), {**allow("*"), "Effect": "Deny", "Condition": {"StringEquals": {key: "x"}}}))
    done = run(*OFFLINE, "--policy", "p.json", "--output", "json")
    text = done.check("principal.allowed")["remedy"]["text"]
    assert done.status == 3
    assert f"--context {key}=VALUE" in text
    assert (says or "the packaged reference") in text if says else "packaged reference" not in text


def test_an_action_that_does_not_exist_is_told_of_a_denial(run: Run, write: Write) -> None:
    write("p.json", policy(allow(["sagemaker:CreateEndpont", "sagemaker:CreateEndpointConfig", "s3:Get*", "zz:Do"])))
    done = run(*OFFLINE, "--policy", "p.json", "--output", "json")
    check = done.check("principal.allowed")
    notes = [one["note"] for one in check["evidence"] if one.get("note")]
    assert done.status == 1
    assert check["remedy"]["text"].startswith(
        "p.json allows sagemaker:CreateEndpont, which the packaged reference does not have "
        "(did you mean sagemaker:CreateEndpoint?); allow "
    )
    assert [note for note in notes if "packaged reference" in note] == [
        "p.json allows sagemaker:CreateEndpont, which the packaged reference does not have "
        "(did you mean sagemaker:CreateEndpoint?)"
    ]
