"""Refuses arguments that cannot be used, before anything is waited for."""

from __future__ import annotations

import math

from iamcheck.errors import InvalidInputError

__all__ = ["require_client", "require_seconds"]


def require_client(client: object, *methods: str) -> None:
    """Returns where a client has what it is asked for.

    Args:
        client: What should be a boto3 client for SageMaker.
        methods: Names of its methods.

    Raises:
        InvalidInputError: It has not.
    """
    missing = next((name for name in methods if not callable(getattr(client, name, None))), None)
    if missing is not None:
        raise InvalidInputError(
            f"{type(client).__name__} has no {missing}",
            where="client",
            cure='give boto3.client("sagemaker")',
        )


def require_seconds(value: object, where: str) -> None:
    """Returns where a value is a time to wait.

    Args:
        value: What should be a number of seconds.
        where: The parameter.

    Raises:
        InvalidInputError: It is no number above zero, or has no end.
    """
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value) or value <= 0:
        raise InvalidInputError(f"{value!r} is no time to wait", where=where, cure="give seconds")
