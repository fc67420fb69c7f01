"""Tests whether Resource or NotResource stands for an ARN.

The first five parts of an ARN match part by part, and the rest as one pattern in which `*` crosses `/` and `:`; case
counts. The request's resource is literal, so `*` in it is matched by a lone `*` and nothing else.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html; part by part as
observed in AWS's answers, September 2026.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from iamcheck.iam.engine.truth import NO, PERHAPS_NO, PERHAPS_YES, YES, Compiled, any_of, negated
from iamcheck.iam.engine.variables import Variable, parse_template
from iamcheck.iam.engine.wildcards import STAR, Wild, compile_glob, plain_text, split_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from iamcheck.iam.engine.semantics import Rules
    from iamcheck.iam.engine.truth import Test
    from iamcheck.iam.engine.variables import KeyTypes, VariablePattern
    from iamcheck.iam.engine.wildcards import Matcher, Pieces
    from iamcheck.iam.model import Request

__all__ = ["compile_resources", "literal_resources"]


def compile_resources(
    entries: Iterable[str], *, inverted: bool, variables: bool, rules: Rules, key_types: KeyTypes
) -> Compiled | None:
    """Makes a test of a Resource element, or of a NotResource element; None for one that matches everything."""
    templates = [parse_template(entry, variables=variables, key_types=key_types) for entry in entries]
    keys = tuple((variable.key, variable.spelling) for template in templates for variable in template.variables)
    fixed = [literal for template in templates if (literal := template.literal) is not None]
    if not inverted and any(_is_everything(pieces) for pieces in fixed):
        # whatever the other entries are; but their variables' keys are looked at all the same
        return Compiled(_yes, keys) if keys else None
    matchers: list[Test] = [partial(_test_variables, template, rules) for template in templates if template.variables]
    literals, prefixes = [], []
    for pieces in fixed:
        if not _wild(pieces):
            literals.append(plain_text(pieces))
        elif prefix := _only_prefix(pieces):
            prefixes.append(prefix)
        else:
            matchers.append(_compile_entry(pieces))
    return Compiled(_combine(frozenset(literals), tuple(prefixes), matchers, inverted), keys)


def _only_prefix(pieces: Pieces) -> str:
    """The text before the star of an entry that has but one wildcard, at its end and in the last part."""
    first, *others = pieces
    return first if others == [STAR] and isinstance(first, str) and first.count(":") >= 5 else ""


def literal_resources(entries: Sequence[str], *, variables: bool) -> frozenset[str] | None:
    """The entries where none of them has a wildcard or a variable, so that the resource can be looked up."""
    if any("*" in entry or "?" in entry or (variables and "${" in entry) for entry in entries):
        return None
    return frozenset(entries)


def _yes(_request: Request) -> int:
    return YES


def _combine(literals: frozenset[str], prefixes: tuple[str, ...], matchers: list[Test], inverted: bool) -> Test:
    if inverted:
        return partial(_none_of, literals, prefixes, matchers)
    if not matchers and not prefixes:
        return partial(_is_in, literals)
    if not matchers and not literals:
        return partial(_starts_with, prefixes)
    return partial(_one_of, literals, prefixes, matchers)


def _is_in(literals: frozenset[str], request: Request) -> int:
    return request.resource in literals


def _starts_with(prefixes: tuple[str, ...], request: Request) -> int:
    return request.resource.startswith(prefixes)


def _one_of(literals: frozenset[str], prefixes: tuple[str, ...], matchers: list[Test], request: Request) -> int:
    if request.resource in literals or request.resource.startswith(prefixes):
        return YES
    return any_of(matcher(request) for matcher in matchers)


def _none_of(literals: frozenset[str], prefixes: tuple[str, ...], matchers: list[Test], request: Request) -> int:
    return negated(_one_of(literals, prefixes, matchers, request))


def _is_everything(pieces: Pieces) -> bool:
    return bool(pieces) and set(pieces) == {STAR}


def _compile_entry(pieces: Pieces) -> Test:
    """An incomplete ARN has `*` for each missing part (IAM JSON policy elements: Resource)."""
    if _is_everything(pieces):
        return _yes
    first = pieces[0]
    if isinstance(first, str) and first.count(":") >= 5:
        # the first five parts are literal, so that the parts need no telling apart
        return partial(_whole, compile_glob(pieces))
    parts = split_parts(pieces)
    parts += [(STAR,)] * (6 - len(parts))
    tests = [(place, compile_glob(part)) for place, part in enumerate(parts) if part != (STAR,)]
    return partial(_part_by_part, tests)


def _wild(part: Pieces) -> bool:
    return any(isinstance(piece, Wild) for piece in part)


def _whole(matcher: Matcher, request: Request) -> int:
    return matcher(request.resource)


def _part_by_part(tests: list[tuple[int, Matcher]], request: Request) -> int:
    parts = request.parts
    if parts is None:
        return NO
    for place, matcher in tests:
        if not matcher(parts[place]):
            return NO
    return YES


def _test_variables(template: VariablePattern, rules: Rules, request: Request) -> int:
    """An entry with variables: one without a value makes it match nothing."""
    resolved = template.resolve(request)
    now = resolved.pieces is not None and bool(_compile_entry(resolved.pieces)(request))
    is_early = _starts_early(template)
    # what an early variable stands for live is not established, so any text in its place is possible
    widest = template.widened if is_early and rules.early_variable_is_open else resolved.widest
    if widest is None:
        return int(now)
    is_possible = _may_match(widest, request.resource) if is_early else bool(_compile_entry(widest)(request))
    return NO if not is_possible else PERHAPS_YES if now else PERHAPS_NO


def _may_match(widest: Pieces, resource: str) -> bool:
    """Whether some value of an early variable may make the entry match.

    Colons in the value move the parts, so no part can be compared by itself; an incomplete ARN has `*` at its end.
    """
    return compile_glob(widest)(resource) or compile_glob((*widest, ":", STAR))(resource)


def _starts_early(template: VariablePattern) -> bool:
    """Whether a variable stands before the fifth colon."""
    colons = 0
    for piece in template.pieces:
        if isinstance(piece, Variable):
            return True
        if isinstance(piece, str):
            colons += piece.count(":")
            if colons >= 5:
                return False
    return False
