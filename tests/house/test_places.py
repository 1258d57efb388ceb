"""The plan of the house: rooms on floors, their cards, their depth, and nothing that leaks."""

from pathlib import Path

import pytest
from hypothesis import settings

from house.places import (
    cardless_rooms,
    code_among_texts,
    deep_folders,
    doorless_rooms,
    leaks,
    leaks_in,
    make_targets,
    placed_rooms,
    unplaced_rooms,
    written_lines,
)
from house.source import PACKAGE, ROOT, Source, files_of, python_files, source_of

# In pieces, as the check reads this file too.
INDEX = "--index" + "-url"
REGISTRY = "pypi" + ".org"
HOME = "/ho" + "me/ada"
FLOORS = """
[[tool.importlinter.contracts]]
type = "layers"
layers = ["cli", "(store) | (report)", "vocab"]
"""


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_the_floors_are_read_from_the_contract() -> None:
    assert placed_rooms(FLOORS) == {"cli", "store", "report", "vocab"}


def test_a_folder_on_no_floor_is_found_even_without_code(tmp_path: Path) -> None:
    write(tmp_path / "vocab" / "__init__.py")
    write(tmp_path / "stray" / "notes.txt")
    assert unplaced_rooms(tmp_path, placed=frozenset({"vocab"})) == ["stray stands on no floor"]


def test_trial_texts_need_no_floor(tmp_path: Path) -> None:
    write(tmp_path / "protocols" / "oligo_rcc" / "trial.toml")
    assert unplaced_rooms(tmp_path, placed=frozenset()) == []


def test_code_in_a_folder_without_a_door_is_found(tmp_path: Path) -> None:
    write(tmp_path / "__init__.py")
    write(tmp_path / "stray" / "hidden.py")
    assert doorless_rooms(tmp_path) == ["stray has no __init__.py"]


def test_code_among_trial_texts_is_found(tmp_path: Path) -> None:
    write(tmp_path / "protocols" / "oligo_rcc" / "rules.py")
    assert code_among_texts(tmp_path) == ["protocols/oligo_rcc/rules.py is code among trial texts"]


@pytest.mark.parametrize("card", ["", "line\n" * 21])
def test_a_room_without_a_short_card_is_found(tmp_path: Path, card: str) -> None:
    write(tmp_path / "derive" / "README.md", card)
    assert len(cardless_rooms(tmp_path)) == 1


def test_a_room_without_any_card_is_found(tmp_path: Path) -> None:
    write(tmp_path / "derive" / "__init__.py")
    assert cardless_rooms(tmp_path) == ["derive/README.md has 0 lines"]


def test_a_card_of_twenty_lines_is_right(tmp_path: Path) -> None:
    write(tmp_path / "derive" / "README.md", "line\n" * 20)
    assert cardless_rooms(tmp_path) == []


def test_a_third_folder_below_the_package_is_too_deep(tmp_path: Path) -> None:
    write(tmp_path / "web" / "entry" / "views.py")
    assert deep_folders(tmp_path) == []
    write(tmp_path / "web" / "entry" / "forms" / "views.py")
    assert deep_folders(tmp_path) == ["web/entry/forms/views.py lies too deep"]


@pytest.mark.parametrize(
    "text",
    [
        f"see https://{REGISTRY}/project/numba",
        f"pip install {INDEX} https://mirror.example/x",
        "url = https://mirror.example/api/sim" + "ple/",
        f"open('{HOME}/trial.toml')",
        "cd /ro" + "ot/trial",
    ],
)
def test_a_registry_or_a_place_on_one_machine_is_found(text: str) -> None:
    assert len(leaks_in(f"first line\n{text}\n")) == 1
    assert leaks_in(f"first line\n{text}\n")[0].startswith("2 names ")


@pytest.mark.parametrize(
    "text",
    [
        "https://clinicaltrials.gov/study/NCT06467097",
        "tests/house/home.py",
        "a simple/complex answer",
        "patients/root causes",
        "#!/usr/bin/env bash",
        "../shared/data",
    ],
)
def test_other_addresses_and_paths_are_left_alone(text: str) -> None:
    assert leaks_in(text) == []


def test_ignored_folders_and_binary_files_are_not_read(tmp_path: Path) -> None:
    write(tmp_path / ".gitignore", ".venv/\n*.egg-info/\n")
    write(tmp_path / ".venv" / "pip.conf", INDEX)
    write(tmp_path / "a.egg-info" / "x", INDEX)
    (tmp_path / "image.png").write_bytes(b"\xff\xfe\x00" + INDEX.encode())
    assert list(leaks(tmp_path)) == []
    write(tmp_path / "docs" / "install.md", f"\n{INDEX}\n")
    assert [line.split(" ")[0] for line in leaks(tmp_path)] == ["docs/install.md:2"]


def test_lines_are_counted_without_blank_ones() -> None:
    sources = [source_of("x = 1\n\n\ny = 2\n", place="tests/a.py"), source_of("x = 1")]
    assert written_lines(sources, folder="tests") == 2
    assert written_lines(sources, folder="src") == 1


def test_targets_are_read_from_a_makefile() -> None:
    assert make_targets("PYTHON ?= python3\nBIN := x\ndemo: a ## b\n\tx: y\n.venv/s: z\n") == [
        "demo"
    ]


def test_every_room_stands_on_a_floor() -> None:
    placed = placed_rooms((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert unplaced_rooms(PACKAGE, placed=placed) == []
    assert doorless_rooms(PACKAGE) == []
    assert code_among_texts(PACKAGE) == []


def test_every_room_has_its_card() -> None:
    found = cardless_rooms(PACKAGE)
    assert found == [], "\n".join(found)


def test_no_code_lies_too_deep() -> None:
    found = deep_folders(PACKAGE)
    assert found == [], "\n".join(found)


def test_no_file_names_a_registry_or_a_machine() -> None:
    places = [path.relative_to(ROOT).as_posix() for path in files_of(ROOT)]
    assert {"Makefile", ".ci/run", "requirements/run.txt", "pyproject.toml"} <= set(places)
    found = list(leaks(ROOT))
    assert found == [], "\n".join(found)


def test_requirements_are_pinned_by_hash() -> None:
    for name in ("run", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
        pins = [line for line in text.splitlines() if line and line[0] not in " #"]
        assert pins
        assert all("==" in pin and pin.endswith("\\") for pin in pins)
        assert text.count("--hash=sha256:") >= len(pins)


def test_there_are_at_most_ten_make_targets_and_each_is_explained() -> None:
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = make_targets(text)
    assert {"demo", "test", "check", "bench", "format"} <= set(targets)
    assert len(targets) <= 10
    assert text.count(" ## ") == len(targets)


def test_no_two_tests_share_a_file_name() -> None:
    names = [s.place.rsplit("/", 1)[-1] for s in python_files(ROOT, "tests") if is_test(s)]
    assert sorted(names) == sorted(set(names))


def is_test(source: Source) -> bool:
    return source.stem.startswith("test_")


def test_there_is_a_line_of_test_for_every_line_of_code() -> None:
    sources = python_files(ROOT, "src", "tests")
    code = written_lines(sources, folder="src")
    tests = written_lines(sources, folder="tests")
    assert tests >= code, f"{tests} lines of tests for {code} lines of code"


def test_a_property_test_may_wait_for_a_kernel_to_be_compiled() -> None:
    profile = settings()
    assert profile.deadline is None
    assert profile.derandomize
