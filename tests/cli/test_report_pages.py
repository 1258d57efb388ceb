"""The pages of the subjects beside a report: links, cut, repetition, and what is left alone."""

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main
from report.page_reading import Page, read_page

GOLDEN = Path(__file__).parents[1] / "golden" / "subjects"
NUMBERS = [f"01-{number:03}" for number in range(1, 13)]


def write_report(data: Path, output: Path, *options: str) -> Path:
    """The report of a trial in a file."""
    words = ["report", str(data), "--output", str(output), *options]
    done = CliRunner().invoke(main, words)
    assert done.exit_code in (0, 1), done.output
    return output


LATER = "01-007,F09,2025-09-09,phone"  # a call after DC1


def write_rows(data: Path, *, backwards: bool = False, without: str = "", bad: str = "") -> Path:
    """The twelve subjects and a later call in a folder; in another order, or without a subject."""
    shutil.copytree(GOLDEN, data, dirs_exist_ok=True)
    for file in data.glob("*.csv"):
        head, *rows = file.read_text(encoding="utf-8").splitlines()
        rows += [LATER] if file.stem == "surv" else []
        kept = [
            row.replace("01-011", bad or "01-011")
            for row in rows
            if not without or not row.startswith(without)
        ]
        lines = [head, *(kept[::-1] if backwards else kept)]
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


@pytest.fixture(name="report", scope="module")
def _report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the twelve subjects as of DC1, in a file whose name has a space."""
    folder = tmp_path_factory.mktemp("pages")
    data = write_rows(folder / "data")
    return write_report(data, folder / "report of DC1.html", "--cut", "DC1")


@pytest.fixture(name="whole", scope="module")
def _whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the twelve subjects, every entry counted."""
    folder = tmp_path_factory.mktemp("whole")
    return write_report(write_rows(folder / "data"), folder / "report.html")


def pages_of(report: Path) -> dict[str, str]:
    """The pages beside a report by name."""
    folder = report.parent / f"{report.stem}-subjects"
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}


def links_of(page: Page) -> list[str]:
    """Every address on a page."""
    return [found["href"] for found in page.attributes_of("a") if "href" in found]


def test_every_randomised_subject_has_a_page_beside_the_report(report: Path) -> None:
    assert list(pages_of(report)) == [f"{number}.html" for number in NUMBERS]


def test_every_link_of_report_and_pages_leads_to_something(report: Path) -> None:
    read: dict[Path, Page] = {}

    def page(file: Path) -> Page:
        if file not in read:
            read[file] = read_page(file.read_text(encoding="utf-8"))
        return read[file]

    folder = report.parent / f"{report.stem}-subjects"
    away = 0
    for file in (report, *sorted(folder.iterdir())):
        for address in links_of(page(file)):
            parts = urlsplit(address)
            assert not parts.scheme + parts.netloc, address
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            assert target.is_file(), address
            if parts.fragment:
                assert unquote(parts.fragment) in page(target).ids, address
            away += bool(parts.path)
    assert away > 100


def test_every_row_of_a_listing_leads_to_a_page(report: Path) -> None:
    page = read_page(report.read_text(encoding="utf-8"))
    led = {urlsplit(address).path.rpartition("/")[2] for address in links_of(page)} - {""}

    assert led == set(pages_of(report))


def test_a_page_has_the_stamp_and_the_notice_of_its_report(report: Path) -> None:
    whole = read_page(report.read_text(encoding="utf-8"))
    digest = whole.text.split("digest ")[1][:64]

    for html in pages_of(report).values():
        assert digest in html
        assert "Rehearsed trial" not in html


def test_what_came_after_the_cut_leaves_no_trace(report: Path, whole: Path) -> None:
    assert "2025-09-09" in pages_of(whole)["01-007.html"]
    for html in (report.read_text(encoding="utf-8"), *pages_of(report).values()):
        assert "2025-09-09" not in html
        assert "2025-08-15" not in html  # an earlier call of 01-007, after DC1 too


def test_the_same_entries_in_another_order_give_the_same_bytes(tmp_path: Path, whole: Path) -> None:
    data = write_rows(tmp_path / "data", backwards=True)

    again = write_report(data, tmp_path / "report.html")

    assert pages_of(again) == pages_of(whole)


def test_old_pages_go_other_files_stay_and_a_hostile_id_writes_no_file_elsewhere(
    tmp_path: Path, whole: Path
) -> None:
    folder = tmp_path / "out" / "report-subjects"
    shutil.copytree(whole.parent / "report-subjects", folder)
    (folder / "notes.html").write_text("<p>mine</p>", encoding="utf-8")
    data = write_rows(tmp_path / "data", without="01-012", bad="../../away")

    report = write_report(data, tmp_path / "out" / "report.html")

    names = set(pages_of(report))
    assert {"notes.html", "01-010.html"} <= names
    assert not {"01-011.html", "01-012.html"} & names
    assert not list(tmp_path.rglob("away*"))
    assert {file.name for file in report.parent.iterdir()} == {"report-subjects", "report.html"}


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "report-subjects").write_text("a file", encoding="utf-8")

    done = CliRunner().invoke(main, ["report", str(GOLDEN), "--output", f"{tmp_path}/report.html"])

    assert done.exit_code == 2
    assert "cannot be written" in done.output
