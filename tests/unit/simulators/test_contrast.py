"""What AWS's simulator hides: worlds in which it decides with confidence, and what is found behind that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from iamcheck.iam.model import UNREAD, PolicySet, Request
from iamcheck.simulators.aws import AwsSimulator
from iamcheck.simulators.unknown_keys import HIDDEN_KEYS, contrasts, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from iamcheck.simulators.unknown_keys import Survey

ROLE = "arn:aws:iam::123456789012:role/ci"
ENDPOINT = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn"
CREATE = Request("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:RequestedRegion": "eu-west-1"})
UNREAD_POLICIES = PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, rcps=UNREAD, resource=UNREAD, session=UNREAD)

Context = dict[str, tuple[str, list[str]]]


@dataclass
class World:
    """A simulator that decides by the context that it is sent, under names in lower case."""

    allows: Callable[[Context], bool]
    organizations: bool | None = None
    asked: list[Context] = field(default_factory=list)

    def simulate_principal_policy(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
        context = {
            entry["ContextKeyName"].lower(): (entry["ContextKeyType"], entry["ContextKeyValues"])
            for entry in asked.get("ContextEntries", ())
        }
        self.asked.append(context)
        decision = "allowed" if self.allows(context) else "explicitDeny"
        detail = {} if self.organizations is None else {"AllowedByOrganizations": self.organizations}
        return {
            "EvaluationResults": [
                {
                    "EvalActionName": action,
                    "ResourceSpecificResults": [
                        {"EvalResourceName": arn, "EvalResourceDecision": decision} for arn in asked["ResourceArns"]
                    ],
                    "OrganizationsDecisionDetail": detail or None,
                }
                for action in asked["ActionNames"]
            ]
        }


def found(world: World, keys: Sequence[str], *requests: Request) -> Survey:
    return survey(AwsSimulator(world, ROLE), requests or [CREATE], UNREAD_POLICIES, keys)


def values(context: Context, key: str) -> list[str]:
    """The values that a plain operator sees: a key that came as a list matches none."""
    kind, texts = context.get(key, ("", []))
    return [] if kind.endswith("List") else texts


def test_a_decision_that_no_value_changes_is_certain() -> None:
    world = World(lambda _: True)
    result = found(world, ["aws:SourceIp"])
    (answer,) = result.evaluations
    assert (answer.allowed, answer.open_keys) == (True, frozenset())
    assert (result.tried, result.organizations) == (("aws:SourceIp",), False)
    assert len(world.asked) == 1 + len(contrasts("aws:SourceIp", "sagemaker"))


def test_without_unknown_keys_there_is_one_call() -> None:
    world = World(lambda _: True)
    assert found(world, ["aws:requestedregion"]).evaluations[0].allowed is True
    assert len(world.asked) == 1


WORLDS: dict[str, tuple[str, Callable[[Context], bool]]] = {
    "Deny, IpAddress": ("aws:sourceip", lambda c: "203.0.113.77" not in values(c, "aws:sourceip")),
    "Deny, NotIpAddress of a range that nobody guesses": (
        "aws:sourceip",
        lambda c: c.get("aws:sourceip", ("",))[0] == "ipList",
    ),
    "Deny, Bool MFA false": (
        "aws:multifactorauthpresent",
        lambda c: values(c, "aws:multifactorauthpresent") != ["false"],
    ),
    "Allow, Bool MFA true": (
        "aws:multifactorauthpresent",
        lambda c: values(c, "aws:multifactorauthpresent") == ["true"],
    ),
    "Deny, Null false": ("aws:userid", lambda c: "aws:userid" not in c),
    "Deny, DateGreaterThan": (
        "aws:tokenissuetime",
        lambda c: "2999-01-01T00:00:00Z" not in values(c, "aws:tokenissuetime"),
    ),
    "Deny, ForAllValues:StringNotEquals": ("sagemaker:instancetypes", lambda c: "sagemaker:instancetypes" not in c),
    "Deny, ArnNotLike": (
        "aws:sourcearn",
        lambda c: not any(text.startswith("arn:") for text in values(c, "aws:sourcearn")),
    ),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_condition_on_an_unknown_key_is_found(name: str) -> None:
    key, allows = WORLDS[name]
    result = found(World(allows), [key])
    (answer,) = result.evaluations
    assert answer.allowed is None
    assert (set(answer.open_keys), result.tried) == ({key}, ())


def test_known_and_absent_keys_are_not_tried() -> None:
    world = World(lambda c: "aws:sourceip" not in c or c["aws:sourceip"][1] == ["192.0.2.9"])
    known = Request(CREATE.action, ENDPOINT, context={"aws:sourceIP": "192.0.2.9"}, absent=["AWS:userid"])
    result = found(world, ["aws:SourceIp", "aws:userid"], known)
    assert result.evaluations[0].allowed is True
    assert len(world.asked) == 1


def test_a_denial_that_no_value_changes_is_a_denial() -> None:
    answer = found(World(lambda _: False), ["aws:SourceIp"]).evaluations[0]
    assert answer.allowed is False
    assert answer.certain


def test_keys_that_deny_only_together_are_found() -> None:
    # Deny where both are there: no single key changes anything
    world = World(lambda c: not {"aws:userid", "aws:referer"} <= c.keys())
    result = found(world, ["aws:userid", "aws:referer", "aws:UserAgent"])
    assert result.evaluations[0].open_keys == {"aws:userid", "aws:referer"}
    assert result.tried == ("aws:UserAgent",)


def test_hidden_keys_are_tried_where_scps_are_in_play() -> None:
    world = World(lambda c: values(c, "aws:multifactorauthpresent") != ["false"], organizations=True)
    result = found(world, [])
    assert result.organizations
    assert result.evaluations[0].open_keys == {"aws:multifactorauthpresent"}
    assert set(result.tried) == {*HIDDEN_KEYS} - {"aws:MultiFactorAuthPresent"}


def test_what_may_be_looked_at_costs_few_calls() -> None:
    world = World(lambda _: True, organizations=True)
    found(world, [])
    # the first answer; 3 of MFA, 3 of SourceIp, 2 of SourceVpc, 2 of SourceVpce; 3 of all together
    assert len(world.asked) == 1 + 10 + 3


def test_without_scps_and_a_boundary_nothing_is_hidden() -> None:
    world = World(lambda _: True)
    found(world, [])
    assert len(world.asked) == 1


def test_a_key_that_cannot_be_sent_stays_open() -> None:
    result = found(World(lambda _: True), ["a:b"])
    assert result.evaluations[0].open_keys == {"a:b"}


def test_each_request_is_judged_by_itself() -> None:
    free = Request(CREATE.action, ENDPOINT + "-2", context=CREATE.context, absent=["aws:SourceIp"])
    result = found(World(lambda c: "aws:sourceip" not in c), ["aws:SourceIp"], CREATE, free)
    assert [one.allowed for one in result.evaluations] == [None, True]
    assert result.tried == ()


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("aws:SourceIp", {"ip", "ipList"}),
        ("aws:MultiFactorAuthPresent", {"boolean", "booleanList"}),
        ("aws:MultiFactorAuthAge", {"numeric", "numericList"}),
        ("aws:TokenIssueTime", {"date", "dateList"}),
        ("aws:TagKeys", {"stringList"}),
        ("made:up-key", {"string", "stringList"}),
    ],
)
def test_contrasts_have_the_type_of_the_key(key: str, kinds: set[str]) -> None:
    assert {str(value.type) for value in contrasts(key, "sagemaker")} == kinds
