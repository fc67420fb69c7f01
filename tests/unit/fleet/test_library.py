"""`check_all` gives the same reports wherever the checks run."""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest

import iamcheck
from iamcheck.errors import AwsUnavailableError, InvalidInputError, TemplateError
from tests.documents import allow, deny, document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Executor

ACCOUNT = "123456789012"
POLICY = document(allow("sagemaker:*"), deny("*", "*", Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))


def deployments() -> list[iamcheck.Deployment]:
    return [
        iamcheck.Deployment(f"e-{n % 5}", "c", region=("eu-west-1", "us-east-1")[n % 2], account_id=ACCOUNT)
        for n in range(40)
    ]


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.fixture(params=["threads", "processes"])
def executor(request: pytest.FixtureRequest) -> Iterator[Executor]:
    if request.param == "processes":
        yield request.getfixturevalue("processes")
    else:
        with ThreadPoolExecutor(3) as pool:
            yield pool


def test_an_executor_changes_no_report(executor: Executor) -> None:
    options: dict[str, Any] = {"offline": True, "policies": [POLICY], "scps": [[document(allow("*"))]]}
    serial = iamcheck.check_all(deployments(), **options)
    assert iamcheck.check_all(iter(deployments()), executor=executor, **options).to_dict() == serial.to_dict()


def test_a_row_may_have_keywords_of_its_own(executor: Executor) -> None:
    rows = [{"deployment": one, "absent": ["aws:MultiFactorAuthPresent"]} for one in deployments()[:4]]
    rows += [{"deployment": one} for one in deployments()[:2]]
    serial = iamcheck.check_all(rows, offline=True, policies=[POLICY])
    assert [str(report.verdict) for report in serial.reports] == ["pass"] * 4 + ["unknown"] * 2
    assert iamcheck.check_all(rows, executor=executor, offline=True, policies=[POLICY]).to_dict() == serial.to_dict()


def test_what_is_wrong_with_a_row_is_said_with_its_number(executor: Executor) -> None:
    rows: list[Any] = [deployments()[0], {"absent": []}]
    for pool in (None, executor):
        with pytest.raises(InvalidInputError, match="row 2: it has no deployment"):
            iamcheck.check_all(rows, executor=pool, offline=True)


def test_a_client_cannot_be_sent_to_another_process(processes: Executor) -> None:
    iam = iamcheck.LocalIAM(account_id=ACCOUNT)
    iam.cannot = lambda: None  # type: ignore[attr-defined]
    with pytest.raises(InvalidInputError, match="cannot be sent to other processes"):
        iamcheck.check_all(deployments(), executor=processes, offline=True, iam=iam)


@pytest.mark.parametrize(
    "error",
    [
        InvalidInputError("it is empty", where="--scope", cure="leave it out"),
        AwsUnavailableError("no answer", operation="sts:GetCallerIdentity", endpoint="https://x", code="Timeout"),
        TemplateError("it does not render"),
    ],
)
def test_an_error_arrives_from_another_process_as_it_was(error: Exception) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert (type(arrived), str(arrived), vars(arrived)) == (type(error), str(error), vars(error))
