"""`request.valid`: every problem at once, with its path and its place."""

from __future__ import annotations

from iamcheck.checks.request_valid.check import request_valid
from iamcheck.deployment.located import UNKNOWN, unknown_request
from iamcheck.deployment.unsettled import OpenCause
from iamcheck.iam.model import Place
from iamcheck.results import Status
from tests.examples import config_of, endpoint_of, example, model_of


def test_what_aws_takes_passes() -> None:
    case = example("create_endpoint")

    result, assumptions = request_valid(
        endpoint_of(case["endpoint"]), config_of(case["config"]), [model_of(one) for one in case["models"]]
    )

    assert (result.id, result.status, result.evidence, assumptions) == ("request.valid", Status.PASS, (), ())


def test_every_problem_is_said_with_path_and_place() -> None:
    case = example("create_endpoint")
    case["endpoint"]["EndpointName"] = "a_b"
    case["endpoint"]["Tags"][2]["Key"] = "team"
    case["config"]["ProductionVariants"][0]["InitialInstanceCount"] = 0
    case["models"][0] = UNKNOWN

    result, assumptions = request_valid(
        endpoint_of(case["endpoint"]), config_of(case["config"]), [model_of(one) for one in case["models"]]
    )

    assert (result.status, assumptions) == (Status.FAIL, ())
    assert result.summary.startswith("EndpointName: 'a_b' does not match the pattern of EndpointName, ")
    assert result.summary.endswith(", and 2 more")
    notes = [str(one.note) for one in result.evidence]
    assert [note.partition(":")[0] for note in notes] == [
        "EndpointName (endpoint.json)",
        "Tags[2].Key (endpoint.json)",
        "ProductionVariants[0].InitialInstanceCount (config.json)",
    ]
    assert notes[2].endswith(
        "0 is out of bounds: the API takes 1 or more "
        "[https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html]"
    )
    assert result.remedy is not None


def test_what_cannot_be_judged_is_unknown() -> None:
    case = example("create_endpoint")
    case["config"]["ProductionVariants"][0]["InstanceType"] = UNKNOWN
    case["config"]["KmsKeyId"] = UNKNOWN

    result, assumptions = request_valid(None, config_of(case["config"]))

    assert result.status is Status.UNKNOWN
    assert result.summary == "ProductionVariants[0].InstanceType: known only when the deployment is made"
    assert len(result.evidence) == 1
    assert tuple(map(str, assumptions)) == (
        "KmsKeyId (config.json) is known only when the deployment is made, and is taken for valid",
    )


def test_one_cause_is_said_once_with_what_settles_it() -> None:
    place = Place("plan.json", path="aws_sagemaker_endpoint.e.endpoint_config_name")
    cause = OpenCause("it is made of random_pet.x.id", f"--set {place.path}=VALUE")

    result, _ = request_valid(None, unknown_request("CreateEndpointConfig", place, (cause,)))

    assert result.status is Status.UNKNOWN
    (evidence,) = result.evidence
    assert "known only when the deployment is made: it is made of random_pet.x.id (and with it " in str(evidence.note)
    assert result.remedy is not None
    assert result.remedy.text == f"give {cause.cure}"


def test_a_pass_says_which_texts_are_not_known_yet() -> None:
    case = example("create_endpoint")
    case["endpoint"]["EndpointName"] = UNKNOWN

    result, assumptions = request_valid(endpoint_of(case["endpoint"]), None)

    assert result.status is Status.PASS
    assert result.summary.startswith("as far as they are known (1 text is not), the requests are")
    assert [one.note for one in result.evidence] == [str(one) for one in assumptions]
    assert len(assumptions) == 1


def test_no_request_is_no_pass() -> None:
    assert request_valid(None, None)[0].status is Status.UNKNOWN


def test_a_request_that_is_no_object_is_named_by_its_operation() -> None:
    result, _ = request_valid(endpoint_of(["EndpointName"]), None)

    assert (result.status, result.summary) == (
        Status.FAIL,
        "CreateEndpoint: this is a list: the API takes an object here",
    )
