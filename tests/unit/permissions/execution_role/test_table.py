"""What an execution role needs, and what the rendered policy grants for it: two readings of the same requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy
from iamcheck.permissions.execution_role import needed_by_role
from iamcheck.policies.execution_role import render_execution_role
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.unit.permissions.execution_role.cases import ALARMS, BASE, CASES, HERE, VPC, inputs

if TYPE_CHECKING:
    from tests.examples import RequestValue

ALONE = LocalSimulator(Semantics.ALONE)
ALIAS_OF_THE_KEY = ("alias and key of model data", 6)


@pytest.mark.parametrize("name", CASES)
def test_exactly_what_the_requests_ask_for_is_needed(name: str) -> None:
    case = CASES[name]

    needs = needed_by_role(case.inputs, **HERE)

    assert needs.unsettled == ()
    found = [(one.request.action, one.request.resource) for one in needs.permissions]
    assert set(found) == (BASE - case.less) | case.more
    assert all(one.reason and one.source.startswith("https://docs.aws.amazon.com/") for one in needs.permissions)


@pytest.mark.parametrize("name", CASES)
def test_every_permission_is_on_what_the_action_takes(name: str) -> None:
    for one in needed_by_role(CASES[name].inputs, **HERE).permissions:
        assert catalogue.accepts(one.request.action, one.request.resource) is True, one.request
        if one.request.resource == "*":
            info = catalogue.action(one.request.action)
            assert info is not None
            assert [kind for kind in info.resource_types if kind.required] == []


@pytest.mark.parametrize("name", CASES)
def test_the_policy_is_proved(name: str) -> None:
    rendered, needs = render_execution_role(CASES[name].inputs, **HERE)

    for proof in (proofs.sufficient, proofs.minimal):
        result = proof(rendered.policy, needs.permissions, ALONE)
        assert result.status is Status.PASS, result.summary


@pytest.mark.parametrize("name", CASES)
def test_either_side_alone_is_not_proved(name: str) -> None:
    rendered, needs = render_execution_role(CASES[name].inputs, **HERE)
    statements: Any = rendered.document["Statement"]
    for at in range(len(statements)):
        kept = [one for place, one in enumerate(statements) if place != at]
        without = Policy.parse({"Version": "2012-10-17", "Statement": kept}, name="less")
        # without a key's statement, an alias's may still be for that key
        status = Status.UNKNOWN if (name, at) == ALIAS_OF_THE_KEY else Status.FAIL
        assert proofs.sufficient(without, needs.permissions, ALONE).status is status, statements[at]["Sid"]
    for action in {one.request.action for one in needs.permissions}:
        rest = [one for one in needs.permissions if one.request.action != action]
        result = proofs.minimal(rendered.policy, rest, ALONE)
        assert result.status is Status.FAIL, action
        assert action in result.summary or "statement" in result.summary


@pytest.mark.parametrize("name", CASES)
def test_a_policy_without_its_conditions_is_not_minimal(name: str) -> None:
    rendered, needs = render_execution_role(CASES[name].inputs, **HERE)
    statements: Any = rendered.document["Statement"]
    for at, one in enumerate(statements):
        for operator in one.get("Condition", {}):
            looser = {**one, "Condition": {key: value for key, value in one["Condition"].items() if key != operator}}
            policy = Policy.parse(
                {"Version": "2012-10-17", "Statement": [*statements[:at], looser, *statements[at + 1 :]]}, name="loose"
            )
            assert proofs.minimal(policy, needs.permissions, ALONE).status is Status.FAIL, (one["Sid"], operator)


@pytest.mark.parametrize("region", ["us-gov-west-1", "cn-north-1"])
def test_other_partitions_have_their_own_arns(region: str) -> None:
    partition = catalogue.region(region).partition
    image: dict[str, RequestValue] = {"Image": f"123456789012.dkr.ecr.{region}.amazonaws.com/churn"}
    capture: dict[str, RequestValue] = {"DestinationS3Uri": "s3://seen/", "KmsKeyId": "alias/x"}
    there = inputs(
        {**image, "ModelDataUrl": "s3://models/all/", "Mode": "MultiModel"},
        model={"VpcConfig": VPC},
        config={"DataCaptureConfig": capture},
        endpoint=ALARMS,
        model_data_keys=("1234-abcd",),
    )
    rendered, needs = render_execution_role(there, region=region, account_id="123456789012")
    arns = {one.request.resource for one in needs.permissions} - {"*"}
    assert {arn.split(":")[1] for arn in arns} == {partition}
    assert {arn.split(":")[3] for arn in arns} == {region, ""}
    assert proofs.sufficient(rendered.policy, needs.permissions, ALONE).status is Status.PASS
    assert proofs.minimal(rendered.policy, needs.permissions, ALONE).status is Status.PASS
