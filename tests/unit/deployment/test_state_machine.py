"""The deployments that a Step Functions state machine makes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.deployment.state_machine import read_state_machine, state_machine_deployments
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.located import WrittenDeployment

FILE = Place("machine.asl.json")
ROLE = "arn:aws:iam::123456789012:role/machine"
VARIANT = {"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}


def task(resource: str, parameters: object = None, **more: object) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True, **more}
    return state if parameters is None else {**state, "Parameters": parameters}


MODEL = task("sagemaker:createModel", {"ModelName": "m", "ExecutionRoleArn": ROLE})
CONFIG = task("sagemaker:createEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": [VARIANT]})
ENDPOINT = task("sagemaker:createEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"})


def machine(states: Mapping[str, object], **more: object) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **more}


def read(document: object, **values: str) -> tuple[WrittenDeployment, ...]:
    found = read_state_machine(json.dumps(document, indent=1), FILE)
    assert found is not None
    return state_machine_deployments(found, values={key.replace("__", "."): value for key, value in values.items()})


def value(request: Any, name: str) -> Any:  # noqa: ANN401  of any kind
    return request.root.get(name).value


def test_tasks_become_a_deployment_with_the_lines_of_the_file() -> None:
    (found,) = read(machine({"Model": MODEL, "Config": CONFIG, "Endpoint": ENDPOINT}))

    assert (value(found.endpoint, "EndpointName"), value(found.config, "EndpointConfigName")) == ("e", "c")
    assert [value(one, "ModelName") for one in found.created_models] == ["m"]
    assert found.created_models == found.models
    assert found.endpoint is not None
    assert found.endpoint.place.line is not None
    assert found.label == "machine.asl.json: Endpoint"
    assert found.caller is not None
    assert (found.caller.principal, found.caller.called_via) == (UNKNOWN, ())


@pytest.mark.parametrize(
    "prefix", ["arn:aws:states:::sagemaker:", "arn:aws:states:::aws-sdk:sagemaker:", "arn:aws-cn:states:::sagemaker:"]
)
def test_optimized_and_sdk_integrations_are_the_same_call(prefix: str) -> None:
    (found,) = read(machine({"E": {**ENDPOINT, "Resource": f"{prefix}createEndpoint"}}))

    assert value(found.endpoint, "EndpointName") == "e"


def test_tasks_of_branches_and_loops_are_found() -> None:
    nested = {
        "Both": {"Type": "Parallel", "Branches": [machine({"C": CONFIG}), machine({"M": MODEL})], "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": machine({"Inner": {"Type": "Map", "Iterator": machine({"E": ENDPOINT})}}),
        },
    }

    (found,) = read(machine(nested))

    assert (found.config is not None, len(found.models), found.label) == (True, 1, "machine.asl.json: E")


def test_paths_and_expressions_are_open_and_a_format_is_known_in_part() -> None:
    parameters = {
        "EndpointName.$": "States.Format('churn-{}', $.version)",
        "EndpointConfigName.$": "$.config",
        "Tags": [{"Key": "team", "Value.$": "$.team"}],
    }
    (found,) = read(machine({"E": task("sagemaker:createEndpoint", parameters)}))
    (set_,) = read(machine({"E": task("sagemaker:createEndpoint", parameters)}), E__EndpointConfigName="c")

    assert value(found.endpoint, "EndpointName") == Pattern("churn-*")
    assert value(found.endpoint, "EndpointConfigName") is UNKNOWN
    assert found.endpoint is not None
    tags = found.endpoint.root.get("Tags")
    assert tags is not None
    assert [one.value for one in tags.items()[0].value.values()] == ["team", UNKNOWN]  # type: ignore[union-attr]
    (cause,) = found.endpoint.root.get("EndpointConfigName").causes  # type: ignore[union-attr]
    assert (cause.text, cause.cure) == (
        "$.config gives it when the state machine runs",
        "--set 'E.EndpointConfigName=VALUE'",
    )
    assert value(set_.endpoint, "EndpointConfigName") == "c"


@pytest.mark.parametrize("top", [True, False])
def test_arguments_of_jsonata(top: bool) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sagemaker:createEndpoint",
        "Arguments": {"EndpointName": "{% 'churn-' & $states.input.v %}", "EndpointConfigName": "c"},
    }
    language = {"QueryLanguage": "JSONata"}
    document = machine({"E": state}, **language) if top else machine({"E": {**state, **language}})

    (found,) = read(document)

    assert value(found.endpoint, "EndpointName") == Pattern("churn-*")
    assert value(found.endpoint, "EndpointConfigName") == "c"


@pytest.mark.parametrize(
    ("expression", "known"),
    [
        ("{% 'churn' %}", "churn"),
        ("{%'churn-'&$v&\"-b\"%}", Pattern("churn-*-b")),
        ("{% $states.input.stage & '-churn' %}", Pattern("*-churn")),
        ("{% $v & $w %}", UNKNOWN),
        ("{% '*-' & $v %}", UNKNOWN),
        ("{% 'a' & $v ? 'b' : 'c' %}", UNKNOWN),
        ("{% 'a' & $uppercase('b') %}", UNKNOWN),
        ("{% 'it\\'s' %}", UNKNOWN),
    ],
)
def test_texts_that_jsonata_joins_are_known_in_part(expression: str, known: object) -> None:
    arguments = {"EndpointName": expression, "EndpointConfigName": "c"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createEndpoint"}
    (jsonata,) = read(machine({"E": {**state, "Arguments": arguments}}, QueryLanguage="JSONata"))
    (jsonpath,) = read(machine({"E": {**state, "Parameters": arguments}}))

    assert value(jsonata.endpoint, "EndpointName") == known
    assert value(jsonpath.endpoint, "EndpointName") is UNKNOWN


@pytest.mark.parametrize(
    "state",
    [
        task("sagemaker:createEndpoint"),
        {
            **{"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createEndpoint", "QueryLanguage": "JSONata"},
            "Arguments": "{% $states.input %}",
        },
    ],
)
def test_parameters_that_are_the_whole_input_may_be_anything(state: dict[str, object]) -> None:
    (found,) = read(machine({"E": state}))

    assert value(found.endpoint, "EndpointName") is UNKNOWN
    assert value(found.endpoint, "Tags") is UNKNOWN


def test_names_that_come_from_the_same_path_are_the_same() -> None:
    config = task("sagemaker:createEndpointConfig", {"EndpointConfigName.$": "$.c", "ProductionVariants": [VARIANT]})
    other = task("sagemaker:createEndpointConfig", {"EndpointConfigName.$": "$.d", "ProductionVariants": [VARIANT]})
    endpoint = task("sagemaker:createEndpoint", {"EndpointName": "e", "EndpointConfigName.$": "$.c"})

    (linked,) = read(machine({"O": other, "C": config, "E": endpoint}))
    (only,) = read(machine({"O": other, "E": endpoint}))
    (open_,) = read(machine({"O": other, "P": other, "E": endpoint}))

    assert linked.config is not None
    assert linked.config.place.path == "States.C"
    assert (linked.config_is_open, linked.assumptions) == (False, ())
    assert only.config is not None
    assert len(only.assumptions) == 1
    assert open_.config_is_open


def test_what_describe_state_machine_prints_names_the_role_and_the_place() -> None:
    described = {
        "stateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:deploy",
        "name": "deploy",
        "definition": json.dumps(machine({"C": CONFIG, "E": ENDPOINT})),
        "roleArn": ROLE,
    }
    (found,) = read(described)

    assert found.caller is not None
    assert (found.caller.principal, found.region, found.account_id) == (ROLE, "eu-west-1", "123456789012")
    assert found.endpoint is not None
    assert (found.endpoint.place.line, found.endpoint.place.path) == (None, "definition.States.E")


@pytest.mark.parametrize(
    ("of_config", "expected"),
    [({"RoleArn": f"{ROLE}-2"}, f"{ROLE}-2"), ({"RoleArn.$": "$.r"}, UNKNOWN), (None, UNKNOWN)],
)
def test_credentials_of_tasks_say_who_calls(of_config: dict[str, str] | None, expected: object) -> None:
    endpoint = {**ENDPOINT, "Credentials": {"RoleArn": f"{ROLE}-2"}}
    config = CONFIG if of_config is None else {**CONFIG, "Credentials": of_config}

    (found,) = read(machine({"C": config, "E": endpoint}))

    assert found.caller is not None
    assert found.caller.principal == expected


def test_other_tasks_are_listed() -> None:
    states = {
        "L": task("lambda:invoke", {"FunctionName": "f"}),
        "F": {"Type": "Task", "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:f"},
        "T": task("sagemaker:createTrainingJob.sync", {"TrainingJobName": "t"}),
        "E": task("sagemaker:createEndpoint.sync", {"EndpointName": "e", "EndpointConfigName": "c"}),
        "D": task("aws-sdk:sagemaker:describeEndpoint", {"EndpointName": "e"}),
        "S": task(
            "aws-sdk:applicationautoscaling:registerScalableTarget",
            {
                "ServiceNamespace": "sagemaker",
                "ResourceId": "endpoint/e/variant/a",
                "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
            },
        ),
        "X": task("sagemaker:deleteEndpoint", {"EndpointName": "old"}),
        "W": {"Type": "Wait", "Seconds": 1},
    }
    (found,) = read(machine(states))

    assert [one.what for one in found.not_covered] == [
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "sagemaker:CreateEndpoint.sync",
        "lambda:Invoke",
        "sagemaker:CreateTrainingJob",
        "sagemaker:DescribeEndpoint",
    ]
    assert [one.operation for one in found.resources] == ["RegisterScalableTarget"]
    assert [(one.operation, one.name) for one in found.deletes] == [("DeleteEndpoint", "old")]


def test_scaling_of_another_service_is_not_deleted_by_the_deployment() -> None:
    target = {"ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount", "ServiceNamespace": "ecs"}
    states = {
        "E": task("sagemaker:createEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
        "X": task("aws-sdk:applicationautoscaling:deregisterScalableTarget", target),
    }
    (found,) = read(machine(states))
    assert (found.deletes, found.unsettled) == ((), ())
    assert [(one.what, one.why[-5:]) for one in found.not_covered] == [
        ("application-autoscaling:DeregisterScalableTarget", "(ecs)")
    ]


DEREGISTERED = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/old/variant/a"}


@pytest.mark.parametrize(
    ("delete", "what", "cure"),
    [
        (
            task("sagemaker:deleteEndpoint", {"EndpointName.$": "$.old"}),
            "the name of what DeleteEndpoint deletes",
            "give --set 'X.EndpointName=VALUE'",
        ),
        (
            task("sagemaker:deleteEndpointConfig", {"EndpointConfigName.$": "States.Format('c-{}', $.n)"}),
            "the name of what DeleteEndpointConfig deletes",
            "give --set 'X.EndpointConfigName=VALUE'",
        ),
        (
            task(
                "aws-sdk:applicationautoscaling:deregisterScalableTarget",
                {**DEREGISTERED, "ScalableDimension.$": "$.dimension"},
            ),
            "the ScalableDimension of what DeregisterScalableTarget deletes",
            "give --set 'X.ScalableDimension=VALUE'",
        ),
        (
            task("aws-sdk:applicationautoscaling:deregisterScalableTarget", DEREGISTERED),
            "the ScalableDimension of what DeregisterScalableTarget deletes",
            "write it there, or give --only endpoint",
        ),
        (
            {key: value for key, value in task("sagemaker:deleteModel", {}).items() if key != "Parameters"},
            "the name of what DeleteModel deletes",
            "write it there, or give --only endpoint",
        ),
    ],
)
def test_what_is_deleted_is_open_where_nobody_can_ask_about_it(
    delete: Mapping[str, object], what: str, cure: str
) -> None:
    states = {
        "E": task("sagemaker:createEndpoint", {"EndpointName": "e", "EndpointConfigName": "c"}),
        "X": delete,
    }
    (found,) = read(machine(states))
    assert [(one.what, one.cure) for one in found.unsettled] == [(what, cure)]


@pytest.mark.parametrize(
    ("states", "values", "said"),
    [
        ({"L": task("lambda:invoke", {})}, {}, "no task makes or updates an endpoint"),
        ({"E": ENDPOINT}, {"E__EndpointName": "x"}, "no task leaves 'E.EndpointName' open"),
        ({"E": task("sagemaker:createEndpoint", {"EndpointNam": "e"})}, {}, "no member 'EndpointNam'"),
        ({"E": ENDPOINT, "X": []}, {}, "this is no state"),
        ({"E": ENDPOINT, "X": {**CONFIG, "Type": "task"}}, {}, "this is no state"),
        ({"E": ENDPOINT, "X": {"Type": "Map", "ItemProcessor": [CONFIG]}}, {}, "there are no States"),
        ({"E": ENDPOINT, "X": {"Type": "Parallel", "Branches": machine({"C": CONFIG})}}, {}, "this is no list"),
        ({"E": ENDPOINT, "X": {"Type": "Parallel", "Branches": ["C"]}}, {}, "there are no States"),
    ],
)
def test_what_cannot_be_asked_about_is_refused(states: dict[str, Any], values: dict[str, str], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        read(machine(states), **values)


def test_a_definition_that_is_no_json_is_refused_with_its_place() -> None:
    with pytest.raises(InvalidInputError, match=r"machine.asl.json, definition: the definition is no JSON object"):
        read_state_machine(json.dumps({"definition": "{StartAt", "roleArn": ROLE}), FILE)


@pytest.mark.parametrize("text", ["StartAt: A", '{"Resources": {"StartAt": {}}}', "{StartAt", '["StartAt"]'])
def test_what_is_no_state_machine_is_left_to_other_readers(text: str) -> None:
    assert read_state_machine(text, FILE) is None


def test_values_that_are_given_are_numbers_where_the_api_takes_numbers() -> None:
    variant = {"VariantName": "a", "InitialInstanceCount.$": "$.n", "InitialVariantWeight.$": "$.w"}
    config = task("sagemaker:createEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": [variant]})
    given = {
        "C__ProductionVariants[0]__InitialInstanceCount": "2",
        "C__ProductionVariants[0]__InitialVariantWeight": "0.5",
    }

    (found,) = read(machine({"C": config}), **given)

    assert found.config is not None
    variants = found.config.root.get("ProductionVariants")
    assert variants is not None
    item = variants.items()[0]
    assert [item.get(name).value for name in ("InitialInstanceCount", "InitialVariantWeight")] == [2, 0.5]  # type: ignore[union-attr]


def other_config(**members: object) -> dict[str, Any]:
    return task(
        "sagemaker:createEndpointConfig", {"EndpointConfigName": "c", "ProductionVariants": [VARIANT], **members}
    )


def test_which_of_two_endpoint_configs_of_one_name_is_made_is_open_where_they_differ() -> None:
    """A Choice makes one of them."""
    (found,) = read(machine({"C": CONFIG, "D": other_config(KmsKeyId="alias/k"), "E": ENDPOINT}))

    assert found.config_is_open
    assert [one.what for one in found.unsettled] == ["which endpoint config the endpoint has"]
    assert "States.C and machine.asl.json, line " in found.unsettled[0].why
    (same,) = read(machine({"C": CONFIG, "D": other_config(), "E": ENDPOINT}))
    assert (same.config_is_open, same.unsettled) == (False, ())


def test_an_endpoint_config_that_cannot_be_told_is_not_settled() -> None:
    open_name = task("sagemaker:createEndpointConfig", {"EndpointConfigName.$": "$.name", "ProductionVariants": []})
    other = task("sagemaker:createEndpointConfig", {"EndpointConfigName": "d", "ProductionVariants": []})
    (found,) = read(machine({"C": open_name, "D": other, "E": ENDPOINT}))

    (open_,) = found.unsettled
    assert open_.what == "which endpoint config the endpoint has"
    assert open_.cure == "give --set 'C.EndpointConfigName=VALUE'"


@pytest.mark.parametrize(("of_config", "of_endpoint"), [("name", "name.$"), ("name.$", "name")])
def test_an_endpoint_config_whose_name_may_be_another_is_not_taken_for_the_endpoints(
    of_config: str, of_endpoint: str
) -> None:
    """What the input of a run names may exist already, with whatever is in it."""
    names = {"name": {"EndpointConfigName": "c"}, "name.$": {"EndpointConfigName.$": "$.name"}}
    config = task("sagemaker:createEndpointConfig", {**names[of_config], "ProductionVariants": [VARIANT]})
    endpoint = task("sagemaker:createEndpoint", {**names[of_endpoint], "EndpointName": "e"})
    (found,) = read(machine({"C": config, "E": endpoint}))
    key = f"{'E' if of_endpoint == 'name.$' else 'C'}__EndpointConfigName"
    (settled,) = read(machine({"C": config, "E": endpoint}), **{key: "c"})

    assert found.config_is_open
    assert found.unsettled[0].cure == f"give --set '{key.replace('__', '.')}=VALUE'"
    assert (settled.config_is_open, settled.unsettled, settled.assumptions) == (False, (), ())


def test_names_that_differ_in_capitals_alone_may_be_the_same() -> None:
    endpoint = task("sagemaker:createEndpoint", {"EndpointName": "e", "EndpointConfigName": "C"})
    (found,) = read(machine({"C": CONFIG, "E": endpoint}))
    (other,) = read(machine({"C": other_config(EndpointConfigName="d"), "E": endpoint}))

    assert found.config_is_open
    assert found.unsettled[0].cure == "give one spelling of the name in both"
    assert (other.config_is_open, other.config_exists) == (False, True)


def test_what_a_distributed_map_and_credentials_need_is_listed() -> None:
    role = {"RoleArn": ROLE}
    inner = machine({"E": {**ENDPOINT, "Credentials": role}}, ProcessorConfig={"Mode": "DISTRIBUTED"})
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
    (distributed,) = read(machine({"M": {"Type": "Map", "ItemProcessor": inner}}))
    (reading,) = read(machine({"M": {"Type": "Map", "ItemReader": reader, "ItemProcessor": machine({"E": ENDPOINT})}}))
    (plain,) = read(machine({"M": {"Type": "Map", "ItemProcessor": machine({"E": ENDPOINT})}}))

    assert [one.what for one in distributed.not_covered] == ["states:StartExecution", "sts:AssumeRole"]
    assert [one.what for one in reading.not_covered] == ["states:StartExecution"]
    assert plain.not_covered == ()


def credentials(account: str) -> dict[str, Any]:
    return {"Credentials": {"RoleArn": f"arn:aws:iam::{account}:role/tasks"}}


@pytest.mark.parametrize(
    ("config_role", "endpoint_role", "account", "is_one"),
    [
        ({}, {}, "123456789012", True),
        (credentials("123456789012"), credentials("123456789012"), "123456789012", True),
        (credentials("111122223333"), credentials("111122223333"), "111122223333", True),
        (credentials("111122223333"), {}, None, False),
        (credentials("111122223333"), credentials("123456789012"), None, False),
        ({"Credentials": {"RoleArn.$": "$.role"}}, {}, "123456789012", True),
    ],
)
def test_the_account_is_that_of_the_roles_whose_calls_are_asked_about(
    config_role: dict[str, Any], endpoint_role: dict[str, Any], account: str | None, *, is_one: bool
) -> None:
    definition = machine({"C": {**CONFIG, **config_role}, "E": {**ENDPOINT, **endpoint_role}})
    arn = "arn:aws:states:eu-west-1:123456789012:stateMachine:deploy"
    (found,) = read({"definition": json.dumps(definition), "roleArn": ROLE, "stateMachineArn": arn})

    assert found.account_id == account
    assert [one.what for one in found.unsettled] == ([] if is_one else ["the account"])


def test_what_scales_another_service_is_named_and_no_part_of_the_endpoint() -> None:
    scaling = {"ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount"}
    target = task("aws-sdk:applicationautoscaling:registerScalableTarget", scaling)
    (found,) = read(machine({"T": target, "C": CONFIG, "E": ENDPOINT}))

    assert found.resources == ()
    assert [(one.what, "(ecs)" in one.why) for one in found.not_covered] == [
        ("application-autoscaling:RegisterScalableTarget", True)
    ]
