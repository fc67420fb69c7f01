"""Finds out what a plan's provider says: the Region, the account, who calls, and which tags it adds.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from iamcheck.deployment.located import UNKNOWN, Accounts, Unknown, WrittenCaller
from iamcheck.deployment.terraform._document import members, text
from iamcheck.deployment.terraform._plan import references
from iamcheck.deployment.terraform._values import Written, attribute_of
from iamcheck.errors import InvalidInputError
from iamcheck.iam import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from iamcheck.deployment.terraform._plan import PlannedResource, TerraformPlan
    from iamcheck.iam.model import Place

__all__ = ["Provider", "provider_of"]

_DEEPEST: Final = 30
"""Variables of modules that are followed, one after the other."""
_CREDENTIALS: Final = (
    "profile",
    "access_key",
    "secret_key",
    "token",
    "shared_credentials_files",
    "shared_credentials_file",
    "shared_config_files",
)
"""Attributes that say whose credentials the provider takes, and whose principal a plan does not say."""
_AWS: Final = "aws"
"""The name of AWS's provider, and the key of its configuration without an alias."""
_ROLES: Final = ("assume_role", "assume_role_with_web_identity")
"""Blocks that name the role which the provider becomes; that of `assume_role` is assumed last."""


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider of a resource says.

    Args:
        key: Its key among the configurations of providers; None: the plan has no configuration of the resource.
        region: Region code; UNKNOWN: known only when the plan is applied; None: the provider does not say it.
        account_id: The account; None: the provider does not say it.
        accounts: The accounts that it makes calls in, and those that it makes none in; None: not known.
        caller: Who calls; None: the provider does not say it.
        default_tags: The tags that it adds to every resource; UNKNOWN: not known.
        region_path: Where the Region is written, as a path in the plan.
    """

    key: str | None
    region: str | Unknown | None
    account_id: str | None
    caller: WrittenCaller | None
    default_tags: Mapping[str, object] | Unknown
    region_path: str
    accounts: Accounts | None = None


def provider_of(plan: TerraformPlan, resource: PlannedResource, file: Place) -> Provider:
    """The provider of a resource, with the resource's own Region.

    Args:
        plan: The plan.
        resource: The resource.
        file: The file of the plan.

    Raises:
        InvalidInputError: The provider's Region is a constant and no Region.
    """
    configuration = plan.configuration_of(resource)
    key = _key_of_removed(plan, resource) if configuration is None else text(configuration.get("provider_config_key"))
    settings = None if key is None else _Settings.of(plan, key)
    if settings is None or settings.is_missing:
        # the plan does not show the provider of the resource: its Region, role and tags can be any
        region_of_resource = text(resource.after.get("region"))
        nobody = WrittenCaller(UNKNOWN, (), file._replace(path=f"provider of {resource.address}"))
        shown_key = None if settings is None else settings.key
        return Provider(shown_key, region_of_resource or UNKNOWN, None, nobody, UNKNOWN, f"{resource.address}.region")
    own_region = attribute_of(resource, None if configuration is None else configuration.get("expressions"), "region")
    path = f"provider.{settings.key}.region"
    written_region = resource.before.get("region") if resource.action.is_gone else own_region.after
    region: str | Unknown | None = text(written_region) or None
    if own_region.is_unknown and own_region.is_written is not Written.NO:
        region, path = UNKNOWN, f"{resource.address}.region"
    elif region is None:
        region = _region(settings, path)
    caller = _caller(settings, file)
    accounts = Accounts(_account_ids(settings, "allowed"), _account_ids(settings, "forbidden") or frozenset())
    account_id = next(iter(accounts.allowed)) if accounts.allowed is not None and len(accounts.allowed) == 1 else None
    if account_id is None and caller is not None and isinstance(caller.principal, str):
        account_id = caller.principal.split(":")[4]
    return Provider(settings.key, region, account_id, caller, _default_tags(settings), path, accounts)


def _key_of_removed(plan: TerraformPlan, resource: PlannedResource) -> str | None:
    """The provider of a resource that the configuration has no more; None where it may be one of several.

    Terraform deletes it by the provider that made it, which the configuration must still have.

    Source: https://developer.hashicorp.com/terraform/language/resources/syntax (Removing Resources), and the error
    "Provider configuration not present"
    """
    if not resource.action.is_gone or not plan.root_module:
        return None
    providers = {key: members(provider, key) for key, provider in plan.providers.items()}
    # a configuration may call AWS's provider otherwise; what is listed of a module that only takes the provider of its
    # caller has neither alias nor expressions
    keys = {
        key
        for key, one in providers.items()
        if (text(one.get("full_name")) or text(one.get("name")) or "").rpartition("/")[2] == _AWS
        and (key == _AWS or "alias" in one or "expressions" in one)
    }
    return _AWS if keys <= {_AWS} else None


@dataclass(frozen=True, slots=True)
class _Settings:
    """The configuration of a provider.

    Args:
        plan: The plan.
        key: Its key.
        module: The module that it is configured in, whose variables its expressions refer to.
        expressions: Its expressions.
    """

    plan: TerraformPlan
    key: str
    module: str
    expressions: Mapping[str, object]

    @classmethod
    def of(cls, plan: TerraformPlan, key: str) -> _Settings:
        """The configuration under a key; a module that has none of its own inherits that of the root module."""
        provider_key = key if key in plan.providers else key.rpartition(":")[2]
        provider = members(plan.providers.get(provider_key), f"provider_config.{provider_key}")
        module = text(provider.get("module_address")) or ""
        return cls(plan, provider_key, module, members(provider.get("expressions"), f"provider_config.{provider_key}"))

    @property
    def is_missing(self) -> bool:
        """Whether the plan has no such configuration; a provider without an alias need not have any."""
        return self.key not in self.plan.providers and "." in self.key

    def value(self, expression: object) -> object:
        """The value of an expression; None where there is none, or it is null; UNKNOWN where nobody can resolve it."""
        return None if expression is None else _value(self.plan, expression, self.module, _DEEPEST)

    def blocks(self, name: str) -> list[Mapping[str, object]]:
        """The blocks of a name."""
        found = self.expressions.get(name)
        blocks = found if isinstance(found, list) else [] if found is None else [found]
        return [members(block, f"provider_config.{self.key}.{name}") for block in blocks]


def _value(plan: TerraformPlan, expression: object, module: str, depth: int) -> object:
    """The value of an expression that is a constant, or refers to nothing but one variable."""
    parts = members(expression, "expressions")
    if "constant_value" in parts:
        return parts["constant_value"]
    names = references(expression)
    match = re.fullmatch(r"var\.([\w-]+)", names[0]) if len(names) == 1 else None
    if match is None or depth == 0:
        return UNKNOWN
    if not module:
        variable = members(plan.variables, "variables").get(match[1])
        return UNKNOWN if variable is None else members(variable, f"variables.{match[1]}").get("value")
    parent, _, call = plan.call(module)
    given = members(call.get("expressions"), module).get(match[1])
    if given is not None:
        return _value(plan, given, parent, depth - 1)
    variable = members(plan.module(module).get("variables"), module).get(match[1])
    declared = members(variable, module)
    return declared.get("default", UNKNOWN)


def _region(settings: _Settings, path: str) -> str | Unknown | None:
    expression = settings.expressions.get("region")
    region = settings.value(expression)
    if region in (None, ""):
        return None
    if not isinstance(region, str):
        return UNKNOWN
    try:
        catalogue.region(region, where=path)
    except InvalidInputError:
        if "constant_value" in members(expression, path):
            raise
        # an expression may make something else of the variable that it refers to
        return UNKNOWN
    return region


def _account_ids(settings: _Settings, which: str) -> frozenset[str] | None:
    """The accounts of a list; None: the provider has no such list, or nobody knows what is in it."""
    accounts = settings.value(settings.expressions.get(f"{which}_account_ids"))
    if not isinstance(accounts, list) or not accounts:
        return None
    texts = frozenset(account for account in accounts if isinstance(account, str))
    is_known = len(texts) == len(accounts) and all(re.fullmatch(r"\d{12}", text, re.ASCII) for text in texts)
    return texts if is_known else None


def _caller(settings: _Settings, file: Place) -> WrittenCaller | None:
    for name in _ROLES:
        # roles are assumed one after the other: the last one makes the calls
        blocks = settings.blocks(name)
        for index, block in reversed(tuple(enumerate(blocks))):
            role = settings.value(block.get("role_arn"))
            if role not in (None, ""):
                place = file._replace(path=f"provider.{settings.key}.{name}.role_arn")
                principal = role if isinstance(role, str) and _is_role(role) else UNKNOWN
                policies, tags = tuple(_session_policies(settings, block)), _session_tags(settings, blocks[: index + 1])
                return WrittenCaller(principal, (), place, policies, tags)
    for name in _CREDENTIALS:
        if settings.value(settings.expressions.get(name)) not in (None, "", []):
            return WrittenCaller(UNKNOWN, (), file._replace(path=f"provider.{settings.key}.{name}"))
    return None


def _session_policies(settings: _Settings, block: Mapping[str, object]) -> Iterator[str | Unknown]:
    """The policies that limit the session; of managed policies the plan has the ARN, and not the text.

    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assume_role-configuration-block
    """
    policy = settings.value(block.get("policy"))
    if policy not in (None, ""):
        # an expression may make something else of the variable that it refers to
        is_written = "constant_value" in members(block.get("policy"), "policy")
        yield policy if isinstance(policy, str) and is_written else UNKNOWN
    if settings.value(block.get("policy_arns")) not in (None, []):
        yield UNKNOWN


def _session_tags(settings: _Settings, blocks: Sequence[Mapping[str, object]]) -> tuple[tuple[str, str], ...] | Unknown:
    """The tags of the session that the last of these blocks opens; those of an earlier session may go along.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html
    """
    *before, block = blocks
    if any(settings.value(one.get("transitive_tag_keys")) not in (None, []) for one in before):
        return UNKNOWN
    tags = settings.value(block.get("tags"))
    if tags in (None, {}):
        return ()
    # an expression may make something else of the variable that it refers to
    is_written = "constant_value" in members(block.get("tags"), "tags")
    if not is_written or not isinstance(tags, dict) or not all(isinstance(value, str) for value in tags.values()):
        return UNKNOWN
    # keys have no case, and AWS opens no session with two that differ in it alone
    return tuple(tags.items()) if len({key.lower() for key in tags}) == len(tags) else UNKNOWN


def _is_role(role: str) -> bool:
    try:
        catalogue.validate_name(catalogue.NameKind.ROLE_ARN, role)
    except InvalidInputError:
        return False
    return True


def _default_tags(settings: _Settings) -> Mapping[str, object] | Unknown:
    tags: dict[str, object] = {}
    for block in settings.blocks("default_tags"):
        found = settings.value(block.get("tags"))
        if found is not None and not isinstance(found, dict):
            return UNKNOWN
        # an expression may make something else of the variable that it refers to
        if found and "constant_value" not in members(block.get("tags"), "default_tags"):
            return UNKNOWN
        tags |= found or {}
    return tags
