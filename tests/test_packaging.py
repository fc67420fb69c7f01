"""What users install holds what it needs, and nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import iamcheck
from iamcheck.cli.options import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
NEEDED = [
    "iamcheck/py.typed",
    "iamcheck/data/NOTICE",
    "iamcheck/data/condition_keys.json",
    "iamcheck/data/names.json",
    "iamcheck/data/partitions.json",
    "iamcheck/data/report.schema.json",
    "iamcheck/data/services/_index.json",
    "iamcheck/data/services/sagemaker.json",
]
TEMPLATES = ["_requests.j2", "sts-probe-role.json.j2", *(f"{scope}.json.j2" for scope in SCOPES)]


@pytest.mark.parametrize("name", NEEDED)
def test_the_package_has_its_data(name: str) -> None:
    package, _, path = name.partition("/")
    assert files(package).joinpath(path).is_file()


def test_the_version_is_one_that_packaging_takes() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?(\.dev\d+)?", iamcheck.__version__)


def test_the_console_script_is_the_command_line() -> None:
    (script,) = [one for one in entry_points(group="console_scripts") if one.name == "iamcheck"]
    assert script.value == "iamcheck.cli:main"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel and an sdist of this checkout."""
    folder = tmp_path_factory.mktemp("built")
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return folder


def wheel_of(built: Path) -> Path:
    (wheel,) = built.glob("iamcheck-*.whl")
    return wheel


def stray(names: Iterable[str]) -> list[str]:
    return [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".orig", ".rej", "~"))]


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_templates(built: Path) -> None:
    with zipfile.ZipFile(wheel_of(built)) as wheel:
        names = set(wheel.namelist())
    assert set(NEEDED) - names == set()
    assert {f"iamcheck/templates/policies/{name}" for name in TEMPLATES} - names == set()
    assert {name.split("/")[0] for name in names} == {"iamcheck", f"iamcheck-{iamcheck.__version__}.dist-info"}
    tracked = {str(path.relative_to(ROOT)) for path in (ROOT / "iamcheck").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == tracked
    assert stray(names) == []


@pytest.mark.slow
def test_the_wheel_does_the_main_job_on_its_own(built: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel_of(built)) as wheel:
        wheel.extractall(tmp_path / "site")
    site = repr(str(tmp_path / "site"))
    code = f"import sys; sys.path.insert(0, {site}); from iamcheck import cli; print(cli.__file__, file=sys.stderr); "
    code += "cli.main()"
    words = ["check", "churn", "churn-v7", "--offline", "--region", "eu-west-1", "--account-id", "123456789012"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(str(tmp_path))
    assert done.stdout.startswith("Verdict: pass\n")


@pytest.mark.slow
def test_the_sdist_holds_what_its_tests_need(built: Path) -> None:
    (path,) = built.glob("iamcheck-*.tar.gz")
    with tarfile.open(path) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {*NEEDED, *(f"templates/policies/{name}" for name in TEMPLATES)} - names == set()
    assert {"README.md", "LICENSE", "pyproject.toml", "tests/conftest.py", "tests/cases/cli/bad_input.json"} <= names
    assert stray(names) == []


@pytest.mark.slow
def test_the_same_checkout_builds_the_same_bytes(built: Path, tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, capture_output=True, check=True, timeout=300)
    first, second = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in (built, tmp_path))
    assert len(first) == 2
    assert first == second
