"""Keeps the clients of a session, so that all rows of a fleet use the same ones."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Final, TypeVar, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import boto3

__all__ = ["ClientPool"]

_Client = TypeVar("_Client")


class ClientPool:
    """A session and its clients, each made when it is first needed; safe to share between threads.

    Args:
        session: Where credentials come from.
    """

    def __init__(self, session: boto3.Session) -> None:
        self.session: Final = session
        self._clients: dict[Hashable, object] = {}
        # making clients is not safe between threads, using them is (boto3's guide, "Multithreading")
        self._lock: Final = RLock()

    def once(self, key: Hashable, make: Callable[[], _Client]) -> _Client:
        """The client under a key; it is made where there is none.

        Args:
            key: All that the client depends on besides the session.
            make: Makes it.
        """
        with self._lock:
            if key not in self._clients:
                self._clients[key] = make()
            return cast("_Client", self._clients[key])
