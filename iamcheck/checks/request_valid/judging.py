"""Gathers everything that AWS would refuse of the requests of one deployment, at once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from iamcheck.checks.request_valid.findings import Problem, Unjudged, Validity
from iamcheck.checks.request_valid.requests import Requests
from iamcheck.checks.request_valid.rules import RULES
from iamcheck.checks.request_valid.shaping import findings
from iamcheck.deployment.located import UNKNOWN, Tool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from iamcheck.checks.request_valid.requests import RequestPlace
    from iamcheck.deployment.located import WrittenRequest

__all__ = ["validity_of"]

_STEP: Final = r"[0-9]+|[^0-9]+"


def validity_of(
    endpoint: WrittenRequest | None = None,
    config: WrittenRequest | None = None,
    models: Sequence[WrittenRequest] = (),
    tool: Tool = Tool.SDK,
    target: RequestPlace | None = None,
    *,
    resources: Sequence[WrittenRequest] = (),
    updates: bool = False,
) -> Validity:
    """Judges requests by AWS's service model and by the rules between their members.

    Never raises, whatever the requests hold: what the API would not take is a problem with its path.

    Args:
        endpoint: The CreateEndpoint request; None: not given.
        config: The CreateEndpointConfig request; None: not given.
        models: The CreateModel requests that are written as well.
        tool: What will send them.
        target: Where they go; None: nobody says, and what depends on it is not judged.
        resources: The requests of what is made besides, such as inference components and scalable targets.
        updates: Whether the endpoint exists already.
    """
    requests = Requests(endpoint, config, tuple(models), target, tuple(resources), tool, updates)
    ordered = sorted(
        dict.fromkeys(_findings_by_request(requests, tool)),
        key=lambda finding: (finding[0], _steps(finding[1].path), finding[1].what),
    )
    unjudged = [finding for _, finding in ordered if isinstance(finding, Unjudged)]
    return Validity(
        tuple(finding for _, finding in ordered if isinstance(finding, Problem)),
        tuple(finding for finding in unjudged if not finding.trusted),
        tuple(finding for finding in unjudged if finding.trusted),
    )


def _findings_by_request(requests: Requests, tool: Tool) -> Iterator[tuple[int, Problem | Unjudged]]:
    order = {id(request): index for index, request in enumerate(requests.all())}
    judged: set[tuple[int, str]] = set()
    for request in requests.all():
        for finding in findings(request, tool):
            at = order[id(request)]
            if isinstance(finding, Unjudged) and not finding.trusted:
                judged.add((at, finding.path))
            yield at, finding
    for rule in RULES:
        for broken in rule.broken(requests):
            at, member = order[id(broken.request)], broken.at
            # that a member is not known yet is said once, however many rules would need it
            if broken.certain or (at, member.path) not in judged:
                about = broken.request.operation, member.path, member.place, broken.what, rule.source, rule.id
                if broken.certain:
                    yield at, Problem(*about)
                else:
                    causes = member.causes if member.value is UNKNOWN else ()
                    yield at, Unjudged(*about, trusted=broken.trusted, causes=causes)


def _steps(path: str) -> list[tuple[str, int, str]]:
    """A path as it sorts: `[10]` after `[9]`."""
    steps = re.findall(_STEP, path)
    return [("", len(step), step) if step.isdecimal() else (step, 0, "") for step in steps]
