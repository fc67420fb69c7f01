"""Writes the output that the commands of README.md and docs/ have now below each of them.

`python scripts/refresh_docs.py` does it for every page, `python scripts/refresh_docs.py docs/sts.md` for one; a test
holds the pages to it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.documentation import PAGES, reader_folder, refresh, run_commands
from tests.server import LoopbackAws


def main() -> None:
    """Rewrite the pages whose output has changed, and name them."""
    aws = LoopbackAws()
    for page in [Path(name).resolve() for name in sys.argv[1:]] or PAGES:
        aws.reset()
        before = page.read_text(encoding="utf-8")
        with tempfile.TemporaryDirectory() as name:
            folder = reader_folder(Path(name))
            after = refresh(before, lambda commands: run_commands(commands, folder, aws.environment()))  # noqa: B023
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(page)
    aws.stop()


if __name__ == "__main__":
    main()
