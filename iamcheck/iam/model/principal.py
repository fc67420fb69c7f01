"""Reads what the ARN of a principal says.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
"""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple

__all__ = ["SERVICE_LINKED_NAME", "SERVICE_LINKED_PATH", "Principal", "PrincipalKind", "is_service_linked_role"]

SERVICE_LINKED_PATH: Final = "role/aws-service-role/"
"""How the resource part of a service-linked role's ARN begins."""
SERVICE_LINKED_NAME: Final = "AWSServiceRoleFor"
"""How the name of a service-linked role begins; a session's ARN holds no path."""


def is_service_linked_role(arn: str) -> bool:
    """Whether an ARN is that of a role which a service made for itself; of a session nobody can tell by its ARN."""
    return f":{SERVICE_LINKED_PATH}" in arn


class PrincipalKind(Enum):
    """The kinds of principals that ask AWS for something."""

    USER = "user"
    ROLE = "role"
    SESSION = "assumed-role"
    FEDERATED = "federated-user"
    ROOT = "root"
    SERVICE = "service"
    OTHER = "other"
    """Not known, or of a kind that no policy names by ARN."""


class Principal(NamedTuple):
    """A principal, read from its ARN or from the name of a service principal."""

    kind: PrincipalKind
    text: str = ""
    partition: str = ""
    account_id: str = ""
    """Empty where it belongs to no account, or to none that is known."""
    name: str = ""
    """Of a user, a role or a session's role: without the path. Roles and users are unique by name in their account."""

    @classmethod
    def read(cls, text: str | None) -> Principal:
        """Reads an ARN or a service principal such as `sagemaker.amazonaws.com`; total."""
        if not text:
            return cls(PrincipalKind.OTHER)
        parts = text.split(":", 5)
        if len(parts) != 6 or parts[0] != "arn":
            is_service = ":" not in text and "." in text
            return cls(PrincipalKind.SERVICE if is_service else PrincipalKind.OTHER, text)
        _, partition, service, _, account, resource = parts
        kind, _, path = resource.partition("/")
        kind_of_principal = _KINDS.get((service, kind), PrincipalKind.OTHER)
        if kind_of_principal is PrincipalKind.SESSION:
            path = path.partition("/")[0]
        return cls(kind_of_principal, text, partition, account, path.rpartition("/")[2])

    @property
    def entity_arn(self) -> str | None:
        """The ARN of the user, role or root user; None for a session, whose role's path its ARN does not hold."""
        return self.text if self.kind in _ENTITIES else None

    @property
    def user_name(self) -> str | None:
        """The name of an IAM user."""
        return self.name if self.kind is PrincipalKind.USER else None


_ENTITIES = (PrincipalKind.USER, PrincipalKind.ROLE, PrincipalKind.ROOT)
_KINDS = {
    ("iam", "user"): PrincipalKind.USER,
    ("iam", "role"): PrincipalKind.ROLE,
    ("iam", "root"): PrincipalKind.ROOT,
    ("sts", "assumed-role"): PrincipalKind.SESSION,
    ("sts", "federated-user"): PrincipalKind.FEDERATED,
}
