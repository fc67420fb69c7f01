"""What must be allowed for a deployment: never made from the templates, so that simulation proves something."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import Tool
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Request
from iamcheck.iam.request_context import merged, unlisted
from iamcheck.permissions.call_context import call_facts, told
from iamcheck.permissions.scopes import TABLE, On, Row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from iamcheck.deployment import Deployment
    from iamcheck.iam.model import Place
    from iamcheck.iam.request_context import ContextFacts
    from iamcheck.permissions.features import Feature

__all__ = ["SCOPES", "TABLE", "RequiredPermission", "check_scope", "required", "tool_of"]

SCOPES: tuple[str, ...] = tuple(TABLE)
"""What a policy can be for."""


@dataclass(frozen=True, slots=True)
class RequiredPermission:
    """One request that must be allowed.

    Args:
        request: The request with its known context and the keys known to be absent.
        reason: Why the deployment needs it, one sentence.
        source: The AWS page that says so, a URL.
        where: Where the file says what needs it; None: no file says it.
    """

    request: Request
    reason: str
    source: str
    where: Place | None = None


def check_scope(scope: str) -> str:
    """Returns the scope.

    Raises:
        InvalidInputError: It is not one of `SCOPES`.
    """
    if scope not in TABLE:
        raise InvalidInputError(f"there is no scope {scope!r}", where="scope", cure=f"one of {', '.join(SCOPES)}")
    return scope


def tool_of(deployment: Deployment) -> Tool:
    """What makes the calls of a deployment; a script, where nobody says."""
    return Tool.SDK if deployment.written is None else deployment.written.tool


def required(
    deployment: Deployment, scope: str = "create", *, now: datetime | None = None
) -> tuple[RequiredPermission, ...]:
    """The requests that must be allowed for a deployment, each with its known context.

    A name with capitals gives one request a spelling of its ARN (see `Deployment.endpoint_arns`).

    Args:
        deployment: What will be created.
        scope: One of `SCOPES`.
        now: The time of the check; None leaves the keys of time unknown.

    Raises:
        InvalidInputError: There is no such scope.
    """
    rows = TABLE[check_scope(scope)]
    if deployment.config_exists and scope != "docs":
        # nobody creates it again; the policy of docs is AWS's own text
        rows = tuple(row for row in rows if row.action != "CreateEndpointConfig")
    own_keys = _own_keys(scope)
    return tuple(
        RequiredPermission(
            Request(
                one.action,
                one.arn,
                context=one.facts.known,
                absent=(
                    *one.facts.absent,
                    *(unlisted(one.action, own_keys) if one.arn.split(":")[2] == "sagemaker" else ()),
                ),
            ),
            one.row.reason,
            one.row.source,
            one.where,
        )
        for one in _needed(deployment, rows, now)
    )


@dataclass(frozen=True, slots=True)
class _Needed:
    action: str
    arn: str
    facts: ContextFacts
    row: Row | Feature
    where: Place | None


def _needed(deployment: Deployment, rows: tuple[Row, ...], now: datetime | None) -> Iterator[_Needed]:
    tool = tool_of(deployment)
    arns = {On.ENDPOINT: deployment.endpoint_arns, On.CONFIG: deployment.endpoint_config_arns}
    facts = call_facts(deployment, now)
    for row in rows:
        if row.tools is None or tool in row.tools:
            known = merged((facts, *told(deployment, row.action, row.on)))
            for arn in arns[row.on]:
                yield _Needed(f"sagemaker:{row.action}", arn, known, row, _where(deployment, row.on))
    if deployment.endpoint_request is None and deployment.config_request is None:
        return
    from iamcheck.permissions.features import FEATURES  # bare names do not pay for it

    made = {row.action for row in rows}
    for feature in FEATURES:
        if made.intersection(feature.of):
            for arn in feature.on(deployment):
                known = merged(feature.facts(deployment, arn, now))
                yield _Needed(feature.action, arn, known, feature, _where(deployment, *feature.member))


def _where(deployment: Deployment, on: On, member: str = "") -> Place | None:
    """Where the request, or a member of it, is written."""
    written = deployment.written
    request = None if written is None else written.endpoint if on is On.ENDPOINT else written.config
    if request is None:
        return None
    found = request.root.get(member) if member else None
    return request.place if found is None else found.place


@lru_cache(maxsize=8)
def _own_keys(scope: str) -> tuple[str, ...]:
    """SageMaker's own condition keys that some action of the scope has, sorted; without those that name a tag."""
    listed = (catalogue.condition_keys(f"sagemaker:{row.action}") or () for row in TABLE[scope])
    return tuple(sorted({key for keys in listed for key in keys if key.startswith("sagemaker:") and "$" not in key}))
