"""Laws of the two proofs: whatever is dropped from a policy is missed, and whatever is added to it is noticed."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy
from iamcheck.permissions import SCOPES, required
from iamcheck.policies.rendering import generate_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import DrawFn

SIMULATOR = LocalSimulator(Semantics.ALONE)
NAMES = st.from_regex(r"[a-zA-Z0-9](-{0,2}[a-zA-Z0-9]){0,20}", fullmatch=True) | st.from_regex(
    r"[a-zA-Z0-9](-{0,1}[a-zA-Z0-9]){31}", fullmatch=True
)
ACCOUNTS = st.from_regex(r"[0-9]{12}", fullmatch=True).filter(str.isascii)
REGIONS = st.sampled_from([region.name for region in catalogue.regions()])
Document = dict[str, Any]


@st.composite
def deployments(draw: DrawFn) -> Deployment:
    return Deployment(draw(NAMES), draw(NAMES), region=draw(REGIONS), account_id=draw(ACCOUNTS))


def statuses(document: Document, deployment: Deployment, scope: str) -> tuple[Status, Status]:
    policy = Policy.parse(document, name="mutant")
    permissions = required(deployment, scope)
    return (
        proofs.sufficient(policy, permissions, SIMULATOR).status,
        proofs.minimal(policy, permissions, SIMULATOR).status,
    )


def drops(document: Document) -> Iterator[tuple[str, Document]]:
    """The policy less one statement, action or resource; what would leave nothing drops all of it."""
    for index, statement in enumerate(document["Statement"]):
        without = deepcopy(document)
        del without["Statement"][index]
        if without["Statement"]:
            yield f"statement {index}", without
        for element in ("Action", "Resource"):
            for place, value in enumerate(statement[element]):
                without = deepcopy(document)
                del without["Statement"][index][element][place]
                if without["Statement"][index][element]:
                    yield f"{element} {value} of statement {index}", without


def widenings(document: Document) -> Iterator[tuple[str, Document]]:
    """The policy with one thing in it wider than it was, or one thing more."""
    for index, statement in enumerate(document["Statement"]):

        def changed(element: str, values: list[str], index: int = index) -> Document:
            wider = deepcopy(document)
            wider["Statement"][index][element] = values
            return wider

        actions, resources = statement["Action"], statement["Resource"]
        for place, arn in enumerate(resources):
            for wide in _wider_arns(arn):
                yield f"{arn} as {wide}", changed("Resource", [*resources[:place], wide, *resources[place + 1 :]])
        for place, action in enumerate(actions):
            for wide in _wider_actions(action):
                yield f"{action} as {wide}", changed("Action", [*actions[:place], wide, *actions[place + 1 :]])
        for action in ("sagemaker:CreateModel", "iam:PassRole", "s3:GetObject", "*", actions[0]):
            yield f"{action} too", changed("Action", [*actions, action])
        for arn in ("*", resources[0], resources[0] + "-2", resources[0].replace(":endpoint", ":model")):
            yield f"{arn} too", changed("Resource", [*resources, arn])
        for negated, values in (("NotAction", ["iam:*"]), ("NotResource", ["arn:aws:s3:::bucket"])):
            wider = changed(negated, values)
            del wider["Statement"][index][negated.removeprefix("Not")]
            yield negated, wider
    for action, arn in (("sagemaker:DeleteEndpoint", "*"), ("iam:PassRole", "*"), ("s3:GetObject", "arn:aws:s3:::b/*")):
        wider = deepcopy(document)
        if not any(action in statement["Action"] for statement in wider["Statement"]) or arn == "*":
            wider["Statement"].append({"Effect": "Allow", "Action": action, "Resource": arn})
            yield f"a statement with {action}", wider
    twice = deepcopy(document)
    twice["Statement"].append(dict(twice["Statement"][0], Sid="Twice"))
    yield "a statement twice", twice


def _wider_arns(arn: str) -> Iterator[str]:
    head, _, name = arn.rpartition("/")
    yield from (
        "*",
        f"{head}/*",
        f"{arn}*",
        f"{arn}?",
        f"{head}/*{name}",
        f"{head}/{name[:-1]}?",
        f"{head}/?{name[1:]}",
    )
    parts = arn.split(":")
    for place in (1, 3, 4):  # partition, Region, account
        value = parts[place]
        for wide in ("*", f"{value[:-1]}?", f"{value[:2]}*"):
            yield ":".join([*parts[:place], wide, *parts[place + 1 :]])


def _wider_actions(action: str) -> Iterator[str]:
    name = action.partition(":")[2]
    yield from ("*", "sagemaker:*", f"{action}*", f"{action}?", f"{action[:-1]}?", f"*:{name}", f"sagemaker*:{name}")


@given(deployment=deployments(), scope=st.sampled_from(SCOPES))
def test_a_rendered_policy_is_sufficient_and_minimal(deployment: Deployment, scope: str) -> None:
    assert statuses(generate_policy(deployment, scope), deployment, scope) == (Status.PASS, Status.PASS)


@given(deployment=deployments(), scope=st.sampled_from(SCOPES), data=st.data())
def test_whatever_is_dropped_is_missed(deployment: Deployment, scope: str, data: st.DataObject) -> None:
    what, mutant = data.draw(st.sampled_from(list(drops(generate_policy(deployment, scope)))))

    assert statuses(mutant, deployment, scope)[0] is Status.FAIL, what


@given(deployment=deployments(), scope=st.sampled_from(SCOPES), data=st.data())
def test_whatever_is_widened_is_noticed(deployment: Deployment, scope: str, data: st.DataObject) -> None:
    what, mutant = data.draw(st.sampled_from(list(widenings(generate_policy(deployment, scope)))))

    assert statuses(mutant, deployment, scope)[1] is Status.FAIL, what


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("create", ("Churn", "churn-v7")),
        ("docs", ("churn", "churn-v7")),
        *(
            pytest.param(scope, names, marks=pytest.mark.slow)
            for scope in SCOPES
            for names in [("churn", "churn-v7"), ("Churn", "Churn-V7"), ("same", "same"), ("a", "A")]
        ),
    ],
)
def test_every_single_mutation_is_seen(scope: str, names: tuple[str, str]) -> None:
    deployment = Deployment(*names, region="eu-west-1", account_id="123456789012")
    document = generate_policy(deployment, scope)

    for what, mutant in drops(document):
        assert statuses(mutant, deployment, scope)[0] is Status.FAIL, what
    for what, mutant in widenings(document):
        assert statuses(mutant, deployment, scope)[1] is Status.FAIL, what
