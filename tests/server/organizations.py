"""Who may ask AWS Organizations, and what there is; moto keeps it and answers.

moto lets every account read its own organization's tree only in the management account's name. Here a member account
may ask whether there is an organization, and one that the management account lets may ask the rest.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.organizations.models import FakeAccount, organizations_backends

from tests.server.calls import GLOBAL_REGIONS
from tests.server.wire import Answer, error, json_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from moto.organizations.models import OrganizationsBackend

    from tests.server.calls import Call
    from tests.server.identities import Caller

MANAGEMENT = "999999999999"
SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"
DEFAULTS = {SCP: "p-FullAWSAccess", RCP: "p-RCPFullAWSAccess"}


@dataclass
class Tree:
    """An organization that is being set up; ``root`` and what ``unit`` and ``account`` give are ids."""

    backend: OrganizationsBackend
    types: tuple[str, ...]

    @property
    def id(self) -> str:
        """The organization's id."""
        assert self.backend.org is not None
        return str(self.backend.org.id)

    @property
    def root(self) -> str:
        """The root's id."""
        assert self.backend.org is not None
        return str(self.backend.org.root_id)

    def unit(self, name: str, parent: str) -> str:
        """Make an organizational unit."""
        made = self.backend.create_organizational_unit(Name=name, ParentId=parent)
        return self._with_defaults(str(made["OrganizationalUnit"]["Id"]))

    def account(self, account_id: str, parent: str) -> str:
        """Let an account be a member."""
        assert self.backend.org is not None
        account = FakeAccount(self.backend.org, AccountName=f"a{account_id}", Email=f"{account_id}@example.com")
        account.id, account.parent_id = account_id, parent
        self.backend.accounts.append(account)
        partition = self.backend.partition
        organizations_backends.master_accounts[account_id] = (self.backend.account_id, partition)
        return self._with_defaults(account_id)

    def attach(self, target: str, *documents: Mapping[str, object] | str, kind: str = SCP) -> list[str]:
        """Make policies, each of the name ``p1`` and so on, attach them, and give their ids."""
        made = []
        for document in documents:
            content = document if isinstance(document, str) else json.dumps(document)
            name = f"p{len(self.backend.policies)}"
            policy = self.backend.create_policy(Name=name, Description="", Type=kind, Content=content)["Policy"]
            made.append(str(policy["PolicySummary"]["Id"]))
            self.attach_again(target, made[-1])
        return made

    def attach_again(self, target: str, policy_id: str) -> None:
        """Attach a policy that there is."""
        self.backend.attach_policy(PolicyId=policy_id, TargetId=target)

    def detach(self, target: str, policy_id: str) -> None:
        """Detach a policy, the last one too, which AWS would not do."""
        for one in _holders(self.backend, target):
            one.attached_policies = [policy for policy in one.attached_policies if policy.id != policy_id]

    def _with_defaults(self, target: str) -> str:
        # AWS attaches them by itself where the type is enabled, moto some of them always
        for kind, policy in DEFAULTS.items():
            (self.attach_again if kind in self.types else self.detach)(target, policy)
        return target


@dataclass
class Organizations:
    """What tests say of organizations.

    Attributes:
        delegated: accounts that the management account lets read.
        page: how many policies a page of ListPoliciesForTarget has; ``None`` leaves it to moto.
    """

    delegated: set[str] = field(default_factory=set)
    page: int | None = None

    def clear(self) -> None:
        """Forget what was said; moto forgets the organizations itself."""
        self.delegated.clear()
        self.page = None
        organizations_backends.master_accounts.clear()

    def create(
        self,
        *,
        management: str = MANAGEMENT,
        types: tuple[str, ...] = (SCP, RCP),
        features: str = "ALL",
        partition: str = "aws",
    ) -> Tree:
        """Make an organization with these policy types enabled, the default policies attached."""
        backend = organizations_backends[management][partition]
        backend.create_organization(region=GLOBAL_REGIONS[partition], FeatureSet=features)
        assert backend.org is not None
        tree = Tree(backend, types)
        for kind, policy in DEFAULTS.items():
            if kind in types:
                backend.enable_policy_type(RootId=tree.root, PolicyType=kind)
            else:
                for target in (tree.root, management):
                    tree.detach(target, policy)
        return tree

    def answer(self, call: Call, caller: Caller) -> tuple[Answer | None, str]:
        """Answer or refuse a call; with ``None`` moto answers it in the name of the account that comes second."""
        member_of = organizations_backends.master_accounts.get(caller.account_id)
        management = member_of[0] if member_of else caller.account_id
        if management == caller.account_id or call.operation == "DescribeOrganization":
            return self._paged(call, management), management
        if caller.account_id not in self.delegated:
            text = "You don't have permissions to access this resource."
            return error(call.protocol, 400, "AccessDeniedException", text), management
        return self._paged(call, management), management

    def _paged(self, call: Call, management: str) -> Answer | None:
        backend = organizations_backends[management][call.partition]
        if backend.org is None and call.operation.startswith(("List", "Describe")):
            text = "Your account is not a member of an organization."
            return error(call.protocol, 400, "AWSOrganizationsNotInUseException", text)
        if call.operation != "ListPoliciesForTarget" or self.page is None:
            return None
        asked = call.parameters
        every = [
            policy.describe()["Policy"]["PolicySummary"]
            for one in _holders(backend, str(asked["TargetId"]))
            for policy in one.attached_policies
            if policy.type == asked["Filter"]
        ]
        start = int(str(asked.get("NextToken", "0")))
        more = {"NextToken": str(start + self.page)} if start + self.page < len(every) else {}
        return json_answer({"Policies": every[start : start + self.page], **more})


def _holders(backend: OrganizationsBackend, target: str) -> list[Any]:
    every: list[Any] = [*backend.ou, *backend.accounts]
    return [one for one in every if one.id == target]
