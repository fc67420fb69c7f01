"""A policy that is larger than IAM takes becomes several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.errors import TemplateError
from iamcheck.policies.rendering import MANAGED_POLICY_LIMIT, policy_size
from iamcheck.policies.splitting import split_policy

if TYPE_CHECKING:
    from pathlib import Path

ROOM = MANAGED_POLICY_LIMIT - policy_size({"Version": "2012-10-17", "Statement": []})


def of(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, size: int) -> dict[str, Any]:
    """A statement of a size."""
    bare = {"Sid": sid, "Effect": "Allow", "Action": "s3:GetObject", "Resource": ""}
    return {**bare, "Resource": "r" * (size - policy_size(bare))}


def test_a_policy_that_fits_stays_as_it_is() -> None:
    document = of(allow("A", 3000), allow("B", ROOM - 3001))

    assert policy_size(document) == MANAGED_POLICY_LIMIT
    assert split_policy(document) == (document,)


def test_statements_stay_whole_and_go_where_there_is_room() -> None:
    first, second, third = allow("A", 4000), allow("B", 3000), allow("C", 2000)

    assert split_policy(of(first, second, third)) == (of(first, third), of(second))


def test_no_two_parts_of_one_name_are_in_one_policy() -> None:
    entries = ["a" * 1500, "b" * 5500, "c" * 1200, "d" * 1300]
    policies = split_policy(of({"Sid": "A", "Effect": "Allow", "Action": "s3:GetObject", "Resource": entries}))

    statements: list[Any] = [part["Statement"] for part in policies]
    assert [[one["Resource"] for one in each] for each in statements] == [[entries[:1]], [entries[1:2]], [entries[2:]]]
    # without a name they may share one
    unnamed = split_policy(of({"Effect": "Allow", "Action": "s3:GetObject", "Resource": entries}))
    assert len(unnamed) == 2


def test_a_single_statement_that_is_no_list_is_taken_too() -> None:
    statement = allow("A", 100)

    assert split_policy({"Version": "2012-10-17", "Statement": statement}) == (of(statement),)


def test_a_statement_that_is_too_large_is_split_by_its_resources() -> None:
    arns = [f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/e{at:04}" for at in range(300)]
    parts = split_policy(of({"Sid": "A", "Effect": "Allow", "Action": ["a:B", "a:C"], "Resource": arns}))

    statements: list[Any] = [one for part in parts for one in part["Statement"]]  # type: ignore[union-attr]
    assert [arn for one in statements for arn in one["Resource"]] == arns
    assert all(one["Action"] == ["a:B", "a:C"] for one in statements)


@pytest.mark.parametrize("element", ["NotResource", "Condition"])
def test_a_statement_that_cannot_be_split_is_an_error_that_names_it(element: str) -> None:
    statement: dict[str, Any] = {"Sid": "Wide", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    long = ["r" * 100] * 100
    if element == "NotResource":
        del statement["Resource"]
        statement["NotResource"] = long
    else:
        statement["Condition"] = {"StringEquals": {"aws:username": long}}

    with pytest.raises(TemplateError, match=r"statement Wide: has .* characters"):
        split_policy(of(statement))


def test_the_library_gives_the_parts(tmp_path: Path) -> None:
    path = tmp_path / "mine.json.j2"
    path.write_text(
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:CreateEndpoint*", '
        '"Resource": [{% for at in range(300) %}{{ arns("endpoint", "e" ~ at) }}'
        "{% if not loop.last %}, {% endif %}{% endfor %}]}]}"
    )
    deployment = iamcheck.Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")

    with pytest.raises(TemplateError, match=r"at most 6144 \(generate_policies writes several"):
        iamcheck.generate_policy(deployment, template=path)
    parts = iamcheck.generate_policies(deployment, template=path)

    assert len(parts) > 1
    assert all(policy_size(part) <= MANAGED_POLICY_LIMIT for part in parts)
    assert iamcheck.generate_policies(deployment) == [iamcheck.generate_policy(deployment)]
