"""Writes a policy as Terraform configuration: the data source that gives it, and the policy or role that has it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from iamcheck.formats.policies.statements import document_block, interpolated, parameters_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from iamcheck.formats.policies.parts import PolicyForm
    from iamcheck.formats.policies.statements import Block
    from iamcheck.results import Json

__all__ = ["render"]

_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def render(document: Mapping[str, Json], form: PolicyForm) -> str:
    """The policy in Terraform's own syntax.

    Raises:
        InvalidInputError: Terraform would take a text of the policy for something else.
    """
    policy = "\n".join(_block(f'data "aws_iam_policy_document" "{form.label}"', document_block(document, form.place)))
    sources = [f'data "{name}" "current" {{}}\n\n' for name in parameters_in(policy)]
    kind, argument = ("aws_iam_role", "assume_role_policy") if form.is_trust else ("aws_iam_policy", "policy")
    width = len(argument)
    return (
        f"{''.join(sources)}{policy}\n\n"
        f'resource "{kind}" "{form.label}" {{\n'
        f"  {'name':<{width}} = {_quoted(interpolated((form.name,)))}\n"
        f"  {argument} = data.aws_iam_policy_document.{form.label}.json\n"
        "}\n"
    )


def _block(head: str, block: Block) -> Iterator[str]:
    yield f"{head} {{"
    for is_short, arguments in groupby(block.items(), key=lambda argument: _is_short(argument[1])):
        named = list(arguments)
        width = max(len(name) for name, _ in named) if is_short else 0
        for name, value in named:
            yield from _argument(name, width, value)
    yield "}"


def _is_short(value: object) -> bool:
    """Whether an argument takes one line: `terraform fmt` aligns the equals signs of those."""
    return isinstance(value, str) or (isinstance(value, list) and len(value) == 1 and isinstance(value[0], str))


def _argument(name: str, width: int, value: str | list[str] | list[Block]) -> Iterator[str]:
    if isinstance(value, str):
        yield f"  {name:<{width}} = {_quoted(value)}"
    elif _is_short(value):
        yield f"  {name:<{width}} = [{_quoted(str(value[0]))}]"
    elif not value or isinstance(value[0], str):
        yield f"  {name} = ["
        yield from (f"    {_quoted(str(item))}," for item in value)
        yield "  ]"
    else:
        for inner in value:
            yield ""
            yield from (f"  {line}".rstrip() for line in _block(name, inner))


def _quoted(template: str) -> str:
    """A template between quotes, in ASCII.

    Source: https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
    """
    return f'"{"".join(map(_escaped, template))}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isascii() and char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) <= 0xFFFF else f"\\U{ord(char):08x}"
