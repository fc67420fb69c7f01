"""Defines what iamcheck raises: one base class and a few children.

A denial is a value (a `Decision`, a failing check), never an exception. "The input is bad" and
"AWS could not be asked" are two families, because the first ends with exit status 2 and the second with 3.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "KEYWORDS",
    "AwsUnavailableError",
    "IamcheckError",
    "InvalidInputError",
    "MissingCredentialsError",
    "TemplateError",
    "UnsupportedElementError",
    "in_flags",
    "keywords_in_errors",
]


class IamcheckError(Exception):
    """Base class of every error that iamcheck raises on purpose."""

    def __reduce__(self) -> tuple[object, ...]:
        # what Exception does calls the class with the message alone, in whichever process the error arrives
        return _rebuilt, (type(self), self.args, self.__dict__)

    def lines(self) -> tuple[str, ...]:
        """What to show: one line for each thing that is wrong."""
        return (str(self),)

    def in_words(self, translate: Callable[[str], str]) -> IamcheckError:
        """Returns the same error with its texts translated; itself where it names nothing that the user gives."""
        del translate
        return self


def _rebuilt(kind: type[IamcheckError], args: tuple[object, ...], members: dict[str, object]) -> IamcheckError:
    """The error that was sent from another process."""
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(members)
    return error


class InvalidInputError(IamcheckError, ValueError):
    """Input that cannot be used; the command line exits with 2.

    Args:
        what: What is wrong, in one clause.
        where: Where it is: a file with its line, a JSON path, a flag. Empty where the text says it all.
        cure: What to do about it, in one clause.
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what = what
        self.where = where
        self.cure = cure
        place = f"{where}: " if where else ""
        super().__init__(f"{place}{what}" + (f" ({cure})" if cure else ""))

    def at(self, place: str) -> InvalidInputError:
        """Returns the same error with `place` (a file name, say) put before its place, unless that begins with it."""
        if f"{self.where}, ".startswith(f"{place}, "):
            return self
        where = f"{place}, {self.where}" if self.where else place
        return type(self)(self.what, where=where, cure=self.cure)

    def in_words(self, translate: Callable[[str], str]) -> InvalidInputError:
        """Returns the same error with its texts translated."""
        return type(self)(translate(self.what), where=translate(self.where), cure=translate(self.cure))


class UnsupportedElementError(InvalidInputError):
    """A policy element, operator, variable or value that is not understood.

    Skipping it could turn a denial into an allow, so it is refused.
    """


class TemplateError(IamcheckError):
    """A template that is missing, does not render, or renders to anything but a valid IAM policy."""

    def in_words(self, translate: Callable[[str], str]) -> TemplateError:
        """Returns the same error with its text translated."""
        return type(self)(translate(str(self)))


class AwsUnavailableError(IamcheckError):
    """AWS could not be asked, or what answered cannot be understood; never a denial of the deployment.

    Args:
        reason: Why, in one clause, without secrets.
        operation: The operation, as `service:Operation`.
        endpoint: The URL that was asked, without a query; None where no call was made.
        code: AWS's error code, None where there was no answer of AWS's.
    """

    def __init__(self, reason: str, *, operation: str, endpoint: str | None = None, code: str | None = None) -> None:
        self.reason = reason
        self.operation = operation
        self.endpoint = endpoint
        self.code = code
        super().__init__(f"{operation}{f' at {endpoint}' if endpoint else ''}: {reason}")


class MissingCredentialsError(AwsUnavailableError):
    """There are no AWS credentials to ask with.

    Its text ends in what to do, so that whoever knows what else the user can do adds ", or ..." to it.
    """

    def __init__(self, *, operation: str, endpoint: str | None = None, instead: str = "") -> None:
        reason = "no AWS credentials were found: configure some" + (f", or {instead}" if instead else "")
        super().__init__(reason, operation=operation, endpoint=endpoint)

    def or_else(self, instead: str) -> MissingCredentialsError:
        """Returns the same error that names what to do without credentials, in one clause."""
        return type(self)(operation=self.operation, endpoint=self.endpoint, instead=instead)


KEYWORDS: Final[Mapping[str, str]] = {
    "--absent": "absent",
    "--account-id": "account_id",
    "--async-input": "async_inputs",
    "--authorization-details": "authorization_details",
    "--boundary": "boundary",
    "--check": "checks",
    "--cloudformation-role": "cloudformation_role",
    "--config": "config",
    "--config-request": "create_endpoint_config",
    "--context": "context",
    "--endpoint": "endpoint",
    "--endpoint-config-name": "endpoint_config_name",
    "--endpoint-name": "endpoint_name",
    "--engine": "engine",
    "--excess": "excess",
    "--execution-role": "execution_role",
    "--from": "path",
    "--max-calls": "max_calls",
    "--max-concurrency": "max_concurrency",
    "--model-data-key": "model_data_keys",
    "--model-request": "create_models",
    "--no-stack-tags": "stack_tags={}",
    "--offline": "offline",
    "--only": "only",
    "--organizations": "organizations",
    "--parameter": "parameters",
    "--pin": "pin",
    "--policy": "policies",
    "--principal": "principal",
    "--profile": "session",
    "--rcp": "rcps",
    "--region": "region",
    "--request": "create_endpoint",
    "--resource-policy": "resource_policies",
    "--scope": "scope",
    "--scp": "scps",
    "--service-linked-role": "service_linked_role",
    "--session-policy": "session_policies",
    "--set": "values",
    "--skip": "skip",
    "--split": "generate_policies",
    "--stack-name": "stack_name",
    "--stack-tag": "stack_tags",
    "--strict": "strict",
    "--sts-probe-role": "sts_probe_role",
    "--template": "template",
    "--template-dir": "template_dir",
    "--timeout": "timeout",
}
"""The library's keyword for each flag of the command line: errors name flags until they reach a door of the library."""

_FLAG: Final = r"(?<![\w-])(--[a-z][a-z-]*[a-z])(?: [A-Z]{2,}(?:=[A-Z]+)?\b)?"
_FLAGS: Final[Mapping[str, str]] = {keyword: flag for flag, keyword in KEYWORDS.items()}


@contextmanager
def keywords_in_errors() -> Iterator[None]:
    """Stands at a door of the library: an error that leaves it names a keyword in place of each flag."""
    try:
        yield
    except IamcheckError as error:
        translated = error.in_words(_keywords)
        if translated is error:
            raise
        raise translated.with_traceback(error.__traceback__) from error.__cause__


def in_flags(error: InvalidInputError) -> InvalidInputError:
    """The same error in the words of the command line: a flag where its place is a keyword of the library."""
    return type(error)(error.what, where=_FLAGS.get(error.where, error.where), cure=error.cure)


def _keywords(text: str) -> str:
    return re.sub(_FLAG, lambda flag: KEYWORDS.get(flag[1], flag[0]), text)
