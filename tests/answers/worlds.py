"""Asks many requests under many policies, and writes whole answers as short lines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from iamcheck.iam.engine import Semantics, evaluate
from iamcheck.iam.model import Decision, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from iamcheck.iam.model import Evaluation, PolicySet, Request, StatementRef

__all__ = ["World", "answer_line", "policy", "reference", "written"]


@dataclass(frozen=True)
class World:
    """Policies, and what is asked under them.

    Args:
        title: What the policies say, in short.
        policies: The policies.
        requests: By a word that stands for what differs between them.
        semantics: Whose answers are asked for.
    """

    title: str
    policies: PolicySet
    requests: Mapping[str, Request]
    semantics: Sequence[Semantics] = tuple(Semantics)


def policy(statements: Sequence[Mapping[str, Any]], name: str = "", version: str = "2012-10-17") -> Policy:
    """A policy; what IAM would not store is taken."""
    return Policy.parse({"Version": version, "Statement": list(statements)}, name=name, stored=False)


def reference(ref: StatementRef) -> str:
    """`scp1.0[2]`: the third statement of the first policy of the second level."""
    level = "" if ref.level is None else f"{ref.level}."
    return f"{ref.policy_type}{level}{ref.source}[{ref.index}]"


_WORDS = {Decision.ALLOWED: "allowed", Decision.EXPLICIT_DENY: "denied", Decision.IMPLICIT_DENY: "no"}


def answer_line(answer: Evaluation) -> str:
    """All that an answer says, but for its request: `no?` is an implicit deny that is not certain.

    What is not certain could be allowed, and what is certain and not allowed could not, unless it is said.
    """
    words = [f"{_WORDS[answer.decision]}{'' if answer.certain else '?'}"]
    if answer.could_allow is not (answer.decision is Decision.ALLOWED or not answer.certain):
        words.append("could-be-allowed" if answer.could_allow else "never-allowed")
    lists: dict[str, Sequence[str]] = {
        "by": [answer.blocked_by.value] if answer.blocked_by else [],
        "keys": sorted(answer.open_keys),
        "layers": sorted(answer.open_layers),
        "matched": [reference(ref) for ref in answer.matched],
        "missing": answer.missing_context,
    }
    words += [f"{name}={','.join(values)}" for name, values in lists.items() if values]
    return " ".join(words)


_EVERY = " ".join(Semantics)


def _askers(labels: Mapping[str, list[str]]) -> str:
    """`user role (live): root (live alone simulator)` shortened: the semantics only where they are not all."""
    by_semantics: dict[str, list[str]] = defaultdict(list)
    for label, semantics in labels.items():
        by_semantics[" ".join(semantics)].append(label)
    return ", ".join(
        f"{' '.join(each)}{'' if semantics == _EVERY else f' ({semantics})'}"
        for semantics, each in by_semantics.items()
    )


def written(worlds: Iterable[World]) -> str:
    """Each world with its distinct answers, and who gets each of them."""
    return "\n".join(line for world in worlds for line in _lines(world)) + "\n"


def _lines(world: World) -> Iterator[str]:
    yield world.title
    askers: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for label, request in world.requests.items():
        for semantics in world.semantics:
            askers[answer_line(evaluate(request, world.policies, semantics=semantics))][label].append(semantics)
    counts = {line: sum(map(len, labels.values())) for line, labels in askers.items()}
    most = max(counts, key=lambda line: counts[line])
    for line, labels in askers.items():
        if line != most:
            yield f"  {_askers(labels)}: {line}"
    yield f"  {'all' if len(counts) == 1 else 'others'}: {most}"
