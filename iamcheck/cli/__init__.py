"""Runs the command line: parses, calls a room below, prints, and chooses the exit status of every error.

Exit status: 0 pass, 1 fail, 2 wrong usage or bad input or unwritable output, 3 unknown, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import click

from iamcheck._version import __version__
from iamcheck.cli.exit_status import INTERRUPTED, UNKNOWN, USAGE
from iamcheck.cli.output import cover_line, say, say_lines, say_traceback, silence
from iamcheck.errors import IamcheckError, InvalidInputError, TemplateError, in_flags

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]

_COMMANDS = {
    "check": "Tell whether AWS will allow a deployment, with the evidence.",
    "fleet": "Check many deployments: the rows of a manifest.",
    "generate": "Print the least-privilege policy of a deployment, as JSON or as you deploy it.",
    "simulate": "Simulate any policies, actions and resources, on this machine or by AWS.",
    "record": "Run a script and write down its AWS calls for check and generate.",
    "explain": "Explain a message of AWS about a denied or failed call, and say what to do.",
    "principal-can": "Tell what a principal may do for SageMaker deployments, as one policy.",
    "who-can": "Tell which principals of accounts may do something, and who may become a role that may.",
    "account": "Read an account once, for checks without a network.",
    "organizations": "Read the organization once, for checks without a network.",
    "sts": "Tell whether AWS STS is active in Regions.",
    "config": "Show the value of each option, and where it comes from.",
    "catalogue": "Show what iamcheck knows about a service or an action, and its date.",
}


class _Commands(click.Group):
    """Imports a command's module when that command is asked for: start-up is a feature."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"iamcheck.cli.{cmd_name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-") and not ctx.resilient_parsing:
            from iamcheck.iam.model.nearest import did_you_mean  # only a command that does not exist needs it

            hint = did_you_mean(args[0], _COMMANDS, most=2)
            raise click.UsageError(f"no such command {args[0]!r}" + (f" ({hint})" if hint else ""), ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Calls the command.

        Raises:
            click.Abort: It was interrupted; click's answer to that itself would begin with an empty line.
        """
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            # nothing is left to interrupt: whoever presses Ctrl-C twice gets one line all the same
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            raise click.Abort from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002  click's
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="iamcheck", message="%(prog)s %(version)s")
def _cli() -> None:
    """Know before you deploy a SageMaker endpoint: will CreateEndpointConfig and CreateEndpoint be allowed here?

    It never says yes when it does not know. Exit status: 0 pass, 1 fail, 2 bad input, 3 unknown, 130 interrupted.
    """


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line and exits.

    Args:
        arguments: The words after the program's name; None takes them from the process.
    """
    if arguments is None:
        # a run is over before its garbage counts, and looking for it takes a tenth of the time
        gc.set_threshold(50_000)
        status = _run(sys.argv[1:])
        # nor does the interpreter look for garbage among what it is about to drop
        gc.freeze()
        sys.exit(status)
    sys.exit(_run(list(arguments)))


def _run(words: list[str]) -> int:
    try:
        status = _cli.main(words, prog_name="iamcheck", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except click.exceptions.NoArgsIsHelpError as error:
        say_lines(error.format_message())
        return USAGE
    except click.NoSuchOption as error:
        return _say(f"{_no_such_option(error)} (see {_command_of(error.ctx)} --help)", USAGE)
    except click.UsageError as error:
        text = " ".join(error.format_message().split()).rstrip(".")
        return _say(f"{text} (see {_command_of(error.ctx)} --help)", USAGE)
    except click.ClickException as error:
        return _say(error.format_message(), USAGE)
    except InvalidInputError as error:
        return _say(str(in_flags(error)), USAGE)
    except TemplateError as error:
        return _say(str(error), USAGE)
    except IamcheckError as error:
        for line in error.lines():
            _say(line, UNKNOWN)
        return UNKNOWN
    except SystemExit as ended:
        if os.environ.get("_IAMCHECK_COMPLETE"):
            return ended.code if isinstance(ended.code, int) else 0  # click answered a shell that completes
        # click's answer to a closed pipe; its status, 1, would be a verdict
        silence(1)
        return USAGE
    except Exception as error:  # whatever it is, it must not look like a verdict
        if isinstance(error, OSError) and {"-h", "--help", "--version"}.intersection(words):
            # such a run does nothing but write to standard output
            silence(1)
            return _say(f"standard output: {error.strerror}", USAGE)
        if "--debug" in words:
            say_traceback(error)
        return _say(f"unexpected {type(error).__name__} (run again with --debug for the traceback)", UNKNOWN)
    # a command that forgets its status must not look like a pass
    return status if isinstance(status, int) else _say("unexpected end without an exit status", UNKNOWN)


def _interrupted() -> int:
    cover_line()
    return _say("interrupted", INTERRUPTED)


def _no_such_option(error: click.NoSuchOption) -> str:
    """What is wrong with an option: which other commands have it, and which options of the command are spelled so."""
    # only an option that does not exist needs them
    from iamcheck.iam.model.nearest import did_you_mean
    from iamcheck.iam.model.wording import listed

    name, ctx = error.option_name, error.ctx
    group = ctx.parent if ctx else None
    commands = [] if group is None else [(word, _cli.get_command(group, word)) for word in _COMMANDS]
    others = [word for word, command in commands if command and any(name in param.opts for param in command.params)]
    options = [text for param in (ctx.command.params if ctx else ()) for text in param.opts if text.startswith("--")]
    longer = [text for text in options if text.startswith(name)][:3]
    hints = [f"{listed(others)} {'has' if len(others) == 1 else 'have'} it"] if others else []
    hints += [f"did you mean {' or '.join(longer)}?"] if longer else []
    hint = "; ".join(hints) or did_you_mean(name, options, most=2)
    return f"{_command_of(ctx).removeprefix('iamcheck ')} has no option {name}" + (f" ({hint})" if hint else "")


def _command_of(ctx: click.Context | None) -> str:
    """The command as people type it, `account export` with its verb."""
    if ctx is None:
        return "iamcheck"
    verbs = [str(param.metavar) for param in ctx.command.params if param.name == "verb"]
    return " ".join((ctx.command_path, *verbs))


def _say(text: str, status: int) -> int:
    say(text)
    return status
