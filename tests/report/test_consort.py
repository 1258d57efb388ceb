"""The participant flow has a box for every step, and says each in words."""

from dataclasses import replace

from equipoise.report.figures.consort import Flow, FlowArm, describe_flow, render_consort
from report.svg_reading import SVG, named_of, read_svg, texts_of

ARMS = tuple(
    FlowArm(
        label=label,
        boxes=((f"Allocated to {label} (n = 44)", "Received it: 42"), ("Lost: 2",), ("ITT: 44",)),
    )
    for label in ("control", "SBRT")
)
FLOW = Flow(
    entered=("Assessed for eligibility (n = 97)",),
    excluded=("Not randomised (n = 9)",),
    randomised=("Randomised (n = 88)",),
    stages=("Allocation", "Follow-up", "Analysis"),
    arms=ARMS,
)


def boxes_of(svg: str) -> list[tuple[float, float, float, float]]:
    """Each box as left, top, right, bottom."""
    found = []
    for node in read_svg(svg).iter(f"{SVG}rect"):
        x, y, width, height = (float(node.attrib[k]) for k in ("x", "y", "width", "height"))
        found.append((x, y, x + width, y + height))
    return found


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """True when two boxes share an inner point."""
    apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    return not apart


def test_every_box_of_the_flow_is_drawn_once() -> None:
    assert len(boxes_of(render_consort(FLOW))) == 3 + 2 * 3


def test_boxes_never_overlap_and_stay_within_the_page() -> None:
    svg = render_consort(FLOW)
    boxes = boxes_of(svg)
    width, height = (float(v) for v in read_svg(svg).attrib["viewBox"].split()[2:])
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    assert all(x >= 0 and y >= 0 and r <= width and b <= height for x, y, r, b in boxes)


def test_every_arrow_has_its_head_in_the_drawing() -> None:
    svg = render_consort(FLOW, figure_id="flow")
    assert svg.count("url(#flow-arrow)") == 2 + 2 * 3
    assert 'id="flow-arrow"' in svg
    assert "#ARROW" not in svg


def test_the_flow_is_told_in_words() -> None:
    title, description = named_of(render_consort(FLOW))
    assert title == "Participant flow"
    assert description == describe_flow(FLOW)
    assert "Randomised (n = 88)." in description
    assert "SBRT: Allocated to SBRT (n = 44). Received it: 42; Lost: 2; ITT: 44." in description


def test_without_screening_the_flow_starts_with_randomisation() -> None:
    svg = render_consort(replace(FLOW, entered=(), excluded=()))
    assert len(boxes_of(svg)) == 1 + 2 * 3
    assert "Assessed" not in " ".join(texts_of(svg))


def test_screening_without_exclusions_has_no_side_box() -> None:
    assert len(boxes_of(render_consort(replace(FLOW, excluded=())))) == 2 + 2 * 3


def test_one_arm_and_three_arms_are_drawn() -> None:
    for arms in (ARMS[:1], (*ARMS, replace(ARMS[0], label="third"))):
        svg = render_consort(replace(FLOW, arms=arms))
        boxes = boxes_of(svg)
        assert len(boxes) == 3 + 3 * len(arms)
        assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_flow_without_arms_is_drawn() -> None:
    assert len(boxes_of(render_consort(replace(FLOW, arms=(), stages=())))) == 3


def test_a_long_line_is_broken_within_its_box() -> None:
    long = FlowArm(label="x", boxes=(("An allocation of very many words " * 5,), ("a",), ("b",)))
    svg = render_consort(replace(FLOW, arms=(long, ARMS[1])))
    spans = [node.text or "" for node in read_svg(svg).iter(f"{SVG}tspan")]
    assert max(len(span) for span in spans) < 56


def test_words_with_markup_are_text() -> None:
    svg = render_consort(replace(FLOW, randomised=("<b>n & m</b>",)))
    assert "<b>n & m</b>" in texts_of(svg)


def test_the_same_flow_gives_the_same_bytes() -> None:
    assert render_consort(FLOW) == render_consort(FLOW)
