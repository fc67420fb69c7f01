"""Checks that the models that the variants name exist: `models.exist`.

CreateEndpointConfig refuses a variant whose model does not exist
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from iamcheck.checks.plan import NotKnownError
from iamcheck.errors import AwsUnavailableError
from iamcheck.results import AwsCall, CheckId, CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.reads import RegionReads
    from iamcheck.deployment.features import ProductionVariant

__all__ = ["exist"]

_ID: Final = CheckId.MODELS_EXIST


def exist(
    variants: Sequence[ProductionVariant], reads: RegionReads, created: frozenset[str] = frozenset()
) -> CheckResult:
    """Looks for the models.

    Args:
        variants: The variants of the endpoint.
        reads: What the check reads of the Region.
        created: Names of the models that the deployment makes, which need not be there yet.

    Raises:
        NotKnownError: No variant names a model.
        AwsUnavailableError: AWS could not be asked about a model, and none is known to be missing.
    """
    named = list(dict.fromkeys(variant.model_name for variant in variants if isinstance(variant.model_name, str)))
    names = [name for name in named if name not in created]
    later = [
        variant
        for variant in variants
        if variant.has_instance_pools or not isinstance(variant.model_name, (str, type(None)))
    ]
    if named and not names and not later:
        return CheckResult(_ID, Status.PASS, f"the deployment makes the models: {', '.join(named)}")
    if not names and not later:
        raise NotKnownError(
            "the variants name no models: each inference component names its own model", "check those models by name"
        )
    answers = reads.side_by_side([partial(reads.model, name) for name in names])
    missing = [name for name, answer in zip(names, answers, strict=True) if answer is None]
    evidence = [Evidence(note=f"DescribeModel: there is no model {name}") for name in missing]
    for answer in answers:
        if answer is not None and not isinstance(answer, AwsUnavailableError):
            evidence.append(Evidence(call=AwsCall(answer.operation, answer.endpoint or "", answer.text("ModelName"))))
    if missing:
        summary = f"models not found: {', '.join(missing)} ({len(missing)} of {len(names)})"
        return CheckResult(
            _ID,
            Status.FAIL,
            summary,
            tuple(evidence),
            remedy=Remedy("create them first, or name others"),
        )
    for answer in answers:
        if isinstance(answer, AwsUnavailableError):
            raise answer
    if later:
        summary = (
            "which models the endpoint will have is known only in part: some are named later, or in instance pools"
        )
        return CheckResult(_ID, Status.UNKNOWN, summary, tuple(evidence))
    return CheckResult(_ID, Status.PASS, f"the models exist: {', '.join(names)}", tuple(evidence))
