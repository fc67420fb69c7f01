"""Hooks of MkDocs: makes the README a page of the site, and takes the picture of an HTML report in a real browser."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
PICTURE = "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# what Chromium needs to stay on this machine, and to start as root in a container
BROWSER_OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--window-size=1000,1100"),
)
REPORT = (
    *("check", "--from", "template.yaml", "--parameter", "Stage=prod", "--no-stack-tags", "--offline"),
    *("--region", "eu-west-1", "--account-id", "123456789012", "--scp", "FullAWSAccess,region-lock.json"),
    "--output-file=/dev/null",
)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the README and the picture."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, "readme.md", content=_links(readme)))
    files.append(File.generated(config, PICTURE, content=picture()))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  MkDocs's
    """Points links at what is a page of the site, and shows the picture where the format is explained."""
    if page.file.src_uri == "formats.md":
        shown = f"![The report of a failing check as a page: verdict, what to do, checks, permissions]({PICTURE})"
        markdown = re.sub(r"^## html$", f"## html\n\n{shown}", markdown, flags=re.MULTILINE)
    return _links(markdown.replace("](../README.md)", "](readme.md)"))


def _links(markdown: str) -> str:
    """Without links to files that are in the repository and not in the site."""
    return re.sub(r"\[([^\]]+)\]\((?:\.\./)*(?:docs/)?(?:examples|templates|iamcheck)(?:/[^)]*)?\)", r"\1", markdown)


def picture() -> bytes:
    """A PNG file: an HTML report as a browser shows it.

    Raises:
        PluginError: There is no browser, or it made no picture.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise PluginError(f"none of {', '.join(BROWSERS)} is on the PATH (install Debian's chromium)")
    with tempfile.TemporaryDirectory() as folder:
        report, image = Path(folder) / "report.html", Path(folder) / PICTURE
        check = [sys.executable, "-m", "iamcheck", *REPORT, f"--output-file=html:{report}"]
        subprocess.run(check, cwd=EXAMPLES, check=False)
        options = [*BROWSER_OPTIONS, f"--user-data-dir={folder}/profile", f"--screenshot={image}", report.as_uri()]
        done = subprocess.run([browser, *options], capture_output=True, text=True, timeout=120, check=False)
        if not image.exists():
            raise PluginError(f"{browser} made no picture: {done.stderr[-500:]}")
        return image.read_bytes()
