"""Makes and keeps the clients of a session, so that all rows of a fleet use the same ones."""

from __future__ import annotations

from threading import RLock
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar, cast

from iamcheck.aws.clients import make_client

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    import boto3

    from iamcheck.aws.limits import Deadline

__all__ = ["ClientPool", "Watch"]

Watch: TypeAlias = "Callable[[Any], None]"
"""Gets the events of a new client, such as to count its calls; botocore's emitter of events has no public type."""

_Client = TypeVar("_Client")


class ClientPool:
    """A session and its clients, each made when it is first needed; safe to share between threads.

    Args:
        session: Where credentials come from.
        watch: Gets the events of each client that is made; None: nobody does.
        watch_session: Gets the events of other sessions that `over` is given, before their clients are made; likewise.
    """

    def __init__(self, session: boto3.Session, watch: Watch | None = None, watch_session: Watch | None = None) -> None:
        self.session: Final = session
        self._watch: Final = watch
        self._watch_session: Final = watch_session
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

    def client(self, service: str, region: str | None, deadline: Deadline | None) -> object:
        """The client for a service in a Region; `make_client` says what each is, and what is raised."""
        made: object = self.once((service, region), lambda: self.make(service, region, deadline))
        return made

    def make(self, service: str, region: str | None, deadline: Deadline | None, endpoint_url: str | None = None) -> Any:  # noqa: ANN401  boto3 makes its clients' classes at run time
        """A client of its own, which is not kept; likewise."""
        client = make_client(self.session, service, region=region, endpoint_url=endpoint_url, deadline=deadline)
        if self._watch is not None:
            self._watch(client.meta.events)
        return client

    def over(self, session: boto3.Session) -> ClientPool:
        """The clients of another session, watched alike."""
        if self._watch_session is not None:
            self._watch_session(session.events)
        return ClientPool(session, self._watch, self._watch_session)
