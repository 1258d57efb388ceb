"""The rules on records of other trials: each planted fault and nothing else, clean twins silent."""

import pytest

from equipoise.interop.registry_record_rules import check_registry_record
from interop.registry.registry_samples import FOLDER, PLANTED, read_sample


def test_every_record_is_planted_and_has_a_clean_twin() -> None:
    names = {path.stem for path in FOLDER.glob("*.txt")}
    assert names == set(PLANTED) | {f"{name}_clean" for name in PLANTED}
    assert len(PLANTED) >= 12


def test_no_two_records_have_the_same_fault() -> None:
    codes = [code for code, _ in PLANTED.values()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_planted_fault_is_found_with_its_code_and_nothing_else(name: str) -> None:
    code, place = PLANTED[name]
    findings = check_registry_record(read_sample(name))
    assert [finding.code for finding in findings] == [code]
    assert place in findings[0].where


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_mended_twin_has_no_finding(name: str) -> None:
    assert check_registry_record(read_sample(f"{name}_clean")) == ()


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_record_and_its_twin_differ_in_one_line(name: str) -> None:
    planted = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    clean = (FOLDER / f"{name}_clean.txt").read_text(encoding="utf-8").splitlines()
    assert sum(one != other for one, other in zip(planted, clean, strict=True)) == 1


@pytest.mark.parametrize("name", sorted(PLANTED))
def test_a_finding_says_what_is_wrong_and_proposes_a_resolution(name: str) -> None:
    (finding,) = check_registry_record(read_sample(name))
    assert finding.message.endswith(".")
    assert finding.mend.endswith(".")
