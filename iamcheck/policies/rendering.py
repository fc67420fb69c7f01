"""Renders the policies of a deployment from the templates in templates/policies/."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment import Deployment, PartialDeployment
from iamcheck.errors import InvalidInputError, TemplateError, keywords_in_errors
from iamcheck.iam.model import Policy, PolicyType
from iamcheck.iam.model.argument_types import flag, items, path, refuse
from iamcheck.permissions import check_scope
from iamcheck.policies.environment import TemplateFile, TemplateProblemError, packaged_folder, render
from iamcheck.policies.request_values import model_values, passed_roles, tag_values, text_or_empty

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.results import Json

__all__ = [
    "MANAGED_POLICY_LIMIT",
    "RenderedPolicy",
    "generate_policy",
    "policy_size",
    "render_packaged",
    "render_policy",
    "render_trust",
    "require_within_limit",
    "whole_policy",
]

MANAGED_POLICY_LIMIT: Final = 6144
"""Characters of a managed policy, white space not counted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""


class RenderedPolicy(NamedTuple):
    """A policy that a template made for a deployment.

    Attributes:
        document: The policy as `json.loads` gives it.
        policy: The same, parsed.
        template: Path of the template.
    """

    document: dict[str, Json]
    policy: Policy
    template: str


@keywords_in_errors()
def generate_policy(
    deployment: Deployment | PartialDeployment | Sequence[Deployment],
    scope: str = "create",
    *,
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
) -> dict[str, Json]:
    """The smallest policy that allows a deployment, as a dict for `json.dumps` or `put_role_policy`.

    Args:
        deployment: What will be created; of several, such as those of a file, the policy allows them all.
        scope: What the policy is for: `create`, `update`, `deploy`, `lifecycle` or `docs`.
        template: A template file of your own.
        template_dir: A folder of your own templates, laid out as iamcheck's: `policies/SCOPE.json.j2`.
        pin: Whether conditions narrow it to what the requests say: tags, instance types, models, network, key, sizes.

    Raises:
        InvalidInputError: There is no such scope, or no deployment.
        UnsettledError: What the policy depends on is known only when the deployment is made, or AWS would refuse it.
        TemplateError: The template is missing, does not render, or renders to anything but an IAM policy within the
            limit of a managed policy.
    """
    document = whole_policy(deployment, scope, template=template, template_dir=template_dir, pin=pin)
    own_template = template or template_dir
    require_within_limit(document, "this policy" if own_template is None else os.fspath(own_template))
    return document


def whole_policy(
    deployment: Deployment | PartialDeployment | Sequence[Deployment],
    scope: str = "create",
    *,
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
) -> dict[str, Json]:
    """Generates a policy as `generate_policy` does, whatever its size."""
    alone = isinstance(deployment, (Deployment, PartialDeployment))
    several = (deployment,) if alone else items(deployment, "deployment", "give a Deployment, or a list of these")
    if template is not None:
        path(template, "template")
    if template_dir is not None:
        path(template_dir, "template_dir")
    flag(pin, "pin")
    if not several:
        raise InvalidInputError("there is no deployment", where="deployment", cure="give at least one")
    documents = [
        render_policy(member, scope, template=template, template_dir=template_dir, pin=pin).document
        if isinstance(member, (Deployment, PartialDeployment))
        else refuse(member, "deployment", "give a Deployment")
        for member in several
    ]
    if len(documents) == 1:
        return documents[0]
    from iamcheck.policies.merging import merged_document  # most policies are for a single deployment

    return merged_document(documents)


def render_policy(
    deployment: Deployment | PartialDeployment,
    scope: str = "create",
    *,
    template: str | os.PathLike[str] | None = None,
    template_dir: str | os.PathLike[str] | None = None,
    pin: bool = False,
    existing_key: str | None = None,
) -> RenderedPolicy:
    """Generates a policy as `generate_policy` does, and gives the parsed policy and its template, whatever its size.

    Errors name the flags of the command line.

    `existing_key` is the volume key of an endpoint config that exists: the grant is for this key, whatever the request
    that would create the endpoint config says; None: the grant is for the request's key.
    """
    check_scope(scope)
    if isinstance(deployment, PartialDeployment) or deployment.unsettled:
        from iamcheck.deployment.unsettled import UnsettledError

        raise UnsettledError(deployment.unsettled)
    if scope == "docs" and not deployment.creates_endpoint:
        raise InvalidInputError(
            "scope docs is AWS's text for an endpoint, and there is none", where="--scope", cure="choose another scope"
        )
    if template is not None and template_dir is not None:
        raise InvalidInputError("template and template_dir exclude each other", cure="give one of them")
    variables = _variables(deployment, scope, existing_key, pin=pin)
    path, folders = _find(scope, template, template_dir)
    if template is None and template_dir is None:
        return _packaged_policy(path, variables)
    from iamcheck.policies.confined import render_confined  # imported when used: few people have templates of their own

    text = render_confined(path, folders, variables, _arn_prefix(variables))
    try:
        policy = Policy.parse(text, name=os.path.basename(path), layer=PolicyType.IDENTITY)
    except InvalidInputError as error:
        raise TemplateError(f"{path}: does not render to a valid IAM policy: rendered, {error}") from error
    return RenderedPolicy(json.loads(text), policy, path)


def _variables(deployment: Deployment, scope: str, existing_key: str | None, *, pin: bool) -> dict[str, object]:
    """What a template is rendered with.

    Raises:
        InvalidInputError: The policy cannot be narrowed to the deployment.
        UnsettledError: What it would be narrowed to is known only when the deployment is made.
    """
    pinned: Mapping[str, object] = {}
    if pin:
        from iamcheck.policies.pins import (  # imported when used: most policies are not pinned
            pinned_values,
            require_pinnable,
        )

        require_pinnable(deployment, scope)
        pinned = pinned_values(deployment)
    variables: dict[str, object] = {
        "endpoint_name": deployment.endpoint_name,
        "endpoint_config_name": deployment.endpoint_config_name,
        "region": deployment.region,
        "account_id": deployment.account_id,
        "partition": deployment.partition,
        "scope": scope,
        "pin": pin,
        "pinned": pinned,
        "tool": "sdk" if deployment.written is None else deployment.written.tool.value,
        "deletes": _deletes(deployment, scope),
        **_request_variables(deployment, scope, existing_key),
        "has_resources": False,
    }
    if scope != "docs" and _has_resources(deployment):
        from iamcheck.policies.resource_values import resource_variables  # most deployments have the endpoint alone

        variables |= {"has_resources": True, **resource_variables(deployment, scope)}
    return variables


def _packaged_policy(path: str, variables: Mapping[str, object]) -> RenderedPolicy:
    """What a packaged template renders to; a fault in it is ours, and no error of the user's input."""
    text = render(TemplateFile(path, _packaged_folders(path)), variables, _arn_prefix(variables))
    if variables.get("has_resources"):
        from iamcheck.policies.merging import merged_document  # most deployments have the endpoint alone

        text = json.dumps(merged_document([json.loads(text)]), ensure_ascii=False)
    return RenderedPolicy(json.loads(text), _parsed(text, path, PolicyType.IDENTITY), path)


def _arn_prefix(variables: Mapping[str, object]) -> str:
    return f"arn:{variables['partition']}:sagemaker:{variables['region']}:{variables['account_id']}"


def policy_size(document: object) -> int:
    """The characters of a policy or a part of it, written as JSON in ASCII.

    A space within a text is counted, though IAM may not count it: what has this size is never too large for IAM.
    """
    return len(json.dumps(document, separators=(",", ":")))


def require_within_limit(document: Mapping[str, Json], what: str = "this policy") -> None:
    """Returns where a policy can be a managed policy.

    Args:
        document: The policy.
        what: What the error calls it.

    Raises:
        TemplateError: It has more characters than IAM takes.
    """
    size = policy_size(document)
    if size > MANAGED_POLICY_LIMIT:
        raise TemplateError(
            f"{what}: has {size} characters without white space, where a managed policy has at most "
            f"{MANAGED_POLICY_LIMIT} (--split DIR writes several policies that allow the same together)"
        )


def _request_variables(deployment: Deployment, scope: str, existing_key: str | None) -> dict[str, object]:
    """What the requests say, unread: empty where they do not say it or were not given."""
    endpoint, config = deployment.endpoint_request, deployment.config_request
    # what an endpoint config that exists has is in no request
    made = config if deployment.creates_config else None
    return {
        "creates_endpoint": deployment.creates_endpoint,
        "creates_config": deployment.creates_config,
        "endpoint_tags": tag_values(endpoint),
        "endpoint_config_tags": tag_values(made),
        "models": [] if scope == "docs" else model_values(deployment),
        "passed_roles": passed_roles(deployment),
        "execution_role_arn": text_or_empty(made and made.execution_role_arn),
        "kms_key_id": existing_key or text_or_empty(config and config.kms_key_id),
    }


def _has_resources(deployment: Deployment) -> bool:
    """Whether the deployment makes or deletes anything beside endpoint, endpoint config and models."""
    deletes = () if deployment.written is None else deployment.written.deletes
    return (
        bool(deployment.resource_requests or deployment.registered_targets)
        or not {delete.operation for delete in deletes} <= _DELETED.keys()
    )


def _deletes(deployment: Deployment, scope: str) -> dict[str, list[str]]:
    """The names of what a replacement deletes, by kind; without those that the scope deletes anyway."""
    anyway: dict[str, set[object]] = {
        "endpoint": {deployment.endpoint_name},
        "endpoint-config": {deployment.endpoint_config_name},
        "model": {model.name for model in deployment.model_requests},
    }
    names_by_kind: dict[str, list[str]] = {}
    for delete in () if deployment.written is None else deployment.written.deletes:
        kind = _DELETED.get(delete.operation)
        if kind is None or not isinstance(delete.name, str):
            continue
        if scope != "lifecycle" or delete.name not in anyway[kind]:
            names_by_kind[kind] = sorted({*names_by_kind.get(kind, ()), delete.name})
    return names_by_kind


_DELETED: Final = {"DeleteEndpoint": "endpoint", "DeleteEndpointConfig": "endpoint-config", "DeleteModel": "model"}


def render_packaged(name: str, variables: Mapping[str, object]) -> RenderedPolicy:
    """The identity policy that a packaged template makes, for another principal than who deploys.

    Args:
        name: Name of the template, without folder and suffix, such as `checker`.
        variables: What it is made for; `region`, `account_id` and `partition` among it.
    """
    path, _ = _find(name, None, None)
    return _packaged_policy(path, variables)


def render_trust(name: str, variables: Mapping[str, str]) -> dict[str, Json]:
    """The trust policy that a packaged template makes.

    Args:
        name: Name of the template, without folder and suffix, such as `sts-probe-role`.
        variables: What it is made for.
    """
    path, _ = _find(name, None, None)
    text = render(TemplateFile(path, _packaged_folders(path)), variables)
    _parsed(text, path, PolicyType.RESOURCE)
    document: dict[str, Json] = json.loads(text)
    return document


def _parsed(text: str, path: str, layer: PolicyType) -> Policy:
    try:
        return Policy.parse(text, name=os.path.basename(path), layer=layer)
    except InvalidInputError as error:
        raise TemplateProblemError(f"{path}: a packaged template renders to no IAM policy: {error}") from error


def _packaged_folders(path: str) -> tuple[str, ...]:
    return os.path.dirname(path), packaged_folder()


def _find(
    scope: str, template: str | os.PathLike[str] | None, template_dir: str | os.PathLike[str] | None
) -> tuple[str, tuple[str, ...]]:
    """The template, and the folders where it and what it includes are looked for."""
    packaged = packaged_folder()
    folders: tuple[str, ...]
    if template is not None:
        path = os.fspath(template)
        folders = (os.path.dirname(path) or os.curdir, packaged)
    else:
        # falling back to a packaged template would answer for a policy that nobody means to use
        root = packaged if template_dir is None else os.fspath(template_dir)
        path = os.path.join(root, "policies", f"{scope}.json.j2")
        folders = (os.path.dirname(path), root, packaged)
    if not os.path.isfile(path):
        raise TemplateError(f"{path}: there is no such template file")
    return path, folders
