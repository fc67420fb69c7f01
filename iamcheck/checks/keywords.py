"""Lists the keywords of `iamcheck.check`, as a caller gives them, and judges their types.

`iamcheck.check` says what each means.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypedDict, cast

from iamcheck.iam.model import UNREAD, PolicySet
from iamcheck.iam.model.argument_types import flag, items, mapping, number, path, refuse, text, texts
from iamcheck.iam.policy_input import ONE_POLICY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import boto3
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient

    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.iam.model import ContextInput
    from iamcheck.iam.policy_input import LevelsInput, PolicyInput

__all__ = ["AccessKeywords", "CheckKeywords", "DoorKeywords", "judged_keywords", "require_known"]


class CheckKeywords(TypedDict, total=False):
    """The keywords of `iamcheck.check` that say what is checked, as a caller gives them; it says what each means."""

    principal: str | None
    cloudformation_role: str | None
    policies: PolicySet | Sequence[PolicyInput] | None
    boundary: PolicyInput | None
    scps: LevelsInput | None
    rcps: LevelsInput | None
    resource_policies: Mapping[str, PolicyInput] | None
    session_policies: Sequence[PolicyInput] | None
    authorization_details: str | os.PathLike[str] | None
    organizations: str | None
    context: Mapping[str, ContextInput] | None
    absent: Collection[str]
    scope: str | None
    """None: the scope that goes with the deployment: `update` where a plan updates the endpoint, else `create`."""
    template: str | os.PathLike[str] | None
    template_dir: str | os.PathLike[str] | None
    pin: bool
    engine: str
    strict: bool
    excess: bool
    checks: Collection[str]
    skip: Collection[str]
    sts_probe_role: str | None
    endpoint: str | None
    config: str | None
    execution_role: str | None
    create_models: Sequence[Mapping[str, object] | WrittenRequest]
    async_inputs: Collection[str]
    model_data_keys: Collection[str]


class AccessKeywords(TypedDict, total=False):
    """The keywords of `check` that say how AWS is reached."""

    session: boto3.Session | None
    iam: object | None
    sts: STSClient | None
    sagemaker: SageMakerClient | None
    offline: bool
    timeout: float
    max_concurrency: int


class DoorKeywords(CheckKeywords, AccessKeywords, total=False):
    """Every keyword of `check`, and where deployments go that are not placed yet."""

    region: str | None
    account_id: str | None


def require_known(keywords: Collection[str], known: type) -> None:
    """Returns where every keyword is one of `known`, one of the classes above.

    Raises:
        TypeError: There is no such keyword.
    """
    for name in keywords:
        if name not in known.__annotations__:
            raise TypeError(f"check() got an unexpected keyword argument {name!r}")


def judged_keywords(keywords: DoorKeywords) -> DoorKeywords:
    """The keywords with values of the types that they take; None stands for the default.

    Raises:
        InvalidInputError: A value has another type.
    """
    judged = {name: None if value is None else _JUDGES.get(name, text)(value, name) for name, value in keywords.items()}
    return cast("DoorKeywords", {name: value for name, value in judged.items() if value is not None})


def _policies(value: object, where: str) -> object:
    # where UNREAD means nothing, its parser says so
    return value if value is UNREAD or isinstance(value, PolicySet) else items(value, where, "give a list of policies")


def _levels(value: object, where: str) -> object:
    if value is UNREAD:
        return value
    cure = "give a list of levels, each a policy or a list of policies"
    return tuple(
        level if isinstance(level, ONE_POLICY) else items(level, where, cure) for level in items(value, where, cure)
    )


def _client(value: object, where: str) -> object:
    is_plain = isinstance(value, (str, int, float, os.PathLike, Iterable))
    return refuse(value, where, "give an object of boto3") if is_plain else value


def _any(value: object, where: str) -> object:  # noqa: ARG001  its parser judges it
    return value


_JUDGES: Final[Mapping[str, Callable[[object, str], object]]] = {
    **dict.fromkeys(("excess", "offline", "pin", "strict"), flag),
    **dict.fromkeys(("absent", "async_inputs", "checks", "model_data_keys", "skip"), texts),
    **dict.fromkeys(("max_concurrency", "timeout"), number),
    **dict.fromkeys(("authorization_details", "template", "template_dir"), path),
    **dict.fromkeys(("context", "resource_policies"), mapping),
    **dict.fromkeys(("policies", "session_policies"), _policies),
    **dict.fromkeys(("rcps", "scps"), _levels),
    **dict.fromkeys(("iam", "sagemaker", "session", "sts"), _client),
    "boundary": _any,
    "create_models": items,
}
"""What judges a keyword; the others are texts."""
