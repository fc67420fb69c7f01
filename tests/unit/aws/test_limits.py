"""The limits of a run: its end, the calls at a time, and who hears of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.aws.limits import CallMade, Deadline
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

WHO, URL = "sts:GetCallerIdentity", "https://sts.eu-west-1.amazonaws.com"


def ticking(*seconds: float) -> Iterator[float]:
    yield from seconds


def test_no_more_calls_at_a_time_than_there_are_slots() -> None:
    # no time is left, so that a call whose turn has not come does not wait for it
    deadline = Deadline.after(0, lambda: 0.0, max_concurrency=2)
    with deadline.one_call(WHO, URL), deadline.one_call(WHO, URL):
        with pytest.raises(AwsUnavailableError, match="time limit") as caught, deadline.one_call(WHO, URL):
            pass
        assert (caught.value.operation, caught.value.endpoint) == (WHO, URL)
    # a turn that is over is another's, however it ended
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), deadline.one_call(WHO, URL):
            raise ZeroDivisionError


def test_without_a_bound_there_are_as_many_as_want() -> None:
    deadline = Deadline.after(0, lambda: 0.0)
    with deadline.one_call(WHO, URL), deadline.one_call(WHO, URL), deadline.one_call(WHO, URL):
        pass


def test_calls_are_told_of_when_they_end() -> None:
    heard: list[CallMade] = []
    clock = ticking(0, 1, 3, 10, 11, 20, 24)
    deadline = Deadline.after(60, lambda: next(clock), on_call=heard.append)
    with deadline.one_call(WHO, URL):
        assert heard == []
    with pytest.raises(AwsUnavailableError), deadline.one_call(WHO, None):
        raise AwsUnavailableError("no", operation=WHO, code="AccessDenied")
    with pytest.raises(AwsUnavailableError), deadline.one_call(WHO, None):
        raise AwsUnavailableError("no connection", operation=WHO)
    assert heard == [
        CallMade(WHO, URL, 2, "answered"),
        CallMade(WHO, None, 1, "AccessDenied"),
        CallMade(WHO, None, 4, "no connection"),
    ]


def test_an_error_of_our_own_is_told_of_too() -> None:
    heard: list[CallMade] = []
    with pytest.raises(KeyError), Deadline.after(60, lambda: 0.0, on_call=heard.append).one_call(WHO, URL):
        raise KeyError("secret")
    assert heard == [CallMade(WHO, URL, 0, "KeyError")]
