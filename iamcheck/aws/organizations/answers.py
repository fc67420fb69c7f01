"""Reads the answers of AWS Organizations into values, from calls and from files alike.

Each function refuses an answer that cannot be understood with AwsUnavailableError: a list that is left out, an id that
is not the one asked for. Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.aws.organizations.found import KINDS
from iamcheck.iam.model import Policy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.aws.clients import AwsAnswer
    from iamcheck.iam.model import PolicyType

__all__ = ["Organization", "Parent", "attached_of", "organization_of", "parent_of", "policy_of", "types_of"]

_PARENTS: Final = {"ROOT": True, "ORGANIZATIONAL_UNIT": False}
_FEATURES: Final = {"ALL": True, "CONSOLIDATED_BILLING": False}


class Organization(NamedTuple):
    """An organization: its id, its management account, and whether it can have policies at all."""

    id: str
    management_account_id: str
    has_policies: bool


class Parent(NamedTuple):
    """What an account or an organizational unit is in."""

    id: str
    is_root: bool


def organization_of(answer: AwsAnswer) -> Organization:
    """Reads the answer of DescribeOrganization."""
    described = _part(answer, "Organization")
    features = described.text("FeatureSet")
    if features not in _FEATURES:
        raise answer.unusable(f"the FeatureSet {features} is not one that is known")
    return Organization(described.text("Id"), described.text("MasterAccountId"), _FEATURES[features])


def parent_of(pages: Sequence[AwsAnswer]) -> Parent:
    """Reads the answer of ListParents; AWS says that there is one parent, and today only one."""
    parents = {(part.text("Id"), part.text("Type")) for part in _parts(pages, "Parents")}
    if len(parents) != 1:
        raise pages[-1].unusable(f"there is one parent, and the answer has {len(parents)}")
    ((parent, kind),) = parents
    if kind not in _PARENTS:
        raise pages[-1].unusable(f"a parent of type {kind} is not one that is known")
    return Parent(parent, _PARENTS[kind])


def attached_of(pages: Sequence[AwsAnswer], layer: PolicyType) -> tuple[str, ...]:
    """Reads the answer of ListPoliciesForTarget: the ids of the policies, each once."""
    names: dict[str, None] = {}
    for part in _parts(pages, "Policies"):
        if part.text("Type") != KINDS[layer]:
            raise part.unusable(f"a {part.text('Type')} where only {KINDS[layer]} was asked for")
        names[part.text("Id")] = None
    return tuple(names)


def policy_of(answer: AwsAnswer, policy_id: str, layer: PolicyType) -> Policy:
    """Reads the answer of DescribePolicy; InvalidInputError where its document is not understood."""
    described = _part(answer, "Policy")
    summary = _part(described, "PolicySummary")
    if (summary.text("Id"), summary.text("Type")) != (policy_id, KINDS[layer]):
        raise answer.unusable(f"it is about another policy than {policy_id}")
    name = f"{summary.text('Name')} ({policy_id})"
    # AWS stores it, whatever IAM would refuse
    return Policy.parse(described.text("Content"), name=name, layer=layer, stored=False)


def types_of(pages: Sequence[AwsAnswer], root_id: str) -> Mapping[str, str]:
    """Reads the answer of ListRoots: the policy types of the root, each with its status."""
    roots = [part for part in _parts(pages, "Roots") if part.text("Id") == root_id]
    if len(roots) != 1:
        raise pages[-1].unusable(f"the root {root_id} is not in it, or not once")
    return {part.text("Type"): part.text("Status") for part in _parts(roots, "PolicyTypes")}


def _part(answer: AwsAnswer, member: str) -> AwsAnswer:
    part = answer.part(member)
    if part is None:
        raise answer.unusable(f"{member} is missing from the answer")
    return part


def _parts(pages: Sequence[AwsAnswer], member: str) -> Iterator[AwsAnswer]:
    for page in pages:
        if page.data.get(member) is None:
            # Organizations names empty lists; what has none is not its answer
            raise page.unusable(f"{member} is missing from the answer")
        yield from page.parts(member)
