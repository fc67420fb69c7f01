"""Writes down every call that botocore is about to make, and answers it where nothing is to be sent.

Loaded by its path in the script's own Python, which may have no iamcheck: it imports the standard library and botocore
alone. What it does, the environment says; `child` sets it.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import json
import os
import re
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import FrameType, ModuleType

    from botocore.client import BaseClient
    from botocore.model import OperationModel, Shape

__all__ = ["install"]

_FILE: Final = "_IAMCHECK_HOOK_FILE"
_LIVE: Final = "_IAMCHECK_HOOK_LIVE"
_ACCOUNT: Final = "_IAMCHECK_HOOK_ACCOUNT"
_CALLER: Final = "_IAMCHECK_HOOK_CALLER"
_EXISTING: Final = "_IAMCHECK_HOOK_EXISTING"
_MADE_UP_REGION: Final = "_IAMCHECK_HOOK_MADE_UP_REGION"
"""The Region that nobody chose: botocore makes no client without one."""

_REDACTED: Final = "redacted"
_SECRET = r"(?i).*(password|passwd|secret|token|credential|privatekey|accesskey|apikey|authorization).*"  # noqa: S105  a pattern, no password
_NAME, _VALUE = r"(?i)\w*?(key|name)", r"(?i)\w*?value"
"""Members that stand beside each other, as in `{"Name": "DB_PASSWORD", "Value": "..."}`."""
_LIBRARY = r"site-packages|dist-packages|<frozen|[/\\]lib[/\\]python3"
_PREFIXES: Final = {"monitoring": "cloudwatch"}
"""What botocore calls a service -> its prefix in policies, where they differ."""
_ENVIRONMENTS = r"(?i)environment(variables)?(override)?|hyperparameters"
_RESOURCES: Final = {
    "Endpoint": "endpoint",
    "EndpointConfig": "endpoint configuration",
    "Model": "model",
    "InferenceComponent": "inference component",
    "ModelPackageGroup": "model package group",
}
"""What SageMaker does not find until the script has made it, as in a new account; with AWS's words for it."""


def install() -> None:
    """Has botocore's client changed when the script imports it, if it ever does."""
    _write({"started": True})
    sys.meta_path.insert(0, _Finder())


class _Finder(importlib.abc.MetaPathFinder):
    """Changes modules of botocore as they are imported."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Returns the module's own spec, with a loader that changes the module."""
        del path, target
        change = _CHANGES.get(fullname)
        if change is None:
            return None
        sys.meta_path.remove(self)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            sys.meta_path.insert(0, self)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            change(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _change_client(module: ModuleType) -> None:
    client = module.BaseClient
    original = client._make_api_call

    def make_api_call(self: BaseClient, operation_name: str, api_params: dict[str, Any]) -> dict[str, Any]:
        if os.environ.get(_LIVE):
            return _live(self, operation_name, api_params, original)
        return _dry(self, operation_name, api_params)

    client._make_api_call = make_api_call


def _change_waiter(module: ModuleType) -> None:
    """Without an answer of AWS's there is nothing to wait for: a waiter asks once."""
    if os.environ.get(_LIVE):
        return

    def wait(self: Any, **parameters: object) -> None:  # noqa: ANN401  botocore's own class
        parameters.pop("WaiterConfig", None)
        self._operation_method(**parameters)

    module.Waiter.wait = wait


def _change_session(module: ModuleType) -> None:
    """Credentials are never looked for: neither a process nor a service is asked for them."""
    if os.environ.get(_LIVE):
        return

    def get_credentials(_: object) -> object:
        credentials = importlib.import_module("botocore.credentials").Credentials
        return credentials("AKIAIAMCHECKMADEUP", _REDACTED)

    module.Session.get_credentials = get_credentials


_CHANGES: Final[Mapping[str, Callable[[ModuleType], None]]] = {
    "botocore.client": _change_client,
    "botocore.waiter": _change_waiter,
    "botocore.session": _change_session,
}


# --- calls


def _live(
    client: BaseClient, name: str, parameters: dict[str, Any], call: Callable[[BaseClient, str, Any], dict[str, Any]]
) -> dict[str, Any]:
    _record(client, client.meta.service_model.operation_model(name), parameters)
    return call(client, name, parameters)


def _dry(client: Any, name: str, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  its private methods
    operation: OperationModel = client.meta.service_model.operation_model(name)
    context = {
        "client_region": client.meta.region_name,
        "client_config": client.meta.config,
        "has_streaming_input": False,
    }
    context["auth_type"] = operation.auth_type
    given = client._emit_api_params(api_params=parameters, operation_model=operation, context=context)
    _require_valid(given, operation)
    _record(client, operation, given)
    return _WORLD.answer(client, operation, given)


def _require_valid(parameters: Mapping[str, object], operation: OperationModel) -> None:
    """Returns where botocore would send the call; it refuses the parameters otherwise, as it does itself."""
    if operation.input_shape is None:
        return
    report = importlib.import_module("botocore.validate").ParamValidator().validate(parameters, operation.input_shape)
    if report.has_errors():
        raise importlib.import_module("botocore.exceptions").ParamValidationError(report=report.generate_report())


class _World:
    """What the script has made so far: AWS as a new account would answer."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str, str], dict[str, Any]] = {}
        self._deleted: set[tuple[str, str, str]] = set()
        self._made_up: Any = None

    def answer(self, client: BaseClient, operation: OperationModel, parameters: dict[str, Any]) -> dict[str, Any]:
        """A made-up answer.

        Raises:
            ClientError: There is no such resource.
        """
        service: str = operation.service_model.service_name
        verb, kind = _verb_and_kind(operation.name)
        name = parameters.get(f"{kind}Name")
        key = (service, kind, name if isinstance(name, str) else json.dumps(parameters, default=str, sort_keys=True))
        is_read = verb in ("Describe", "Get", "Head")
        if is_read and (key in self._deleted or (service == "sagemaker" and self._is_missing(key))):
            raise _not_found(operation, kind, key[2])
        if verb in ("Create", "Update"):
            self._made[key] = {**self._made.get(key, {}), **parameters}
            self._deleted.discard(key)
        elif verb == "Delete":
            self._made.pop(key, None)
            self._deleted.add(key)
        region = client.meta.region_name or ""
        account = os.environ.get(_ACCOUNT) or self._answers().NO_ACCOUNT
        known = self._made.get(key, {})
        answer: dict[str, Any] = self._answers().answer(
            operation, parameters, known, region, account, os.environ.get(_CALLER, "")
        )
        return answer

    def _is_missing(self, key: tuple[str, str, str]) -> bool:
        existing = os.environ.get(_EXISTING, "").split("\n")
        patterns = [re.escape(name).replace(r"\*", ".*") for name in existing if name]
        is_there = any(re.fullmatch(pattern, key[2]) for pattern in patterns)
        return key[1] in _RESOURCES and key not in self._made and not is_there

    def _answers(self) -> Any:  # noqa: ANN401  a module that is loaded by its path
        if self._made_up is None:
            self._made_up = _load("made_up")
        return self._made_up


_WORLD: Final = _World()


def _load(name: str) -> ModuleType:
    """A module beside this one, whether or not iamcheck is installed here."""
    spec = importlib.util.spec_from_file_location(f"iamcheck_recording_{name}", Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _verb_and_kind(operation: str) -> tuple[str, str]:
    match = re.match("(Create|Update|Delete|Describe|Get|Head|Put|Register)(.*)", operation)
    return (match[1], match[2]) if match else ("", operation)


def _not_found(operation: OperationModel, kind: str, name: str) -> Exception:
    is_sagemaker = operation.service_model.service_name == "sagemaker"
    code = "ValidationException" if is_sagemaker else "ResourceNotFoundException"
    error = {"Code": code, "Message": f'Could not find {_RESOURCES.get(kind, kind)} "{name}".'}
    answer = {"Error": error, "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}, "RetryAttempts": 0}}
    client_error: Exception = importlib.import_module("botocore.exceptions").ClientError(answer, operation.name)
    return client_error


# --- the record


def _record(client: BaseClient, operation: OperationModel, parameters: Mapping[str, object]) -> None:
    shape = operation.input_shape
    region, service = client.meta.region_name, operation.service_model.signing_name
    _write(
        {
            "service": _PREFIXES.get(service, service),
            "operation": operation.name,
            "region": None if region == os.environ.get(_MADE_UP_REGION) else region,
            "parameters": {} if shape is None else _shown(parameters, shape, ""),
            "where": _where(),
        }
    )


def _shown(value: object, shape: Shape | None, name: str) -> Any:  # noqa: ANN401  any value of JSON
    """A value as the record has it: no secret, no content of a file."""
    is_sensitive = shape is not None and shape.metadata.get("sensitive")
    if isinstance(value, Mapping):
        members = getattr(shape, "members", {}) if shape is not None and shape.type_name == "structure" else {}
        hides = is_sensitive or re.fullmatch(_ENVIRONMENTS, name)
        names_secret = any(re.fullmatch(_NAME, str(key)) and _is_secret(str(item)) for key, item in value.items())
        inner = getattr(shape, "value", None)
        return {
            str(key): _REDACTED
            if hides or (names_secret and re.fullmatch(_VALUE, str(key)))
            else _shown(item, members.get(key, inner), str(key))
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_shown(item, getattr(shape, "member", None), name) for item in value]
    if is_sensitive or (isinstance(value, str) and _is_secret(name)):
        return _REDACTED
    if shape is not None and shape.type_name == "blob":
        return "not recorded"
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    # bytes, files and dates: what permissions depend on is a text
    return value.isoformat() if hasattr(value, "isoformat") else "not recorded"


def _is_secret(name: str) -> bool:
    return re.fullmatch(_SECRET, re.sub("[^A-Za-z]", "", name)) is not None


def _where() -> str | None:
    """The line of the script's own code that makes the call; None: it is in no file of its own."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        is_library = re.search(_LIBRARY, file) or file == __file__
        if not is_library and os.path.isfile(file):  # noqa: PTH113  pathlib may be the script's own
            return f"{os.path.relpath(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


_LOCK: Final = threading.Lock()


def _write(line: Mapping[str, object]) -> None:
    """Adds a line to the file; one write, so that lines of several processes do not mix."""
    data = (json.dumps(line) + "\n").encode()
    with _LOCK:
        descriptor = os.open(os.environ[_FILE], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
