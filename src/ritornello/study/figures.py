"""The figures of the report, as SVG (Altair, rendered by vl-convert without a browser or a network)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH = 420


def benchmarks(rows: Sequence[Mapping[str, Any]]) -> str:
    """The study's numbers in strips of what was published: ``question, low, high, kind, value``."""
    import altair as alt

    data = alt.InlineData(values=[dict(row) for row in rows])
    order = list(dict.fromkeys(row["question"] for row in rows))
    base = alt.Chart(data).encode(y=alt.Y("question:N", sort=order, title=None, axis=alt.Axis(labelLimit=180)))
    strips = (
        base.transform_filter("datum.kind != 'this study'")
        .mark_bar(height=18, opacity=0.6)
        .encode(
            x=alt.X("low:Q", title="size of the effect (SD, or r)"),
            x2="high:Q",
            color=alt.Color("kind:N", title=None, scale=alt.Scale(range=["#9ecae1", "#c7e9c0"])),
        )
    )
    mine = base.transform_filter("datum.kind == 'this study'")
    line = mine.mark_rule(strokeWidth=2).encode(x="low:Q", x2="high:Q")
    point = mine.mark_point(filled=True, size=70, color="black").encode(x="value:Q")
    return _svg(strips + line + point, height=alt.Step(34))


def flow(counts: Mapping[str, int]) -> str:
    """How many came how far: a box a step, and how many were lost between two."""
    import altair as alt

    names, numbers = list(counts), list(counts.values())
    boxes = [
        {"top": 3 * place, "bottom": 3 * place + 2, "text": f"{name}: {number}"}
        for place, (name, number) in enumerate(counts.items())
    ]
    lost = [
        {"y": 3 * place + 2.5, "text": f"− {before - after}"}
        for place, (before, after) in enumerate(pairwise(numbers))
        if before > after
    ]
    arrows = [{"top": 3 * place + 2, "bottom": 3 * place + 3} for place in range(len(names) - 1)]
    scale = alt.Scale(domain=[3 * len(names) - 1, 0])
    y = alt.Y("top:Q", scale=scale, axis=None)
    wide = {"x": alt.datum(0, scale=alt.Scale(domain=[0, 10]), axis=None), "x2": alt.datum(7)}
    box = alt.Chart(alt.InlineData(values=boxes)).mark_rect(fill="#f0f4f8", stroke="#456")
    words = alt.Chart(alt.InlineData(values=boxes)).transform_calculate(middle="datum.top + 1").mark_text(fontSize=12)
    line = alt.Chart(alt.InlineData(values=arrows)).mark_rule(color="#456")
    beside = alt.Chart(alt.InlineData(values=lost)).mark_text(align="left", color="#844")
    middle, right = alt.datum(3.5, scale=alt.Scale(domain=[0, 10])), alt.datum(3.8, scale=alt.Scale(domain=[0, 10]))
    drawn = (
        box.encode(y=y, y2="bottom:Q", **wide)
        + line.encode(y=y, y2="bottom:Q", x=middle)
        + words.encode(y=alt.Y("middle:Q", scale=scale, axis=None), x=middle, text="text:N")
        + beside.encode(y=alt.Y("y:Q", scale=scale, axis=None), x=right, text="text:N")
    )
    return _svg(drawn.configure_view(stroke=None), height=44 * len(names))


def slopes(rows: Sequence[Mapping[str, Any]], smallest: float) -> str:
    """Slopes with their intervals, and the smallest that would matter: ``name, slope, low, high``."""
    import altair as alt

    order = [row["name"] for row in rows]
    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=230))
    )
    lines = base.mark_rule().encode(
        x=alt.X("low:Q", title="slope within people (SD), with interval", axis=alt.Axis(tickCount=6)), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=60).encode(x="slope:Q")
    return _svg(_zero() + _marks((-smallest, smallest)) + lines + points)


def spread(values: Sequence[float]) -> str:
    """How slopes of single people are spread."""
    import altair as alt

    data = alt.InlineData(values=[{"slope": value} for value in values])
    return _svg(
        alt.Chart(data)
        .mark_bar()
        .encode(
            x=alt.X("slope:Q", bin=alt.Bin(maxbins=25), title="slope of a person (SD)"),
            y=alt.Y("count()", title="people"),
        ),
        height=160,
    )


def persons(rows: Sequence[Mapping[str, Any]], music: str, outcome: str) -> str:
    """A small drawing a person: deviations of each occasion and the person's own line; ``person, x, y``."""
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        x=alt.X("x:Q", title=music, axis=alt.Axis(grid=False, tickCount=3)),
        y=alt.Y("y:Q", title=outcome, axis=alt.Axis(grid=False, tickCount=3)),
    )
    points = base.mark_circle(size=9, opacity=0.5, color="#567")
    line = base.mark_line(color="#b22").transform_regression("x", "y")
    small = (points + line).properties(width=72, height=60)
    header = alt.Header(labelFontSize=8, labelPadding=1)
    faceted = small.facet(facet=alt.Facet("person:O", title=None, header=header), columns=6, spacing=4)
    return _svg(faceted, width=None)


def hours(rows: Sequence[Mapping[str, Any]]) -> str:
    """Prompts and plays by local hour: a wrong time zone shows at once; ``hour, share, what``."""
    import altair as alt

    chart = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).mark_bar()
    drawn = chart.encode(
        x=alt.X("hour:O", title="hour on the person's clock", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:Q", title="share", axis=alt.Axis(format="%")),
        row=alt.Row("what:N", title=None),
    )
    return _svg(drawn, height=90)


def coverage(shares: Sequence[float]) -> str:
    """Of how much that each person heard features are known, the least known person first."""
    import altair as alt

    rows = [{"person": place, "share": share} for place, share in enumerate(sorted(shares), 1)]
    return _svg(
        alt.Chart(alt.InlineData(values=rows))
        .mark_bar()
        .encode(
            x=alt.X("person:O", title="people, in order", axis=alt.Axis(labels=False, ticks=False)),
            y=alt.Y(
                "share:Q",
                title="known of what was heard",
                axis=alt.Axis(format="%"),
                scale=alt.Scale(domain=[0, 1]),
            ),
        ),
        height=130,
    )


def means(rows: Sequence[Mapping[str, Any]], music: str, outcome: str) -> str:
    """The mean of each person: ``x, y``."""
    import altair as alt

    base = alt.Chart(alt.InlineData(values=[dict(row) for row in rows])).encode(
        x=alt.X("x:Q", title=f"mean {music}", scale=alt.Scale(zero=False)),
        y=alt.Y("y:Q", title=f"mean {outcome}", scale=alt.Scale(zero=False)),
    )
    line = base.mark_line(color="#b22").transform_regression("x", "y")
    return _svg(base.mark_circle(size=30, opacity=0.7) + line, height=220)


def scores(found: Sequence[Mapping[str, Any]]) -> str:
    """How well people never seen are told, by music and by what needs none."""
    import altair as alt

    order = [one["name"] for one in found]
    base = alt.Chart(alt.InlineData(values=[dict(one) for one in found])).encode(
        y=alt.Y("name:N", sort=order, title=None)
    )
    lines = base.mark_rule().encode(
        x=alt.X("low:Q", title="R² for people never seen, with interval over people"), x2="high:Q"
    )
    return _svg(_zero() + lines + base.mark_point(filled=True, size=60).encode(x="r2:Q"))


def power(rows: Sequence[Mapping[str, Any]]) -> str:
    """The chance that a slope shows, by how many people take part: ``people, slope, chance``."""
    import altair as alt

    data = alt.InlineData(values=[dict(row) for row in rows])
    lines = (
        alt.Chart(data)
        .mark_line()
        .encode(
            x=alt.X("people:Q", title="people"),
            y=alt.Y("chance:Q", title="chance to see it", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("slope:N", title="slope (SD)"),
        )
    )
    wanted = alt.Chart(alt.InlineData(values=[{"y": 0.8}])).mark_rule(strokeDash=[4, 4], color="grey").encode(y="y:Q")
    return _svg(lines + wanted, height=220)


def forks(rows: Sequence[Mapping[str, Any]], planned: float) -> str:
    """Slopes of all forks in their order, the planned one as a line, and below what each chose."""
    import altair as alt

    data = alt.InlineData(values=[{**row, "place": place} for place, row in enumerate(rows)])
    x = alt.X("place:O", axis=None)
    base = alt.Chart(data).encode(x=x)
    above = (
        alt.Chart(alt.InlineData(values=[{"y": planned}])).mark_rule(color="#b22").encode(y="y:Q")
        + alt.Chart(alt.InlineData(values=[{"y": 0}])).mark_rule(strokeDash=[4, 4], color="grey").encode(y="y:Q")
        + base.mark_rule(opacity=0.5).encode(y=alt.Y("low:Q", title="slope (SD)"), y2="high:Q")
        + base.mark_circle(size=14).encode(y="slope:Q")
    ).properties(width=_WIDTH, height=140)
    choices = [
        {"place": place, "choice": f"{name}: {row[name]}"}
        for name in ("window", "listen", "people", "answer before")
        for place, row in enumerate(rows)
    ]
    order = list(dict.fromkeys(str(one["choice"]) for one in choices))
    below = (
        alt.Chart(alt.InlineData(values=choices))
        .mark_tick(thickness=3)
        .encode(x=x, y=alt.Y("choice:N", sort=order, title=None, axis=alt.Axis(labelLimit=200)))
        .properties(width=_WIDTH, height=alt.Step(13))
    )
    return _svg(alt.vconcat(above, below, spacing=4), width=None)


def _zero() -> Any:
    import altair as alt

    return alt.Chart(alt.InlineData(values=[{"x": 0}])).mark_rule(strokeDash=[4, 4], color="grey").encode(x="x:Q")


def _marks(places: Sequence[float]) -> Any:
    import altair as alt

    data = alt.InlineData(values=[{"x": place} for place in places])
    return alt.Chart(data).mark_rule(strokeDash=[1, 3], color="grey").encode(x="x:Q")


def _svg(chart: Any, *, width: int | None = _WIDTH, height: Any = None) -> str:
    import vl_convert

    asked = {} if width is None else {"width": width}
    asked |= {} if height is None else {"height": height}
    drawn: str = vl_convert.vegalite_to_svg((chart.properties(**asked) if asked else chart).to_dict())
    return drawn
