"""Renders a user's template in a process of its own, with bounds on time, memory and output.

jinja2's sandbox keeps a template from Python's insides, and from nothing else: a template of one line can ask for more
memory or time than there is, in ways that no list of forbidden expressions has (a loop within a loop, a text times a
number, a wide format, a power of a power). A process can be given limits, and ended.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from iamcheck.errors import TemplateError
from iamcheck.policies.environment import TemplateFile, TemplateProblemError, render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["LARGEST_OUTPUT", "render_confined"]

LARGEST_OUTPUT: Final = 131_072
"""Characters that a user's template may render to, white space included: AWS's bound for the text of a policy.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
"""
_MEMORY_BYTES: Final = 256 * 1024 * 1024
_RENDER_SECONDS: Final = 3
"""How long rendering may take; starting the process is not counted, for a busy machine may take its time for that."""
_PROCESS_SECONDS: Final = 20
"""How long the process may take in all, and the only bound on time where the system has no alarm signal."""

# what a process needs to find its own libraries; credentials are not among it
_ENVIRONMENT: Final = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "LANG", "LC_ALL")
_MAIN: Final = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from iamcheck.policies.confined import main
main()
"""


def render_confined(path: str, folders: Sequence[str], variables: Mapping[str, object], arn_prefix: str) -> str:
    """What a user's template renders to.

    Args:
        path: The template.
        folders: Where what it includes is looked for.
        variables: The names that it may use, with values that JSON has.
        arn_prefix: What `arns(kind, name)` puts before `:kind/name`.

    Raises:
        TemplateError: It does not render, or not within the bounds.
    """
    import subprocess  # few people have templates of their own

    job = {"path": path, "folders": list(folders), "variables": dict(variables), "arn_prefix": arn_prefix}
    try:
        done = subprocess.run(  # noqa: S603  Python itself, with our own code
            [sys.executable, "-I", "-c", _MAIN, json.dumps(sys.path)],
            input=json.dumps(job).encode(),
            capture_output=True,
            env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            timeout=_PROCESS_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise TemplateError(f"{path}: does not render within {_PROCESS_SECONDS} seconds") from None
    except OSError as error:
        raise TemplateError(f"{path}: no process could be started to render it in: {error.strerror}") from error
    if done.returncode:
        raise TemplateError(
            f"{path}: does not render within {_RENDER_SECONDS} seconds and {_MEMORY_BYTES // 1024**2} MB of memory"
        )
    answer = json.loads(done.stdout)
    if "problem" in answer:
        raise TemplateError(answer["problem"])
    text: str = answer["text"]
    return text


def main() -> None:
    """Renders the template that standard input asks for, and writes the text or the problem to standard output."""
    job = json.load(sys.stdin)
    _limit()
    template = TemplateFile(job["path"], tuple(job["folders"]), LARGEST_OUTPUT)
    try:
        answer = {"text": render(template, job["variables"], job["arn_prefix"])}
    except TemplateProblemError as problem:
        answer = {"problem": str(problem)}
    json.dump(answer, sys.stdout)


def _limit() -> None:
    """Bounds what this process may use, as far as the system has such bounds."""
    import jinja2.sandbox  # noqa: F401  loading it does not count as rendering

    try:
        import resource
        import signal
    except ImportError:  # Windows has no such limits: there the time that the parent waits is the bound
        return
    # the signal ends the process, whatever it is doing
    signal.setitimer(signal.ITIMER_REAL, _RENDER_SECONDS)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(_MEMORY_BYTES, hard)
    with suppress(OSError, ValueError):  # macOS refuses a bound on memory: there time is the bound
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
