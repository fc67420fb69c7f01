"""Every check that asks AWS, in every world: all over real HTTP, and no cell passes that should not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from iamcheck.checks.registry import CHECKS
from iamcheck.results import CheckId
from tests.cli import ACCOUNT, CONFIG_ARN, ENDPOINT_ARN, NAMES, allow, deny, policy
from tests.cli.weather import (
    BY_AWS,
    CHECK,
    GIVEN,
    ONLINE,
    OPERATIONS,
    OPERATIONS_OF_GIVEN,
    OPERATIONS_WITH_PAGES,
    WORLDS,
    is_out_of_time,
    written,
)
from tests.server.faults import FAULTS, Storm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from tests.cli import Done, Run
    from tests.server import LoopbackAws
    from tests.server.faults import Fault

pytestmark = pytest.mark.slow

JSON = ("--output", "json")
BOUNDED = ("--timeout", "3")
BUSY = ("--timeout", "600")


def bound_of(fault: Fault | None) -> tuple[str, str]:
    """The time limit of a run: short where a fault is found out by waiting, else none that a busy machine reaches."""
    return BOUNDED if fault and fault.is_slow else BUSY


"""For worlds that wait for nothing: a busy machine is no time limit."""

TRIES = 3
"""How often a run may end without a report: a machine that is busy stands still at times, a defect does so always."""

HERE = ("--account-id", ACCOUNT)
P, F, U = "pass", "fail", "unknown"
MATRIX: Mapping[str, tuple[str, ...]] = {
    # principal, STS, config, name, unused, models, quota, alarms, role trusted, role allowed
    "present": (P, P, P, P, P, P, P, P, P, P),
    "absent": (F, F, F, F, P, U, U, F, F, F),
    "wanting": (F, F, P, F, F, F, F, F, F, F),
    "denied": (U, U, U, U, U, U, U, U, U, U),
    "throttled": (U, U, U, U, U, U, U, U, U, U),
    "hanging": (U, U, U, U, U, U, U, U, U, U),
    "garbage": (U, U, U, U, U, U, U, U, U, U),
    "other types": (U, U, U, U, U, U, U, U, U, U),
    "region not enabled": (U, U, U, U, U, U, U, U, U, U),
    "region disabled": (U, F, U, U, U, U, U, U, U, U),
}
"""World -> the status of each check, in the order of `ONLINE`. A fault meets every call of the world `present`."""
UNREAD = {"present": "execution-role.allowed"}
"""World -> what is not known there as long as nobody says which SCPs there are."""


@pytest.fixture
def storm(aws: LoopbackAws) -> Iterator[Callable[[str, Fault], Storm]]:
    """Let every call that matches a pattern meet a fault, until the test is over."""
    storms: list[Storm] = []

    def start(pattern: str, fault: Fault) -> Storm:
        storms.append(Storm(lambda _call, _before: fault))
        aws.wrap(pattern, storms[-1])
        return storms[-1]

    yield start
    for one in storms:
        one.end()


def statuses(done: Done) -> tuple[str, ...]:
    return tuple(done.statuses[check_id] for check_id in ONLINE)


def test_the_matrix_has_every_check_that_asks_aws() -> None:
    # asked only where the deployment makes models, whose worlds would be others; its answers are in test_model_name.py
    of_other_worlds = {CheckId.MODEL_NAME_READY}
    assert set(ONLINE) == {row.id for row in CHECKS if row.network or row.needs_policies} - of_other_worlds
    assert {name: tuple(world.truth.values()) for name, world in WORLDS.items()} == {
        name: row for name, row in MATRIX.items() if name in WORLDS
    }


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param(BY_AWS, id="as AWS says"),
        pytest.param(GIVEN, id="as the local engine says too", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(
    "given",
    [pytest.param((), id="account asked", marks=pytest.mark.slow), pytest.param(HERE, id="account given")],
)
@pytest.mark.parametrize("name", MATRIX)
def test_the_status_of_each_cell(
    run: Run,
    aws: LoopbackAws,
    storm: Callable[[str, Fault], Storm],
    schema: Mapping[str, object],
    tmp_path: Path,
    name: str,
    given: tuple[str, ...],
    layers: tuple[str, ...],
) -> None:
    written(tmp_path)
    environment = aws.environment(WORLDS.get(name, WORLDS["present"]).make(aws), AWS_MAX_ATTEMPTS="1")
    if name in FAULTS:
        storm("*", FAULTS[name])
    done = run(*CHECK, *layers, *given, *bound_of(FAULTS.get(name)), *JSON, **environment)
    done.valid(schema)
    expected = MATRIX[name]
    if name in UNREAD and layers is BY_AWS:
        expected = tuple(U if check_id == UNREAD[name] else one for check_id, one in zip(ONLINE, expected, strict=True))
    if not given and name in FAULTS:
        # whose account it is cannot be asked either, so that no check can start
        expected = (U,) * len(expected)
    assert statuses(done) == expected
    assert done.err == ""
    assert done.status == (1 if F in expected else 3 if U in expected else 0)


def test_what_is_asked_is_in_the_table(run: Run, aws: LoopbackAws, tmp_path: Path) -> None:
    written(tmp_path)
    environment = aws.environment(WORLDS["present"].make(aws), AWS_MAX_ATTEMPTS="1")
    before = len(aws.calls)
    run(*CHECK, *BY_AWS, *BUSY, **environment)
    run(*CHECK, *GIVEN, *BUSY, **environment)
    assert set(aws.actions[before:]) == set(OPERATIONS)


def representatives() -> Iterator[tuple[str, Fault]]:
    """Each operation with a fault of each kind, and with each fault that every reader meets in its own way.

    Faults of one kind reach the same code, of `aws.clients.call`, whoever reads; they take turns, so that each is met.
    Of STS every fault is an answer that counts.
    """
    kinds: dict[str, list[Fault]] = {}
    for fault in FAULTS.values():
        kinds.setdefault(fault.kind or fault.name, []).append(fault)
    for number, operation in enumerate(OPERATIONS):
        for kind, faults in kinds.items():
            if operation.startswith("sts:") or (kind == "pages" and operation in OPERATIONS_WITH_PAGES):
                yield from ((operation, fault) for fault in faults)
            elif kind == "pages":
                continue
            else:
                yield operation, faults[number % len(faults)]


TROUBLES = [*representatives()]


def test_each_fault_is_met_by_an_operation() -> None:
    assert {fault.name for _, fault in TROUBLES} == set(FAULTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "fault"), TROUBLES, ids=[f"{operation}-{fault.name}" for operation, fault in TROUBLES]
)
def test_trouble_with_one_operation_is_the_trouble_of_its_checks_alone(
    run: Run,
    aws: LoopbackAws,
    storm: Callable[[str, Fault], Storm],
    tmp_path: Path,
    operation: str,
    fault: Fault,
) -> None:
    written(tmp_path)
    environment = aws.environment(WORLDS["present"].make(aws), AWS_MAX_ATTEMPTS="1")
    met = storm(operation, fault)
    layers = GIVEN if operation in OPERATIONS_OF_GIVEN else BY_AWS
    for _ in range(TRIES if fault.is_slow else 1):
        done = run(*CHECK, *layers, *HERE, *bound_of(fault), *JSON, **environment)
        if not is_out_of_time(done):
            break
    # a busy machine may not come so far in the seconds that it is given
    assert met.met or fault.is_slow
    assert done.err == ""
    assert done.status in {0, 1, 3}
    assert done.statuses.keys() == {*ONLINE, *ASKS_NOBODY}
    for check_id, status in done.statuses.items():
        if check_id in ASKS_NOBODY:
            assert status == ASKS_NOBODY[check_id], check_id
        elif check_id == UNREAD["present"] and layers is BY_AWS:
            assert status == U
        elif check_id not in OPERATIONS[operation]:
            # what waits for nothing may come too late on a busy machine
            assert status == P or (status == U and fault.is_slow), check_id
        else:
            assert status in {P, U} or check_id in fault.says, check_id
    if fault.name not in HARMLESS:
        assert {done.statuses[check_id] for check_id in NEEDS[operation]} <= {U, F}
    if fault.name not in HARMLESS and operation in READS_OF_THE_PRINCIPAL and done.statuses["principal.allowed"] == P:
        # AWS's simulator decides alone, and what was not read is named
        (alone,) = (one for one in done.report["assumptions"] if "AWS's simulator is right about" in one)
        assert operation in alone


READS_OF_THE_PRINCIPAL = frozenset(
    one for one in OPERATIONS_OF_GIVEN if OPERATIONS[one] == frozenset({"principal.allowed"})
)
"""Reads of the principal's policies; where one fails, AWS's simulator still knows them."""
ASKS_NOBODY: Mapping[str, str] = {
    "policy.sufficient": P,
    "policy.minimal": P,
    "request.valid": "skipped",
    "deployment.covered": P,
}
"""The checks of `CHECK` that make no call -> their statuses, whatever happens to calls."""
HARMLESS = frozenset(
    {
        *("deep", "unknown members", "huge", "another content type", "an empty page first", "a page twice"),
        "no last page",
    }
)
"""Faults under which the answer may still be told."""
NEEDS: Mapping[str, frozenset[str]] = {
    **OPERATIONS,
    **dict.fromkeys(READS_OF_THE_PRINCIPAL, frozenset()),
    # the account was given, so that only those who want to know the caller stand on it
    "sts:GetCallerIdentity": frozenset({"principal.allowed"}),
    "sagemaker:DescribeEndpointConfig": frozenset({"endpoint-config.ready", "models.exist", "quota.instances"}),
}
"""Operation -> checks that cannot pass without it."""


OFFICE = policy(allow(), deny(Condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))


def test_keys_that_are_not_told_are_not_none(run: Run, aws: LoopbackAws, storm: Callable[[str, Fault], Storm]) -> None:
    environment = aws.environment(aws.create_user("deployer", policy=OFFICE), AWS_MAX_ATTEMPTS="1")
    storm("iam:GetContextKeysForPrincipalPolicy", FAULTS["an empty structure"])
    done = run("check", *NAMES, *BY_AWS, *BUSY, *JSON, **environment)
    assert (done.status, done.statuses["principal.allowed"]) == (3, U)
    assert "ContextKeyNames is missing" in done.check("principal.allowed")["summary"]


SAME_TEAM = policy(
    allow("sagemaker:CreateEndpoint*", ENDPOINT_ARN),
    allow("sagemaker:CreateEndpoint*", CONFIG_ARN, Condition={"StringEquals": {"aws:ResourceTag/team": "ml"}}),
)
"""Whoever has it may deploy only the endpoint configs of one team."""


@pytest.mark.parametrize("operation", ["sagemaker:DescribeEndpointConfig", "sagemaker:ListTags"])
def test_tags_that_cannot_be_read_are_not_taken_for_granted(
    run: Run, aws: LoopbackAws, storm: Callable[[str, Fault], Storm], operation: str
) -> None:
    environment = aws.environment(aws.create_user("deployer", policy=SAME_TEAM), AWS_MAX_ATTEMPTS="1")
    aws.sagemaker.create_endpoint_config("churn-v7", tags=[{"Key": "team", "Value": "ml"}])
    words = ("check", *NAMES, "--config", "existing", *GIVEN, *BUSY, *JSON)
    assert run(*words, **environment).statuses["principal.allowed"] == P
    storm(operation, FAULTS["denied"])
    done = run(*words, **environment)
    assert done.statuses["principal.allowed"] == U
    assert done.check("principal.allowed")["open_keys"] == ["aws:resourcetag/team"]
