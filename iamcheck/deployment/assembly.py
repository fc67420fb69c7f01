"""Reads the cloud assembly that `cdk synth` writes: its templates, with what the manifest knows of their stacks.

Source: https://docs.aws.amazon.com/cdk/v2/guide/configure-synth.html and the manifest's schema,
https://github.com/aws/aws-cdk-cli/tree/main/packages/%40aws-cdk/cloud-assembly-schema
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.cloudformation import (
    DEEPEST,
    Given,
    deployments,
    in_document,
    read_sections,
    require_parameters,
)
from iamcheck.errors import InvalidInputError
from iamcheck.iam.files import read_document
from iamcheck.iam.model import Place
from iamcheck.iam.model.json_text import read_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.deployment.cloudformation import Template, Tree
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["read_assembly"]

_STACK: Final = "aws:cloudformation:stack"
_ASSEMBLY: Final = "cdk:cloud-assembly"
_ENVIRONMENT: Final = r"aws://([0-9]{12}|unknown-account)/([a-z0-9-]+)"


@dataclass(frozen=True)
class _AssemblyStack:
    template: Template
    given: Given


def read_assembly(folder: Path, given: Given) -> tuple[WrittenDeployment, ...]:
    """The endpoints in all stacks of a cloud assembly, stack by stack.

    Args:
        folder: Usually `cdk.out`.
        given: What is known of the stacks besides; a Region and an account that a stack has of its own go before.

    Raises:
        InvalidInputError: It is no cloud assembly, or has no endpoint, or no stack has such a parameter.
    """
    stacks = list(_stacks(folder, given, set()))
    require_parameters(tuple(stack.template for stack in stacks), given.parameters)
    found: list[WrittenDeployment] = []
    for stack in stacks:
        try:
            found += deployments(stack.template, stack.given)
        except InvalidInputError as error:
            raise error.at(str(stack.template.place)) from None
    if not found:
        raise InvalidInputError("no stack has an endpoint (AWS::SageMaker::Endpoint)", where=str(folder))
    return tuple(found)


def _stacks(folder: Path, given: Given, seen: set[Path]) -> Iterator[_AssemblyStack]:
    seen.add(folder)
    manifest = folder / "manifest.json"
    if not manifest.is_file():
        cure = "name a template in it, or the folder that `cdk synth` wrote"
        raise InvalidInputError("a folder without a manifest.json", where=str(folder), cure=cure)
    for name, artifact in _members(_read(manifest), "artifacts").items():
        kind, properties = _text(artifact, "type"), _members(artifact, "properties")
        if kind == _ASSEMBLY:
            # named twice, it is read once: stages in stages would be read more often at every level
            within = folder / _inside(manifest, properties.get("directoryName"))
            if within not in seen:
                yield from _stacks(within, given, seen)
        elif kind == _STACK:
            place = folder / _inside(manifest, properties.get("templateFile"))
            yield _stack(place, given, _text(artifact, "environment"), _text(properties, "stackName") or name)


def _stack(place: Path, given: Given, environment: str, name: str) -> _AssemblyStack:
    root = _read(place)
    try:
        template = read_sections(root, Place(str(place)))
    except InvalidInputError as error:
        raise error.at(str(place)) from None
    known = re.fullmatch(_ENVIRONMENT, environment)
    account, region = known.groups() if known else ("unknown-account", "unknown-region")
    parameters = {key: value for key, value in given.parameters.items() if key in template.parameters}
    return _AssemblyStack(
        template,
        Given(
            parameters,
            given.stack_name or name,
            given.region if region == "unknown-region" else region,
            given.account_id if account == "unknown-account" else account,
        ),
    )


def _read(path: Path) -> Tree:
    try:
        return in_document(read_text(read_document(path), DEEPEST))
    except InvalidInputError as error:
        raise (error if error.where.startswith(str(path)) else error.at(str(path))) from None


def _members(tree: Tree | Mapping[str, Tree], name: str) -> Mapping[str, Tree]:
    members = tree if not hasattr(tree, "value") else tree.value
    found = members.get(name) if isinstance(members, dict) else None
    return found.value if found is not None and isinstance(found.value, dict) else {}


def _text(tree: Tree | Mapping[str, Tree], name: str) -> str:
    members = tree if not hasattr(tree, "value") else tree.value
    found = members.get(name) if isinstance(members, dict) else None
    return found.value if found is not None and isinstance(found.value, str) else ""


def _inside(manifest: Path, tree: Tree | None) -> str:
    """A file or folder that the manifest names, which must stand beside it."""
    name = tree.value if tree is not None and isinstance(tree.value, str) else ""
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise InvalidInputError("a file that is not named, or outside the assembly", where=str(manifest))
    return name
