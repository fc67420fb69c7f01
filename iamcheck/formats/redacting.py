"""Replaces account ids and names of principals in a report, for readers who must not know them.

ACCOUNT-1 is the same account, and PRINCIPAL-1 the same principal, wherever they stand in the report. Where a name is
also another word, that word is replaced as well.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeVar, cast

from iamcheck.checks.report import Report, Reports
from iamcheck.results import CheckId

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from iamcheck.deployment import Deployment, PartialDeployment
    from iamcheck.deployment.located import WrittenDeployment

__all__ = ["redacted", "redacted_value"]

_T = TypeVar("_T")

_ACCOUNT: Final = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_PRINCIPAL: Final = re.compile(
    r"(arn:[\w*-]*:(?:iam|sts)::[^:\s]*:)(user|role|group|assumed-role|federated-user|instance-profile)/([\w+=,.@/*?-]+)"
)
"""The ARN of a principal (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)."""
_NAMED: Final = re.compile(r"\bof (?:user|role|group) (?!arn:)([\w+=,.@-]+)")
"""How iamcheck calls whoever has a policy: `own (inline, of group ml)`."""
_COMMON: Final = frozenset({"and", "for", "has", "in", "is", "may", "of", "or", "that", "the", "was", "which", "with"})
"""Words that follow so in sentences, and are no names."""
_UNIQUE_ID: Final = re.compile(r"(?<![A-Za-z0-9])A(?:IDA|ROA|GPA|IPA)[A-Z0-9]{8,}")
"""The unique id of a user, role, group or instance profile."""
_NAME_KEYS: Final = frozenset({"aws:username", "aws:userid", "aws:sourceidentity", "sts:rolesessionname"})
"""Context keys whose values are names of principals, in lower case."""
_KEPT: Final = frozenset({"region", "partition", "scope", "engine", "action", "source", "settled_by", "reference_date"})
"""Members that hold words of AWS or of iamcheck, or AWS's pages."""
_WORDS: Final = frozenset(check.value for check in CheckId)


class _Names:
    """The accounts and principals of a report with what stands for them, numbered as they come."""

    def __init__(self) -> None:
        self._accounts: dict[str, str] = {}
        self._principals: dict[str, str] = {}
        self._pattern: re.Pattern[str] | None = None

    def collect(self, text: str) -> str:
        """Notes the accounts and principals of a text."""
        for match in _ACCOUNT.finditer(text):
            self._accounts.setdefault(match[0], f"ACCOUNT-{len(self._accounts) + 1}")
        for match in _PRINCIPAL.finditer(text):
            path = match[3].rstrip(",.")
            parts = path.split("/")
            # a role session is ROLE/SESSION; other ARNs have a path before the name
            self.principal(*((parts[0],) if match[2] == "assumed-role" else (path, parts[-1])))
            if match[2] == "assumed-role" and len(parts) > 1:
                self.principal("/".join(parts[1:]))
        for match in _NAMED.finditer(text):
            if match[1] not in _COMMON:
                self.principal(match[1].rstrip(",."))
        for match in _UNIQUE_ID.finditer(text):
            self.principal(match[0])
        return text

    def principal(self, *names: str) -> None:
        """Notes a principal by all names that it has."""
        named = [name for name in names if name.strip("*?/") and not re.fullmatch(r"PRINCIPAL-[0-9]+", name)]
        known = next((self._principals[name] for name in named if name in self._principals), None)
        count = len(set(self._principals.values()))
        for name in named:
            self._principals.setdefault(name, known or f"PRINCIPAL-{count + 1}")

    def replaced(self, text: str) -> str:
        """The text with what stands for its accounts and principals."""
        if text in _WORDS:
            return text
        if self._pattern is None:
            # the longest first, so that no part of a name is left of it
            names = sorted(self._principals, key=lambda name: (-len(name), name))
            self._pattern = re.compile(
                "|".join(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])" for name in names) or r"(?!)"
            )
        text = self._pattern.sub(lambda match: self._principals[match[0]], text)
        return _ACCOUNT.sub(lambda match: self._accounts.get(match[0], "ACCOUNT"), text)


def redacted(report: Report | Reports) -> Report | Reports:
    """The report without account ids and names of principals; every format of it is without them."""
    reports = (report,) if isinstance(report, Report) else report.reports
    names = _Names()
    for each in reports:
        _rewritten_report(each, names.collect, names)
    copies = tuple(_rewritten_report(each, names.replaced, None) for each in reports)
    return copies[0] if isinstance(report, Report) else Reports(copies)


def redacted_value(value: _T) -> _T:
    """A value of any shape, of texts or of dataclasses, without the account ids and names of principals in it."""
    names = _Names()
    _rewritten(value, names.collect)
    return _rewritten(value, names.replaced)


def _rewritten_report(report: Report, text: Callable[[str], str], names: _Names | None) -> Report:
    """The report with each of its texts rewritten, who deploys and where first.

    Args:
        report: The report.
        text: Rewrites a text.
        names: Where names go that only the context of a request has; None: nowhere.
    """
    principal = report.principal and text(report.principal)
    if names is not None:
        for permission in report.permissions:
            for key, value in permission.request.context.items():
                if key.lower() in _NAME_KEYS:
                    names.principal(*(str(item) for item in getattr(value, "values", (value,))))
    return _copied(
        report,
        deployment=_rewritten_deployment(report.deployment, text),
        principal=principal,
        **{
            name: _rewritten(getattr(report, name), text)
            for name in ("policy", "permissions", "checks", "assumptions", "not_covered", "excess")
        },
    )


def _rewritten_deployment(
    deployment: Deployment | PartialDeployment, text: Callable[[str], str]
) -> Deployment | PartialDeployment:
    """What reports show of a deployment: its names, its account, and where it is written."""
    names = ("endpoint_name", "endpoint_config_name", "account_id")
    shown = {name: _rewritten(getattr(deployment, name), text) for name in names}
    return _copied(deployment, written=_rewritten_source(deployment.written, text), **shown)


def _rewritten_source(written: WrittenDeployment | None, text: Callable[[str], str]) -> WrittenDeployment | None:
    if written is None:
        return None
    requests = {
        name: request and _copied(request, place=_rewritten(request.place, text))
        for name, request in (("endpoint", written.endpoint), ("config", written.config))
    }
    return _copied(written, label=text(written.label), **requests)


def _rewritten(value: _T, text: Callable[[str], str]) -> _T:
    """A value of any shape with its texts rewritten, those of its keys too."""
    return cast("_T", _any_rewritten(value, text))


def _any_rewritten(value: object, text: Callable[[str], str]) -> object:
    if isinstance(value, Enum) or value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        return {_any_rewritten(key, text): _any_rewritten(item, text) for key, item in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)._make(_members(zip(value._fields, value, strict=True), text))  # type: ignore[attr-defined]
    if isinstance(value, (list, tuple, frozenset, set)):
        return type(value)(_any_rewritten(item, text) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]
        names = [name for name, _ in fields]
        return _copied(value, **dict(zip(names, _members(fields, text), strict=True)))
    return value


def _members(members: Iterable[tuple[str, object]], text: Callable[[str], str]) -> list[object]:
    return [
        value if name in _KEPT and isinstance(value, str) else _any_rewritten(value, text) for name, value in members
    ]


def _copied(value: _T, **changes: object) -> _T:
    """A copy with other members, which need not be what the class takes: no account has the id ACCOUNT-1."""
    if isinstance(value, tuple):
        return cast("_T", value._replace(**changes))  # type: ignore[attr-defined]
    copy = object.__new__(type(value))
    for field in dataclasses.fields(value):  # type: ignore[arg-type]
        object.__setattr__(copy, field.name, changes.get(field.name, getattr(value, field.name)))
    return copy
