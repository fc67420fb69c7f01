"""Records what values of a template rest on: Defaults of parameters, and causes that leave them open."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.unsettled import OpenCause

__all__ = ["Recorder", "Trace"]


class Trace:
    """What the values rest on that were worked out while this was recorded, each once and in order.

    `defaults` has the names of parameters whose Default was taken.
    """

    def __init__(self) -> None:
        self.defaults: dict[str, None] = {}
        self.causes: dict[OpenCause, None] = {}

    def add(self, other: Trace) -> None:
        """Takes over what another trace has."""
        self.defaults |= other.defaults
        self.causes |= other.causes


class Recorder:
    """The traces that are being recorded; the innermost hears first, and passes on to the outer when it ends.

    `read` has every part of the template that was read, as section and name, such as `("Mappings", "Sizes")`.
    """

    def __init__(self) -> None:
        self.read: set[tuple[str, str]] = set()
        self._traces = [Trace()]

    @property
    def trace(self) -> Trace:
        """The innermost trace."""
        return self._traces[-1]

    @contextmanager
    def recording(self) -> Iterator[Trace]:
        """Records what is worked out for the time of a `with`."""
        inner = Trace()
        self._traces.append(inner)
        try:
            yield inner
        finally:
            self._traces.pop()
            self.trace.add(inner)
