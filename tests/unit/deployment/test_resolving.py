"""What is written of a deployment and what is given besides: names, patterns, and what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.checks import policy as proofs
from iamcheck.checks.options import parse_options
from iamcheck.checks.placing import PlacedDeployment
from iamcheck.checks.run import check_placed
from iamcheck.deployment import Deployment, PartialDeployment, UnplacedDeployment
from iamcheck.deployment.features import Tag, Tags
from iamcheck.deployment.located import UNKNOWN, Pattern, Tool, WrittenDeployment, WrittenRequest
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Place
from iamcheck.permissions import required
from iamcheck.policies.rendering import generate_policy, render_policy
from iamcheck.results import Status
from iamcheck.simulators.local import LocalSimulator
from tests.examples import RequestValue, member_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.checks.report import Report

ACCOUNT = "123456789012"
ALONE = LocalSimulator(Semantics.ALONE)
ENDPOINT: dict[str, RequestValue] = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
CONFIG: dict[str, RequestValue] = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": [
        {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    ],
}


def written(
    endpoint: dict[str, RequestValue] | None = None,
    config: dict[str, RequestValue] | None = None,
    tool: Tool = Tool.CLOUDFORMATION,
) -> WrittenDeployment:
    return WrittenDeployment(
        tool,
        "t.yaml: Resources.Endpoint",
        WrittenRequest(
            "CreateEndpoint", member_of({**ENDPOINT, **(endpoint or {})}, Place("t.yaml", 3)), Place("t.yaml")
        ),
        WrittenRequest(
            "CreateEndpointConfig", member_of({**CONFIG, **(config or {})}, Place("t.yaml", 9)), Place("t.yaml")
        ),
    )


def placed(draft: UnplacedDeployment) -> Deployment:
    made = draft.at("eu-west-1", ACCOUNT)
    assert isinstance(made, Deployment)
    return made


def checked(made: Deployment | PartialDeployment, policies: Sequence[Mapping[str, object]]) -> Report:
    return check_placed(PlacedDeployment(made, parse_options({"policies": policies})), None)


def statuses(report: Report) -> dict[str, Status]:
    return {check.id: check.status for check in report.checks}


def test_names_that_are_written() -> None:
    made = placed(draft_of(written()))
    assert (made.endpoint_name, made.endpoint_config_name, made.unsettled) == ("churn", "churn-v7", ())


def test_a_name_that_comes_later_leaves_the_policy_unknown() -> None:
    made = draft_of(written({"EndpointName": UNKNOWN})).at("eu-west-1", ACCOUNT)

    assert isinstance(made, PartialDeployment)
    assert (made.endpoint_name, made.endpoint_config_name) == (None, "churn-v7")
    with pytest.raises(UnsettledError, match="the name of the endpoint is known only when the deployment is made"):
        generate_policy(made)
    report = check_placed(PlacedDeployment(made, parse_options({"checks": ("policy.sufficient",)})), None)
    assert statuses(report)["policy.sufficient"] is statuses(report)["policy.minimal"] is Status.UNKNOWN
    assert (report.policy, report.permissions) == (None, ())
    remedy = report.checks[0].remedy
    assert remedy is not None
    assert "--name-pattern" in remedy.text


def test_a_name_that_a_template_says_in_part_is_no_pattern_until_somebody_says_so() -> None:
    source = written({"EndpointName": Pattern("fraud-*")})
    made = draft_of(source).at("eu-west-1", ACCOUNT)

    assert [(one.what, one.why) for one in made.unsettled] == [
        ("the name of the endpoint", "is known only when the deployment is made")
    ]
    assert "--name-pattern 'fraud-*'" in made.unsettled[0].cure
    assert placed(draft_of(source, name_patterns={"EndpointName": "fraud-*"})).endpoint_name == "fraud-*"


def test_what_is_given_must_be_able_to_come_of_what_is_written() -> None:
    source = written({"EndpointName": Pattern("churn-*")})

    assert placed(draft_of(source, endpoint_name="churn-7")).endpoint_name == "churn-7"
    said = r"'fraud-x' is given, and t.yaml, line 3, EndpointName says 'churn-\*'"
    with pytest.raises(InvalidInputError, match=said):
        draft_of(source, endpoint_name="fraud-x")
    with pytest.raises(InvalidInputError, match=r"'fraud-\*' is given, and the template says 'churn-\*'"):
        draft_of(source, name_patterns={"EndpointName": "fraud-*"})


def test_a_name_that_is_given_settles_it() -> None:
    made = placed(draft_of(written({"EndpointName": UNKNOWN}), endpoint_name="given"))
    assert made.endpoint_name == "given"
    assert made.written is not None
    assert made.written.endpoint is not None
    name = made.written.endpoint.root.get("EndpointName")
    assert name is not None
    assert name.value == "given"


def test_a_bad_name_in_a_file_is_for_a_check_to_say_and_one_given_is_refused() -> None:
    made = draft_of(written({"EndpointName": "bad_name!"})).at("eu-west-1", ACCOUNT)
    assert [one.why for one in made.unsettled] == ["is not what AWS accepts"]
    with pytest.raises(InvalidInputError, match="endpoint_name: 'bad_name!'"):
        draft_of(written({"EndpointName": UNKNOWN}), endpoint_name="bad_name!")


PATTERNS: list[tuple[WrittenDeployment, dict[Any, str], str, str]] = [
    (written({"EndpointName": UNKNOWN}), {"EndpointName": "churn-*"}, "endpoint/churn-*", "endpoint/Churn-x"),
    (written({"EndpointName": UNKNOWN}), {"EndpointName": "*-Prod"}, "endpoint/*-Prod", "endpoint/prod"),
    (
        written({"EndpointConfigName": Pattern("churn-*")}, {"EndpointConfigName": Pattern("churn-*")}, Tool.TERRAFORM),
        {},
        "endpoint-config/churn-*",
        "endpoint-config/chur",
    ),
]


@pytest.mark.parametrize(("source", "patterns", "resource", "neighbour"), PATTERNS)
def test_a_pattern_is_granted_and_nothing_beside_it(
    source: WrittenDeployment, patterns: dict[Any, str], resource: str, neighbour: str
) -> None:
    made = placed(draft_of(source, name_patterns=patterns))
    assert made.names_are_patterns
    permissions = required(made)
    assert any(one.request.resource.endswith(f":{resource}") for one in permissions)
    rendered = render_policy(made)

    assert proofs.sufficient(rendered.policy, permissions, ALONE).status is Status.PASS
    assert proofs.minimal(rendered.policy, permissions, ALONE).status is Status.PASS
    # a policy for everything that begins a letter earlier is too much, and the proof sees it
    text = str(rendered.document).replace(resource, resource.partition("/")[0] + "/*")
    wide = render_policy(made).policy.parse(eval(text), name="wide")
    found = proofs.minimal(wide, permissions, ALONE)
    assert found.status is Status.FAIL
    assert neighbour


@pytest.mark.parametrize(
    ("deny", "status"),
    [
        (None, Status.PASS),
        ("endpoint/churn-prod*", Status.UNKNOWN),
        ("endpoint/other*", Status.PASS),
        ("endpoint/*", Status.FAIL),
        ("endpoint/chur?-*", Status.FAIL),
        ("endpoint/*prod", Status.UNKNOWN),
    ],
)
def test_a_policy_that_singles_a_name_out_leaves_a_pattern_open(deny: str | None, status: Status) -> None:
    made = placed(draft_of(written({"EndpointName": UNKNOWN}), name_patterns={"EndpointName": "churn-*"}))
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    prefix = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}"
    more = [{"Effect": "Deny", "Action": "sagemaker:CreateEndpoint", "Resource": f"{prefix}:{deny}"}] if deny else []
    policies = [{"Version": "2012-10-17", "Statement": [allow, *more]}]

    assert statuses(checked(made, policies))["principal.allowed"] is status


def test_an_allow_of_a_part_of_the_pattern_is_not_enough() -> None:
    made = placed(draft_of(written({"EndpointName": UNKNOWN}), name_patterns={"EndpointName": "churn-*"}))
    part = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn-?"
    allow = {"Effect": "Allow", "Action": "*", "Resource": [part, made.endpoint_config_arn]}
    policies = [{"Version": "2012-10-17", "Statement": [allow]}]

    assert statuses(checked(made, policies))["principal.allowed"] is Status.UNKNOWN


def test_the_calls_of_cloudformation_come_through_it() -> None:
    by_stack, by_script, by_plan = (
        required(placed(draft_of(written(tool=tool))), "deploy")
        for tool in (Tool.CLOUDFORMATION, Tool.SDK, Tool.TERRAFORM)
    )

    for one in by_stack:
        assert one.request.context["aws:ViaAWSService"] is True
        assert one.request.context["aws:CalledVia"] == ["cloudformation.amazonaws.com"]
        assert one.request.context["aws:CalledViaLast"] == "cloudformation.amazonaws.com"
        assert "aws:SourceVpce" in one.request.absent
    for one in (*by_script, *by_plan):
        assert one.request.context["aws:ViaAWSService"] is False
        assert "aws:CalledVia" in one.request.absent
    actions = {one.request.action for one in by_script}
    for tool in (by_stack, by_plan):
        assert {one.request.action for one in tool} - actions == {"sagemaker:ListTags"}
        assert len([one for one in tool if one.request.action == "sagemaker:ListTags"]) == 2


@pytest.mark.parametrize("scope", ["create", "update", "deploy", "lifecycle"])
@pytest.mark.parametrize("tool", list(Tool))
def test_the_policy_of_each_tool_is_sufficient_and_minimal(tool: Tool, scope: str) -> None:
    made = placed(draft_of(written({"Tags": [{"Key": "team", "Value": "ml"}]}, tool=tool)))
    permissions, policy = required(made, scope), render_policy(made, scope).policy

    assert proofs.sufficient(policy, permissions, ALONE).status is Status.PASS
    assert proofs.minimal(policy, permissions, ALONE).status is Status.PASS


def test_tags_that_are_known_in_part() -> None:
    tags: RequestValue = [{"Key": "team", "Value": UNKNOWN}, {"Key": "cost", "Value": "7"}]
    made = placed(draft_of(written({"Tags": tags})))
    assert made.endpoint_request is not None
    assert made.endpoint_request.tags == Tags((Tag("team", UNKNOWN), Tag("cost", "7")))

    create = next(one.request for one in required(made) if one.request.resource == made.endpoint_arn)
    assert create.context["aws:TagKeys"] == ["team", "cost"]
    assert create.context["aws:RequestTag/cost"] == "7"
    assert "aws:RequestTag/team" not in create.context
    assert "!aws:RequestTag/team" in create.absent
    assert "sagemaker:AddTags" in {one.request.action for one in required(made)}
    odd = placed(draft_of(written({"Tags": [{"Key": UNKNOWN, "Value": "7"}]})))
    create = next(one.request for one in required(odd) if one.request.resource == made.endpoint_arn)
    assert not {"aws:TagKeys", "aws:RequestTag/*"} & {*create.context, *create.absent}


@pytest.mark.parametrize(
    ("endpoint", "config", "what"),
    [
        ({"Tags": UNKNOWN}, {}, "whether the endpoint has tags"),
        ({}, {"Tags": UNKNOWN}, "whether the endpoint config has tags"),
        ({}, {"ExecutionRoleArn": UNKNOWN}, "the execution role"),
        ({}, {"KmsKeyId": UNKNOWN}, "the volume key"),
    ],
)
def test_what_is_not_known_is_named_with_its_place(
    endpoint: dict[str, RequestValue], config: dict[str, RequestValue], what: str
) -> None:
    made = placed(draft_of(written(endpoint, config)))

    (one,) = made.unsettled
    assert (one.what, one.why) == (what, "is known only when the deployment is made")
    assert str(one.place).startswith("t.yaml, line ")
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    report = check_placed(
        PlacedDeployment(made, parse_options({"policies": [{"Version": "2012-10-17", "Statement": [allow]}]})), None
    )
    assert statuses(report)["principal.allowed"] is Status.UNKNOWN
    assert report.verdict.value == "unknown"


def test_what_asks_for_a_permission_is_named() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/service/sagemaker"
    made = placed(draft_of(written({"Tags": [{"Key": "a", "Value": "b"}]}, {"ExecutionRoleArn": role})))
    places = {one.request.action: str(one.where) for one in required(made)}

    assert places == {
        "sagemaker:CreateEndpointConfig": "t.yaml, line 9",
        "sagemaker:CreateEndpoint": "t.yaml, line 9",
        "sagemaker:AddTags": "t.yaml, line 3, Tags",
        "iam:PassRole": "t.yaml, line 9, ExecutionRoleArn",
    }
