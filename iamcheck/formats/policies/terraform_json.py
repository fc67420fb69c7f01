"""Writes a policy in Terraform's JSON syntax, for configuration that programs make (`*.tf.json`).

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from iamcheck.formats.policies.statements import document_block, interpolated, parameters_in
from iamcheck.formats.text import json_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.formats.policies.parts import PolicyForm
    from iamcheck.results import Json

__all__ = ["render"]


def render(document: Mapping[str, Json], form: PolicyForm) -> str:
    """The policy in Terraform's JSON syntax.

    Raises:
        InvalidInputError: Terraform would take a text of the policy for something else.
    """
    block = cast("dict[str, Json]", document_block(document, form.place))
    kind, argument = ("aws_iam_role", "assume_role_policy") if form.is_trust else ("aws_iam_policy", "policy")
    reference = f"${{data.aws_iam_policy_document.{form.label}.json}}"
    sources: dict[str, Json] = {name: {"current": {}} for name in parameters_in(json_text(block))}
    return json_text(
        {
            "data": {**sources, "aws_iam_policy_document": {form.label: block}},
            "resource": {kind: {form.label: {"name": interpolated((form.name,)), argument: reference}}},
        }
    )
