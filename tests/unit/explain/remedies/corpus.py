"""Makes whole remedies over a grid of denials: text, statement, proof and diff; and the parts that they are made of."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from iamcheck.deployment import Deployment
from iamcheck.explain.policy_types import POLICIES
from iamcheck.explain.remedies.additions import text_diff, with_statements
from iamcheck.explain.remedies.layers import adding, changing, policy_of, without
from iamcheck.explain.remedies.remedy import World, named, remedy_for
from iamcheck.explain.remedies.statements import needed_policy
from iamcheck.explain.remedies.wording import (
    add_text,
    administrator,
    allow_text,
    ask_text,
    denies_text,
    remedy_text,
)
from iamcheck.iam.engine.evaluate import evaluate
from iamcheck.iam.files import policy_in_text
from iamcheck.iam.model import UNREAD, Decision, Policy, PolicySet, PolicyType, Request
from iamcheck.iam.model.evaluation import StatementRef
from iamcheck.permissions import required
from tests.documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.iam.model import Evaluation
    from iamcheck.results import Remedy
    from tests.approved import Corpus

__all__ = ["TEXTS"]

DEPLOYMENT: Final = Deployment("churn", "churn-v7", region="eu-west-1", account_id="123456789012")
ENDPOINT, CONFIG = DEPLOYMENT.endpoint_arn, DEPLOYMENT.endpoint_config_arn
CREATES: Final = [permission.request for permission in required(DEPLOYMENT)]
ROLE: Final = "arn:aws:iam::123456789012:role/sagemaker"
KEY: Final = "arn:aws:kms:eu-west-1:123456789012:key/1234"
BUCKET: Final = "arn:aws:s3:::models"
TARGETS: Final = "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/*"
PASSING: Final = Request("iam:PassRole", ROLE, context={"iam:PassedToService": "sagemaker.amazonaws.com"})
TAGGING: Final = Request("sagemaker:AddTags", ENDPOINT, context={"sagemaker:TaggingAction": "CreateEndpoint"})
GRANTING: Final = Request(
    "kms:CreateGrant",
    KEY,
    context={
        "kms:GrantIsForAWSResource": True,
        "kms:ViaService": "sagemaker.eu-west-1.amazonaws.com",
        "kms:ResourceAliases": ["alias/a", "alias/b"],
    },
)
SCALING: Final = Request(
    "application-autoscaling:RegisterScalableTarget",
    TARGETS,
    context={
        "application-autoscaling:service-namespace": "sagemaker",
        "application-autoscaling:scalable-dimension": "sagemaker:variant:DesiredInstanceCount",
    },
)
LINKING: Final = Request(
    "iam:CreateServiceLinkedRole", f"{ROLE}-linked", context={"iam:AWSServiceName": "sagemaker.amazonaws.com"}
)
LISTING: Final = Request("s3:ListBucket", BUCKET, context={"s3:prefix": "churn/"})
READING: Final = Request("s3:GetObject", f"{BUCKET}/a")
ASSUMING: Final = Request("sts:AssumeRole", ROLE)
ANN: Final = "arn:aws:iam::123456789012:user/team/ann"
OF_AWS: Final = "arn:aws:iam::aws:policy/PowerUserAccess"
PRINCIPALS: Final[Mapping[str, str | None]] = {
    "nobody": None,
    "a user": ANN,
    "a role": "arn:aws:iam::123456789012:role/deployer",
    "a group": "arn:aws:iam::123456789012:group/deployers",
    "a session": "arn:aws:sts::123456789012:assumed-role/deployer/run",
    "a linked role": "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForX",
    "a permission set": "arn:aws:iam::123456789012:role/aws-reserved/AWSReservedSSO_Deploy_0123456789abcdef",
    "a session of a permission set": "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Deploy_0123456789abcdef/a",
    "a name that is nearly one": "arn:aws:iam::123456789012:role/AWSReservedSSO_Deploy_0123",
}

Statement = dict[str, Any]


def allow(actions: object, resources: object, **more: object) -> Statement:
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def deny(actions: object, resources: object = "*", **more: object) -> Statement:
    return {"Effect": "Deny", "Action": actions, "Resource": resources, **more}


CREATE: Final = allow("sagemaker:CreateEndpoint", [ENDPOINT, CONFIG])
CREATE_CONFIG: Final = allow("sagemaker:CreateEndpointConfig", CONFIG)
BOTH: Final = (CREATE, CREATE_CONFIG)
ALL: Final = allow("*", "*")
GUARD: Final = deny("sagemaker:*Config", Sid="Guard")
NO_ENDPOINTS: Final = deny("sagemaker:CreateEndpoint", Sid="NoEndpoints")


def policy(*statements: Statement, name: str = "own", layer: PolicyType = PolicyType.IDENTITY) -> Policy:
    return Policy.parse(document(*statements), name=name, layer=layer)


def level(*statements: Statement, name: str = "scp") -> list[Policy]:
    return [policy(*statements, name=name, layer=PolicyType.SCP)]


def world(
    *identity: Sequence[Statement],
    requests: Sequence[Request] = CREATES,
    principal: str | None = ANN,
    unchangeable: Sequence[str] = (),
    goal: str = "",
    **layers: Any,  # noqa: ANN401  layers of a policy set
) -> World:
    own = [policy(*statements, name=f"own{at or ''}") for at, statements in enumerate(identity)]
    policies = PolicySet(**{"identity": own, **layers})
    more = {"goal": goal} if goal else {}
    return World(
        policies,
        lambda under: [evaluate(request, under) for request in requests],
        principal,
        unchangeable=frozenset(unchangeable),
        **more,
    )


def _if(operator: str, key: str, *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: list(values) if len(values) > 1 else values[0]}}}


def _tagged(team: str) -> Request:
    return Request("sagemaker:CreateEndpointConfig", CONFIG, context={"aws:RequestTag/team": team})


def told(one: World, **evidence: Any) -> World:  # noqa: ANN401  fields of an evaluation
    """The world as a simulator tells of it that gives less evidence, or other, of what is denied."""

    def decide(under: PolicySet) -> list[Evaluation]:
        answers = one.decide(under)
        return [answer if answer.allowed is not False else replace(answer, **evidence) for answer in answers]

    return replace(one, decide=decide)


EDGE: Final = policy(CREATE, name="edge")
WHOLE_EDGE: Final = policy(ALL, name="edge")
WORLDS: Final[Mapping[str, World]] = {
    "nothing is denied": world(BOTH),
    "something is open": world([{**CREATE, **_if("StringEquals", "aws:PrincipalTag/team", "ml")}]),
    "something is denied, and something open": world(
        [{**CREATE, **_if("StringEquals", "aws:PrincipalTag/team", "ml")}, allow("s3:*", "*")]
    ),
    "no statement at all": world(),
    "one action is missing": world([CREATE]),
    "one resource is missing": world([allow("sagemaker:CreateEndpoint", ENDPOINT), CREATE_CONFIG]),
    "one resource of two policies": world([allow("sagemaker:CreateEndpoint", ENDPOINT)], [CREATE_CONFIG]),
    "one resource of the second policy": world([CREATE_CONFIG], [allow("sagemaker:CreateEndpoint", ENDPOINT)]),
    "two resources of two policies": world(
        [allow("sagemaker:CreateEndpoint", ENDPOINT)], [allow("sagemaker:CreateEndpointConfig", f"{CONFIG}-old")]
    ),
    "two resources of one policy": world(
        [allow("sagemaker:CreateEndpoint", ENDPOINT), allow("sagemaker:CreateEndpointConfig", f"{CONFIG}-old")]
    ),
    "one value is missing": world(
        [CREATE, {**CREATE_CONFIG, **_if("StringEquals", "aws:RequestedRegion", "us-east-1", "us-east-2")}]
    ),
    "one value is missing, of texts with wildcards": world(
        [CREATE, {**CREATE_CONFIG, **_if("StringLike", "aws:RequestedRegion", "us-*")}]
    ),
    "one value is missing, of texts in any case": world(
        [CREATE, {**CREATE_CONFIG, **_if("StringEqualsIgnoreCase", "aws:RequestedRegion", "us-east-1")}]
    ),
    "one value is missing, if it exists": world(
        [CREATE, {**CREATE_CONFIG, **_if("StringEqualsIfExists", "aws:RequestedRegion", "us-east-1")}]
    ),
    "one value is too many": world(
        [CREATE, {**CREATE_CONFIG, **_if("StringNotEquals", "aws:RequestedRegion", "eu-west-1")}]
    ),
    "a key is missing": world([CREATE, {**CREATE_CONFIG, **_if("StringEquals", "aws:SourceAccount", "1")}]),
    "two values are missing": world(
        [
            CREATE,
            {
                **CREATE_CONFIG,
                "Condition": {
                    "StringEquals": {"aws:RequestedRegion": "us-east-1", "aws:ResourceAccount": "210987654321"}
                },
            },
        ]
    ),
    "an action and a resource are missing": world(
        [allow("sagemaker:DescribeEndpoint", f"{ENDPOINT}-old"), CREATE_CONFIG]
    ),
    "a statement with wildcards": world([allow("sagemaker:Create*", ENDPOINT)]),
    "a statement of all but some": world(
        [{"Effect": "Allow", "NotAction": "sagemaker:*", "Resource": "*"}, CREATE],
    ),
    "a statement of all resources but some": world(
        [{"Effect": "Allow", "Action": "sagemaker:*", "NotResource": CONFIG}],
    ),
    "a policy of AWS": world([allow("sagemaker:CreateEndpoint", ENDPOINT), CREATE_CONFIG], unchangeable=["own"]),
    "a policy of AWS before another": world(
        [allow("sagemaker:CreateEndpoint", ENDPOINT)],
        [allow("sagemaker:CreateEndpoint", ENDPOINT), CREATE_CONFIG],
        unchangeable=["own"],
    ),
    "another goal": world([CREATE], goal="the call is allowed"),
    "many requests": world(requests=[PASSING, TAGGING, SCALING, LINKING, LISTING, READING]),
    "four requests": world(requests=[PASSING, TAGGING, READING, SCALING]),
    "three requests": world(requests=[PASSING, TAGGING, READING]),
    "two dimensions": world(
        requests=[
            SCALING,
            replace(
                SCALING,
                context={
                    **SCALING.context,
                    "application-autoscaling:scalable-dimension": "sagemaker:inference-component:DesiredCopyCount",
                },
            ),
        ]
    ),
    "two roles of one purpose": world(requests=[PASSING, replace(PASSING, resource=f"{ROLE}-b")]),
    "one role of two purposes": world(
        requests=[PASSING, replace(PASSING, context={"iam:PassedToService": "ec2.amazonaws.com"})]
    ),
    "a role more for the same purpose": world(
        [allow("iam:PassRole", f"{ROLE}-old", **_if("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com"))],
        requests=[PASSING],
    ),
    "a role more for more purposes": world(
        [
            allow(
                "iam:PassRole",
                f"{ROLE}-old",
                **_if("StringEquals", "iam:PassedToService", "sagemaker.amazonaws.com", "ec2.amazonaws.com"),
            )
        ],
        requests=[PASSING],
    ),
    "a role more without a purpose": world([allow("iam:PassRole", f"{ROLE}-old")], requests=[PASSING]),
    "a purpose more": world(
        [allow("iam:PassRole", ROLE, **_if("StringEquals", "iam:PassedToService", "ec2.amazonaws.com"))],
        requests=[PASSING],
    ),
    "a purpose more of two resources": world(
        [
            allow(
                "sagemaker:AddTags",
                [ENDPOINT, CONFIG],
                **_if("StringEquals", "sagemaker:TaggingAction", "CreateEndpointConfig"),
            )
        ],
        requests=[TAGGING],
    ),
    "a purpose more, in another case of the key": world(
        [allow("sagemaker:AddTags", ENDPOINT, **_if("StringEquals", "SageMaker:TaggingAction", "CreateModel"))],
        requests=[TAGGING],
    ),
    "a prefix more": world(
        [allow("s3:ListBucket", BUCKET, **_if("StringLike", "s3:prefix", "fraud/"))], requests=[LISTING]
    ),
    "an action more on what it is not for": world([CREATE], requests=CREATES),
    "an action more on a bucket": world([allow("s3:PutObject", f"{BUCKET}/a")], requests=[READING]),
    "an action more where another resource is needed": world(
        [allow("s3:PutObject", [f"{BUCKET}/a", f"{BUCKET}/b"])],
        requests=[READING, replace(READING, resource=f"{BUCKET}/b")],
    ),
    "a key that no key policy allows": world([allow("kms:CreateGrant", KEY)], requests=[GRANTING]),
    "one call twice, once without the key of the condition": world(
        [
            {**CREATE_CONFIG, **_if("StringEquals", "aws:RequestTag/team", "dev")},
            {**CREATE_CONFIG, **_if("Null", "aws:RequestTag/team", "true")},
        ],
        requests=[_tagged("ml"), Request("sagemaker:CreateEndpointConfig", CONFIG, absent=("aws:RequestTag/team",))],
    ),
    **{
        f"a value more: {value}": world(
            [{**CREATE_CONFIG, **_if("StringEquals", "aws:RequestTag/team", "dev")}], requests=[_tagged(value)]
        )
        for value in ("ml", "m*", "m?", "${aws:username}", "", "m$")
    },
    "values more of two calls": world(
        [{**CREATE_CONFIG, **_if("StringEquals", "aws:RequestTag/team", "dev")}],
        requests=[_tagged("ml"), _tagged("ops")],
    ),
    "a value of two keys more": world(
        [
            {
                **CREATE_CONFIG,
                "Condition": {
                    "StringEquals": {"aws:RequestTag/team": "dev"},
                    "StringLike": {"aws:RequestTag/team": "*"},
                },
            }
        ],
        requests=[_tagged("ml")],
    ),
    "a value more of one operator of two": world(
        [
            {
                **CREATE_CONFIG,
                "Condition": {
                    "StringEquals": {"aws:RequestTag/team": "dev"},
                    "StringLike": {"aws:RequestTag/Team": "m*"},
                },
            }
        ],
        requests=[_tagged("ml")],
    ),
    "two values of one key": world(
        [{**CREATE_CONFIG, **_if("ForAllValues:StringEquals", "aws:TagKeys", "a")}],
        requests=[Request("sagemaker:CreateEndpointConfig", CONFIG, context={"aws:TagKeys": ["a", "b"]})],
    ),
    "a value that nobody knows": world(
        [{**CREATE_CONFIG, **_if("StringEquals", "aws:PrincipalTag/team", "dev")}, CREATE],
    ),
    "a resource more under a condition that perhaps holds": world(
        [
            {
                **allow("sagemaker:CreateEndpointConfig", f"{CONFIG}-old"),
                **_if("StringEquals", "aws:PrincipalTag/team", "dev"),
            },
            CREATE,
        ],
    ),
    "a resource more, in another spelling of the action": world(
        [allow("SageMaker:createendpointconfig", f"{CONFIG}-old"), CREATE]
    ),
    "a resource more where the other resource takes no such action": world(
        [allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"], CONFIG)]
    ),
    "an action more where one resource is not needed": world(
        [allow("sagemaker:CreateEndpoint", [ENDPOINT, CONFIG, f"{CONFIG}-old"])]
    ),
    "an action more that the statement has with a wildcard": world(
        [allow(["sagemaker:CreateEndpoint", "sagemaker:Describe*"], [ENDPOINT, CONFIG])]
    ),
    "no Allow, and nobody says in which layer": told(world([CREATE]), blocked_by=None),
    "no Allow in the boundary, and nobody says in which layer": told(world(BOTH, boundary=EDGE), blocked_by=None),
    "a Deny, and nobody says which": told(world([*BOTH, GUARD]), matched=()),
    "a Deny of a policy that nobody read": told(
        world([*BOTH, GUARD]), matched=(StatementRef(PolicyType.IDENTITY, "own", None, None),)
    ),
    "a Deny of another policy than is there": told(
        world([*BOTH, GUARD]), matched=(StatementRef(PolicyType.IDENTITY, "x", None, 2, source=1),)
    ),
    "a Deny": world([*BOTH, GUARD]),
    "a Deny without a Sid": world([*BOTH, deny("sagemaker:*Config")]),
    "a Deny in another policy": world(BOTH, [NO_ENDPOINTS, GUARD]),
    "two Denies": world([*BOTH, GUARD, NO_ENDPOINTS]),
    "a Deny of all": world([*BOTH, deny("*")]),
    "a Deny of AWS": world([*BOTH, GUARD], unchangeable=["own"]),
    "a Deny, and no Allow": world([GUARD, CREATE]),
    "a Deny, and no Allow in the boundary": world([*BOTH, GUARD], boundary=EDGE),
    "a Deny, and no Allow in either": world([CREATE, GUARD], boundary=EDGE),
    "a Deny that stops what is open": world(
        [{**CREATE, **_if("StringEquals", "aws:PrincipalTag/team", "ml")}, CREATE_CONFIG, GUARD]
    ),
    "eight Denies": world([*BOTH, *(deny("sagemaker:CreateEndpoint", Sid=f"No{at}") for at in range(8))]),
    "seven Denies": world([*BOTH, *(deny("sagemaker:CreateEndpoint", Sid=f"No{at}") for at in range(7))]),
    "a boundary": world(BOTH, boundary=EDGE),
    "a boundary of AWS": world(BOTH, boundary=EDGE, unchangeable=["edge"]),
    "a boundary and no Allow": world([CREATE], boundary=EDGE),
    "a boundary that lacks another": world([CREATE_CONFIG], boundary=EDGE),
    "a boundary with a Deny": world(BOTH, boundary=policy(ALL, GUARD, name="edge")),
    "a boundary that takes all": world([CREATE], boundary=WHOLE_EDGE),
    "a boundary that nobody read": world([CREATE], boundary=UNREAD),
    "identity policies that nobody read": world(identity=UNREAD),
    "an SCP that denies": world(BOTH, scps=[level(ALL), level(ALL, GUARD, name="team")]),
    "an SCP at the root that denies": world(BOTH, scps=[level(ALL, GUARD), level(ALL)]),
    "the second SCP of a level denies": world(BOTH, scps=[level(ALL), [*level(ALL), *level(GUARD, name="second")]]),
    "an SCP that allows too little": world(BOTH, scps=[level(CREATE)]),
    "an SCP that denies, and no Allow": world([CREATE], scps=[level(ALL, GUARD)]),
    "an SCP that denies, and a boundary": world(BOTH, boundary=EDGE, scps=[level(ALL, NO_ENDPOINTS)]),
    "SCPs that nobody read": world([CREATE], scps=UNREAD),
    "a session policy that denies": world(BOTH, session=[policy(ALL, GUARD, name="s", layer=PolicyType.SESSION)]),
    "a session policy that allows too little": world(
        BOTH, session=[policy(CREATE, name="s", layer=PolicyType.SESSION)]
    ),
    "a trust policy that denies": world(
        [allow("sts:AssumeRole", ROLE)],
        requests=[ASSUMING],
        resource=policy(
            {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
            {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
            name="trust",
            layer=PolicyType.RESOURCE,
        ),
    ),
    "a key policy that denies": world(
        [allow("kms:CreateGrant", KEY)],
        requests=[GRANTING],
        resource=policy(
            {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
            {"Sid": "Locked", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"},
            name="key",
            layer=PolicyType.RESOURCE,
        ),
    ),
    **{f"no Allow, for {name}": world([CREATE], principal=arn) for name, arn in PRINCIPALS.items()},
    **{f"a Deny, for {name}": world([*BOTH, GUARD], principal=arn) for name, arn in PRINCIPALS.items()},
    **{
        f"no Allow behind a Deny, for {name}": world([CREATE, GUARD], principal=PRINCIPALS[name])
        for name in ("a user", "a linked role", "a permission set")
    },
}


def _short(text: str) -> str:
    return text.replace("arn:aws:sagemaker:eu-west-1:123456789012:", "…")


def remedy_lines(remedy: Remedy | None) -> list[str]:
    """A remedy as lines."""
    if remedy is None:
        return ["nothing"]
    statements: Any = [] if remedy.policy is None else remedy.policy["Statement"]
    head = f"{'proved' if remedy.proved else 'not proved'}: {remedy.text}"
    changed = [] if remedy.diff is None else remedy.diff.split("\n")
    return [_short(line) for line in (head, *(f"+ {json.dumps(one)}" for one in statements), *changed)]


def remedies_text() -> str:
    """What is offered in each world."""
    lines: list[str] = []
    for name, one in WORLDS.items():
        lines += [f"## {name}", "", *remedy_lines(remedy_for(one)), ""]
    return "\n".join(lines)


STATEMENTS: Final[Mapping[str, Sequence[Request]]] = {
    "nothing": [],
    "each": [PASSING, TAGGING, GRANTING, SCALING, LINKING, LISTING, READING],
    "of one action": [READING, replace(READING, resource=f"{BUCKET}/b"), READING],
    "of one resource": [Request("s3:PutObject", READING.resource), READING],
    "of one action, and another": [
        READING,
        replace(READING, resource=f"{BUCKET}/b"),
        Request("s3:PutObject", READING.resource),
    ],
    "resources in another order": [
        Request("s3:PutObject", "b"),
        Request("s3:PutObject", "a"),
        Request("s3:GetObject", "a"),
        Request("s3:GetObject", "b"),
    ],
}


def statements_text() -> str:
    """The smallest policies for requests, who changes what, and how it is said."""
    lines: list[str] = []
    for name, requests in STATEMENTS.items():
        made: Any = needed_policy(requests)
        assert list(made) == ["Version", "Statement"]
        lines += [f"## {name}", "", *(json.dumps(one) for one in made["Statement"]), ""]
    return "\n".join(lines)


def words_text() -> str:
    """Every wording, for every type of policy, principal and decision."""
    lines = ["## administrators", ""]
    lines += [f"{name}: {administrator(arn)}" for name, arn in PRINCIPALS.items()]
    calls = [f"s:A{at} on r" for at in range(5)]
    lines += ["", "## requests", "", *(allow_text(calls[:count]) for count in range(1, 6)), ""]
    some = ("nobody", "a user", "a linked role", "a permission set")
    for words in POLICIES.values():
        lines += [f"## {words.name}", ""]
        for name in some if words.layer is PolicyType.IDENTITY else some[1:2]:
            arn = PRINCIPALS[name]
            lines += [f"# {name}", add_text(calls[:2], words, arn), add_text(calls[:1], words, arn, "mine")]
            for decision, of_policy in itertools.product(
                (Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY), ("", OF_AWS, f"{ROLE}-policy")
            ):
                lines.append(ask_text(decision, words, arn, calls[:2], of_policy))
                told = remedy_text(decision, words, arn, calls[:2], of_policy)
                lines += [] if told == lines[-1] else [f"remedy: {told}"]
            for perhaps, of_aws in itertools.product((False, True), (False, True)):
                lines.append(denies_text("statement 1", words, arn, perhaps=perhaps, of_aws=of_aws))
        lines.append("")
    return "\n".join(lines)


_ALLOWS: Final = policy(allow("s3:A", "*", Sid="A"), allow("s3:B", "*", Sid="B"), name="first")
_SECOND: Final = policy(deny("s3:C", Sid="C"), name="second")


def _refs() -> Iterator[tuple[PolicySet, StatementRef]]:
    whole = PolicySet(
        identity=[_ALLOWS, _SECOND],
        session=[_ALLOWS, _SECOND],
        boundary=_ALLOWS,
        resource=_ALLOWS,
        scps=[[_ALLOWS], [_ALLOWS, _SECOND]],
        rcps=[[_ALLOWS, _SECOND], [_ALLOWS]],
    )
    unread = PolicySet(identity=UNREAD, session=UNREAD, boundary=UNREAD, resource=UNREAD, scps=UNREAD, rcps=UNREAD)
    for policies, kind, at, index in itertools.product(
        (whole, unread, PolicySet()), PolicyType, (0, 1, 2), (0, 1, None)
    ):
        levels = (None, 0, 1) if kind in (PolicyType.SCP, PolicyType.RCP) and policies is whole else (None,)
        for of_level in levels:
            yield policies, StatementRef(kind, "p", None, index, level=of_level, source=at)


def _layers(policies: PolicySet | None) -> str:
    if policies is None:
        return "nothing"

    def shown(value: Any) -> Any:  # noqa: ANN401  a layer
        if isinstance(value, Policy):
            return f"{value.name}:" + "".join(f"{one.sid}{one.index}" for one in value.statements)
        return [shown(one) for one in value] if isinstance(value, tuple) else str(value)

    return json.dumps({kind.value: shown(layer) for kind, layer in policies.by_layer().items() if layer})


def layers_text() -> str:
    """What stands where in a policy set, and the set with one thing changed."""
    by_outcome: dict[str, list[str]] = {}
    for policies, ref in _refs():
        kind = "whole" if policies.identity and policies.identity is not UNREAD else _layers(policies)[:20]
        there = policy_of(policies, ref)
        what = f"{kind} {ref.policy_type.value} level {ref.level} source {ref.source} index {ref.index}"
        name = "nothing" if there is None else there.name
        changed = _layers(changing(policies, ref, policy(ALL, name="new")))
        outcome = f"  policy {name}\n  changed {changed}\n  without {_layers(without(policies, ref))}"
        by_outcome.setdefault(outcome, []).append(what)
    lines = [line for outcome, whats in by_outcome.items() for line in (*whats, outcome)]
    added = policy(allow("s3:D", "*", Sid="D"), allow("s3:E", "*", Sid="E"), name="added")
    whole = next(_refs())[0]
    for (name, policies), kind in itertools.product(
        (("whole", whole), ("nothing", PolicySet()), ("unread", PolicySet(identity=UNREAD, boundary=UNREAD))),
        PolicyType,
    ):
        lines.append(f"{name} with {kind.value}: {_layers(adding(policies, added, kind))}")
    for of_level in (None, 0, 2):
        ref = StatementRef(PolicyType.SCP, "lock.json", "Lock", 1, line=4, level=of_level)
        lines.append(named(ref))
    return "\n".join(lines) + "\n"


_OWN: Final = document(allow("s3:GetObject", "*"), deny("iam:*"))
_LINES: Final = json.dumps(_OWN, indent=2)
_SINGLE: Final = {"Version": "2012-10-17", "Statement": _OWN["Statement"][0]}
_YAML: Final = """\
Version: "2012-10-17"
Statement:
  - Effect: Allow  # of the bucket
    Action: s3:GetObject
    Resource: "*"  # all of it
"""
FORMS: Final[Mapping[str, tuple[str, str]]] = {
    "two blanks": ("a.json", f"{_LINES}\n"),
    "two blanks, without an end": ("a.json", _LINES),
    "three blanks": ("a.json", json.dumps(_OWN, indent=3)),
    "tabs": ("a.json", json.dumps(_OWN, indent="\t")),
    "CRLF": ("a.json", _LINES.replace("\n", "\r\n")),
    "one line": ("a.json", json.dumps(_OWN)),
    "statements on lines of their own": (
        "a.json",
        '{"Version": "2012-10-17", "Statement": [\n  {"Effect": "Allow", "Action": "s:A", "Resource": "*"}\n]}\n',
    ),
    "no list": ("a.json", json.dumps(_SINGLE, indent=2)),
    "no list, on one line": ("a.json", json.dumps(_SINGLE)),
    "an answer": ("a.json", json.dumps({"PolicyDocument": _OWN}, indent=4)),
    "YAML": ("a.yaml", _YAML),
    "YAML without an end": ("a.yaml", _YAML.rstrip("\n")),
    "YAML with more behind": ("a.yaml", f"{_YAML}Id: mine\n"),
    "YAML with CRLF": ("a.yaml", _YAML.replace("\n", "\r\n")),
    "YAML without a margin": ("a.yaml", _YAML.replace("\n  ", "\n")),
    "YAML of a list within": ("a.yaml", _YAML.replace("s3:GetObject", "\n      - s3:GetObject\n      - s3:PutObject")),
    "YAML of one statement": ("a.yaml", _YAML.replace("  - Effect", "    Effect")),
    "a text within a text": ("a.json", json.dumps({"Policy": json.dumps(_OWN)})),
}


def additions_text() -> str:
    """The diffs of policies in every form, that get one statement or two."""
    lines: list[str] = []
    for (name, (file, text)), count in itertools.product(FORMS.items(), (1, 2)):
        added = policy(*(allow(f"s3:New{at}", "*") for at in range(count)))
        before = policy_in_text(text, name=file, path=file)
        after = with_statements(text, before, added)
        diff = "nothing" if after is None else text_diff(text, after, file)
        lines += [f"## {name}, {count} more", "", diff.replace("\r", "\\r").replace("\t", "\\t").rstrip("\n"), ""]
    return "\n".join(lines)


TEXTS: Final[Corpus] = {
    "remedies/remedies": remedies_text,
    "remedies/statements": statements_text,
    "remedies/words": words_text,
    "remedies/layers": layers_text,
    "remedies/additions": additions_text,
}
