"""Parts of a policy decide together what the whole decides, whatever the size of a part."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam.engine import evaluate
from iamcheck.iam.model import Policy, PolicySet, Request
from iamcheck.policies.rendering import policy_size
from iamcheck.policies.splitting import split_policy

ACTIONS = [f"sagemaker:{name}" for name in ("CreateEndpoint", "DeleteEndpoint", "CreateModel", "AddTags")]
NAMES = ["churn", "churn-v7", "fraud", "fraud-*", "*", "${aws:PrincipalTag/team}-*"]
ARNS = [f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}" for name in NAMES]
CONDITIONS = [
    {},
    {"StringEquals": {"aws:RequestTag/team": "ml"}},
    {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}},
    {"Null": {"aws:TagKeys": "false"}},
]


def entries(element: str, values: list[str]) -> st.SearchStrategy[list[str]]:
    """Entries of an element: many of what a statement can be split by, few of what it cannot."""
    return st.lists(st.sampled_from(values), min_size=1, max_size=3 if element.startswith("Not") else 12)


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """A statement with lists of any length, or with one of the elements that cannot be split."""
    statement: dict[str, Any] = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    for names, values in ((["Action", "NotAction"], ACTIONS), (["Resource", "NotResource"], ARNS)):
        element = draw(st.sampled_from(names))
        statement[element] = draw(entries(element, values))
    if condition := draw(st.sampled_from(CONDITIONS)):
        statement["Condition"] = condition
    return statement


@given(
    st.lists(statements(), min_size=1, max_size=6),
    st.sampled_from([700, 1400, 6144]),
    st.sampled_from(ACTIONS),
    st.sampled_from(["churn", "churn-v7", "fraud", "fraud-2", "other"]),
    st.sampled_from([{}, {"aws:RequestTag/team": "ml", "aws:TagKeys": ["team"]}, {"aws:RequestedRegion": "us-east-1"}]),
    st.booleans(),
)
def test_the_parts_decide_what_the_whole_decides(
    made: list[dict[str, Any]], limit: int, action: str, name: str, context: dict[str, Any], with_sids: bool
) -> None:
    for at, statement in enumerate(made) if with_sids else ():
        statement["Sid"] = f"S{at}"
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": made}

    parts = split_policy(document, limit)

    assert all(policy_size(part) <= limit for part in parts)
    assert parts == split_policy(document, limit)
    # a Sid is unique within each part, or IAM would refuse it
    identity = [Policy.parse(json.dumps(part), name=f"part {at}") for at, part in enumerate(parts)]
    request = Request(
        action, f"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/{name}", context=context, absent=frozenset()
    )
    whole = evaluate(request, PolicySet(identity=[Policy.parse(document, name="whole")]))
    split = evaluate(request, PolicySet(identity=identity))
    assert (split.decision, split.certain) == (whole.decision, whole.certain)
    # a part may depend on a key of a pattern where, in the whole, another resource beside it matches
    assert bool(split.open_keys) == bool(whole.open_keys)
