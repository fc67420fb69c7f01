"""Says what a resource control policy (RCP) may hold, and which services RCPs act on.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html and
..._rcps_syntax.html.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.statement import Effect, Principals
from iamcheck.iam.packaged import read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.iam.model.json_text import JsonNode
    from iamcheck.iam.model.statement import Statement

__all__ = ["check_rcp_statement", "rcp_services"]

_CURE: Final = "RCPFullAWSAccess alone allows; it is AWS's own and always attached"
_ALL_SERVICES: Final = r"\*+(?::.*)?"


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """Returns the prefixes of the services whose resources RCPs act on, as of the date in `rcp_services.json`."""
    return frozenset(read("rcp_services.json")["services"])


def check_rcp_statement(
    node: JsonNode, elements: Mapping[str, JsonNode], statement: Statement, *, is_only: bool
) -> None:
    """Refuses a statement of an RCP that AWS would not store.

    Args:
        node: The statement.
        elements: Its elements.
        statement: What it says.
        is_only: Whether the document holds no other statement. RCPFullAWSAccess, AWS's own, holds one.

    Raises:
        UnsupportedElementError: AWS would not store it; the JSON path and the cure are named.
    """
    if is_only and _is_full_access(statement):
        return
    if statement.effect is not Effect.DENY:
        raise elements["Effect"].error("Effect Allow in an RCP, where AWS stores Deny alone", _CURE)
    if "NotAction" in elements:
        raise elements["NotAction"].error("NotAction in an RCP, which AWS does not store", "name the actions in Action")
    if "NotPrincipal" in elements or statement.principals is None or not _names_everyone(statement.principals):
        named = elements.get("NotPrincipal") or elements.get("Principal") or node
        raise named.error('the Principal of an RCP is "*" and nothing else', "name principals in a Condition")
    action = elements["Action"]
    for item in action.value if isinstance(action.value, list) else [action]:
        problem = _action_problem(str(item.value))
        if problem:
            raise item.error(f"Action {shown(str(item.value))} {problem}", "RCPs act on s3, sqs, kms, sts and others")


def _names_everyone(principals: Principals) -> bool:
    return principals == Principals(aws=("*",)) or principals == Principals(aws=("*",), everyone=True)


def _action_problem(text: str) -> str:
    """Returns what keeps an action out of an RCP, in one clause, or an empty text.

    Whether a wildcard may stand in the prefix of a service is not documented: it is taken where it stands for a service
    that RCPs act on, among others.
    """
    prefix = text.partition(":")[0].lower()
    if re.fullmatch(_ALL_SERVICES, text):
        return "stands for all services, which AWS does not store in an RCP"
    services = rcp_services()
    expression = re.escape(prefix).replace(r"\*", ".*").replace(r"\?", ".")
    if any(re.fullmatch(expression, service) for service in services):
        return ""
    return f"is of {prefix}, a service that RCPs do not act on, and AWS does not store it"


def _is_full_access(statement: Statement) -> bool:
    return (
        statement.effect is Effect.ALLOW
        and statement.principals is not None
        and _names_everyone(statement.principals)
        and (statement.actions, statement.resources) == (("*",), ("*",))
        and not statement.conditions
    )
