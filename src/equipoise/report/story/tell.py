"""The story of one subject, put together."""

from collections.abc import Iterator
from dataclasses import replace

from equipoise.report.story.assessments import tell_assessments, tell_missed
from equipoise.report.story.entered import tell_entries
from equipoise.report.story.events import tell_events, tell_occurrences
from equipoise.report.story.further import tell_further
from equipoise.report.story.lesions import tell_lesions
from equipoise.report.story.material import Material
from equipoise.report.story.person import tell_baseline, tell_person, tell_treatments
from equipoise.report.story.values import Story
from equipoise.report.story.verdicts import tell_verdicts


def tell_story(material: Material, *, subject: str, endpoint: str) -> Story:
    """All of one randomised subject, with every entry behind it; KeyError without the endpoint.

    `subject` is one of `material.subjects`. Nothing in the data raises.
    """
    protocol = material.protocol
    asked = protocol.endpoint_named(endpoint)
    person = tell_person(material, subject=subject)
    baseline = tell_baseline(material, subject=subject)
    assessments = tell_assessments(material, subject=subject, lesions=baseline)
    story = Story(
        trial=protocol.identity.acronym or protocol.identity.id,
        cut=material.cut,
        cutoff_date=material.cutoff_date,
        endpoint=asked.id,
        endpoint_label=asked.label,
        person=person,
        lesions=tell_lesions(material, subject=subject, lesions=baseline),
        treatments=tell_treatments(material, subject=subject),
        assessments=assessments,
        missed=tell_missed(material, subject=subject, assessments=assessments),
        verdicts=tell_verdicts(material, subject=subject),
        occurrences=tell_occurrences(material, subject=subject, person=person),
        adverse_events=tell_events(material, subject=subject),
        entries=(),
        further=tell_further(material, subject=subject),
    )
    entries = tell_entries(material, subject=subject, wanted=_named(story, material=material))
    return replace(story, entries=entries)


def _named(story: Story, *, material: Material) -> Iterator[str]:
    """Every entry that anything in the story rests on."""
    subject = story.person.subject
    for form in ("dm", "rand", "dth", "eos", "surv", material.protocol.randomisation.form):
        yield from (row["entry"] for row in material.entered(form, subject=subject))
    for lesion in story.lesions:
        yield lesion.lesion.entry
        yield from (step.entry for step in lesion.steps)
    yield from (entry for each in story.treatments for entry in each.entries)
    yield from (entry for each in story.verdicts for entry in each.entries)
    for assessment in story.assessments:
        yield from assessment.entries
        yield from (new.entry for new in assessment.new_lesions)
        yield from assessment.hold.entries if assessment.hold else ()
    yield from (entry for event in story.adverse_events for entry in event.entries)
    yield from story.further.entries
