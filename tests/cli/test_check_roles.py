"""`iamcheck check --check execution-role.trusted` and `execution-role.allowed`, with the roles that AWS has."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli import ACCOUNT, allow, deny, policy
from tests.cli.test_check_online import once

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.cli import Done, Run, Write
    from tests.server import LoopbackAws

pytestmark = pytest.mark.slow

TRUSTED, ALLOWED = "execution-role.trusted", "execution-role.allowed"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/serving"
OTHER = f"arn:aws:iam::{ACCOUNT}:role/other"
GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/aws/sagemaker/Endpoints/churn"
IMAGE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/churn:v7"
NEEDED = policy(
    allow(["cloudwatch:PutMetricData", "ecr:GetAuthorizationToken"]),
    allow(["logs:CreateLogGroup", "logs:DescribeLogStreams"], [GROUP, f"{GROUP}:*"]),
    allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"{GROUP}:log-stream:*"),
    allow(
        ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/churn",
    ),
    allow("s3:GetObject", "arn:aws:s3:::models/churn.tar.gz"),
)
CONFIG = {
    "EndpointConfigName": "churn-v7",
    "ProductionVariants": [
        {"VariantName": "all", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    ],
}
ENDPOINT = {"EndpointName": "churn", "EndpointConfigName": "churn-v7"}
MODEL = {
    "ModelName": "m",
    "ExecutionRoleArn": ROLE,
    "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/churn.tar.gz"},
}
QUIET = ("check", "--output", "json", "--skip", "principal.allowed", "--skip", "sts.active")
REQUESTS = ("--request", "endpoint.json", "--config-request", "config.json")
CHECK = (*QUIET, *REQUESTS, "--model-request", "model.json", "--check", TRUSTED, "--check", ALLOWED)
SCP = ("--scp", "FullAWSAccess", "--rcp", "RCPFullAWSAccess")


def trust(**conditions: object) -> dict[str, object]:
    """A trust policy for SageMaker."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"Service": "sagemaker.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return policy(statement | ({"Condition": conditions} if conditions else {}))


@pytest.fixture
def requests(write: Write) -> None:
    for name, document in (("endpoint.json", ENDPOINT), ("config.json", CONFIG), ("model.json", MODEL)):
        write(name, document)


def statuses(done: Done) -> tuple[str, str]:
    return done.statuses[TRUSTED], done.statuses[ALLOWED]


ARN_OF_SAGEMAKER = f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:*"


@pytest.mark.parametrize(
    ("document", "status"),
    [
        (trust(), "pass"),
        (trust(StringEquals={"aws:SourceAccount": ACCOUNT}, ArnLike={"aws:SourceArn": ARN_OF_SAGEMAKER}), "pass"),
        (trust(StringEquals={"aws:SourceAccount": "999999999999"}), "fail"),
        (trust(ArnLike={"aws:SourceArn": f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:*"}), "fail"),
        (trust(ArnLike={"aws:SourceArn": f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:endpoint/churn"}), "unknown"),
        (policy({**allow("sts:AssumeRole"), "Principal": {"Service": "ec2.amazonaws.com"}}), "fail"),
        (policy({**allow("sts:AssumeRole"), "Principal": {"AWS": ACCOUNT}}), "fail"),
    ],
    ids=["plain", "confused deputy", "other account", "other Region", "one endpoint", "EC2", "the account"],
)
@pytest.mark.usefixtures("requests")
def test_whom_the_role_trusts(
    run: Run, aws: LoopbackAws, schema: Mapping[str, object], document: Mapping[str, object], status: str
) -> None:
    aws.create_role("serving", policy=NEEDED, trust={k: _without_resource(v) for k, v in document.items()})
    done = run(*CHECK, *SCP, **once(aws))
    done.valid(schema)
    assert statuses(done) == (status, "pass")
    assert ROLE in str(done.check(TRUSTED))


def _without_resource(statements: object) -> object:
    """Trust policies have no Resource."""
    if not isinstance(statements, list):
        return statements
    return [{key: value for key, value in one.items() if key != "Resource"} for one in statements]


@pytest.mark.parametrize(
    ("document", "words", "status", "says"),
    [
        (NEEDED, SCP, "pass", "all"),
        (NEEDED, (), "unknown", "SCP"),
        (policy(allow()), SCP, "pass", "all"),
        (policy(allow("s3:*")), (), "fail", "cloudwatch:PutMetricData"),
        (policy(allow(), deny("ecr:BatchGetImage")), (), "fail", "ecr:BatchGetImage"),
        (policy(allow(), deny("s3:GetObject", "arn:aws:s3:::models/*")), SCP, "fail", "s3:GetObject"),
        (NEEDED, ("--scp", "scp.json"), "fail", "SCP"),
    ],
)
@pytest.mark.usefixtures("requests")
def test_what_the_role_may(
    run: Run,
    aws: LoopbackAws,
    write: Write,
    schema: Mapping[str, object],
    document: Mapping[str, object],
    words: tuple[str, ...],
    status: str,
    says: str,
) -> None:
    write("scp.json", policy(allow(), deny("ecr:*")))
    aws.create_role("serving", policy=document, trust=trust())
    done = run(*CHECK, *words, **once(aws))
    done.valid(schema)
    assert statuses(done) == ("pass", status)
    found = done.check(ALLOWED)
    assert says in found["summary"]
    assert {"s3:GetObject", "logs:PutLogEvents"} <= {one.get("action") for one in found["evidence"]}


@pytest.mark.usefixtures("requests")
def test_a_boundary_counts(run: Run, aws: LoopbackAws) -> None:
    aws.create_role("serving", policy=NEEDED, boundary=policy(allow("logs:*")), trust=trust())
    done = run(*CHECK, *SCP, **once(aws))
    assert statuses(done) == ("pass", "fail")
    assert "boundary" in done.check(ALLOWED)["summary"]


@pytest.mark.usefixtures("requests")
def test_a_role_that_is_not_there(run: Run, aws: LoopbackAws) -> None:
    done = run(*CHECK, *SCP, **once(aws))
    assert (done.status, *statuses(done)) == (1, "fail", "fail")
    assert done.check(TRUSTED)["summary"] == f"there is no role {ROLE}"


@pytest.mark.usefixtures("requests")
def test_a_role_under_another_path(run: Run, aws: LoopbackAws) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust(), path="/ml/")
    done = run(*CHECK, *SCP, **once(aws))
    assert statuses(done) == ("fail", "fail")
    assert f"arn:aws:iam::{ACCOUNT}:role/ml/serving" in done.check(ALLOWED)["remedy"]["text"]


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        ("iam:GetRole", ("unknown", "unknown")),
        ("iam:GetRolePolicy", ("pass", "unknown")),
        ("iam:ListRolePolicies", ("pass", "unknown")),
        ("iam:ListAttachedRolePolicies", ("pass", "unknown")),
    ],
)
@pytest.mark.usefixtures("requests")
def test_what_may_not_be_read(run: Run, aws: LoopbackAws, denied: str, expected: tuple[str, str]) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    aws.deny(denied)
    done = run(*CHECK, *SCP, **once(aws))
    assert (done.status, *statuses(done)) == (3, *expected)
    for check_id, status in zip((TRUSTED, ALLOWED), expected, strict=True):
        if status == "unknown":
            assert f"grant {denied} on {ROLE}" in done.check(check_id)["remedy"]["text"]


@pytest.mark.usefixtures("requests")
def test_the_role_of_a_model_that_is_there(run: Run, aws: LoopbackAws) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    client: Any = aws.client("sagemaker")
    client.create_model(**MODEL)
    words = (*QUIET, *REQUESTS, "--check", "all", *SCP)
    done = run(*words, **once(aws))
    assert statuses(done) == ("pass", "pass")
    # each read is asked once, whichever checks want it
    reads = [one for one in aws.actions if one not in ("sagemaker:CreateModel", "servicequotas:ListServiceQuotas")]
    assert len(reads) == len(set(reads))
    aws.deny("sagemaker:DescribeModel")
    done = run(*words, **once(aws))
    assert statuses(done) == ("unknown", "unknown")
    assert "sagemaker:DescribeModel" in done.check(ALLOWED)["remedy"]["text"]
    named = run(*words, "--execution-role", ROLE, "--model-request", "model.json", **once(aws))
    assert statuses(named) == ("pass", "pass")


def test_an_endpoint_config_that_is_there(run: Run, aws: LoopbackAws, write: Write) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    client: Any = aws.client("sagemaker")
    client.create_model(**MODEL)
    client.create_endpoint_config(**CONFIG)
    write("endpoint.json", ENDPOINT)
    asked = ("--check", TRUSTED, "--check", ALLOWED)
    done = run(*QUIET, "--request", "endpoint.json", *asked, *SCP, **once(aws))
    assert statuses(done) == ("pass", "pass")
    bare = run(*QUIET, "churn", "churn-v7", *asked, *SCP, **once(aws))
    assert statuses(bare) == ("pass", "unknown")
    assert "--request" in bare.check(ALLOWED)["remedy"]["text"]


def test_bare_names_alone_name_no_role(run: Run, aws: LoopbackAws) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    asked = ("--check", TRUSTED, "--check", ALLOWED)
    done = run(*QUIET, "churn", "churn-v7", *asked, **once(aws))
    assert statuses(done) == ("unknown", "unknown")
    assert "--execution-role" in done.check(TRUSTED)["remedy"]["text"]
    every = run(*QUIET, "churn", "churn-v7", "--check", "all", **once(aws))
    assert statuses(every) == ("skipped", "skipped")
    named = run(*QUIET, "churn", "churn-v7", *asked, "--execution-role", ROLE, **once(aws))
    assert statuses(named) == ("pass", "unknown")


@pytest.mark.usefixtures("requests")
def test_several_roles(run: Run, aws: LoopbackAws, write: Write) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    aws.create_role("other", policy=policy(allow()), trust=policy(_of("ec2.amazonaws.com")))
    variant = CONFIG["ProductionVariants"][0]
    assert isinstance(variant, dict)
    two = [variant, {**variant, "VariantName": "n", "ModelName": "n"}]
    write("config.json", {**CONFIG, "ProductionVariants": two})
    write("n.json", {**MODEL, "ModelName": "n", "ExecutionRoleArn": OTHER})
    done = run(*CHECK, "--model-request", "n.json", *SCP, **once(aws))
    assert statuses(done) == ("fail", "pass")
    assert OTHER in done.check(TRUSTED)["summary"]
    assert ROLE not in done.check(TRUSTED)["summary"]
    one = run(*CHECK, "--model-request", "n.json", *SCP, "--execution-role", ROLE, **once(aws))
    assert statuses(one) == ("pass", "pass")
    assert any(OTHER in text for text in one.report["assumptions"])
    none = run(*CHECK, *SCP, "--execution-role", OTHER, **once(aws))
    assert statuses(none) == ("fail", "unknown")
    assert ROLE in none.check(ALLOWED)["summary"]
    # of a model that is nowhere nobody knows the role
    half = run(*CHECK, *SCP, **once(aws))
    assert statuses(half) == ("unknown", "unknown")


def _of(service: str) -> dict[str, object]:
    return {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}


@pytest.mark.usefixtures("requests")
def test_a_role_of_another_account_is_not_passed(run: Run, aws: LoopbackAws, write: Write) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    write("model.json", {**MODEL, "ExecutionRoleArn": ROLE.replace(ACCOUNT, "999999999999")})
    done = run(*CHECK, *SCP, **once(aws))
    assert statuses(done) == ("fail", "fail")
    assert "iam:GetRole" not in aws.actions


@pytest.mark.usefixtures("requests")
@pytest.mark.parametrize("arn", ["serving", ROLE.replace("role", "user"), ""])
def test_what_is_no_role(run: Run, aws: LoopbackAws, arn: str) -> None:
    done = run(*CHECK, "--execution-role", arn, **once(aws))
    assert (done.status, done.out) == (2, "")
    assert "--execution-role" in done.err


@pytest.mark.usefixtures("requests")
def test_authorization_details_stand_in_for_iam(run: Run, aws: LoopbackAws, write: Write) -> None:
    aws.create_role("serving", policy=NEEDED, trust=trust())
    found: Any = aws.client("iam").get_account_authorization_details()
    lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    details = json.dumps({name: found[name] for name in lists}, default=str)
    write("details.json", json.loads(details))
    aws.deny("iam:*")
    done = run(*CHECK, *SCP, "--authorization-details", "details.json", **once(aws))
    assert statuses(done) == ("pass", "pass")
    calls = aws.actions
    offline = ("--offline", "--region", "eu-west-1", "--account-id", ACCOUNT, "--principal", aws.admin.arn)
    alone = run(*CHECK, *offline, "--authorization-details", "details.json")
    assert (alone.status, *statuses(alone)) == (0, "pass", "pass")
    assert any("SCPs" in text for text in alone.report["assumptions"])
    every = (*QUIET, *REQUESTS, "--check", "all", *offline, "--authorization-details", "details.json")
    named = run(*every, "--model-request", "model.json")
    assert statuses(named) == ("pass", "pass")
    assert statuses(run(*every)) == ("skipped", "skipped")
    refused = run(*CHECK, *offline[:-2])
    assert (refused.status, refused.out) == (2, "")
    assert "--authorization-details" in refused.err
    assert aws.actions == calls
