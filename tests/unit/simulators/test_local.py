"""The simulator over the engine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Decision, Policy, PolicySet, Request
from iamcheck.simulators.local import LocalSimulator
from iamcheck.simulators.simulate import read_inputs, simulate

if TYPE_CHECKING:
    from iamcheck.simulators import Simulator

CREATE = Policy.parse(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "lambda:*",
                "Resource": "*",
            }
        ],
    }
)
REQUESTS = [
    Request("lambda:CreateFunction", "arn:aws:iam::123456789012:role/no-function"),
    Request("s3:GetObject", "arn:aws:s3:::b/k"),
]


def test_answers_keep_the_order_of_the_requests() -> None:
    simulator: Simulator = LocalSimulator()
    first, second = simulator.simulate(REQUESTS, PolicySet(identity=[CREATE]))
    assert (simulator.name, first.request, second.request) == ("local", *REQUESTS)
    assert (first.decision, second.decision) == (Decision.ALLOWED, Decision.IMPLICIT_DENY)


def test_the_semantics_can_be_those_of_awss_simulator() -> None:
    # the simulator has a gate of resource types that enforcement has not
    first, _ = LocalSimulator(Semantics.SIMULATOR).simulate(REQUESTS, PolicySet(identity=[CREATE]))
    assert first.decision is Decision.IMPLICIT_DENY


def test_a_decision_that_depends_on_a_key_the_simulator_makes_up_is_not_certain() -> None:
    caller = "arn:aws:iam::111122223333:user/alice"
    statement = {"Effect": "Allow", "Action": "nosuch:Thing", "Resource": "arn:aws:nosuch::${aws:userid}:x"}
    words = {
        "PolicyInputList": [json.dumps({"Version": "2012-10-17", "Statement": statement})],
        "ActionNames": ["nosuch:Thing"],
        "ResourceArns": [f"arn:aws:nosuch::{caller}:x"],
        "CallerArn": [caller],
    }
    (answer,) = simulate(read_inputs(words)).answers
    assert (answer.decision.value, answer.evaluation.certain) == ("allowed", False)


def test_a_condition_key_with_a_very_long_prefix_is_a_key_that_nobody_knows() -> None:
    statement = {
        "Effect": "Allow",
        "Action": "s3:GetObject",
        "Resource": "*",
        "Condition": {"StringEquals": {f"{'a' * 300}:x": "1"}},
    }
    words = {
        "PolicyInputList": [json.dumps({"Version": "2012-10-17", "Statement": statement})],
        "ActionNames": ["s3:GetObject"],
    }
    (answer,) = simulate(read_inputs(words)).answers
    assert (answer.decision.value, answer.evaluation.certain) == ("implicitDeny", False)
