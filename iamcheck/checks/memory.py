"""Keeps what checks of one run have in common, so that it is worked out once: a policy, its proofs, compiled layers."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ["CheckMemory", "Same"]

_Kept = TypeVar("_Kept")


class Same:
    """A value in a key that equals itself alone: to compare it by its content would cost more than to work out anew."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.value is self.value


class CheckMemory:
    """What is kept between the checks of one run, of each kind no more than a number of results, the latest used.

    For one thread. Only what depends on nothing but its key may be kept: a result is the same with it and without.

    Args:
        most: Results of a kind that are kept; 0: none is.
    """

    def __init__(self, most: int = 0) -> None:
        self._most: Final = most
        self._kinds: dict[str, OrderedDict[Hashable, object]] = {}

    def once(self, kind: str, key: Hashable, make: Callable[[], _Kept]) -> _Kept:
        """What `make` gives; it is called where nothing is kept under the key.

        Args:
            kind: What is kept, such as `rendered policy`.
            key: All that the result depends on; None: something of that cannot stand in a key, and nothing is kept.
            make: Works it out.
        """
        if not self._most or key is None:
            return make()
        kept = self._kinds.setdefault(kind, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return cast("_Kept", kept[key])
        made = make()
        kept[key] = made
        if len(kept) > self._most:
            kept.popitem(last=False)
        return made
