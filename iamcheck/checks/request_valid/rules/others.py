"""Judges alarms and model packages, and names the parts of requests that no reader read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import API, RuleFinding
from iamcheck.checks.request_valid.reading import given, settled, spot, text
from iamcheck.checks.request_valid.rules.row import Rule
from iamcheck.checks.request_valid.service import CLOUDWATCH
from iamcheck.iam.model.json_text import shown
from iamcheck.iam.model.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.checks.request_valid.requests import Requests

__all__ = ["OTHERS"]

_ALARM_KINDS: Final = ("MetricName", "Metrics", "EvaluationCriteria")
_MISSING_DATA: Final = ("breaching", "notBreaching", "ignore", "missing")


def _alarm_metrics(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.of("PutMetricAlarm"):
        members = [request.root.get(name) for name in _ALARM_KINDS]
        count = sum(map(given, members))
        if count != 1 and not set(_ALARM_KINDS) & set(request.unread):
            what = f"an alarm has one of {', '.join(_ALARM_KINDS)}, and this has {count}"
            yield RuleFinding(request, spot(request.root, "MetricName"), what, settled(*members))


def _alarm_needs(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.of("PutMetricAlarm"):
        if given(request.root.get("EvaluationCriteria")):
            continue
        for name in ("ComparisonOperator", "EvaluationPeriods"):
            if not given(request.root.get(name)) and name not in request.unread:
                yield RuleFinding(request, spot(request.root, name), "an alarm needs this member, and it is missing")


def _missing_data(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.of("PutMetricAlarm"):
        value = text(request.root.get("TreatMissingData"))
        if isinstance(value, str) and value not in _MISSING_DATA:
            what = f"{shown(value)} is no way to treat missing data ({nearest(value, _MISSING_DATA)})"
            yield RuleFinding(request, spot(request.root, "TreatMissingData"), what)


def _package_names(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.of("CreateModelPackage"):
        members = [request.root.get(name) for name in ("ModelPackageName", "ModelPackageGroupName")]
        count = sum(map(given, members))
        if count != 1 and settled(*members):
            what = (
                f"the documentation does not say whether AWS takes {count} of ModelPackageName and "
                "ModelPackageGroupName"
            )
            yield RuleFinding(request, spot(request.root, "ModelPackageName"), what, certain=False)


def _unread(requests: Requests) -> Iterator[RuleFinding]:
    for request in requests.resources:
        for name in request.unread:
            what = f"of {request.operation} is not validated: the reader of the file leaves it out"
            yield RuleFinding(request, spot(request.root, name), what, certain=False, trusted=True)


_ALARM: Final = f"{CLOUDWATCH.pages}PutMetricAlarm.html"

OTHERS: Final = (
    Rule("alarm-metric", _ALARM, _alarm_metrics),
    Rule("alarm-needs", _ALARM, _alarm_needs),
    Rule("alarm-missing-data", _ALARM, _missing_data),
    Rule("model-package-name", f"{API}CreateModelPackage.html", _package_names),
    Rule("not-read", f"{API}Operations.html", _unread),
)
