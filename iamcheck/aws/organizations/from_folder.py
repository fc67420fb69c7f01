"""Reads the SCPs and RCPs over an account from a folder of what `aws organizations` printed.

docs/organizations.md has the commands that make the folder; `DIR` holds
`organization.json` (describe-organization), `parents/CHILD.json` (list-parents), `targets/TARGET.scp.json` and
`targets/TARGET.rcp.json` (list-policies-for-target), `policies/POLICY.json` (describe-policy), and, where there are no
policies of a type at all, `roots.json` (list-roots). What the maker of the folder might not read stands in
`unread.json`, and leaves its layer unread.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from iamcheck.aws.clients import AwsAnswer
from iamcheck.aws.organizations.answers import attached_of, organization_of, parent_of, policy_of, types_of
from iamcheck.aws.organizations.export import UNREAD_FILE
from iamcheck.aws.organizations.found import KINDS
from iamcheck.aws.organizations.walk import walk
from iamcheck.errors import AwsUnavailableError, InvalidInputError
from iamcheck.iam.files import read_document
from iamcheck.iam.model.json_text import read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from iamcheck.aws.organizations.answers import Organization, Parent
    from iamcheck.aws.organizations.found import OrganizationPolicies
    from iamcheck.iam.model import Policy, PolicyType
    from iamcheck.iam.model.json_text import JsonNode

__all__ = ["read_folder"]

T = TypeVar("T")


def read_folder(path: str | Path, account_id: str) -> OrganizationPolicies:
    """Reads the SCPs and RCPs over an account from a folder; of other accounts it may hold more.

    Args:
        path: The folder.
        account_id: The account.

    Raises:
        InvalidInputError: A file is missing (the command that makes it is the cure), is not what the command prints,
            holds a policy that is not understood, or the files contradict each other.
    """
    folder = _Folder(Path(path))
    policies = walk(folder, account_id, max_concurrency=1)
    for gap in policies.unread:
        if gap.why in folder.not_readable:
            continue
        raise InvalidInputError(f"{gap.what}: {gap.why}", where=str(path), cure="make the folder again")
    return policies


class _Folder:
    """The files' answers."""

    is_of_account = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.not_readable: set[str] = set()
        """Why files are missing that the maker of the folder might not read, as far as they were asked for."""

    @cached_property
    def _unread(self) -> Mapping[str, str]:
        """The files that could not be made, each with the reason."""
        file = self._folder / UNREAD_FILE
        if not file.exists():
            return {}
        try:
            content = _plain(read_text(read_document(file)))
        except InvalidInputError as error:
            raise error.at(str(file)) from None
        entries = content.get("Unread") if isinstance(content, dict) else None
        pairs = [
            (entry.get("file"), entry.get("why"))
            for entry in entries or ()
            if isinstance(entries, list) and isinstance(entry, dict)
        ]
        if not pairs or not all(isinstance(text, str) for pair in pairs for text in pair):
            raise InvalidInputError("it does not name files and reasons", where=str(file), cure="make the folder again")
        return {str(name): str(why) for name, why in pairs}

    def organization(self) -> Organization:
        return self._read("organization.json", "describe-organization", organization_of)

    def parent(self, child_id: str) -> Parent:
        file = f"parents/{_name(child_id)}.json"
        return self._read(file, f"list-parents --child-id {child_id}", lambda answer: parent_of([answer]))

    def attached(self, target_id: str, layer: PolicyType) -> tuple[str, ...]:
        command = f"list-policies-for-target --target-id {target_id} --filter {KINDS[layer]}"
        file = f"targets/{_name(target_id)}.{layer}.json"
        return self._read(file, command, lambda answer: attached_of([answer], layer))

    def policy(self, policy_id: str, layer: PolicyType) -> Policy:
        file = f"policies/{_name(policy_id)}.json"
        command = f"describe-policy --policy-id {policy_id}"
        return self._read(file, command, lambda answer: policy_of(answer, policy_id, layer))

    def types(self, root_id: str) -> Mapping[str, str]:
        return self._read("roots.json", "list-roots", lambda answer: types_of([answer], root_id))

    def _read(self, name: str, command: str, understood: Callable[[AwsAnswer], T]) -> T:
        """What a file says; everything that is wrong with it is said with its place."""
        file = self._folder / name
        if not file.exists() and name in self._unread:
            error = AwsUnavailableError(
                f"the folder does not have it: {self._unread[name]}", operation=f"organizations:{command.split()[0]}"
            )
            self.not_readable.add(str(error))
            raise error
        if not file.exists():
            cure = f"make it with: aws organizations {command} --output json > {file}"
            raise InvalidInputError("there is no such file", where=str(file), cure=cure)
        text = read_document(file)
        try:
            data = _plain(read_text(text))
            if not isinstance(data, dict):
                raise InvalidInputError("it is not an object", cure=f"it is what `aws organizations {command}` prints")
            if data.get("NextToken") is not None:
                raise InvalidInputError("it is one page of several", cure="let the AWS CLI print all of them")
            return understood(AwsAnswer(command, None, data))
        except AwsUnavailableError as error:
            reason = error.reason.replace("the answer cannot be understood: ", "").replace("the answer", "the file")
            raise InvalidInputError(
                reason, where=str(file), cure=f"it is what `aws organizations {command}` prints"
            ) from None
        except InvalidInputError as error:
            raise error.at(str(file)) from None


def _name(identifier: str) -> str:
    """An id as a part of a file's name; it is of a file, which may say anything."""
    if not identifier.replace("-", "").replace("_", "").isalnum():
        raise InvalidInputError(f"{identifier!r} is no id of AWS Organizations", where="the folder's files")
    return identifier


def _plain(node: JsonNode) -> object:
    value = node.value
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
