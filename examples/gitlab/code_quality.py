"""Turns iamcheck's SARIF file into GitLab's code quality report, on standard output.

GitLab's format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SEVERITIES = {"error": "critical", "warning": "major", "note": "info"}


def issues(sarif: dict[str, Any]) -> list[dict[str, Any]]:
    """GitLab shows findings that have a file; the test report (JUnit) has the others too."""
    made = []
    for result in sarif["runs"][0]["results"]:
        for location in result.get("locations", [])[:1]:
            physical = location["physicalLocation"]
            made.append(
                {
                    "description": result["message"]["text"],
                    "check_name": result["ruleId"],
                    "fingerprint": result["partialFingerprints"]["iamcheck/v1"],
                    "severity": SEVERITIES[result["level"]],
                    "location": {
                        "path": physical["artifactLocation"]["uri"],
                        "lines": {"begin": physical.get("region", {}).get("startLine", 1)},
                    },
                }
            )
    return made


if __name__ == "__main__":
    json.dump(issues(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))), sys.stdout, indent=1)
