"""Says a policy in the arguments and blocks of Terraform's `aws_iam_policy_document`, for both syntaxes of Terraform.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from iamcheck.errors import InvalidInputError
from iamcheck.formats.policies.parts import Parameter, parts_of, place_under

if TYPE_CHECKING:
    from collections.abc import Sequence

    from iamcheck.formats.policies.parts import Part, PolicyPlace
    from iamcheck.results import Json

__all__ = ["DATA_SOURCES", "REFERENCES", "Block", "document_block", "interpolated", "parameters_in"]

Block: TypeAlias = "dict[str, str | list[str] | list[Block]]"
"""Arguments, each a text or a list of texts, and blocks of the same name as a list. Texts are Terraform templates."""

REFERENCES: Final[Mapping[Parameter, str]] = {
    Parameter.ACCOUNT_ID: "data.aws_caller_identity.current.account_id",
    # provider 6 has `region` besides, which earlier ones do not know
    Parameter.REGION: "data.aws_region.current.name",
    Parameter.PARTITION: "data.aws_partition.current.partition",
}
"""Where Terraform has the value of a parameter."""

DATA_SOURCES: Final = ("aws_caller_identity", "aws_region", "aws_partition")

# a policy without a Version is of the old one, and Terraform's default is the new one
_OLD_VERSION: Final = "2008-10-17"
_LISTS: Final = {
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
_PRINCIPALS: Final = {"Principal": "principals", "NotPrincipal": "not_principals"}


def document_block(document: Mapping[str, Json], place: PolicyPlace | None) -> Block:
    """The body of the data source that gives the policy.

    Raises:
        InvalidInputError: A text has `&{`, which Terraform would take for a policy variable.
    """
    version = str(document.get("Version", _OLD_VERSION))
    block: Block = {"version": version}
    if "Id" in document:
        block["policy_id"] = interpolated((str(document["Id"]),))
    block["statement"] = [
        _statement(cast("Mapping[str, Json]", item), place, version) for item in _listed(document["Statement"])
    ]
    return block


def _statement(statement: Mapping[str, Json], place: PolicyPlace | None, version: str) -> Block:
    has_variables = version != _OLD_VERSION

    def values(value: Json, key: str = "") -> list[str]:
        return [_value(item, place_under(key, place), has_variables=has_variables) for item in _listed(value)]

    block: Block = {}
    if "Sid" in statement:
        block["sid"] = interpolated((str(statement["Sid"]),))
    block["effect"] = str(statement["Effect"])
    for element, argument in _LISTS.items():
        if element in statement:
            block[argument] = values(statement[element])
    for element, name in _PRINCIPALS.items():
        if element in statement:
            principals = statement[element]
            by_type = principals if isinstance(principals, Mapping) else {"*": principals}
            kinds: list[Block] = [{"type": kind, "identifiers": values(value)} for kind, value in by_type.items()]
            block[name] = kinds
    conditions = cast("Mapping[str, Mapping[str, Json]]", statement.get("Condition", {}))
    tests: list[Block] = [
        {"test": operator, "variable": interpolated((key,)), "values": values(value, key)}
        for operator, keys in conditions.items()
        for key, value in keys.items()
    ]
    if tests:
        block["condition"] = tests
    return block


def _value(value: Json, place: PolicyPlace | None, *, has_variables: bool) -> str:
    """A value as a template; what AWS shall substitute is written `&{...}`, for `${...}` is Terraform's."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "&{" in text:
        raise InvalidInputError(
            f"Terraform takes '&{{' in {text!r} for a policy variable", where="--format", cure="give --format json"
        )
    parts = parts_of(text, place)
    if has_variables:
        parts = tuple(part.replace("${", "&{") if isinstance(part, str) else part for part in parts)
    return interpolated(parts)


def interpolated(parts: Sequence[Part]) -> str:
    """Parts as a template of Terraform: nothing that stays is taken for a reference or a directive.

    Source: https://developer.hashicorp.com/terraform/language/expressions/strings
    """
    return "".join(
        part.replace("${", "$${").replace("%{", "%%{") if isinstance(part, str) else f"${{{REFERENCES[part]}}}"
        for part in parts
    )


def parameters_in(text: str) -> list[str]:
    """The data sources that a text in one of Terraform's syntaxes refers to."""
    return [name for name in DATA_SOURCES if f"${{data.{name}." in text]


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, (list, tuple)) else (value,)
