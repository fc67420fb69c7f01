"""Defines the endpoint and the endpoint config that are about to be created."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, replace
from typing import TYPE_CHECKING

from iamcheck.deployment.unknown import UNKNOWN, Tool
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue
from iamcheck.iam.model import Arn
from iamcheck.iam.model.argument_types import flag, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typing_extensions import Unpack

    from iamcheck.deployment.features import ConfigRequest, EndpointRequest, ModelRequest
    from iamcheck.deployment.located import WrittenDeployment
    from iamcheck.deployment.requests import OtherRequests
    from iamcheck.deployment.resources import ResourceRequest, ScalableTargetRequest
    from iamcheck.deployment.unsettled import Unsettled

__all__ = ["Deployment", "PartialDeployment", "UnplacedDeployment"]


@dataclass(frozen=True)
class PartialDeployment:
    """A deployment of which names or the account are not known, so that its permissions are not either.

    Args:
        endpoint_name: Name of the endpoint; None: not known.
        endpoint_config_name: Name of the endpoint config; None: not known.
        region: Region code; None: not known.
        account_id: The 12 digits of the account; None: not known.
        written: What is written of it somewhere; None: nothing is.
        unsettled: What keeps the permissions from being known.
    """

    endpoint_name: str | None
    endpoint_config_name: str | None
    _: KW_ONLY
    region: str | None
    account_id: str | None = None
    written: WrittenDeployment | None = field(default=None, compare=False)
    unsettled: tuple[Unsettled, ...] = ()

    def __post_init__(self) -> None:
        if self.region is not None:
            catalogue.region(self.region, where="region")

    @property
    def partition(self) -> str | None:
        """The partition of the Region, such as `aws`; None: the Region is not known."""
        return None if self.region is None else catalogue.region(self.region).partition


@dataclass(frozen=True)
class Deployment:
    """One endpoint with its endpoint config, in one account and Region.

    Names are checked as AWS checks them, by pattern and bounds of SageMaker's API
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html).

    Args:
        endpoint_name: Name of the endpoint; None: the deployment has none, and makes an endpoint config alone.
        endpoint_config_name: Name of the endpoint config.
        region: Region code, such as `eu-west-1`; the partition follows from it.
        account_id: The 12 digits of the account, as text.
        endpoint_request: What the CreateEndpoint request has beside the names; None: not known, only the names are.
        config_request: What the CreateEndpointConfig request has beside the name; None: likewise.
        model_requests: The CreateModel requests of the models that the deployment makes as well.
        resource_requests: The requests of what else it makes: inference components, scaling, alarms, model packages.
        service_linked_role: Whether the account has the service-linked role with which Application Auto Scaling scales
            endpoints; None: not known.
        registered_targets: The scalable targets that are registered on the endpoint already; None: not known.
        names_are_patterns: Whether `*` in a name stands for what is known only when the deployment is made.
        written: What is written of it somewhere, a template for one; None: nothing is.
        unsettled: What keeps the permissions from being known, though the names are.

    Raises:
        InvalidInputError: A field that AWS would refuse; `where` is the field's name.
    """

    endpoint_name: str | None
    endpoint_config_name: str
    _: KW_ONLY
    region: str
    account_id: str
    endpoint_request: EndpointRequest | None = None
    config_request: ConfigRequest | None = None
    model_requests: tuple[ModelRequest, ...] = ()
    resource_requests: tuple[ResourceRequest, ...] = ()
    service_linked_role: bool | None = None
    registered_targets: tuple[ScalableTargetRequest, ...] | None = None
    names_are_patterns: bool = False
    written: WrittenDeployment | None = field(default=None, compare=False)
    unsettled: tuple[Unsettled, ...] = ()

    def __post_init__(self) -> None:
        if self.endpoint_name is None and (self.written is None or self.written.endpoint is not None):
            raise InvalidInputError("an endpoint without a name", where="endpoint_name", cure="give its name")
        for name in ("endpoint_name", "endpoint_config_name", "region", "account_id"):
            value: object = getattr(self, name)
            if not isinstance(value, str) and not (name == "endpoint_name" and value is None):
                # an account id as a number has lost its leading zeros
                raise InvalidInputError(f"{value!r} is not text", where=name, cure="give it as a str")
        named: list[tuple[catalogue.NameKind, str, object]] = [
            (catalogue.NameKind.ENDPOINT, "endpoint_name", self.endpoint_name),
            (catalogue.NameKind.ENDPOINT_CONFIG, "endpoint_config_name", self.endpoint_config_name),
            *((catalogue.NameKind.MODEL, "ModelName", model.name) for model in self.model_requests),
        ]
        for kind, member, value in named:
            if isinstance(value, str):
                catalogue.validate_name(kind, value.replace("*", "x") if self.names_are_patterns else value, member)
        catalogue.region(self.region, where="region")
        catalogue.validate_name(catalogue.NameKind.ACCOUNT_ID, self.account_id, "account_id")

    @classmethod
    def from_requests(
        cls,
        create_endpoint: Mapping[str, object] | None = None,
        create_endpoint_config: Mapping[str, object] | None = None,
        *,
        create_models: Sequence[Mapping[str, object]] = (),
        service_linked_role: bool | None = None,
        region: str,
        account_id: str,
        endpoint_name: str | None = None,
        endpoint_config_name: str | None = None,
        **others: Unpack[OtherRequests],
    ) -> Deployment:
        """The deployment that requests ask for, given as boto3 takes them for keyword arguments.

        Args:
            create_endpoint: Arguments of `create_endpoint`; None: only the names are known.
            create_endpoint_config: Arguments of `create_endpoint_config`; None: only the name is known.
            create_models: Arguments of `create_model`, for each model that the deployment makes as well.
            service_linked_role: Whether the account has the service-linked role with which Application Auto Scaling
                scales endpoints; None: not known.
            region: Region code.
            account_id: The 12 digits of the account, as text.
            endpoint_name: Name of the endpoint, where no request says it.
            endpoint_config_name: Name of the endpoint config, where no request says it.
            others: Arguments for what the deployment makes besides (see `OtherRequests`), such as
                `create_inference_components`.

        Raises:
            InvalidInputError: A request has a member that the API does not have, names are missing or disagree, or AWS
                would refuse one of them. What else AWS would refuse is for the check `request.valid` to say.
        """
        from iamcheck.deployment.from_requests import deployment_from_requests

        text(region, "region")
        text(account_id, "account_id")
        for name, given in (("endpoint_name", endpoint_name), ("endpoint_config_name", endpoint_config_name)):
            if given is not None:
                text(given, name)
        if service_linked_role is not None:
            flag(service_linked_role, "service_linked_role")
        made = deployment_from_requests(
            create_endpoint,
            create_endpoint_config,
            create_models,
            others,
            region=region,
            account_id=account_id,
            endpoint_name=endpoint_name,
            endpoint_config_name=endpoint_config_name,
        )
        return made if service_linked_role is None else replace(made, service_linked_role=service_linked_role)

    @property
    def partition(self) -> str:
        """The partition of the Region, such as `aws`."""
        return catalogue.region(self.region).partition

    @property
    def config_exists(self) -> bool:
        """Whether the endpoint config is known to exist already, so that it is not created."""
        return self.written is not None and self.written.config_exists

    @property
    def creates_endpoint(self) -> bool:
        """Whether the deployment has an endpoint, which it creates or updates."""
        return self.endpoint_name is not None

    @property
    def creates_config(self) -> bool:
        """Whether the deployment may create an endpoint config.

        A template or plan that has an endpoint alone uses an endpoint config that exists; names and a request for the
        endpoint do not say who creates it.
        """
        if self.written is None:
            return True
        return not self.config_exists and (self.written.config is not None or self.written.tool is Tool.SDK)

    @property
    def registers_targets(self) -> bool:
        """Whether the deployment registers a scalable target."""
        return any(request.kind == "scalable target" for request in self.resource_requests)

    @property
    def endpoint_arn(self) -> str:
        """The endpoint's ARN, with the name as given.

        Raises:
            InvalidInputError: The deployment has no endpoint.
        """
        if self.endpoint_name is None:
            raise InvalidInputError("the deployment has no endpoint", where="endpoint_arn", cure="see creates_endpoint")
        return self._arn("endpoint", self.endpoint_name)

    @property
    def endpoint_config_arn(self) -> str:
        """The endpoint config's ARN, with the name as given."""
        return self._arn("endpoint-config", self.endpoint_config_name)

    @property
    def endpoint_arns(self) -> tuple[str, ...]:
        """The ARNs under which AWS may authorise the endpoint: as given and, where that differs, in lower case.

        None where the deployment has no endpoint.

        IAM matches resources with case. The ARN that authorisation sees has been all lower case for years and has kept
        the case at other times: users' reports of denials show both forms, and no AWS page says which one it is.
        """
        return () if self.endpoint_name is None else self._spelled("endpoint", self.endpoint_name)

    @property
    def endpoint_config_arns(self) -> tuple[str, ...]:
        """The ARNs under which AWS may authorise the endpoint config; as for `endpoint_arns`."""
        return self._spelled("endpoint-config", self.endpoint_config_name)

    def _spelled(self, kind: str, name: str) -> tuple[str, ...]:
        return tuple(self._arn(kind, spelling) for spelling in dict.fromkeys((name, name.lower())))

    def _arn(self, kind: str, name: str) -> str:
        return str(Arn(self.partition, "sagemaker", self.region, self.account_id, f"{kind}/{name}"))


@dataclass(frozen=True)
class UnplacedDeployment:
    """A deployment before anybody says in which Region and account it is made.

    Args:
        endpoint_name: Name of the endpoint; None: not known, or the source has no endpoint.
        endpoint_config_name: Name of the endpoint config; None: not known.
        written: What is written of it somewhere; None: only the names are known.
        endpoint_request: As for `Deployment`, and so are the rest.
    """

    endpoint_name: str | None
    endpoint_config_name: str | None
    _: KW_ONLY
    written: WrittenDeployment | None = None
    endpoint_request: EndpointRequest | None = None
    config_request: ConfigRequest | None = None
    model_requests: tuple[ModelRequest, ...] = ()
    resource_requests: tuple[ResourceRequest, ...] = ()
    service_linked_role: bool | None = None
    unsettled: tuple[Unsettled, ...] = ()
    names_are_patterns: bool = False

    @property
    def region(self) -> str | None:
        """The Region that the source itself says; None: it says none that is known yet."""
        region = None if self.written is None else self.written.region
        return None if region is UNKNOWN else region

    @property
    def account_id(self) -> str | None:
        """The account that the source itself says; None: it says none."""
        return None if self.written is None else self.written.account_id

    @property
    def has_open_region(self) -> bool:
        """Whether the source says a Region that is known only when the deployment is made."""
        return self.written is not None and self.written.region is UNKNOWN

    def nowhere(self) -> PartialDeployment:
        """The deployment in a Region that nobody knows."""
        return self._partial(None, None)

    def at(self, region: str, account_id: str | None) -> Deployment | PartialDeployment:
        """The deployment in this Region and account; a partial one where a name or the account is not known.

        Raises:
            InvalidInputError: AWS would refuse a name, the Region or the account.
        """
        if account_id is not None and self.written is not None and self.written.accounts is not None:
            self.written.accounts.require(account_id)
        has_no_endpoint = self.written is not None and self.written.endpoint is None
        if self.endpoint_config_name is None or (self.endpoint_name is None and not has_no_endpoint):
            return self._partial(region, account_id)
        # the names are checked, whether or not the account is known
        made = Deployment(
            self.endpoint_name,
            self.endpoint_config_name,
            region=region,
            account_id="0" * 12 if account_id is None else account_id,
            endpoint_request=self.endpoint_request,
            config_request=self.config_request,
            model_requests=self.model_requests,
            resource_requests=self.resource_requests,
            service_linked_role=self.service_linked_role,
            names_are_patterns=self.names_are_patterns,
            written=self.written,
            unsettled=self.unsettled,
        )
        return self._partial(region, None) if account_id is None else made

    def _partial(self, region: str | None, account_id: str | None) -> PartialDeployment:
        return PartialDeployment(
            self.endpoint_name,
            self.endpoint_config_name,
            region=region,
            account_id=account_id,
            written=self.written,
            unsettled=self.unsettled,
        )
