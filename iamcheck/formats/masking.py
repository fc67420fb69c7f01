"""Masks the secrets in the texts of a report, before a format puts its marks around them.

Names stay as they are, as in the JSON report: a name may be as long as a key.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.aws.secrets import mask_json, mask_secrets

if TYPE_CHECKING:
    from typing import Any

    from iamcheck.checks.report import Report
    from iamcheck.results import CheckResult, Evidence, Remedy

__all__ = ["masked"]


def masked(report: Report) -> Report:
    """The report with `***` in place of whatever looks like a secret in its texts."""
    return replace(
        report,
        principal=report.principal and mask_secrets(report.principal),
        policy=_document(report.policy),
        permissions=tuple(
            permission._replace(reason=mask_secrets(permission.reason)) for permission in report.permissions
        ),
        checks=tuple(_check(check) for check in report.checks),
        assumptions=tuple(mask_secrets(str(assumption)) for assumption in report.assumptions),
        not_covered=tuple(
            item._replace(what=mask_secrets(item.what), why=mask_secrets(item.why)) for item in report.not_covered
        ),
    )


def _check(check: CheckResult) -> CheckResult:
    return check._replace(
        summary=mask_secrets(check.summary),
        evidence=tuple(_evidence(fact) for fact in check.evidence),
        remedy=check.remedy and _remedy(check.remedy),
    )


def _evidence(evidence: Evidence) -> Evidence:
    by, call = evidence.decided_by, evidence.call
    return evidence._replace(
        decided_by=by and replace(by, policy=mask_secrets(by.policy)),
        call=call and call._replace(endpoint=mask_secrets(call.endpoint), answer=mask_secrets(call.answer)),
        note=evidence.note and mask_secrets(evidence.note),
        nearest=tuple(mask_secrets(text) for text in evidence.nearest),
        denial=evidence.denial and mask_secrets(evidence.denial),
    )


def _remedy(remedy: Remedy) -> Remedy:
    return remedy._replace(
        text=mask_secrets(remedy.text),
        policy=_document(remedy.policy),
        diff=remedy.diff and "\n".join(mask_secrets(line) for line in remedy.diff.split("\n")),
    )


def _document(document: Any) -> Any:  # noqa: ANN401  a JSON document of any shape
    return document if document is None else mask_json(document)
