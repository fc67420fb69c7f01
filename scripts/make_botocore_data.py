"""Writes names.json, partitions.json and requests.json of iamcheck/data from the installed botocore.

Usage: python scripts/make_botocore_data.py

A test compares the files with the botocore that is installed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import botocore
import botocore.session

DATA = Path(__file__).resolve().parent.parent / "iamcheck" / "data"

# What iamcheck validates: our name, botocore's service and shape.
SHAPES = {
    "AccountId": ("iam", "accountIdType"),
    "EndpointConfigName": ("sagemaker", "EndpointConfigName"),
    "EndpointName": ("sagemaker", "EndpointName"),
    "InferenceComponentName": ("sagemaker", "InferenceComponentName"),
    "KmsKeyId": ("sagemaker", "KmsKeyId"),
    "ModelName": ("sagemaker", "ModelName"),
    "ModelPackageName": ("sagemaker", "EntityName"),
    "RoleArn": ("sagemaker", "RoleArn"),
    "RoleName": ("iam", "roleNameType"),
    "RoleSessionName": ("sts", "roleSessionNameType"),
    "TagKey": ("sagemaker", "TagKey"),
    "TagValue": ("sagemaker", "TagValue"),
    "UserName": ("iam", "userNameType"),
    "VariantName": ("sagemaker", "VariantName"),
}

# The requests that iamcheck reads, by service.
OPERATIONS = {
    "sagemaker": (
        "CreateEndpoint",
        "CreateEndpointConfig",
        "CreateInferenceComponent",
        "CreateModel",
        "CreateModelPackage",
        "CreateModelPackageGroup",
    ),
    "application-autoscaling": ("PutScalingPolicy", "RegisterScalableTarget"),
    "cloudwatch": ("PutMetricAlarm",),
}

# "Manage AWS STS in an AWS Region" and "Enable or disable AWS Regions in your account" (AWS documentation): STS is
# active in these, and may be deactivated in all but us-east-1; every other Region of partition aws is opt-in.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html
# https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-regions.html
ENABLED_BY_DEFAULT = [
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
]


def names() -> dict[str, Any]:
    """Returns pattern and bounds of every name, as botocore's service models have them."""
    loader = botocore.session.get_session().get_component("data_loader")
    table = {}
    for ours, (service, shape) in SHAPES.items():
        model = loader.load_service_model(service, "service-2")["shapes"][shape]
        table[ours] = {
            "shape": f"{service}:{shape}",
            **{field: model[field] for field in ("pattern", "min", "max") if field in model},
        }
    return {"botocore": botocore.__version__, "names": table}


def requests() -> dict[str, Any]:
    """Returns the members of the requests, structure by structure.

    The value of a member is the structure that it holds, itself or in lists, and empty where it holds none; members
    that are numbers or truth values stand in `kinds` as well. A structure of another service than SageMaker has the
    service before its name, `cloudwatch:Dimension`.
    """
    table: dict[str, dict[str, str]] = {}
    kinds: dict[str, dict[str, str]] = {}
    for service, operations in OPERATIONS.items():
        add_requests(service, operations, table, kinds)
    return {
        "botocore": botocore.__version__,
        "members": dict(sorted(table.items())),
        "kinds": dict(sorted(kinds.items())),
    }


def add_requests(
    service: str, operations: tuple[str, ...], table: dict[str, dict[str, str]], kinds: dict[str, dict[str, str]]
) -> None:
    """Adds the requests of one service to the tables of members and of kinds."""
    loader = botocore.session.get_session().get_component("data_loader")
    model = loader.load_service_model(service, "service-2")
    shapes = model["shapes"]
    prefix = "" if service == "sagemaker" else f"{service}:"

    def structure(name: str) -> str:
        shape = shapes[name]
        if shape["type"] == "list":
            return structure(shape["member"]["shape"])
        if shape["type"] != "structure":
            # the keys of a map are the user's own
            return ""
        add(f"{prefix}{name}", name)
        return f"{prefix}{name}"

    def add(ours: str, name: str) -> None:
        if ours not in table:
            table[ours] = {}
            for member, about in sorted(shapes[name]["members"].items()):
                table[ours][member] = structure(about["shape"])
                kind = shapes[about["shape"]]["type"]
                if kind in ("boolean", "double", "float", "integer", "long"):
                    kinds.setdefault(ours, {})[member] = kind

    for operation in operations:
        add(operation, model["operations"][operation]["input"]["shape"])


def partitions() -> dict[str, Any]:
    """Returns partitions and Regions as botocore has them.

    Entries that are no Regions (`aws-global`) do not match their partition's own pattern and are left out.
    """
    loader = botocore.session.get_session().get_component("data_loader")
    table = {}
    for part in loader.load_data("partitions")["partitions"]:
        regions = {}
        for name, about in sorted(part["regions"].items()):
            if re.fullmatch(part["regionRegex"], name):
                regions[name] = {"description": about["description"]}
        table[part["id"]] = {
            "dnsSuffix": part["outputs"]["dnsSuffix"],
            "regionRegex": part["regionRegex"],
            "regions": regions,
        }
    return {"botocore": botocore.__version__, "enabledByDefault": ENABLED_BY_DEFAULT, "partitions": table}


def main() -> None:
    """Writes the files."""
    for name, table in (("names", names()), ("partitions", partitions()), ("requests", requests())):
        (DATA / f"{name}.json").write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
