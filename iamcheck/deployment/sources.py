"""Reads deployments from templates and plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    from iamcheck.deployment.written import WrittenDeployment

__all__ = ["read_sources"]


def read_sources(
    path: str,
    *,
    parameters: Mapping[str, str] | None = None,  # noqa: ARG001
    stack_name: str | None = None,  # noqa: ARG001
    region: str | None = None,  # noqa: ARG001
    account_id: str | None = None,  # noqa: ARG001
    stdin: BinaryIO | None = None,  # noqa: ARG001
) -> tuple[WrittenDeployment, ...]:
    """Reads every endpoint of a file.

    Raises:
        InvalidInputError: Always, until the readers are there.
    """
    raise InvalidInputError("templates and plans cannot be read yet", where=path)
