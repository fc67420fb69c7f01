"""Judges decisions: pass only where each is certain and allowed; denied and not certain are two different answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.explain.why.words import listed
from iamcheck.iam.engine import cannot_be_passed
from iamcheck.iam.model import Decision, PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.iam.model.wording import with_article
from iamcheck.results import CheckId, CheckResult, Evidence, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model import Evaluation, Request

__all__ = ["JudgedRequest", "judge", "outcomes", "request_text", "spelled_keys"]

_SHOWN: Final = 3
"""Reasons that a summary lists."""


@dataclass(frozen=True)
class JudgedRequest:
    """One evaluation, with what it does not say itself: `why` it is not certain, beside its open keys and layers."""

    evaluation: Evaluation
    why: str = ""


def judge(
    rows: Sequence[JudgedRequest],
    spelled: Mapping[str, str] | None = None,
    *,
    check_id: CheckId = CheckId.PRINCIPAL_ALLOWED,
) -> CheckResult:
    """The result over all decisions, without a remedy.

    Pass only where each is certain and allowed; fail where one is denied whatever is unknown. A name with capitals is
    asked about in both spellings of its ARN, for nobody can know which of them AWS will use: allowed under one and
    denied under the other is unknown.

    Args:
        rows: A decision for each thing that is needed.
        spelled: Context keys in the policies' spelling, by their lower case.
        check_id: The id of the check.
    """
    if not rows:
        return CheckResult(check_id, Status.UNKNOWN, "nothing was asked about, so nothing is known")
    names = spelled or {}
    answers = outcomes(rows)
    evidence = tuple(_evidence(row, answer, names) for row, answer in zip(rows, answers, strict=True))
    for answer, status, word in ((False, Status.FAIL, "denied"), (None, Status.UNKNOWN, "not certain")):
        picked = [row for row, each in zip(rows, answers, strict=True) if each is answer]
        if picked:
            more = len(picked) - 1
            also = f", and {more} more of {len(rows)}" if more else ""
            reasons = listed(_reasons(picked, answer, names), _SHOWN, "; ")
            undecided = answers.count(None) if answer is False else 0
            besides = f"; not certain: {undecided} of {len(rows)}" if undecided else ""
            return CheckResult(
                check_id,
                status,
                f"{word}: {request_text(picked[0].evaluation.request)}{also}: {reasons}{besides}",
                evidence,
                tuple(sorted({key for row in picked for key in row.evaluation.open_keys})),
            )
    each = "the needed permission is allowed" if len(rows) == 1 else f"all {len(rows)} needed permissions are allowed"
    return CheckResult(check_id, Status.PASS, each, evidence)


def outcomes(rows: Sequence[JudgedRequest]) -> list[bool | None]:
    """Whether each request is allowed, None where it is not certain: all spellings of a name have the same outcome."""
    together: dict[object, set[bool | None]] = {}
    groups = [_spelling_group(row.evaluation.request) for row in rows]
    for group, row in zip(groups, rows, strict=True):
        together.setdefault(group, set()).add(row.evaluation.allowed)
    return [next(iter(together[group])) if len(together[group]) == 1 else None for group in groups]


def _spelling_group(request: Request) -> tuple[str, str, frozenset[tuple[str, tuple[str, ...]]]]:
    """What the spellings of one request have in common: all but the case of a name."""
    # only the names of SageMaker are known to be authorised in another case than they were given, and log groups to be
    # written with `:*` and without
    has_spellings = ":sagemaker:" in request.resource
    resource = request.resource.removesuffix(":*") if ":log-group:" in request.resource else request.resource
    context = frozenset((key, value.values) for key, value in request.given.items())
    return request.action.lower(), resource.lower() if has_spellings else resource, context


def request_text(request: Request) -> str:
    """What was asked about: `sagemaker:CreateEndpoint on arn:...`."""
    return f"{request.action} on {request.resource}"


def spelled_keys(keys: Sequence[str], spelled: Mapping[str, str]) -> list[str]:
    """Keys in the spelling of the policies."""
    return [spelled.get(key, key) for key in keys]


def _evidence(row: JudgedRequest, outcome: bool | None, spelled: Mapping[str, str]) -> Evidence:
    evaluation = row.evaluation
    reasons = _open_reasons(row, outcome, spelled)
    if not evaluation.matched:
        reasons.insert(0, _decided_by(evaluation))
    return Evidence(
        action=evaluation.request.action,
        resource=evaluation.request.resource,
        decision=evaluation.decision,
        certain=evaluation.certain and outcome is not None,
        decided_by=evaluation.matched[0] if evaluation.matched else None,
        note="; ".join(reasons) or None,
        blocked_by=evaluation.blocked_by,
        is_denied_anyway=outcome is False,
    )


def _open_reasons(row: JudgedRequest, outcome: bool | None, spelled: Mapping[str, str]) -> list[str]:
    """What keeps a decision from being certain."""
    evaluation = row.evaluation
    reasons = [row.why] if row.why else []
    if evaluation.open_keys:
        keys = ", ".join(spelled_keys(sorted(evaluation.open_keys), spelled))
        reasons.append(f"it depends on {keys}, which is not known")
    if evaluation.open_layers and evaluation.allowed is None and not evaluation.open_keys and not row.why:
        layers = ", ".join(sorted(POLICY_NAMES[layer] for layer in evaluation.open_layers))
        reasons.append(f"it depends on what nobody has read: {layers}")
    if evaluation.allowed is not None and outcome is None:
        reasons.append(
            "under the other spelling of the name the answer is another, and AWS may authorise either spelling"
        )
    return reasons


def _reasons(rows: Sequence[JudgedRequest], outcome: bool | None, spelled: Mapping[str, str]) -> list[str]:
    """Why each is not allowed, each reason once."""
    texts = ("; ".join([_decision(row.evaluation), *_open_reasons(row, outcome, spelled)]) for row in rows)
    return list(dict.fromkeys(texts))


def _decision(evaluation: Evaluation) -> str:
    """The decision and what decided; AWS does not say what an SCP allows by."""
    return (
        f"{evaluation.decision}, {_decided_by(evaluation)}"
        if evaluation.matched or evaluation.decision is not Decision.ALLOWED
        else "allowed"
    )


def _decided_by(evaluation: Evaluation) -> str:
    """What decided: `by statement Deploy of identity policy deployer, line 3`."""
    if evaluation.matched:
        return f"by {evaluation.matched[0]}"
    if evaluation.allowed is False and cannot_be_passed(evaluation.request):
        return "no policy can allow it: a role is passed within its own account alone"
    layer = POLICY_NAMES[evaluation.blocked_by or PolicyType.IDENTITY]
    if evaluation.decision is Decision.IMPLICIT_DENY:
        return f"no Allow of {with_article(layer)} matched"
    # AWS never lists the statements of SCPs
    return f"a Deny of the {layer} matched" if evaluation.decision is Decision.EXPLICIT_DENY else "allowed"
