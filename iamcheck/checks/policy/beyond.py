"""Makes the requests next to what a deployment needs, which its policy must not allow."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from iamcheck.checks.policy.evidence import statement_name
from iamcheck.checks.policy.mentioned import arns_of, instances, mentions
from iamcheck.checks.policy.purposes import PURPOSES
from iamcheck.checks.policy.reach import acts_on, covers, has_wildcard
from iamcheck.iam import catalogue
from iamcheck.iam.engine.wildcards import compile_glob, glob_pieces
from iamcheck.iam.model import Arn, Effect, Request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from iamcheck.checks.policy.mentioned import Mentions
    from iamcheck.checks.policy.reach import Gap
    from iamcheck.iam.model import ContextInput, Policy, Statement

__all__ = ["Beyond", "beyond"]

_SERVICES = ("sagemaker", "iam", "kms", "sts")
"""Services whose every action is tried where a NotAction may allow it."""

_UNRELATED = ("ec2:RunInstances", "s3:GetObject", "iamcheck:Unheard")
"""Actions of other services, for a NotAction allows what it does not name."""

_OF_THE_ARN = ("aws:requestedregion", "aws:resourceaccount")
"""Keys whose value goes with the ARN that is asked for."""

_OF_A_STATEMENT = 400
"""Resources that are tried of those that one statement with a gap may stand for."""


class Beyond(NamedTuple):
    """A request that must stay denied, and what it is in words."""

    request: Request
    what: str


def beyond(policy: Policy, needed: Sequence[Request], gaps: Sequence[Gap] = ()) -> Iterator[Beyond]:
    """Everything near what is needed that is not needed itself: neighbours, other actions, what wildcards stand for.

    Of other actions only those are asked for that some Allow of the policy names, by a wildcard or a NotAction too. The
    rest, all of SageMaker's 400 and more in a policy without wildcards, is denied for want of any Allow.

    Args:
        policy: The policy to judge.
        needed: What must be allowed.
        gaps: What comparison did not show to be within the need: there everything that the policy mentions is tried.
    """
    known = mentions(policy)
    contexts = {
        name: _common_of_action([request for request in needed if request.action_key == name])
        for name in dict.fromkeys(request.action_key for request in needed)
    }
    common = _common(needed)
    is_needed = _need_of(needed)
    seen: set[tuple[str, str]] = set()
    for action, arn, what in chain(_near(policy, needed), _mentioned(policy, needed, gaps, known)):
        pair = (action.lower(), arn)
        if pair not in seen and not is_needed(action, arn):
            seen.add(pair)
            request = _request(action, arn, *contexts.get(pair[0], common))
            yield Beyond(request, what)
            if gaps:
                yield from (Beyond(value, what) for value in _with_other_values(request, known))
    for request in needed:
        alike = [
            other for other in needed if (other.action_key, other.resource) == (request.action_key, request.resource)
        ]
        yield from _otherwise(request, alike, known)


def _near(policy: Policy, needed: Sequence[Request]) -> Iterator[tuple[str, str, str]]:
    """Neighbours of what is needed, and what the Allows' wildcards stand for: action, ARN, what it is in words."""
    actions = tuple(dict.fromkeys(request.action for request in needed))
    arns = tuple(dict.fromkeys(request.resource for request in needed))
    allows = [statement for statement in policy.statements if statement.effect is Effect.ALLOW]
    for request in needed:
        for arn, what in _neighbours(request.resource):
            yield request.action, arn, what
    for arn, what in _matched_resources(allows, but=arns):
        yield from ((action, arn, what) for action in actions)
    for action, what in _matched_actions(allows):
        yield from ((action, arn, what) for arn in arns)


def _mentioned(
    policy: Policy, needed: Sequence[Request], gaps: Sequence[Gap], known: Mentions
) -> Iterator[tuple[str, str, str]]:
    """What the statements that have gaps stand for, with what the policy mentions: as for `_near`."""
    arns = tuple(dict.fromkeys(request.resource for request in needed))
    actions = tuple(dict.fromkeys(request.action for request in needed))
    for index in dict.fromkeys(gap.statement.index for gap in gaps):
        statement = policy.statements[index]
        reached = [action for action in actions if acts_on(statement, action)]
        named = [action for action in statement.actions or () if not has_wildcard(action)]
        for arn in islice(arns_of(statement, known, arns), _OF_A_STATEMENT):
            for action in dict.fromkeys((*reached, *named)):
                yield action, arn, f"{statement_name(statement)} may stand for it"


def _need_of(needed: Sequence[Request]) -> Callable[[str, str], bool]:
    """Tells of an action and an ARN whether they are needed, or an ARN of the deployment without effect there."""
    ours = {request.resource for request in needed}
    by_action: dict[str, list[str]] = {}
    for request in needed:
        by_action.setdefault(request.action_key, []).append(request.resource)

    def is_needed(action: str, arn: str) -> bool:
        resources = by_action.get(action.lower(), [])
        if any(covers(resource, arn) for resource in resources):
            return True
        return bool(resources) and arn in ours and not catalogue.accepts(action, arn)

    return is_needed


def _with_other_values(request: Request, known: Mentions) -> Iterator[Request]:
    """The request with each other value of a known key that the policy mentions, with none of them, and without it."""
    for key, value in request.context.items():
        lowered = key.lower()
        if lowered in known.values and lowered not in _OF_THE_ARN:
            rest = {name: kept for name, kept in request.context.items() if name != key}
            for other in _others([request], key, known):
                yield replace(request, context={**rest, key: [other] if isinstance(value, (list, tuple)) else other})
            yield replace(request, context=rest, absent=(*request.absent, key))


def _otherwise(request: Request, alike: Sequence[Request], known: Mentions) -> Iterator[Beyond]:
    """A needed request on its own resource, in the context of another purpose than any of those that it is needed for.

    Args:
        request: The request.
        alike: The needed requests for the same action on the same resource, this one among them.
        known: What the policy mentions.
    """
    for key, (other, what) in PURPOSES.items():
        if key in request.context:
            rest = {name: kept for name, kept in request.context.items() if name != key}
            values = [other, *([kept] if isinstance(other, list) else kept for kept in _others(alike, key, known))]
            changed = [replace(request, context={**rest, key: value}) for value in values]
            changed.append(replace(request, context=rest, absent=(*request.absent, key)))
            yield from (
                Beyond(variation, what)
                for variation in changed
                if not any(_has_purpose(variation, need) for need in alike)
            )


def _has_purpose(request: Request, need: Request) -> bool:
    """Whether a request is made for what the need is."""
    keys = [key.lower() for key in PURPOSES if key in need.context]
    return all(key in request.given and request.given[key].values == need.given[key].values for key in keys)


def _others(requests: Sequence[Request], key: str, known: Mentions) -> tuple[str, ...]:
    """The values of a key that the policy mentions, but for those that the requests have."""
    own = [value for request in requests if key.lower() in request.given for value in request.given[key.lower()].values]
    # a value that is needed may be a pattern, and truth values have no case
    same = [compile_glob(glob_pieces(value.lower() if value in ("true", "false") else value)) for value in own]
    truth = any(value in ("true", "false") for value in own)
    texts = ((text.lower() if truth else text) for text in known.values.get(key.lower(), ()))
    return tuple(dict.fromkeys(text for text in texts if not any(matches(text) for matches in same)))


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
    for key, (other, _) in PURPOSES.items():
        if 0 < sum(key in request.context for request in needed) < len(needed):
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
        yield str(arn._replace(resource=other)), "another name"
    if arn.service == "s3" and "/" in arn.resource:
        bucket, _, key = arn.resource.partition("/")
        for other in (f"{bucket}x", f"x{bucket}", "iamcheck-neighbour"):
            yield str(arn._replace(resource=f"{other}/{key}")), "another bucket"
    for region in _other_regions(arn.region, arn.partition) if arn.region else ():
        yield str(arn._replace(region=region)), "another Region"
    if arn.account_id.isdecimal():
        account_id = arn.account_id[:-1] + str((int(arn.account_id[-1]) + 1) % 10)
        yield str(arn._replace(account_id=account_id)), "another account"
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        if partition != arn.partition:
            yield str(arn._replace(partition=partition)), "another partition"


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
    others = [row.name for row in catalogue.regions(partition) if row.name != region]
    near = [name for name in others if name.startswith(f"{area}-")]
    far = [name for name in others if not name.startswith(f"{area}-")]
    return (*near[:1], *far[:1]) or ("us-east-1",)


def _matched_actions(allows: Sequence[Statement]) -> Iterator[tuple[str, str]]:
    """Actions that the Allows name: as such, by a wildcard today or tomorrow, or by not being in a NotAction."""
    named = list(dict.fromkeys(action for allow in allows for action in allow.actions or ()))
    patterns = [action for action in named if has_wildcard(action)]
    yield from ((action, "another action") for action in named if not has_wildcard(action))
    if any(allow.not_actions is not None for allow in allows):
        yield from ((action, "no NotAction names it") for action in _UNRELATED)
        for service in _SERVICES:
            yield from ((action, "no NotAction names it") for action in catalogue.actions(service))
    if patterns:
        # imported when used: policyuniverse is slow to load, and the packaged templates have no wildcards
        from iamcheck.iam.action_expansion import expand_actions

        for pattern in patterns:
            for action in expand_actions([pattern]):
                if not has_wildcard(action):
                    yield action, f"{pattern} stands for it"
    for pattern in patterns:
        for letter in "xy":
            unheard = re.sub(r"[*?]", letter, pattern)
            yield unheard if ":" in unheard else f"{unheard}:{letter}", f"{pattern} would stand for it"


def _matched_resources(allows: Iterable[Statement], *, but: Collection[str]) -> Iterator[tuple[str, str]]:
    """ARNs that wildcards and variables in the policy's resources stand for, but for some patterns."""
    for pattern in dict.fromkeys(arn for allow in allows for arn in allow.resources or () if arn not in ("*", *but)):
        yield from ((instance, f"{pattern} stands for it") for instance in instances(pattern) if instance != pattern)
