"""Small accounts with their right answers, reasoned from IAM's evaluation logic: who may, who may not, who may perhaps.

Source of the answers: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html and,
for a row that needs another page, the page beside it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from iamcheck.aws.account.authorization_details import read_account
from iamcheck.fleet.questions.who_can import WhoCanQuestion, who_can
from iamcheck.iam.model import Policy, PolicyType
from tests.documents import allow, deny, document
from tests.unit.fleet.accounts import (
    ACCOUNT,
    MANAGEMENT,
    ORGANIZATION,
    ROOT,
    UNIT,
    arn,
    attached,
    boundary,
    details,
    entity,
    managed,
    organization,
    trusted,
)

if TYPE_CHECKING:
    from pathlib import Path

    from iamcheck.fleet.questions.who_can import WhoCan

OTHER = "210987654321"
OUTSIDE = "999999999999"
ENDPOINT = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
WORDS = {"pass": "allowed", "fail": "denied", "unknown": "unknown"}
CREATE, GRANT = allow("sagemaker:CreateEndpoint"), allow("kms:CreateGrant")
MAY, MAY_NOT, PERHAPS = "allowed", "denied", "unknown"


class World(NamedTuple):
    """Accounts, and what is right of them.

    Args:
        says: What the row shows.
        accounts: Authorization details by account.
        answers: The decision about each principal, by the part of its ARN after the account.
        chains: Principal, role and whether it is certain, by their names.
        others: Kind, principal, role or None, and whether it is certain; root users are left out.
        question: What is asked.
        attached_to: The organization's policies; None: there is no organization.
        root: The decision about the root user of the first account.
    """

    says: str
    accounts: dict[str, dict[str, Any]]
    answers: dict[str, str]
    chains: tuple[tuple[str, str, bool], ...] = ()
    others: tuple[tuple[str, str, str | None, bool], ...] = ()
    question: WhoCanQuestion = WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT)
    attached_to: dict[str, dict[str, list[dict[str, Any]]]] | None = None
    root: str = MAY


def here(**lists: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """One account."""
    return {ACCOUNT: details(**lists)}


def user(name: str, *statements: dict[str, Any], **more: object) -> dict[str, Any]:
    return entity("user", name, *statements, **more)  # type: ignore[arg-type]


def role(name: str, *statements: dict[str, Any], **more: object) -> dict[str, Any]:
    return entity("role", name, *statements, **more)  # type: ignore[arg-type]


def key_question(*statements: dict[str, Any], context: dict[str, str] | None = None) -> WhoCanQuestion:
    policy = Policy.parse(document(*statements), name="the key's policy", layer=PolicyType.RESOURCE)
    return WhoCanQuestion("kms:CreateGrant", KEY, resource_policies={KEY: policy}, context=context or {})


def to(principal: object, action: str = "kms:*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def trusting(
    name: str, principal: dict[str, Any] | str, action: str = "sts:AssumeRole", **more: object
) -> dict[str, Any]:
    """A role that may create endpoints, and whom it trusts."""
    return role(name, CREATE, AssumeRolePolicyDocument=trusted(principal, action, "Allow", **more))


def assume(name: str, **more: object) -> dict[str, Any]:
    return allow("sts:AssumeRole", arn("role", name), **more)


OWN_ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
FULL, NOTHING_HERE = document(allow()), document(allow("s3:*"))
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
SUB = {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:example/*"}}
FROM_ORG = {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}}

WORLDS = [
    World(
        "groups give their inline and managed policies, and another group's do not count",
        here(
            users=[user("in", GroupList=["ml"]), user("attached", GroupList=["big"]), user("out", GroupList=["empty"])],
            groups=[
                entity("group", "ml", CREATE),
                entity("group", "big", AttachedManagedPolicies=attached("big")),
                entity("group", "empty"),
            ],
            policies=[managed("big", CREATE)],
        ),
        {"user/in": MAY, "user/attached": MAY, "user/out": MAY_NOT},
    ),
    World(
        "a group or policy that the details lack leaves everything open",
        here(
            users=[user("group", CREATE, GroupList=["gone"]), user("policy", AttachedManagedPolicies=attached("gone"))]
        ),
        {"user/group": PERHAPS, "user/policy": PERHAPS},
    ),
    World(
        "a boundary limits and gives nothing, and one that was not read leaves it open",
        here(
            users=[
                user("limited", CREATE, PermissionsBoundary=boundary("s3")),
                user("within", CREATE, PermissionsBoundary=boundary("all")),
                user("alone", PermissionsBoundary=boundary("all")),
                user("denied", CREATE, PermissionsBoundary=boundary("deny")),
                user("unread", CREATE, PermissionsBoundary=boundary("gone")),
            ],
            policies=[
                managed("s3", allow("s3:*")),
                managed("all", allow()),
                managed("deny", allow(), deny("sagemaker:Create*")),
            ],
        ),
        {
            "user/limited": MAY_NOT,
            "user/within": MAY,
            "user/alone": MAY_NOT,
            "user/denied": MAY_NOT,
            "user/unread": PERHAPS,
        },
    ),
    World(
        "NotAction, NotResource and Deny",
        here(
            users=[
                user("not-action", {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
                user("not-this", {"Effect": "Allow", "NotAction": "sagemaker:Create*", "Resource": "*"}),
                user("not-resource", {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::*"}),
                user("not-here", {"Effect": "Allow", "Action": "*", "NotResource": ENDPOINT}),
                user("all-but", CREATE, {"Effect": "Deny", "Action": "*", "NotResource": ENDPOINT}),
                user("all-but-other", CREATE, {"Effect": "Deny", "Action": "*", "NotResource": f"{ENDPOINT}x"}),
                user("deny-not-action", CREATE, {"Effect": "Deny", "NotAction": "sagemaker:*", "Resource": "*"}),
            ]
        ),
        {
            "user/not-action": MAY,
            "user/not-this": MAY_NOT,
            "user/not-resource": MAY,
            "user/not-here": MAY_NOT,
            "user/all-but": MAY,
            "user/all-but-other": MAY_NOT,
            "user/deny-not-action": MAY,
        },
    ),
    World(
        "a key that nobody knows leaves it open, whether it allows or denies; a Deny with NotIpAddress too",
        here(
            users=[
                user("allow", allow("sagemaker:*", Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
                user("deny", CREATE, deny(Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
                user("both", deny(Condition={"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}})),
            ]
        ),
        {"user/allow": PERHAPS, "user/deny": PERHAPS, "user/both": MAY_NOT},
    ),
    World(
        "tags of a user are known, a session may bring tags that its role does not have (id_session-tags.html)",
        here(
            users=[
                user(
                    "ml",
                    allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}),
                    Tags=[{"Key": "team", "Value": "ml"}],
                ),
                user(
                    "other",
                    allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}),
                    Tags=[{"Key": "team", "Value": "web"}],
                ),
                user("none", allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}})),
            ],
            roles=[
                role(
                    "none",
                    allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}),
                    AssumeRolePolicyDocument=trusted({"AWS": arn("role", "none")}),
                )
            ],
        ),
        {"user/ml": MAY, "user/other": MAY_NOT, "user/none": MAY_NOT, "role/none": PERHAPS},
    ),
    World(
        "--context says a tag only of principals whose tags are open",
        here(
            users=[user("none", allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}))],
            roles=[
                role(
                    "none",
                    allow("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "ml"}}),
                    AssumeRolePolicyDocument=trusted({"AWS": arn("role", "none")}),
                )
            ],
        ),
        {"user/none": MAY_NOT, "role/none": MAY},
        question=WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:PrincipalTag/team": "ml"}),
    ),
    World(
        "an SCP level without the Allow denies everybody, the root user included (orgs_manage_policies_scps.html)",
        here(users=[user("ann", CREATE)], roles=[role("ci")]),
        {"user/ann": MAY_NOT, "role/ci": MAY_NOT},
        attached_to={"scp": {UNIT: [NOTHING_HERE]}},
        root=MAY_NOT,
    ),
    World(
        "an SCP at the account, one at the root, and who is exempt by ARN",
        here(
            users=[user("ann", CREATE)],
            roles=[role("admin", CREATE), role("ci", CREATE)],
        ),
        {"user/ann": MAY_NOT, "role/admin": MAY, "role/ci": MAY_NOT},
        attached_to={
            "scp": {
                ROOT: [FULL, document(deny("ec2:*"))],
                ACCOUNT: [
                    FULL,
                    document(deny(Condition={"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/admin"}})),
                ],
            }
        },
        root=MAY_NOT,
    ),
    World(
        "the management account is exempt from SCPs, and a service-linked role too",
        {
            MANAGEMENT: details(users=[user("ann", allow("sagemaker:ListEndpoints"), account=MANAGEMENT)]),
            ACCOUNT: details(
                users=[user("ann", allow("sagemaker:ListEndpoints"))],
                roles=[
                    role(
                        "AWSServiceRoleForX",
                        allow("sagemaker:ListEndpoints"),
                        Arn=f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX",
                        AssumeRolePolicyDocument=trusted({"Service": "x.amazonaws.com"}),
                    )
                ],
            ),
        },
        {
            f"{MANAGEMENT}:user/ann": MAY,
            "user/ann": MAY_NOT,
            "role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX": MAY,
        },
        others=(("service", "x.amazonaws.com", "AWSServiceRoleForX", True),),
        question=WhoCanQuestion("sagemaker:ListEndpoints", "*"),
        attached_to={"scp": {ROOT: [FULL, document(deny("sagemaker:*"))]}},
    ),
    World(
        "an RCP acts on keys; the organization of the principal is what the folder says",
        {
            ACCOUNT: details(users=[user("ann", GRANT)]),
            MANAGEMENT: details(users=[user("eve", GRANT, account=MANAGEMENT)]),
        },
        {"user/ann": MAY, f"{MANAGEMENT}:user/eve": MAY_NOT},
        question=key_question(to(OWN_ROOT), to({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})),
        attached_to={
            "rcp": {
                ROOT: [
                    document({**allow(), "Principal": "*"}),
                    document(
                        {
                            **deny("kms:*"),
                            "Principal": "*",
                            "Condition": {"StringEquals": {"aws:PrincipalAccount": [MANAGEMENT]}},
                        },
                        {
                            **deny("kms:*"),
                            "Principal": "*",
                            "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": ORGANIZATION}},
                        },
                    ),
                ]
            }
        },
    ),
    World(
        "an RCP does not act on SageMaker (orgs_manage_policies_rcps.html)",
        here(users=[user("ann", CREATE)]),
        {"user/ann": MAY},
        attached_to={
            "rcp": {ROOT: [document({**allow(), "Principal": "*"}), document({**deny("s3:*"), "Principal": "*"})]}
        },
    ),
    World(
        "a key's policy that names the account leaves it to identity policies",
        here(users=[user("with", GRANT), user("without")], roles=[role("ci", GRANT)]),
        {"user/with": MAY, "user/without": MAY_NOT, "role/ci": MAY},
        question=key_question(to(OWN_ROOT)),
    ),
    World(
        "a key's policy that names users and roles alone: the account's identity policies do not help",
        here(
            users=[user("named"), user("with", GRANT), user("bounded", PermissionsBoundary=boundary("s3"))],
            roles=[role("named"), role("bounded", PermissionsBoundary=boundary("s3")), role("denied", deny("kms:*"))],
            policies=[managed("s3", allow("s3:*"))],
        ),
        {
            "user/named": MAY,
            "user/with": MAY_NOT,
            "user/bounded": MAY,
            "role/named": MAY,
            "role/bounded": MAY_NOT,
            "role/denied": MAY_NOT,
        },
        question=key_question(
            to(
                {
                    "AWS": [
                        arn("user", "named"),
                        arn("user", "bounded"),
                        arn("role", "named"),
                        arn("role", "bounded"),
                        arn("role", "denied"),
                        arn("role", "gone"),
                        f"arn:aws:iam::{OUTSIDE}:root",
                    ],
                    "Service": "sagemaker.amazonaws.com",
                }
            )
        ),
        others=(
            ("principal", arn("role", "gone"), None, False),
            ("account", f"arn:aws:iam::{OUTSIDE}:root", None, False),
            ("service", "sagemaker.amazonaws.com", None, False),
        ),
        root=MAY_NOT,
    ),
    World(
        "a key's policy that asks for the service in between is open until somebody says which",
        here(users=[user("ann", GRANT)]),
        {"user/ann": PERHAPS},
        question=key_question(
            to(OWN_ROOT, Condition={"StringEquals": {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com"}})
        ),
        root=PERHAPS,
    ),
    World(
        "the same key, and the other service",
        here(users=[user("ann", GRANT)]),
        {"user/ann": MAY_NOT},
        question=key_question(
            to(OWN_ROOT, Condition={"StringEquals": {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com"}}),
            context={"kms:ViaService": "s3.eu-west-1.amazonaws.com"},
        ),
        root=MAY_NOT,
    ),
    World(
        "a key whose policy nobody gave: it may name anybody",
        here(users=[user("with", GRANT), user("without")]),
        {"user/with": PERHAPS, "user/without": PERHAPS},
        others=(("anyone", "*", None, False),),
        question=WhoCanQuestion("kms:CreateGrant", KEY),
        root=PERHAPS,
    ),
    World(
        "across accounts both sides must allow (reference_policies_evaluation-logic-cross-account.html)",
        {
            ACCOUNT: details(users=[user("ann", GRANT)]),
            OTHER: details(users=[user("with", GRANT, account=OTHER), user("without", account=OTHER)]),
        },
        {"user/ann": MAY_NOT, f"{OTHER}:user/with": MAY, f"{OTHER}:user/without": MAY_NOT},
        question=key_question(to({"AWS": f"arn:aws:iam::{OTHER}:root"})),
        root=MAY_NOT,
    ),
    World(
        "the RCPs over a key of an account that the folder does not have are not read",
        {MANAGEMENT: details(users=[user("with", GRANT, account=MANAGEMENT), user("without", account=MANAGEMENT)])},
        {f"{MANAGEMENT}:user/with": PERHAPS, f"{MANAGEMENT}:user/without": MAY_NOT},
        question=key_question(to({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})),
        attached_to={"rcp": {}},
        root=PERHAPS,
    ),
    World(
        "an endpoint has no policy of its own: nobody of another account may",
        {
            ACCOUNT: details(users=[user("ann", CREATE)]),
            OTHER: details(users=[user("admin", allow(), account=OTHER)]),
        },
        {"user/ann": MAY, f"{OTHER}:user/admin": MAY_NOT},
    ),
    World(
        "a bucket's policy that nobody gave may allow and may deny",
        here(users=[user("with", allow("s3:*")), user("without")]),
        {"user/with": PERHAPS, "user/without": PERHAPS},
        others=(("anyone", "*", None, False),),
        question=WhoCanQuestion("s3:GetObject", "arn:aws:s3:::models/churn.tar.gz"),
        root=PERHAPS,
    ),
    World(
        "a name with capitals: AWS may authorise it in lower case",
        here(users=[user("one", allow("*", ENDPOINT.replace("churn", "Ch*"))), user("both", CREATE), user("none")]),
        {"user/one": PERHAPS, "user/both": MAY, "user/none": MAY_NOT},
        question=WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT.replace("churn", "Churn")),
    ),
    World(
        "a role that trusts its account: the policies of the user must allow too",
        here(
            users=[user("with", assume("ci")), user("another", assume("other")), user("without")],
            roles=[trusting("ci", OWN_ROOT), role("other")],
        ),
        {"user/with": MAY_NOT, "user/another": MAY_NOT, "user/without": MAY_NOT, "role/ci": MAY, "role/other": MAY_NOT},
        chains=(("with", "ci", True),),
    ),
    World(
        "a role that names a user needs no more, and the account's other users may not",
        here(users=[user("named"), user("with", assume("ci"))], roles=[trusting("ci", {"AWS": arn("user", "named")})]),
        {"user/named": MAY_NOT, "user/with": MAY_NOT, "role/ci": MAY},
        chains=(("named", "ci", True),),
    ),
    World(
        "a Deny on either side ends it",
        here(
            users=[user("denied", deny("sts:*")), user("refused", assume("ci"))],
            roles=[
                role(
                    "ci",
                    CREATE,
                    AssumeRolePolicyDocument=document(
                        *trusted({"AWS": [OWN_ROOT["AWS"], arn("user", "denied")]})["Statement"],
                        *trusted({"AWS": arn("user", "refused")}, effect="Deny")["Statement"],
                    ),
                )
            ],
        ),
        {"user/denied": MAY_NOT, "user/refused": MAY_NOT, "role/ci": MAY},
    ),
    World(
        "one step alone is followed",
        here(
            users=[user("ann", assume("first"))],
            roles=[role("first", assume("ci")), trusting("ci", {"AWS": arn("role", "first")})],
        ),
        {"user/ann": MAY_NOT, "role/first": MAY_NOT, "role/ci": MAY},
        chains=(("first", "ci", True),),
    ),
    World(
        "a role that trusts everyone under a condition on the ARN lets in whom the condition means, without more",
        here(
            users=[user("deploy-a"), user("other")],
            roles=[trusting("ci", "*", Condition={"ArnLike": {"aws:PrincipalArn": arn("user", "deploy-*")}})],
        ),
        {"user/deploy-a": MAY_NOT, "user/other": MAY_NOT, "role/ci": MAY},
        chains=(("deploy-a", "ci", True),),
        others=(("anyone", "*", "ci", False),),
    ),
    World(
        "a role that trusts one session of another role: which session it will be is not known",
        here(roles=[role("build"), trusting("ci", {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/build/main"})]),
        {"role/build": MAY_NOT, "role/ci": MAY},
        chains=(("build", "ci", False),),
    ),
    World(
        "a role that trusts services (id_roles_create_for-service.html)",
        here(
            roles=[
                trusting("compute", {"Service": ["ec2.amazonaws.com", "lambda.amazonaws.com"]}),
                trusting(
                    "build",
                    {"Service": "codebuild.amazonaws.com"},
                    Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
                ),
                role("idle", AssumeRolePolicyDocument=trusted({"Service": "ec2.amazonaws.com"})),
            ]
        ),
        {"role/compute": MAY, "role/build": MAY, "role/idle": MAY_NOT},
        others=(
            ("service", "ec2.amazonaws.com", "compute", True),
            ("service", "lambda.amazonaws.com", "compute", True),
            ("service", "codebuild.amazonaws.com", "build", False),
        ),
    ),
    World(
        "a role that trusts identity providers (id_roles_create_for-idp.html)",
        here(
            roles=[
                trusting("oidc", {"Federated": PROVIDER}, "sts:AssumeRoleWithWebIdentity", Condition=SUB),
                trusting("saml", {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"}, "sts:AssumeRoleWithSAML"),
                trusting("web", {"Federated": "cognito-identity.amazonaws.com"}, "sts:AssumeRoleWithWebIdentity"),
                trusting("tags-alone", {"Federated": PROVIDER}, "sts:TagSession"),
            ]
        ),
        {"role/oidc": MAY, "role/saml": MAY, "role/web": MAY, "role/tags-alone": MAY},
        others=(
            ("identity provider", PROVIDER, "oidc", False),
            ("identity provider", f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", "saml", False),
            ("identity provider", "cognito-identity.amazonaws.com", "web", False),
        ),
    ),
    World(
        "a role that trusts accounts whose details nobody gave",
        here(
            users=[user("ann", assume("ci"))],
            roles=[
                trusting("ci", {"AWS": [f"arn:aws:iam::{OUTSIDE}:root", OTHER, f"arn:aws:iam::{OUTSIDE}:role/x"]}),
                trusting("dead", {"AWS": "AROAEXAMPLEEXAMPLEEXA"}),
            ],
        ),
        {"user/ann": MAY_NOT, "role/ci": MAY, "role/dead": MAY},
        others=(
            ("account", f"arn:aws:iam::{OUTSIDE}:root", "ci", False),
            ("account", OTHER, "ci", False),
            ("principal", f"arn:aws:iam::{OUTSIDE}:role/x", "ci", False),
            ("unique id", "AROAEXAMPLEEXAMPLEEXA", "dead", False),
        ),
    ),
    World(
        "an account that is given is no outsider, and its users need both sides; an external id is open",
        {
            ACCOUNT: details(
                roles=[
                    trusting("ci", {"AWS": OTHER}),
                    trusting("ext", {"AWS": OTHER}, Condition={"StringEquals": {"sts:ExternalId": "x"}}),
                ]
            ),
            OTHER: details(users=[user("ann", allow("sts:*"), account=OTHER), user("eve", account=OTHER)]),
        },
        {f"{OTHER}:user/ann": MAY_NOT, f"{OTHER}:user/eve": MAY_NOT, "role/ci": MAY, "role/ext": MAY},
        chains=(("ann", "ci", True), ("ann", "ext", False)),
    ),
    World(
        "--context sts:ExternalId is about the call that opens the session",
        here(
            users=[user("ann", assume("ext"))],
            roles=[trusting("ext", OWN_ROOT, Condition={"StringEquals": {"sts:ExternalId": "x"}})],
        ),
        {"user/ann": MAY_NOT, "role/ext": MAY},
        chains=(("ann", "ext", True),),
        question=WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT, context={"sts:ExternalId": "x"}),
    ),
    World(
        "where the caller is holds for the call that opens the session too",
        here(
            users=[user("ann", assume("ci"))],
            roles=[trusting("ci", OWN_ROOT, Condition={"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}})],
        ),
        {"user/ann": MAY_NOT, "role/ci": MAY},
        chains=(("ann", "ci", True),),
        question=WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:SourceIp": "192.0.2.7"}),
    ),
    World(
        "an Allow with NotPrincipal is not understood, and may let in anyone",
        here(
            users=[user("ann"), user("eve")],
            roles=[
                role(
                    "ci",
                    CREATE,
                    AssumeRolePolicyDocument=document(
                        {
                            "Effect": "Allow",
                            "NotPrincipal": {"AWS": [arn("user", "eve"), OWN_ROOT["AWS"]]},
                            "Action": "sts:AssumeRole",
                        }
                    ),
                )
            ],
        ),
        {"user/ann": MAY_NOT, "user/eve": MAY_NOT, "role/ci": MAY},
        others=(("anyone", "*", "ci", False),),
    ),
    World(
        "a bucket's policy that names an account by its canonical id",
        here(users=[user("ann", allow("s3:*"))]),
        {"user/ann": MAY},
        others=(("canonical user", "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be", None, False),),
        question=WhoCanQuestion(
            "s3:GetObject",
            "arn:aws:s3:::models/churn",
            resource_policies={
                "arn:aws:s3:::models/churn": Policy.parse(
                    document(
                        to(
                            {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"},
                            "s3:GetObject",
                            Resource="arn:aws:s3:::models/*",
                        )
                    ),
                    layer=PolicyType.RESOURCE,
                )
            },
        ),
    ),
    World(
        "policies that were not read may let a user become any role, and a variable stands for the user's name",
        here(
            users=[
                user("unread", AttachedManagedPolicies=attached("gone")),
                user("ci", allow("sts:AssumeRole", arn("role", "${aws:username}"))),
                user("other", allow("sts:AssumeRole", arn("role", "${aws:username}"))),
            ],
            roles=[trusting("ci", OWN_ROOT)],
        ),
        {"user/unread": PERHAPS, "user/ci": MAY_NOT, "user/other": MAY_NOT, "role/ci": MAY},
        chains=(("unread", "ci", False), ("ci", "ci", True)),
    ),
    World(
        "the Region that a call on a role goes to is not that of any ARN",
        here(users=[user("ann", allow("iam:*", Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))]),
        {"user/ann": PERHAPS},
        question=WhoCanQuestion("iam:PassRole", arn("role", "exec")),
    ),
    World(
        "what AWS owns is everybody's",
        {
            ACCOUNT: details(users=[user("ann", allow("iam:*"))]),
            OTHER: details(users=[user("eve", account=OTHER)]),
        },
        {"user/ann": MAY, f"{OTHER}:user/eve": MAY_NOT},
        question=WhoCanQuestion("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ),
    World(
        "RCPs do not act on keys of the management account",
        {MANAGEMENT: details(users=[user("ann", GRANT, account=MANAGEMENT)])},
        {f"{MANAGEMENT}:user/ann": MAY},
        question=WhoCanQuestion(
            "kms:CreateGrant",
            KEY.replace(ACCOUNT, MANAGEMENT),
            resource_policies={
                KEY.replace(ACCOUNT, MANAGEMENT): Policy.parse(
                    document(to({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"})), layer=PolicyType.RESOURCE
                )
            },
        ),
        attached_to={
            "rcp": {ROOT: [document({**allow(), "Principal": "*"}), document({**deny("kms:*"), "Principal": "*"})]}
        },
    ),
    World(
        "what --context says of the endpoint is not said of the role",
        here(
            users=[user("ann", assume("ci", Condition={"StringEquals": {"aws:ResourceTag/team": "ml"}}))],
            roles=[trusting("ci", OWN_ROOT)],
        ),
        {"user/ann": MAY_NOT, "role/ci": MAY},
        chains=(("ann", "ci", False),),
        question=WhoCanQuestion("sagemaker:CreateEndpoint", ENDPOINT, context={"aws:ResourceTag/team": "ml"}),
    ),
    World(
        "SCPs, a boundary and a condition on the organization count for the step too",
        {
            ACCOUNT: details(
                roles=[
                    trusting("ci", "*", Condition=FROM_ORG),
                    trusting("mfa", OWN_ROOT, Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
                ],
                users=[user("bounded", assume("mfa"), PermissionsBoundary=boundary("s3")), user("mfa", assume("mfa"))],
                policies=[managed("s3", allow("s3:*"))],
            ),
            OTHER: details(users=[user("locked", allow("sts:*"), account=OTHER)]),
        },
        {
            "user/bounded": MAY_NOT,
            "user/mfa": MAY_NOT,
            f"{OTHER}:user/locked": MAY_NOT,
            "role/ci": MAY,
            "role/mfa": MAY,
        },
        # a grant to everyone is taken to be limited by a boundary: inferred, for AWS does not say
        chains=(("mfa", "ci", True), ("mfa", "mfa", False)),
        others=(("anyone", "*", "ci", False),),
        attached_to={"scp": {OTHER: [FULL, document(deny("sts:*"))]}},
    ),
    World(
        "who may become a role: the trust policy stands in the details",
        here(
            users=[user("with", assume("ci")), user("without")],
            roles=[role("ci", AssumeRolePolicyDocument=trusted(OWN_ROOT))],
        ),
        {"user/with": MAY, "user/without": MAY_NOT, "role/ci": MAY_NOT},
        question=WhoCanQuestion("sts:AssumeRole", arn("role", "ci")),
        root=MAY_NOT,
    ),
    World(
        "a trust policy that cannot be read may let in anyone",
        here(users=[user("ann")], roles=[role("ci", CREATE, AssumeRolePolicyDocument={"Statement": "x"})]),
        {"user/ann": MAY_NOT, "role/ci": MAY},
        others=(("anyone", "*", "ci", False),),
    ),
]


def answered(world: World, folder: Path) -> WhoCan:
    accounts = []
    for account_id, content in world.accounts.items():
        (folder / f"{account_id}.json").write_text(json.dumps(content))
        accounts.append(read_account(folder / f"{account_id}.json"))
    question = world.question
    if world.attached_to is not None:
        members = [one for one in world.accounts if one != MANAGEMENT]
        question = question._replace(organizations=organization(folder / "org", world.attached_to, *members))
    return who_can(question, accounts)


def short(principal: str) -> str:
    """An ARN without the account that most have."""
    return principal.removeprefix("arn:aws:iam::").removeprefix(f"{ACCOUNT}:")


def name(arn_or_none: str | None) -> str | None:
    return None if arn_or_none is None else arn_or_none.rpartition("/")[2]


@pytest.mark.parametrize("world", WORLDS, ids=[world.says for world in WORLDS])
def test_each_world_has_its_answers(world: World, tmp_path: Path) -> None:
    found = answered(world, tmp_path)
    assert {short(one.principal): WORDS[one.result.status.value] for one in found.answers} == world.answers
    assert {(name(one.principal), name(one.role), one.is_certain) for one in found.chains} == set(world.chains)
    others = {(one.kind, one.principal, name(one.role), one.is_certain) for one in found.outsiders}
    assert {one for one in others if one[0] != "root user"} == set(world.others)
    roots = {one.principal: one.is_certain for one in found.outsiders if one.kind == "root user"}
    first = f"arn:aws:iam::{next(iter(world.accounts))}:root"
    assert {True: MAY, False: PERHAPS, None: MAY_NOT}[roots.get(first)] == world.root


def test_rcps_that_are_given_stand_in_for_those_of_an_owner_outside_the_folder(tmp_path: Path) -> None:
    content = details(users=[user("ann", GRANT, account=MANAGEMENT)])
    (tmp_path / "details.json").write_text(json.dumps(content))
    question = key_question(to({"AWS": f"arn:aws:iam::{MANAGEMENT}:root"}))
    folder = organization(tmp_path / "org", {"rcp": {}})
    full = Policy.parse(document({**allow(), "Principal": "*"}), layer=PolicyType.RCP)
    for rcps, decision in ((None, "unknown"), ([[full]], "pass")):
        asked = question._replace(organizations=folder, rcps=rcps)
        answers = who_can(asked, [read_account(tmp_path / "details.json")]).answers
        assert [one.result.status.value for one in answers] == [decision]
