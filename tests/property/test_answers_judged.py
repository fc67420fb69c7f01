"""The approved answers of the engine are those of the naive reading, whatever the unknown turns out to be."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pytest

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.engine.evaluate import compiled
from iamcheck.iam.model import Decision
from iamcheck.iam.model.elements import resource_problem
from tests.answers.conditions import condition_worlds
from tests.answers.layers import layer_worlds
from tests.answers.principals import principal_worlds
from tests.answers.rcps import rcp_worlds
from tests.answers.resources import resource_worlds
from tests.differential import places
from tests.naive import decide
from tests.property.worlds import contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from iamcheck.iam.model import Evaluation, PolicySet, Request
    from tests.answers.worlds import World

_NOT_READ: Final = (
    r"service|provider|canonical|unique-id|root|in-china|group|pathless|of-no-role",
    # whose role it is, the engine infers of its name
    r"(?<!-)role[, ].*of-some-path",
    # the engine is asked about trust policies and passed roles as AWS decides them on the day
    r"^sts:AssumeRole .*/ simulator$",
    r"^iam:PassRole .*-away / ",
    # several values of a key of one value, and values of the wrong type: not what AWS sends
    r" / \[[^]]+,[^]]+\](\|.*)? / ",
    r"aws:TagKeys, 'a'.* / (numeric|date):",
    # the naive reading writes a number of any size in digits
    r"1e300000",
)
"""Questions that the naive reading has no answer to, as parts of `title / label / semantics`."""

_BY_KEY: Final[dict[str, list[Any]]] = {
    "aws:principaltag/t": ["a", "b", "a*", "red", "r*d", "/", "s3", "eu-west-1", "arn:aws:s3:::a", ["a"]],
    "aws:principaltag/u": ["/a.txt", "eu-west-1", ""],
    "aws:tagkeys": [["a"], ["b"], ["a", "b"]],
    "aws:multifactorauthage": ["4", "5", "6", "7", "8", "-1"],
    "aws:currenttime": ["2029-01-01", "2030-01-01", "2030-06-01", "2031-01-01", "2032-01-01"],
    "aws:securetransport": ["true", "false"],
    "aws:sourceip": ["192.0.2.1", "192.0.3.0", "2001:db8::1", "x"],
    "aws:sourcearn": ["arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:sqs:eu-west-1:1:a", "x"],
    "aws:requesttag/v": ["a", "b", "xb", "a*", "\u03b1\u03c2", "z"],
    "x:free": ["a", "4", "6", "2029-01-01", "2031-06-01", "true", "YQ==", "YWI=", "192.0.2.1", "arn:aws:s3:::a", "x"],
}
"""What an unknown key may turn out to be; those of the layers are `y` or not."""


def _completions(request: Request, keys: Iterable[str]) -> Iterator[Request]:
    unknown = sorted(key for key in keys if request.is_unknown(key))
    for values in itertools.product(*([None, *_BY_KEY.get(key, ["y", "z"])] for key in unknown)):
        settled = dict(zip(unknown, values, strict=True))
        yield replace(
            request,
            context={**request.context, **{key: value for key, value in settled.items() if value is not None}},
            absent=[*request.absent, *(key for key, value in settled.items() if value is None)],
        )


def _keys(policies: PolicySet) -> set[str]:
    """The keys that the policies' conditions and variables look at."""
    elements = [element for one in compiled(policies, Semantics.LIVE).statements for element in one.elements]
    return {key for element in elements if not element.name.endswith("Principal") for key, _ in element.keys}


def _denials_as_well(answer: Evaluation) -> set[Decision]:
    """Across accounts a denial for want of an Allow of one's own is certain, though another layer may deny as well."""
    return {Decision.EXPLICIT_DENY} if answer.request.is_across_accounts and not answer.could_allow else set()


def _wrong(request: Request, policies: PolicySet, semantics: Semantics) -> str:
    """What the naive reading says against an answer; empty where it agrees."""
    answer = evaluate(request, policies, semantics=semantics)
    simulator = semantics is Semantics.SIMULATOR
    now = decide(request, policies, simulator=simulator)
    if answer.decision is not now.decision or places(answer) != now.matched:
        return f"{answer.decision}, and the naive reading says {now}"
    worlds = itertools.product(contents(policies), _completions(request, _keys(policies)))
    others = {decide(one, filled, simulator=simulator).decision for (_, filled), one in worlds}
    if answer.certain and not others <= {answer.decision} | _denials_as_well(answer):
        return f"{answer.decision} is not certain: {sorted(others)}"
    return "it may be allowed" if not answer.could_allow and Decision.ALLOWED in others else ""


def _is_refused(policies: PolicySet) -> bool:
    """Whether a Resource is none that a policy may hold."""
    statements = [one for policy in policies.every_policy() for one in policy.statements]
    entries = [text for one in statements for text in (*(one.resources or ()), *(one.not_resources or ()))]
    return any(map(resource_problem, entries))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("worlds", "least"),
    [
        (layer_worlds, 5000),
        (principal_worlds, 1000),
        (rcp_worlds, 400),
        (resource_worlds, 1000),
        (condition_worlds, 20000),
    ],
)
def test_the_naive_reading_gives_them_too(worlds: Callable[[], Iterator[World]], least: int) -> None:
    wrong, judged = [], 0
    for world in (one for one in worlds() if not _is_refused(one.policies)):
        for (label, request), semantics in itertools.product(
            world.requests.items(), (Semantics.LIVE, Semantics.SIMULATOR)
        ):
            question = f"{world.title} / {label} / {semantics}"
            if not any(re.search(pattern, question) for pattern in _NOT_READ):
                judged += 1
                if found := _wrong(request, world.policies, semantics):
                    wrong.append(f"{question}: {found}")
    assert not wrong
    assert judged > least
