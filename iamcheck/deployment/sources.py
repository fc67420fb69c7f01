"""Finds out what a file is, and reads the deployments in it.

A CloudFormation or AWS SAM template, in JSON or YAML; a folder or template that `cdk synth` wrote; a Terraform plan as
`terraform show -json` prints it; a Step Functions state machine; the record of a script's calls.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation import (
    StackInputs,
    deployments,
    read_json,
    read_sections,
    read_yaml,
    require_parameters,
    require_values,
)
from iamcheck.deployment.terraform import LARGEST, plan_of, read_plan
from iamcheck.errors import InvalidInputError
from iamcheck.iam.file_kinds import script_error, terraform_error
from iamcheck.iam.files import is_folder, local_path, read_document
from iamcheck.iam.model import Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from iamcheck.deployment.cloudformation import TemplateDocument
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["read_sources"]

_YAML: Final = (".yaml", ".yml", ".template")
_NOT_FOLLOWED: Final = "nested stacks and modules are not followed: name the template that has the endpoint"


def read_sources(
    path: str,
    *,
    parameters: Mapping[str, str] | None = None,
    stack_name: str | None = None,
    stack_tags: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    region: str | None = None,
    account_id: str | None = None,
    stdin: BinaryIO | None = None,
) -> tuple[WrittenDeployment, ...]:
    """Reads the deployments that a file describes, in its order.

    Args:
        path: The file, or the folder of a CDK cloud assembly; `-` is standard input.
        parameters: Parameters of the template; those left out have their defaults, else they are not known.
        stack_name: What the stack will be called; None: what the assembly says, else not known.
        stack_tags: Tags of the stack; empty: it has none; None: what the assembly says, else not known.
        values: Values of members that the file leaves open, by `LOGICAL_ID.MEMBER` (`ADDRESS.attribute` in a plan).
        region: Region code; None: likewise.
        account_id: Account, likewise.
        stdin: What to read for `-`, None: the process's standard input.

    Raises:
        InvalidInputError: The file cannot be read, or is none of these, or has neither an endpoint nor an endpoint
            config, or has no such parameter or member; it names the file, and the line where there is one.
    """
    inputs = StackInputs(
        parameters=parameters or {},
        stack_name=stack_name,
        region=region,
        account_id=account_id,
        stack_tags=stack_tags,
        values=values or {},
    )
    path = local_path(path)
    if path != "-" and is_folder(path):
        from iamcheck.deployment.assembly import read_assembly

        return read_assembly(Path(path), inputs)
    place = Place(label="standard input") if path == "-" else Place(path)
    text = read_document(path, stdin=stdin, largest=LARGEST)
    if '"iamcheck_recording"' in text[:200]:
        from iamcheck.deployment.recording import is_recording, read_recording  # few files are records

        if is_recording(text):
            _refuse_stack_options(parameters, stack_name, stack_tags, what="a record of a script")
            if values:
                raise InvalidInputError(
                    "a record of a script leaves nothing open to it", where="--set", cure="leave it out"
                )
            return read_recording(text, place)
    if "StartAt" in text:
        from iamcheck.deployment.state_machine import read_state_machine, state_machine_deployments  # few files are

        machine = read_state_machine(text, place)
        if machine is not None:
            _refuse_stack_options(parameters, stack_name, stack_tags, what="a state machine")
            return state_machine_deployments(machine, values=values)
    try:
        error = terraform_error(text, path, what="deployment") or script_error(text, path)
        if error is not None:
            raise error
        plan = plan_of(text)
        if plan is None:
            read = _document_again if len(text) <= _KEPT else _document
            return _template(read(text, path), place, inputs)
        _refuse_stack_options(parameters, stack_name, stack_tags, what="a Terraform plan")
    except InvalidInputError as error:
        raise error.at(str(place)) from None
    return read_plan(plan, place, values=values, region=region)


def _refuse_stack_options(
    parameters: Mapping[str, str] | None, stack_name: str | None, stack_tags: Mapping[str, str] | None, *, what: str
) -> None:
    """Returns where nothing is given that only a stack has."""
    for flag, is_given in (
        ("--parameter", bool(parameters)),
        ("--stack-name", bool(stack_name)),
        ("--stack-tag", stack_tags is not None),
    ):
        if is_given:
            raise InvalidInputError(f"{what} has no stack", where=flag, cure="leave it out")


def _template(document: TemplateDocument, place: Place, inputs: StackInputs) -> tuple[WrittenDeployment, ...]:
    template = read_sections(document.root, place, document.repeated)
    require_parameters((template,), {name: text for name, text in inputs.parameters.items() if isinstance(text, str)})
    require_values((template,), inputs.values)
    written = deployments(template, inputs)
    if not written:
        raise InvalidInputError(
            "the template has no endpoint (AWS::SageMaker::Endpoint) and no endpoint config", cure=_NOT_FOLLOWED
        )
    return written


_KEPT: Final = 100_000
"""Characters of a template whose tree is kept for the next deployment that comes from it."""


@lru_cache(maxsize=64)
def _document_again(text: str, path: str) -> TemplateDocument:
    return _document(text, path)


def _document(text: str, path: str) -> TemplateDocument:
    """Reads a template as JSON, or as YAML where it is none.

    Raises:
        InvalidInputError: It is neither, or larger than CloudFormation takes.
    """
    start = text.lstrip()[:1]
    if start == "[":
        # said before millions of items are read
        raise InvalidInputError("the whole is a list, not a template", cure="a template is a mapping with Resources")
    if start != "{":
        return read_yaml(text)
    try:
        return read_json(text)
    except InvalidInputError:
        if path.endswith(_YAML):
            return read_yaml(text)
        raise
