"""Every AWS managed policy that moto ships is understood."""

from __future__ import annotations

import json

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from iamcheck.iam.model import Policy, PolicyType


@pytest.mark.parametrize("step", [7, pytest.param(1, marks=pytest.mark.slow)], ids=["every seventh", "all"])
def test_managed_policies_parse_and_survive_json(step: int) -> None:
    managed = {name: entry["Document"] for name, entry in json.loads(aws_managed_policies_data).items()}
    assert len(managed) >= 1500
    for name in sorted(managed)[::step]:
        document = managed[name]
        policy = Policy.parse(document, name=name, layer=PolicyType.IDENTITY)
        assert Policy.parse(policy.to_json()) == policy
        assert Policy.parse(policy.to_dict()) == policy
        assert Policy.parse(json.dumps(document, indent=1)) == policy
        assert sum(statement.line is None for statement in policy.statements) == len(policy.statements)
