"""A program for Terraform's data source `external`: reads a query, prints the policy that iamcheck makes of it.

The protocol: https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external
"""

from __future__ import annotations

import json
import subprocess
import sys

query = json.load(sys.stdin)
done = subprocess.run(
    [
        "iamcheck",
        "generate",
        *("--endpoint-name", query["endpoint_name"], "--endpoint-config-name", query["endpoint_config_name"]),
        *("--region", query["region"], "--account-id", query["account_id"]),
    ],
    stdout=subprocess.PIPE,
    check=False,
)
if done.returncode:
    sys.exit(done.returncode)
json.dump({"policy": done.stdout.decode()}, sys.stdout)
