"""Makes deployments from a file: a template, a CDK cloud assembly or a Terraform plan."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.deployment.deployment import Deployment
from iamcheck.deployment.parts import PARTS, only_part
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.deployment.unsettled import UnsettledError
from iamcheck.errors import InvalidInputError, keywords_in_errors
from iamcheck.iam.model.argument_types import flag, mapping, text
from iamcheck.iam.model.argument_types import path as path_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["deployments_from_file"]


@keywords_in_errors()
def deployments_from_file(
    path: str | os.PathLike[str],
    *,
    parameters: Mapping[str, str] | None = None,
    stack_name: str | None = None,
    stack_tags: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    only: str | None = None,
    service_linked_role: bool | None = None,
    region: str | None = None,
    account_id: str | None = None,
) -> list[Deployment]:
    """Reads the deployments that a file describes, in its order.

    Args:
        path: A CloudFormation or AWS SAM template, the folder that `cdk synth` wrote, or what `terraform show -json`
            printed of a plan.
        parameters: Values of the template's parameters; those left out have their Defaults, else they are not known.
        stack_name: Name of the stack.
        stack_tags: Tags of the stack; empty: it has none; None: what a cloud assembly says, else not known.
        values: Values of members that the file leaves open, by `LOGICAL_ID.MEMBER`, or `ADDRESS.attribute` in a plan.
        only: `endpoint`: the endpoints and their endpoint configs alone; None: all that is read.
        service_linked_role: Whether the account has the service-linked role with which Application Auto Scaling scales
            endpoints; None: not known.
        region: Region code, such as `eu-west-1`; None: the Region that the file says.
        account_id: The 12 digits of the account, as text; None: the account that the file says.

    Raises:
        InvalidInputError: The file cannot be read, or is none of these; there is no such parameter or member; or
            nobody says the Region or the account, or the file says another.
        UnsettledError: A name is known only when the deployment is made; each cause has its cure.
    """
    path_text = os.fspath(path_of(path, "path"))
    for name, given in (("parameters", parameters), ("stack_tags", stack_tags), ("values", values)):
        if given is not None:
            for key, value in mapping(given, name).items():
                text(value, f"{name}[{key!r}]")
    for name, said in (("stack_name", stack_name), ("only", only), ("region", region), ("account_id", account_id)):
        if said is not None:
            text(said, name)
    if service_linked_role is not None:
        flag(service_linked_role, "service_linked_role")
    if only is not None and only not in PARTS:
        raise InvalidInputError(f"{only!r} is no part of a file", where="only", cure=f"one of {', '.join(PARTS)}")
    found = read_sources(
        path_text,
        parameters=parameters,
        stack_name=stack_name,
        stack_tags=stack_tags,
        values=values,
        region=region,
        account_id=account_id,
    )
    chosen = found if only is None else map(only_part, found)
    made = (_deployment(written, region, account_id) for written in chosen)
    return [replace(one, service_linked_role=service_linked_role) for one in made]


def _deployment(written: WrittenDeployment, region: str | None, account_id: str | None) -> Deployment:
    unplaced = draft_of(written)
    placed = unplaced.at(
        _agreed(region, unplaced.region, "region"), _agreed(account_id, unplaced.account_id, "account_id")
    )
    if isinstance(placed, Deployment):
        return placed
    raise UnsettledError(placed.unsettled)


def _agreed(given: str | None, written: str | None, name: str) -> str:
    """What is given, or what the file says.

    Raises:
        InvalidInputError: Neither, or they differ.
    """
    if given is not None and written is not None and given != written:
        raise InvalidInputError(f"{given} is given, and the file says {written}", where=name, cure="leave it out")
    found = written if given is None else given
    if found is None:
        raise InvalidInputError("the file does not say it", where=name, cure=f"give {name}")
    return found
