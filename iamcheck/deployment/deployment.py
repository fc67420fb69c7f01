"""The endpoint and the endpoint config that are about to be created."""

from __future__ import annotations

from dataclasses import KW_ONLY, field, fields
from typing import TYPE_CHECKING

from iamcheck import catalogue
from iamcheck._dataclass import dataclass
from iamcheck.errors import InvalidInputError
from iamcheck.model import Arn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from iamcheck.deployment.features import ConfigRequest, EndpointRequest
    from iamcheck.deployment.requests import Requests

__all__ = ["Deployment", "DeploymentNames"]


@dataclass(frozen=True)
class DeploymentNames:
    """One endpoint with its endpoint config, in one Region of an account that may not be known.

    Args:
        endpoint_name: Name of the endpoint.
        endpoint_config_name: Name of the endpoint config.
        region: Region code, such as `eu-west-1`; the partition follows from it.
        endpoint_request: What the CreateEndpoint request has beside the names; None: not known, only the names are.
        config_request: What the CreateEndpointConfig request has beside the name; None: likewise.

    Raises:
        InvalidInputError: A field that AWS would refuse; `where` is the field's name.
    """

    endpoint_name: str
    endpoint_config_name: str
    _: KW_ONLY
    region: str
    endpoint_request: EndpointRequest | None = None
    config_request: ConfigRequest | None = None

    def __post_init__(self) -> None:
        for one in fields(self):
            value: object = getattr(self, one.name)
            if not isinstance(value, str) and one.name not in ("endpoint_request", "config_request"):
                # an account id as a number has lost its leading zeros
                raise InvalidInputError(f"{value!r} is not text", where=one.name, cure="give it as a str")
        catalogue.validate_name(catalogue.NameKind.ENDPOINT, self.endpoint_name, "endpoint_name")
        catalogue.validate_name(catalogue.NameKind.ENDPOINT_CONFIG, self.endpoint_config_name, "endpoint_config_name")
        catalogue.region(self.region, where="region")

    @classmethod
    def of(
        cls, endpoint_name: str, endpoint_config_name: str, *, region: str, requests: Requests | None
    ) -> DeploymentNames:
        """These names with what the requests have beside them; None: only the names are known."""
        return DeploymentNames(
            endpoint_name,
            endpoint_config_name,
            region=region,
            endpoint_request=requests.endpoint if requests else None,
            config_request=requests.config if requests else None,
        )

    @property
    def partition(self) -> str:
        """The partition of the Region, such as `aws`."""
        return catalogue.region(self.region).partition

    def in_account(self, account_id: str) -> Deployment:
        """The deployment to this account, of 12 digits."""
        return Deployment(
            self.endpoint_name,
            self.endpoint_config_name,
            region=self.region,
            account_id=account_id,
            endpoint_request=self.endpoint_request,
            config_request=self.config_request,
        )


@dataclass(frozen=True)
class Deployment(DeploymentNames):
    """One endpoint with its endpoint config, in one account and Region.

    Names are checked as AWS checks them, by pattern and bounds of SageMaker's API
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html).

    Args:
        endpoint_name: Name of the endpoint.
        endpoint_config_name: Name of the endpoint config.
        region: Region code, such as `eu-west-1`; the partition follows from it.
        account_id: The 12 digits of the account, as text.
        endpoint_request: What the CreateEndpoint request has beside the names; None: not known, only the names are.
        config_request: What the CreateEndpointConfig request has beside the name; None: likewise.

    Raises:
        InvalidInputError: A field that AWS would refuse; `where` is the field's name.
    """

    account_id: str = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        catalogue.validate_name(catalogue.NameKind.ACCOUNT_ID, self.account_id, "account_id")

    @classmethod
    def from_requests(
        cls,
        create_endpoint: Mapping[str, object] | None = None,
        create_endpoint_config: Mapping[str, object] | None = None,
        *,
        region: str,
        account_id: str,
        endpoint_name: str | None = None,
        endpoint_config_name: str | None = None,
    ) -> Deployment:
        """The deployment that requests ask for, given as boto3 takes them for keyword arguments.

        Args:
            create_endpoint: Arguments of `create_endpoint`; None: only the names are known.
            create_endpoint_config: Arguments of `create_endpoint_config`; None: only the name is known.
            region: Region code.
            account_id: The 12 digits of the account, as text.
            endpoint_name: Name of the endpoint, where no request says it.
            endpoint_config_name: Name of the endpoint config, where no request says it.

        Raises:
            InvalidInputError: A request has a member that the API does not have, names are missing or disagree, or AWS
                would refuse one of them.
        """
        from iamcheck.deployment.requests import requests_of

        found = requests_of(create_endpoint, create_endpoint_config)
        names = found.names(endpoint_name, endpoint_config_name)
        return cls(
            *names,
            region=region,
            account_id=account_id,
            endpoint_request=found.endpoint,
            config_request=found.config,
        )

    @property
    def endpoint_arn(self) -> str:
        """The endpoint's ARN, with the name as given."""
        return self._arn("endpoint", self.endpoint_name)

    @property
    def endpoint_config_arn(self) -> str:
        """The endpoint config's ARN, with the name as given."""
        return self._arn("endpoint-config", self.endpoint_config_name)

    @property
    def endpoint_arns(self) -> tuple[str, ...]:
        """The ARNs under which AWS may authorise the endpoint: as given and, where that differs, in lower case.

        IAM matches resources with case. The ARN that authorisation sees has been all lower case for years and has kept
        the case at other times: users' reports of denials show both forms, and no AWS page says which one it is.
        """
        return self._spelled("endpoint", self.endpoint_name)

    @property
    def endpoint_config_arns(self) -> tuple[str, ...]:
        """The ARNs under which AWS may authorise the endpoint config; as for `endpoint_arns`."""
        return self._spelled("endpoint-config", self.endpoint_config_name)

    def _spelled(self, kind: str, name: str) -> tuple[str, ...]:
        return tuple(self._arn(kind, spelling) for spelling in dict.fromkeys((name, name.lower())))

    def _arn(self, kind: str, name: str) -> str:
        return str(Arn(self.partition, "sagemaker", self.region, self.account_id, f"{kind}/{name}"))
