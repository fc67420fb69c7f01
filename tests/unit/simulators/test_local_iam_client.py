"""What makes LocalIAM a drop-in for a boto3 client: parameters, errors, pages, and what it does not import."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any, Literal

import pytest
from botocore.exceptions import ClientError, OperationNotPageableError, ParamValidationError
from botocore.model import ListShape, StringShape, StructureShape
from botocore.model import Shape as ModelShape
from botocore.paginate import Paginator as BotocorePaginator
from botocore.session import Session

from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Decision
from iamcheck.simulators.local_iam import LocalIAM
from iamcheck.simulators.local_iam.parameters import OPERATIONS, ParameterShape
from tests.unit.simulators.local_iam_cases import ACCOUNT, documents, local_iam, text

ARN = "arn:aws:s3:::b/k"
CALL: dict[str, Any] = {"PolicyInputList": [text("@allow_s3")], "ActionNames": ["s3:GetObject"], "ResourceArns": [ARN]}
MODEL = Session().get_service_model("iam")

# --- parameters


@pytest.mark.parametrize("operation", list(OPERATIONS))
def test_the_table_of_parameters_is_botocores_model(operation: str) -> None:
    model = MODEL.operation_model(operation).input_shape
    assert model is not None
    compare(OPERATIONS[operation], model)


def compare(ours: ParameterShape, model: ModelShape) -> None:
    assert ours.type is {"structure": dict, "list": list, "string": str, "integer": int}[model.type_name]
    assert (ours.minimum, ours.maximum) == (model.metadata.get("min"), model.metadata.get("max"))
    if isinstance(model, StructureShape):
        assert set(ours.members) == set(model.members)
        assert set(ours.required) == set(model.required_members)
        assert ours.union == model.is_tagged_union
        for name, member in model.members.items():
            compare(ours.members[name], member)
    elif isinstance(model, ListShape):
        assert ours.member is not None
        compare(ours.member, model.member)
    elif isinstance(model, StringShape):
        assert set(ours.enum) == set(model.enum)
        pattern = model.metadata.get("pattern", "")
        # IAM's message about names in exclusions shows a looser pattern than its service model has (observed)
        assert ours.pattern in (pattern, f".*{pattern}.*")


BAD: list[dict[str, Any]] = [
    {},
    {**CALL, "Unknown": "x"},
    {**CALL, "ActionNames": None},
    {**CALL, "ActionNames": "s3:GetObject"},
    {**CALL, "ActionNames": ["s3"]},
    {**CALL, "ActionNames": [1]},
    {**CALL, "PolicyInputList": [""]},
    {**CALL, "PolicyInputList": [{}]},
    {**CALL, "MaxItems": 0},
    {**CALL, "MaxItems": "1"},
    {**CALL, "Marker": ""},
    {**CALL, "ContextEntries": [{"ContextKeyName": "a:b"}]},
    {**CALL, "ContextEntries": [{"Name": "aws:username"}]},
    {**CALL, "ContextEntries": ["aws:username"]},
]
BAD_OF_A_PRINCIPAL: list[dict[str, Any]] = [
    {"PolicySourceArn": "short", "ActionNames": ["s3:GetObject"]},
    *(
        {"PolicySourceArn": "arn:aws:iam::123456789012:user/alice", "ActionNames": [], "PolicyExclusionList": [bad]}
        for bad in (
            {},
            {"PolicyType": "scp", "PolicyArn": "arn:aws:iam::123456789012:policy/p"},
            {"InlinePolicyIdentifier": {"PolicyName": "p", "AttachmentType": "user"}},
        )
    ),
]


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        *(("simulate_custom_policy", bad) for bad in BAD),
        *(("simulate_principal_policy", bad) for bad in BAD_OF_A_PRINCIPAL),
        ("get_context_keys_for_custom_policy", {}),
        ("get_context_keys_for_principal_policy", {"PolicyInputList": []}),
    ],
)
def test_what_botocore_refuses_is_refused_in_its_words(
    operation: str,
    parameters: dict[str, Any],
    unreachable_iam: Any,  # noqa: ANN401  a boto3 client
) -> None:
    with pytest.raises(ParamValidationError) as theirs:
        getattr(unreachable_iam, operation)(**parameters)
    with pytest.raises(ParamValidationError) as ours:
        getattr(LocalIAM(ACCOUNT), operation)(**parameters)
    assert str(ours.value) == str(theirs.value)


@pytest.fixture(scope="module")
def unreachable_iam() -> Any:  # noqa: ANN401  a boto3 client
    """A real client that fails before it sends anything."""
    return Session().create_client(
        "iam", "eu-west-1", endpoint_url="http://127.0.0.1:9", aws_access_key_id="x", aws_secret_access_key="x"
    )


def test_tuples_are_lists_as_for_botocore() -> None:
    given = {name: tuple(value) for name, value in CALL.items()}
    assert LocalIAM(ACCOUNT).simulate_custom_policy(**given) == LocalIAM(ACCOUNT).simulate_custom_policy(**CALL)


@pytest.mark.parametrize(
    ("given", "place", "constraint"),
    [
        ({"ActionNames": [f"s3:{'x' * 126}"]}, "actionNames.1.member", "have length less than or equal to 128"),
        ({"ResourceArns": [f"{ARN}{'x' * 2048}"]}, "resourceArns.1.member", "have length less than or equal to 2048"),
        ({"PolicyInputList": [" " * 131073]}, "policyInputList.1.member", "have length less than or equal to 131072"),
        ({"CallerArn": "x" * 2049}, "callerArn", "have length less than or equal to 2048"),
        ({"Marker": "\u0416"}, "marker", r"satisfy regular expression pattern: [\u0020-\u00FF]+"),
    ],
)
def test_what_is_above_a_limit_is_a_validation_error(given: dict[str, Any], place: str, constraint: str) -> None:
    with pytest.raises(ClientError) as raised:
        LocalIAM(ACCOUNT).simulate_custom_policy(**{**CALL, **given})
    assert raised.value.response["Error"]["Code"] == "ValidationError"
    failure = f"Value at '{place}' failed to satisfy constraint: Member must {constraint}"
    assert raised.value.response["Error"]["Message"] == f"1 validation error detected: {failure}"


def test_several_faults_are_counted() -> None:
    with pytest.raises(ClientError, match=r"2 validation errors detected: .*'actionNames\.1\.member'.*; .*'maxItems'"):
        LocalIAM(ACCOUNT).simulate_custom_policy(**{**CALL, "ActionNames": [f"s3:{'x' * 126}"], "MaxItems": 1001})


# --- errors


def test_errors_are_those_of_the_clients_exceptions() -> None:
    iam = LocalIAM(ACCOUNT)
    with pytest.raises(iam.exceptions.InvalidInputException) as raised:
        iam.simulate_custom_policy(**{**CALL, "ActionNames": ["GetObject"]})
    assert isinstance(raised.value, iam.exceptions.ClientError)
    assert raised.value.operation_name == "SimulateCustomPolicy"
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert iam.exceptions.from_code("NoSuchEntity") is iam.exceptions.NoSuchEntityException
    assert issubclass(iam.exceptions.PolicyEvaluationException, ClientError)
    with pytest.raises(AttributeError):
        _ = iam.exceptions.NoSuchException


def test_an_unknown_principal_is_404() -> None:
    iam = local_iam({})
    with pytest.raises(iam.exceptions.NoSuchEntityException) as raised:
        iam.get_context_keys_for_principal_policy(PolicySourceArn="arn:aws:iam::123456789012:group/nobody")
    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize("action", ["s3:*", "s3:Get?bject"])
def test_enforcement_knows_no_action_with_a_wildcard(action: str) -> None:
    with pytest.raises(ClientError, match="InvalidInput"):
        LocalIAM(ACCOUNT, semantics="live").simulate_custom_policy(**{**CALL, "ActionNames": [action]})


def test_a_caller_that_is_no_arn() -> None:
    with pytest.raises(ClientError, match="Invalid Entity Arn: alice does not clearly define entity type and name"):
        LocalIAM(ACCOUNT).simulate_custom_policy(**{**CALL, "CallerArn": "alice"})


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("PermissionsBoundaryPolicyInputList", ["{}"]),
        ("OrderedOrganizationPolicyInputList", [{"ServiceControlPolicyInputList": ["{}"]}]),
        ("ResourcePolicy", "{}"),
    ],
)
def test_bad_documents_are_refused_wherever_they_stand(name: str, given: object) -> None:
    with pytest.raises(ClientError, match="has invalid content"):
        LocalIAM(ACCOUNT).simulate_custom_policy(
            **{**CALL, "CallerArn": "arn:aws:iam::123456789012:user/alice", name: given}
        )


def test_arguments_of_the_client_itself() -> None:
    for bad in ("12345678901", "x" * 12):
        with pytest.raises(InvalidInputError, match="12 digits"):
            LocalIAM(bad)
    with pytest.raises(InvalidInputError, match="simulator"):
        LocalIAM(ACCOUNT, semantics="both")
    with pytest.raises(InvalidInputError, match=r"scps\[1\].*FullAWSAccess"):
        LocalIAM(ACCOUNT, scps=[[documents("@allow_all")], []])
    for level in (documents("@allow_all"), text("@allow_all")):
        with pytest.raises(InvalidInputError, match=r"scps\[0\]: a level is a list of at least one policy"):
            LocalIAM(ACCOUNT, scps=[level])
    with pytest.raises(InvalidInputError, match=r"scps\[0\]\[1\]"):
        LocalIAM(ACCOUNT, scps=[[documents("@allow_all"), "{"]])


# --- pages

ACTIONS = [f"s3:Action{number}" for number in range(7)]
PAGINATIONS = [
    {},
    {"PageSize": 3},
    {"PageSize": 7},
    {"MaxItems": 4, "PageSize": 3},
    {"MaxItems": 6, "PageSize": 3},
    {"MaxItems": 7, "PageSize": 3},
    {"MaxItems": 2},
    {"MaxItems": "2", "PageSize": "1"},
    {"StartingToken": "5"},
    {"StartingToken": "5", "PageSize": 1, "MaxItems": 1},
]


@pytest.mark.parametrize("config", PAGINATIONS)
def test_pages_are_botocores(config: dict[str, Any]) -> None:
    iam = LocalIAM(ACCOUNT)
    rules = Session().get_component("data_loader").load_service_model("iam", "paginators-1")["pagination"]
    model = MODEL.operation_model("SimulateCustomPolicy")
    method: Any = iam.simulate_custom_policy  # botocore's stubs ask for a name
    theirs: Any = BotocorePaginator(method, rules["SimulateCustomPolicy"], model)
    ours = iam.get_paginator("simulate_custom_policy")
    while True:
        call = {**CALL, "ActionNames": ACTIONS, "PaginationConfig": config}
        assert list(ours.paginate(**call)) == list(theirs.paginate(**call))
        full = ours.paginate(**call).build_full_result()
        assert full == theirs.paginate(**call).build_full_result()
        if "NextToken" not in full:
            break
        config = {**config, "StartingToken": full["NextToken"]}


def test_other_ways_to_read_pages() -> None:
    pages = LocalIAM(ACCOUNT).get_paginator("simulate_custom_policy").paginate(**{**CALL, "ActionNames": ACTIONS})
    (results,) = pages.result_key_iters()
    assert [result["EvalActionName"] for result in results] == ACTIONS
    assert list(pages.search("EvaluationResults[].EvalActionName")) == ACTIONS
    assert list(pages.search("IsTruncated")) == [False]


def test_what_has_pages() -> None:
    iam = LocalIAM(ACCOUNT)
    assert iam.can_paginate("simulate_principal_policy")
    assert not iam.can_paginate("get_context_keys_for_custom_policy")
    with pytest.raises(OperationNotPageableError):
        iam.get_paginator("get_context_keys_for_custom_policy")


# --- context keys


def test_context_keys_of_policies() -> None:
    keys = LocalIAM(ACCOUNT).get_context_keys_for_custom_policy(PolicyInputList=[text("@keys"), text("@bool_false")])
    assert set(keys["ContextKeyNames"]) == {
        "aws:username",
        "aws:RequestedRegion",
        "aws:PrincipalTag/team",
        "aws:ResourceTag/team",
        "AWS:SecureTransport",
        "aws:SecureTransport",
    }
    assert keys["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_variables_of_the_older_version_are_literal() -> None:
    policy = {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${aws:username}"}]}
    keys = LocalIAM(ACCOUNT).get_context_keys_for_custom_policy(PolicyInputList=[json.dumps(policy)])
    assert keys["ContextKeyNames"] == []


def test_context_keys_of_a_principal_are_those_of_its_identity_policies_and_of_the_call() -> None:
    iam = local_iam({})
    keys = iam.get_context_keys_for_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:user/alice", PolicyInputList=[text("@numeric")]
    )
    assert keys["ContextKeyNames"] == ["s3:max-keys"]


# --- beyond boto3


def test_evaluations_say_what_the_simulator_hides() -> None:
    deny = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    }
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}, deny]}
    )
    call: dict[str, Any] = {
        "PolicyInputList": [policy],
        "ActionNames": ["s3:GetObject", "s3:PutObject"],
        "ResourceArns": [ARN],
    }
    iam = LocalIAM(ACCOUNT)
    first, second = iam.evaluations(**call)
    assert (first.request.action, second.request.action) == ("s3:GetObject", "s3:PutObject")
    assert (first.decision, first.certain, first.open_keys) == (
        Decision.ALLOWED,
        False,
        frozenset({"aws:multifactorauthpresent"}),
    )
    assert all(each.certain for each in iam.evaluations(**call, absent=["aws:MultiFactorAuthPresent"]))


def test_a_simulation_is_decided_once_and_shown_in_awss_shape() -> None:
    iam = LocalIAM(ACCOUNT)
    simulation = iam.simulation(**{**CALL, "ActionNames": ACTIONS, "MaxItems": 2})
    assert len(simulation.evaluations()) == len(ACTIONS)
    results = simulation.results(simulation.evaluations())
    assert results[:2] == iam.simulate_custom_policy(**{**CALL, "ActionNames": ACTIONS[:2]})["EvaluationResults"]


def test_a_key_that_is_filled_in_can_be_declared_absent() -> None:
    call = {**CALL, "PolicyInputList": [text("@no_user_name")], "CallerArn": "arn:aws:iam::123456789012:user/alice"}
    (evaluation,) = LocalIAM(ACCOUNT).evaluations(**call, absent=["aws:UserName"])
    assert evaluation.decision is Decision.ALLOWED


# --- live semantics


def test_live_semantics_are_those_of_enforcement() -> None:
    call = {**CALL, "PolicyInputList": [text("@allow_all")], "ActionNames": ["lambda:CreateFunction"]}
    (simulated,) = LocalIAM(ACCOUNT).simulate_custom_policy(**call)["EvaluationResults"]
    (live,) = LocalIAM(ACCOUNT, semantics="live").simulate_custom_policy(**call)["EvaluationResults"]
    assert (simulated["EvalDecision"], live["EvalDecision"]) == ("implicitDeny", "allowed")


@pytest.mark.parametrize(("semantics", "missing"), [("simulator", []), ("live", ["aws:PrincipalTag/team"])])
def test_live_no_type_of_a_resource_hides_the_missing_keys(
    semantics: Literal["simulator", "live"], missing: list[str]
) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "ml"}}
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    (result,) = LocalIAM(ACCOUNT, semantics=semantics).simulate_custom_policy(
        PolicyInputList=[json.dumps({"Version": "2012-10-17", "Statement": [statement]})],
        ActionNames=["sagemaker:CreateEndpoint"],
        ResourceArns=[f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/churn"],
    )["EvaluationResults"]
    assert (result["EvalDecision"], result.get("MissingContextValues", [])) == ("implicitDeny", missing)


def test_live_the_stub_user_id_is_nobodys() -> None:
    call = {**CALL, "PolicyInputList": [text("@needs_user_id")]}
    (evaluation,) = LocalIAM(ACCOUNT, semantics="live").evaluations(**call)
    assert (evaluation.decision, evaluation.open_keys) == (Decision.IMPLICIT_DENY, frozenset({"aws:userid"}))


def test_live_the_callers_keys_are_its_own() -> None:
    call = {**CALL, "PolicyInputList": [text("@no_user_name")], "CallerArn": "arn:aws:iam::123456789012:user/alice"}
    (evaluation,) = LocalIAM(ACCOUNT, semantics="live").evaluations(**call)
    assert (evaluation.decision, evaluation.certain) == (Decision.IMPLICIT_DENY, True)


# --- start-up


def test_a_simulation_loads_no_botocore() -> None:
    program = (
        "import sys; from iamcheck.simulators.local_iam import LocalIAM;"
        f"iam = LocalIAM({ACCOUNT!r}); call = {CALL!r};"
        "iam.simulate_custom_policy(**call);"
        "list(iam.get_paginator('simulate_custom_policy').paginate(**call));"
        "print([name for name in sys.modules if name.split('.')[0] in ('botocore', 'boto3', 'jmespath')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"\[\]\s*", done.stdout)
