"""`iamcheck check` online: what the deployment will find there, and what may not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, NAMES
from tests.cli.test_check_online import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli import Done, Run, Write
    from tests.server import LoopbackAws

CHECK = ("check", *NAMES, "--skip", "principal.allowed", "--skip", "sts.active", "--output", "json")
CONFIG, NAME = "endpoint-config.ready", "endpoint-name.ready"


@pytest.mark.parametrize(
    ("words", "there", "expected"),
    [
        ((), False, ("pass", "pass")),
        ((), True, ("pass", "fail")),
        (("--config", "new"), True, ("fail", "fail")),
        (("--config", "existing"), False, ("fail", "pass")),
        (("--config", "any", "--endpoint", "existing"), True, ("pass", "pass")),
        (("--endpoint", "existing"), False, ("pass", "fail")),
        (("--scope", "update"), True, ("fail", "pass")),
        (("--scope", "update"), False, ("pass", "fail")),
        (("--scope", "update", "--config", "existing", "--endpoint", "new"), True, ("pass", "fail")),
        (("--scope", "lifecycle"), False, ("pass", "pass")),
        (("--config-request", "config.json"), False, ("pass", "pass")),
        (("--config-request", "config.json"), True, ("fail", "fail")),
        (("--request", "endpoint.json"), True, ("pass", "fail")),
    ],
    ids=lambda value: " ".join(map(str, value)) if isinstance(value, tuple) else str(value),
)
def test_what_the_deployment_will_find(
    run: Run,
    aws: LoopbackAws,
    write: Write,
    schema: Mapping[str, object],
    words: tuple[str, ...],
    there: bool,
    expected: tuple[str, str],
) -> None:
    write("config.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": []})
    write("endpoint.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
    if there:
        aws.sagemaker.create_endpoint("churn", "churn-v7")
    done = run(*CHECK, *words, **once(aws))
    done.valid(schema)
    assert (done.statuses[CONFIG], done.statuses[NAME]) == expected
    assert done.status == (1 if "fail" in expected else 0)


DENIED = ["sagemaker:DescribeEndpointConfig", "sagemaker:DescribeEndpoint", "sagemaker:ListEndpoints"]


@pytest.mark.parametrize("operation", DENIED)
def test_a_caller_who_may_not_read_is_not_stopped(run: Run, aws: LoopbackAws, operation: str) -> None:
    aws.deny(operation)
    done = run(*CHECK, **once(aws))
    denied, other = (CONFIG, NAME) if operation == DENIED[0] else (NAME, CONFIG)
    assert (done.status, done.statuses[denied], done.statuses[other]) == (0, "skipped", "pass")
    found = done.check(denied)
    assert operation in found["summary"]
    assert found["remedy"]["text"] == f"grant {operation} to whoever runs the check"
    assert [one["call"]["operation"] for one in found["evidence"]] == [operation]


@pytest.mark.parametrize("operation", DENIED)
@pytest.mark.parametrize("every", [True, False])
def test_a_caller_who_may_not_read_and_asks_for_it(run: Run, aws: LoopbackAws, operation: str, every: bool) -> None:
    aws.deny(operation)
    denied = CONFIG if operation == DENIED[0] else NAME
    done = run(*CHECK, "--check", "all" if every else denied, **once(aws))
    assert (done.status, done.statuses[denied]) == (3, "unknown")
    assert f"grant {operation}" in done.check(denied)["remedy"]["text"]


def test_credentials_that_may_not_be_had_are_no_reason_to_skip(run: Run, aws: LoopbackAws) -> None:
    aws.deny("sts:AssumeRole")
    config = f"""
[profile deployer]
role_arn = arn:aws:iam::{ACCOUNT}:role/deployer
credential_source = Environment
region = eu-west-1
"""
    with open("config", "w") as file:  # noqa: PTH123  the test's own folder is the current one
        file.write(config)
    environment = {**once(aws), "AWS_CONFIG_FILE": "config"}
    done = run(*CHECK, "--profile", "deployer", "--account-id", ACCOUNT, **environment)
    assert (done.status, done.statuses[NAME], done.statuses[CONFIG]) == (3, "unknown", "unknown")


def test_offline_nobody_is_asked(run: Run) -> None:
    done = run(*CHECK, "--offline", "--region", "eu-west-1", "--account-id", ACCOUNT)
    assert set(done.statuses) == {"policy.sufficient", "policy.minimal"}


def lines(done: Done) -> list[str]:
    return [line.partition(" (")[0] for line in done.err.splitlines()]


def test_debug_lists_the_calls(run: Run, aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint_config("churn-v7")
    aws.deny("sagemaker:ListEndpoints")
    user = aws.create_user("deployer")
    quiet = run(*CHECK, **once(aws, user))
    done = run(*CHECK, "--debug", **once(aws, user))
    assert (quiet.err, quiet.out) == ("", done.out)
    assert sorted(lines(done)) == [
        f"iamcheck: sagemaker:DescribeEndpoint at {aws.url}: ValidationException",
        f"iamcheck: sagemaker:DescribeEndpointConfig at {aws.url}: answered",
        f"iamcheck: sagemaker:ListEndpoints at {aws.url}: AccessDeniedException",
        f"iamcheck: sts:GetCallerIdentity at {aws.url}: answered",
    ]
    assert all(line.endswith(" s)") for line in done.err.splitlines())
    assert not [secret for secret in (user.access_key_id, user.secret_access_key) if secret in done.err]


def test_debug_of_sts(run: Run, aws: LoopbackAws) -> None:
    done = run("sts", "eu-west-1", "--debug", **once(aws))
    assert f"iamcheck: sts:GetSessionToken at {aws.url}: answered" in lines(done)
