"""Requests next to what a deployment needs, which its policy must not allow."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from iamcheck.iam import catalogue
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model import Arn, Effect, Request

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from iamcheck.iam.model import ContextInput, Policy, Statement

__all__ = ["Beyond", "beyond"]

_SERVICES = ("sagemaker", "iam", "kms", "sts")
"""Services whose every action is tried where a NotAction may allow it."""

_UNRELATED = ("ec2:RunInstances", "s3:GetObject", "iamcheck:Unheard")
"""Actions of other services, for a NotAction allows what it does not name."""

_OF_THE_ARN = ("aws:requestedregion", "aws:resourceaccount")
"""Keys whose value goes with the ARN that is asked for."""

_OF_THE_PURPOSE: Mapping[str, tuple[ContextInput, str]] = {
    "iam:PassedToService": ("ec2.amazonaws.com", "passed to another service"),
    "kms:GrantIsForAWSResource": (False, "a grant for anybody"),
    "kms:ResourceAliases": (["alias/iamcheck-neighbour"], "a key with another alias"),
    "kms:ViaService": ("iamcheck.us-east-1.amazonaws.com", "through another service"),
    "s3:prefix": ("iamcheck-neighbour/", "another prefix"),
    "sagemaker:TaggingAction": ("CreateModel", "tagging in another call"),
}
"""Keys that say what a call is made for, with a value of another purpose."""

# patterns are texts, which `re` compiles when they are first used: start-up is a feature
_WILDCARD = r"\$\{([*?$])\}|\$\{[^}]*\}|[*?]"


@dataclass(frozen=True)
class Beyond:
    """A request that must stay denied, and what it is in words."""

    request: Request
    what: str


def beyond(policy: Policy, needed: Sequence[Request]) -> Iterator[Beyond]:
    """Everything near what is needed that is not needed itself: neighbours, other actions, what wildcards stand for.

    Of other actions only those are asked for that some Allow of the policy names, by a wildcard or a NotAction too. The
    rest, all of SageMaker's 400 and more in a policy without wildcards, is denied for want of any Allow.
    """
    actions = tuple(dict.fromkeys(request.action for request in needed))
    arns = tuple(dict.fromkeys(request.resource for request in needed))
    allows = [statement for statement in policy.statements if statement.effect is Effect.ALLOW]
    neighbours = ((request.action, arn, what) for request in needed for arn, what in _neighbours(request.resource))
    # a needed `key/*` is any key with an alias, and a name's pattern any such name: what either stands for is needed
    patterns = _matched_resources(allows, but=arns)
    by_resource = ((action, arn, what) for arn, what in patterns for action in actions)
    by_action = ((action, arn, what) for action, what in _matched_actions(allows) for arn in arns)
    common = _common(needed)
    contexts = {name: _common_of_action([one for one in needed if one.action == name]) for name in actions}
    seen = {(request.action.lower(), request.resource) for request in needed}
    known = {action.lower() for action in actions}
    wide = [(request.action.lower(), request.resource[:-1]) for request in needed if request.resource.endswith("*")]
    for action, arn, what in chain(neighbours, by_resource, by_action):
        pair = (action.lower(), arn)
        if any(pair[0] == name and start and arn.startswith(start) for name, start in wide):
            # what such a request stands for is needed too
            continue
        # a needed action on an ARN of the deployment that it is not needed on has no effect there
        if pair not in seen and (arn not in arns or pair[0] not in known or catalogue.accepts(action, arn)):
            seen.add(pair)
            yield Beyond(_request(action, arn, *contexts.get(action, common)), what)
    for request in needed:
        yield from _otherwise(request)


def _otherwise(request: Request) -> Iterator[Beyond]:
    """A needed request on its own resource, in the context of another purpose than the deployment's."""
    for key, (other, what) in _OF_THE_PURPOSE.items():
        if key in request.context:
            yield Beyond(replace(request, context={**request.context, key: other}), what)


def _common(needed: Sequence[Request]) -> tuple[dict[str, ContextInput], frozenset[str]]:
    """What every needed request says of its context, what the user said of it included, but for where it goes."""
    first, *others = needed
    context = {
        key: value
        for key, value in first.context.items()
        if key.lower() not in _OF_THE_ARN
        and all(key in other.context and other.context[key] == value for other in others)
    }
    absent = frozenset(first.absent).intersection(*(other.absent for other in others))
    return context, frozenset(key for key in absent if key.lower() not in _OF_THE_ARN)


def _common_of_action(needed: Sequence[Request]) -> tuple[dict[str, ContextInput], frozenset[str]]:
    """As `_common`; a purpose that some of the requests have is not that of a request next to the others."""
    context, absent = _common(needed)
    for key, (other, _) in _OF_THE_PURPOSE.items():
        if 0 < sum(key in one.context for one in needed) < len(needed):
            context[key] = other
    return context, absent


def _request(action: str, arn: str, context: Mapping[str, ContextInput], absent: frozenset[str]) -> Request:
    region, account_id = arn.split(":")[3:5] if arn != "*" else ("", "")
    # the ARN of a role has no Region, and that of a bucket no account either
    places: dict[str, ContextInput] = {"aws:RequestedRegion": region, "aws:ResourceAccount": account_id}
    known = {key: value for key, value in places.items() if value}
    return Request(action, arn, context={**context, **known}, absent=absent)


def _neighbours(resource: str) -> Iterator[tuple[str, str]]:
    """ARNs that differ from one in one part."""
    if resource == "*":
        return
    arn = Arn.parse(resource)
    for other in _other_names(arn.resource):
        yield str(replace(arn, resource=other)), "another name"
    if arn.service == "s3" and "/" in arn.resource:
        bucket, _, key = arn.resource.partition("/")
        for other in (f"{bucket}x", f"x{bucket}", "iamcheck-neighbour"):
            yield str(replace(arn, resource=f"{other}/{key}")), "another bucket"
    for region in _other_regions(arn.region, arn.partition) if arn.region else ():
        yield str(replace(arn, region=region)), "another Region"
    if arn.account_id.isdecimal():
        account_id = arn.account_id[:-1] + str((int(arn.account_id[-1]) + 1) % 10)
        yield str(replace(arn, account_id=account_id)), "another account"
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        if partition != arn.partition:
            yield str(replace(arn, partition=partition)), "another partition"


def _other_names(resource: str) -> Iterator[str]:
    """Names next to one, and of `NAME/*` something in what is called alike."""
    kind, slash, name = resource.partition("/")
    if not slash:
        # a bucket, a topic `NAME`, an alarm `alarm:NAME`
        kind, slash, name = resource.rpartition(":")
    # what a `*` at the end stands for is needed, so that the name before it is what can differ
    inner, rest = (name[:-2], f"{name[-2]}x") if name.endswith(("/*", ":*")) else (name, "")
    plain = inner.replace("*", "x")
    others = (f"{plain}x", f"{plain}-2", f"x{plain}", plain[:-1], inner.partition("*")[0][:-1], plain.swapcase())
    # what a pattern stands for is needed, whatever it looks like
    stands_for = compile_glob(glob_pieces(inner))
    for other in dict.fromkeys((*others, "iamcheck-neighbour")) if name != "*" else ():
        if other and not stands_for(other):
            yield f"{kind}{slash}{other}{rest}"


@lru_cache(maxsize=8)
def _other_regions(region: str, partition: str) -> tuple[str, ...]:
    """A Region of the same part of the world and one of another part, where the partition has them."""
    area = region.partition("-")[0]
    others = [one.name for one in catalogue.regions(partition) if one.name != region]
    near = [name for name in others if name.startswith(f"{area}-")]
    far = [name for name in others if not name.startswith(f"{area}-")]
    return (*near[:1], *far[:1]) or ("us-east-1",)


def _matched_actions(allows: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """Actions that the Allows name: as such, by a wildcard today or tomorrow, or by not being in a NotAction."""
    named = list(dict.fromkeys(action for one in allows for action in one.actions or ()))
    patterns = [action for action in named if _has_wildcard(action)]
    yield from ((action, "another action") for action in named if not _has_wildcard(action))
    if any(one.not_actions is not None for one in allows):
        yield from ((action, "no NotAction names it") for action in _UNRELATED)
        for service in _SERVICES:
            yield from ((action, "no NotAction names it") for action in catalogue.actions(service))
    if patterns:
        # imported when used: policyuniverse is slow to load, and the packaged templates have no wildcards
        from iamcheck.iam.action_expansion import expand_actions

        for pattern in patterns:
            for action in expand_actions([pattern]):
                if not _has_wildcard(action):
                    yield action, f"{pattern} stands for it"
    for pattern in patterns:
        for letter in "xy":
            unheard = re.sub(r"[*?]", letter, pattern)
            yield unheard if ":" in unheard else f"{unheard}:{letter}", f"{pattern} would stand for it"


def _has_wildcard(action: str) -> bool:
    return "*" in action or "?" in action


def _matched_resources(allows: Iterable[Statement], *, but: Collection[str]) -> Iterator[tuple[str, str]]:
    """ARNs that wildcards and variables in the policy's resources stand for, but for some patterns."""
    for pattern in dict.fromkeys(arn for one in allows for arn in one.resources or () if arn not in ("*", *but)):
        for letter in "xy":
            instance = _instance(pattern, letter)
            if instance != pattern:
                yield instance, f"{pattern} stands for it"


def _instance(pattern: str, letter: str) -> str:
    return re.sub(_WILDCARD, lambda match: match[1] or letter, pattern)
