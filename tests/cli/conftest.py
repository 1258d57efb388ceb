"""A rehearsed trial on disk, drawn once for all tests of the doors."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main


@pytest.fixture(name="rehearsed", scope="session")
def _rehearsed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsed") / "data"
    done = CliRunner().invoke(main, ["rehearse", str(folder), "--seed", "7"])
    assert done.exit_code == 0, done.output
    return folder
