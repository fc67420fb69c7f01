"""Worlds of `principal.allowed` offline: the policies of each layer are given, and the local engine decides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import iamcheck
from tests.unit.checks.scenarios.common import (
    ALL,
    CAPITALS,
    CONFIG,
    DELEGATES,
    ENDPOINT,
    EXCEPT_PRINCIPAL,
    IAM,
    KEY,
    OFFICE,
    OTHER_ACCOUNT,
    PLAIN,
    ROLE,
    SERVING,
    TEAM,
    Here,
    allow,
    checked,
    deny,
    document,
    requests,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CREATE = ["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfig"]
AWAY = {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
NO_MFA = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
NOT_TEAM = {"StringNotEquals": {"aws:PrincipalTag/Team": "ml"}}
PAST, FUTURE = "2020-01-01T00:00:00Z", "2999-01-01T00:00:00Z"
GUARDED = document(allow(), deny("sagemaker:CreateEndpoint", Sid="Guard", Condition=AWAY))
NARROW = document(allow("sagemaker:CreateEndpoint", ENDPOINT, Sid="Narrow"))
WHOLE = iamcheck.PolicySet(identity=[iamcheck.Policy.parse(ALL, name="all")])
FULL = "FullAWSAccess"
OF_KEY = {"deployment": requests(key=True), "policies": [ALL]}


def key_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    """The policy of the volume key."""
    return {KEY: document(*statements)}


ROOT = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "kms:*", "Resource": "*"}
ANYBODY = {**ROOT, "Principal": "*"}

WORLDS: dict[str, dict[str, Any]] = {
    # --- identity policies
    "everything is allowed": {"policies": [ALL]},
    "everything is allowed of bare names": {"deployment": PLAIN, "policies": [ALL]},
    "everything is allowed of bare names, under --strict": {"deployment": PLAIN, "policies": [ALL], "strict": True},
    "everything is allowed, and flags could settle what is assumed": {"policies": [ALL], "strict": True},
    "every layer is given": {"policies": [ALL], "boundary": ALL, "scps": [[FULL]], "rcps": [], "strict": True},
    "one ARN is forgotten": {"policies": [NARROW]},
    "one ARN is forgotten, and who calls is known": {"policies": [NARROW], "principal": ROLE},
    "nothing is allowed": {"policies": [document(allow("s3:*"))]},
    "two policies allow it together": {
        "policies": [NARROW, document(allow(CREATE, CONFIG, Sid="Config"))],
        "principal": ROLE,
    },
    "the name is misspelled": {"policies": [document(allow(CREATE, [ENDPOINT + "s", CONFIG]))]},
    "the Region is another": {"policies": [document(allow(CREATE, [ENDPOINT.replace("west-1", "west-2"), CONFIG]))]},
    "an action is misspelled": {"policies": [document(allow(["sagemaker:CreateEndpoints", "sagemaker:Foo*"]))]},
    "actions that the reference does not have": {
        "policies": [
            document(
                allow(["sagemaker:CreateEndpoint", "sagemaker:CreateEndpointConfigs", "nothing:Here", "s3:GetObjekt"])
            ),
            document(allow("sagemaker:CreateEndpointConfigs", Sid="Again")),
        ]
    },
    "a Deny stops it": {"policies": [ALL, document(deny(CREATE[0], ENDPOINT, Sid="Stop"))], "principal": ROLE},
    "a Deny without a Sid stops both": {"policies": [document(allow(), deny("sagemaker:*"))]},
    "a NotAction leaves it out": {
        "policies": [document({"Effect": "Allow", "NotAction": "sagemaker:*", "Resource": "*"})]
    },
    "a NotResource leaves it out": {
        "policies": [document({"Effect": "Allow", "Action": "*", "NotResource": [CONFIG, "arn:aws:s3:::x"]})]
    },
    # --- keys that nobody knows
    "an address that nobody knows denies": {"policies": [GUARDED]},
    "an address that is known to be denied": {"policies": [GUARDED], "context": {"aws:SourceIp": "198.51.100.7"}},
    "an address that is known to be allowed": {"policies": [GUARDED], "context": {"aws:SourceIp": "203.0.113.7"}},
    "an address that is known to be absent": {"policies": [GUARDED], "absent": ["aws:sourceIP"]},
    "an address that nobody knows allows": {"policies": [document(allow(Condition=OFFICE))], "principal": ROLE},
    "two keys that nobody knows": {
        "policies": [document(allow(), deny(Sid="Guard", Condition={**AWAY, **NO_MFA}))],
        "principal": ROLE,
    },
    "one of two keys is known": {
        "policies": [document(allow(), deny(Sid="Guard", Condition={**AWAY, **NO_MFA}))],
        "principal": ROLE,
        "context": {"aws:multifactorauthpresent": "false"},
    },
    "each action hangs on another key": {
        "policies": [
            document(allow(CREATE[0], [ENDPOINT, CONFIG], Condition=OFFICE), allow(CREATE[1], CONFIG, Condition=TEAM)),
        ],
        "principal": ROLE,
    },
    "one is denied and one is open": {
        "policies": [document(allow(CREATE[0], [ENDPOINT], Condition=OFFICE), allow(CREATE[1], CONFIG))],
        "principal": ROLE,
    },
    "who calls is not known, and a policy asks": {
        "policies": [document(allow(Condition={"ArnLike": {"aws:PrincipalArn": f"{IAM}:role/c*"}}))]
    },
    "who calls is known, and a policy asks": {
        "policies": [document(allow(Condition={"ArnLike": {"aws:PrincipalArn": f"{IAM}:role/c*"}}))],
        "principal": ROLE,
    },
    "who calls is not known, and nobody gave the policies": {
        "scps": [[FULL, document(deny(Condition={"StringNotLike": {"aws:PrincipalArn": f"{IAM}:role/c*"}}))]]
    },
    "who calls and the address are not known": {
        "policies": [document(allow(Condition={"StringLike": {"aws:username": "c*"}, **OFFICE}))]
    },
    "the tags of a session": {"policies": [document(allow(), deny(Condition=NOT_TEAM))], "principal": ROLE},
    "a key of a service that does not exist": {
        "policies": [document(allow(Condition={"StringEquals": {"sagemaker:InstanceTypo": "ml.m5.large"}}))]
    },
    "a global key that does not exist": {
        "policies": [document(allow(Condition={"StringEquals": {"aws:SourceIpp": "x", "no:Idea": "y"}}))]
    },
    "another Region than a policy wants": {
        "policies": [document(allow(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}))]
    },
    "a variable that nobody knows": {
        "policies": [document(allow(Resource="arn:aws:sagemaker:*:*:*/${aws:username}-*"), allow(CREATE[1]))],
        "principal": ROLE,
    },
    # --- time
    "a date that has passed allows": {
        "policies": [document(allow(Condition={"DateGreaterThan": {"aws:CurrentTime": PAST}}))]
    },
    "a date that has passed denies": {
        "policies": [document(allow(), deny(Condition={"DateLessThan": {"aws:CurrentTime": PAST}}))]
    },
    "a date that comes allows until then": {
        "policies": [document(allow(Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}}))]
    },
    "a date that comes denies from then on": {
        "policies": [document(allow(), deny(Condition={"NumericGreaterThan": {"aws:EpochTime": "32472144000"}}))]
    },
    "a date that comes, and when is said": {
        "policies": [document(allow(Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}}))],
        "context": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
    },
    "whether there is a time is no question": {
        "policies": [document(allow(Condition={"Null": {"aws:CurrentTime": "false"}}))]
    },
    "dates of which the first has passed, and no decision changes": {
        "policies": [
            document(
                allow(Condition={"DateGreaterThan": {"aws:CurrentTime": [PAST, FUTURE]}}),
                deny("s3:*", Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}}),
            )
        ]
    },
    "dates that allow in turn, without a gap": {
        "policies": [
            document(
                allow(Condition={"DateLessThanEquals": {"aws:CurrentTime": FUTURE}}),
                allow(Condition={"DateGreaterThan": {"aws:CurrentTime": FUTURE}}),
            )
        ]
    },
    "dates that allow in turn, with a gap of a moment": {
        "policies": [
            document(
                allow(Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}}),
                allow(Condition={"DateGreaterThan": {"aws:CurrentTime": FUTURE}}),
            )
        ]
    },
    "seconds that allow in turn, with a gap of a second": {
        "policies": [
            document(
                allow(Condition={"NumericLessThan": {"aws:EpochTime": "32472144000"}}),
                allow(Condition={"NumericGreaterThan": {"aws:EpochTime": "32472144000"}}),
            )
        ]
    },
    "a date in another policy than the decision": {
        "policies": [document(allow())],
        "boundary": document(allow(Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}})),
    },
    "a date in a variable": {
        "policies": [
            document(
                allow(),
                deny(Resource="arn:aws:sagemaker:*:*:endpoint/${aws:CurrentTime}"),
                deny(Condition={"DateLessThan": {"aws:CurrentTime": PAST}}),
            )
        ]
    },
    "a date that is compared as a text": {
        "policies": [document(allow(), deny(Condition={"StringLike": {"aws:CurrentTime": "2020-*"}}))]
    },
    "a date that is none": {
        "policies": [document(allow(), deny(Condition={"DateLessThan": {"aws:CurrentTime": "yesterday"}}))]
    },
    "a date after the year 9999": {
        "policies": [document(allow(), deny(Condition={"NumericGreaterThan": {"aws:EpochTime": "999999999999"}}))]
    },
    "the time is said to be absent": {
        "policies": [document(allow(Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}}))],
        "absent": ["aws:CurrentTime"],
    },
    # --- the other layers
    "a boundary does not allow it": {"policies": [ALL], "boundary": NARROW, "principal": ROLE},
    "a boundary denies it": {"policies": [ALL], "boundary": document(allow(), deny(CREATE[0], Sid="Edge"))},
    "a boundary without policies": {"boundary": NARROW},
    "a boundary with a condition": {"policies": [ALL], "boundary": document(allow(Condition=OFFICE))},
    "SCPs deny it": {"policies": [ALL], "scps": [[FULL], [FULL, document(deny(CREATE[0], Sid="Lock"))]]},
    "SCPs of one level allow nothing": {"policies": [ALL], "scps": [[FULL], [document(allow("s3:*"))], [FULL]]},
    "SCPs deny it for want of MFA": {"policies": [ALL], "scps": [[FULL, document(deny(Condition=NO_MFA))]]},
    "SCPs alone, which allow it": {"scps": [[FULL]]},
    "SCPs alone, which deny it": {"scps": [[document(allow(), deny(CREATE[1], Sid="NoConfigs"))]]},
    "SCPs and a policy deny it": {"policies": [document(deny())], "scps": [[document(deny("s3:*"))]]},
    "no SCPs at all": {"policies": [ALL], "scps": []},
    "SCPs are left out": {"policies": [ALL], "organizations": "ignore"},
    "SCPs are left out, under --strict": {"policies": [ALL], "organizations": "ignore", "strict": True},
    "SCPs and the caller is linked to a service": {
        "policies": [ALL],
        "scps": [[document(deny())]],
        "principal": f"{IAM}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForX",
    },
    "nothing is given for a caller that is linked to a service": {
        "policies": [ALL],
        "principal": f"{IAM}:role/aws-service-role/sagemaker.amazonaws.com/AWSServiceRoleForX",
    },
    "a session policy allows it": {"policies": [ALL], "session_policies": [ALL], "principal": ROLE},
    "a session policy does not allow it": {"policies": [ALL], "session_policies": [NARROW], "principal": ROLE},
    "a session policy denies it": {
        "policies": [ALL],
        "session_policies": [document(allow(), deny(CREATE[0], Sid="Short"))],
        "principal": f"arn:aws:sts::{IAM[13:]}:assumed-role/ci/run-1",
    },
    "a session policy and nobody is named": {"policies": [ALL], "session_policies": [ALL]},
    "no session policies at all": {"policies": [ALL], "session_policies": [], "principal": ROLE},
    "a session policy of a user": {"policies": [ALL], "session_policies": [ALL], "principal": f"{IAM}:user/ann"},
    "a session policy of root": {"policies": [ALL], "session_policies": [ALL], "principal": f"{IAM}:root"},
    "a session policy of a group": {"policies": [ALL], "session_policies": [ALL], "principal": f"{IAM}:group/ml"},
    "a session policy of a federated user": {
        "policies": [ALL],
        "session_policies": [ALL],
        "principal": f"arn:aws:sts::{IAM[13:]}:federated-user/ann",
    },
    "root calls": {"policies": [ALL], "principal": f"{IAM}:root"},
    "several layers deny it": {
        "policies": [document(deny(CREATE[0], Sid="First"))],
        "boundary": document(deny(CREATE[0], Sid="Edge")),
        "scps": [[document(deny(CREATE[0], Sid="Lock"))]],
        "principal": ROLE,
    },
    # --- keys' policies, RCPs
    "a key's policy is not known": OF_KEY,
    "a key's policy is not known, under --strict": {**OF_KEY, "strict": True},
    "a key's policy delegates to the account": {**OF_KEY, "resource_policies": {KEY: DELEGATES}},
    "a key's policy names another": {
        **OF_KEY,
        "resource_policies": key_policy({**ROOT, "Principal": {"AWS": f"{IAM}:role/other"}}),
        "principal": ROLE,
    },
    "a key's policy denies it": {
        **OF_KEY,
        "resource_policies": key_policy(ROOT, {**ANYBODY, "Effect": "Deny", "Sid": "NoGrants"}),
        "principal": ROLE,
    },
    "a key's policy names who calls": {
        **OF_KEY,
        "policies": [document(allow("sagemaker:*"))],
        "resource_policies": key_policy({**ROOT, "Principal": {"AWS": ROLE}}),
        "principal": ROLE,
    },
    "a key's policy has a condition": {
        **OF_KEY,
        "resource_policies": key_policy({**ROOT, "Condition": OFFICE}),
    },
    "RCPs deny the key": {
        **OF_KEY,
        "resource_policies": {KEY: DELEGATES},
        "rcps": [["RCPFullAWSAccess", document({**ANYBODY, "Effect": "Deny", "Sid": "Fence"})]],
    },
    "RCPs deny the key for some": {
        **OF_KEY,
        "resource_policies": {KEY: DELEGATES},
        "rcps": [["RCPFullAWSAccess"], [document({**ANYBODY, "Effect": "Deny", "Condition": NO_MFA})]],
    },
    "no RCPs at all": {**OF_KEY, "resource_policies": {KEY: DELEGATES}, "rcps": []},
    "RCPs are left out": {**OF_KEY, "resource_policies": {KEY: DELEGATES}, "organizations": "ignore"},
    "RCPs do not touch SageMaker": {
        "policies": [ALL],
        "rcps": [[document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"})]],
    },
    # --- whole sets
    "a whole set": {"policies": WHOLE},
    "a whole set under --strict": {"policies": WHOLE, "strict": True},
    "a whole set and a key": {"deployment": requests(key=True), "policies": WHOLE},
    "a whole set of which every layer is unread": {
        "policies": iamcheck.PolicySet(
            identity=iamcheck.UNREAD,
            boundary=iamcheck.UNREAD,
            scps=iamcheck.UNREAD,
            rcps=iamcheck.UNREAD,
            session=iamcheck.UNREAD,
        ),
        "deployment": requests(key=True),
    },
    "a whole set whose SCPs are unread": {
        "policies": iamcheck.PolicySet(identity=WHOLE.identity, scps=iamcheck.UNREAD),
    },
    "a whole set whose boundary is unread, and SCPs deny": {
        "policies": iamcheck.PolicySet(identity=WHOLE.identity, boundary=iamcheck.UNREAD),
        "scps": [[document(deny())]],
    },
    "a whole set whose session policy is unread": {
        "policies": iamcheck.PolicySet(identity=WHOLE.identity, session=iamcheck.UNREAD),
    },
    "a whole set that is empty": {"policies": iamcheck.PolicySet()},
    # --- what is needed besides
    "a role is passed": {"deployment": requests(role=SERVING), "policies": [ALL], "principal": ROLE},
    "a role may not be passed": {
        "deployment": requests(role=SERVING),
        "policies": [document(allow("sagemaker:*"), allow("iam:PassRole", f"{IAM}:role/service*"))],
        "principal": ROLE,
    },
    "a role is passed to another service": {
        "deployment": requests(role=SERVING),
        "policies": [
            document(
                allow("sagemaker:*"),
                allow("iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}),
            )
        ],
    },
    "a role of another account": {
        "deployment": requests(role=f"arn:aws:iam::{OTHER_ACCOUNT}:role/serving"),
        "policies": [ALL],
        "principal": ROLE,
    },
    "a role of another account, and more is denied": {
        "deployment": requests(role=f"arn:aws:iam::{OTHER_ACCOUNT}:role/serving"),
        "policies": [document(allow("sagemaker:Create*"), deny("sagemaker:CreateModel"), allow("iam:PassRole"))],
        "principal": ROLE,
    },
    "tags are added": {"deployment": requests(tags=True), "policies": [document(allow("sagemaker:Create*"))]},
    "tags of the request": {
        "deployment": requests(tags=True),
        "policies": [document(allow(), deny(Condition={"StringNotEquals": {"aws:RequestTag/team": "ml"}}))],
    },
    "the scope is update": {"policies": [ALL], "scope": "update"},
    "the scope is deploy": {"policies": [NARROW], "scope": "deploy"},
    "the scope is lifecycle": {"policies": [NARROW], "scope": "lifecycle"},
    # --- spellings
    "a name with capitals": {"deployment": CAPITALS, "policies": [ALL]},
    "a name with capitals of which one spelling is allowed": {
        "deployment": CAPITALS,
        "policies": [document(allow(CREATE, [ENDPOINT, CONFIG]))],
        "principal": ROLE,
    },
    "a name with capitals that is denied": {"deployment": CAPITALS, "policies": [NARROW], "principal": ROLE},
    "a name with capitals, and SCPs know one": {
        "deployment": CAPITALS,
        "policies": [ALL],
        "scps": [[FULL, document(deny(CREATE[0], ENDPOINT, Sid="Lower"))]],
    },
    "a name with capitals, and an address is open": {
        "deployment": CAPITALS,
        "policies": [document(allow(CREATE, [ENDPOINT, CONFIG]), allow(CREATE, Condition=OFFICE))],
    },
    # --- what cannot be used
    "UNREAD stands for a layer": {"policies": [ALL], "scps": iamcheck.UNREAD},
    "a principal without policies": {"principal": ROLE},
    "a principal that is no ARN": {"policies": [ALL], "principal": "ann"},
    "a principal of another account": {"policies": [ALL], "principal": f"arn:aws:iam::{OTHER_ACCOUNT}:role/ci"},
    "a principal of another partition": {"policies": [ALL], "principal": ROLE.replace(":aws:", ":aws-cn:")},
    "a policy element that is not understood": {
        "policies": [document(allow(Condition={"StringMatches": {"aws:username": "x"}}))]
    },
}


def _scenario(world: dict[str, Any]) -> Callable[[Here], str]:
    words = {
        "offline": True,
        "skip": EXCEPT_PRINCIPAL,
        "only": ("principal.allowed",),
        "deployment": requests(),
        **world,
    }
    return lambda _: checked(**words)


def _from_files(here: Here) -> str:
    """Policies that stand in files, so that every statement has a place."""
    guard = here.write("guard.json", document(allow(), deny("sagemaker:CreateEndpoint", Sid="Guard", Condition=AWAY)))
    lock = here.write("lock.json", document(deny("sagemaker:CreateEndpointConfig", Sid="Lock")))
    edge = here.write("edge.json", document(allow("sagemaker:CreateEndpoint*", [ENDPOINT, CONFIG])))
    worlds: tuple[dict[str, Any], ...] = (
        {"policies": [guard]},
        {"policies": [guard, lock], "principal": ROLE},
        {"policies": [edge], "boundary": lock, "scps": [FULL, [FULL, lock]]},
        {"policies": [edge], "scps": [here.folder]},
    )
    return "\n".join(_scenario(world)(here) for world in worlds)


SCENARIOS: dict[str, Callable[[Here], str]] = {
    **{name: _scenario(world) for name, world in WORLDS.items()},
    "policies in files": _from_files,
}
