"""Whole reports online: who calls is asked, policies and SCPs are read, and SageMaker says what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import iamcheck
from iamcheck.deployment.resolving import draft_of
from iamcheck.deployment.sources import read_sources
from iamcheck.permissions.parts import SCALING_ROLE_NAME
from tests.server import variant
from tests.unit.checks import refusal
from tests.unit.checks.scenarios.common import (
    ACCOUNT,
    ALL,
    DELEGATES,
    IAM,
    IMAGE,
    KEY,
    PLACE,
    PLAIN,
    REGION,
    ROLE,
    Here,
    allow,
    checked,
    deny,
    document,
    requests,
)
from tests.unit.checks.scenarios.principal_given import AWAY, NARROW, NO_MFA, ROOT, key_policy
from tests.unit.checks.scenarios.principal_online import stricter
from tests.unit.checks.scenarios.reports import BOTH, MODEL, TARGET, UNNAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.server import Credentials, LoopbackAws
    from tests.whole_results import Scenario

    Setting = Callable[[LoopbackAws], Credentials]

DEPLOYER: Final = document(allow("sagemaker:CreateEndpoint*", Sid="Deploy"))
LOCK: Final = document(deny("sagemaker:CreateEndpoint", Sid="Lock"))
FENCE: Final = document({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Sid": "Fence"})
READS: Final = ("iam:GetUser*", "iam:GetRole*", "iam:List*", "iam:GetPolicy*")
BRIEF: Final = ("policy.sufficient", "policy.minimal", "sts.active", "request.valid")
ONLY_PRINCIPAL: Final = (
    "policy.sufficient",
    "policy.minimal",
    "sts.active",
    "endpoint-config.ready",
    "endpoint-name.ready",
)
ONLY_READS: Final = ("policy.sufficient", "policy.minimal", "sts.active", "principal.allowed")
OTHER_KEY: Final = KEY.replace("1234abcd", "9876abcd")
TRUST: Final = document(
    {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
)


def user(policy: Mapping[str, Any] = DEPLOYER, **more: Any) -> Setting:  # noqa: ANN401  what a user has besides
    return lambda aws: aws.create_user("ann", policy=dict(policy), **more)


def role(policy: Mapping[str, Any] = DEPLOYER, **more: Any) -> Setting:  # noqa: ANN401  what a role has besides
    return lambda aws: aws.create_role("ci", policy=dict(policy), **more)


def setting(who: Setting, *steps: Callable[[LoopbackAws], object]) -> Setting:
    """Who calls, in an AWS in which something has been done."""

    def make(aws: LoopbackAws) -> Credentials:
        credentials = who(aws)
        for step in steps:
            step(aws)
        return credentials

    return make


def denying(*actions: str) -> Callable[[LoopbackAws], object]:
    def make(aws: LoopbackAws) -> None:
        for action in actions:
            aws.deny(action)

    return make


def organization(
    *, scp: Mapping[str, Any] | None = None, rcp: Mapping[str, Any] | None = None, may_read: bool = True
) -> Callable[[LoopbackAws], object]:
    """The account in a unit of an organization, with policies at the unit; AWS's simulator knows its SCPs."""

    def make(aws: LoopbackAws) -> None:
        tree = aws.organizations.create()
        unit = tree.unit("workloads", tree.root)
        tree.account(ACCOUNT, unit)
        aws.iam.scps = [[ALL], [ALL], [ALL]]
        if scp is not None:
            tree.attach(unit, scp)
            aws.iam.scps = [[ALL], [ALL, scp], [ALL]]
        if rcp is not None:
            tree.attach(unit, rcp, kind="RESOURCE_CONTROL_POLICY")
        if may_read:
            aws.organizations.delegated.add(ACCOUNT)

    return make


def there(*, key: str | None = None, tags: Sequence[Mapping[str, str]] = ()) -> Callable[[LoopbackAws], object]:
    """The endpoint config is there."""

    def make(aws: LoopbackAws) -> None:
        client = aws.client("sagemaker")
        client.create_model(
            ModelName="churn", ExecutionRoleArn=f"{IAM}:role/serving", PrimaryContainer={"Image": IMAGE}
        )
        members: dict[str, Any] = {"KmsKeyId": key, "Tags": [*tags]}
        client.create_endpoint_config(
            EndpointConfigName="churn-v7",
            ProductionVariants=[variant("all") | {"ModelName": "churn"}],  # type: ignore[list-item]  # of a test server
            **{name: value for name, value in members.items() if value},
        )

    return make


def linked_role(aws: LoopbackAws) -> None:
    """The account has the service-linked role of Application Auto Scaling."""
    aws.create_role(SCALING_ROLE_NAME)


def scaled(aws: LoopbackAws) -> None:
    """Targets are registered on the endpoint, and on another."""
    client = aws.client("application-autoscaling")
    for name in ("churn", "churn-2"):
        client.register_scalable_target(
            ServiceNamespace="sagemaker",
            ResourceId=f"endpoint/{name}/variant/all",
            ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            MinCapacity=1,
            MaxCapacity=2,
        )


def online(who: Setting, *, of: Any = PLAIN, **words: Any) -> Scenario:  # noqa: ANN401  a deployment and keywords of check
    """The report about a deployment, by whoever calls."""

    def run(here: Here) -> str:
        assert here.aws is not None
        session = here.aws.session(who(here.aws), attempts=1)
        deployment = of(here) if callable(of) else of
        return _made_up(checked(**{"deployment": deployment, "session": session, "brief": BRIEF, **words}))

    return run


def _made_up(text: str) -> str:
    """The text without the ids that a test server makes up."""
    import re

    return re.sub(r"\b(p|o|r|ou)-[0-9a-z]{4,}(-[0-9a-z]+)?", r"\1-ID", text)


def principal(who: Setting, **words: Any) -> Scenario:  # noqa: ANN401  keywords of check
    return online(who, skip=ONLY_PRINCIPAL, only=("principal.allowed",), **{"of": requests(), **words})


def reading(who: Setting, **words: Any) -> Scenario:  # noqa: ANN401  keywords of check
    return online(who, skip=ONLY_READS, **words)


def needing(who: Setting, **words: Any) -> Scenario:  # noqa: ANN401  keywords of check
    """What is needed, and no check."""
    return online(who, skip=["all"], only=("none",), show=("permissions",), **words)


def file(resources: Mapping[str, Any], names: Any = None, **read: Any) -> Callable[[Here], Any]:  # noqa: ANN401  a draft
    def make(here: Here) -> Any:  # noqa: ANN401  a draft
        path = here.write("template.json", {"Resources": dict(resources)})
        (written,) = read_sources(str(path), stack_tags={}, **read)
        return draft_of(written, name_patterns=names)

    return make


def unplaced(_: Here) -> Any:  # noqa: ANN401  a draft
    from iamcheck.deployment import UnplacedDeployment

    return UnplacedDeployment("churn", "churn-v7")


class Contradicting(iamcheck.LocalIAM):
    """A simulator that denies over all resources what it allows on each."""

    def simulate_principal_policy(self, **arguments: Any) -> Any:  # noqa: ANN401  boto3's keywords and response
        answer: Any = super().simulate_principal_policy(**arguments)
        stricter(answer)
        return answer


def contradicting(aws: LoopbackAws) -> None:
    aws.iam.simulator = Contradicting


ALL_AT_ONCE: Final = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 60}
ROLLING: Final = {
    "MaximumBatchSize": {"Type": "INSTANCE_COUNT", "Value": 1},
    "WaitIntervalInSeconds": 60,
}


def updating(policy: Mapping[str, Any] | None) -> iamcheck.Deployment:
    """An endpoint that is updated to three instances."""
    return iamcheck.Deployment.from_requests(
        {
            "EndpointName": "churn",
            "EndpointConfigName": "churn-v7",
            **({} if policy is None else {"DeploymentConfig": dict(policy)}),
        },
        {"EndpointConfigName": "churn-v7", "ProductionVariants": [variant("all", count=3) | {"ModelName": "churn"}]},
        **PLACE,
    )


def busy(aws: LoopbackAws) -> None:
    """The endpoint is in service with two instances, of four that there may be."""
    aws.sagemaker.create_endpoint("churn", "churn-v6", variant("all", count=2))
    aws.quotas.applied["ml.m5.large for endpoint usage"] = 4


WITH_KEY = iamcheck.Deployment.from_requests(
    {"EndpointName": "churn", "EndpointConfigName": "churn-v7"},
    {
        "EndpointConfigName": "churn-v7",
        "ProductionVariants": [variant("all") | {"ModelName": "churn"}],
        "KmsKeyId": KEY,
    },
    **PLACE,
)
SCENARIOS: dict[str, Scenario] = {
    # --- who may what, read live
    "user, allowed": principal(user()),
    "user, one ARN is forgotten": principal(user(NARROW)),
    "user, a boundary denies": principal(user(boundary=document(allow(), deny("sagemaker:CreateEndpoint")))),
    "user, MFA of long-term keys": principal(user(document(allow(), deny(Condition=NO_MFA, Sid="Mfa")))),
    "role, allowed": principal(role()),
    "role, under a path": principal(role(path="/team/")),
    "role, MFA of a session": principal(role(document(allow(), deny(Condition=NO_MFA, Sid="Mfa")))),
    "role, a key that nobody knows": principal(role(document(allow(), deny(Condition=AWAY, Sid="Away")))),
    "role, by the local engine": principal(role(NARROW), engine="local"),
    "role, by both engines": principal(role(NARROW), engine="both"),
    "role, by AWS's simulator": principal(role(NARROW), engine="aws"),
    "role, another is named": principal(
        setting(user(ALL), lambda aws: aws.create_role("ci", policy=dict(NARROW))), principal=ROLE
    ),
    "role, a session of it is named": principal(
        setting(user(ALL), lambda aws: aws.create_role("ci", policy=dict(NARROW), path="/team/")),
        principal=f"arn:aws:sts::{ACCOUNT}:assumed-role/ci/run-1",
    ),
    "role, one that is not there is named": principal(user(ALL), principal=f"{IAM}:role/other"),
    "role, whose path may not be read": principal(setting(role(path="/team/"), denying("iam:GetRole"))),
    "role, whose path cannot be read": principal(
        setting(role(), lambda aws: aws.hook("iam:GetRole", refusal("ServiceFailure", "try again")))
    ),
    "user, nothing may be read": principal(setting(user(), denying(*READS))),
    "user, neither read nor simulated": principal(setting(user(), denying(*READS, "iam:Simulate*"))),
    "user, inline policies may not be read": principal(setting(user(), denying("iam:GetUserPolicy"))),
    "user, nothing may be read, and AWS contradicts itself": principal(setting(user(), denying(*READS), contradicting)),
    "role, which a key's policy does not name": principal(
        role(ALL),
        of=requests(key=True),
        resource_policies=key_policy({**ROOT, "Principal": {"AWS": f"{IAM}:role/other"}}),
        engine="local",
    ),
    "role, which a key's policy denies": principal(
        role(ALL, path="/team/"),
        of=requests(key=True),
        resource_policies=key_policy(ROOT, {**ROOT, "Effect": "Deny", "Principal": "*"}),
        engine="local",
    ),
    "user, not simulated": principal(setting(user(NARROW), denying("iam:Simulate*"))),
    "user, not simulated, and AWS was to decide": principal(setting(user(), denying("iam:Simulate*")), engine="aws"),
    "root": principal(lambda aws: aws.root()),
    # --- the organization
    "SCPs, read, which deny": principal(setting(user(), organization(scp=LOCK))),
    "SCPs, read, which allow": principal(setting(user(), organization())),
    "SCPs, read by the local engine": principal(setting(user(), organization(scp=LOCK)), engine="local"),
    "SCPs, unread, which deny": principal(setting(user(), organization(scp=LOCK, may_read=False))),
    "SCPs, unread, which allow": principal(setting(user(), organization(may_read=False))),
    "SCPs, unread, which deny, and policies too": principal(
        setting(user(), organization(scp=LOCK, may_read=False), denying(*READS))
    ),
    "SCPs, unread, which deny what the user may not": principal(
        setting(user(NARROW), organization(scp=LOCK, may_read=False), denying(*READS))
    ),
    "SCPs, unread, and AWS decides": principal(
        setting(user(), organization(may_read=False)), engine="aws", strict=True
    ),
    "SCPs, unread, by the local engine": principal(setting(user(), organization(may_read=False)), engine="local"),
    "SCPs, left out": principal(setting(user(), organization(scp=LOCK)), organizations="ignore"),
    "SCPs, given": principal(setting(user(), organization(scp=LOCK)), scps=[["FullAWSAccess"], [ALL, LOCK]]),
    "SCPs, given, which allow what AWS's deny": principal(
        setting(user(), organization(scp=LOCK)), scps=[["FullAWSAccess"]]
    ),
    "SCPs, to be read by name": principal(setting(user(), organization(scp=LOCK)), organizations="aws"),
    "SCPs, of policies that are given": principal(setting(user(), organization(scp=LOCK)), policies=[ALL]),
    "RCPs, read, which deny the key": principal(
        setting(user(ALL), organization(rcp=FENCE)), of=requests(key=True), resource_policies={KEY: DELEGATES}
    ),
    "RCPs, unread": principal(
        setting(user(ALL), organization(rcp=FENCE, may_read=False)),
        of=requests(key=True),
        resource_policies={KEY: DELEGATES},
    ),
    "RCPs, of policies that are given": principal(
        setting(user(ALL), organization(rcp=FENCE)),
        of=requests(key=True),
        resource_policies={KEY: DELEGATES},
        policies=[ALL],
    ),
    "a key's policy that may not be read": principal(
        setting(user(ALL), denying("kms:GetKeyPolicy")), of=requests(key=True), engine="local"
    ),
    # --- who calls, and where
    "the account is that of the credentials": online(
        user(), of=unplaced, brief=("policy.sufficient", "policy.minimal")
    ),
    "the account cannot be found out": online(
        setting(user(), lambda aws: aws.hook("sts:GetCallerIdentity", refusal("InvalidClientTokenId", "no such key"))),
        of=unplaced,
    ),
    "who calls cannot be found out": online(
        setting(user(), lambda aws: aws.hook("sts:GetCallerIdentity", refusal("InvalidClientTokenId", "no such key")))
    ),
    "another account's credentials": online(lambda aws: aws.create_user("eve", account_id="210987654321")),
    "a Region that is not known, online": online(user(), of=file(BOTH), checks=["all"], region=REGION),
    "a file whose names are not known": reading(user(), of=file(UNNAMED), checks=["endpoint-name.ready"]),
    "patterns of names": reading(
        user(), of=file(UNNAMED, {"EndpointName": "churn-*", "EndpointConfigName": "config-*"})
    ),
    "patterns of names, and checks that were named": reading(
        user(),
        of=file(UNNAMED, {"EndpointName": "churn-*", "EndpointConfigName": "config-*"}),
        checks=["endpoint-name.ready", "models.exist", "endpoint-config.unused"],
        scope="lifecycle",
    ),
    "patterns of names, and roles": online(
        user(),
        of=file({**UNNAMED, "Model": MODEL}, {"EndpointName": "churn-*", "EndpointConfigName": "config-*"}),
        checks=["execution-role.trusted", "execution-role.allowed"],
        skip=(*ONLY_READS, "model-name.ready"),
        only=("execution-role.trusted", "execution-role.allowed", "endpoint-config.ready"),
    ),
    # --- what is there
    "nothing is there": reading(user()),
    "nothing is there, and it is to be updated": reading(user(), scope="update"),
    "the config is there": reading(setting(user(), there()), show=("permissions",)),
    "the config is there, and a new one is made": reading(setting(user(), there()), config="new"),
    "the config is to be there": reading(user(), config="existing", show=("permissions",)),
    "the config is there, as it is to be": reading(
        setting(user(), there(key=KEY)), config="existing", show=("permissions",)
    ),
    "the config is there with a key": reading(setting(user(), there(key=KEY)), show=("permissions", "policy")),
    "the config is there with a key, and may not be read": reading(
        setting(user(), there(key=KEY), denying("sagemaker:DescribeEndpointConfig"))
    ),
    "the config is there with another key than the request": reading(
        setting(user(), there(key=OTHER_KEY)), of=WITH_KEY, config="any", show=("permissions",)
    ),
    "the config is there with the key of the request": reading(
        setting(user(), there(key=KEY)), of=WITH_KEY, config="any", show=("permissions",)
    ),
    "the config is there without the key of the request": reading(
        setting(user(), there()), of=WITH_KEY, config="any", show=("permissions",)
    ),
    "the config is there with tags": reading(
        setting(user(), there(tags=[{"Key": "team", "Value": "ml"}])), of=WITH_KEY, config="any"
    ),
    "the config may be there, and is not": reading(user(), of=WITH_KEY, config="any", show=("permissions",)),
    "the config may be there, and cannot be read": reading(
        setting(user(), denying("sagemaker:DescribeEndpointConfig")), of=WITH_KEY, config="any"
    ),
    "nothing may be read": reading(setting(user(), denying("sagemaker:*"))),
    "nothing may be read, and a check was named": reading(
        setting(user(), denying("sagemaker:*")), checks=["endpoint-config.ready"]
    ),
    "nothing may be read, and all checks were named": reading(
        setting(user(), denying("sagemaker:*", "servicequotas:*", "cloudwatch:*")), checks=["all"]
    ),
    "every check": reading(setting(user(), there()), checks=["all"], of=requests(), scope="lifecycle"),
    "every check of names": reading(user(), checks=["all"]),
    "every check of an endpoint alone": reading(
        setting(user(), there()), of=file({"Endpoint": BOTH["Endpoint"]}), checks=["all"]
    ),
    "every check of a config alone": reading(user(), of=file({"Config": BOTH["Config"]}), checks=["all"]),
    "a model of a stack is there, which is made": reading(
        setting(user(), there()), of=file({**BOTH, "Model": MODEL}), config="new"
    ),
    "a model of a stack is there, which is updated": reading(
        setting(user(), there()), of=file({**BOTH, "Model": MODEL}), scope="update"
    ),
    "a model of a script is there": reading(setting(user(), there()), of=requests(role=f"{IAM}:role/serving")),
    **{
        f"an update {how}": reading(
            setting(user(), busy), of=updating(policy), scope="update", checks=["quota.instances"]
        )
        for how, policy in (
            ("that rolls", {"RollingUpdatePolicy": ROLLING}),
            ("by blue and green", {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": ALL_AT_ONCE}}),
            ("of which nothing is said", None),
        )
    },
    # --- scaling
    "a target is registered, and the service-linked role is not there": needing(
        user(), of=file({**BOTH, "Target": TARGET})
    ),
    "a target is registered, and the service-linked role is there": needing(
        setting(user(), linked_role), of=file({**BOTH, "Target": TARGET})
    ),
    "a target is registered, and nobody may tell": needing(
        setting(user(), denying("iam:GetRole")), of=file({**BOTH, "Target": TARGET})
    ),
    "an endpoint is deleted that is scaled": needing(setting(user(), there(), scaled), scope="lifecycle"),
    "an endpoint is deleted, and nobody may tell": needing(
        setting(user(), denying("application-autoscaling:*")), scope="lifecycle"
    ),
    "an endpoint is deleted as AWS's documentation has it": needing(setting(user(), there(), scaled), scope="docs"),
    # --- execution roles
    "roles, as models that are there name them": online(
        setting(
            user(),
            there(),
            lambda aws: aws.create_role("serving", policy=dict(ALL), trust=TRUST),
        ),
        checks=["execution-role.trusted", "execution-role.allowed"],
        only=("execution-role.trusted", "execution-role.allowed"),
        scps=[["FullAWSAccess"]],
        rcps=[["RCPFullAWSAccess"]],
        engine="local",
    ),
    "roles, whose trust policy may not be read": online(
        setting(
            user(),
            lambda aws: aws.create_role("serving", policy=dict(ALL), trust=TRUST),
            denying("iam:GetRole"),
        ),
        of=requests(role=f"{IAM}:role/serving"),
        checks=["execution-role.trusted", "execution-role.allowed"],
        only=("execution-role.trusted", "execution-role.allowed"),
    ),
    "roles, that are not there": online(
        user(),
        of=requests(role=f"{IAM}:role/serving"),
        checks=["execution-role.trusted", "execution-role.allowed"],
        only=("execution-role.trusted", "execution-role.allowed"),
    ),
    "roles, read, under SCPs that nobody read": online(
        setting(user(), lambda aws: aws.create_role("serving", policy=dict(ALL), trust=TRUST)),
        of=requests(role=f"{IAM}:role/serving"),
        checks=["execution-role.trusted", "execution-role.allowed"],
        only=("execution-role.trusted", "execution-role.allowed"),
    ),
    "roles, read, under SCPs and RCPs that are given": online(
        setting(user(), lambda aws: aws.create_role("serving", policy=dict(ALL), trust=TRUST)),
        of=requests(role=f"{IAM}:role/serving"),
        checks=["execution-role.trusted", "execution-role.allowed"],
        only=("execution-role.trusted", "execution-role.allowed"),
        scps=[["FullAWSAccess"]],
        rcps=[["RCPFullAWSAccess"]],
        engine="local",
    ),
}
