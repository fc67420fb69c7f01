"""From evaluations to the result of a check: pass only where each is certain and allowed.

Denied, not certain and could-not-ask are three different answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.checks.principal.wording import asked, decided, listed, spelled_keys
from iamcheck.explain.remedies.owners import OWNERS
from iamcheck.iam.model import Decision, PolicyType
from iamcheck.iam.model.evaluation import POLICY_NAMES
from iamcheck.results import CheckResult, Evidence, Remedy, Status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.model import Evaluation, Request

__all__ = ["ID", "JudgedRequest", "judge"]

ID: Final = "principal.allowed"

_GIVING: Final[Mapping[PolicyType, str]] = {
    PolicyType.SCP: "give the SCPs with --scp, root first (--scp FullAWSAccess where there are no others), or with "
    "--organizations DIR; --organizations ignore leaves them out",
    PolicyType.RCP: "give the RCPs with --rcp, root first; --rcp RCPFullAWSAccess where there are no others",
    PolicyType.RESOURCE: "give the resource's policy with --resource-policy ARN=FILE",
}


@dataclass(frozen=True)
class JudgedRequest:
    """One evaluation, with what it does not say itself: `why`, and of a denial what was nearest and AWS's message."""

    evaluation: Evaluation
    why: str = ""
    nearest: tuple[str, ...] = ()
    denial: str | None = None


def judge(
    found: Sequence[Evaluation | JudgedRequest], spelled: Mapping[str, str] | None = None, *, check_id: str = ID
) -> CheckResult:
    """The result over all evaluations.

    Pass only where each is certain and allowed; fail where one is denied whatever is unknown. A name with capitals is
    asked about in both spellings of its ARN, for nobody can know which of them AWS will use: allowed under one and
    denied under the other is unknown.

    Args:
        found: An evaluation for each thing that is needed.
        spelled: Context keys in the policies' own spelling, by their lower case.
        check_id: The id of the check.
    """
    rows = [one if isinstance(one, JudgedRequest) else JudgedRequest(one) for one in found]
    names = spelled or {}
    outcomes = _outcomes([row.evaluation for row in rows])
    evidence = tuple(_evidence(row, outcome, names) for row, outcome in zip(rows, outcomes, strict=True))
    if not rows:
        return CheckResult(check_id, Status.UNKNOWN, "nothing was asked about, so nothing is known")
    for answer, status, word in ((False, Status.FAIL, "denied"), (None, Status.UNKNOWN, "not certain")):
        picked = [at for at, outcome in enumerate(outcomes) if outcome is answer]
        if picked:
            open_keys = sorted({key for at in picked for key in rows[at].evaluation.open_keys})
            first, more = rows[picked[0]], len(picked) - 1
            also = f", and {more} more of {len(rows)}" if more else ""
            reasons = _reasons([rows[at] for at in picked], answer, names)
            return CheckResult(
                check_id,
                status,
                f"{word}: {asked(first.evaluation)}{also}: {listed(reasons)}",
                evidence,
                tuple(open_keys),
                _settling([rows[at].evaluation for at in picked], open_keys, names)
                if answer is None
                else _remedy([rows[at].evaluation for at in picked]),
            )
    return CheckResult(check_id, Status.PASS, f"all {len(rows)} needed permissions are allowed", evidence)


def _outcomes(evaluations: Sequence[Evaluation]) -> list[bool | None]:
    together: dict[tuple[str, str], set[bool | None]] = {}
    keys = [_spelling_group(one.request) for one in evaluations]
    for key, one in zip(keys, evaluations, strict=True):
        together.setdefault(key, set()).add(one.allowed)
    return [next(iter(together[key])) if len(together[key]) == 1 else None for key in keys]


def _spelling_group(request: Request) -> tuple[str, str]:
    # only the names of SageMaker are known to be authorised in another case than they were given, and log groups to be
    # written with `:*` and without
    has_spellings = ":sagemaker:" in request.resource
    resource = request.resource.removesuffix(":*") if ":log-group:" in request.resource else request.resource
    return request.action.lower(), resource.lower() if has_spellings else resource


def _evidence(row: JudgedRequest, outcome: bool | None, spelled: Mapping[str, str]) -> Evidence:
    one = row.evaluation
    reasons = _open(row, outcome, spelled)
    if not one.matched:
        reasons.insert(0, decided(one))
    return Evidence(
        action=one.request.action,
        resource=one.request.resource,
        decision=one.decision,
        certain=one.certain,
        decided_by=one.matched[0] if one.matched else None,
        note="; ".join(reasons) or None,
        nearest=row.nearest,
        denial=row.denial,
    )


def _open(row: JudgedRequest, outcome: bool | None, spelled: Mapping[str, str]) -> list[str]:
    """What keeps a decision from being certain."""
    one = row.evaluation
    reasons = [row.why] if row.why else []
    if one.open_keys:
        reasons.append(f"it depends on {', '.join(spelled_keys(sorted(one.open_keys), spelled))}, which is not known")
    if one.open_layers and one.allowed is None and not one.open_keys and not row.why:
        layers = ", ".join(sorted(f"{POLICY_NAMES[layer]}" for layer in one.open_layers))
        reasons.append(f"it depends on what nobody has read: {layers}")
    if one.allowed is not None and outcome is None:
        reasons.append(
            "under the other spelling of the name the answer is another, and AWS may authorise either spelling"
        )
    return reasons


def _reasons(rows: Sequence[JudgedRequest], outcome: bool | None, spelled: Mapping[str, str]) -> list[str]:
    """Why each is not allowed, each reason once."""
    texts = (
        "; ".join([f"{row.evaluation.decision}, {decided(row.evaluation)}", *_open(row, outcome, spelled)])
        for row in rows
    )
    return list(dict.fromkeys(texts))


def _settling(picked: Sequence[Evaluation], open_keys: Sequence[str], spelled: Mapping[str, str]) -> Remedy | None:
    if open_keys:
        choices = [f"--context {key}=VALUE or --absent {key}" for key in spelled_keys(open_keys, spelled)]
        return Remedy(f"to settle it, say what the request will have: {'; '.join(choices)}")
    cures = [cure for layer, cure in _GIVING.items() if any(layer in one.open_layers for one in picked)]
    return Remedy(f"to settle it, {'; '.join(cures)}") if cures else None


def _remedy(denied: Sequence[Evaluation]) -> Remedy:
    """Whom to ask for what; that it helps is not proved."""
    wanted: dict[str, list[str]] = {}
    for one in denied:
        layer = one.blocked_by or PolicyType.IDENTITY
        cure = "stop denying" if one.decision is Decision.EXPLICIT_DENY else "allow"
        wanted.setdefault(f"ask {OWNERS[layer]} to {cure} in the {POLICY_NAMES[layer]}", []).append(asked(one))
    return Remedy("; ".join(f"{who}: {', '.join(texts)}" for who, texts in wanted.items()))
