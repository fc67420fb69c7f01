"""Recognises files that are something else than what was asked for, and says what to run instead."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model.json_text import JsonNode

__all__ = ["policy_kind_error", "script_error", "terraform_error"]

_SHOW: Final = "terraform show -json PLAN > plan.json"
_CONFIGURATION: Final = re.compile(
    r"(?:\s|#[^\n]*\n|//[^\n]*\n)*(?:resource|data|module|provider|terraform|variable|locals|output)\b"
    r'(?:\s+"[^"\n]*")*\s*\{'
)
_CURES: Final[Mapping[str, str]] = {
    "policy": f"run `{_SHOW}`, and give the `policy` that the plan has for it",
    "deployment": f"run `terraform plan -out PLAN` and `{_SHOW}`, and give --from plan.json",
}


def terraform_error(text: str, path: str, *, what: str) -> InvalidInputError | None:
    """The refusal of Terraform configuration, which only Terraform can evaluate; None: it is none.

    Args:
        text: The text of the file.
        path: The file.
        what: What it should be: `policy` or `deployment`.
    """
    if not path.endswith((".tf", ".tf.json")) and not _CONFIGURATION.match(text):
        return None
    return InvalidInputError("it is Terraform configuration, which only Terraform evaluates", cure=_CURES[what])


_PYTHON: Final = re.compile(r"#![^\n]*\bpython")


def script_error(text: str, path: str) -> InvalidInputError | None:
    """The refusal of a Python script, which only running it can tell the calls of; None: it is none.

    Args:
        text: The text of the file.
        path: The file.
    """
    if not path.endswith(".py") and not _PYTHON.match(text):
        return None
    if "aws_cdk" in text:
        return InvalidInputError("it is an app of the CDK", cure="run `cdk synth`, and give --from cdk.out")
    run = f"iamcheck record -- python {shlex.quote(path)}" if path != "-" else "iamcheck record -- python SCRIPT"
    return InvalidInputError("it is a Python script", cure=f"run `{run}`, and give --from calls.json")


def policy_kind_error(members: Mapping[str, JsonNode]) -> InvalidInputError | None:
    """The refusal of an object that is recognised, and is no policy; None: it is not recognised."""
    names = members.keys()
    for known, what, cure in _OBJECTS:
        if known <= names:
            return InvalidInputError(f"it is {what}, not a policy", cure=cure)
    policy = members.get("Policy")
    if policy is not None and isinstance(policy.value, dict) and "DefaultVersionId" in policy.value:
        about = {name: member.value for name, member in policy.value.items()}
        arn, version = about.get("Arn", "ARN"), about["DefaultVersionId"]
        command = f"aws iam get-policy-version --policy-arn {arn} --version-id {version}"
        return InvalidInputError("`aws iam get-policy` prints no document", cure=f"give what `{command}` prints")
    return None


_OBJECTS: Final = (
    ({"StartAt", "States"}, "a state machine of Step Functions", "give the policy of its role"),
    ({"planned_values"}, "a Terraform plan", "give it with --from; --policy takes the policy itself"),
    ({"terraform_version", "serial"}, "a state of Terraform", "give the `policy` that a resource of it has"),
    ({"AWSTemplateFormatVersion"}, "a CloudFormation template", "give it with --from; --policy takes a policy"),
    ({"Resources"}, "a CloudFormation template", "give it with --from; --policy takes a policy"),
    ({"AttachedPolicies"}, "a list of names of policies", "give what `aws iam get-policy-version` prints for each"),
    ({"PolicyNames"}, "a list of names of policies", "give what `aws iam get-role-policy` prints for each"),
)
"""Members that tell what an object is, and what to do."""
