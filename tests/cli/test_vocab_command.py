"""`equipoise vocab import-ctcae`: the right workbook, another one, and files that are none."""

import io
import json
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from click.testing import CliRunner

from equipoise.cli.main import main
from equipoise.vocab.ctcae import CtcaeTerm, read_ctcae
from equipoise.vocab.ctcae_workbook import (
    SHEET,
    WorkbookRefusedError,
    parse_wording,
    parse_workbook,
    render_wording,
)

NS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
HEAD = ["MedDRA Code", "MedDRA SOC", "CTCAE Term", *(f"Grade {g}\u00a0\u00a0" for g in range(1, 6))]


def row_of(term: CtcaeTerm, *, grades: frozenset[int] | None = None) -> list[str]:
    """A row as the workbook has it, with made wording."""
    allowed = term.grades if grades is None else grades
    words = [f"made words {g}" if g in allowed else " -" for g in range(1, 6)]
    return [term.code, term.soc, term.term, *words]


def every_row() -> list[list[str]]:
    """The rows of all terms."""
    return [row_of(term) for term in read_ctcae().values()]


def workbook(rows: list[list[str]], *, sheet: str = SHEET, head: str = "") -> bytes:
    """A workbook with one sheet, its texts in the cells; `head` stands before the sheet's XML."""
    lines = "".join(
        f'<row r="{n}">'
        + "".join(
            f'<c r="{chr(65 + at)}{n}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
            for at, cell in enumerate(row)
            if cell
        )
        + "</row>"
        for n, row in enumerate(rows, start=1)
    )
    parts = {
        "xl/workbook.xml": f'<workbook xmlns="{NS}" xmlns:r="{REL}"><sheets>'
        f'<sheet name="{sheet}" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{NS}"><sheetData>{lines}'
        "</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def run(content: bytes, folder: Path, *more: str) -> tuple[int, str, Path]:
    """Exit code, what was printed, and where the wording went."""
    file, output = folder / "book.xlsx", folder / "wording.csv"
    file.write_bytes(content)
    words = ["vocab", "import-ctcae", str(file), "--output", str(output), *more]
    done = CliRunner().invoke(main, words)
    return done.exit_code, done.output, output


def test_the_workbook_gives_a_file_of_wording(tmp_path: Path) -> None:
    code, told, output = run(workbook([HEAD, *every_row()]), tmp_path)
    assert (code, "837 terms" in told) == (0, True)
    wording = parse_wording(output.read_text(encoding="utf-8"))
    assert wording["Fatigue", 3] == "made words 3"
    assert ("Fatigue", 4) not in wording
    assert len({term for term, _ in wording}) == 837


def test_every_difference_from_the_shipped_facts_is_told(tmp_path: Path) -> None:
    rows = every_row()
    terms = [row[2] for row in rows]
    fatigue, nausea, colitis = (terms.index(name) for name in ("Fatigue", "Nausea", "Colitis"))
    rows[fatigue][0] = "1"
    rows[nausea][1] = "Eye disorders"
    rows[colitis] = row_of(read_ctcae()["Colitis"], grades=frozenset({1, 2}))
    rows[terms.index("Fever")][2] = "Feverishness"
    code, told, output = run(workbook([HEAD, *rows]), tmp_path, "--json")
    found = {(each["code"], each["found"]) for each in json.loads(told)["findings"]}
    assert code == 1
    assert found == {
        ("code-differs", "1"),
        ("class-differs", "Eye disorders"),
        ("grades-differ", "12"),
        ("term-unknown", "Feverishness"),
        ("term-missing", "Fever"),
    }
    assert "Feverishness" not in output.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no readable workbook"),
        (b"code,term\n1,Fatigue\n", "no readable workbook"),
        (workbook([HEAD])[:200], "no readable workbook"),
        (workbook([HEAD], sheet="CTCAE v4.03"), "no sheet"),
        (workbook([HEAD[:4]]), "no column 'Grade 2'"),
        (workbook([]), "is empty"),
        (workbook([HEAD], head="<!DOCTYPE x [<!ENTITY a 'b'>]>"), "more than plain XML"),
        (workbook([HEAD], head="<broken"), "no readable workbook"),
    ],
)
def test_another_file_is_refused_with_the_reason(
    content: bytes, words: str, tmp_path: Path
) -> None:
    code, told, output = run(content, tmp_path)
    assert code == 2
    assert words in told
    assert "National Cancer Institute" in told
    assert not output.exists()


def test_a_part_that_unpacks_to_a_monster_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 31_000_000)
    with pytest.raises(WorkbookRefusedError, match="too large"):
        parse_workbook(out.getvalue())


def test_wording_written_and_read_is_the_same() -> None:
    wording = parse_workbook(workbook([HEAD, *every_row()]))
    assert parse_wording(render_wording(wording)) == wording.words
    assert wording.findings == ()
