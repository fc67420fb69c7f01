"""Finds out what a file is, and reads the deployments in it.

A CloudFormation or AWS SAM template, in JSON or YAML; a folder or template that `cdk synth` wrote; a Terraform plan as
`terraform show -json` prints it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation import (
    DEEPEST,
    Given,
    deployments,
    in_document,
    read_sections,
    read_yaml,
    require_parameters,
)
from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import read_document
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import Node, read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from iamcheck.deployment.cloudformation import Tree
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["read_sources"]

_YAML: Final = (".yaml", ".yml", ".template")
_NOT_FOLLOWED: Final = "nested stacks and modules are not followed: name the template that has the endpoint"


def read_sources(
    path: str,
    *,
    parameters: Mapping[str, str] | None = None,
    stack_name: str | None = None,
    region: str | None = None,
    account_id: str | None = None,
    stdin: BinaryIO | None = None,
) -> tuple[WrittenDeployment, ...]:
    """The deployments that a file describes, in its order.

    Args:
        path: The file, or the folder of a CDK cloud assembly; `-` is standard input.
        parameters: Parameters of the template; those left out have their defaults, else they are not known.
        stack_name: What the stack will be called; None: what the assembly says, else not known.
        region: Region code; None: likewise.
        account_id: Account, likewise.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: The file cannot be read, or is none of these, or has no endpoint, or has no such parameter;
            it names the file, and the line where there is one.
    """
    given = Given(parameters or {}, stack_name, region, account_id)
    if path != "-" and Path(path).is_dir():
        from iamcheck.deployment.assembly import read_assembly

        return read_assembly(Path(path), given)
    place = Place(label="standard input") if path == "-" else Place(path)
    text = read_document(path, stdin=stdin)
    try:
        node = _json(text, path)
        if node is None or not _is_plan(node):
            return _template(read_yaml(text) if node is None else in_document(node), place, given)
        if given.parameters or given.stack_name:
            raise InvalidInputError("a Terraform plan takes no parameters", cure="its values are in it already")
    except InvalidInputError as error:
        raise error.at(str(place)) from None
    from iamcheck.deployment.terraform import read_plan

    return read_plan(node, place)


def _template(root: Tree, place: Place, given: Given) -> tuple[WrittenDeployment, ...]:
    template = read_sections(root, place)
    require_parameters((template,), given.parameters)
    found = deployments(template, given)
    if not found:
        raise InvalidInputError("the template has no endpoint (AWS::SageMaker::Endpoint)", cure=_NOT_FOLLOWED)
    return found


def _json(text: str, path: str) -> Node | None:
    """The document as JSON; None where it is to be read as YAML."""
    start = text.lstrip()[:1]
    if start == "[":
        # said before millions of items are read
        raise InvalidInputError("the whole is a list, not a template", cure="a template is a mapping with Resources")
    if start != "{":
        return None
    try:
        return read_text(text, DEEPEST)
    except InvalidInputError:
        if path.endswith(_YAML):
            return None
        raise


def _is_plan(node: Node) -> bool:
    members = node.value if isinstance(node.value, dict) else {}
    return "format_version" in members and not members.keys().isdisjoint(
        ("planned_values", "resource_changes", "values")
    )
