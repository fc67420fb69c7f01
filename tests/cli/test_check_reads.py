"""`iamcheck check` online: what the deployment will find there, and what may not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli import ACCOUNT, NAMES
from tests.cli.test_check_online import once
from tests.server import error

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
    variants = [{"VariantName": "a", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}]
    write("config.json", {"EndpointConfigName": "churn-v7", "ProductionVariants": variants})
    write("endpoint.json", {"EndpointName": "churn", "EndpointConfigName": "churn-v7"})
    if there:
        aws.sagemaker.create_endpoint("churn", "churn-v7")
    done = run(*CHECK, *words, **once(aws))
    done.valid(schema)
    assert (done.statuses[CONFIG], done.statuses[NAME]) == expected
    assert done.status == (1 if "fail" in expected else 0)


def test_a_volume_key_that_only_aws_knows_of(run: Run, aws: LoopbackAws, write: Write) -> None:
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    aws.sagemaker.create_endpoint_config("churn-v7", kms_key_id=key)
    done = run(*CHECK, **once(aws))
    # AWS was asked about the grant on that key too
    assert (done.status, done.statuses[CONFIG]) == (0, "pass")
    grants = [one["resource"] for one in done.report["permissions"] if one["action"] == "kms:CreateGrant"]
    assert grants == [key]
    write("config.json", {**CONFIG_REQUEST, "EndpointConfigName": "churn-v7", "KmsKeyId": key})
    given = run(*CHECK, "--config-request", "config.json", "--config", "existing", **once(aws))
    assert (given.status, given.statuses[CONFIG]) == (0, "pass")


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
    assert {one for one, status in done.statuses.items() if status != "skipped"} == {
        "policy.sufficient",
        "policy.minimal",
    }


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
        f"iamcheck: sagemaker:ListTags at {aws.url}: answered",
        f"iamcheck: sts:GetCallerIdentity at {aws.url}: answered",
    ]
    assert all(line.endswith(" s)") for line in done.err.splitlines())
    assert not [secret for secret in (user.access_key_id, user.secret_access_key) if secret in done.err]


def test_debug_of_sts(run: Run, aws: LoopbackAws) -> None:
    done = run("sts", "eu-west-1", "--debug", **once(aws))
    assert f"iamcheck: sts:GetSessionToken at {aws.url}: answered" in lines(done)


EVERY = ("check", "--skip", "principal.allowed", "--skip", "sts.active", "--output", "json", "--check", "all")
BY_NAME = {"endpoint-config.unused", "models.exist", "quota.instances", "alarms.exist"}
CONFIG_REQUEST = {
    "EndpointConfigName": "churn-v8",
    "ProductionVariants": [
        {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 2}
    ],
}
ENDPOINT_REQUEST = {
    "EndpointName": "churn",
    "EndpointConfigName": "churn-v8",
    "DeploymentConfig": {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}},
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]},
    },
}


@pytest.mark.parametrize("quota", [1, 2])
def test_all_of_a_deployment_that_is_written(
    run: Run, aws: LoopbackAws, write: Write, schema: Mapping[str, object], quota: int
) -> None:
    write("endpoint.json", ENDPOINT_REQUEST)
    write("config.json", CONFIG_REQUEST)
    aws.sagemaker.create_model("m")
    aws.quotas.applied["ml.m5.large for endpoint usage"] = quota
    done = run(*EVERY, "--request", "endpoint.json", "--config-request", "config.json", **once(aws))
    done.valid(schema)
    found = {check_id: done.statuses[check_id] for check_id in BY_NAME & done.statuses.keys()}
    assert found == {
        "models.exist": "pass",
        "quota.instances": "pass" if quota == 2 else "fail",
        "alarms.exist": "fail",
    }
    assert done.status == 1


MODEL_REQUEST = {"ModelName": "m", "ExecutionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/exec"}
MODEL_NAME = "model-name.ready"


@pytest.mark.parametrize(("there", "status"), [(False, 0), (True, 1)])
def test_the_names_of_models_that_are_made(
    run: Run, aws: LoopbackAws, write: Write, schema: Mapping[str, object], there: bool, status: int
) -> None:
    if there:
        aws.sagemaker.create_model("m")
    model = ("--model-request", write("model.json", MODEL_REQUEST), "--skip", "request.valid")

    done = run(*CHECK, *model, **once(aws))

    assert (done.status, done.valid(schema)["verdict"]) == (status, "fail" if there else "pass")
    assert done.statuses[MODEL_NAME] == ("fail" if there else "pass")


def test_names_of_models_that_may_not_be_read(run: Run, aws: LoopbackAws, write: Write) -> None:
    aws.deny("sagemaker:DescribeModel")
    model = ("--model-request", write("model.json", MODEL_REQUEST), "--skip", "request.valid")

    by_default = run(*CHECK, *model, **once(aws))
    by_name = run(*CHECK, *model, "--check", MODEL_NAME, **once(aws))

    assert (by_default.status, by_default.statuses[MODEL_NAME]) == (0, "skipped")
    assert "sagemaker:DescribeModel" in by_default.check(MODEL_NAME)["summary"]
    assert (by_name.status, by_name.statuses[MODEL_NAME]) == (3, "unknown")


def test_names_of_models_are_no_question_where_none_is_made(run: Run, aws: LoopbackAws) -> None:
    assert MODEL_NAME not in run(*CHECK, **once(aws)).statuses
    refused = run(*CHECK, "--check", MODEL_NAME, **once(aws))
    assert (refused.status, refused.out) == (2, "")
    assert "give --model-request" in refused.err


def test_all_of_bare_names_is_what_can_be_known_of_them(run: Run, aws: LoopbackAws) -> None:
    done = run(*EVERY, *NAMES, **once(aws))
    found = {check_id: done.statuses[check_id] for check_id in BY_NAME & done.statuses.keys()}
    assert (done.status, found) == (0, {"models.exist": "skipped", "quota.instances": "skipped"})
    named = run(*EVERY, *NAMES, "--check", "models.exist", **once(aws))
    assert (named.status, named.statuses["models.exist"]) == (3, "unknown")
    assert "--config-request" in named.check("models.exist")["remedy"]["text"]


def test_all_of_bare_names_whose_endpoint_config_is_there(run: Run, aws: LoopbackAws) -> None:
    aws.sagemaker.create_endpoint_config("churn-v7")
    aws.quotas.applied["ml.m5.large for endpoint usage"] = 1
    # the model has no container, so nobody can tell what its role needs
    done = run(*EVERY, *NAMES, "--skip", "execution-role.trusted", "--skip", "execution-role.allowed", **once(aws))
    found = {check_id: done.statuses[check_id] for check_id in BY_NAME & done.statuses.keys()}
    assert (done.status, found) == (0, {"models.exist": "pass", "quota.instances": "pass"})
    # each read is asked once, whichever checks want it
    assert len(aws.actions) == len(set(aws.actions))


@pytest.mark.parametrize(("there", "status"), [("churn-v7", 1), ("churn-v6", 0)])
def test_before_an_endpoint_config_is_deleted(run: Run, aws: LoopbackAws, there: str, status: int) -> None:
    aws.sagemaker.create_endpoint("other", there)
    for words in (("--check", "endpoint-config.unused"), ("--check", "all", "--scope", "lifecycle")):
        done = run(*CHECK, *words, **once(aws))
        assert done.status == status
        assert done.statuses["endpoint-config.unused"] == ("fail" if status else "pass")


@pytest.mark.parametrize("check", sorted(BY_NAME))
def test_what_may_not_be_read_for_a_check_by_name_is_unknown(
    run: Run, aws: LoopbackAws, write: Write, check: str
) -> None:
    write("endpoint.json", {**ENDPOINT_REQUEST, "EndpointConfigName": "churn-v7"})
    aws.sagemaker.create_endpoint_config("churn-v7")
    for denied in ("sagemaker:ListEndpoints", "sagemaker:DescribeModel", "servicequotas:*", "cloudwatch:*"):
        aws.deny(denied)
    done = run(*CHECK, "--request", "endpoint.json", "--check", check, **once(aws))
    assert (done.status, done.statuses[check]) == (3, "unknown")
    assert "grant " in done.check(check)["remedy"]["text"]


def test_debug_shows_no_secret_that_an_answer_has(run: Run, aws: LoopbackAws) -> None:
    user = aws.create_user("deployer")
    aws.hook(
        "sagemaker:*",
        lambda call: error(call.protocol, 400, f"X-Amz-Security-Token={user.secret_access_key}\n\x1b[2J", "no"),
    )
    done = run(*CHECK, "--debug", **once(aws, user))
    assert "iamcheck: sagemaker:DescribeEndpoint" in done.err
    assert user.secret_access_key not in done.err
    assert "\x1b" not in done.err
    assert all(line.startswith("iamcheck: ") for line in done.err.splitlines())
