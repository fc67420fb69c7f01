"""Says what to run after a message, as far as it says who and what; placeholders are in capitals.

Every value is quoted for a shell, whatever the message has.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.explain.policy_types import POLICIES
from iamcheck.iam.catalogue import NameKind, validate_name
from iamcheck.iam.model import Principal, PrincipalKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.explain.messages.facts import Facts

__all__ = ["COMMANDS", "Command"]


@dataclass(frozen=True, slots=True)
class Command:
    """A command with its reason."""

    text: str
    why: str


_REQUESTS: Final = ("--request", "CREATE-ENDPOINT.json", "--config-request", "CREATE-ENDPOINT-CONFIG.json")
_WHOLE: Final = (*_REQUESTS, "--model-request", "CREATE-MODEL.json")
_FROM: Final = ("--from", "TEMPLATE.yaml")
_OF_A_FILE: Final = (
    "application-autoscaling:putscalingpolicy",
    "application-autoscaling:registerscalabletarget",
    "cloudwatch:putmetricalarm",
    "iam:createservicelinkedrole",
    "sagemaker:createinferencecomponent",
)
"""Actions of which a template, a plan or a recording says that the deployment needs them."""
_OF_A_MODEL: Final = ("sagemaker:addtags", "iam:passrole", "sagemaker:createmodel")
"""Actions that CreateModel needs too: only a check of the whole deployment asks about them."""
_CHECKED: Final[Mapping[str, tuple[str, ...]]] = {
    "sagemaker:createendpoint": (),
    "sagemaker:createendpointconfig": (),
    "sagemaker:updateendpoint": ("--scope", "update"),
    "sagemaker:describeendpoint": ("--scope", "deploy"),
    "sagemaker:describeendpointconfig": ("--scope", "deploy"),
    "sagemaker:updateendpointweightsandcapacities": ("--scope", "lifecycle"),
    "sagemaker:deleteendpoint": ("--scope", "lifecycle"),
    "sagemaker:deleteendpointconfig": ("--scope", "lifecycle"),
    "sagemaker:invokeendpoint": ("--scope", "lifecycle"),
    "sagemaker:invokeendpointasync": ("--scope", "lifecycle"),
    "sagemaker:invokeendpointwithresponsestream": ("--scope", "lifecycle"),
    "kms:creategrant": _REQUESTS,
    **dict.fromkeys(_OF_A_FILE, _FROM),
    **dict.fromkeys(_OF_A_MODEL, _WHOLE),
}
"""The actions of a deployment, in lower case, with the words of `iamcheck check` under which each is asked about."""


def _command(why: str, *words: str) -> Command:
    return Command(" ".join(map(shlex.quote, words)), why)


def _is_name(kind: NameKind, name: str) -> bool:
    try:
        validate_name(kind, name)
    except InvalidInputError:
        return False
    return True


def _place(facts: Facts) -> tuple[str, ...]:
    return ("--region", facts.region or "REGION", "--account-id", facts.account_id or "ACCOUNT")


def _region(facts: Facts) -> tuple[str, ...]:
    return ("--region", facts.region or "REGION")


def _check(facts: Facts) -> Command | None:
    """The whole deployment again, with all that it needs."""
    extra = _CHECKED.get((facts.action or "").lower())
    words = POLICIES[facts.policy] if facts.policy else None
    if extra is None or (words is not None and not (words.flag or words.is_read)):
        return None
    names = ["ENDPOINT", "CONFIG"]
    kind, _, name = (facts.arn.resource if facts.arn else "").partition("/")
    for index, word, pattern in ((0, "endpoint", NameKind.ENDPOINT), (1, "endpoint-config", NameKind.ENDPOINT_CONFIG)):
        if kind == word and _is_name(pattern, name):
            names[index] = name
    start = ["iamcheck", "check"] if {"--request", "--from"} & set(extra) else ["iamcheck", "check", *names]
    why = "asks about everything that the deployment needs, and names the statements that decide"
    if extra is _WHOLE:
        why += "; a template or plan (--from FILE) says the models, roles and tags as well"
    if words is not None and words.is_read and words.flag:
        why += f"; {words.flag} gives the policy where it cannot be read"
    layer = words.flag.split() if words is not None and not words.is_read else []
    return _command(why, *start, *_place(facts), *_who(facts), *extra, *layer)


def _who(facts: Facts) -> tuple[str, ...]:
    """The words of `iamcheck check` that say who calls: a session policy is of a session, whatever the message says."""
    principal = facts.principal_arn
    if principal is None:
        return ()
    if facts.hides_principal:
        return ("--principal", "PRINCIPAL-ARN")
    kind = Principal.read(principal).kind
    if facts.policy != "session policy":
        return ("--principal", principal)
    if kind is PrincipalKind.FEDERATED:
        return ("--principal", principal, "--policy", "POLICY.json")
    return ("--principal", principal if kind in (PrincipalKind.SESSION, PrincipalKind.ROLE) else "SESSION-ARN")


_LAYERS: Final[Mapping[str, tuple[str, ...]]] = {
    "permissions boundary": ("--boundary", "BOUNDARY.json"),
    "service control policy": ("--scp", "FullAWSAccess,SCP.json"),
    "resource control policy": ("--rcp", "RCPFullAWSAccess,RCP.json", "--semantics", "live"),
    "session policy": ("--session-policy", "SESSION-POLICY.json", "--semantics", "live"),
    "resource-based policy": ("--resource-policy", "RESOURCE-POLICY.json", "--semantics", "live"),
    "role trust policy": ("--resource-policy", "TRUST-POLICY.json", "--semantics", "live"),
}
"""The words of `iamcheck simulate` that give each type of policy."""
_OF_RESOURCES: Final = ("resource-based policy", "role trust policy")


def _entity(facts: Facts) -> str:
    """The user or role that called, as AWS's simulator takes it: of a session its role, whose path it does not say."""
    principal = Principal.read(None if facts.hides_principal else facts.principal_arn)
    if principal.kind in (PrincipalKind.USER, PrincipalKind.ROLE):
        return principal.text
    # the roles of IAM Identity Center have a path
    if principal.kind is PrincipalKind.SESSION and not principal.name.startswith("AWSReservedSSO_"):
        return f"arn:{principal.partition}:iam::{principal.account_id}:role/{principal.name}"
    return "PRINCIPAL-ARN"


def _must_allow_too(facts: Facts) -> str:
    """The policy of the resource without which nobody may do it, where the message does not say which one denied it."""
    action = (facts.action or "").lower()
    if action.startswith("sts:assumerole"):
        return "role trust policy"
    return "resource-based policy" if action.startswith("kms:") and facts.resource != "*" else ""


def _simulate(facts: Facts) -> Command | None:
    """The denied call under the policy that denied it; None where nobody can be asked about that type of policy."""
    if facts.policy == "VPC endpoint policy":
        return _command(
            "the policies of the VPC's endpoints",
            *("aws", "ec2", "describe-vpc-endpoints", "--query", "VpcEndpoints[].[ServiceName,PolicyDocument]"),
            *_region(facts),
        )
    layer = facts.policy or _must_allow_too(facts)
    words = ["iamcheck", "simulate", "--policy-input-list", "POLICY.json", *_LAYERS.get(layer, ())]
    if layer in _OF_RESOURCES and facts.principal != "anonymous":
        words += ["--caller-arn", _entity(facts)]
    words += ["--action-names", facts.action or "SERVICE:ACTION"]
    # an action on no resource would be another question
    if facts.resource is None or facts.resource != "*":
        words += ["--resource-arns", "RESOURCE-ARN" if facts.hides_resource else facts.resource or "RESOURCE-ARN"]
    return _command("says of each statement what keeps it from matching, or makes it apply", *words, "--explain")


def _model_data(facts: Facts) -> Command:
    bucket, key = facts.bucket_and_key
    return _command(
        "whether the execution role's policies let it read the object",
        *("iamcheck", "simulate", "--policy-input-list", "EXECUTION-ROLE-POLICY.json"),
        *("--action-names", "s3:GetObject", "--resource-arns", f"arn:aws:s3:::{bucket}/{key}", "--explain"),
    )


def _head_object(facts: Facts) -> Command:
    bucket, key = facts.bucket_and_key
    return _command("whether the object is there", "aws", "s3api", "head-object", "--bucket", bucket, "--key", key)


def _bucket_region(facts: Facts) -> Command:
    return _command(
        "in which Region the bucket is; null is us-east-1",
        *("aws", "s3api", "get-bucket-location", "--bucket", facts.bucket_and_key[0]),
    )


def _trust(facts: Facts) -> Command:
    role = facts.role_name or "EXECUTION-ROLE"
    return _command(
        "whether the role is there and lets sagemaker.amazonaws.com assume it",
        *("aws", "iam", "get-role", "--role-name", role, "--query", "Role.AssumeRolePolicyDocument"),
    )


def _deploy_role(facts: Facts) -> Command:
    role = facts.role_name or "ROLE"
    return _command(
        "whether the role is there, and whom its trust policy lets in",
        *("aws", "iam", "get-role", "--role-name", role, "--query", "Role.AssumeRolePolicyDocument"),
    )


def _sts(facts: Facts) -> Command:
    return _command(
        "whether AWS STS is active in the endpoint's Region, because SageMaker asks it for the role's credentials",
        *("iamcheck", "sts", facts.region or "REGION"),
    )


def _sts_all(facts: Facts) -> Command:
    account = ("--account-id", facts.account_id) if facts.account_id else ()
    return _command("in which Regions AWS STS is active", "iamcheck", "sts", "--all-regions", *account)


def _image_parts(facts: Facts) -> tuple[str, str, str]:
    """Account, Region and repository of an image in Amazon ECR, with placeholders for what is not named."""
    host, _, rest = facts.values.get("image", "").partition("/")
    account, _, tail = host.partition(".dkr.ecr.")
    if not tail:
        return "ACCOUNT", "REGION", "REPOSITORY"
    # an image that a message names has a repository: see `IMAGE`
    return account, tail.partition(".")[0] or "REGION", rest.partition("@")[0].partition(":")[0]


def _images(facts: Facts) -> Command:
    account, region, repository = _image_parts(facts)
    return _command(
        "whether the execution role's policies let it pull the image",
        *("iamcheck", "simulate", "--policy-input-list", "EXECUTION-ROLE-POLICY.json", "--action-names"),
        *("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"),
        *("--resource-arns", f"arn:aws:ecr:{region}:{account}:repository/{repository}", "--explain"),
    )


def _of_repository(operation: str, why: str) -> Callable[[Facts], Command]:
    def command(facts: Facts) -> Command:
        account, region, repository = _image_parts(facts)
        where = ("--repository-name", repository, "--registry-id", account, "--region", region)
        return _command(why, "aws", "ecr", operation, *where)

    return command


def _decode(_facts: Facts) -> Command:
    return _command(
        "decodes it; the encoded part is not repeated here",
        *("aws", "sts", "decode-authorization-message", "--encoded-message", "MESSAGE"),
        *("--query", "DecodedMessage", "--output", "text"),
    )


def _check_request(facts: Facts) -> Command:
    return _command(
        "lists everything of the requests that AWS would refuse",
        *("iamcheck", "check", *_WHOLE, "--offline", *_place(facts)),
    )


def _of_name(operation: str, flag: str, why: str = "what is there under that name") -> Callable[[Facts], Command]:
    def command(facts: Facts) -> Command:
        return _command(why, "aws", "sagemaker", operation, flag, facts.values.get("name") or "NAME", *_region(facts))

    return command


def _wait(facts: Facts) -> Command:
    name = ("--endpoint-name", facts.values.get("name") or "NAME")
    return _command(
        "ends when the endpoint is InService", "aws", "sagemaker", "wait", "endpoint-in-service", *name, *_region(facts)
    )


_DESCRIBE: Final[Mapping[str, tuple[str, str]]] = {
    "inference component": ("describe-inference-component", "--inference-component-name"),
    "model package group": ("describe-model-package-group", "--model-package-group-name"),
    "model package": ("describe-model-package", "--model-package-name"),
    "model": ("describe-model", "--model-name"),
}


def _describe(facts: Facts) -> Command | None:
    """What is there under the name, for the kinds of resources that a deployment has."""
    names = _DESCRIBE.get(facts.values.get("kind", ""))
    return None if names is None else _of_name(*names)(facts)


def _quota(facts: Facts) -> Command:
    query = f"Quotas[?QuotaName=='{facts.values.get('quota', '')}']"
    return _command(
        "the applied quota and its code, for aws service-quotas request-service-quota-increase",
        *("aws", "service-quotas", "list-service-quotas", "--service-code", "sagemaker", "--query", query),
    )


def _fixed(why: str, *words: str, region: bool = False) -> Callable[[Facts], Command]:
    def command(facts: Facts) -> Command:
        return _command(why, *words, *(_region(facts) if region else ()))

    return command


def _logs(facts: Facts) -> Command:
    group = f"/aws/sagemaker/Endpoints/{facts.values.get('name') or 'ENDPOINT'}"
    # `aws logs tail` is the AWS CLI's version 2 alone
    return _command(
        "what the container wrote",
        *("aws", "logs", "filter-log-events", "--log-group-name", group, "--query", "events[].message"),
        *_region(facts),
    )


def _of_key(operation: str, why: str, *more: str) -> Callable[[Facts], Command]:
    def command(facts: Facts) -> Command:
        return _command(why, "aws", "kms", operation, "--key-id", facts.values.get("key") or "KEY-ARN", *more)

    return command


COMMANDS: Final[Mapping[str, Callable[[Facts], Command | None]]] = {
    "bucket-region": _bucket_region,
    "check": _check,
    "check-request": _check_request,
    "decode": _decode,
    "deploy-role": _deploy_role,
    "describe": _describe,
    "describe-alarms": _fixed(
        "which alarms are in ALARM state", "aws", "cloudwatch", "describe-alarms", "--state-value", "ALARM", region=True
    ),
    "describe-config": _of_name("describe-endpoint-config", "--endpoint-config-name"),
    "describe-endpoint": _of_name("describe-endpoint", "--endpoint-name", "its status, and its FailureReason"),
    "describe-images": _of_repository("describe-images", "which tags and digests the repository has"),
    "describe-key": _of_key("describe-key", "in which state the key is"),
    "describe-model": _of_name("describe-model", "--model-name"),
    "describe-subnets": _fixed(
        "how many free addresses each subnet has",
        *("aws", "ec2", "describe-subnets", "--query", "Subnets[].[SubnetId,AvailableIpAddressCount]"),
        region=True,
    ),
    "head-object": _head_object,
    "identity": _fixed("whether the credentials work at all, and whose they are", "aws", "sts", "get-caller-identity"),
    "images": _images,
    "key-policy": _of_key("get-key-policy", "the key policy", "--policy-name", "default", "--output", "text"),
    "logs": _logs,
    "model-data": _model_data,
    "quota": _quota,
    "quotas": _fixed(
        "the applied quotas", "aws", "service-quotas", "list-service-quotas", "--service-code", "sagemaker"
    ),
    "repository-policy": _of_repository("get-repository-policy", "whom the repository lets pull its images"),
    "scalable-targets": _fixed(
        "the scalable targets of endpoints",
        *("aws", "application-autoscaling", "describe-scalable-targets", "--service-namespace", "sagemaker"),
        region=True,
    ),
    "simulate": _simulate,
    "sts": _sts,
    "sts-all": _sts_all,
    "trust": _trust,
    "wait-in-service": _wait,
}
"""By the names that the families use."""
