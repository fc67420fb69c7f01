"""Writes a policy as the commands of the AWS CLI that make it, for any POSIX shell."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Final

from iamcheck.formats.policies.parts import Parameter, parts_of, place_under

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.formats.policies.parts import PolicyForm, PolicyPlace
    from iamcheck.results import Json

__all__ = ["render"]

_VALUES: Final[Mapping[Parameter, str]] = {
    Parameter.ACCOUNT_ID: "$(aws sts get-caller-identity --query Account --output text)",
    Parameter.REGION: '"${AWS_REGION:-${AWS_DEFAULT_REGION:-$(aws configure get region)}}"',
    Parameter.PARTITION: "$(aws sts get-caller-identity --query Arn --output text | cut -d : -f 2)",
}
"""How a shell finds the values of parameters."""


def render(document: Mapping[str, Json], form: PolicyForm) -> str:
    """The commands."""
    text = f"'{_json(document, form.place)}'"
    values = [
        f"{parameter.value}={value} &&\n" for parameter, value in _VALUES.items() if f'"${parameter.value}"' in text
    ]
    if form.is_trust:
        command, name, policy = "create-role", "--role-name", "--assume-role-policy-document"
    else:
        command, name, policy = "create-policy", "--policy-name", "--policy-document"
    return f"{''.join(values)}aws iam {command} \\\n  {name} {shlex.quote(form.name)} \\\n  {policy} {text}\n"


def _json(value: Json, place: PolicyPlace | None, indent: str = "") -> str:
    """A value as JSON in single quotes of a shell, which a variable leaves for its value."""
    if isinstance(value, str):
        return f'"{"".join(_part(part) for part in parts_of(value, place))}"'
    inner = f"{indent}  "
    if isinstance(value, dict) and value:
        entries = [
            f"{inner}{_json(key, None)}: {_json(item, place_under(key, place), inner)}" for key, item in value.items()
        ]
        return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
    if isinstance(value, list) and value:
        return "[\n" + ",\n".join(f"{inner}{_json(item, place, inner)}" for item in value) + f"\n{indent}]"
    return json.dumps(value)


def _part(part: str | Parameter) -> str:
    if isinstance(part, Parameter):
        return f"'\"${part.value}\"'"
    # JSON has another way to write what would end the quotes, or do something on a terminal
    return json.dumps(part)[1:-1].replace("'", "\\u0027").replace("\x7f", "\\u007f")
