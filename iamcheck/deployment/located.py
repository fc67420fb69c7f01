"""Holds a deployment as it is written somewhere: API requests, each member with the place where it stands.

Every reader, of request files, templates, plans and live endpoint configs, gives these; what comes after does not know
which of them it was. Names of members are the API's
(https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from iamcheck.deployment.unknown import UNKNOWN, Tool, Unknown
from iamcheck.errors import InvalidInputError
from iamcheck.iam.catalogue import request_members

if TYPE_CHECKING:
    from iamcheck.deployment.unsettled import OpenCause, Unsettled
    from iamcheck.iam.model import Place
    from iamcheck.results import Assumption, NotCovered

__all__ = [
    "UNKNOWN",
    "VIA_CLOUDFORMATION",
    "DeleteOperation",
    "Member",
    "MemberValue",
    "Operation",
    "Pattern",
    "Tool",
    "Unknown",
    "WrittenCaller",
    "WrittenDelete",
    "WrittenDeployment",
    "WrittenRequest",
    "called_via_of",
    "unknown_request",
]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A text of which a part is known only when the deployment is made; `*` stands for that part, as in a policy."""

    text: str


Operation: TypeAlias = Literal[
    "CreateEndpoint",
    "CreateEndpointConfig",
    "CreateModel",
    "CreateInferenceComponent",
    "RegisterScalableTarget",
    "PutScalingPolicy",
    "PutMetricAlarm",
    "CreateModelPackageGroup",
    "CreateModelPackage",
]
"""The operations whose requests are written."""

DeleteOperation: TypeAlias = Literal[
    "DeleteEndpoint",
    "DeleteEndpointConfig",
    "DeleteModel",
    "DeregisterScalableTarget",
    "DeleteScalingPolicy",
    "DeleteAlarms",
    "DeleteModelPackageGroup",
]
"""The operations that delete what a source no longer has."""

MemberValue: TypeAlias = (
    "str | int | float | bool | Unknown | Pattern | tuple[Member, ...] | Mapping[str, Member] | None"
)
"""Text, number, truth value, null, `UNKNOWN`, a `Pattern`, a list of members, or members by name."""


@dataclass(frozen=True, slots=True)
class Member:
    """A value of a request with its place.

    Args:
        value: The value; what it may be, `MemberValue` says.
        path: Where it stands in the API's request, such as `ProductionVariants[0].ModelName`; empty for the whole.
        place: Where it is written.
        causes: Why it is `UNKNOWN` or a `Pattern`, where the reader can tell.
        may_be_absent: True where the value is `UNKNOWN` and the request may not even have the member.
    """

    value: MemberValue
    path: str
    place: Place
    causes: tuple[OpenCause, ...] = ()
    may_be_absent: bool = False

    def get(self, name: str) -> Member | None:
        """The member of that name; None where there is none, or this has no members."""
        return self.value.get(name) if isinstance(self.value, Mapping) else None

    def items(self) -> tuple[Member, ...]:
        """The items of a list; none where this is none."""
        return self.value if isinstance(self.value, tuple) else ()


@dataclass(frozen=True, slots=True)
class WrittenRequest:
    """One request of an API, SageMaker's but where `operation` is another service's.

    Args:
        operation: The operation.
        root: The request as a whole; its value is a mapping.
        place: Where it is written.
        open_tags: Which tags may come besides those of the request, as `features.Tags.open_prefix` says it.
        endpoint_members: Members that the source makes of the name of the deployment's endpoint.
        unread: Members that the source sets and whose values its reader does not read.
    """

    operation: Operation
    root: Member
    place: Place
    open_tags: str | None = None
    endpoint_members: frozenset[str] = frozenset()
    unread: tuple[str, ...] = ()


def unknown_request(operation: Operation, place: Place, causes: tuple[OpenCause, ...] = ()) -> WrittenRequest:
    """Makes a request of which nothing is known: it may have every member, and none.

    Args:
        operation: The operation.
        place: Where the source refers to it.
        causes: Why nothing is known of it.
    """
    members = {name: Member(UNKNOWN, name, place, causes, True) for name in request_members()[operation]}
    return WrittenRequest(operation, Member(members, "", place, causes), place)


@dataclass(frozen=True, slots=True)
class WrittenCaller:
    """Who makes the calls of a deployment, as its source says it.

    Args:
        principal: ARN of the user or role; `UNKNOWN`: the source names one that is known only when the deployment is
            made; None: whoever runs the tool.
        called_via: The services through which the calls come, the first one first; none: the calls come directly.
        place: Where the source says it.
        session_policies: The policies of the session, as JSON texts, that the source assumes the role with; `UNKNOWN`
            for one whose text is not in the source.
        session_tags: Key and value of the tags that the source assumes the role with: they stand in place of the role's
            own tags of these keys; `UNKNOWN`: the source does not say which they are.
    """

    principal: str | Unknown | None
    called_via: tuple[str, ...]
    place: Place
    session_policies: tuple[str | Unknown, ...] = ()
    session_tags: tuple[tuple[str, str], ...] | Unknown = ()


@dataclass(frozen=True, slots=True)
class WrittenDelete:
    """A resource that a deployment deletes besides what it creates, such as the old endpoint of a replacement.

    Args:
        operation: The API's operation that deletes it.
        name: Its name, which may differ from the name of what is created in its place; `UNKNOWN`: the source hides it.
        place: Where the source says that it is deleted.
        dimension: The ScalableDimension of a scalable target, or of that of a scaling policy; None: it is neither.
        causes: Why its name or its dimension is not known, where the source's reader can tell.
    """

    operation: DeleteOperation
    name: str | Unknown
    place: Place
    dimension: str | Unknown | None = None
    causes: tuple[OpenCause, ...] = ()


class Accounts(NamedTuple):
    """The accounts that a source makes its calls in.

    Args:
        allowed: Those that it is for; None: any.
        forbidden: Those that it is not for.
    """

    allowed: frozenset[str] | None = None
    forbidden: frozenset[str] = frozenset()

    def require(self, account_id: str) -> None:
        """Returns where the source is for an account.

        Raises:
            InvalidInputError: It is not.
        """
        if account_id in self.forbidden or (self.allowed is not None and account_id not in self.allowed):
            cure = f"it is for {' and '.join(sorted(self.allowed))}" if self.allowed else "it forbids this one"
            what = f"the provider makes no calls in the account {account_id}"
            raise InvalidInputError(what, where="--account-id", cure=cure)


@dataclass(frozen=True, slots=True)
class WrittenDeployment:
    """One endpoint with its endpoint config, as it is written somewhere.

    Args:
        tool: What will make the calls.
        label: What people call it, such as `template.yaml: Resources.Endpoint`.
        endpoint: The CreateEndpoint request; None: not written.
        config: The CreateEndpointConfig request; None: not written, as where the endpoint config exists already.
        models: The CreateModel requests of those models of the endpoint config that are written as well, whether the
            deployment makes them or they exist.
        created_models: The CreateModel requests of the models that the deployment makes, whether or not a variant names
            them, in the order of the source.
        resources: The requests of what else the deployment makes, such as inference components and scalable targets.
        region: Region code that the source itself says, None where it says none; `UNKNOWN`: it says one that is known
            only when the deployment is made.
        account_id: Account that the source itself says, None where it says none.
        accounts: The accounts that the source is for, and those that it is not for; None: it says neither.
        updates: True where the endpoint exists already, and the deployment updates it.
        deletes: What the deployment deletes besides, such as the old endpoint of a replacement.
        config_exists: True where the endpoint config exists already, and `config` says what is known of it.
        config_is_open: True where the source may have the endpoint's config and nobody can tell which it is: then what
            the config has is unknown, and not none.
        caller: Who makes the calls, where the source says it; None: it does not.
        unsettled: What the source leaves open besides, each with its cure.
        assumptions: What was taken to be so in reading the source, such as a parameter's Default.
        not_covered: What else the source has, and no check judges.
    """

    tool: Tool
    label: str
    endpoint: WrittenRequest | None = None
    config: WrittenRequest | None = None
    models: tuple[WrittenRequest, ...] = ()
    created_models: tuple[WrittenRequest, ...] = ()
    resources: tuple[WrittenRequest, ...] = ()
    region: str | Unknown | None = None
    account_id: str | None = None
    accounts: Accounts | None = None
    updates: bool = False
    deletes: tuple[WrittenDelete, ...] = ()
    config_exists: bool = False
    config_is_open: bool = False
    caller: WrittenCaller | None = None
    unsettled: tuple[Unsettled, ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()

    @property
    def known_models(self) -> tuple[WrittenRequest, ...]:
        """The models that are created and those of the endpoint config, each once."""
        places = {model.place for model in self.created_models}
        return (*self.created_models, *(model for model in self.models if model.place not in places))


VIA_CLOUDFORMATION: Final = ("cloudformation.amazonaws.com",)
"""Through whom a call comes that CloudFormation makes with the rights of whoever deploys."""


def called_via_of(written: WrittenDeployment | None) -> tuple[str, ...] | None:
    """Names the services through which the calls of a deployment come, the first one first.

    Empty: the calls come directly, as from a script that sends a request file, or from Terraform. None: nobody says
    how they come, as where only names are given, or an endpoint config that exists.

    CloudFormation calls with the rights of whoever deploys, where the stack has no service role
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-calledvia);
    with a service role the role itself calls
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html).
    """
    if written is None:
        return None
    if written.caller is not None:
        return written.caller.called_via
    if written.tool is Tool.CLOUDFORMATION:
        return VIA_CLOUDFORMATION
    has_request = (
        written.endpoint is not None
        or (written.config is not None and not written.config_exists)
        or bool(written.created_models or written.resources)
    )
    return () if written.tool is Tool.TERRAFORM or has_request else None
