"""Checks that the names of the models that the deployment makes are free: `model-name.ready`.

CreateModel refuses a name that is taken with "Cannot create already existing model"; a model cannot be changed
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import NotKnownError
from iamcheck.errors import AwsUnavailableError
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.aws.reads import RegionReads
    from iamcheck.deployment.features import ModelRequest

__all__ = ["ready"]

_ID: Final = CheckId.MODEL_NAME_READY


def ready(
    models: Sequence[ModelRequest], reads: RegionReads, *, of_a_stack: bool = False, deleted: Collection[str] = ()
) -> CheckResult:
    """Looks for the models.

    Args:
        models: The CreateModel requests of the deployment.
        reads: What the check reads of the Region.
        of_a_stack: Whether a stack is updated, which may have made the models that are there itself.
        deleted: Names of the models that the deployment deletes, as a plan does that replaces one: before or after it
            makes the new one, the plan does not say.

    Raises:
        NotKnownError: No name that is known is taken, and some are known only when the deployment is made.
        AwsUnavailableError: AWS could not be asked about a name, and none is known to be taken.
    """
    texts = (model.name for model in models)
    names = list(dict.fromkeys(name for name in texts if isinstance(name, str) and "*" not in name))
    answers = reads.side_by_side([partial(reads.model, name) for name in names])
    existing = [answer for answer in answers if answer is not None and not isinstance(answer, AwsUnavailableError)]
    gone = {name.lower() for name in deleted}
    taken = [answer for answer in existing if not of_a_stack and answer.text("ModelName").lower() not in gone]
    if taken:
        remedy = Remedy("a model cannot be changed: choose other names, or delete the models that exist")
        return CheckResult(_ID, Status.FAIL, _there(taken, names), _evidence(taken), remedy=remedy)
    for answer in answers:
        if isinstance(answer, AwsUnavailableError):
            raise answer
    if existing:
        summary = f"{_there(existing, names)}, and the deployment may keep or replace what it made itself"
        remedy = Remedy(f"where it does, leave the check out with --skip {_ID.value}; otherwise choose other names")
        return CheckResult(_ID, Status.UNKNOWN, summary, _evidence(existing), remedy=remedy)
    if len(names) < len({model.name for model in models}):
        raise NotKnownError("the name of a model is known only when the deployment is made", "give the name")
    notes = tuple(Evidence(note=f"DescribeModel: there is no model {name}") for name in names)
    return CheckResult(_ID, Status.PASS, f"the names of the models are free: {', '.join(names)}", notes)


def _there(answers: Sequence[AwsAnswer], names: Sequence[str]) -> str:
    taken = ", ".join(answer.text("ModelName") for answer in answers)
    return f"models exist already: {taken} ({len(answers)} of {len(names)})"


def _evidence(answers: Sequence[AwsAnswer]) -> tuple[Evidence, ...]:
    return tuple(
        Evidence(call=AwsCall(answer.operation, answer.endpoint or "", answer.text("ModelName"))) for answer in answers
    )
