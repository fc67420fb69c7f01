"""Writes docs/failures/: a page for each family of AWS's messages, from the table that `iamcheck explain` reads.

`python scripts/make_failure_pages.py` writes them; a test holds them to the table.
"""

from __future__ import annotations

from pathlib import Path

from iamcheck.explain.messages import FAMILIES, MessageFamily, explain_messages

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "failures"


def page(family: MessageFamily) -> str:
    """The page of one family, in Markdown."""
    message = explain_messages(family.example)[0]
    commands = "\n\n".join(f"```bash\n{one.text}\n```\n\n{_sentence(one.why)}" for one in message.run)
    checks = ", ".join(f"`{check}`" for check in message.foreseen_by)
    sections = {
        "What it means": message.meaning,
        "What to do": _sentence(message.remedy.text) if message.remedy else "",
        "Who can change it": f"{_sentence(message.owner)}" if message.owner else "",
        "What the message leaves open": "\n".join(f"* {text}" for text in message.leaves_open),
        "The statement to add": _json(message.remedy.policy) if message.remedy and message.remedy.policy else "",
        "What to run": commands,
        "Before the deployment": f"`iamcheck check` foresees it: {checks}." if checks else "",
    }
    parts = [
        f"# {family.title}",
        "AWS writes, for example:",
        f"> {family.example}",
        *(f"## {heading}\n\n{text}" for heading, text in sections.items() if text),
        f"In `iamcheck explain` this is the family `{family.id}`. Source: <{family.source}>",
    ]
    return "\n\n".join(parts) + "\n"


def index() -> str:
    """The list of all pages."""
    rows = "\n".join(f"| [{family.title}]({family.id}.md) | `{family.id}` |" for family in FAMILIES)
    return (
        "# Messages of AWS, explained\n\n"
        "`iamcheck explain` reads the text that AWS showed, with whatever stands around it, and says what it means. "
        "These are the families that it recognises.\n\n"
        f"| what has happened | family |\n| --- | --- |\n{rows}\n"
    )


def pages() -> dict[str, str]:
    """The text of each page, by the name of its file."""
    return {"index.md": index(), **{f"{family.id}.md": page(family) for family in FAMILIES}}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _json(document: object) -> str:
    import json

    return f"```json\n{json.dumps(document, indent=2)}\n```"


def main() -> None:
    """Writes the pages, and removes those of families that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
