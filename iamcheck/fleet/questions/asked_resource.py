"""Reads the resource that `who-can` is about, and refuses what names no single resource of the action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn, Request
from iamcheck.iam.request_context import typed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from iamcheck.iam.model import ContextInput, ContextValue

__all__ = ["AskedResource", "asked_resource", "context_of_question"]

_OF_EACH_PRINCIPAL: Final = frozenset(
    {"aws:principalarn", "aws:principalaccount", "aws:username", "aws:userid", "aws:principaltype"}
)
"""Keys that differ from principal to principal, so that nobody can say them of all."""
_SERVICES_WITH_SPELLINGS: Final = ("sagemaker",)
"""Services that may authorise a name in lower case: see `Deployment.endpoint_arns`."""


class AskedResource(NamedTuple):
    """The resource that is asked about.

    Args:
        arns: Its ARN in each spelling that AWS may authorise, or `*`.
        partition: Of its ARN; empty for `*`.
        region: Of its ARN; None: it names none.
        owner: The account that it is of, by its ARN or by `aws:ResourceAccount`; empty: not known.
    """

    arns: tuple[str, ...]
    partition: str = ""
    region: str | None = None
    owner: str = ""
    is_of_unknown_account: bool = False
    """Whether it is a resource whose account nobody says, such as a bucket; what AWS owns is everybody's."""


def asked_resource(
    action: str, resource: str, context: Mapping[str, ContextInput], policies_of: Collection[str]
) -> AskedResource:
    """The resource of a question.

    Args:
        action: The action.
        resource: An ARN, or `*`.
        context: The known context keys.
        policies_of: ARNs of the resources whose policies were given.

    Raises:
        InvalidInputError: The reference has no such action, the resource is of no type of it or is no single resource,
            or a policy of another resource was given.
    """
    Request(action, resource)  # refuses an action with wildcards
    arn = None if resource == "*" else Arn.parse(resource, where="--on")
    catalogue.require_accepted(action, resource, where="--on")
    types = catalogue.describe(action).resource_types
    info = catalogue.action(action)
    if arn is None and info is not None and any(one.required for one in info.resource_types):
        raise InvalidInputError(
            f"{info.full_name} needs a resource, and * names none",
            where="--on",
            cure=f"give the ARN of one, such as {types[0].arn_formats[0]}",
        )
    if arn is not None and any(sign in resource for sign in "*?"):
        raise InvalidInputError(
            f"{resource} has a wildcard: principals may do it on some of these resources and not on others",
            where="--on",
            cure="give the ARN of one resource",
        )
    for other in policies_of:
        if other != resource:
            raise InvalidInputError(f"{other} is not the resource that --on names", where="--resource-policy",
                                    cure="give the policy of that one alone")  # fmt: skip
    if arn is None:
        return AskedResource((resource,))
    spellings = (resource, resource.removesuffix(arn.resource) + arn.resource.lower())
    said = next((value for key, value in context.items() if key.lower() == "aws:resourceaccount"), None)
    account = arn.account_id if _is_account(arn.account_id) else ""
    owner = account or ("" if said is None else typed("aws:ResourceAccount", said).values[0])
    return AskedResource(
        tuple(dict.fromkeys(spellings)) if arn.service in _SERVICES_WITH_SPELLINGS else (resource,),
        arn.partition,
        arn.region or None,
        owner,
        is_of_unknown_account=not owner and not arn.account_id,
    )


def context_of_question(context: Mapping[str, ContextInput], absent: Collection[str]) -> dict[str, ContextValue]:
    """The known context keys with the types that the reference gives them.

    Raises:
        InvalidInputError: A value is not of its key's type, or a key is of each principal.
    """
    for key in (*context, *absent):
        if key.lower() in _OF_EACH_PRINCIPAL:
            flag = "--context" if key in context else "--absent"
            raise InvalidInputError(f"{key} is another one for each principal", where=flag,
                                    cure="leave it out: the authorization details say it")  # fmt: skip
    return {key: typed(key, value, where="--context") for key, value in context.items()}


def _is_account(text: str) -> bool:
    return len(text) == 12 and text.isascii() and text.isdecimal()
