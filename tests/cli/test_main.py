"""The group of all commands: told without importing them, each found under its name."""

import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import equipoise.cli
from equipoise.cli.main import COMMANDS, main

FILES = {path.stem: path.read_text() for path in Path(equipoise.cli.__file__).parent.glob("*.py")}
HEAVY = ("numpy", "polars", "numba", "scipy", "matplotlib", "django", "pydantic")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_first_sentence_of_a_command_is_the_one_that_the_list_tells(name: str) -> None:
    command = main.get_command(click.Context(main), name)

    assert command is not None
    assert command.name == name
    assert command.get_short_help_str(200) == COMMANDS[name]


def test_every_command_of_a_file_is_in_the_list() -> None:
    own = {name for name, text in FILES.items() if f"\ndef {name}(" in text} - {"main"}
    commands = {
        name for name in own if "@click.command" in FILES[name] or "@click.group" in FILES[name]
    }

    assert commands <= set(COMMANDS)
    assert set(COMMANDS) - commands == {"restore"}


def test_help_is_told_without_importing_what_the_commands_need() -> None:
    told = f"import sys; print([name for name in {HEAVY} if name in sys.modules])"
    program = (
        f"from equipoise.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: {told}"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "Commands:" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_command_that_is_none_is_refused() -> None:
    done = CliRunner().invoke(main, ["analyze"])

    assert done.exit_code == 2
    assert "No such command 'analyze'" in done.output
