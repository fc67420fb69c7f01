"""What a row of a fleet costs, in processor time: 10,000 rows of 50 principals, 20 templates and 5 Regions.

The bounds stand in the names and are checked by hand: `pytest -m benchmark -s tests/benchmarks/test_fleet.py`. Time of
the clock depends on who else uses the machine; two processes share what `processor seconds` says.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.benchmark

ACCOUNT = "123456789012"
REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2")
STACK = """\
Parameters:
  Stage: {{Type: String, Default: dev}}
Resources:
  Model:
    Type: AWS::SageMaker::Model
    Properties:
      ModelName: model-{n}
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec-{n}
      PrimaryContainer:
        Image: !Sub '${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.amazonaws.com/image:{n}'
        ModelDataUrl: s3://bucket-{n}/model.tar.gz
  Config:
    Type: AWS::SageMaker::EndpointConfig
    Properties:
      EndpointConfigName: !Sub 'config-{n}-${{Stage}}'
      ProductionVariants:
        - VariantName: a
          ModelName: !GetAtt Model.ModelName
          InstanceType: ml.m5.large
          InitialInstanceCount: 2
          InitialVariantWeight: 1
      Tags: [{{Key: team, Value: t{n}}}]
  Endpoint:
    Type: AWS::SageMaker::Endpoint
    Properties:
      EndpointName: !Sub 'endpoint-{n}-${{Stage}}'
      EndpointConfigName: !GetAtt Config.EndpointConfigName
      Tags: [{{Key: team, Value: t{n}}}]
"""


def world(folder: Path, rows: int) -> Path:
    """Twenty templates, fifty principals' policies of twenty statements, and the manifest."""
    for n in range(20):
        (folder / f"stack-{n}.yaml").write_text(STACK.format(n=n))
    for n in range(50):
        statements: list[dict[str, object]] = [
            {"Effect": "Allow", "Action": ["sagemaker:Create*", "sagemaker:AddTags"], "Resource": "*"},
            {"Effect": "Allow", "Action": "iam:PassRole", "Resource": f"arn:aws:iam::{ACCOUNT}:role/*"},
        ]
        if n % 5 == 0:
            mfa = {"Bool": {"aws:MultiFactorAuthPresent": "false"}}
            statements.append({"Effect": "Deny", "Action": "sagemaker:*", "Resource": "*", "Condition": mfa})
        if n % 7 == 0:
            lock = {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1", "eu-central-1"]}}
            statements.append({"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": lock})
        rest: list[dict[str, object]] = [
            {"Effect": "Allow", "Action": "s3:Get*", "Resource": f"arn:aws:s3:::b{k}/*"} for k in range(20)
        ]
        policy = {"Version": "2012-10-17", "Statement": [*statements, *rest][:20]}
        (folder / f"p{n}.json").write_text(json.dumps(policy))
    with (folder / "fleet.jsonl").open("w") as file:
        for n in range(rows):
            row = {
                "from": f"stack-{n // 50 % 20}.yaml",
                "region": REGIONS[n // 1000 % 5],
                "account_id": ACCOUNT,
                "principal": f"arn:aws:iam::{ACCOUNT}:role/p{n % 50}",
                "policy": [f"p{n % 50}.json"],
                "scp": ["FullAWSAccess"],
                "parameter": [f"Stage=s{n // 5000}"],
            }
            file.write(f"{json.dumps(row)}\n")
    return folder


def processor_seconds(folder: Path, *words: str) -> float:
    """What a run uses, its workers included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "iamcheck", "fleet", "fleet.jsonl", "--offline", "--output-file", "out", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (1, 3), done.stderr
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ten_thousand_rows_take_two_workers_under_20_seconds_each_under_300_mb(workers: str, tmp_path: Path) -> None:
    rows = 10_000
    seconds = processor_seconds(world(tmp_path, rows), "--workers", workers)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    rate = f"{rows / seconds:,.0f} rows a second"
    sys.stdout.write(f"\n{workers} workers: {seconds:.1f} processor seconds, {rate}, {largest:.0f} MB at most\n")
