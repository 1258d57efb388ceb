"""Words that are no term of CTCAE v5.0: synonyms, spellings, slips of the keys (D6.3)."""

import csv
from importlib.resources import files

import pytest

from equipoise.vocab.ctcae import read_ctcae
from equipoise.vocab.term_suggestions import SIMILAR, suggest_terms


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("Radiation pneumonitis", "Pneumonitis"),
        ("VERTEBRAL compression-fracture", "Spinal fracture"),
        ("Hepatitis (immune)", "Alanine aminotransferase increased"),
        ("Hand-foot syndrome", "Palmar-plantar erythrodysesthesia syndrome"),
        ("Rib fracture", "Fracture"),
        ("Diarrhoea", "Diarrhea"),
        ("oesophagitis", "Esophagitis"),
        ("Anaemia", "Anemia"),
        ("Hyperkalaemia", "Hyperkalemia"),
        ("Haematuria", "Hematuria"),
    ],
)
def test_a_synonym_or_another_spelling_stands_alone(said: str, term: str) -> None:
    (only,) = suggest_terms(said)
    assert only.term == term
    assert only.source != SIMILAR


@pytest.mark.parametrize(
    ("said", "term"), [("Nausae", "Nausea"), ("Dysphagea", "Dysphagia"), ("Colitiss", "Colitis")]
)
def test_a_slip_of_the_keys_is_answered_with_the_nearest_term(said: str, term: str) -> None:
    assert suggest_terms(said)[0].term == term


@pytest.mark.parametrize("said", ["", "  ", "xyzzy", "123", "-", "a" * 5000])
def test_nothing_near_gives_nothing(said: str) -> None:
    assert suggest_terms(said) == ()


def test_at_most_as_many_as_are_asked_for_in_one_order() -> None:
    assert len(suggest_terms("gastric fracture ulcer", most=1)) <= 1
    assert suggest_terms("duodenal ulcers") == suggest_terms("duodenal ulcers", most=3)


def test_every_synonym_is_a_term_has_a_source_and_is_no_term_itself() -> None:
    text = (files("equipoise.vocab") / "ctcae_synonyms.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    terms = {term.lower() for term in read_ctcae()}
    assert all(row["term"] in read_ctcae() and row["source"] for row in rows)
    assert not {row["said"] for row in rows} & terms
    assert len({row["said"] for row in rows}) == len(rows)
