"""`--excess`: what the principal's policies allow beyond the deployment, and AWS's managed policy beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli import ACCOUNT, allow, policy

if TYPE_CHECKING:
    from tests.cli import Run, Write
    from tests.server import LoopbackAws

NAMES = ("check", "churn", "churn-v7", "--region", "eu-west-1")
OFFLINE = (*NAMES, "--account-id", ACCOUNT, "--offline")
GENEROUS = policy(allow(["sagemaker:Create*"]), allow("iam:PassRole", Sid="AnyRole"))


def test_the_worst_comes_first(run: Run, write: Write) -> None:
    words = (*OFFLINE, "--policy", write("p.json", GENEROUS), "--excess")

    done = run(*words)
    report = run(*words, "--output", "json").report

    assert done.status == 0
    text = " ".join(done.out.split())
    assert text.index("iam:PassRole on *") < text.index("Write: ")
    assert "needed, but allowed on more: sagemaker:CreateEndpoint on *" in text
    assert "AmazonSageMakerFullAccess" in text
    own, managed = report["excess"]
    assert own["escalations"][0]["actions"][0] == "iam:PassRole"
    assert 0 < own["count"] < managed["count"]
    assert "excess" not in run(*words[:-1], "--output", "json").report


def test_a_policy_that_fits_has_none(run: Run, write: Write) -> None:
    fitting = run("generate", "churn", "churn-v7", "--region", "eu-west-1", "--account-id", ACCOUNT).out
    done = run(*OFFLINE, "--policy", write("p.json", json.loads(fitting)), "--excess")
    assert done.status == 0
    assert "allow nothing beyond this deployment" in " ".join(done.out.split())


def test_there_must_be_policies_to_look_at(run: Run) -> None:
    done = run(*OFFLINE, "--excess")
    assert (done.status, done.out) == (2, "")
    assert "--excess: there are no policies to look at" in done.err


def test_the_policies_that_were_read_are_looked_at(run: Run, aws: LoopbackAws) -> None:
    report = run(*NAMES, "--excess", "--output", "json", **aws.environment()).report
    own, _ = report["excess"]
    assert own["count"] > 10_000
    # AWS names no SCPs for this account, so there are none to read
    assert own["unread"] == []
