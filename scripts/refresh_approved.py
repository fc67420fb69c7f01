"""Writes the outputs that tests hold to an approved text anew: `tests/cases/approved/`.

`python scripts/refresh_approved.py` does it for every text, with `request_valid` after it for those of that name. Read
the difference before you commit it: it is what the change does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.approved import path_of

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Rewrite the texts that have changed, and name them."""
    begins = tuple(sys.argv[1:]) or ("",)
    for module in sorted((ROOT / "tests" / "unit").rglob("corpus.py")):
        corpus = import_module(".".join(module.relative_to(ROOT).with_suffix("").parts))
        for name, make in corpus.TEXTS.items():
            if name.startswith(begins):
                path, text = path_of(name), make()
                if not path.exists() or path.read_text(encoding="utf-8") != text:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_text(text, encoding="utf-8")
                    print(path)


if __name__ == "__main__":
    main()
