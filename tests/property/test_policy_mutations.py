"""Laws of the two proofs: whatever is dropped from a policy is missed, and whatever is added to it is noticed."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iamcheck.checks import policy as proofs
from iamcheck.deployment import Deployment
from iamcheck.deployment.features import Tags
from iamcheck.deployment.requests import requests_of
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.unknown import Tool
from iamcheck.explain.remedies.statements import needed_policy
from iamcheck.iam import catalogue
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy
from iamcheck.permissions import SCOPES, required
from iamcheck.policies.rendering import generate_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.profiles import examples

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


TAG_SETS = st.dictionaries(
    st.sampled_from(["team", "cost-center", "a b"]), st.sampled_from(["ml", "7", ""]), max_size=2
)
KEYS = st.sampled_from(["alias/volumes", "1234abcd", "arn:aws:kms:eu-west-1:999999999999:key/1234abcd", None])
ROLES = st.sampled_from(["arn:aws:iam::123456789012:role/ml/sagemaker", None])
TYPES = st.lists(st.sampled_from(["ml.m5.large", "ml.c5.xlarge"]), min_size=1, max_size=2)
NETWORKS = st.sampled_from([{"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}, None])
MADE = st.sampled_from(["both", "the endpoint", "the endpoint config", "the endpoint, of a config that exists"])


@dataclass(frozen=True)
class Case:
    """A deployment and how its policy is generated."""

    deployment: Deployment
    scope: str
    pin: bool = False

    def document(self) -> Document:
        return generate_policy(self.deployment, self.scope, pin=self.pin)

    def statuses(self, document: Document) -> tuple[Status, Status]:
        policy = Policy.parse(document, name="mutant")
        permissions = required(self.deployment, self.scope)
        return (
            proofs.sufficient(policy, permissions, SIMULATOR).status,
            proofs.minimal(policy, permissions, SIMULATOR, pin=self.pin).status,
        )


def tags(draw: DrawFn) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in draw(TAG_SETS).items()]


def model(draw: DrawFn, name: str) -> dict[str, Any]:
    """A CreateModel request with what permissions depend on."""
    members: dict[str, Any] = {"ModelName": name, "Tags": tags(draw), "ExecutionRoleArn": draw(ROLES)}
    members |= {"VpcConfig": draw(NETWORKS), "EnableNetworkIsolation": draw(st.sampled_from([True, False, None]))}
    return {name: value for name, value in members.items() if value not in (None, [])}


@st.composite
def requests(draw: DrawFn) -> Deployment:
    """Deployments with what their requests may have, made by any tool, of an endpoint, an endpoint config or both."""
    endpoint_name, config_name, what = draw(NAMES), draw(NAMES), draw(MADE)
    variants = [
        {"VariantName": f"v{place}", "ModelName": "m", "InstanceType": kind, "InitialInstanceCount": 1}
        for place, kind in enumerate(draw(TYPES))
    ]
    config: dict[str, Any] = {"EndpointConfigName": config_name, "ProductionVariants": variants, "Tags": tags(draw)}
    config |= {"KmsKeyId": draw(KEYS), "ExecutionRoleArn": draw(ROLES)}
    config = {member: value for member, value in config.items() if value}
    endpoint = {"EndpointName": endpoint_name, "EndpointConfigName": config_name, "Tags": tags(draw)}
    names = draw(st.lists(NAMES, max_size=2, unique_by=str.lower))
    written = requests_of(endpoint, config, [model(draw, name) for name in names])
    written = replace(written, tool=draw(st.sampled_from(list(Tool))), config_exists="exists" in what)
    if what == "the endpoint":
        written = replace(written, config=None)
    if what == "the endpoint config":
        written = replace(written, endpoint=None)
    # a file may have an endpoint config alone; where requests are given, both names are
    name = endpoint_name if written.endpoint is None and written.tool is Tool.SDK else None
    made = draft_of(written, endpoint_name=name).at(draw(REGIONS), draw(ACCOUNTS))
    assert isinstance(made, Deployment)
    return with_stack_tags(made) if draw(st.booleans()) else made


def with_stack_tags(deployment: Deployment) -> Deployment:
    """The deployment of a stack that may have tags of its own."""
    endpoint, config = deployment.endpoint_request, deployment.config_request
    models = tuple(
        replace(one, tags=replace(one.tags, open_prefix="")) if isinstance(one.tags, Tags) else one
        for one in deployment.model_requests
    )
    if endpoint is not None and isinstance(endpoint.tags, Tags):
        endpoint = replace(endpoint, tags=replace(endpoint.tags, open_prefix=""))
    if config is not None and isinstance(config.tags, Tags):
        config = replace(config, tags=replace(config.tags, open_prefix=""))
    return replace(deployment, endpoint_request=endpoint, config_request=config, model_requests=models)


@st.composite
def cases(draw: DrawFn) -> Case:
    if draw(st.booleans()):
        names = Deployment(draw(NAMES), draw(NAMES), region=draw(REGIONS), account_id=draw(ACCOUNTS))
        return Case(names, draw(st.sampled_from(SCOPES)))
    # the policy of docs is AWS's own text, which grants nothing for what requests have
    scope = draw(st.sampled_from([scope for scope in SCOPES if scope != "docs"]))
    return Case(draw(requests()), scope, draw(st.booleans()))


def drops(document: Document) -> Iterator[tuple[str, Document]]:
    """The policy less one statement, action, resource or value of a condition; what leaves nothing drops all."""
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
        for operator, key, values in conditions(statement):
            for place in range(len(values)) if len(values) > 1 else ():
                without = deepcopy(document)
                del without["Statement"][index]["Condition"][operator][key][place]
                yield f"{values[place]} of {operator} {key} of statement {index}", without


def conditions(statement: Document) -> list[tuple[str, str, Any]]:
    block = statement.get("Condition", {})
    return [
        (operator, key, values if isinstance(values, list) else [values])
        for operator, keys in block.items()
        for key, values in keys.items()
    ]


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
        for operator, key, values in conditions(statement):
            wider = deepcopy(document)
            del wider["Statement"][index]["Condition"][operator][key]
            yield f"without {operator} {key} in statement {index}", wider
            if operator.endswith("Equals") and not operator.startswith("Numeric"):
                wider = deepcopy(document)
                wider["Statement"][index]["Condition"][operator][key] = [*values, "other"]
                yield f"another value of {key} in statement {index}", wider
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
    if name == "*":
        # what it stands for is needed: a grant on any key that has an alias
        yield "*"
    else:
        yield from _wider_names(arn, head, name)
    parts = arn.split(":")
    for place in (1, 3, 4):  # partition, Region, account
        value = parts[place]
        for wide in ("*", f"{value[:-1]}?", f"{value[:2]}*") if value else ():
            yield ":".join([*parts[:place], wide, *parts[place + 1 :]])


def _wider_names(arn: str, head: str, name: str) -> Iterator[str]:
    yield from (
        "*",
        f"{head}/*",
        f"{arn}*",
        f"{arn}?",
        f"{head}/*{name}",
        f"{head}/{name[:-1]}?",
        f"{head}/?{name[1:]}",
    )


def _wider_actions(action: str) -> Iterator[str]:
    name = action.partition(":")[2]
    yield from ("*", "sagemaker:*", f"{action}*", f"{action}?", f"{action[:-1]}?", f"*:{name}", f"sagemaker*:{name}")


@examples(30)
@given(cases())
def test_a_rendered_policy_is_sufficient_and_minimal(case: Case) -> None:
    assert case.statuses(case.document()) == (Status.PASS, Status.PASS)


@examples(30)
@given(cases())
def test_a_remedy_that_grants_what_is_needed_grants_no_more(case: Case) -> None:
    needed = [permission.request for permission in required(case.deployment, case.scope)]

    assert replace(case, pin=False).statuses(needed_policy(needed)) == (Status.PASS, Status.PASS)


@examples(30)
@given(cases(), st.data())
def test_whatever_is_dropped_is_missed(case: Case, data: st.DataObject) -> None:
    what, mutant = data.draw(st.sampled_from(list(drops(case.document()))))

    assert case.statuses(mutant)[0] is Status.FAIL, what


@examples(20)
@given(cases(), st.data())
def test_whatever_is_widened_is_noticed(case: Case, data: st.DataObject) -> None:
    what, mutant = data.draw(st.sampled_from(list(widenings(case.document()))))

    # where tags hold back what was added, nobody has proved that they always will
    assert case.statuses(mutant)[1] is not Status.PASS, what


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
    case = Case(deployment, scope)
    document = case.document()

    for what, mutant in drops(document):
        assert case.statuses(mutant)[0] is Status.FAIL, what
    for what, mutant in widenings(document):
        assert case.statuses(mutant)[1] is Status.FAIL, what
