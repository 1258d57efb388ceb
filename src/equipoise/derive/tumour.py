"""Everything that comes from imaging: lesions, assessments, progressions, local failures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from equipoise.capture.frames import Frames
from equipoise.derive.assessments import derive_assessments, source_of
from equipoise.derive.hold import derive_holds, derive_progressions, list_progressions
from equipoise.derive.irecist import derive_irecist
from equipoise.derive.left_out import drop_early_scans
from equipoise.derive.lesion_control import derive_lesion_assessments, derive_lesion_failures
from equipoise.derive.lesions import (
    derive_baseline,
    derive_disease_free,
    derive_irradiated,
    derive_lesion_series,
    derive_lesion_states,
    derive_removals,
    derive_resections,
    derive_visits,
)
from equipoise.derive.new_lesion_sums import derive_new_lesion_sums
from equipoise.derive.new_lesions import derive_in_field, derive_new_lesions, drop_in_field
from equipoise.derive.recist import derive_responses, keep_partial
from equipoise.derive.schemas import KEY, LESION_KEY
from equipoise.protocol.model import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Tumour:
    """Assessments, progressions, iRECIST, lesions; in `sources` the frames that endpoints name.

    `holds` are the assessments as R12 judged them, `series` every lesion at every one of them.
    """

    assessments: pl.DataFrame
    progressions: pl.DataFrame
    iresponses: pl.DataFrame
    lesion_states: pl.DataFrame
    holds: pl.DataFrame
    series: pl.DataFrame
    sources: Mapping[str, pl.DataFrame]


def derive_tumour(forms: Frames, protocol: Protocol) -> Tumour:
    """What the imaging of every subject comes to, from complete forms."""
    forms = drop_early_scans(forms, protocol)
    baseline = derive_baseline(forms)
    disease_free = derive_disease_free(forms)
    visits = derive_visits(forms, protocol)
    series = derive_lesion_series(forms, baseline=baseline, visits=visits)
    new_lesions = derive_new_lesions(forms, visits=visits)
    assessed = pl.concat([baseline.select(KEY).unique(), disease_free])
    read = _Imaging(
        visits=visits,
        new_lesions=new_lesions,
        assessed=assessed,
        sticky=protocol.response.sticky_partial_response,
    )
    holds = _read(read, series)
    new_sums = derive_new_lesion_sums(forms, new_lesions=new_lesions, visits=visits)
    irecist = derive_irecist(holds, series=series, new_sums=new_sums)
    assessments = derive_assessments(holds, baseline=baseline, disease_free=disease_free)
    sources = {
        "assessments": source_of(assessments),
        **_progressions(read, series=series, holds=holds, irradiated=derive_irradiated(forms)),
        "iprogression": irecist.iprogression,
        "lesion_failure": derive_lesion_failures(series, in_field=derive_in_field(new_lesions)),
        "lesion_assessments": derive_lesion_assessments(
            series, baseline=baseline, resections=derive_resections(forms)
        ),
        "lesion_removal": derive_removals(forms),
    }
    states = derive_lesion_states(series, baseline=baseline)
    return Tumour(
        assessments=assessments,
        progressions=list_progressions(holds),
        iresponses=irecist.iresponses,
        lesion_states=states,
        holds=holds,
        series=series,
        sources=sources,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Imaging:
    """What every reading of the lesions shares: visits, new lesions, who has a baseline, rules."""

    visits: pl.DataFrame
    new_lesions: pl.DataFrame
    assessed: pl.DataFrame
    sticky: bool


def _read(imaging: _Imaging, series: pl.DataFrame) -> pl.DataFrame:
    responses = derive_responses(
        series,
        visits=imaging.visits,
        new_lesions=imaging.new_lesions,
        assessed=imaging.assessed,
    )
    holds = derive_holds(responses, series=series)
    return keep_partial(holds) if imaging.sticky else holds


def _progressions(
    imaging: _Imaging, *, series: pl.DataFrame, holds: pl.DataFrame, irradiated: pl.DataFrame
) -> dict[str, pl.DataFrame]:
    """The progressions by each reading of the lesions that an endpoint may name (D3.7, R12)."""
    counted, seen = derive_progressions(holds)
    marked = series.join(irradiated, on=LESION_KEY, how="left", maintain_order="left")
    treated = pl.col("irradiated").fill_null(value=False)
    held_if_treated = marked.with_columns(index=pl.col("index") & treated)
    spared = marked.filter(~(treated & (pl.col("role") == "target")))
    distant = replace(imaging, new_lesions=drop_in_field(imaging.new_lesions))
    others = series.filter(~pl.col("index"))
    treated_subjects = irradiated.select(KEY).unique()
    suspected = pl.concat([holds.filter("held").select(KEY), treated_subjects]).unique()
    outside = pl.concat([others.select(KEY), distant.new_lesions.select(KEY)]).unique()
    return {
        "progression": counted,
        "progression_unheld": seen,
        "progression_irradiated_held": _read_again(
            imaging, held_if_treated, subjects=suspected, others=counted
        ),
        "progression_unirradiated": _read_again(
            imaging, spared, subjects=treated_subjects, others=counted
        ),
        "progression_distant": _read_again(
            distant, others, subjects=outside, others=counted.clear()
        ),
    }


def _read_again(
    imaging: _Imaging, series: pl.DataFrame, *, subjects: pl.DataFrame, others: pl.DataFrame
) -> pl.DataFrame:
    """The progressions of some subjects by another reading; `others` are those of all the rest."""
    visits = imaging.visits.join(subjects, on=KEY, how="semi", maintain_order="left")
    own = series.join(subjects, on=KEY, how="semi", maintain_order="left")
    again = derive_progressions(_read(replace(imaging, visits=visits), own))[0]
    rest = others.join(subjects, on=KEY, how="anti", maintain_order="left")
    return pl.concat([rest, again]).sort(*KEY, "progression_date", maintain_order=True)
