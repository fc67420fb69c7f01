"""Starts a script with the hook in its botocore, waits for it, and gathers the calls that it made."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from iamcheck.aws.secrets import mask_secrets
from iamcheck.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["RecordOptions", "Recording", "run_recorded"]

_FIRST: Final = """\
import importlib.machinery, importlib.util, os, sys

def load(spec):
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

load(importlib.util.spec_from_file_location("iamcheck_recording_hook", {hook!r})).install()
# the environment's own sitecustomize, which this one hides
others = [place for place in sys.path if os.path.realpath(place) != {folder!r}]
other = importlib.machinery.PathFinder.find_spec("sitecustomize", others)
if other is not None and other.loader is not None:
    load(other)
"""
"""What Python loads first, as `sitecustomize` (https://docs.python.org/3/library/site.html)."""
_REGION: Final = "us-east-1"
_NOBODY: Final = "http://127.0.0.1:9"
"""Where a program calls that the hook does not reach: the discard port of this machine, so that nothing leaves it."""


_NAMES: Final = ("Name", "Arn", "Type", "ResourceId")
"""Ends of the names of members that hold no secret."""


class RecordOptions(NamedTuple):
    """How a script is run.

    Args:
        live: Whether its calls are sent.
        region: Region code for clients that have none; None: that of the environment or the profile.
        account_id: The account of made-up answers; None: one that nobody has.
        caller: What STS says of whose credentials the script has, an ARN; None: it says nobody that is known.
        existing: Names, or patterns of names, of what SageMaker already has.
    """

    live: bool = False
    region: str | None = None
    account_id: str | None = None
    caller: str | None = None
    existing: tuple[str, ...] = ()


class Recording(NamedTuple):
    """What a script did.

    Args:
        status: Its exit status; 128 and the number of the signal that ended it.
        is_hooked: Whether any Python of it loaded the hook.
        calls: The calls, in order.
    """

    status: int
    is_hooked: bool
    calls: tuple[dict[str, Any], ...]


def run_recorded(command: Sequence[str], options: RecordOptions) -> Recording:
    """Runs a command to its end; its standard streams are those of this process.

    Args:
        command: The words of the command.
        options: How it is run.

    Raises:
        InvalidInputError: The command cannot be started.
    """
    with tempfile.TemporaryDirectory(prefix="iamcheck-record-") as name:
        folder = Path(name).resolve()
        hook = Path(__file__).with_name("hook.py")
        (folder / "sitecustomize.py").write_text(_FIRST.format(hook=str(hook), folder=str(folder)), encoding="utf-8")
        calls = folder / "calls.jsonl"
        try:
            process = subprocess.Popen(command, env=_environment(folder, calls, options))  # noqa: S603  what the user asks for
        except OSError as error:
            raise InvalidInputError(
                f"{command[0]} cannot be started: {error.strerror}",
                where="COMMAND",
                cure="give the program and its words",
            ) from error
        status = _wait(process)
        lines = calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []
    records = [json.loads(line) for line in lines]
    made = tuple({**call, "parameters": _masked(call["parameters"], "")} for call in records if "operation" in call)
    return Recording(status if status >= 0 else 128 - status, bool(records), made)


def _masked(value: object, name: str) -> object:
    """A value without what looks like a secret; a name may be as long as a key, and stays."""
    if isinstance(value, dict):
        return {key: _masked(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, name) for item in value]
    return mask_secrets(value) if isinstance(value, str) and not name.endswith(_NAMES) else value


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Waits for the end; an interrupt reaches the script as well, which decides itself what to do."""
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _environment(folder: Path, calls: Path, options: RecordOptions) -> dict[str, str]:
    """The environment of the script: the hook, and where nothing is sent no way to AWS."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("_IAMCHECK_HOOK_")}
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), environment.get("PYTHONPATH"))))
    environment["_IAMCHECK_HOOK_FILE"] = str(calls)
    if options.region is not None:
        environment |= {"AWS_REGION": options.region, "AWS_DEFAULT_REGION": options.region}
    if options.live:
        return {**environment, "_IAMCHECK_HOOK_LIVE": "1"}
    if not (
        environment.get("AWS_DEFAULT_REGION")
        or environment.get("AWS_PROFILE")
        or environment.get("AWS_DEFAULT_PROFILE")
    ):
        region = environment.get("AWS_REGION") or _REGION
        environment["AWS_DEFAULT_REGION"] = region
        if region == _REGION and not environment.get("AWS_REGION"):
            environment["_IAMCHECK_HOOK_MADE_UP_REGION"] = region
    environment = {
        name: value
        for name, value in environment.items()
        if not name.startswith(("AWS_ENDPOINT_URL", "AWS_CONTAINER_", "AWS_WEB_IDENTITY", "AWS_ROLE_"))
        and name not in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")
    }
    environment |= {
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_ENDPOINT_URL": _NOBODY,
        "AWS_EC2_METADATA_DISABLED": "true",
        "_IAMCHECK_HOOK_EXISTING": "\n".join(options.existing),
    }
    if options.caller is not None:
        environment["_IAMCHECK_HOOK_CALLER"] = options.caller
    return environment if options.account_id is None else {**environment, "_IAMCHECK_HOOK_ACCOUNT": options.account_id}
