"""The figures of the report, as SVG (Altair, rendered by vl-convert without a browser or a network)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def slopes(told: Mapping[str, Any]) -> str:
    """The primary slope, the same under other windows, and the secondary ones, each with its interval."""
    import altair as alt

    rows = [_row("primary", told["within"])]
    rows += [_row(f"window {one['minutes']} min", one) for one in told["windows"]]
    rows += [_row("music after the answer", told["reverse"])] if "slope" in told["reverse"] else []
    rows += [_row(f"{one['within']['outcome']} on {one['within']['music']}", one["within"]) for one in told["family"]]
    order = [row["name"] for row in rows]
    base = alt.Chart(alt.InlineData(values=rows)).encode(y=alt.Y("name:N", sort=order, title=None))
    lines = base.mark_rule().encode(x=alt.X("low:Q", title="slope within people (SD), with interval"), x2="high:Q")
    points = base.mark_point(filled=True, size=60).encode(x="slope:Q")
    zero = alt.Chart(alt.InlineData(values=[{"x": 0}])).mark_rule(strokeDash=[4, 4], color="grey").encode(x="x:Q")
    return _svg(zero + lines + points)


def people(values: Sequence[float]) -> str:
    """How slopes of single people are spread."""
    import altair as alt

    data = alt.InlineData(values=[{"slope": value} for value in values])
    chart = alt.Chart(data).mark_bar()
    return _svg(
        chart.encode(
            x=alt.X("slope:Q", bin=alt.Bin(maxbins=25), title="slope of a person (SD)"),
            y=alt.Y("count()", title="people"),
        )
    )


def hours(counts: Mapping[str, int]) -> str:
    """Prompts by local hour: a wrong time zone shows at once."""
    import altair as alt

    rows = [{"hour": int(hour), "prompts": count} for hour, count in counts.items()]
    chart = alt.Chart(alt.InlineData(values=rows)).mark_bar()
    return _svg(
        chart.encode(x=alt.X("hour:O", title="hour on the person's clock"), y=alt.Y("prompts:Q", title="prompts"))
    )


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
    return _svg(lines + base.mark_point(filled=True, size=60).encode(x="r2:Q"))


def _row(name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "slope": one["slope"], "low": one["low"], "high": one["high"]}


def _svg(chart: Any) -> str:
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(chart.properties(width=420).to_dict())
    return drawn
