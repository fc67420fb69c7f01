"""Opens denials by RCPs that may not be over a resource: they act on resources of the accounts that they are over.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from iamcheck.checks.principal.judge import JudgedRequest
from iamcheck.iam.model import PolicyType

if TYPE_CHECKING:
    from iamcheck.iam.model import PolicySet
    from iamcheck.simulators import Simulator

__all__ = ["open_where_another_owns_it"]


def open_where_another_owns_it(row: JudgedRequest, layers: PolicySet, local: Simulator) -> JudgedRequest:
    """The decision; not certain where RCPs over the caller's account alone deny a resource of another account.

    Whether the same RCPs are over the owner's account, only its own organization says.

    Args:
        row: The decision.
        layers: The policies that it was made under.
        local: The local engine.
    """
    evaluation = row.evaluation
    if evaluation.blocked_by is not PolicyType.RCP or not evaluation.request.is_across_accounts:
        return row
    (without,) = local.simulate([evaluation.request], replace(layers, rcps=()))
    if without.allowed is False:
        return JudgedRequest(without, row.why)
    parts = evaluation.request.parts
    owner = f"account {parts[4]}" if parts and parts[4] else "the account"
    why = f"whether these RCPs are over {owner} too, which owns the resource, nobody has read"
    open_evaluation = replace(evaluation, certain=False, could_allow=True)
    return JudgedRequest(open_evaluation, "; ".join(filter(None, (row.why, why))))
