"""Merging grants what the policies grant, once, and nothing besides."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.policies.merging import merged_document
from tests.documents import allow
from tests.documents import document as policy

CONDITION = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}


def grants(document: dict[str, Any]) -> set[tuple[str, str, str]]:
    """What a policy grants: condition, action, resource; what is granted without a condition anyway is left out."""
    found = {
        (str(sorted(one.get("Condition", {}).items())), action, resource)
        for one in document["Statement"]
        for action in one["Action"]
        for resource in one["Resource"]
    }
    always = {(action, resource) for condition, action, resource in found if condition == "[]"}
    return {one for one in found if one[0] == "[]" or one[1:] not in always}


STATEMENTS = st.builds(
    lambda actions, resources, condition: allow(
        sorted(actions), sorted(resources), **({"Condition": CONDITION} if condition else {})
    ),
    st.sets(st.sampled_from(["a:A", "a:B", "a:C"]), min_size=1),
    st.sets(st.sampled_from(["r1", "r2", "r3"]), min_size=1),
    st.booleans(),
)


@given(st.lists(st.builds(lambda statements: policy(*statements), st.lists(STATEMENTS, min_size=1)), min_size=1))
def test_the_merged_policy_grants_exactly_what_the_policies_grant(documents: list[dict[str, Any]]) -> None:
    merged: dict[str, Any] = merged_document(documents)
    together = policy(*(one for document in documents for one in document["Statement"]))

    assert grants(merged) == grants(together)
    pairs = [
        (str(one.get("Condition")), action, resource)
        for one in merged["Statement"]
        for action in one["Action"]
        for resource in one["Resource"]
    ]
    assert len(pairs) == len(set(pairs))


def test_actions_with_the_same_resources_are_together_and_sids_stay_apart() -> None:
    first = policy(allow(["a:B"], ["r2", "r1"], Sid="One"), allow(["a:C"], ["r3"], Sid="One"))
    second = policy(allow(["a:A"], ["r1", "r2"], Sid="Other"))

    assert merged_document([first, second])["Statement"] == [
        {"Sid": "One", "Effect": "Allow", "Action": ["a:A", "a:B"], "Resource": ["r1", "r2"]},
        {"Sid": "One2", "Effect": "Allow", "Action": ["a:C"], "Resource": ["r3"]},
    ]


def test_a_statement_that_is_no_plain_allow_stays_as_it_is() -> None:
    deny = {"Effect": "Deny", "NotAction": ["a:A"], "Resource": ["*"]}

    merged = merged_document([policy(deny, allow(["a:A"], ["r1"])), policy(deny)])

    assert merged["Statement"] == [{"Effect": "Allow", "Action": ["a:A"], "Resource": ["r1"]}, deny]
