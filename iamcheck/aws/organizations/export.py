"""Reads all that an offline fleet needs of an organization, as the files of a folder that `--organizations` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from iamcheck.aws.clients import call
from iamcheck.aws.organizations.found import KINDS
from iamcheck.aws.organizations.from_aws import NO_ORGANIZATION
from iamcheck.aws.pages import pages
from iamcheck.aws.refusals import is_access_denied
from iamcheck.errors import AwsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.aws.clients import AwsAnswer, Deadline

__all__ = ["UNREAD_FILE", "ExportedFile", "export_organization"]

UNREAD_FILE: Final = "unread.json"
"""The file that names what the caller might not read, each with the reason."""

_NOT_ENABLED: Final = "PolicyTypeNotEnabledException"
_MOST_LEVELS: Final = 20


class ExportedFile(NamedTuple):
    """A file of an export.

    Args:
        name: Its path in the folder.
        document: What stands in it, as JSON.
        why_not: Why the caller may not read it, so that there is no file; empty: there is one.
    """

    name: str
    document: Mapping[str, object]
    why_not: str = ""


def export_organization(client: object, *, deadline: Deadline | None = None) -> Iterator[ExportedFile]:
    """Reads the organization, its accounts, what is above each, and every policy that is attached there, each once.

    What the caller may not read of these is among the files with the reason; but without the organization, its roots
    and its accounts there is no export.

    Args:
        client: A boto3 client for Organizations, with credentials of the management account or of a delegated one.
        deadline: When the run must have ended.

    Raises:
        AwsUnavailableError: AWS could not be asked, or the caller may not read the organization.
    """
    return _Export(client, deadline).files()


class _Export:
    def __init__(self, client: object, deadline: Deadline | None) -> None:
        self._client, self._deadline = client, deadline
        self._seen: set[str] = set()
        self._policies: set[str] = set()

    def files(self) -> Iterator[ExportedFile]:
        yield ExportedFile("organization.json", _plain(self._organization().data))
        yield ExportedFile("roots.json", self._list("ListRoots", "Roots"))
        accounts = self._list("ListAccounts", "Accounts")
        yield ExportedFile("accounts.json", accounts)
        for account in accounts["Accounts"]:
            yield from self._above(str(account["Id"]))

    def _organization(self) -> AwsAnswer:
        try:
            return self._call("DescribeOrganization")
        except AwsUnavailableError as error:
            if error.code != NO_ORGANIZATION:
                raise
            cure = "no SCPs and RCPs apply to it, so export nothing: give --organizations ignore"
            reason = f"{error.reason.rstrip('.')} ({cure})"
            raise AwsUnavailableError(
                reason, operation=error.operation, endpoint=error.endpoint, code=error.code
            ) from None

    def _above(self, child: str) -> Iterator[ExportedFile]:
        """The account and all that is above it, as far as it was not met before."""
        for _ in range(_MOST_LEVELS):
            if child in self._seen:
                return
            self._seen.add(child)
            yield from self._target(child)
            if child.startswith("r-"):
                return
            file = f"parents/{child}.json"
            try:
                parents = self._list("ListParents", "Parents", ChildId=child)
            except AwsUnavailableError as error:
                yield _unread(file, error)
                return
            yield ExportedFile(file, parents)
            if not parents["Parents"]:
                return
            child = str(parents["Parents"][0]["Id"])

    def _target(self, target: str) -> Iterator[ExportedFile]:
        for layer, kind in KINDS.items():
            file = f"targets/{target}.{layer}.json"
            try:
                attached = self._list("ListPoliciesForTarget", "Policies", TargetId=target, Filter=kind)
            except AwsUnavailableError as error:
                if error.code != _NOT_ENABLED:
                    yield _unread(file, error)
                    continue
                attached = {"Policies": []}
            yield ExportedFile(file, attached)
            for policy in attached["Policies"]:
                yield from self._policy(str(policy["Id"]))

    def _policy(self, policy_id: str) -> Iterator[ExportedFile]:
        if policy_id in self._policies:
            return
        self._policies.add(policy_id)
        file = f"policies/{policy_id}.json"
        try:
            yield ExportedFile(file, _plain(self._call("DescribePolicy", PolicyId=policy_id).data))
        except AwsUnavailableError as error:
            yield _unread(file, error)

    def _call(self, operation: str, **parameters: object) -> AwsAnswer:
        return call(self._client, f"organizations:{operation}", self._deadline, **parameters)

    def _list(self, operation: str, name: str, **parameters: object) -> dict[str, list[Mapping[str, object]]]:
        """All entries of a list, in one document without pages."""
        found: list[Mapping[str, object]] = []
        for page in pages(lambda token: self._call(operation, **parameters, **token), name):
            found += [entry.data for entry in page.parts(name)]
        return {name: found}


def _unread(name: str, error: AwsUnavailableError) -> ExportedFile:
    """What the caller may not read; whatever else went wrong ends the export, for another run may have it."""
    if not is_access_denied(error):
        raise error
    return ExportedFile(name, {}, str(error))


def _plain(data: Mapping[str, object]) -> dict[str, object]:
    """An answer without what the way to AWS adds to it."""
    return {name: value for name, value in data.items() if name != "ResponseMetadata"}
