"""The terms that this trial expects, one by one, and the size of each class (D6.1, D6.3)."""

from collections import Counter

import pytest

from equipoise.vocab.ctcae import allowed_grades, read_ctcae

# MedDRA code | class begins with | term | grades allowed
EXPECTED = """
10037383 | Respiratory | Pulmonary fibrosis | 1-5
10013963 | Respiratory | Dyspnea | 1-5
10011224 | Respiratory | Cough | 1-3
10035598 | Respiratory | Pleural effusion | 1-5
10065746 | Respiratory | Bronchopulmonary hemorrhage | 1-5
10063524 | Respiratory | Bronchial stricture | 1-5
10006437 | Respiratory | Bronchial fistula | 1-5
10006440 | Respiratory | Bronchial obstruction | 1-5
10065787 | Respiratory | Tracheal fistula | 1-5
10015461 | Gastrointestinal | Esophagitis | 1-5
10015448 | Gastrointestinal | Esophageal stenosis | 1-5
10065851 | Gastrointestinal | Esophageal fistula | 1-5
10013950 | Gastrointestinal | Dysphagia | 1-5
10047700 | Gastrointestinal | Vomiting | 1-5
10012727 | Gastrointestinal | Diarrhea | 1-5
10009887 | Gastrointestinal | Colitis | 1-5
10014893 | Gastrointestinal | Enterocolitis | 1-5
10017853 | Gastrointestinal | Gastritis | 1-5
10017822 | Gastrointestinal | Gastric ulcer | 1-5
10013836 | Gastrointestinal | Duodenal ulcer | 1-5
10013832 | Gastrointestinal | Duodenal perforation | 2-5
10017815 | Gastrointestinal | Gastric perforation | 2-5
10041103 | Gastrointestinal | Small intestinal perforation | 2-5
10010001 | Gastrointestinal | Colonic perforation | 2-5
10017877 | Gastrointestinal | Gastrointestinal fistula | 1-5
10055356 | Gastrointestinal | Upper gastrointestinal hemorrhage | 1-5
10051746 | Gastrointestinal | Lower gastrointestinal hemorrhage | 1-5
10033645 | Gastrointestinal | Pancreatitis | 2-5
10028130 | Gastrointestinal | Mucositis oral | 1-5
10061103 | Injury | Dermatitis radiation | 1-5
10037767 | Injury | Radiation recall reaction (dermatologic) | 1-5
10017076 | Injury | Fracture | 1-5
10020100 | Injury | Hip fracture | 2-4
10051792 | Injury | Infusion related reaction | 1-5
10008496 | Musculoskeletal | Chest wall pain | 1-3
10003988 | Musculoskeletal | Back pain | 1-3
10006002 | Musculoskeletal | Bone pain | 1-3
10031264 | Musculoskeletal | Osteonecrosis | 1-5
10003239 | Musculoskeletal | Arthralgia | 1-3
10028653 | Musculoskeletal | Myositis | 1-4
10065799 | Musculoskeletal | Fibrosis deep connective tissue | 1-5
10065798 | Musculoskeletal | Superficial soft tissue fibrosis | 1-5
10028524 | Infections | Myelitis | 1-5
10061928 | Nervous | Radiculitis | 1-5
10065784 | Nervous | Central nervous system necrosis | 1-5
10034620 | Nervous | Peripheral sensory neuropathy | 1-4
10018767 | Nervous | Guillain-Barre syndrome | 1-5
10001367 | Endocrine | Adrenal insufficiency | 1-5
10021114 | Endocrine | Hypothyroidism | 1-5
10020850 | Endocrine | Hyperthyroidism | 1-5
10062767 | Endocrine | Hypophysitis | 1-5
10003481 | Investigations | Aspartate aminotransferase increased | 1-4
10005364 | Investigations | Blood bilirubin increased | 1-4
10011368 | Investigations | Creatinine increased | 1-4
10024574 | Investigations | Lipase increased | 1-4
10035528 | Investigations | Platelet count decreased | 1-4
10029366 | Investigations | Neutrophil count decreased | 1-4
10025256 | Investigations | Lymphocyte count decreased | 1-4
10047900 | Investigations | Weight loss | 1-3
10002272 | Blood | Anemia | 1-5
10016558 | General | Fever | 1-5
10033371 | General | Pain | 1-3
10002646 | Metabolism | Anorexia | 1-5
10020639 | Metabolism | Hyperglycemia | 1-5
10020772 | Vascular | Hypertension | 1-5
10043565 | Vascular | Thromboembolic event | 1-5
10042244 | Nervous | Stroke | 1-5
10037032 | Renal | Proteinuria | 1-3
10064848 | Renal | Chronic kidney disease | 1-5
10019450 | Renal | Hematuria | 1-5
10019663 | Hepatobiliary | Hepatic failure | 3-5
10051341 | Hepatobiliary | Bile duct stenosis | 1-5
10034484 | Cardiac | Pericarditis | 1-5
10034474 | Cardiac | Pericardial effusion | 2-5
10028606 | Cardiac | Myocarditis | 2-5
10019279 | Cardiac | Heart failure | 1-5
10054524 | Skin | Palmar-plantar erythrodysesthesia syndrome | 1-3
10037868 | Skin | Rash maculo-papular | 1-3
10037087 | Skin | Pruritus | 1-3
10040947 | Skin | Skin ulceration | 1-5
"""
LINES = EXPECTED.strip().splitlines()

CLASSES = """
Blood 12 | Cardiac 34 | Congenital 1 | Ear 8 | Endocrine 14 | Eye 26 | Gastrointestinal 122
General 25 | Hepatobiliary 18 | Immune 6 | Infections 88 | Injury 79 | Investigations 42
Metabolism 26 | Musculoskeletal 44 | Neoplasms 7 | Nervous 68 | Pregnancy 4 | Psychiatric 21
Renal 23 | Reproductive 49 | Respiratory 62 | Skin 39 | Social 1 | Surgical 1 | Vascular 17
"""


@pytest.mark.parametrize("line", LINES)
def test_a_term_has_its_code_class_and_grades(line: str) -> None:
    code, soc, term, grades = line.split(" | ")
    lowest, highest = (int(grade) for grade in grades.split("-"))
    entry = read_ctcae()[term]
    assert entry.code == code
    assert entry.soc.startswith(soc)
    assert entry.grades == allowed_grades(term) == frozenset(range(lowest, highest + 1))


def test_no_term_is_expected_twice() -> None:
    terms = [line.split(" | ")[2] for line in LINES]
    assert len(set(terms)) == len(terms) == 80


def test_each_class_has_as_many_terms_as_the_workbook() -> None:
    counted = Counter(term.soc.split()[0].rstrip(",") for term in read_ctcae().values())
    told = [cell.split() for line in CLASSES.strip().splitlines() for cell in line.split(" | ")]
    assert dict(counted) == {name: int(number) for name, number in told}


def test_the_rarer_sets_of_grades_are_counted_as_in_the_workbook() -> None:
    counts = Counter("".join(map(str, sorted(t.grades))) for t in read_ctcae().values())
    assert (counts["1"], counts["2"], counts["45"]) == (18, 11, 10)
    assert counts[""] == 0


def test_a_term_is_found_by_its_exact_words_only() -> None:
    assert allowed_grades("pneumonitis") is None
    assert allowed_grades("Pneumonitis ") is None
    assert allowed_grades("") is None
