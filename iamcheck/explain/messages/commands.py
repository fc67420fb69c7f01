"""What to run after a denial, as far as its message says; placeholders are in capitals.

Every value is quoted for a shell, whatever the message has.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.errors import InvalidInputError
from iamcheck.explain.messages.policies import POLICIES
from iamcheck.iam.catalogue import NameKind, validate_name

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
    "sagemaker:addtags": _REQUESTS,
    "iam:passrole": _REQUESTS,
    "kms:creategrant": _REQUESTS,
}
"""The actions of a deployment, in lower case, with the words of `iamcheck check` under which each is asked about."""


def _words(*words: str) -> str:
    return " ".join(map(shlex.quote, words))


def _is_name(kind: NameKind, name: str) -> bool:
    try:
        validate_name(kind, name)
    except InvalidInputError:
        return False
    return True


def _check(facts: Facts) -> Command | None:
    """The whole deployment again, with all that it needs."""
    extra = _CHECKED.get((facts.action or "").lower())
    if extra is None:
        return None
    kind, _, name = (facts.arn.resource if facts.arn else "").partition("/")
    names = ["ENDPOINT", "CONFIG"]
    for place, one, pattern in ((0, "endpoint", NameKind.ENDPOINT), (1, "endpoint-config", NameKind.ENDPOINT_CONFIG)):
        if kind == one and _is_name(pattern, name):
            names[place] = name
    where = ["--region", facts.region or "REGION", "--account-id", facts.account_id or "ACCOUNT"]
    who = ["--principal", facts.principal] if facts.principal_arn else []
    start = ["iamcheck", "check"] if extra is _REQUESTS else ["iamcheck", "check", *names]
    policy = POLICIES[facts.policy].flag if facts.policy else ""
    return Command(
        _words(*start, *where, *who, *extra),
        "asks about everything that the deployment needs at once, and names the statements that decide"
        + (f"; {policy} gives the policies where they cannot be read" if policy else ""),
    )


def _simulate(facts: Facts) -> Command:
    limits = {
        "permissions boundary": ("--boundary", "BOUNDARY.json"),
        "service control policy": ("--scp", "FullAWSAccess,SCP.json"),
        "resource-based policy": ("--resource-policy", "RESOURCE-POLICY.json"),
        "role trust policy": ("--resource-policy", "TRUST-POLICY.json"),
    }
    words = ["iamcheck", "simulate", "--policy-input-list", "POLICY.json", *limits.get(facts.policy or "", ())]
    words += ["--action-names", facts.action or "SERVICE:ACTION"]
    resource = facts.resource or (None if facts.action else "ARN")
    if resource is not None and resource != "*":
        words += ["--resource-arns", resource]
    return Command(_words(*words, "--explain"), "tells of each statement what kept it from matching, or made it apply")


def _model_data(facts: Facts) -> Command:
    bucket, key = facts.bucket_and_key
    resource = f"arn:aws:s3:::{bucket}/{key}"
    return Command(
        _words(
            *("iamcheck", "simulate", "--policy-input-list", "EXECUTION-ROLE-POLICY.json"),
            *("--action-names", "s3:GetObject", "--resource-arns", resource, "--explain"),
        ),
        "whether the execution role's policies let it read the object",
    )


def _head_object(facts: Facts) -> Command:
    bucket, key = facts.bucket_and_key
    return Command(
        _words("aws", "s3api", "head-object", "--bucket", bucket, "--key", key), "whether the object is there"
    )


def _trust(facts: Facts) -> Command:
    role = facts.values.get("role", "").rpartition("/")[2] or "EXECUTION-ROLE"
    return Command(
        _words("aws", "iam", "get-role", "--role-name", role, "--query", "Role.AssumeRolePolicyDocument"),
        "whether the role is there and lets sagemaker.amazonaws.com assume it",
    )


def _sts(facts: Facts) -> Command:
    return Command(
        _words("iamcheck", "sts", facts.region or "REGION"),
        "whether AWS STS is active in the endpoint's Region, for SageMaker asks it for the role's credentials",
    )


def _sts_all(facts: Facts) -> Command:
    account = ("--account-id", facts.account_id) if facts.account_id else ()
    return Command(_words("iamcheck", "sts", "--all-regions", *account), "in which Regions AWS STS is active")


def _images(_facts: Facts) -> Command:
    return Command(
        _words(
            *("iamcheck", "simulate", "--policy-input-list", "EXECUTION-ROLE-POLICY.json", "--action-names"),
            *("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"),
            *("--resource-arns", "REPOSITORY-ARN", "--explain"),
        ),
        "whether the execution role's policies let it pull the image",
    )


def _decode(_facts: Facts) -> Command:
    return Command(
        _words(
            *("aws", "sts", "decode-authorization-message", "--encoded-message", "MESSAGE"),
            *("--query", "DecodedMessage", "--output", "text"),
        ),
        "decodes it; the encoded part is not repeated here",
    )


def _describe(operation: str, flag: str) -> Callable[[Facts], Command]:
    def command(facts: Facts) -> Command:
        region = ("--region", facts.region) if facts.region else ()
        name = facts.values.get("name") or "NAME"
        return Command(_words("aws", "sagemaker", operation, flag, name, *region), "what is there under that name")

    return command


def _quota(facts: Facts) -> Command:
    query = f"Quotas[?QuotaName=='{facts.values.get('quota', '')}']"
    return Command(
        _words("aws", "service-quotas", "list-service-quotas", "--service-code", "sagemaker", "--query", query),
        "the applied quota and its code, for `aws service-quotas request-service-quota-increase`",
    )


def _identity(_facts: Facts) -> Command:
    return Command(
        _words("aws", "sts", "get-caller-identity"), "whether the credentials work at all, and whose they are"
    )


COMMANDS: Final[Mapping[str, Callable[[Facts], Command | None]]] = {
    "check": _check,
    "simulate": _simulate,
    "simulate-blank": _simulate,
    "decode": _decode,
    "model-data": _model_data,
    "head-object": _head_object,
    "trust": _trust,
    "images": _images,
    "sts": _sts,
    "sts-all": _sts_all,
    "describe-endpoint": _describe("describe-endpoint", "--endpoint-name"),
    "describe-config": _describe("describe-endpoint-config", "--endpoint-config-name"),
    "describe-model": _describe("describe-model", "--model-name"),
    "quota": _quota,
    "identity": _identity,
}
