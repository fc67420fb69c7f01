"""Policies that the two proofs judge: what is said of each, and what is tried beside the need."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from iamcheck.checks import policy as proofs
from iamcheck.checks.policy.beyond import beyond
from iamcheck.checks.policy.family_members import family_members
from iamcheck.checks.policy.mentioned import mentions
from iamcheck.checks.policy.pinned import otherwise, unneeded_conditions, unproved_conditions
from iamcheck.checks.policy.reach import gaps
from iamcheck.deployment import Deployment
from iamcheck.deployment.families import families_of
from iamcheck.iam.engine import Semantics
from iamcheck.iam.model import Policy, Request
from iamcheck.permissions import required
from iamcheck.policies.rendering import render_policy
from iamcheck.simulators.local import LocalSimulator
from tests.unit.checks.policy.test_too_wide import FAMILY, NARROWED, PINNED, TOO_WIDE
from tests.unit.checks.scenarios.common import (
    ACCOUNT,
    CAPITALS,
    CONFIG,
    ENDPOINT,
    IAM,
    OFFICE,
    PLACE,
    PLAIN,
    TEAM,
    Here,
    allow,
    deny,
    document,
    requests,
)
from tests.whole_results import result_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from iamcheck.permissions import RequiredPermission

    Statement = dict[str, Any]

ALONE = LocalSimulator(Semantics.ALONE)
MOST = 3
"""Pieces of evidence that are shown of a result; the number of the others is."""
MOST_TRIED = 15
"""Requests that are shown of those that are tried; of the others some, and their checksum."""
CREATE, CREATE_CONFIG = "sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"
NEED = (allow(CREATE, [ENDPOINT, CONFIG], Sid="Endpoint"), allow(CREATE_CONFIG, CONFIG, Sid="Config"))
KEY_ALIAS = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/volumes"}}


def parsed(statements: Iterable[Statement], version: str = "2012-10-17") -> Policy:
    return Policy.parse({**document(*statements), "Version": version}, name="own", stored=False)


def judged(
    statements: Sequence[Statement] | None = None,
    deployment: Deployment = PLAIN,
    *,
    pin: bool = False,
    only_minimal: bool = False,
    change: Callable[[dict[str, Any]], None] | None = None,
    said: dict[str, Any] | None = None,
    absent: Sequence[str] = (),
) -> Callable[[Here], str]:
    """What both proofs say of a policy; without statements, of the packaged one."""

    def run(_: Here) -> str:
        permissions = required(deployment)
        if said or absent:
            permissions = tuple(_with_context(one, said or {}, absent) for one in permissions)
        if statements is not None:
            policy = parsed(statements)
        else:
            made: Any = render_policy(deployment, pin=pin).document
            if change is not None:
                change(made)
            policy = Policy.parse(made, name="packaged")
        families = families_of(deployment) if deployment.names_are_patterns else ()
        results = (
            proofs.sufficient(policy, permissions, ALONE, families),
            proofs.minimal(policy, permissions, ALONE, pin=pin),
        )
        return "\n".join(_shown(result) for result in results[only_minimal:])

    return run


def _with_context(permission: RequiredPermission, said: dict[str, Any], absent: Sequence[str]) -> RequiredPermission:
    request = permission.request
    changed = replace(request, context={**request.context, **said}, absent=(*request.absent, *absent))
    return permission._replace(request=changed)


def _shown(result: Any) -> str:  # noqa: ANN401  a result
    more = len(result.evidence) - MOST
    text = result_text(result._replace(evidence=result.evidence[:MOST]))
    return f"{text}\n  ({more} more pieces of evidence)" if more > 0 else text


def tried(
    of: Deployment | Sequence[Request], statements: Sequence[Statement] | None = None, scope: str = "create"
) -> Callable[[Here], str]:
    """Everything that is tried beside the need, and what comparison leaves open."""

    def run(_: Here) -> str:
        if isinstance(of, Deployment):
            needed = [permission.request for permission in required(of, scope)]
            policy = render_policy(of, scope).policy if statements is None else parsed(statements)
        else:
            needed, policy = list(of), parsed(statements or ())
        unproved = gaps(policy, needed)
        known = mentions(policy)
        lines = [f"gap: {gap.what}" for gap in unproved]
        lines += [f"{name}: {value}" for name, value in known._asdict().items() if name != "arns"]
        requests_beyond = [f"{_request(one.request, needed)} | {one.what}" for one in beyond(policy, needed, unproved)]
        lines += requests_beyond[:MOST_TRIED]
        if rest := requests_beyond[MOST_TRIED:]:
            checksum = hashlib.sha256("\n".join(rest).encode()).hexdigest()
            lines += rest[:: max(1, len(rest) // MOST_TRIED)]
            lines.append(f"{len(rest)} after the first {MOST_TRIED}, some of which stand here: {checksum[:16]}")
        return "\n".join(lines)

    return run


def _request(request: Request, needed: Sequence[Request]) -> str:
    """A request, with what of its context differs from that of the first one that is needed for its action."""
    nearest = next((one for one in needed if one.action_key == request.action_key), needed[0])
    given = {key: value.values for key, value in request.given.items()}
    first = {key: value.values for key, value in nearest.given.items()}
    context = {key: values for key, values in sorted(given.items()) if first.get(key) != values}
    gone = sorted(set(first) - set(given))
    absent = sorted(set(request.absent) - set(nearest.absent))
    parts = [f"{request.action} {request.resource}", str(context) if context else ""]
    parts += [f"without {', '.join(gone)}" if gone else "", f"absent {', '.join(absent)}" if absent else ""]
    return " ".join(part for part in parts if part)


def pinned(
    deployment: Deployment, change: Callable[[dict[str, Any]], None] | None = None, *, only_open: bool = False
) -> Callable[[Here], str]:
    """What is tried of a policy that is narrowed to a deployment, and which conditions are idle or open."""

    def run(_: Here) -> str:
        made: Any = render_policy(deployment, pin=True).document
        if change is not None:
            change(made)
        policy = Policy.parse(made, name="packaged")
        needed = [permission.request for permission in required(deployment)]
        others = otherwise(policy, needed)
        lines = [] if only_open else [f"{_request(one.request, needed)} | {one.what}" for one in others]
        lines += [f"idle: {what} in {one.sid}" for one, what in unneeded_conditions(policy, others, ALONE)]
        lines += [f"open: {gap.what}" for gap in unproved_conditions(policy, needed, ALONE)]
        return "\n".join(lines)

    return run


def condition(sid: str, value: dict[str, Any] | None) -> Callable[[dict[str, Any]], None]:
    """Puts another condition into a statement of the packaged policy."""

    def change(made: dict[str, Any]) -> None:
        (statement,) = (one for one in made["Statement"] if one["Sid"] == sid)
        if value is None:
            statement.pop("Condition")
        else:
            statement["Condition"] = value

    return change


def _members(_: Here) -> str:
    needed = [permission.request for permission in required(FAMILY)]
    lines = []
    for member in family_members(needed, families_of(FAMILY)):
        lines += [f"{member.name}: {one.action} on {one.resource}" for one in member.requests]
    return "\n".join(lines)


MIXED = requests(key=True, tags=True)
NUMBERS = Deployment.from_requests(
    {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [
            {"VariantName": "a", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
        ],
    },
    **PLACE,
)
GAPPED: tuple[Statement, ...] = (
    allow([CREATE, CREATE_CONFIG], f"arn:aws:sagemaker:eu-west-?:{ACCOUNT[:9]}*:endpoint/${{aws:username}}", Sid="Own"),
    allow(
        CREATE_CONFIG, [CONFIG, f"{CONFIG[:-3]}*"], Condition={"StringEquals": {"aws:SourceVpc": ["vpc-1", "vpc-2"]}}
    ),
    {
        "Effect": "Deny",
        "Action": "*",
        "NotResource": [ENDPOINT, f"{CONFIG}*"],
        "Condition": {"StringNotEquals": {"aws:ResourceAccount": "999999999999"}},
    },
)
WIDE: tuple[Statement, ...] = (
    allow("sagemaker:CreateEndpoin?", [ENDPOINT.replace(":aws:", ":aws*:"), CONFIG], Sid="Letter"),
    {"Effect": "Allow", "Action": [CREATE_CONFIG], "NotResource": ENDPOINT, "Sid": "Others"},
)
PASS_ROLE = "PassExecutionRole"
ACROSS: tuple[Statement, ...] = (
    # each narrows what the other leaves, so that neither is exact by itself
    allow(CREATE, [ENDPOINT, CONFIG]),
    allow(
        CREATE_CONFIG,
        CONFIG.replace("eu-west-1", "*").replace(ACCOUNT, "*"),
        Condition={
            "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]},
            "StringLike": {"aws:ResourceAccount": ACCOUNT},
            "ForAnyValue:StringEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-west-2"]},
        },
    ),
)
BUCKET = "arn:aws:s3:::models"
OF_S3 = (
    Request("s3:GetObject", f"{BUCKET}/churn/*", context={"aws:ResourceAccount": ACCOUNT}, absent=["aws:SourceVpc"]),
    Request(
        "s3:GetObject", f"{BUCKET}/churn.tar.gz", context={"aws:ResourceAccount": ACCOUNT}, absent=["aws:SourceVpc"]
    ),
    Request("s3:ListBucket", BUCKET, context={"s3:prefix": "churn/*", "aws:ResourceAccount": ACCOUNT}),
    Request("ec2:DescribeVpcs", "*"),
    Request("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:done"),
)
TAGGED = (
    Request("sagemaker:AddTags", ENDPOINT, context={"sagemaker:TaggingAction": "CreateEndpoint", "aws:TagKeys": ["a"]}),
    Request("sagemaker:AddTags", ENDPOINT, context={"sagemaker:TaggingAction": "UpdateEndpoint", "aws:TagKeys": ["a"]}),
    Request("sagemaker:AddTags", CONFIG, context={"aws:TagKeys": ["a"]}),
    Request("iam:PassRole", f"{IAM}:role/serving", context={"iam:PassedToService": "sagemaker.amazonaws.com"}),
)
REGION_HERE = {"aws:RequestedRegion": "eu-west-1"}
POLICIES: dict[str, tuple[Statement, ...]] = {
    "nothing": (allow("s3:GetObject"),),
    "half of it": NEED[:1],
    "the other half": NEED[1:],
    "a Deny of one": (*NEED, deny(CREATE_CONFIG, Sid="NoConfigs")),
    "a Deny of all without a Sid": (*NEED, deny()),
    "a key that nobody knows": (allow(CREATE, [ENDPOINT, CONFIG], Condition=TEAM), NEED[1]),
    "two keys that nobody knows": (
        allow(CREATE, [ENDPOINT, CONFIG], Condition=TEAM),
        allow(CREATE_CONFIG, CONFIG, Condition=OFFICE),
    ),
    "a key that nobody knows, and half of it": (allow(CREATE, [ENDPOINT, CONFIG], Condition=TEAM),),
    "two ways, each for one team": (
        NEED[0],
        *(
            allow(CREATE_CONFIG, CONFIG, Condition={"StringEquals": {"aws:PrincipalTag/team": team}})
            for team in ("ml", "ops")
        ),
    ),
    "two ways, and one too many": (
        NEED[0],
        *(allow(CREATE_CONFIG, CONFIG, Condition={"StringEquals": {"aws:PrincipalTag/team": team}}) for team in "ab"),
        allow("s3:GetObject", Sid="Read"),
    ),
    "a statement twice": (*NEED, allow(CREATE, [ENDPOINT, CONFIG], Sid="Again")),
    "a resource too many": (NEED[0], allow(CREATE_CONFIG, [CONFIG, ENDPOINT], Sid="Config")),
    "an action too many": (NEED[0], allow([CREATE_CONFIG, "sagemaker:DeleteModel"], CONFIG)),
    "an action and a resource too many": (
        allow([CREATE, "sagemaker:DeleteModel"], [ENDPOINT, CONFIG, "arn:aws:s3:::b"], Sid="Both"),
        NEED[1],
    ),
    "everything": (allow(),),
    "a wildcard under a key that nobody knows": (NEED[0], allow(CREATE_CONFIG, CONFIG + "*", Condition=TEAM)),
    "a Deny that looks at a key that nobody knows": (*NEED, deny(Condition=TEAM)),
    "two Regions by conditions": ACROSS,
}
SCENARIOS: dict[str, Callable[[Here], str]] = {
    "packaged": judged(),
    "packaged, with capitals": judged(deployment=CAPITALS),
    "packaged, of a family": judged(deployment=FAMILY),
    "packaged, pinned": judged(deployment=PINNED, pin=True),
    "packaged, with a key and tags": judged(deployment=MIXED),
    "packaged, with a key and tags, pinned": judged(deployment=MIXED, pin=True),
    "packaged, serverless, pinned": judged(deployment=NUMBERS, pin=True),
    **{name: judged(statements) for name, statements in POLICIES.items()},
    **{f"narrowed: {name}": judged(statements, only_minimal=True) for name, statements in NARROWED.items()},
    **{f"too wide: {name}": judged(statements, only_minimal=True) for name, (_, statements) in TOO_WIDE.items()},
    "what the user says settles a wildcard": judged(
        (NEED[0], allow(CREATE_CONFIG, CONFIG + "*", Condition=TEAM)), said={"aws:PrincipalTag/Team": "ml"}
    ),
    "what the user says denies it": judged(
        (NEED[0], allow(CREATE_CONFIG, CONFIG, Condition=TEAM)), said={"aws:PrincipalTag/Team": "ops"}
    ),
    "what the user says is absent": judged(
        (NEED[0], allow(CREATE_CONFIG, CONFIG, Condition={"Null": {"aws:PrincipalTag/Team": "true"}})),
        absent=["aws:PrincipalTag/Team"],
    ),
    # --- conditions of the packaged policy, changed
    "any service": judged(deployment=PINNED, change=condition(PASS_ROLE, None)),
    "two services": judged(
        deployment=PINNED,
        change=condition(
            PASS_ROLE,
            {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"]}},
        ),
    ),
    "a pattern of services": judged(
        deployment=PINNED,
        change=condition(PASS_ROLE, {"StringLike": {"iam:PassedToService": "sagemaker.amazonaws.com*"}}),
    ),
    "a service by a pattern without wildcards": judged(
        deployment=PINNED,
        change=condition(PASS_ROLE, {"StringLike": {"iam:PassedToService": "sagemaker.amazonaws.com"}}),
    ),
    "a grant for anybody": judged(deployment=PINNED, change=condition("GrantVolumeKey", KEY_ALIAS)),
    "pinned: an idle condition": judged(
        deployment=PINNED,
        pin=True,
        change=condition("CreateEndpointConfig", {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}),
    ),
    "pinned: a pattern of models": judged(
        deployment=PINNED,
        pin=True,
        change=condition(
            "CreateEndpointConfig",
            {"StringLike": {"sagemaker:ModelArn": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/m*"}},
        ),
    ),
    "pinned: what never holds": judged(
        deployment=PINNED,
        pin=True,
        change=condition("CreateEndpointConfig", {"StringEquals": {"sagemaker:InstanceTypes": "ml.p4d.24xlarge"}}),
    ),
    # --- everything that is tried
    "tried of the packaged policy": tried(PLAIN),
    "tried of a key and tags": tried(MIXED),
    "tried of a policy with gaps": tried(PLAIN, GAPPED),
    "tried of wildcards and NotResource": tried(PLAIN, WIDE),
    "tried of Regions by conditions": tried(PLAIN, ACROSS),
    "tried of buckets and topics": tried(
        OF_S3,
        (
            allow("s3:GetObject", [f"{BUCKET}/churn/*", f"{BUCKET}/churn.tgz"]),
            allow("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": ["churn/*", "other/*"]}}),
            allow("ec2:DescribeVpcs"),
            allow("sns:Publish", f"arn:aws:sns:eu-west-1:{ACCOUNT}:done"),
        ),
    ),
    "tried of a bucket by a pattern": tried(
        OF_S3, (allow("s3:GetObjec?", [f"{BUCKET}*", f"{BUCKET}/${{aws:userid}}/*"]),)
    ),
    "tried of two purposes of a call": tried(
        TAGGED,
        (
            allow(
                "sagemaker:AddTags",
                [ENDPOINT, CONFIG],
                Condition={"StringEquals": {"sagemaker:TaggingAction": ["CreateEndpoint", "CreateModel"]}},
            ),
            allow(
                "iam:PassRole", Condition={"StringEqualsIfExists": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
            ),
        ),
    ),
    "tried of the whole life": tried(MIXED, scope="lifecycle"),
    "tried of one prefix of a bucket": tried(
        OF_S3[2:3], (allow("s3:ListBucket", BUCKET, Condition={"StringLike": {"s3:prefix": "churn/*"}}),)
    ),
    "tried of a partition with one Region": tried(
        Deployment("churn", "churn-v7", region="eusc-de-east-1", account_id=ACCOUNT)
    ),
    "tried of Regions that conditions leave": tried(
        PLAIN,
        (
            allow(CREATE, ENDPOINT.replace("eu-west-1", "us-west-2"), Condition={"StringEquals": REGION_HERE}),
            allow(CREATE, ENDPOINT.replace("eu-west-1", "*"), Condition={"StringNotEquals": REGION_HERE}),
            allow(CREATE, CONFIG.replace("eu-west-1", "*"), Condition={"StringEqualsIfExists": REGION_HERE}),
            allow(CREATE_CONFIG, CONFIG.replace("eu-west-1", "*"), Condition={"StringEquals": REGION_HERE}),
            allow(
                CREATE_CONFIG,
                CONFIG.replace(ACCOUNT, "*"),
                Condition={"ForAllValues:StringEquals": {"aws:ResourceAccount": ACCOUNT}},
            ),
        ),
    ),
    "tried of a Deny that leaves only patterns": tried(
        PLAIN,
        (
            allow(CREATE, [f"{ENDPOINT}*", CONFIG]),
            NEED[1],
            {"Effect": "Deny", "Action": "*", "NotResource": [ENDPOINT.replace("churn", "*"), CONFIG]},
        ),
    ),
    "tried of Denies that leave only some": tried(
        PLAIN,
        (
            allow([CREATE, CREATE_CONFIG], "*"),
            {"Effect": "Deny", "NotAction": "sagemaker:CreateEndpoint", "NotResource": [CONFIG]},
            {
                "Effect": "Deny",
                "Action": "sagemaker:CreateEndpoint",
                "NotResource": [ENDPOINT, CONFIG, "arn:aws:s3:::b"],
            },
            {"Effect": "Deny", "Action": "*", "NotResource": ENDPOINT, "Condition": TEAM},
        ),
    ),
    "tried of a variable in what is left": tried(
        PLAIN,
        (
            allow(CREATE, [ENDPOINT.replace("churn", "${aws:username}"), CONFIG]),
            NEED[1],
            {"Effect": "Deny", "Action": CREATE, "NotResource": [ENDPOINT, CONFIG]},
        ),
    ),
    "tried of values of keys": tried(
        MIXED,
        (
            allow(
                [CREATE, CREATE_CONFIG, "sagemaker:AddTags"],
                "arn:aws:sagemaker:*:*:*",
                Condition={
                    "StringLike": {"aws:RequestTag/team": ["ml*", "ops"]},
                    "Bool": {"aws:SecureTransport": ["TRUE", "false"]},
                    "StringEquals": {"sagemaker:TaggingAction": ["CreateEndpointConfig", "CreateModel"]},
                },
            ),
            allow("kms:CreateGran?", "*", Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
        ),
    ),
    "tried of accounts and partitions": tried(
        PLAIN,
        (
            allow(
                CREATE,
                ["arn:aws*:sagemaker:*:12345678901?:endpoint/churn", "arn:aws-cn:sagemaker:cn-*:*:endpoint/*", CONFIG],
                Condition={"StringLike": {"aws:PrincipalAccount": "123456789012"}},
            ),
            NEED[1],
        ),
    ),
    "tried of an action of any service": tried(PLAIN, (allow("*:CreateEndpointConfi?", CONFIG), NEED[0])),
    "tried when pinned": pinned(PINNED),
    "tried when pinned, serverless": pinned(NUMBERS),
    "tried when pinned, and conditions are idle or open": pinned(
        PINNED,
        condition(
            "CreateEndpointConfig",
            {
                "StringLike": {"sagemaker:ModelArn": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/m*"},
                "StringEquals": {"aws:RequestedRegion": "eu-west-1"},
                "Null": {"sagemaker:VolumeKmsKey": "true"},
            },
        ),
    ),
    "tried when pinned, and a statement never holds": pinned(
        PINNED,
        condition(
            "CreateEndpointConfig",
            {"StringEquals": {"sagemaker:ModelArn": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model/other"}},
        ),
        only_open=True,
    ),
    "tried when pinned, and a key has to be there": pinned(
        PINNED, condition("CreateEndpointConfig", {"Null": {"sagemaker:ModelArn": "false"}}), only_open=True
    ),
    "tried when pinned, and a key must not be there": pinned(
        PINNED, condition("CreateEndpointConfig", {"Null": {"sagemaker:ModelArn": "true"}}), only_open=True
    ),
    "members of a family": _members,
}
