"""Defines findings in requests: what AWS would refuse, and what nobody can know before the deployment is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from iamcheck.deployment.located import Member, WrittenRequest
    from iamcheck.deployment.unsettled import OpenCause
    from iamcheck.iam.model import Place

__all__ = ["API", "Problem", "RuleFinding", "Unjudged", "Validity"]

API: Final = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that AWS would refuse.

    Args:
        operation: The request's operation, such as `CreateEndpointConfig`.
        path: Where it is in that request, such as `ProductionVariants[0].InitialInstanceCount`; for what is missing,
            where it belongs; empty for the whole.
        place: Where it is written.
        what: What is wrong, in one sentence.
        source: The AWS page with the rule.
        rule: Which rule: an id of the table of rules, or `shape`.
    """

    operation: str
    path: str
    place: Place
    what: str
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Something that AWS may refuse, and that cannot be judged before the deployment is made.

    Args:
        operation: As in `Problem`, and so are the next five.
        path: Where it is in the request.
        place: Where it is written.
        what: Why it cannot be judged.
        source: The AWS page with the rule.
        rule: Which rule.
        trusted: Whether it is taken for valid: a free text, which is most often one that AWS itself will have made, or
            the name of something that another deployment makes.
        causes: Why it is not known, where the reader of its source can tell.
    """

    operation: str
    path: str
    place: Place
    what: str
    source: str
    rule: str
    trusted: bool = False
    causes: tuple[OpenCause, ...] = ()


@dataclass(frozen=True, slots=True)
class Validity:
    """Everything that is found, in an order that depends on nothing but the requests' members.

    Args:
        problems: What AWS would refuse.
        unjudged: What it may refuse: a choice, a number or a rule that needs what is not known yet.
        on_trust: Texts that are known only when the deployment is made, such as the ARN of a role that it creates: AWS
            made most of them itself, and they are taken for valid.
    """

    problems: tuple[Problem, ...] = ()
    unjudged: tuple[Unjudged, ...] = ()
    on_trust: tuple[Unjudged, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """What a rule says of one member.

    Args:
        request: The request that it is in.
        at: The member; for what is missing, a member without a value.
        what: What is wrong, in one sentence.
        certain: False where it cannot be judged.
        trusted: Where it is not certain: whether it is taken for valid, and listed as an assumption.
    """

    request: WrittenRequest
    at: Member
    what: str
    certain: bool = True
    trusted: bool = False
