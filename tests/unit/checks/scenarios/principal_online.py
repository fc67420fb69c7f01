"""Worlds of `principal.allowed` where AWS's simulator answers, under each engine; LocalIAM stands in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

import iamcheck
from iamcheck.simulators.local_iam import LocalIAM
from tests.unit.checks.scenarios.common import (
    ACCOUNT,
    ALL,
    CAPITALS,
    CONFIG,
    DELEGATES,
    ENDPOINT,
    EXCEPT_PRINCIPAL,
    IAM,
    KEY,
    OFFICE,
    ROLE,
    Here,
    allow,
    checked,
    deny,
    document,
    requests,
)
from tests.unit.checks.scenarios.principal_given import (
    AWAY,
    CREATE,
    FULL,
    FUTURE,
    NARROW,
    NO_MFA,
    NOT_TEAM,
    ROOT,
    key_policy,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Statement = dict[str, Any]
    Twist = Callable[[dict[str, Any]], None]

BOUNDARY = f"{IAM}:policy/edge"
LOCKED = [[FULL], [FULL, document(deny(CREATE[0], Sid="Lock"))]]


class Sts:
    """Who calls."""

    def __init__(self, arn: str = f"{IAM}:user/ann") -> None:
        self._arn = arn

    def get_caller_identity(self) -> dict[str, str]:
        return {"Arn": self._arn, "Account": ACCOUNT, "UserId": "AIDAEXAMPLEEXAMPLE22"}


class Client:
    """IAM's simulator over an account, which may refuse an operation, and whose answers may be changed."""

    def __init__(
        self, details: dict[str, Any], scps: Sequence[Any] = (), refuses: Sequence[str] = (), twist: Twist | None = None
    ) -> None:
        self._iam = LocalIAM(ACCOUNT, authorization_details=details, scps=scps)
        self._refuses, self._twist = refuses, twist

    def _answer(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if operation in self._refuses:
            name = "".join(word.title() for word in operation.split("_"))
            message = f"User: {IAM}:user/ann is not authorized to perform: iam:{name} on resource: {ROLE}"
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": message}}, name)
        answer: dict[str, Any] = getattr(self._iam, operation)(**arguments)
        if self._twist is not None and operation.startswith("simulate"):
            self._twist(answer)
        return answer

    def simulate_principal_policy(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
        return self._answer("simulate_principal_policy", arguments)

    def simulate_custom_policy(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
        return self._answer("simulate_custom_policy", arguments)

    def get_context_keys_for_principal_policy(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401  boto3's keywords
        return self._answer("get_context_keys_for_principal_policy", arguments)


def details(
    *statements: Statement,
    boundary: dict[str, Any] | None = None,
    user: Sequence[Statement] = (allow(),),
    group: Sequence[Statement] = (),
) -> dict[str, Any]:
    """An account with the role ci, the user ann and her group ml."""
    edge = {} if boundary is None else {"PermissionsBoundary": {"PermissionsBoundaryArn": BOUNDARY}}
    trust = {"Effect": "Allow", "Principal": {"AWS": f"{IAM}:root"}, "Action": "sts:AssumeRole"}
    attached = [{"PolicyName": "edge", "PolicyArn": BOUNDARY}]
    version = {"Document": boundary or ALL, "VersionId": "v1", "IsDefaultVersion": True}

    def entity(kind: str, name: str, has: Sequence[Statement], **more: object) -> dict[str, Any]:
        inline = [{"PolicyName": f"{name}-inline", "PolicyDocument": document(*has)}] if has else []
        return {
            **{"Path": "/", f"{kind}Name": name, f"{kind}Id": f"A{kind[0]}DAEXAMPLEEXAMPLE22"},
            **{"Arn": f"{IAM}:{kind.lower()}/{name}", "CreateDate": "2024-01-01T00:00:00+00:00"},
            **{f"{kind}PolicyList": inline, "AttachedManagedPolicies": [], **more},
        }

    return {
        "UserDetailList": [entity("User", "ann", user, GroupList=["ml"])],
        "GroupDetailList": [entity("Group", "ml", group, AttachedManagedPolicies=attached if group else [])],
        "RoleDetailList": [
            entity("Role", "ci", statements, AssumeRolePolicyDocument=document(trust), InstanceProfileList=[], **edge)
        ],
        "Policies": [
            {
                **{"PolicyName": "edge", "PolicyId": "ANPAEXAMPLE", "Arn": BOUNDARY, "Path": "/"},
                **{"DefaultVersionId": "v1", "PolicyVersionList": [version]},
            }
        ],
    }


def contradicts(result: dict[str, Any]) -> None:
    """Allowed beside a word of the organization that it is not."""
    for one in result["EvaluationResults"]:
        one["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": False}


def stricter(result: dict[str, Any]) -> None:
    """The top level is stricter than its parts."""
    for one in result["EvaluationResults"]:
        one["EvalDecision"] = "implicitDeny"


def denies(result: dict[str, Any]) -> None:
    """Everything is denied, whatever the policies say."""
    for one in result["EvaluationResults"]:
        one["EvalDecision"] = "implicitDeny"
        one["MatchedStatements"] = []
        for part in one.get("ResourceSpecificResults", ()):
            part["EvalResourceDecision"] = "implicitDeny"
            part["MatchedStatements"] = []


def allows(result: dict[str, Any]) -> None:
    """Everything is allowed, whatever the policies say."""
    for one in result["EvaluationResults"]:
        one["EvalDecision"] = "allowed"
        for part in one.get("ResourceSpecificResults", ()):
            part["EvalResourceDecision"] = "allowed"


def organization_allows(result: dict[str, Any]) -> None:
    """SCPs are named, and deny nothing."""
    for one in result["EvaluationResults"]:
        one["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": True}


OPEN = (allow(Sid="Deploy"), deny("sagemaker:CreateEndpoint", Sid="Guard", Condition=AWAY))
DEPLOY = (allow("sagemaker:Create*", Sid="Deploy"),)


def alone(*statements: Statement, **world: Any) -> dict[str, Any]:  # noqa: ANN401  keywords of check, and of the world
    """AWS's simulator alone answers about the role ci: nobody reads its policies."""
    of_account = {name: world.pop(name) for name in ("boundary_there", "user", "group") if name in world}
    boundary = of_account.pop("boundary_there", None)
    of_client = {name: world.pop(name) for name in ("refuses", "twist") if name in world}
    scps = world.pop("scps_there", ())
    account = details(*statements, boundary=boundary, **of_account)
    return {"engine": "aws", "principal": ROLE, "iam": (account, scps, of_client), **world}


def known(*statements: Statement, **world: Any) -> dict[str, Any]:  # noqa: ANN401  as `alone`
    """AWS's simulator and the local engine answer: the account's details are given."""
    read = world.pop("read", None)
    made = alone(*statements, **{"engine": "auto", **world})
    return {**made, "details": made["iam"][0] if read is None else read}


WORLDS: dict[str, dict[str, Any]] = {
    # --- AWS's simulator alone
    "alone: allowed": alone(*DEPLOY),
    "alone: allowed, under --strict": alone(*DEPLOY, strict=True),
    "alone: one ARN is forgotten": alone(allow(CREATE[0], ENDPOINT, Sid="Narrow")),
    "alone: denied": alone(allow(), deny(CREATE[0], Sid="Stop")),
    "alone: nothing is allowed": alone(allow("s3:*")),
    "alone: a key that nobody knows": alone(*OPEN),
    "alone: a key that is said": alone(*OPEN, context={"aws:SourceIp": "203.0.113.7"}),
    "alone: a key that is said to be absent": alone(*OPEN, absent=["aws:SourceIp"]),
    "alone: a key that nobody knows allows": alone(allow(Condition=OFFICE)),
    "alone: MFA of a session": alone(allow(), deny(Condition=NO_MFA)),
    "alone: the tag of a session": alone(allow(), deny(Condition=NOT_TEAM)),
    "alone: the time": alone(allow(Condition={"DateLessThan": {"aws:CurrentTime": FUTURE}})),
    "alone: who calls is looked at": alone(allow(Condition={"ArnLike": {"aws:PrincipalArn": f"{IAM}:role/c*"}})),
    "alone: a boundary does not allow it": alone(*DEPLOY, boundary_there=NARROW),
    "alone: a boundary denies it": alone(*DEPLOY, boundary_there=document(allow(), deny(CREATE[0]))),
    "alone: a boundary looks at a key that nobody knows": alone(
        *DEPLOY, boundary_there=document(allow(Condition=OFFICE))
    ),
    "alone: a boundary allows it": alone(*DEPLOY, boundary_there=ALL),
    "alone: another boundary is given": alone(*DEPLOY, engine="auto", boundary_there=ALL, boundary=NARROW),
    "alone: another boundary is given that looks at a key": alone(
        *DEPLOY, engine="auto", boundary=document(allow(), deny(Condition=AWAY))
    ),
    "alone: SCPs deny, and nobody read them": alone(*DEPLOY, scps_there=LOCKED, organizations="ignore"),
    "alone: SCPs deny, and they are given": alone(*DEPLOY, engine="auto", scps_there=LOCKED, scps=LOCKED),
    "alone: SCPs that are given deny, and AWS names none": alone(*DEPLOY, engine="auto", scps=LOCKED),
    "alone: SCPs that are given deny, and AWS's allow": alone(
        *DEPLOY, engine="auto", scps=LOCKED, twist=organization_allows
    ),
    "alone: SCPs that are given allow, and AWS's deny": alone(*DEPLOY, engine="auto", scps=[[FULL]], scps_there=LOCKED),
    "alone: SCPs that are given hang on a key": alone(
        *DEPLOY, engine="auto", scps=[[FULL, document(deny(Condition=AWAY))]]
    ),
    "alone: SCPs of a key that nobody knows, and of another too": alone(
        *OPEN, engine="auto", scps=[[FULL, document(deny(CREATE[0]))]], scps_there=[[FULL, document(deny(CREATE[0]))]]
    ),
    "alone: SCPs that are given hang on a key, and AWS's deny": alone(
        *DEPLOY,
        engine="auto",
        scps=[[FULL, document(deny(Condition=AWAY))]],
        scps_there=[[FULL, document(deny(Condition=AWAY))]],
    ),
    "alone: SCPs that are given deny one resource, and AWS's deny": alone(
        *DEPLOY,
        engine="auto",
        scps=[[FULL, document(deny(CREATE[0], ENDPOINT))]],
        scps_there=[[FULL, document(deny(CREATE[0], ENDPOINT))]],
    ),
    "alone: SCPs and the policies deny": alone(
        allow(CREATE[0]), deny(CREATE[1]), engine="auto", scps=LOCKED, scps_there=LOCKED
    ),
    "alone: a boundary that is given allows it, and the policies do not": alone(
        allow("s3:*"), engine="auto", boundary=ALL
    ),
    "alone: SCPs that are given allow other things, and so do the policies": alone(
        allow("s3:*"),
        engine="auto",
        scps=[[FULL], [document(allow("s3:*"))]],
        scps_there=[[FULL], [document(allow("s3:*"))]],
    ),
    "alone: SCPs that are given allow other things": alone(
        *DEPLOY,
        engine="auto",
        scps=[[FULL], [document(allow("s3:*"))]],
        scps_there=[[FULL], [document(allow("s3:*"))]],
    ),
    "alone: SCPs and the policies deny the same": alone(
        allow(), deny(CREATE[0]), engine="auto", scps=LOCKED, scps_there=LOCKED
    ),
    "alone: a session policy allows other things": alone(
        *DEPLOY, engine="auto", session_policies=[document(allow("s3:*"))]
    ),
    "alone: a session policy and the policies allow other things": alone(
        allow("s3:*"), engine="auto", session_policies=[document(allow("s3:*"))]
    ),
    "alone: no SCPs at all": alone(*DEPLOY, engine="auto", scps=[]),
    "alone: no SCPs at all, and AWS's deny": alone(*DEPLOY, engine="auto", scps=[], scps_there=LOCKED),
    "alone: AWS contradicts itself about SCPs": alone(*DEPLOY, twist=contradicts, organizations="ignore"),
    "alone: AWS contradicts itself about resources": alone(*DEPLOY, twist=stricter),
    "alone: a session policy is given": alone(*DEPLOY, session_policies=[NARROW]),
    "alone: a name with capitals": alone(*DEPLOY, deployment=CAPITALS),
    "alone: one spelling of a name": alone(allow(CREATE, [ENDPOINT, CONFIG]), deployment=CAPITALS),
    "alone: keys may not be listed": alone(*DEPLOY, refuses=["get_context_keys_for_principal_policy"]),
    "alone: it may not be asked": alone(*DEPLOY, refuses=["simulate_principal_policy"]),
    "alone: a user": alone(principal=f"{IAM}:user/ann", user=DEPLOY),
    "alone: a user's MFA": alone(principal=f"{IAM}:user/ann", user=(allow(), deny(Condition=NO_MFA))),
    "alone: a user by a group": alone(principal=f"{IAM}:user/ann", user=(), group=DEPLOY),
    "alone: a group": alone(principal=f"{IAM}:group/ml", group=(allow("s3:*"),)),
    "alone: a session of a role": alone(*DEPLOY, principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1"),
    "alone: nobody is named": alone(principal=None, user=DEPLOY),
    "alone: nobody is named, and root calls": alone(principal=None, sts=Sts(f"{IAM}:root")),
    "alone: nobody is named, and a federated user calls": alone(
        principal=None, sts=Sts(f"arn:aws:sts::{ACCOUNT}:federated-user/ann")
    ),
    "alone: a role that is not there": alone(*DEPLOY, principal=f"{IAM}:role/other"),
    "alone: the key of the volumes": alone(
        *DEPLOY, allow("kms:*"), engine="auto", deployment=requests(key=True), resource_policies={KEY: DELEGATES}
    ),
    "alone: the key of the volumes denies": alone(
        *DEPLOY,
        allow("kms:*"),
        engine="auto",
        deployment=requests(key=True),
        resource_policies=key_policy(ROOT, {**ROOT, "Effect": "Deny", "Principal": "*"}),
    ),
    # --- by auto, where nobody may read
    "auto: the id of who calls": known(allow(Condition={"StringLike": {"aws:userid": "AROA*:*"}})),
    "auto: the id of who calls is looked at by a Deny": known(
        allow(), deny(CREATE[0], Condition={"StringLike": {"aws:userid": "arn:*"}})
    ),
    "auto: the ARN of who calls": known(allow(Condition={"ArnLike": {"aws:PrincipalArn": f"{IAM}:role/c*"}})),
    "auto: the id of a user": known(
        principal=f"{IAM}:user/ann", user=(allow(Condition={"StringLike": {"aws:userid": "arn:*"}}),)
    ),
    "auto: the name of a user": known(
        principal=f"{IAM}:user/ann", user=(allow(Condition={"StringEquals": {"aws:username": "ann"}}),)
    ),
    "auto: the account of who calls": known(allow(Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),
    "auto: nobody reads, and AWS allows": alone(*DEPLOY, engine="auto"),
    "auto: nobody reads, and AWS denies": alone(allow("s3:*"), engine="auto"),
    "auto: nobody reads, and AWS may not be asked": alone(
        *DEPLOY, engine="auto", refuses=["simulate_principal_policy"], organizations="ignore"
    ),
    "local: nobody reads": alone(*DEPLOY, engine="local", organizations="ignore"),
    "local: nobody reads, and SCPs deny": alone(*DEPLOY, engine="local", scps=[[document(deny())]]),
    "both: nobody reads": alone(*DEPLOY, engine="both"),
    "both: nobody reads, and AWS may not be asked": alone(
        *DEPLOY, engine="both", refuses=["simulate_principal_policy"]
    ),
    # --- the policies are known
    "auto: both allow": known(*DEPLOY),
    "auto: both deny": known(allow(CREATE[0], ENDPOINT, Sid="Narrow")),
    "both: both allow": known(*DEPLOY, engine="both"),
    "local: allowed": known(*DEPLOY, engine="local", organizations="ignore"),
    "both: a key that nobody knows": known(*OPEN, engine="both"),
    "auto: a key that nobody knows": known(*OPEN),
    "auto: a key that is said": known(*OPEN, context={"aws:SourceIp": "198.51.100.7"}),
    "auto: AWS denies what the details allow": known(*DEPLOY, twist=denies),
    "auto: AWS allows what the details deny": known(allow("s3:*"), twist=allows),
    "auto: AWS denies by another way than the details": known(allow(), deny(CREATE[0], Sid="Stop"), twist=denies),
    "auto: SCPs deny and are given, and a key is not known": known(*OPEN, scps_there=LOCKED, scps=LOCKED),
    "auto: a session policy hangs on a key": known(
        *DEPLOY, session_policies=[document(allow(), deny(Condition=AWAY, Sid="Short"))]
    ),
    "auto: a session policy denies what the policies do not allow": known(
        allow("s3:*"), session_policies=[document(deny())]
    ),
    "auto: an unread boundary beside policies": known(*DEPLOY, boundary_there=ALL, boundary=NARROW),
    "auto: AWS contradicts itself": known(*DEPLOY, twist=stricter),
    "auto: AWS has other policies": known(*DEPLOY, read=details(allow(), deny(CREATE[1], Sid="Old"))),
    "auto: AWS has no policies": known(allow("s3:*"), read=details(*DEPLOY)),
    "auto: SCPs deny and are given": known(*DEPLOY, scps_there=LOCKED, scps=LOCKED),
    "auto: SCPs deny and are left out": known(*DEPLOY, scps_there=LOCKED, organizations="ignore"),
    "auto: SCPs are given that AWS does not have": known(*DEPLOY, scps=LOCKED),
    "auto: a session policy does not allow it": known(*DEPLOY, session_policies=[NARROW]),
    "auto: a boundary does not allow it": known(*DEPLOY, boundary_there=NARROW),
    "auto: a key's policy denies": known(
        *DEPLOY,
        allow("kms:*"),
        deployment=requests(key=True),
        resource_policies=key_policy(ROOT, {**ROOT, "Effect": "Deny", "Principal": "*", "Sid": "No"}),
    ),
    "auto: AWS may not be asked": known(*DEPLOY, refuses=["simulate_principal_policy"], organizations="ignore"),
    "auto: AWS may not be asked, and it is denied": known(
        allow("s3:*"), refuses=["simulate_principal_policy"], organizations="ignore"
    ),
    "auto: AWS may not be asked, and it is open": known(
        *OPEN, refuses=["simulate_principal_policy"], organizations="ignore"
    ),
    "both: AWS may not be asked": known(*DEPLOY, engine="both", refuses=["simulate_principal_policy"]),
    "auto: a user of a group": known(principal=f"{IAM}:user/ann", user=(), group=DEPLOY),
    "auto: a group": known(principal=f"{IAM}:group/ml", group=DEPLOY),
    "auto: who is not in the details": known(principal=f"{IAM}:user/bob"),
    # --- policies are given, and AWS is asked about them
    "given: auto, allowed": alone(engine="auto", policies=[ALL], scps=[[FULL]]),
    "given: auto, denied": alone(engine="auto", policies=[NARROW], scps=[[FULL]]),
    "given: aws, denied": alone(policies=[NARROW], scps=[[FULL]]),
    "given: both, AWS denies": alone(engine="both", policies=[ALL], scps=[[FULL]], twist=denies),
    "given: both, AWS allows": alone(engine="both", policies=[NARROW], scps=[[FULL]], twist=allows),
    "given: both, a boundary and SCPs": alone(engine="both", policies=[ALL], boundary=NARROW, scps=LOCKED),
    "given: local": alone(engine="local", policies=[ALL], scps=[[FULL]]),
    "given: a session policy denies": alone(
        engine="auto", policies=[ALL], scps=[[FULL]], session_policies=[document(deny())]
    ),
    "given: RCPs and a key's policy": alone(
        engine="auto",
        policies=[ALL],
        scps=[[FULL]],
        rcps=[[document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Sid": "Fence"})]],
        deployment=requests(key=True),
        resource_policies={KEY: DELEGATES},
    ),
    "given: aws, and it may not be asked": alone(policies=[ALL], scps=[[FULL]], refuses=["simulate_custom_policy"]),
    "given: auto, and it may not be asked": alone(
        engine="auto", policies=[ALL], scps=[[FULL]], refuses=["simulate_custom_policy"]
    ),
    "given: aws, and layers without policies": alone(scps=[[FULL]], boundary=NARROW),
    "given: a key that nobody knows": alone(engine="both", policies=[document(*OPEN)], scps=[[FULL]], principal=None),
    "given: unread SCPs of a whole set": alone(
        engine="auto",
        policies=iamcheck.PolicySet(identity=[iamcheck.Policy.parse(ALL, name="all")], scps=iamcheck.UNREAD),
    ),
}


def _scenario(world: dict[str, Any]) -> Callable[[Here], str]:
    def run(here: Here) -> str:
        words = dict(world)
        account, scps, of_client = words.pop("iam")
        if "details" in words:
            words["authorization_details"] = str(here.write("details.json", words.pop("details")))
        words = {"sts": Sts(), "deployment": requests(), **words}
        return checked(
            iam=Client(account, scps, **of_client),
            skip=(*EXCEPT_PRINCIPAL, "endpoint-config.ready", "endpoint-name.ready"),
            only=("principal.allowed",),
            **words,
        )

    return run


def _folder(here: Here) -> str:
    """A folder of the organization beside AWS's simulator: it takes no SCPs but with policies that are given."""
    given: tuple[dict[str, Any], ...] = ({}, {"policies": [ALL]}, {"engine": "auto"})
    return "\n".join(_scenario({**alone(*DEPLOY), "organizations": ".", **words})(here) for words in given)


SCENARIOS: dict[str, Callable[[Here], str]] = {
    **{name: _scenario(world) for name, world in WORLDS.items()},
    "a folder of the organization": _folder,
}
