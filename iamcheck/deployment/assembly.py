"""Reads the cloud assembly that `cdk synth` writes: its templates, with what the manifest knows of their stacks.

Source: https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html and the manifest's schema,
https://github.com/aws/aws-cdk-cli/node/main/packages/%40aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation import (
    TemplateNode,
    deployments,
    joined,
    pseudo_parameters,
    read_json,
    read_sections,
    require_parameters,
    require_values,
    text_of,
)
from iamcheck.deployment.located import UNKNOWN, VIA_CLOUDFORMATION, WrittenCaller
from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import read_document
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.cloudformation import StackInputs, Template, TemplateDocument, Text
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["read_assembly"]

_STACK: Final = "aws:cloudformation:stack"
_ASSEMBLY: Final = "cdk:cloud-assembly"
_PLACEHOLDER: Final = r"\$\{([^{}]*)\}"
_LARGEST_MANIFEST: Final = 64 * 1024 * 1024
"""Bytes: the manifest of many constructs, with a stack trace for each, is larger than any template."""
_ENVIRONMENT: Final = r"aws://([0-9]{12}|unknown-account)/([a-z0-9-]+)"


@dataclass(frozen=True)
class _AssemblyStack:
    template: Template
    inputs: StackInputs


def read_assembly(folder: Path, inputs: StackInputs) -> tuple[WrittenDeployment, ...]:
    """Reads the endpoints, or endpoint configs, in all stacks of a cloud assembly, stack by stack.

    Args:
        folder: Usually `cdk.out`.
        inputs: What is known of the stacks besides. The Region and account of a stack's own go before it; it goes
            before what else the manifest says.

    Raises:
        InvalidInputError: It is no cloud assembly, or has neither, or no stack has such a parameter or resource.
    """
    stacks = list(_stacks(folder, inputs, set()))
    templates = tuple(stack.template for stack in stacks)
    require_parameters(templates, {name: text for name, text in inputs.parameters.items() if isinstance(text, str)})
    require_values(templates, inputs.values)
    found: list[WrittenDeployment] = []
    for stack in stacks:
        try:
            found += deployments(stack.template, stack.inputs)
        except InvalidInputError as error:
            raise error.at(str(stack.template.place)) from None
    if not found:
        raise InvalidInputError(
            "no stack has an endpoint (AWS::SageMaker::Endpoint) or an endpoint config", where=str(folder)
        )
    return tuple(found)


def _stacks(folder: Path, inputs: StackInputs, seen: set[Path]) -> Iterator[_AssemblyStack]:
    seen.add(folder)
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        cure = "name a template in it, or the folder that `cdk synth` wrote"
        if any(folder.glob("*.tf")):
            cure = "of Terraform, give what `terraform show -json PLAN` prints of a plan"
        raise InvalidInputError("a folder without a manifest.json", where=str(folder), cure=cure)
    root = _read_manifest(manifest).root
    _require_complete(root, manifest)
    for name, artifact in _members(root, "artifacts").items():
        kind, properties = _text(artifact, "type"), _members(artifact, "properties")
        if kind == _ASSEMBLY:
            # named twice, it is read once: stages in stages would be read more often at every level
            within = folder / _inside(manifest, properties.get("directoryName"))
            if within not in seen:
                yield from _stacks(within, inputs, seen)
        elif kind == _STACK:
            stack = _stack(folder / _inside(manifest, properties.get("templateFile")), inputs, name, artifact, manifest)
            if stack is not None:
                yield stack


def _require_complete(root: TemplateNode, manifest: Path) -> None:
    """Returns where CDK has looked up everything: else made-up values, such as `dummy-value-for-...`, stand for it.

    Source: `AssemblyManifest.missing` of the manifest's schema ("the cloud assembly is not complete and should not be
    deployed")

    Raises:
        InvalidInputError: Something is missing.
    """
    missing = root.value.get("missing") if isinstance(root.value, dict) else None
    if missing is not None and missing.value:
        keys = [_text(item, "key") for item in missing.value] if isinstance(missing.value, tuple) else []
        what = f"CDK has not looked up {shown(keys[0])}" if keys and keys[0] else "CDK has not looked everything up"
        raise InvalidInputError(
            what, where=str(missing.place(Place(str(manifest)))), cure="run `cdk synth` with credentials"
        )


def _stack(path: Path, inputs: StackInputs, name: str, artifact: TemplateNode, manifest: Path) -> _AssemblyStack | None:
    """A stack with what the manifest says of it; None where it has no resources, for then nothing is deployed."""
    document = _read(path)
    if isinstance(document.root.value, dict) and "Resources" not in document.root.value:
        return None
    try:
        template = read_sections(document.root, Place(str(path)), document.repeated)
    except InvalidInputError as error:
        raise error.at(str(path)) from None
    environment = re.fullmatch(_ENVIRONMENT, _text(artifact, "environment"))
    account, region = environment.groups() if environment else ("unknown-account", "unknown-region")
    here = replace(
        inputs,
        region=inputs.region if region == "unknown-region" else region,
        account_id=inputs.account_id if account == "unknown-account" else account,
    )
    properties = _members(artifact, "properties")
    pseudo = pseudo_parameters(here)
    stack_name = inputs.stack_name or _known(_resolved(_text(properties, "stackName") or name, pseudo))
    given = {key: text for key, text in inputs.parameters.items() if key in template.parameters}
    return _AssemblyStack(
        template,
        replace(
            here,
            stack_name=stack_name,
            parameters={**_texts(properties, "parameters", pseudo), **given},
            stack_tags=_stack_tags(properties, inputs, pseudo),
            values={key: text for key, text in inputs.values.items() if key.partition(".")[0] in template.resources},
            caller=inputs.caller or _caller(properties, pseudo, Place(str(manifest))),
        ),
    )


def _stack_tags(
    properties: Mapping[str, TemplateNode], inputs: StackInputs, pseudo: Mapping[str, Text]
) -> Mapping[str, Text] | None:
    """The stack's tags: those that were given, else the manifest's, else not known."""
    if inputs.stack_tags is not None or "tags" not in properties:
        return inputs.stack_tags
    return _texts(properties, "tags", pseudo)


def _caller(
    properties: Mapping[str, TemplateNode], pseudo: Mapping[str, Text], manifest: Place
) -> WrittenCaller | None:
    """Who makes the calls: the role that CloudFormation becomes, else the role that calls CloudFormation."""
    for member, called_via in (("cloudFormationExecutionRoleArn", ()), ("assumeRoleArn", VIA_CLOUDFORMATION)):
        written = properties.get(member)
        if written is not None and isinstance(written.value, str) and written.value:
            role = _known(_resolved(written.value, pseudo))
            # what CDK passes when it assumes the role
            options = _members(properties, "assumeRoleAdditionalOptions") if member == "assumeRoleArn" else {}
            return WrittenCaller(
                UNKNOWN if role is None else role,
                called_via,
                written.place(manifest),
                (UNKNOWN,) if {"Policy", "PolicyArns"} & options.keys() else (),
                UNKNOWN if {"Tags", "TransitiveTagKeys"} & options.keys() else (),
            )
    return None


def _resolved(text: str, pseudo: Mapping[str, Text]) -> Text:
    """A text of the manifest, its pseudo parameters worked out; others of CDK's placeholders are not known."""
    parts: list[Text] = []
    for index, part in enumerate(re.split(_PLACEHOLDER, text)):
        parts.append(pseudo.get(part, UNKNOWN) if index % 2 else part)
    return joined(part for part in parts if part != "")


def _known(text: Text) -> str | None:
    return text if isinstance(text, str) else None


def _texts(properties: Mapping[str, TemplateNode], name: str, pseudo: Mapping[str, Text]) -> dict[str, Text]:
    """Texts by name, such as parameters; a member that is no text is not known."""
    return {
        key: _resolved(text, pseudo) if isinstance(text := text_of(node), str) else UNKNOWN
        for key, node in _members(properties, name).items()
    }


def _read_manifest(path: Path) -> TemplateDocument:
    """The manifest: its metadata have a line for each construct, and CloudFormation never sees it."""
    with _errors_at(path):
        return read_json(read_document(path, largest=_LARGEST_MANIFEST), is_template=False)


def _read(path: Path) -> TemplateDocument:
    with _errors_at(path):
        return read_json(read_document(path))


@contextmanager
def _errors_at(path: Path) -> Iterator[None]:
    try:
        yield
    except InvalidInputError as error:
        raise error.at(str(path)) from None


def _members(node: TemplateNode | Mapping[str, TemplateNode], name: str) -> Mapping[str, TemplateNode]:
    members = node.value if isinstance(node, TemplateNode) else node
    found = members.get(name) if isinstance(members, Mapping) else None
    return found.value if found is not None and isinstance(found.value, dict) else {}


def _text(node: TemplateNode | Mapping[str, TemplateNode], name: str) -> str:
    members = node.value if isinstance(node, TemplateNode) else node
    found = members.get(name) if isinstance(members, Mapping) else None
    return found.value if found is not None and isinstance(found.value, str) else ""


def _inside(manifest: Path, node: TemplateNode | None) -> str:
    """A file or folder that the manifest names, which must stand beside it."""
    name = node.value if node is not None and isinstance(node.value, str) else ""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise InvalidInputError("a file that is not named, or outside the assembly", where=str(manifest))
    return name
