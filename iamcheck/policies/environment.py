"""Finds templates and renders them with jinja2: the one loader, which policies and output formats share.

Values are put in as JSON: text is escaped as inside a JSON string, anything else becomes the JSON of it. So what stands
between quotes in a template stays between them, whatever a name holds. jinja2 is loaded when something is rendered.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import jinja2
    from jinja2.compiler import Frame
    from jinja2.nodes import Expr
    from markupsafe import Markup

__all__ = ["TemplateFile", "TemplateProblemError", "packaged_folder", "render", "render_page"]

_SUFFIX: Final = ".j2"
_LARGEST_TEMPLATE: Final = 1_048_576
"""Bytes of one template file of a user's."""


class TemplateProblemError(Exception):
    """Why a template does not render, with the file and the line as far as they are known."""


class TemplateFile(NamedTuple):
    """A template that somebody chose, and where it may look for others.

    Args:
        path: The file.
        folders: The folders where what it includes is looked for, in this order; nothing outside of them is read.
        largest: How many characters it may render to; None: it is a packaged one, which needs neither a bound nor a
            sandbox.
    """

    path: str
    folders: tuple[str, ...]
    largest: int | None = None


def packaged_folder() -> str:
    """The packaged templates: beside the package's rooms in a wheel, beside the package in a checkout."""
    here = os.path.dirname(os.path.dirname(__file__))
    beside = os.path.join(here, "templates")
    return beside if os.path.isdir(beside) else os.path.join(os.path.dirname(here), "templates")


def render(template: TemplateFile, variables: Mapping[str, object], arn_prefix: str = "") -> str:
    """What a template renders to.

    Args:
        template: The template.
        variables: The names that it may use, with values that JSON has.
        arn_prefix: What `arns(kind, name)` puts before `:kind/name`; empty: there is no such function.

    Raises:
        TemplateProblemError: It does not render.
    """
    import jinja2

    path = template.path
    functions = {"arns": partial(_arns, arn_prefix)} if arn_prefix else {}
    try:
        compiled = _environment(template).get_template(os.path.basename(path))
        return _bounded(compiled.generate({**variables, **functions}), template)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateProblemError(f"{error.filename or path}, line {error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        raise TemplateProblemError(f"{path}: it asks for the template {error}, which is not there") from error
    except TemplateProblemError:
        raise
    except MemoryError as error:
        raise TemplateProblemError(f"{path}: rendering needs more memory than a template may have") from error
    except Exception as error:
        # an expression in a template can fail in any way that Python has
        line = _line(error, path)
        place = f"{path}, line {line}" if line else path
        raise TemplateProblemError(f"{place}: does not render: {str(error) or type(error).__name__}") from error


def render_page(path: str, variables: Mapping[str, object], *, shown: Callable[[str], str]) -> str:
    """What a packaged template of an HTML page renders to; every value is escaped for HTML.

    Args:
        path: The template.
        variables: The names that it may use.
        shown: What is shown of a text, before it is escaped.

    Raises:
        TemplateProblemError: It does not render.
    """
    import jinja2

    try:
        return _of_pages(os.path.dirname(path), shown).get_template(os.path.basename(path)).render(variables)
    except jinja2.TemplateError as error:
        raise TemplateProblemError(f"{path}: does not render: {error}") from error


# compiling a template takes far longer than rendering it, and a process may render many
@lru_cache(maxsize=4)
def _of_pages(folder: str, shown: Callable[[str], str]) -> jinja2.Environment:
    """The environment of HTML pages."""
    import jinja2

    def finalize(value: object) -> object:
        return shown(value) if type(value) is str else value

    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _bounded(pieces: Iterator[str], template: TemplateFile) -> str:
    if template.largest is None:
        return "".join(pieces)
    kept: list[str] = []
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > template.largest:
            raise TemplateProblemError(
                f"{template.path}: renders to more than {template.largest:,} characters, where a policy has fewer"
            )
        kept.append(piece)
    return "".join(kept)


@lru_cache(maxsize=8)
def _environment(template: TemplateFile) -> jinja2.Environment:
    """The environment of a template, kept with what it compiled; a user's template is read and compiled once."""
    import jinja2

    if template.largest is None:
        return _of_packaged(template.folders)
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return _of_json(ImmutableSandboxedEnvironment, jinja2.FunctionLoader(partial(_source, template)))


@lru_cache(maxsize=4)
def _of_packaged(folders: tuple[str, ...]) -> jinja2.Environment:
    """The environment of packaged templates."""
    import jinja2

    return _of_json(jinja2.Environment, jinja2.FileSystemLoader(folders))


def _of_json(kind: type[jinja2.Environment], loader: jinja2.BaseLoader) -> jinja2.Environment:
    """An environment in which values become JSON."""
    import jinja2
    from jinja2.compiler import CodeGenerator
    from jinja2.nodes import Impossible, TemplateData

    class Unfolded(CodeGenerator):
        """Leaves constants to `finalize`: jinja2 escapes them for HTML while it compiles, before it asks."""

        def _output_child_to_const(self, node: Expr, frame: Frame, finalize: Any) -> str:  # noqa: ANN401  jinja2's own type is private
            if not isinstance(node, TemplateData):
                raise Impossible
            return super()._output_child_to_const(node, frame, finalize)

    # autoescape makes Markup of what is already JSON, the result of a macro for one, so that it is escaped once only
    environment = kind(loader=loader, undefined=jinja2.StrictUndefined, autoescape=True, finalize=_as_json)
    environment.code_generator_class = Unfolded
    return environment


def _source(template: TemplateFile, name: str) -> tuple[str, str, Callable[[], bool]] | None:
    """The text of a template that a user's template asks for: a `*.j2` file within the folders, and nothing else.

    Raises:
        TemplateProblemError: It is too large, or a link leads out of the folder.
    """
    if name == os.path.basename(template.path):
        return _read(template.path)
    parts = name.split("/")
    if not name.endswith(_SUFFIX) or any(part in ("", os.curdir, os.pardir) or os.sep in part for part in parts):
        return None
    for folder in template.folders:
        path = os.path.join(folder, *parts)
        if os.path.isfile(path):
            # the packaged folder is no user's: some installers make links of all its files
            inside = os.path.realpath(folder) + os.sep
            if folder != packaged_folder() and not os.path.realpath(path).startswith(inside):
                raise TemplateProblemError(f"{path}: a link leads out of the folder of the template")
            return _read(path)
    return None


def _read(path: str) -> tuple[str, str, Callable[[], bool]]:
    with open(path, "rb") as file:
        data = file.read(_LARGEST_TEMPLATE + 1)
    if len(data) > _LARGEST_TEMPLATE:
        raise TemplateProblemError(f"{path}: larger than {_LARGEST_TEMPLATE:,} bytes")
    return data.decode("utf-8"), path, lambda: True


def _arns(prefix: str, kind: str, name: str) -> Markup:
    """`{{ arns("endpoint", endpoint_name) }}`: the ARNs of one resource, as members of a JSON list.

    IAM matches resources with case, and the ARN that AWS authorises has been in lower case at times and as given at
    others: so a name with capitals has both spellings. A function, for a macro in a file of its own would be compiled
    at every start.
    """
    from markupsafe import Markup

    members = (json.dumps(f"{prefix}:{kind}/{spelling}") for spelling in dict.fromkeys((name, name.lower())))
    return Markup(", ".join(members))  # noqa: S704  JSON is what is made here, not HTML


def _as_json(value: object) -> object:
    """What `{{ value }}` puts into a template."""
    import jinja2
    from markupsafe import Markup

    if isinstance(value, (Markup, jinja2.Undefined)):
        return value
    text = json.dumps(value)
    return Markup(text[1:-1] if isinstance(value, str) else text)  # noqa: S704  JSON is what is made here, not HTML


def _line(error: Exception, path: str) -> int | None:
    """The line of the template that was being rendered, from 1; jinja2 puts it into the traceback."""
    frame, line = error.__traceback__, None
    while frame is not None:
        if os.path.normpath(frame.tb_frame.f_code.co_filename) == os.path.normpath(path):
            line = frame.tb_lineno
        frame = frame.tb_next
    return line
