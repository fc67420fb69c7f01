"""Lists what a plan does that no check judges: other resources, actions, provisioners, and Terraform's own calls.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from iamcheck.deployment.terraform._document import items, members, text
from iamcheck.deployment.terraform._plan import Action
from iamcheck.results import NotCovered

if TYPE_CHECKING:
    from collections.abc import Iterator

    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan
    from iamcheck.iam.model import Place

__all__ = ["uncovered"]


def uncovered(plan: TerraformPlan, file: Place, judged: set[int]) -> Iterator[NotCovered]:
    """What a plan does and no check judges.

    Args:
        plan: The plan.
        file: Its file.
        judged: The resources that are judged, by their `id`.
    """
    why = "the plan does not say where it is, and no check judges the calls that read and write it"
    yield NotCovered("Terraform's state", file, why)
    for deferred in plan.deferred:
        yield NotCovered(deferred.type, file._replace(path=deferred.address), "Terraform leaves it to a later plan")
    for resource in plan.resources:
        if resource.kind == "managed" and resource.action not in (Action.KEEP, Action.FORGET):
            yield from _of_resource(plan, resource, resource.place(file), is_judged=id(resource) in judged)
    for invoked in plan.invoked:
        place = file._replace(path=invoked.address)
        yield NotCovered(invoked.type, place, "Terraform invokes this action, and no check judges the calls for it")


def _of_resource(
    plan: TerraformPlan, resource: PlannedResource, place: Place, *, is_judged: bool
) -> Iterator[NotCovered]:
    if not is_judged and not resource.changes_tags_alone:
        word = "deleted" if resource.action.is_gone else f"{resource.action.value}d"
        yield NotCovered(resource.type, place, f"it is {word}, and no check judges the calls for it")
        return
    if resource.action is Action.UPDATE and resource.before.get("tags_all") != resource.after.get("tags_all"):
        yield NotCovered(resource.type, place, "its tags change, and no check judges AddTags and DeleteTags")
    if resource.action is not Action.UPDATE:
        # provisioners run when a resource is created or deleted
        configuration = plan.configuration_of(resource) or {}
        for provisioner in items(configuration.get("provisioners"), f"{resource.address}, provisioners"):
            kind = text(members(provisioner, resource.address).get("type")) or ""
            what = f"{resource.type} provisioner {kind}"
            yield NotCovered(what, place, "Terraform runs it, and no check judges what it calls")
