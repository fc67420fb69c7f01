"""`model-name.ready`: free, taken, perhaps the deployment's own, not known, not readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.checks.plan import NotKnownError
from iamcheck.checks.sagemaker import model_name
from iamcheck.deployment.features import ModelRequest
from iamcheck.deployment.located import UNKNOWN
from iamcheck.errors import AwsUnavailableError
from tests.unit.checks import NO_ANSWERS, reads_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.deployment.unknown import Unknown
    from tests.server import LoopbackAws


def models(*names: str | Unknown) -> list[ModelRequest]:
    return [ModelRequest(name) for name in names]


@pytest.mark.parametrize(
    ("names", "there", "status", "says"),
    [
        (["a"], [], "pass", "the names of the models are free: a"),
        (["a", "b", "a"], ["c"], "pass", "are free: a, b"),
        (["a"], ["a"], "fail", "models exist already: a (1 of 1)"),
        (["a", "b"], ["b"], "fail", "models exist already: b (1 of 2)"),
        (["a", UNKNOWN], ["a"], "fail", "models exist already: a (1 of 1)"),
        (["churn-*", "b"], ["b"], "fail", "models exist already: b (1 of 1)"),
    ],
)
def test_names_of_models(
    aws: LoopbackAws, names: Sequence[str | Unknown], there: Sequence[str], status: str, says: str
) -> None:
    for name in there:
        aws.sagemaker.create_model(name)

    found = model_name.ready(models(*names), reads_of(aws))

    assert (found.id, found.status.value) == ("model-name.ready", status)
    assert says in found.summary
    assert (found.remedy is not None) is (status == "fail")
    assert set(aws.actions) == {"sagemaker:DescribeModel"}


@pytest.mark.parametrize("names", [[UNKNOWN], ["churn-*"], ["a", UNKNOWN]])
def test_names_that_are_made_up_later_are_not_known(aws: LoopbackAws, names: Sequence[str | Unknown]) -> None:
    with pytest.raises(NotKnownError, match="known only when the deployment is made"):
        model_name.ready(models(*names), reads_of(aws))


def test_a_model_that_the_deployment_may_have_made_itself_is_unknown(aws: LoopbackAws) -> None:
    aws.sagemaker.create_model("a")
    reads = reads_of(aws)

    of_a_stack = model_name.ready(models("a"), reads, of_a_stack=True)
    replaced = model_name.ready(models("a"), reads, deleted=("A",))
    other = model_name.ready(models("a"), reads, deleted=("b",))
    free = model_name.ready(models("c"), reads, of_a_stack=True)

    assert {of_a_stack.status.value, replaced.status.value} == {"unknown"}
    assert of_a_stack.remedy is not None
    assert "--skip model-name.ready" in of_a_stack.remedy.text
    assert (other.status.value, free.status.value) == ("fail", "pass")


@pytest.mark.parametrize("answer", NO_ANSWERS)
def test_what_is_no_answer_is_no_free_name(aws: LoopbackAws, answer: str) -> None:
    aws.hook("sagemaker:DescribeModel", NO_ANSWERS[answer])

    with pytest.raises(AwsUnavailableError):
        model_name.ready(models("a"), reads_of(aws))
