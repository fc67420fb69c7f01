"""Finds what of a request could be another, so that a Deny no longer applies: a Region, an instance type, a tag."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.explain.why.words import listed
from iamcheck.iam.catalogue import condition_key_type
from iamcheck.iam.engine.explain import explain
from iamcheck.iam.model import ContextValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iamcheck.iam.engine.explain import ElementTrace, StatementTrace
    from iamcheck.iam.model import PolicySet, Request

__all__ = ["ways_out"]

_VALUES: Final[Mapping[str, str]] = {
    "aws:requestedregion": "deploy to a Region",
    "sagemaker:acceleratortypes": "use accelerator types",
    "sagemaker:instancetypes": "use instance types",
    "sagemaker:modelarn": "name a model",
    "sagemaker:outputkmskey": "name a KMS key for the output",
    "sagemaker:outputkmskeyarn": "name a KMS key for the output",
    "sagemaker:serverlessmaxconcurrency": "use a MaxConcurrency",
    "sagemaker:serverlessmemorysize": "use a MemorySizeInMB",
    "sagemaker:volumekmskey": "name a KMS key for the volumes",
    "sagemaker:volumekmskeyarn": "name a KMS key for the volumes",
    "sagemaker:vpcsecuritygroupids": "name security groups",
    "sagemaker:vpcsubnets": "name subnets",
}
"""What a deployment can change, by the context key that it changes."""
_TAG: Final = "aws:requesttag/"
_LONGEST_SAMPLE: Final = 200


def ways_out(trace: StatementTrace, request: Request, policies: PolicySet) -> tuple[str, ...]:
    """What the deployment can change so that a Deny does not apply, each seen to help; none where nothing does.

    Args:
        trace: The Deny against the request.
        request: What was denied.
        policies: The policies among which the Deny stands.
    """
    ways: list[str] = []
    for element in trace.elements:
        way = _way(element)
        if way is not None and _helps(way, trace, request, policies):
            ways.append(way.words)
    return tuple(dict.fromkeys(ways))


class _Way(NamedTuple):
    """A change of a deployment.

    Args:
        words: What to do.
        key: The context key that it changes.
        values: Values with which the Deny does not apply; None: the key is absent then.
    """

    words: str
    key: str
    values: Sequence[str] | None


def _way(element: ElementTrace) -> _Way | None:
    if element.key is None or element.operator is None:
        return None
    key, operator = element.key.lower(), element.operator.rpartition(":")[2].removesuffix("IfExists")
    if key.startswith(_TAG):
        return _way_of_tag(element, operator)
    what = _VALUES.get(key)
    if what is None:
        return None
    if operator == "Null":
        is_denied_without = "true" in [value.lower() for value in element.wanted]
        return _Way(what, element.key, ("x",)) if is_denied_without else _Way(f"do not {what}", element.key, None)
    if "Not" in operator:
        return _Way(f"{what} that it exempts: {listed(element.wanted)}", element.key, _samples(element.wanted))
    if operator.startswith(("String", "Arn")):
        return _Way(f"{what} that it does not deny: others than {listed(element.wanted)}", element.key, ("-",))
    if operator.startswith("NumericGreaterThan"):
        limit = "at most" if operator == "NumericGreaterThan" else "less than"
        sample = element.wanted if operator == "NumericGreaterThan" else ("0",)
        return _Way(f"{what} of {limit} {listed(element.wanted)}", element.key, sample)
    return None


def _way_of_tag(element: ElementTrace, operator: str) -> _Way | None:
    key = element.key or ""
    tag = key.partition("/")[2]
    if operator == "Null":
        is_denied_without = "true" in [value.lower() for value in element.wanted]
        words = f"give the tag {tag}" if is_denied_without else f"leave out the tag {tag}"
        return _Way(words, key, ("x",) if is_denied_without else None)
    if "Not" in operator:
        what = f"give the tag {tag} a value that it exempts: {listed(element.wanted)}"
        return _Way(what, key, _samples(element.wanted))
    return _Way(f"give the tag {tag} another value than {listed(element.wanted)}", key, ("-",))


def _samples(patterns: Sequence[str]) -> Sequence[str]:
    """A value that the first text stands for."""
    return (patterns[0][:_LONGEST_SAMPLE].replace("*", "x").replace("?", "x"),)


def _helps(way: _Way, trace: StatementTrace, request: Request, policies: PolicySet) -> bool:
    """Whether the Deny does not apply to the request with the change."""
    lowered = way.key.lower()
    context = {name: value for name, value in request.context.items() if name.lower() != lowered}
    absent = [name for name in request.absent if name.lower() != lowered]
    if way.values is None:
        absent.append(way.key)
    else:
        context[way.key] = ContextValue(tuple(way.values), condition_key_type(way.key))
    changed = replace(request, context=context, absent=absent)
    return any(traced.ref == trace.ref and traced.matched is False for traced in explain(changed, policies))
