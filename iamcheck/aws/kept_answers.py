"""Keeps answers of AWS that are the same for all rows of a principal, so that each question is asked once."""

from __future__ import annotations

import copy
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.aws.asked_service import asked_service
from iamcheck.aws.refusals import ACCESS_DENIED

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Mapping

__all__ = ["KEPT_OPERATIONS", "KeptAnswers"]

_EVERY_READ: Final = ("Get", "List", "Describe", "Simulate")
"""How the names of operations begin that change nothing."""
KEPT_OPERATIONS: Final[Mapping[str, Collection[str]]] = {
    "account": _EVERY_READ,
    "iam": _EVERY_READ,
    "kms": _EVERY_READ,
    "organizations": _EVERY_READ,
    "service-quotas": _EVERY_READ,
    "sts": ("GetCallerIdentity", "GetSessionToken"),
}
"""botocore's name of a service -> how the names of the operations begin whose answers are kept.

SageMaker, CloudWatch and Application Auto Scaling are not among them: what they have changes while deployments run.
"""
_PROBES: Final = frozenset({"AssumeRole", "AssumeRoleWithWebIdentity"})
"""Operations of STS by which `sts.active` probes, with a session policy; the credential chain, which uses what it is
given, and has to get it anew when that expires, passes none."""
_LASTING_ERRORS: Final = ACCESS_DENIED | {
    "AWSOrganizationsNotInUseException",
    "InvalidClientTokenId",
    "NoSuchEntity",
    "RegionDisabledException",
}
"""Codes of errors that AWS gives again when it is asked again: of throttling and expired credentials there is none."""
_KEY: Final = "iamcheck_question"
_MOST: Final = 1024
"""Answers that are kept, the latest used."""


class _Status(NamedTuple):
    """What botocore needs to know of the HTTP response of an answer that it has parsed."""

    status_code: int


class KeptAnswers:
    """The answers that the credentials of one principal got; safe to share between threads.

    An answer counts for the whole run: who changes policies in the middle of a run sees it in the next one.
    """

    def __init__(self) -> None:
        self._answers: OrderedDict[Hashable, tuple[int, dict[str, Any]]] = OrderedDict()
        self._lock: Final = Lock()

    def watch(self, events: Any) -> None:  # noqa: ANN401  botocore's emitter of events has no public type
        """Answers and keeps for all clients that have these events.

        Args:
            events: The events of a boto3 session, before its clients are made, or of a client.
        """
        events.register_first("before-call.*.*", self._answer)
        # before botocore's own handlers, which change what was parsed (policies of IAM become objects)
        events.register_first("after-call.*.*", self._keep)

    def _answer(
        self,
        *,
        model: Any,  # noqa: ANN401  botocore's classes, which are not imported at run time
        params: Mapping[str, Any],
        context: dict[str, Any],
        **_: object,
    ) -> tuple[_Status, dict[str, Any]] | None:
        beginnings = KEPT_OPERATIONS.get(model.service_model.service_name, ())
        if not model.name.startswith(tuple(beginnings)) and not _is_probe(model.name, params):
            return None
        key = (asked_service(model, context), model.name, params["url"], _body(params))
        with self._lock:
            kept = self._answers.get(key)
            if kept is None:
                context[_KEY] = key
                return None
            self._answers.move_to_end(key)
        return _Status(kept[0]), copy.deepcopy(kept[1])

    def _keep(
        self,
        *,
        http_response: Any,  # noqa: ANN401  likewise
        parsed: dict[str, Any],
        context: dict[str, Any],
        **_: object,
    ) -> None:
        key = context.pop(_KEY, None)
        if key is None:
            return
        status = http_response.status_code
        if status >= 300 and (parsed.get("Error") or {}).get("Code") not in _LASTING_ERRORS:
            return
        with self._lock:
            self._answers[key] = status, copy.deepcopy(parsed)
            if len(self._answers) > _MOST:
                self._answers.popitem(last=False)


def _is_probe(operation: str, params: Mapping[str, Any]) -> bool:
    body = params.get("body")
    return operation in _PROBES and isinstance(body, dict) and "Policy" in body


def _body(params: Mapping[str, Any]) -> Hashable:
    body = params.get("body")
    return tuple(sorted((name, str(value)) for name, value in body.items())) if isinstance(body, dict) else body
