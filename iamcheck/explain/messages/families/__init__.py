"""Lists every family of messages: one row a family, in files by topic. The more telling families stand first."""

from __future__ import annotations

from typing import Final

from iamcheck.explain.messages.families import (
    capacity,
    container,
    credentials,
    denials,
    deploy_roles,
    deployments,
    execution_role,
    names,
    network_and_keys,
    scaling,
    tools,
)
from iamcheck.explain.messages.families.family import MessageFamily

__all__ = ["FAMILIES", "MessageFamily"]

FAMILIES: Final = (
    *denials.FAMILIES,
    *deploy_roles.FAMILIES,
    *execution_role.FAMILIES,
    *names.FAMILIES,
    *capacity.FAMILIES,
    *container.FAMILIES,
    *network_and_keys.FAMILIES,
    *credentials.FAMILIES,
    *scaling.FAMILIES,
    *tools.FAMILIES,
    *deployments.FAMILIES,
)
"""Where two families fit the same place of a text, the first one wins."""
