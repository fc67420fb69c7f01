"""The policies of others than who deploys: the execution role, its trust, and whoever runs the check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamcheck import catalogue
from iamcheck.deployment.requests import written_request
from iamcheck.deployment.written import Pattern, Unknown
from iamcheck.errors import InvalidInputError, UnsettledError
from iamcheck.execution_role import RoleInputs, RoleNeeds, needed_by_role
from iamcheck.model.json_text import read_object
from iamcheck.rendering import RenderedPolicy, render_packaged, render_trust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.deployment.requests import Operation
    from iamcheck.deployment.written import Member, WrittenRequest
    from iamcheck.report import Json

__all__ = [
    "generate_execution_role_policy",
    "generate_execution_role_trust",
    "render_execution_role",
]


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
        models=tuple(_written("CreateModel", one, f"create_models[{at}]") for at, one in enumerate(create_models)),
        endpoint=_written("CreateEndpoint", create_endpoint, "create_endpoint"),
        async_inputs=tuple(async_inputs),
        model_data_keys=tuple(model_data_keys),
    )
    rendered, _ = render_execution_role(inputs, region=region, account_id=account_id, role=role)
    return rendered.document


def _written(operation: Operation, request: Mapping[str, object], place: str) -> WrittenRequest:
    try:
        node = read_object(request)
    except InvalidInputError as error:
        raise error.at(place) from None
    return written_request(node, operation, place)


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
        TemplateError: The policy is larger than a managed policy may be.
    """
    needs = needed_by_role(inputs, region=region, account_id=account_id, role=role)
    if needs.unsettled:
        raise UnsettledError(needs.unsettled)
    serving = inputs.serving(needs.role)
    variables = {
        **_place(region, account_id),
        "endpoint_name": inputs.endpoint_name,
        "endpoint": {} if inputs.endpoint is None else _plain(inputs.endpoint.root),
        "config": {} if inputs.config is None else _plain(inputs.config.root),
        "models": [_plain(model.root) for model in serving.models],
        "async_inputs": list(inputs.async_inputs),
        "model_data_keys": list(inputs.model_data_keys),
    }
    return render_packaged("execution-role", variables), needs


def generate_execution_role_trust(*, region: str, account_id: str) -> dict[str, Json]:
    """The trust policy of an execution role: SageMaker alone, for this account and Region alone.

    Args:
        region: Region code.
        account_id: The 12 digits of the account.

    Raises:
        InvalidInputError: There is no such Region, or the account is none.

    Source: https://docs.aws.amazon.com/sagemaker/latest/dg/security-confused-deputy-prevention.html
    """
    return render_trust("execution-role-trust", _place(region, account_id))


def _place(region: str, account_id: str) -> dict[str, str]:
    if len(account_id) != 12 or not account_id.isdecimal():
        raise InvalidInputError(f"{account_id!r} is no account", where="account_id", cure="give its 12 digits")
    return {"region": region, "account_id": account_id, "partition": catalogue.region(region, where="region").partition}


def _plain(member: Member) -> object:
    """What a template reads: JSON's values; a pattern as its text."""
    value = member.value
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items() if one.value is not None}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Pattern):
        return value.text
    # what a permission depends on is known here, or the policy would not be rendered
    return "" if isinstance(value, Unknown) else value
