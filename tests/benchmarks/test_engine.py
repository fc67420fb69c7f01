"""What a decision costs, beside what a regular expression costs in the same run.

The bounds are stated in each test's name and checked by hand: `pytest -m benchmark tests/benchmarks`. A benchmark's
`extra_info` holds the number of decisions in a round.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.iam.engine import evaluate
from iamcheck.iam.engine.many import evaluate_many
from iamcheck.iam.engine.variables import parse_template
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces, plain_text
from iamcheck.iam.model import Policy, PolicySet, Request

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

pytestmark = pytest.mark.benchmark

REGION = {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}
SAGEMAKER = "arn:aws:sagemaker:eu-west-1:123456789012"
REQUESTS = [
    Request(
        ("sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig", "iam:PassRole", "sagemaker:DescribeEndpoint")[
            n % 4
        ],
        f"{SAGEMAKER}:endpoint/e{n}",
        context={"aws:RequestedRegion": "eu-west-1"},
    )
    for n in range(2000)
]


def _identity(statements: list[dict[str, Any]]) -> PolicySet:
    return PolicySet(identity=[Policy.parse({"Version": "2012-10-17", "Statement": statements})])


def _deployer() -> PolicySet:
    """Twenty statements, of which four speak of the requests."""
    creates = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]
    return _identity(
        [
            {
                "Effect": "Allow",
                "Action": creates,
                "Resource": [f"{SAGEMAKER}:endpoint/*", f"{SAGEMAKER}:endpoint-config/*"],
                "Condition": REGION,
            },
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/*"},
            {"Effect": "Allow", "Action": "sagemaker:Describe*", "Resource": "*"},
            {
                "Effect": "Deny",
                "Action": "*",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}},
            },
            *({"Effect": "Allow", "Action": f"svc{n}:Get*", "Resource": f"arn:aws:svc{n}:::x/*"} for n in range(16)),
        ]
    )


def _by_service(count: int) -> PolicySet:
    return _identity([{"Effect": "Allow", "Action": f"svc{n}:Get*", "Resource": "*"} for n in range(count)])


def _by_resource(count: int) -> PolicySet:
    return _identity(
        [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::b/{n}"} for n in range(count)]
    )


def _decide(benchmark: BenchmarkFixture, policies: PolicySet, requests: list[Request]) -> None:
    evaluate(requests[0], policies)
    benchmark.extra_info["decisions"] = len(requests)
    benchmark(lambda: [evaluate(request, policies) for request in requests])


@pytest.mark.benchmark(group="twenty statements: 150,000 decisions/s, at most 12 times the two expressions")
def test_twenty_statements(benchmark: BenchmarkFixture) -> None:
    _decide(benchmark, _deployer(), REQUESTS)


@pytest.mark.benchmark(group="twenty statements: 150,000 decisions/s, at most 12 times the two expressions")
def test_two_regular_expressions_and_a_lookup(benchmark: BenchmarkFixture) -> None:
    action = re.compile(r"sagemaker:create.*")
    resource = re.compile(r"arn:aws:sagemaker:eu-west-1:123456789012:endpoint/.*")
    table = {"aws:RequestedRegion": "eu-west-1"}

    def match() -> None:
        for request in REQUESTS:
            action.fullmatch(request.action_key)
            resource.fullmatch(request.resource)
            table.get("aws:RequestedRegion")

    benchmark.extra_info["decisions"] = len(REQUESTS)
    benchmark(match)


@pytest.mark.benchmark(group="by service: 2,000 statements at most 3 times 20")
@pytest.mark.parametrize("count", [20, 2000])
def test_statements_of_other_services(benchmark: BenchmarkFixture, count: int) -> None:
    requests = [Request("svc7:GetThing", f"arn:aws:svc7:::x/{n}") for n in range(2000)]
    _decide(benchmark, _by_service(count), requests)


@pytest.mark.benchmark(group="by literal resource: 2,000 statements at most 5 times 20")
@pytest.mark.parametrize("count", [20, 2000])
def test_statements_on_other_resources(benchmark: BenchmarkFixture, count: int) -> None:
    requests = [Request("s3:GetObject", f"arn:aws:s3:::b/{n % 20}") for n in range(2000)]
    _decide(benchmark, _by_resource(count), requests)


@pytest.mark.benchmark(group="compile 2,000 statements: under 100 ms")
def test_compile(benchmark: BenchmarkFixture) -> None:
    policy = Policy.parse(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": [f"svc{n}:Get*", "s3:GetObject"],
                    "Resource": f"arn:aws:s3:::b{n}/*",
                    "Condition": REGION,
                }
                for n in range(2000)
            ],
        }
    )
    benchmark(lambda: evaluate(REQUESTS[0], PolicySet(identity=[policy])))


@pytest.mark.benchmark(group="60 nested *a against 2,000 characters: under 50 ms")
@pytest.mark.parametrize("segment", ["*a", "*?a"])
def test_nested_stars(benchmark: BenchmarkFixture, segment: str) -> None:
    match = compile_glob(glob_pieces(segment * 60 + "b"))
    assert benchmark(lambda: match("a" * 2000)) is False


@pytest.mark.benchmark(group="a value of variables: 20,000 at most 30 times 2,000")
@pytest.mark.parametrize("count", [2_000, 20_000])
def test_a_value_of_many_variables(benchmark: BenchmarkFixture, count: int) -> None:
    request = Request("s3:GetObject", "arn:aws:s3:::b/k", context={"s3:a": "x"})
    pattern = parse_template("${s3:a}" * count, variables=True, key_types=lambda _: None)
    found = benchmark(lambda: pattern.resolve(request))
    assert found.pieces is not None
    assert plain_text(found.pieces) == "x" * count


@pytest.mark.benchmark(group="requests of plain values: at least a third of the rate of prepared ones")
@pytest.mark.parametrize("form", ["prepared", "plain values"])
def test_requests_of_plain_values(benchmark: BenchmarkFixture, form: str) -> None:
    policies = _deployer()
    plain = [{"action": one.action, "resource": one.resource, "context": dict(one.context)} for one in REQUESTS]
    evaluate(REQUESTS[0], policies)
    benchmark.extra_info["decisions"] = len(REQUESTS)
    if form == "prepared":
        benchmark(lambda: [evaluate(request, policies) for request in REQUESTS])
    else:
        benchmark(lambda: list(evaluate_many(plain, policies)))


@pytest.mark.benchmark(group="parse 2,000 statements: at most 12 times a JSON round trip")
@pytest.mark.parametrize("form", ["round trip", "object", "text"])
def test_parse(benchmark: BenchmarkFixture, form: str) -> None:
    statements = [
        {"Sid": f"S{n}", "Effect": "Allow", "Action": [f"svc{n % 50}:Get*", f"svc{n % 50}:Put{n}"],
         "Resource": [f"arn:aws:svc{n % 50}:eu-west-1:123456789012:thing/{n}/*"], "Condition": REGION}
        for n in range(2000)
    ]  # fmt: skip
    document = {"Version": "2012-10-17", "Statement": statements}
    text = json.dumps(document)
    if form == "round trip":
        benchmark(lambda: json.loads(json.dumps(document)))
    else:
        benchmark(lambda: Policy.parse(text if form == "text" else document))


@pytest.mark.benchmark(group="every layer")
def test_every_layer(benchmark: BenchmarkFixture) -> None:
    everything = Policy.parse({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
    policies = PolicySet(identity=_deployer().identity, boundary=everything, scps=[[everything], [everything]])
    _decide(benchmark, policies, REQUESTS)
