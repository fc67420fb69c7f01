"""Pages of lists: which page is the last, and which pages are not AWS's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.aws.clients import AwsAnswer
from iamcheck.aws.pages import MOST_PAGES, pages
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

IAM, OTHER = "iam:ListUserPolicies", "sagemaker:ListTags"


def answering(operation: str, answers: Sequence[Mapping[str, Any]]) -> tuple[Callable[..., AwsAnswer], list[object]]:
    """A list of AWS's that has these pages, and the parameters that it was asked with."""
    asked: list[object] = []

    def ask(token: Mapping[str, str]) -> AwsAnswer:
        asked.append(dict(token))
        return AwsAnswer(operation, None, dict(answers[len(asked) - 1]))

    return ask, asked


@pytest.mark.parametrize("end", [{}, {"NextToken": None}, {"NextToken": ""}])
def test_a_page_without_a_token_is_the_last(end: Mapping[str, Any]) -> None:
    """An empty token ends a list for botocore's own paginators too."""
    ask, asked = answering(
        OTHER, [{"Tags": [1], "NextToken": "a"}, {"Tags": [], "NextToken": "b"}, {"Tags": [2], **end}]
    )
    assert [page.data["Tags"] for page in pages(ask, "Tags")] == [[1], [], [2]]
    assert asked == [{}, {"NextToken": "a"}, {"NextToken": "b"}]


@pytest.mark.parametrize(
    "end", [{"IsTruncated": False}, {"IsTruncated": False, "Marker": "left"}, {}, {"Marker": None}, {"Marker": ""}]
)
def test_iam_says_itself_which_page_is_the_last(end: Mapping[str, Any]) -> None:
    ask, asked = answering(
        IAM, [{"PolicyNames": ["p"], "IsTruncated": True, "Marker": "m"}, {"PolicyNames": [], **end}]
    )
    assert len(list(pages(ask, "PolicyNames"))) == 2
    assert asked == [{}, {"Marker": "m"}]


@pytest.mark.parametrize(
    ("operation", "answers", "reason"),
    [
        (OTHER, [{}], "Tags is missing"),
        (OTHER, [{"Tags": None}], "Tags is missing"),
        (OTHER, [{"Tags": [1], "NextToken": "a"}, {}], "Tags is missing"),
        (OTHER, [{"Tags": [], "NextToken": 7}], "NextToken"),
        (OTHER, [{"Tags": [], "NextToken": "a"}] * 2, "a token comes again"),
        (OTHER, [{"Tags": [1], "NextToken": "a"}, {"Tags": [1], "NextToken": "b"}], "a page comes again"),
        (OTHER, [{"Tags": [], "NextToken": f"t{number}"} for number in range(MOST_PAGES)], f"{MOST_PAGES} pages"),
        (IAM, [{"Tags": [], "IsTruncated": True}], "Marker is missing"),
        (IAM, [{"Tags": [], "IsTruncated": True, "Marker": ""}], "Marker is missing"),
        (IAM, [{"Tags": [], "IsTruncated": "yes", "Marker": "m"}], "neither true nor false"),
    ],
)
def test_pages_that_are_not_of_aws_are_not_understood(
    operation: str, answers: Sequence[Mapping[str, Any]], reason: str
) -> None:
    ask, _ = answering(operation, answers)
    with pytest.raises(AwsUnavailableError, match=reason) as caught:
        list(pages(ask, "Tags"))
    assert caught.value.operation == operation


def test_one_of_several_lists_is_enough() -> None:
    ask, _ = answering("cloudwatch:DescribeAlarms", [{"CompositeAlarms": []}])
    assert len(list(pages(ask, "MetricAlarms", "CompositeAlarms"))) == 1


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=8))
def test_every_entry_comes_once_however_a_list_is_cut(chunks: list[list[int]]) -> None:
    distinct = [[(number, entry) for entry in chunk] for number, chunk in enumerate(chunks)]
    last = len(distinct) - 1
    answers = [{"Tags": chunk, "NextToken": str(at) if at < last else None} for at, chunk in enumerate(distinct)]
    ask, _ = answering(OTHER, answers)
    entries = [entry for page in pages(ask, "Tags") for entry in page.data["Tags"]]  # type: ignore[attr-defined]
    assert entries == [entry for chunk in distinct for entry in chunk]
