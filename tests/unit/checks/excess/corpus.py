"""Makes what policies allow beyond a deployment, whole, over policies and layers of every form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from iamcheck.checks.excess import excess, full_access_excess
from iamcheck.checks.excess.escalation_paths import PATHS
from iamcheck.checks.excess.grants import covers, denied_outright, grants
from iamcheck.deployment import Deployment
from iamcheck.deployment.features import ConfigRequest
from iamcheck.iam import catalogue
from iamcheck.iam.model import UNREAD, Effect, Policy, PolicySet, PolicyType
from iamcheck.permissions import required
from tests.documents import document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.checks.excess import Excess
    from tests.approved import Corpus

__all__ = ["TEXTS"]

DEPLOYMENT: Final = Deployment(
    "churn",
    "churn-v7",
    region="eu-west-1",
    account_id="123456789012",
    config_request=ConfigRequest(execution_role_arn="arn:aws:iam::123456789012:role/exec"),
)
NEEDED: Final = required(DEPLOYMENT)
ENDPOINT, CONFIG = DEPLOYMENT.endpoint_arn, DEPLOYMENT.endpoint_config_arn
ROLE: Final = "arn:aws:iam::123456789012:role/exec"
IF: Final = {"Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}
Statement = dict[str, Any]


def allow(*actions: str, on: object = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": list(actions), "Resource": on, **more}


def deny(*actions: str, on: object = "*", **more: object) -> Statement:
    return {"Effect": "Deny", "Action": list(actions), "Resource": on, **more}


def policy(*statements: Statement, name: str = "own", layer: PolicyType = PolicyType.IDENTITY) -> Policy:
    return Policy.parse(document(*statements), name=name, layer=layer)


def _scp(*statements: Statement, name: str = "scp") -> Policy:
    return policy(*statements, name=name, layer=PolicyType.SCP)


BUCKET: Final = ("s3:GetObject", "s3:PutObject", "s3:ListBucket", "s3:PutBucketPolicy", "s3:PutObjectTagging")
OWN: Final = allow("sagemaker:CreateEndpoint", on=[ENDPOINT, CONFIG])
POLICIES: Final[Mapping[str, PolicySet | Sequence[Policy]]] = {
    "nothing": [],
    "what is needed": [policy(OWN, allow("sagemaker:CreateEndpointConfig", on=CONFIG))],
    "each level": [policy(allow(*BUCKET, "made-up:Action"))],
    "each level on one thing": [policy(allow(*BUCKET, on="arn:aws:s3:::b"))],
    "each level under conditions": [policy(allow(*BUCKET, **IF))],
    "on one thing and everything": [policy(allow("s3:GetObject", on=["arn:aws:s3:::b", "*"]))],
    "under a condition and without": [policy(allow("s3:GetObject", **IF), allow("s3:GetObject", on="arn:aws:s3:::b"))],
    "in two spellings": [policy(allow("S3:getobject"), allow("s3:GetObject"))],
    "more examples than are shown": [
        policy(
            allow(
                *("sqs:SendMessage", "sns:Publish", "s3:PutObject", "dynamodb:PutItem", "dynamodb:DeleteItem"),
                *("lambda:InvokeFunction", "SNS:Subscribe"),
            )
        )
    ],
    "five examples of one service": [
        policy(allow(*(f"s3:Put{name}" for name in ("Object", "BucketLogging", "BucketCORS", "BucketTagging"))))
    ],
    "wider than needed": [policy(allow("sagemaker:CreateEndpoint", on=[ENDPOINT, f"{ENDPOINT}-b", f"{ENDPOINT}-b"]))],
    "wider in two statements": [
        policy(allow("sagemaker:CreateEndpoint", on=f"{ENDPOINT}*"), OWN),
        policy(allow("sagemaker:createendpoint", on=[CONFIG, "*"]), name="second"),
    ],
    "wider than needed, on all but something": [
        policy({"Effect": "Allow", "Action": "sagemaker:CreateEndpoint", "NotResource": f"{ENDPOINT}-b"})
    ],
    "some of a service but": [
        policy(allow("sns:Publish", "sns:CreateTopic", "sns:DeleteTopic"), deny("sns:Create*", "SNS:delete*"))
    ],
    "a Deny on one thing": [policy(allow("sns:Publish"), deny("sns:Publish", on="arn:aws:sns:eu-west-1:1:t"))],
    "a Deny under conditions": [policy(allow("sns:Publish"), deny("sns:Publish", **IF))],
    "a Deny of all but": [
        policy(allow("sns:Publish", "sqs:SendMessage"), {"Effect": "Deny", "NotAction": "sns:*", "Resource": "*"})
    ],
    "a Deny of another policy": [policy(allow("sns:Publish")), policy(deny("sns:*"), name="guard")],
    "a boundary": PolicySet(
        identity=[policy(allow("sns:Publish", "sqs:SendMessage"))],
        boundary=policy(allow("sns:*", on="arn:aws:sns:*:*:t")),
    ),
    "a boundary that denies": PolicySet(
        identity=[policy(allow("sns:Publish", "sqs:SendMessage"))], boundary=policy(allow("*"), deny("sns:*"))
    ),
    "a boundary of all but": PolicySet(
        identity=[policy(allow("sns:Publish", "sqs:SendMessage"))],
        boundary=policy({"Effect": "Allow", "NotAction": "sns:*", "Resource": "*"}),
    ),
    "SCPs": PolicySet(
        identity=[policy(allow("sns:Publish", "sqs:SendMessage", "s3:GetObject"))],
        scps=[[_scp(allow("sns:*", "s3:*")), _scp(allow("sqs:*"))], [_scp(allow("*"), deny("s3:*"))]],
    ),
    "SCPs, one level of which allows less": PolicySet(
        identity=[policy(allow("sns:Publish", "sqs:SendMessage"))], scps=[[_scp(allow("*"))], [_scp(allow("sqs:*"))]]
    ),
    "a session policy": PolicySet(
        identity=[policy(allow("sns:Publish", "sqs:SendMessage"))],
        session=[policy(allow("sqs:*"), layer=PolicyType.SESSION)],
    ),
    "nobody read anything": PolicySet(identity=UNREAD, boundary=UNREAD, scps=UNREAD, session=UNREAD, rcps=UNREAD),
    "nobody read the identity policies": PolicySet(identity=UNREAD),
    "nobody read the boundary": PolicySet(identity=[policy(allow("sns:Publish"))], boundary=UNREAD),
    "nobody read the SCPs": PolicySet(identity=[policy(allow("sns:Publish"))], scps=UNREAD),
    "nobody read the session policies": PolicySet(identity=[policy(allow("sns:Publish"))], session=UNREAD),
}
PASS: Final = "iam:PassRole"
RUN: Final = "lambda:CreateFunction"
ESCALATIONS: Final[Mapping[str, Sequence[Policy]]] = {
    "alone": [policy(allow("iam:CreatePolicyVersion", on="arn:aws:iam::123456789012:policy/p"))],
    "alone, on all but something": [
        policy({"Effect": "Allow", "Action": "iam:CreatePolicyVersion", "NotResource": "arn:aws:iam::1:policy/p"})
    ],
    "under conditions": [policy(allow("iam:CreatePolicyVersion", **IF))],
    "under conditions and without": [
        policy(allow("iam:AttachUserPolicy", **IF), allow("iam:AttachUserPolicy", on=ROLE))
    ],
    "on everything after one thing": [policy(allow("iam:CreatePolicyVersion", on=ROLE), allow("iam:PutUserPolicy"))],
    "denied": [policy(allow("iam:CreatePolicyVersion"), deny("iam:Create*"))],
    "a role that is needed": [policy(allow(PASS, on=ROLE), allow(RUN))],
    "another role in full": [policy(allow(PASS, on=f"{ROLE}-b"), allow(RUN))],
    "a family of roles": [policy(allow(PASS, on=f"{ROLE}-?"), allow(RUN))],
    "all roles": [policy(allow(PASS), allow(RUN))],
    "all roles but one": [policy({"Effect": "Allow", "Action": PASS, "NotResource": f"{ROLE}-b"}, allow(RUN))],
    "all roles, and code under conditions": [policy(allow(PASS), allow(RUN, **IF))],
    "all roles, and code under conditions and without": [policy(allow(PASS), allow(RUN, **IF), allow(RUN))],
    "all roles under conditions, and code": [policy(allow(PASS, **IF), allow(RUN))],
    "all roles without code": [policy(allow(PASS))],
    "code without roles": [policy(allow(RUN))],
    "roles of two statements": [policy(allow(PASS, on=f"{ROLE}*"), allow(PASS, on=[f"{ROLE}*", "*"], **IF))],
    "any role to become": [policy(allow("sts:AssumeRole", on=[ROLE, f"{ROLE}/*"]))],
    "one role to become": [policy(allow("sts:AssumeRole", on=ROLE))],
    "several, in the order of the table": [
        policy(
            allow("ssm:StartSession", "lambda:UpdateFunctionCode", on="arn:aws:lambda:*:*:function:f"),
            allow("iam:UpdateLoginProfile", "iam:AddUserToGroup"),
        )
    ],
}


def _refs(statements: Sequence[Any]) -> str:
    return ", ".join(f"{one.policy}[{one.index}]" for one in statements)


def excess_lines(found: Excess) -> list[str]:
    """What is beyond, whole."""
    assert found.reference_date == catalogue.reference_date()
    lines = [f"{found.subject}: {found.count} beyond, unread {[one.value for one in found.unread]}"]
    for path in found.escalations:
        lines.append(
            f"  {' and '.join(path.actions)}: {path.what} on {', '.join(path.resources)}, "
            f"conditional {path.conditional}, by {_refs(path.statements)} [{path.source}]"
        )
    for level in found.levels:
        lines.append(f"  {level.name} {level.count}, {level.on_everything} on all: {', '.join(level.examples)}")
    for wider in found.wider:
        lines.append(f"  wider: {wider.action} on {', '.join(wider.resources)} by {_refs(wider.statements)}")
    return lines


def excess_text() -> str:
    """What policies allow beyond the deployment."""
    lines: list[str] = []
    for name, policies in {**POLICIES, **ESCALATIONS}.items():
        lines += [f"## {name}", "", *excess_lines(excess(policies, NEEDED)), ""]
    for path in PATHS:
        alone = excess([policy(allow(*path.actions))], [])
        assert path.what in {one.what for one in alone.escalations}
        only = "wide alone" if path.only_wide else ""
        lines.append(f"{' and '.join(path.actions)}: {path.what} [{path.source}] {only}".rstrip())
    return "\n".join(lines) + "\n"


def _grants() -> Iterator[str]:
    """Where each statement stands that allows something."""
    first = policy(allow("sns:Publish", on=["arn:aws:sns:*:*:a", "*"]), deny("sqs:*"), allow("SQS:*", **IF))
    second = policy({"Effect": "Allow", "Action": "sns:Publish", "NotResource": ["arn:aws:sns:*:*:b"]}, name="second")
    for layer in (PolicyType.IDENTITY, PolicyType.BOUNDARY):
        for key, granted in grants([first, second], layer).items():
            if key in ("sns:publish", "sqs:sendmessage"):
                for grant in granted.by:
                    ref = grant.ref
                    yield (
                        f"{layer.value} {key} {granted.action}: {ref} source {ref.source} index {ref.index} level "
                        f"{ref.level} line {ref.line} on {grant.resources}, conditional {grant.conditional}, on "
                        f"everything {grant.on_everything}"
                    )


def covers_text() -> str:
    """Which actions statements name, outright and not."""
    lines = [*_grants(), ""]
    resource = PolicyType.RESOURCE
    statements: Mapping[str, Policy] = {
        "an Allow": policy(allow("sns:*")),
        "a Deny": policy(deny("sns:*")),
        "a Deny of all but": policy({"Effect": "Deny", "NotAction": "sns:*", "Resource": "*"}),
        "a Deny of some things": policy(deny("sns:*", on=["arn:aws:sns:*:*:a", "arn:aws:sns:*:*:*"])),
        "a Deny of some things and all": policy(deny("sns:*", on=["arn:aws:sns:*:*:a", "*"])),
        "a Deny of all but some things": policy(
            {"Effect": "Deny", "Action": "sns:*", "NotResource": "arn:aws:sns:*:*:a"}
        ),
        "a Deny under conditions": policy(deny("sns:*", **IF)),
        "a Deny of some principals": policy(
            {"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "sns:*", "Resource": "*"}, layer=resource
        ),
        "a Deny of a principal": policy(
            {"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*"}, layer=resource
        ),
    }
    for name, one in statements.items():
        for action in ("sns:publish", "sqs:sendmessage"):
            lines.append(
                f"{name}, {action}: allows {covers([one], Effect.ALLOW)(action)}, denies "
                f"{covers([one], Effect.DENY)(action)}, outright {denied_outright([one])(action)}"
            )
    return "\n".join(lines) + "\n"


def full_access_text() -> str:
    """How AWS's two options compare, but for the numbers, which change with the reference."""
    found = full_access_excess(required(DEPLOYMENT, "docs"))
    assert found.count == sum(level.count for level in found.levels) > 100
    paths = [line for line in excess_lines(found)[1:] if line.startswith("  ") and "[" in line]
    return "\n".join([found.subject, *paths, *(level.name for level in found.levels)]) + "\n"


TEXTS: Final[Corpus] = {
    "excess/excess": excess_text,
    "excess/covers": covers_text,
    "excess/full_access": full_access_text,
}
