"""The catalogue of forms: each check with an entry that it leaves alone and one that it finds."""

from datetime import date
from functools import cache

import pytest

from capture.small_trial import protocol, trial
from equipoise.capture.derived_items import complete
from equipoise.capture.edit_checks import check_frames
from equipoise.capture.validate import validate
from equipoise.protocol.form_model import Form

TODAY = date(2026, 12, 1)
USUAL = {
    "dm": "subject|site|sex|birth_year\n01-001|01|F|1960",
    "icf": "subject|consent_date|consent_version\n01-001|2026-02-20|1.0",
    "rand": "subject|randomised_date|omd_induced|n_mets|imdc\n01-001|2026-03-09|N|1-3|fav",
    "diag": "subject|primary_date|histology|nephrectomy|first_metastasis_date\n"
    "01-001|2025-01-01|clear_cell|done|2025-01-20",
    "omd": "subject|poly_history|oligo_history\n01-001|N|N",
    "imdc": "subject|lab_date|kps\n01-001|2026-03-01|80",
    "les_bl": "subject|lesion|role|kind|site|scan_date|method|ld_mm|prior_rt|intend_sbrt\n"
    "01-001|L01|target|non_nodal|lung|2026-03-01|ct|22|N|Y\n"
    "01-001|L02|non_target|non_nodal|lung|2026-03-01|ct|9|N|N",
    "rt_rx": "subject|lesion|planned_date|dose_gy|fractions|ptv_cc\n01-001|L01|2026-03-20|50|5|20",
    "rt_fx": "subject|lesion|fraction|fraction_date|dose_gy\n01-001|L01|1|2026-04-01|10",
    "rs": "subject|visit|assessment_date|target|new_lesion|overall\n01-001|M3|2026-06-01|SD|N|SD",
    "ae": "subject|record|term|grade|onset_date|serious|related_ici|outcome\n"
    "01-001|1|Pneumonitis|4|2026-05-02|Y|probable|not_recovered\n"
    "01-001|2|Fatigue|2|2026-05-02|N|none|not_recovered",
    "sae": "subject|record|report|is_life_threatening|aware_date|aware_time|reported_date|"
    "reported_time|expectedness|narrative\n"
    "01-001|1|initial|Y|2026-05-02|10:00|2026-05-03|09:00|expected|Short of breath.",
    "ecog": "subject|visit|ecog_date|ecog\n01-001|SCR|2026-02-20|1\n01-001|M3|2026-06-01|1",
}
DEATH = "subject|death_date|cause\n01-001|2026-10-05|rcc"

# form | the items of an entry, then after each bar: what is said otherwise -> the check, or `-`
CASES = """
reconsent | record=1 reconsent_date=2026-07-01 consent_version=2.0 reason=amendment
  | - | reconsent_date=2026-02-19 -> reconsent-before-consent
  | reconsent_date=2026-12-02 -> reconsent-in-future
  | consent_version=1.0 -> reconsent-to-the-same-version
mh | record=1 condition=Gout system=other autoimmune=N start_date=2019 ongoing=Y
  | - | ongoing=N start_date=2020 end_date=2019 -> history-end-before-start
  | ongoing=N end_date=2021 -> - | end_date=2020-05 -> history-ongoing-with-end
  | start_date=2026-02 -> - | start_date=2026-03 -> history-after-consent
  | autoimmune=Y -> autoimmune-history | autoimmune=Y ongoing=N -> -
prior_loc | record=1 site=lung modality=sbrt treated_date=2025-01-10 dose_gy=30 fractions=10
  | - | treated_date=2026-03-10 -> local-therapy-after-randomisation | overlap=N -> -
  | overlap=Y -> overlap-with-index-volume | fractions= -> earlier-dose-without-fractions
  | lesion=L02 -> earlier-irradiation-not-marked
  | treated_date=2026-12-02 -> local-therapy-after-randomisation local-therapy-in-future
vs | visit=SCR vs_date=2026-02-20 weight_kg=70 height_cm=170 systolic_mm_hg=120 diastolic_mm_hg=80
  | - | vs_date=2026-02-19 -> vitals-before-consent | vs_date=2026-12-02 -> vitals-in-future
  | diastolic_mm_hg=120 -> diastolic-not-below-systolic | diastolic_mm_hg=119 -> -
cm | record=1 ingredient=prednisone indication=adverse_event start_date=2026-05 ongoing=Y corticosteroid=Y prednisone_mg=10
  | - | prednisone_mg=10.5 -> steroid-over-10-mg | prednisone_mg= -> steroid-without-dose
  | ongoing=N stop_date=2026-06 -> - | stop_date=2026-06 -> medication-ongoing-with-stop
  | ongoing=N stop_date=2026-04-30 -> medication-stop-before-start
eot | modality=sbrt ended_date=2026-04-01 last_given_date=2026-04-01 reason=completed
  | - | ended_date=2026-03-08 last_given_date= -> treatment-ended-before-randomisation fraction-after-end-of-sbrt
  | ended_date=2026-12-02 -> treatment-ended-in-future
  | last_given_date=2026-04-02 -> last-dose-after-end
  | ended_date=2026-03-31 last_given_date= -> fraction-after-end-of-sbrt
  | reason=death -> ended-by-death-while-alive
rt_plan | lesion=L01 plan_date=2026-03-20 piv_cc=22 ptv_covered_cc=19.5 half_dose_cc=80 ptv_d98_gy=48 ptv_d95_gy=50 ptv_d50_gy=56 ptv_d2_gy=60 ptv_max_gy=62
  | - | lesion=L02 -> plan-without-prescription | ptv_covered_cc=20.1 -> covered-beyond-volume
  | half_dose_cc=21 -> half-dose-below-isodose | ptv_d98_gy=50.5 -> dvh-points-out-of-order
  | ptv_covered_cc=17.9 -> coverage-below-90 | ptv_covered_cc=18 -> -
  | piv_cc=31 half_dose_cc=90 -> conformity-over-1-5 paddick-below-0-7
  | ptv_max_gy=81 -> largest-dose-unusual | ptv_d98_gy=44 -> near-minimum-below-90
rt_dvh | lesion=L01 record=1 structure=SpinalCord metric=max value=20 unit=Gy limit_set=tg101 optimal=25 mandatory=30
  | - | lesion=L02 -> dose-without-prescription | optimal=31 -> dose-limits-swapped
  | unit=percent -> metric-in-wrong-unit | value=31 -> mandatory-limit-exceeded | value=30 -> -
  | value=31 accepted=tumour -> -
rtqa | lesion=L01 review_date=2026-03-25 reviewer=central first_case=Y contour_score=acceptable plan_score=per_protocol approved_date=2026-03-26
  | - | lesion=L02 -> review-without-prescription | approved_date=2026-03-24 -> approved-before-review
  | plan_score=unacceptable -> approved-though-unacceptable
  | plan_score=unacceptable approved_date= first_case=N -> -
  | approved_date=2026-04-02 -> first-case-treated-unapproved
  | approved_date= -> first-case-treated-unapproved
  | first_case=N approved_date=2026-04-02 -> approved-after-first-fraction
rt_none | lesion=L01 decided_date=2026-04-03 what=rest reason=worse
  | - | lesion=L09 -> not-given-lesion-unknown | lesion=L02 -> not-given-no-index-lesion
  | what=none -> not-given-but-fractions | decided_date=2026-03-01 -> not-given-before-randomisation
bicr | visit=M3 read_date=2026-06-10 target=SD new_lesion=N overall=SD readable=good
  | - | read_date=2026-05-31 -> read-before-the-scan
  | non_target=CR overall=PD -> reader-progression-without-reason reader-differs-on-progression
  | target=PD overall=PD -> reader-differs-on-progression
  | readable=unreadable -> unreadable-but-read | readable=unreadable overall=NE -> -
adj | visit=M3 adjudicator=first adjudicated_date=2026-06-20 progression=Y progression_date=2026-06-01 pattern=target
  | - | progression_date= -> adjudicated-progression-undated
  | adjudicated_date=2026-05-30 -> adjudicated-before-progression
  | progression_date=2026-03-09 -> adjudicated-before-randomisation adjudicated-date-differs
  | progression_date=2026-06-02 -> adjudicated-date-differs
dev | record=1 deviation_date=2026-06-01 category=sbrt_in_control severity=important description=Ablated. capa=Training. ethics_date=2026-06-20
  | - | deviation_date=2026-02-01 -> deviation-before-consent
  | deviation_date=2026-12-02 ethics_date= -> deviation-in-future
  | capa= -> important-without-action | severity=major ethics_date= -> control-irradiated-not-important
  | ethics_date=2026-05-01 -> told-before-it-happened
eq5d | visit=M3 completed_date=2026-06-01 dimension_1=1 dimension_2=1 dimension_3=1 dimension_4=1 dimension_5=1 vas=80
  | - | completed_date=2026-02-19 -> eq5d-before-consent eq5d-far-from-visit
  | completed_date=2026-12-02 -> eq5d-in-future eq5d-far-from-visit
  | completed_date=2026-06-15 -> - | completed_date=2026-06-16 -> eq5d-far-from-visit
  | visit=SCR completed_date=2026-03-10 -> eq5d-baseline-after-randomisation eq5d-far-from-visit
  | vas=39 -> eq5d-scale-does-not-fit | vas= dimension_1= -> eq5d-without-answers
  | vas= dimension_1= not_answered=unwell -> -
nfksi | visit=M6 completed_date=2026-09-01 not_answered=refused
  | - | not_answered= -> nfksi-without-answers
nfksi | visit=M3 completed_date=2026-06-01 gp1=0 gp4=0 c2=0 hi7=0 b1=0 brm3=0 bp1=0 l2=0 hi12=0 rcc2=0
  | - | rcc2= -> nfksi-half-answered | completed_date=2026-02-19 -> nfksi-before-consent nfksi-far-from-visit
  | completed_date=2026-12-02 -> nfksi-in-future nfksi-far-from-visit
  | visit=SCR completed_date=2026-03-10 -> nfksi-baseline-after-randomisation nfksi-far-from-visit
sae | record=1 report=initial is_life_threatening=Y aware_date=2026-05-02 aware_time=10:00 reported_date=2026-05-03 reported_time=10:00 expectedness=expected narrative=Cough.
  | - | record=9 -> report-without-event serious-without-report serious-death-not-grade-5?
  | record=2 -> report-of-no-serious-event serious-without-report
  | is_life_threatening= -> serious-without-criterion | is_death=Y -> serious-death-not-grade-5
  | aware_date=2026-05-01 reported_date=2026-05-01 reported_time=23:00 -> known-before-onset
  | reported_time=10:01 -> report-late | reported_date=2026-05-04 -> report-late
  | reported_date=2026-05-02 reported_time=09:59 -> reported-before-known
  | reported_date= reported_time= -> report-overdue
  | expectedness=unexpected authority_date=2026-05-09 -> -
  | expectedness=unexpected authority_date=2026-05-10 -> authority-late
  | expectedness=unexpected is_life_threatening=N is_important=Y authority_date=2026-05-17 -> -
  | expectedness=unexpected is_life_threatening=N is_important=Y authority_date=2026-05-18 -> authority-late
  | expectedness=unexpected -> authority-overdue
  | aware_date=2026-12-02 reported_date=2026-12-02 reported_time=23:00 -> known-in-future
  | is_hospitalisation=Y admitted_date=2026-05-03 discharged_date=2026-05-02 -> discharge-before-admission
icf | consent_date=2026-02-20 consent_version=1.0 biobank=Y
  | - | consent_version=0.9 -> consent-version-not-in-force
dm | site=01 sex=F birth_year=1960 race=asian
  | - | birth_year=2027 -> born-after-consent
imdc | lab_date=2026-03-01 kps=80
  | - | kps=85 -> kps-not-in-tens ecog-does-not-fit-kps
ecog | visit=SCR ecog_date=2026-02-20 ecog=2
  | - | ecog=3 -> ecog-over-2-at-screening | visit=M3 ecog_date=2026-06-01 ecog=3 -> -
  | ecog_date=2026-02-19 -> ecog-before-consent
diag | primary_date=2025-01-01 histology=clear_cell nephrectomy=done nephrectomy_date=2025-02-01 first_metastasis_date=2025-01-20 cm=M1
  | - | nephrectomy_date=2026-12-02 -> nephrectomy-done-in-future
  | first_metastasis_date=2025-09-01 -> m1-but-late-metastasis
prior_sys | line=1 agents=sunitinib start_date=2024-01-01 stop_date=2024-06-01
  | - | line=2 -> line-left-out | stop_date=2026-03-10 -> prior-stop-after-randomisation
ie | sbrt_amenable=Y staging_date=2026-03-01 cns_metastases=N ild=N autoimmune=N second_malignancy=N overlap_rt=N ticked_lesions=Y ticked_age=Y ticked_organs=Y ticked_size=Y ticked_primary=Y ticked_class=Y ticked_kps=Y
  | - | ticked_lesions=N -> ticked-lesions-differs | ticked_organs=N -> ticked-organs-differs
  | ticked_age=N -> ticked-age-differs | ticked_size=N -> ticked-size-differs
  | ticked_primary=N -> ticked-primary-differs | ticked_class=N -> ticked-class-differs
  | ticked_kps=N -> ticked-kps-differs
rs | visit=M3 assessment_date=2026-06-01 target=SD new_lesion=N overall=SD irecist=iSD
  | - | target=PR overall=PR irecist=iCPD -> irecist-without-progression
ex_sys | record=1 regimen=pembro_axi agent=axitinib start_date=2026-03-10 planned_dose_mg=10 dose_mg=10 route=oral action=given
  | - | agent=nivolumab route=intravenous -> agent-not-of-regimen
  | route=intravenous -> route-does-not-fit | agent=pembrolizumab -> route-does-not-fit
  | action=reduced -> reduced-dose-not-lower | action=reduced dose_mg=5 -> -
  | action=held dose_mg=0 reason=sbrt -> - | action=stopped reason=sbrt -> hold-around-sbrt-not-held
  | action=held -> held-with-dose
rt_rx | lesion=L01 planned_date=2026-03-20 dose_gy=50 fractions=5 gtv_cc=5 itv_cc=9 ptv_cc=20
  | - | gtv_cc=10 -> volumes-not-nested | itv_cc=21 -> volumes-not-nested
rt_fx | lesion=L01 fraction=1 fraction_date=2026-04-01 dose_gy=10 interrupted=N
  | - | interrupted=Y -> interruption-without-reason | interrupted=Y interruption=pain -> -
surg | record=1 type=nephrectomy surgery_date=2026-06-01 planned=Y margins=R0
  | - | surgery_date=2026-12-02 -> surgery-in-future
surv | visit=M3 alive_date=2026-06-01 status=alive
  | - | status=dead -> dead-without-death-form | alive_date=2026-12-02 -> contact-in-future
"""  # noqa: E501


def read_cases() -> list[tuple[str, dict[str, str], set[str]]]:
    """Each case of the table: form, items by name, the checks that find it."""
    cases: list[tuple[str, dict[str, str], set[str]]] = []
    name, base = "", ""
    for line in CASES.strip().splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if not line.startswith(" "):
            name, base = cells[0], cells[1]
        for cell in cells[2:] if not line.startswith(" ") else cells[1:]:
            change, _, codes = cell.partition("->")
            said = base if cell == "-" else f"{base} {change}"
            items = dict(pair.split("=", 1) for pair in said.split())
            cases.append((name, items, set(codes.split()) - {"-"}))
    return cases


READ = read_cases()


def found_in(form: str, items: dict[str, str], **others: str) -> set[str]:
    """The codes of the checks that find the entry beside the usual ones, the small trial whole."""
    laid = {**USUAL, **others}
    cells = "|".join(["01-001", *items.values()])
    laid[form] = f"subject|{'|'.join(items)}\n{cells}"
    checks = {check.id for each in protocol().form for check in each.check}
    told = check_frames(trial(**laid), protocol(), as_of_date=TODAY)
    return {finding.code for finding in told} & checks


@cache
def unchanged(form: str) -> set[str]:
    """What the usual entries raise with the entry of the table as it stands first."""
    return found_in(form, next(items for name, items, _ in READ if name == form))


@pytest.mark.parametrize(
    ("form", "items", "codes"),
    [pytest.param(f, i, c, id=f"{f}-{n}") for n, (f, i, c) in enumerate(READ)],
)
def test_each_check_finds_what_is_wrong_and_nothing_else(
    form: str, items: dict[str, str], codes: set[str]
) -> None:
    certain = {code for code in codes if not code.endswith("?")}
    perhaps = {code.rstrip("?") for code in codes}
    found = found_in(form, items) - unchanged(form)

    assert certain <= found <= perhaps


@pytest.mark.parametrize("form", protocol().form, ids=lambda form: form.form)
def test_the_first_entry_of_each_form_in_the_table_is_valid(form: Form) -> None:
    told = {name: items for name, items, _ in reversed(READ)}
    if form.form not in told:
        return
    read = validate(form, raw={"subject": "01-001", **told[form.form]}, protocol=protocol())

    assert [str(each) for each in read.findings] == []
    assert {*told[form.form]} == {*read.values}


def test_every_new_form_stands_in_the_table() -> None:
    new = "reconsent mh prior_loc vs sae cm eot nfksi eq5d rt_plan rt_dvh rtqa rt_none bicr adj dev"

    assert {*new.split()} <= {name for name, _, _ in READ}


# form | a date of an entry after death | the check
@pytest.mark.parametrize(
    ("form", "change", "code"),
    [
        ("reconsent", "reconsent_date=2026-10-06", "reconsent-after-death"),
        ("vs", "vs_date=2026-10-06 visit=M6", "vitals-after-death"),
        ("nfksi", "completed_date=2026-10-06", "nfksi-after-death"),
        ("eq5d", "completed_date=2026-10-06", "eq5d-after-death"),
        ("cm", "start_date=2026-10-06", "medication-after-death"),
        ("adj", "adjudicated_date=2026-11-01 progression_date=2026-10-06",
         "adjudicated-after-death"),
    ],
)  # fmt: skip
def test_nothing_happens_to_the_dead(form: str, change: str, code: str) -> None:
    first = next(items for name, items, _ in READ if name == form)
    late = {**first, **dict(pair.split("=") for pair in change.split())}
    if form == "vs":
        late.pop("height_cm")

    assert code in found_in(form, late, dth=DEATH)
    assert code not in found_in(form, late)


def test_a_weight_is_held_against_that_at_screening() -> None:
    weights = (
        "subject|visit|vs_date|weight_kg|height_cm\n01-001|SCR|2026-02-20|70|175\n"
        "01-001|M3|2026-06-01|{}|"
    )
    for kilograms, found in ((77, []), (77.1, ["weight-changed"]), (62.9, ["weight-changed"])):
        frames = trial(**USUAL, vs=weights.format(kilograms))
        told = check_frames(frames, protocol(), as_of_date=TODAY)
        assert [f.code for f in told if f.where.startswith("vs ")] == found

    assert complete(frames, protocol())["vs"]["bmi_kg_m2"][0] == pytest.approx(70 / 1.75**2)


def test_two_adjudicators_who_differ_need_the_third_and_no_others_do() -> None:
    head = "subject|visit|adjudicator|adjudicated_date|progression|progression_date\n"
    yes = "01-001|M3|{}|2026-06-20|Y|2026-06-01\n"
    no = "01-001|M3|{}|2026-06-20|N|\n"
    cases = [
        (yes.format("first") + yes.format("second"), []),
        (yes.format("first") + no.format("second"), ["adjudicators-differ"] * 2),
        (yes.format("first") + no.format("second") + yes.format("third"), []),
        (
            yes.format("first") + yes.format("second") + no.format("third"),
            ["third-adjudicator-not-needed"],
        ),
    ]
    for entries, codes in cases:
        told = check_frames(trial(**USUAL, adj=head + entries), protocol(), as_of_date=TODAY)
        assert [f.code for f in told if f.where.startswith("adj ")] == codes


def test_a_lesion_with_all_its_fractions_needs_no_reason() -> None:
    fractions = USUAL["rt_fx"] + "".join(f"\n01-001|L01|{n}|2026-04-0{n}|10" for n in range(2, 6))
    reason = "subject|lesion|decided_date|what|reason\n01-001|L01|2026-04-07|rest|worse"
    told = check_frames(trial(**{**USUAL, "rt_fx": fractions, "rt_none": reason}), protocol())

    assert [f.code for f in told if f.where.startswith("rt_none ")] == [
        "not-completed-but-all-given"
    ]


def test_sbrt_is_not_completed_without_a_fraction() -> None:
    ended = "subject|modality|ended_date|reason\n01-001|sbrt|2026-04-01|completed"
    without = {name: text for name, text in USUAL.items() if name != "rt_fx"}
    told = check_frames(trial(**without, eot=ended), protocol())

    assert [f.code for f in told if f.where.startswith("eot ")] == [
        "sbrt-completed-without-fractions"
    ]


def test_an_index_lesion_without_prescription_needs_a_reason() -> None:
    two = USUAL["les_bl"].replace("|9|N|N", "|9|N|Y")
    none = "subject|lesion|decided_date|what|reason\n01-001|L02|2026-03-20|none|organ_limit"
    told = check_frames(trial(**{**USUAL, "les_bl": two}), protocol())
    reason = check_frames(trial(**{**USUAL, "les_bl": two, "rt_none": none}), protocol())

    assert "index-lesion-without-prescription" in {f.code for f in told}
    assert "index-lesion-without-prescription" not in {f.code for f in reason}


def test_a_serious_event_needs_its_report_and_one_record_is_enough() -> None:
    without = {name: text for name, text in USUAL.items() if name != "sae"}
    twice = USUAL["ae"].replace("2026-05-02|N|none", "2026-05-02|N|none") + (
        "\n01-001|3|Fatigue|2|2026-05-02|N|none|not_recovered"
    )
    ended = "\n".join(
        f"{line}|{'end_date' if n == 0 else '2026-06-01'}"
        for n, line in enumerate(twice.splitlines())
    )

    assert "serious-without-report" in {f.code for f in check_frames(trial(**without), protocol())}
    told = check_frames(trial(**{**USUAL, "ae": ended}), protocol())
    assert [f.entry for f in told if f.code == "event-entered-twice"] == [
        "01-001/ae/2",
        "01-001/ae/3",
    ]
