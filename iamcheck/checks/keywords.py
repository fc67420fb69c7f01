"""Lists the keywords of `iamcheck.check`, as a caller gives them; `iamcheck.check` says what each means."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping, Sequence

    import boto3
    from mypy_boto3_sagemaker import SageMakerClient
    from mypy_boto3_sts import STSClient

    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.iam.model import ContextInput, PolicySet
    from iamcheck.iam.policy_input import LevelsInput, PolicyInput

__all__ = ["AccessKeywords", "CheckKeywords", "DoorKeywords", "require_known"]


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
