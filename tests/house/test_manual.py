"""The manual: every page is found from the first one, every link leads somewhere."""

import importlib
import os
from pathlib import Path

import click
import pytest

from equipoise.cli.help_page import render_help_page
from house.manual import broken_links, links_of, loose_decisions, unlinked_pages, untested_command
from house.source import PACKAGE, ROOT

DOCS = ROOT / "docs"
KINDS = ["tutorial", "how-to", "reference", "explanation", "decisions", "validation"]


@click.group()
def trial() -> None:
    """Run a small trial."""


@trial.command()
@click.argument("folder")
@click.option("--seed", type=int, default=1, show_default=True, help="The seed of all draws.")
def rehearse(folder: str, seed: int) -> None:
    """Rehearse the trial in FOLDER."""
    click.echo(f"{folder} {seed}")


@trial.group()
def protocol() -> None:
    """Work on the text of the trial."""


@protocol.command()
def check() -> None:
    """Print every problem of the text."""


@trial.command(hidden=True)
def secret() -> None:
    """Not for the manual."""


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_help_page_shows_every_command_below_a_group() -> None:
    page = render_help_page(trial, program="trial")
    heads = [line for line in page.splitlines() if line.startswith("## ")]
    assert heads == [
        "## trial",
        "## trial protocol",
        "## trial protocol check",
        "## trial rehearse",
    ]
    assert "Usage: trial rehearse [OPTIONS] FOLDER" in page
    assert "--seed INTEGER  The seed of all draws.  [default: 1]" in page
    assert "Not for the manual" not in page
    assert page.endswith("```\n")


def test_a_single_command_has_a_page_too() -> None:
    page = render_help_page(rehearse, program="rehearse")
    assert page.count("## ") == 1
    assert "Rehearse the trial in FOLDER." in page


def test_the_help_page_does_not_depend_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = render_help_page(trial, program="trial")
    monkeypatch.setitem(os.environ, "COLUMNS", "40")
    assert render_help_page(trial, program="trial") == wide


def test_the_printed_help_page_is_that_of_the_program() -> None:
    page = DOCS / "reference" / "cli.md"
    assert page.is_file() == (PACKAGE / "cli" / "main.py").is_file()
    if page.is_file():
        program = importlib.import_module("equipoise.cli.main").main
        printed = page.read_text(encoding="utf-8")
        assert printed == render_help_page(program, program="equipoise"), "run `make docs`"


def test_links_are_read_without_web_addresses_anchors_and_code(tmp_path: Path) -> None:
    text = "[a](a.md) [b](b/c.md#part) [w](https://example.org/x) [s](#here)\n```\n[x](y)\n```\n"
    assert links_of(write(tmp_path / "page.md", text)) == ["a.md", "b/c.md"]


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", ".venv/\n")
    write(tmp_path / "docs" / "README.md", "[a](a.md)")
    assert list(broken_links(tmp_path)) == ["docs/README.md links to a.md, which is not there"]
    write(tmp_path / "docs" / "a.md", "# A")
    assert list(broken_links(tmp_path)) == []


def test_a_page_that_nobody_links_is_found(tmp_path: Path) -> None:
    write(tmp_path / "README.md", "[a](how-to/a.md)")
    write(tmp_path / "how-to" / "a.md", "# A")
    write(tmp_path / "how-to" / "b.md", "# B")
    assert unlinked_pages(tmp_path) == ["how-to/b.md is not linked from README.md"]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("colours.md", "# Colours\n\n2026-01-02\n", "has no number"),
        ("0001-colours.md", "# Colours\n", "has no title or no date"),
        ("0001-colours.md", "Colours\n\n2026-01-02\n", "has no title or no date"),
        ("0001-colours.md", "# Colours\n\n2026-01-02\n" + "x\n" * 40, "has 43 lines"),
    ],
)
def test_a_loose_decision_is_found(tmp_path: Path, name: str, text: str, what: str) -> None:
    write(tmp_path / name, text)
    assert loose_decisions(tmp_path) == [f"{name} {what}"]


def test_a_test_command_that_ci_does_not_run_is_found() -> None:
    right = {"readme": "`make test`", "ci": "make check\nmake test\n"}
    assert untested_command("test: x\n", **right) == []
    assert untested_command("demo: x\n", **right) == ["Makefile has no target test"]
    assert untested_command("test: x\n", readme="pytest", ci="make check\nmake test") != []
    assert untested_command("test: x\n", readme="make test", ci="make test") != []


def test_the_manual_has_its_kinds_and_each_has_a_page() -> None:
    assert [kind for kind in KINDS if not list((DOCS / kind).glob("*.md"))] == []


def test_every_page_is_linked_from_the_first() -> None:
    found = unlinked_pages(DOCS)
    assert found == [], "\n".join(found)


def test_no_link_leads_nowhere() -> None:
    found = list(broken_links(ROOT))
    assert found == [], "\n".join(found)


def test_every_decision_is_short_and_dated() -> None:
    assert len(list((DOCS / "decisions").glob("*.md"))) >= 10
    assert loose_decisions(DOCS / "decisions") == []


def test_ci_runs_the_checks_and_the_test_command_of_the_readme() -> None:
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run")]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert untested_command(makefile, readme=texts[0], ci=texts[1]) == []
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
