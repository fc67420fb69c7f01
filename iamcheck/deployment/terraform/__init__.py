"""Reads a plan of Terraform's or OpenTofu's, as `terraform show -json PLANFILE` prints it.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.deployment.located import Tool, WrittenDeployment
from iamcheck.deployment.terraform._attributes import CONFIG, ENDPOINT, MODEL, request_of, unknown_config
from iamcheck.deployment.terraform._plan import is_true, members, read, text
from iamcheck.deployment.terraform._providers import account_of, region_of
from iamcheck.deployment.terraform._references import named_by
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Collection

    from iamcheck.deployment.located import WrittenRequest
    from iamcheck.deployment.terraform._plan import Resource, TerraformPlan
    from iamcheck.iam.model import Place
    from iamcheck.iam.model.json_text import Node

__all__ = ["DEEPEST", "read_plan"]

DEEPEST: Final = 200
"""Levels of nesting of a plan that are read; each child module takes three."""


_REFERENCE: Final = "endpoint_config_name"


def read_plan(root: Node, place: Place) -> tuple[WrittenDeployment, ...]:
    """The deployments of a plan: one for each endpoint that it creates, replaces or updates, in the plan's order.

    An endpoint config that the plan leaves as it is comes along (`config_exists`); one that is not in the plan is None;
    one that is known only after the plan was applied, and cannot be told from the configuration either, is a request
    of which every member is UNKNOWN. Values that the plan marks as sensitive are UNKNOWN too.

    Args:
        root: The plan; read it with `read_text(..., DEEPEST)`.
        place: The file of the plan.

    Raises:
        InvalidInputError: It is no plan (a state, say), no endpoint is created or updated by it, or a resource has an
            attribute that is not known here.
    """
    try:
        plan = read(root)
        endpoints = [one for one in plan.resources if one.type == ENDPOINT and one.kind == "managed"]
        deployed = [one for one in endpoints if one.action in ("create", "update")]
        if not deployed:
            if endpoints:
                raise InvalidInputError(
                    "the plan creates and updates no endpoint", cure="it leaves those that it has, or deletes them"
                )
            raise InvalidInputError(f"the plan has no resource of type {ENDPOINT}", cure="is it the right plan?")
        found = [_found(plan, endpoint) for endpoint in deployed]
    except InvalidInputError as error:
        raise error.at(str(place)) from None
    return tuple(_deployment(one, place, plan.secrets) for one in found)


class _Found(NamedTuple):
    """An endpoint with what belongs to it."""

    endpoint: Resource
    config: Resource | None
    models: tuple[Resource, ...]
    region: str | None
    account_id: str | None


def _found(plan: TerraformPlan, endpoint: Resource) -> _Found:
    config = _config(plan, endpoint)
    models = () if config is None else _models(plan, config)
    return _Found(endpoint, config, models, region_of(plan, endpoint), account_of(plan, endpoint))


def _deployment(found: _Found, place: Place, secrets: Collection[str]) -> WrittenDeployment:
    endpoint = request_of(found.endpoint, place, secrets)
    config = None if found.config is None else request_of(found.config, place, secrets)
    if is_true(found.endpoint.unknown.get(_REFERENCE)):
        if config is None:
            config = unknown_config(replace(place, path=f"{found.endpoint.address}.{_REFERENCE}"))
        endpoint = _same_name(endpoint, config)
    return WrittenDeployment(
        tool=Tool.TERRAFORM,
        label=f"{place}: {found.endpoint.address}",
        endpoint=endpoint,
        config=config,
        models=tuple(request_of(model, place, secrets) for model in found.models),
        region=found.region,
        account_id=found.account_id,
        updates=found.endpoint.action == "update",
        config_exists=found.config is not None and found.config.action != "create",
    )


def _same_name(endpoint: WrittenRequest, config: WrittenRequest) -> WrittenRequest:
    """The request for an endpoint, with what is known of the name of its endpoint config."""
    name, own = config.root.get("EndpointConfigName"), endpoint.root.get("EndpointConfigName")
    if name is None or own is None or not isinstance(endpoint.root.value, Mapping):
        return endpoint
    named = {**endpoint.root.value, "EndpointConfigName": replace(own, value=name.value)}
    return replace(endpoint, root=replace(endpoint.root, value=named))


def _config(plan: TerraformPlan, endpoint: Resource) -> Resource | None:
    expression = members(plan.configuration(endpoint).get("expressions")).get(_REFERENCE)
    name = text(endpoint.after.get(_REFERENCE))
    return _meant(plan, CONFIG, endpoint, name, is_true(endpoint.unknown.get(_REFERENCE)), expression)


def _models(plan: TerraformPlan, config: Resource) -> tuple[Resource, ...]:
    """The models of an endpoint config that the plan has too, each once."""
    expressions = members(plan.configuration(config).get("expressions"))
    found: dict[str, Resource] = {}
    for attribute in ("production_variants", "shadow_production_variants"):
        variants, unknown, written = (
            _blocks(tree.get(attribute)) for tree in (config.after, config.unknown, expressions)
        )
        for at, variant in enumerate(variants):
            is_unknown = at < len(unknown) and is_true(unknown[at].get("model_name"))
            # blocks that a `dynamic` block makes are not in the configuration
            expression = written[at].get("model_name") if len(written) == len(variants) else None
            model = _meant(plan, MODEL, config, text(variant.get("model_name")), is_unknown, expression)
            if model is not None:
                found[model.address] = model
    return tuple(found.values())


def _blocks(node: Node | None) -> list[Mapping[str, Node]]:
    if node is None or not isinstance(node.value, list):
        return []
    return [one.value if isinstance(one.value, dict) else {} for one in node.value]


def _meant(
    plan: TerraformPlan, wanted: str, user: Resource, name: str | None, is_unknown: bool, expression: Node | None
) -> Resource | None:
    """The resource of a type that another one names; None where it is not in the plan, or cannot be told."""
    if is_unknown:
        return named_by(plan, expression, user, wanted)
    region = text(user.after.get("region"))
    found = [
        one
        for one in plan.resources
        if name
        and (one.type, one.kind, text(one.after.get("name"))) == (wanted, "managed", name)
        and one.action != "drop"
        and text(one.after.get("region")) == region
    ]
    if len(found) > 1:
        addresses = " and ".join(one.address for one in found)
        raise InvalidInputError(
            f"{addresses} have the name that is used here", where=user.address, cure="names are unique in a Region"
        )
    return found[0] if found else None
