"""Makes the findings of the rules between members, for every small change of every example.

The shapes of requests come from botocore, whose next version may differ; `test_shapes.py` judges what they find.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from iamcheck.checks.request_valid import RequestPlace, service, validity_of
from iamcheck.checks.request_valid.check import request_valid
from iamcheck.checks.request_valid.rules import RULES
from iamcheck.deployment.located import UNKNOWN, Member, Pattern, Tool
from iamcheck.deployment.unsettled import OpenCause
from tests.examples import EXAMPLES, config_of, endpoint_of, example, model_of
from tests.unit.checks.request_valid.grids import GRIDS, rows_of
from tests.unit.checks.request_valid.test_cases import owner_of
from tests.unit.checks.request_valid.test_resources import REQUESTS, SCALED, written
from tests.unit.checks.request_valid.test_soundness import every_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from iamcheck.checks.request_valid import Problem, Unjudged, Validity
    from iamcheck.checks.request_valid.check import Outcome
    from iamcheck.deployment.located import WrittenRequest
    from tests.approved import Corpus
    from tests.unit.checks.request_valid.grids import Grid

__all__ = ["TEXTS", "changed_examples", "findings_text", "judged"]

_DROP: Final = object()


def judged(requests: dict[str, Any], **how: Any) -> Validity:  # noqa: ANN401  keywords of validity_of
    """The judgment of an example's requests; a part that is None is not given."""
    endpoint, config = requests.get("endpoint"), requests.get("config")
    return validity_of(
        None if endpoint is None else endpoint_of(endpoint),
        None if config is None else config_of(config),
        [model_of(model) for model in requests.get("models", ())],
        resources=[written(operation, members) for operation, members in requests.get("resources", {}).items()],
        **how,
    )


def values_beside(value: object) -> Iterator[tuple[str, object]]:
    """What may stand in the place of a value, each with a word for it."""
    yield "dropped", _DROP
    yield "null", None
    yield "not known", UNKNOWN
    match value:
        case bool():
            yield str(not value).lower(), not value
        case int() | float():
            yield from (
                (str(number), number) for number in sorted({0, value - 1, value + 1, 2 * value, 100 * value} - {value})
            )
            yield "true", True
        case str():
            yield "''", ""
            yield f"{value}x", f"{value}x"
            yield f"{value[:4]}*", Pattern(f"{value[:4]}*")
        case list():
            yield "[]", []
            yield "first item twice", [*value, *copy.deepcopy(value[:1])]
            yield "one more that is not known", [*value, UNKNOWN]
        case dict():
            yield "{}", {}
        case _:
            raise AssertionError(value)


def changed(requests: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """The requests with another value in one place."""
    new = copy.deepcopy(requests)
    owner, name = owner_of(new, path)
    if value is _DROP:
        del owner[name]
    else:
        owner[name] = value
    return new


def value_at(requests: dict[str, Any], path: str) -> object:
    """The value of a member."""
    owner, name = owner_of(requests, path)
    return owner[name]


def changed_examples(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every small change of an example, in words, with the requests."""
    requests = example(name)
    for path in every_path(requests):
        for word, value in values_beside(value_at(requests, path)):
            yield f"{path}: {word}", changed(requests, path, value)


def findings_text(validity: Validity) -> list[str]:
    """What the rules find, a line a finding; what shapes find is left out."""
    kinds = (("problem", validity.problems), ("unjudged", validity.unjudged), ("on trust", validity.on_trust))
    return [_line(kind, one) for kind, found in kinds for one in found if one.rule != "shape"]


def _line(kind: str, one: Problem | Unjudged) -> str:
    place = "" if one.place.path == one.path else f" @ {one.place.path or 'the whole'}"
    return f"  {kind} {one.rule}: {one.operation} {one.path}{place}: {one.what}"


def section(title: str, rows: Iterable[tuple[str, Validity]], known: set[tuple[str, tuple[str, ...]]]) -> list[str]:
    """The findings of rows, those with the same findings together; rows that stand above already are counted only."""
    by_findings: dict[tuple[str, ...], list[str]] = {}
    repeated = silent = 0
    for what, validity in rows:
        found = tuple(findings_text(validity))
        if not found:
            silent += 1
        elif (what, found) in known:
            repeated += 1
        else:
            known.add((what, found))
            by_findings.setdefault(found, []).append(what)
    lines = [f"## {title}: {repeated} rows as above, {silent} rows without findings", ""]
    for found, whats in by_findings.items():
        lines += [*whats, *found]
    return [*lines, ""]


def changes_text() -> str:
    """The rules over every change of every example."""
    known: set[tuple[str, tuple[str, ...]]] = set()
    lines: list[str] = []
    for name in EXAMPLES:
        lines += section(name, ((what, judged(requests)) for what, requests in changed_examples(name)), known)
    return "\n".join(lines)


def grids_text(grids: Sequence[Grid]) -> str:
    """The rules over the rows of grids."""
    lines: list[str] = []
    for grid in grids:
        rows = ((row.words, judged(row.requests, **row.keywords)) for row in rows_of(grid))
        lines += section(grid.name, rows, set())
    return "\n".join(lines)


STAGE: Final = OpenCause("the parameter Stage has no value", "--parameter Stage=VALUE")
SIZE: Final = OpenCause("the parameter Size has no value", "--parameter Size=VALUE")
NEVER: Final = OpenCause("it is made of random_pet.x.id", "")


def _opened(request: WrittenRequest, **causes: Sequence[OpenCause]) -> WrittenRequest:
    """The request with members that are not known, each with its causes."""
    place = request.place._replace(line=3)
    members = {
        name: Member(UNKNOWN, name, place._replace(path=f"Resources.E.{name}"), tuple(some))
        for name, some in causes.items()
    }
    assert isinstance(request.root.value, dict)
    root = Member({**request.root.value, **members}, "", place, (NEVER,))
    return replace(request, root=root)


def _outcomes() -> Iterator[tuple[str, Outcome]]:
    """Whole results of the check, each with a word for it."""
    case = example("create_endpoint")
    endpoint, config = endpoint_of(case["endpoint"]), config_of(case["config"])
    wrong = endpoint_of({**case["endpoint"], "Tags": [{"Key": "a", "Value": ""}] * 2})
    serverless = config_of(example("serverless")["config"])
    unread = ("StepScalingPolicyConfiguration", "PredictiveScalingPolicyConfiguration")
    policy = {**SCALED, "ResourceId": "table/x", "ServiceNamespace": "dynamodb", "PolicyName": "p"}
    target = {**SCALED, "MinCapacity": 2, "MaxCapacity": 1}
    yield "nothing", request_valid(None, None)
    yield "an endpoint", request_valid(endpoint, None)
    yield "an endpoint config", request_valid(None, config)
    yield "a model", request_valid(None, None, [model_of(case["models"][0])])
    yield "one problem", request_valid(wrong, config)
    yield "no object", request_valid(endpoint_of([]), None)
    yield "problems and what is not known", request_valid(wrong, _opened(config, ProductionVariants=[STAGE]))
    yield "two problems", request_valid(wrong, None, resources=[written("RegisterScalableTarget", target)])
    yield "one text", request_valid(_opened(endpoint, EndpointName=[STAGE]), config)
    yield (
        "texts",
        request_valid(_opened(endpoint, EndpointName=[NEVER, STAGE], EndpointConfigName=[STAGE, SIZE]), config),
    )
    yield "a text without a cause", request_valid(_opened(endpoint, EndpointName=[]), config)
    for name, causes in (
        ("a cause", {"ProductionVariants": [STAGE]}),
        ("a cause of two", {"ProductionVariants": [STAGE], "Tags": [STAGE]}),
        ("a cause of three", {"ProductionVariants": [STAGE], "Tags": [STAGE], "VpcConfig": [STAGE]}),
        ("two causes", {"ProductionVariants": [STAGE], "Tags": [SIZE]}),
        ("two causes of one", {"ProductionVariants": [STAGE, SIZE]}),
        ("a cause without a cure", {"ProductionVariants": [NEVER]}),
        ("a cause with and one without a cure", {"ProductionVariants": [STAGE], "Tags": [NEVER]}),
        ("no cause", {"ProductionVariants": []}),
        ("no cause of two", {"ProductionVariants": [], "Tags": []}),
        ("a cause and a text", {"ProductionVariants": [STAGE], "KmsKeyId": [STAGE]}),
    ):
        yield name, request_valid(None, _opened(config, **causes))
    yield "what depends on a config", request_valid(endpoint_of(example("canary")["endpoint"]), None)
    yield (
        "a rule that a member leaves open",
        request_valid(None, _opened(serverless, EnableNetworkIsolation=[STAGE])),
    )
    for strict in (False, True):
        for count in (1, 2):
            resources = [written("PutScalingPolicy", policy, unread[:count])]
            what = f"{count} not read{', strict' if strict else ''}"
            yield what, request_valid(endpoint, None, resources=resources, strict=strict)
            opened = _opened(endpoint, EndpointName=[STAGE])
            yield f"{what}, and a text", request_valid(opened, None, resources=resources, strict=strict)
        several = [
            written("PutScalingPolicy", policy, unread[:1]),
            written("PutMetricAlarm", REQUESTS["PutMetricAlarm"], ("Metrics",)),
        ]
        what = f"not read of two{', strict' if strict else ''}"
        yield what, request_valid(None, None, resources=several, strict=strict)
    alarm = {"AlarmName": "a"}
    for members in (("Metrics",), ("ComparisonOperator", "EvaluationPeriods"), ("Metrics", "EvaluationPeriods")):
        yield (
            f"an alarm of which {' and '.join(members)} is not read",
            request_valid(None, None, resources=[written("PutMetricAlarm", alarm, members)]),
        )
    stepped = {**SCALED, "PolicyName": "p", "PolicyType": "StepScaling"}
    yield (
        "a policy of which the configuration is not read",
        request_valid(None, None, resources=[written("PutScalingPolicy", stepped, unread[:1])]),
    )
    yield from _of_endpoint_members()
    template = {**example("all_at_once")["endpoint"]}
    del template["DeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]["WaitIntervalInSeconds"]
    for tool in Tool:
        yield f"by {tool.name}", request_valid(endpoint_of(template), config, tool=tool)
    place = RequestPlace("aws", "eu-west-1", "123456789012")
    role = config_of({**case["config"], "ExecutionRoleArn": "arn:aws:iam::210987654321:role/r"})
    yield "a role of another account", request_valid(None, role, target=place)


def _of_endpoint_members() -> Iterator[tuple[str, Outcome]]:
    """What a source makes of the endpoint's name, whatever that will be."""
    config = config_of(example("create_endpoint")["config"])
    target = {**SCALED, "ResourceId": Pattern("endpoint/*/variant/nope"), "MinCapacity": 1, "MaxCapacity": 2}
    component = {**REQUESTS["CreateInferenceComponent"], "EndpointName": UNKNOWN, "VariantName": "nope"}
    for operation, members, name in (
        ("RegisterScalableTarget", target, "ResourceId"),
        ("CreateInferenceComponent", component, "EndpointName"),
    ):
        for made in (frozenset[str](), frozenset({name})):
            request = replace(written(operation, members), endpoint_members=made)
            endpoint = endpoint_of({"EndpointName": UNKNOWN, "EndpointConfigName": "c"})
            what = f"{operation} {'of' if made else 'not of'} the endpoint"
            yield what, request_valid(endpoint, config, resources=[request])
            yield f"{what}, alone", request_valid(None, config, resources=[request])


def outcomes_text() -> str:
    """Whole results of the check."""
    lines: list[str] = []
    for what, (result, assumptions) in _outcomes():
        lines += [f"## {what}", "", f"{result.status.value}: {result.summary}"]
        lines += [f"  {one.note} @ {one.where}" for one in result.evidence]
        lines += [] if result.remedy is None else [f"  remedy: {result.remedy.text}"]
        lines += [f"  assumed: {one.text} | {one.settled_by}" for one in assumptions]
        lines.append("")
    version = service.version()
    return "\n".join(lines).replace(f"botocore {version}", "botocore VERSION")


def rules_text() -> str:
    """The rules and their pages."""
    return "".join(f"{rule.id}: {rule.source}\n" for rule in RULES)


TEXTS: Final[Corpus] = {
    "request_valid/rules": rules_text,
    "request_valid/outcomes": outcomes_text,
    "request_valid/changes": changes_text,
    **{f"request_valid/{name}": partial(grids_text, grids) for name, grids in GRIDS.items()},
}
