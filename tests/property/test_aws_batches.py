"""Laws of the calls to AWS's simulator."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from iamcheck.iam.model import Request
from iamcheck.simulators.aws_request import LONGEST_RESOURCE_LIST, batches, context_entries

if TYPE_CHECKING:
    from collections.abc import Sequence

ACTIONS = ("sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "iam:PassRole", "sts:AssumeRole", "made:Up")
PREFIX = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint"
requests = st.builds(
    Request,
    st.sampled_from(ACTIONS),
    st.one_of(st.just("*"), st.builds("{}/n{}".format, st.just(PREFIX), st.integers(0, 45))),
    principal=st.sampled_from((None, "arn:aws:iam::123456789012:role/ci")),
    context=st.dictionaries(st.just("aws:RequestedRegion"), st.sampled_from(("eu-west-1", "us-east-1"))),
)


@given(st.lists(requests, max_size=80))
def test_the_calls_ask_exactly_what_was_asked_and_each_thing_once(asked: Sequence[Request]) -> None:
    wanted = {(context_entries(one), one.principal, one.action, one.resource) for one in asked}
    calls = list(batches(asked))
    made = Counter(
        (call.context, call.caller, action, resource)
        for call in calls
        for action in call.actions
        for resource in call.resources
    )
    assert made == Counter(wanted)
    assert all(len(call.resources) <= LONGEST_RESOURCE_LIST for call in calls)
    assert all(call.resources == ("*",) or "*" not in call.resources for call in calls)
