"""Renders the policy of an execution role from the requests of its deployment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamcheck.deployment.located import Pattern, Unknown
from iamcheck.deployment.requests import written_request
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import read_object
from iamcheck.permissions.execution_role import RoleInputs, RoleNeeds, needed_by_role
from iamcheck.policies.rendering import RenderedPolicy, render_packaged, require_within_limit
from iamcheck.policies.trust import trust_place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.aws.session import Access
    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.deployment.located import Member, Operation, WrittenRequest
    from iamcheck.results import Json

__all__ = ["execution_role_of", "generate_execution_role_policy", "render_execution_role"]


def generate_execution_role_policy(
    create_endpoint: Mapping[str, object],
    create_endpoint_config: Mapping[str, object],
    create_models: Sequence[Mapping[str, object]],
    *,
    region: str,
    account_id: str,
    role: str | None = None,
    async_inputs: Sequence[str] = (),
    model_data_keys: Sequence[str] = (),
) -> dict[str, Json]:
    """The smallest policy of the execution role of a deployment's models.

    Args:
        create_endpoint: Arguments of boto3's `create_endpoint`.
        create_endpoint_config: Arguments of `create_endpoint_config`.
        create_models: Arguments of `create_model`, for each model.
        region: Region code.
        account_id: The 12 digits of the account.
        role: ARN of the role; None: the one that the requests name.
        async_inputs: S3 URIs of the folders where inputs of asynchronous inference will be.
        model_data_keys: KMS keys that the model data are encrypted with.

    Raises:
        UnsettledError: The requests do not tell everything that the role needs.
        InvalidInputError: The requests name several roles and `role` is None, or a value cannot be used.
        TemplateError: The policy is larger than a managed policy may be.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
    """
    name = create_endpoint.get("EndpointName")
    inputs = RoleInputs(
        endpoint_name=name if isinstance(name, str) else None,
        config=_written("CreateEndpointConfig", create_endpoint_config, "create_endpoint_config"),
        models=tuple(
            _written("CreateModel", model, f"create_models[{index}]") for index, model in enumerate(create_models)
        ),
        endpoint=_written("CreateEndpoint", create_endpoint, "create_endpoint"),
        async_inputs=tuple(async_inputs),
        model_data_keys=tuple(model_data_keys),
    )
    rendered, _ = render_execution_role(inputs, region=region, account_id=account_id, role=role)
    require_within_limit(rendered.document)
    return rendered.document


def _written(operation: Operation, request: Mapping[str, object], place: str) -> WrittenRequest:
    try:
        node = read_object(request)
    except InvalidInputError as error:
        raise error.at(place) from None
    return written_request(node, operation, Place(label=place))


def render_execution_role(
    inputs: RoleInputs, *, region: str, account_id: str, role: str | None = None
) -> tuple[RenderedPolicy, RoleNeeds]:
    """The policy of an execution role, and what it is for.

    Args:
        inputs: The requests, as they are written.
        region: Region code.
        account_id: The 12 digits of the account.
        role: ARN of the role; None: the one that the requests name.

    Raises:
        UnsettledError: What the role needs is not all known.
        InvalidInputError: The requests name several roles and `role` is None.
    """
    needs = needed_by_role(inputs, region=region, account_id=account_id, role=role)
    if needs.unsettled:
        raise UnsettledError(needs.unsettled)
    serving = inputs.serving(needs.role)
    variables = {
        **trust_place(region, account_id),
        "endpoint_name": inputs.endpoint_name,
        "endpoint": {} if inputs.endpoint is None else _plain(inputs.endpoint.root),
        "config": {} if inputs.config is None else _plain(inputs.config.root),
        "models": [_plain(model.root) for model in serving.models],
        "async_inputs": list(inputs.async_inputs),
        "model_data_keys": list(inputs.model_data_keys),
    }
    return render_packaged("execution-role", variables), needs


def execution_role_of(
    deployment: Deployment | PartialDeployment,
    *,
    role: str | None = None,
    async_inputs: Sequence[str] = (),
    model_data_keys: Sequence[str] = (),
    live: Access | None = None,
) -> dict[str, Json]:
    """The policy of the execution role of a deployment that is written somewhere.

    Args:
        deployment: The deployment.
        role: As for `generate_execution_role_policy`.
        async_inputs: Likewise.
        model_data_keys: Likewise.
        live: The way to AWS, where the endpoint config and the models that are not written are read from SageMaker;
            None: they are not.

    Raises:
        UnsettledError: As for `generate_execution_role_policy`.
        InvalidInputError: Likewise; or a file cannot be read or is no CreateModel request.
        AwsUnavailableError: SageMaker could not be asked for what is not written.
    """
    if deployment.account_id is None or deployment.region is None:
        raise UnsettledError(deployment.unsettled)
    written = deployment.written
    config = written.config if written else None
    models = written.models if written else ()
    if live is not None:
        from iamcheck.aws.deployed import with_existing

        config, models = with_existing(live.reads(deployment.region), deployment.endpoint_config_name, config, models)
    inputs = RoleInputs(
        endpoint_name=deployment.endpoint_name,
        config=config,
        models=models,
        endpoint=written.endpoint if written else None,
        async_inputs=tuple(async_inputs),
        model_data_keys=tuple(model_data_keys),
    )
    rendered, _ = render_execution_role(inputs, region=deployment.region, account_id=deployment.account_id, role=role)
    return rendered.document


def _plain(member: Member) -> object:
    """What a template reads: JSON's values; a pattern as its text."""
    value = member.value
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items() if item.value is not None}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Pattern):
        return value.text
    # what a permission depends on is known here, or the policy would not be rendered
    return "" if isinstance(value, Unknown) else value
