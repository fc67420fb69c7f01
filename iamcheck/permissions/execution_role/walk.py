"""Reads members of written requests, and keeps a list of what could not be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from iamcheck.deployment.located import UNKNOWN, Pattern
from iamcheck.deployment.unsettled import Unsettled
from iamcheck.permissions.execution_role.places import Unclear

if TYPE_CHECKING:
    from typing import TypeVar

    from iamcheck.deployment.located import Member

    Found = TypeVar("Found")

__all__ = ["LATER", "Walk"]

LATER = Unclear("is known only when the deployment is made", "write it out")


class Walk:
    """Steps through one request; what is not as the API has it, or not known yet, goes to `unsettled`."""

    def __init__(self) -> None:
        self.unsettled: list[Unsettled] = []

    def unclear(self, member: Member, reason: Unclear) -> None:
        """Notes that a member leaves a permission open."""
        self.unsettled.append(Unsettled(member.path or "the request", reason.why, member.place, reason.cure))

    def settled(self, member: Member, value: Found | Unclear) -> Found | None:
        """What a member names; None where that is not clear, which is noted."""
        if isinstance(value, Unclear):
            self.unclear(member, value)
            return None
        return value

    def there(self, member: Member | None, name: str) -> Member | None:
        """The member of that name as it stands; None where there is none, or null."""
        inner = None if member is None else member.get(name)
        return None if inner is None or inner.value is None else inner

    def object(self, member: Member | None, name: str) -> Member | None:
        """A member that has members."""
        inner = self.there(member, name)
        if inner is not None and not isinstance(inner.value, Mapping):
            self._other(inner, "an object")
            return None
        return inner

    def items(self, member: Member | None, name: str) -> tuple[Member, ...]:
        """The items of a list."""
        inner = self.there(member, name)
        if inner is not None and not isinstance(inner.value, tuple):
            self._other(inner, "a list")
        return () if inner is None else inner.items()

    def text(self, member: Member | None) -> str | None:
        """The text that a member is."""
        if member is None or member.value is None:
            return None
        if not isinstance(member.value, str):
            self._other(member, "text")
            return None
        return member.value

    def text_or_pattern(self, member: Member | None) -> tuple[str, bool] | None:
        """As `text`, with whether `*` stands for a part that is known only later."""
        if member is not None and isinstance(member.value, Pattern):
            return member.value.text, True
        text = self.text(member)
        return None if text is None else (text, False)

    def _other(self, member: Member, kind: str) -> None:
        is_later = member.value is UNKNOWN or isinstance(member.value, Pattern)
        self.unclear(member, LATER if is_later else Unclear(f"is not {kind}", f"the API takes {kind} here"))
