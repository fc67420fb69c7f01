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

    `defaults` has the names of parameters whose Default was taken, `open_parameters` of those that have no known value,
    `perhaps_missing` the logical ids of resources that something refers to and that may not be made where it is.
    """

    def __init__(self) -> None:
        self.defaults: dict[str, None] = {}
        self.open_parameters: dict[str, None] = {}
        self.causes: dict[OpenCause, None] = {}
        self.perhaps_missing: dict[str, None] = {}

    def add(self, other: Trace) -> None:
        """Takes over what another trace has."""
        self.add_settled(other)
        self.open_parameters |= other.open_parameters
        self.causes |= other.causes

    def add_settled(self, other: Trace) -> None:
        """Takes over what another trace has, but for what was open there and is settled."""
        self.defaults |= other.defaults
        self.perhaps_missing |= other.perhaps_missing


class Recorder:
    """The traces that are being recorded; the innermost hears first, and passes on to the outer when it ends.

    `read` has every part of the template that was read, as section and name, such as `("Mappings", "Sizes")`; `assumed`
    the conditions that nobody knows and that hold, or do not, for what is being worked out.
    """

    def __init__(self) -> None:
        self.read: set[tuple[str, str]] = set()
        self.assumed: tuple[tuple[str, bool], ...] = ()
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

    @contextmanager
    def assuming(self, *assumed: tuple[str, bool]) -> Iterator[None]:
        """Takes conditions to hold or not, and no others, for the time of a `with`."""
        before, self.assumed = self.assumed, assumed
        try:
            yield
        finally:
            self.assumed = before
