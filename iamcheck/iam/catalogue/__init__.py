"""Looks up reference data: actions, resource types, ARN formats, condition keys, Regions, patterns of names.

Pure look-ups in packaged files, which are read when they are first asked for: no network and no botocore. The data
is made by `scripts/` from public sources named in `iamcheck/data/NOTICE`.
"""

from iamcheck.iam.catalogue._names import (
    NameKind,
    NamePattern,
    name_pattern,
    request_kinds,
    request_members,
    validate_name,
)
from iamcheck.iam.catalogue._reference import (
    Description,
    accepts,
    action,
    actions,
    arn_template,
    condition_key_type,
    condition_keys,
    describe,
    keys_of_prefix,
    lists_condition_key,
    reference_date,
    reference_source,
    require_accepted,
    resource_type,
    services,
)
from iamcheck.iam.catalogue._regions import Partition, Region, partition, region, regions
from iamcheck.iam.catalogue._services import ActionInfo, ActionResource, ResourceType

__all__ = [
    "ActionInfo",
    "ActionResource",
    "Description",
    "NameKind",
    "NamePattern",
    "Partition",
    "Region",
    "ResourceType",
    "accepts",
    "action",
    "actions",
    "arn_template",
    "condition_key_type",
    "condition_keys",
    "describe",
    "keys_of_prefix",
    "lists_condition_key",
    "name_pattern",
    "partition",
    "reference_date",
    "reference_source",
    "region",
    "regions",
    "request_kinds",
    "request_members",
    "require_accepted",
    "resource_type",
    "services",
    "validate_name",
]
