"""Writes a policy in the forms that people deploy: one small file a form, and nothing of the policy changes.

Adding a form is adding a row to `formats.POLICY_FORMATS` and a module with its `render`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.formats.policies.parts import PolicyForm
    from iamcheck.results import Json

__all__ = ["render_policy_as"]


def render_policy_as(document: Mapping[str, Json], output: str, form: PolicyForm) -> str:
    """A policy in one of `POLICY_FORMATS` but `json`, ending in a newline.

    Args:
        document: The policy.
        output: The form.
        form: What the policy is called there, and what stands for its account, Region and partition.

    Raises:
        InvalidInputError: The form has no way to say what the policy says.
    """
    module = import_module(f"iamcheck.formats.policies.{output.replace('-', '_')}")
    text: str = module.render(document, form)
    return text
