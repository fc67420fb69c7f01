"""Every AWS managed policy that moto ships is understood."""

from __future__ import annotations

import json

from moto.iam.aws_managed_policies import aws_managed_policies_data

from iamcheck.iam.model import Policy, PolicyType


def test_managed_policies_parse_and_survive_json() -> None:
    managed = {name: entry["Document"] for name, entry in json.loads(aws_managed_policies_data).items()}
    assert len(managed) >= 1500
    for name, document in managed.items():
        policy = Policy.parse(document, name=name, layer=PolicyType.IDENTITY)
        assert Policy.parse(policy.to_json()) == policy
        assert Policy.parse(policy.to_dict()) == policy
        assert Policy.parse(json.dumps(document, indent=1)) == policy
        assert sum(statement.line is None for statement in policy.statements) == len(policy.statements)
