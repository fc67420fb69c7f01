"""Region and account that a plan itself says for a resource.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from iamcheck.deployment.terraform._plan import members, references, text
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.terraform._plan import Resource, TerraformPlan
    from iamcheck.iam.model.json_text import Node

__all__ = ["account_of", "region_of"]


def region_of(plan: TerraformPlan, resource: Resource) -> str | None:
    """The Region of a resource: its own attribute, else the provider's; None where neither is written."""
    own = text(resource.after.get("region"))
    if own:
        return own
    region = _value(plan, _provider(plan, resource).get("region"))
    if region is None:
        return None
    try:
        catalogue.region(region)
    except InvalidInputError:
        # an expression may make something else of the variable that it refers to
        return None
    return region


def account_of(plan: TerraformPlan, resource: Resource) -> str | None:
    """The account in which the provider makes a resource; None where the provider says none, or several."""
    provider = _provider(plan, resource)
    allowed = _constant(provider.get("allowed_account_ids"))
    if allowed is not None and isinstance(allowed.value, list) and len(allowed.value) == 1:
        return _account(text(allowed.value[0]))
    roles = provider.get("assume_role")
    if roles is None or not isinstance(roles.value, list) or len(roles.value) != 1:
        # a chain of roles ends in the last one; the plan does not say what each is
        return None
    role = _value(plan, members(roles.value[0]).get("role_arn"))
    try:
        return None if role is None else _account(Arn.parse(role).account_id)
    except InvalidInputError:
        return None


def _provider(plan: TerraformPlan, resource: Resource) -> Mapping[str, Node]:
    key = text(plan.configuration(resource).get("provider_config_key"))
    provider = members(plan.providers.get(key)) if key else {}
    # the variables of a child module are not the root's
    return {} if "module_address" in provider else members(provider.get("expressions"))


def _value(plan: TerraformPlan, expression: Node | None) -> str | None:
    """The text of an expression that is a constant, or refers to nothing but one variable of the root module."""
    constant = _constant(expression)
    if constant is not None:
        return text(constant)
    names = references(expression)
    match = re.fullmatch(r"var\.([\w-]+)", names[0]) if len(names) == 1 else None
    return text(members(plan.variables.get(match[1])).get("value")) if match else None


def _constant(expression: Node | None) -> Node | None:
    return members(expression).get("constant_value")


def _account(given: str | None) -> str | None:
    return given if given is not None and re.fullmatch(r"\d{12}", given, re.ASCII) else None
