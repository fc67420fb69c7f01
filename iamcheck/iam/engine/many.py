"""Decides many requests under the same policies, one after another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Final, cast

from iamcheck.errors import InvalidInputError
from iamcheck.iam.engine.evaluate import evaluate
from iamcheck.iam.engine.semantics import Semantics
from iamcheck.iam.model import Request
from iamcheck.iam.model.argument_types import refuse
from iamcheck.iam.model.wording import with_article

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from iamcheck.iam.model import Evaluation, PolicySet

__all__ = ["evaluate_many"]

_FIELDS: Final = frozenset({"action", "resource", "principal", "context", "absent", "wildcards_are_text"})
_OF_ONE_REQUEST: Final = frozenset({"action", "resource", "action_key", "parts"})
"""Fields of a prepared request that others of the same principal, context and account do not share."""
_MOST: Final = 4096
"""Prepared contexts that are kept."""


def evaluate_many(
    requests: Iterable[Request | Mapping[str, object]], policies: PolicySet, *, semantics: Semantics = Semantics.LIVE
) -> Iterator[Evaluation]:
    """Decides requests, lazily and in order, as `evaluate` decides each.

    Args:
        requests: `Request` values, or mappings of their fields, as a program reads them:
            `{"action": "s3:GetObject", "resource": "arn:...", "context": {"aws:RequestedRegion": "eu-west-1"}}`. What
            mappings of one principal and one context have in common is prepared once.
        policies: The policies that have a say; compiled once.
        semantics: As for `evaluate`.

    Raises:
        InvalidInputError: A request cannot be used; those before it were answered.
        UnsupportedElementError: A statement stands in a layer that does not take it.
    """
    if not isinstance(requests, Iterable):
        refuse(requests, "requests", "give a list of requests")
    builder = _Builder()
    for number, given in enumerate(requests, 1):
        if isinstance(given, Request):
            request = given
        else:
            try:
                request = builder.request(given)
            except InvalidInputError as error:
                raise error.at(f"request {number}") from None
        yield evaluate(request, policies, semantics=semantics)


class _Builder:
    """Makes requests of plain values, and keeps what they have in common."""

    def __init__(self) -> None:
        self._actions: dict[str, str] = {}
        self._prepared: dict[Hashable, dict[str, object]] = {}

    def request(self, fields: Mapping[str, object]) -> Request:
        """The request with these fields.

        Raises:
            InvalidInputError: They are no fields of a request, or not of its types.
        """
        if type(fields) is not dict and not isinstance(fields, Mapping):
            raise InvalidInputError(
                f"{with_article(type(fields).__name__)} is no request", cure="give a Request or a mapping"
            )
        get = fields.get
        action, resource = get("action"), get("resource")
        action_key = self._actions.get(action) if type(action) is str else None
        key = _key(get("principal"), get("context"), get("absent", ()))
        if action_key is None or key is None or type(resource) is not str or len(fields) > 5:
            return self._checked(fields)
        parts = tuple(resource.split(":", 5)) if resource.startswith("arn:") else ()
        is_arn = len(parts) == 6
        prepared = self._prepared.get((parts[4] if is_arn else None, key))
        if prepared is None or not _FIELDS.issuperset(fields) or get("wildcards_are_text", False):
            return self._checked(fields)
        request = object.__new__(Request)
        # what `Request` itself would work out, a field at a time
        request.__dict__.update(
            prepared, action=action, resource=resource, action_key=action_key, parts=parts if is_arn else None
        )
        return request

    def _checked(self, fields: Mapping[str, object]) -> Request:
        """The request, made and judged by `Request` itself."""
        for name in fields:
            if name not in _FIELDS:
                from iamcheck.iam.model.nearest import nearest

                raise InvalidInputError(f"there is no field {name!r}", cure=nearest(str(name), sorted(_FIELDS)))
        for name in ("action", "resource"):
            if not isinstance(fields.get(name), str):
                raise InvalidInputError("not given as a text", where=name, cure="every request has one")
        principal = fields.get("principal")
        if principal is not None and not isinstance(principal, str):
            raise InvalidInputError("it is no text", where="principal", cure="give an ARN, or leave it out")
        context = fields.get("context")
        if context is not None and not (isinstance(context, Mapping) and all(isinstance(key, str) for key in context)):
            raise InvalidInputError("it is no mapping", where="context", cure='such as {"aws:SourceIp": "192.0.2.1"}')
        absent = fields.get("absent", ())
        is_list = isinstance(absent, Collection) and not isinstance(absent, (str, Mapping))
        if not is_list or not all(isinstance(key, str) for key in cast("Collection[object]", absent)):
            raise InvalidInputError("it is no list of keys", where="absent", cure='such as ["aws:SourceIp"]')
        request = Request(
            action=cast("str", fields["action"]),
            resource=cast("str", fields["resource"]),
            principal=principal,
            context=dict(context or {}),
            absent=tuple(cast("Iterable[str]", absent)),
            wildcards_are_text=bool(fields.get("wildcards_are_text", False)),
        )
        self._keep(request)
        return request

    def _keep(self, request: Request) -> None:
        key = _key(request.principal, request.context, request.absent)
        if key is None or request.wildcards_are_text:
            return
        if len(self._prepared) >= _MOST:
            self._prepared.clear()
        if len(self._actions) >= _MOST:
            self._actions.clear()
        account = request.parts[4] if request.parts else None
        shared = {name: value for name, value in request.__dict__.items() if name not in _OF_ONE_REQUEST}
        self._prepared[account, key] = shared
        self._actions[request.action] = request.action_key


def _key(principal: object, context: object, absent: object) -> Hashable:
    """All that a prepared context is made of; None: values in it may be equal and not the same, as True and 1."""
    items: tuple[object, ...] = ()
    if type(context) is dict:
        for value in context.values():
            if type(value) is not str and not (type(value) is list and all(type(item) is str for item in value)):
                return None
        items = tuple([(key, value if type(value) is str else tuple(value)) for key, value in context.items()])
    elif context is not None:
        return None
    if type(absent) is list:
        absent = tuple(absent)
    elif type(absent) is not tuple:
        return None
    try:
        hash((principal, items, absent))
    except TypeError:
        return None
    return principal, items, absent
