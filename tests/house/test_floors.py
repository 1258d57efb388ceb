"""import-linter holds the floors: a stray room, an import upwards or sideways breaks the build."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from house.source import PACKAGE, ROOT


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package, code only, with the contracts beside it."""
    package = tmp_path / "src" / "equipoise"
    for path in PACKAGE.rglob("*.py"):
        place = package / path.relative_to(PACKAGE)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return package


def add(package: Path, place: str, text: str = "") -> None:
    """Put a module into the copy, with the doors of the folders that hold it."""
    path = package / place
    path.parent.mkdir(parents=True, exist_ok=True)
    for folder in path.relative_to(package).parents:
        door = package / folder / "__init__.py"
        if not door.exists():
            door.write_text("", encoding="utf-8")
    path.write_text(text, encoding="utf-8")


def lint(package: Path) -> tuple[int, str]:
    """The exit code of import-linter over the copy and what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()",
         "--no-cache"],
        cwd=package.parents[1],
        env={**os.environ, "PYTHONPATH": str(package.parent), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_house_as_it_stands_keeps_its_floors(house: Path) -> None:
    code, told = lint(house)
    assert code == 0, told
    assert "Contracts: 5 kept, 0 broken." in told


@pytest.mark.parametrize("place", ["stray/__init__.py", "loose.py", "protocols/rules.py"])
def test_a_room_that_nobody_placed_breaks_the_build(house: Path, place: str) -> None:
    add(house, place)
    code, told = lint(house)
    assert code == 1
    assert f"- equipoise.{place.partition('/')[0].removesuffix('.py')}\n" in told


@pytest.mark.parametrize(
    ("place", "text", "broken"),
    [
        ("vocab/up.py", "from equipoise import protocol", "vocab is not allowed to import"),
        ("vocab/side.py", "from equipoise import numerics", "vocab is not allowed to import"),
        ("report/side.py", "from equipoise import interop", "report is not allowed to import"),
        ("derive/web.py", "import django.db", "derive is not allowed to import django"),
        ("numerics/frames.py", "import polars", "numerics is not allowed to import polars"),
    ],
)
def test_an_import_against_the_plan_breaks_the_build(
    house: Path, place: str, text: str, broken: str
) -> None:
    for room in ("report", "derive", "interop"):
        add(house, f"{room}/__init__.py")
    add(house, place, text)
    code, told = lint(house)
    assert code == 1
    assert broken in told


@pytest.mark.parametrize("room", ["store", "web", "cli"])
def test_django_may_be_used_behind_the_doors(house: Path, room: str) -> None:
    add(house, f"{room}/settings.py", "import django.conf")
    assert lint(house)[0] == 0


@pytest.mark.parametrize("room", ["randomise/schemes", "derive/endpoints"])
def test_plugged_parts_do_not_import_each_other(house: Path, room: str) -> None:
    add(house, f"{room}/first.py")
    name = room.replace("/", ".")
    add(house, f"{room}/second.py", f"from equipoise.{name} import first")
    code, told = lint(house)
    assert code == 1
    assert f"equipoise.{name}.second -> equipoise.{name}.first" in told
