"""Charts as SVG, in the colours of the style sheet: Altair's, drawn by vl-convert without a browser and a network.

Colours are set as marks that stand for custom properties, so that one drawing does for light and dark. Each chart is
drawn for a wide and a narrow page; the style sheet shows one of them. Altair and vl-convert are loaded with the first
chart, which takes a second and a half; after that a chart takes a twentieth.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    import altair as alt

WIDE, NARROW = 520, 300
"""Pixels of a drawing without its labels."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_PAINTS = {"#100001": "ink", "#100002": "quiet", "#100003": "line", "#100004": "accent", "#100005": "bars"}
"""What Altair takes for colours, and the custom properties that they stand for."""
_, _QUIET, _LINE, _ACCENT, _BARS = _PAINTS
_OPENING = re.compile(r"<svg [^>]*?width=\"([\d.]+)\" height=\"([\d.]+)\" viewBox=\"([^\"]+)\">")
_BACKGROUND = re.compile(r"<path class=\"background\"[^>]*/>")
_ROLES = re.compile(r" (?:role|aria-[a-z]+)=\"[^\"]*\"")
"""Of single marks; the whole is one picture, with one name."""


def hours(clock: Sequence[Sequence[int]], says: str) -> Markup:
    """Plays by weekday, Monday first, and hour: the more, the stronger."""
    import altair as alt

    rows = [
        {"day": DAYS[day], "hour": hour, "plays": plays}
        for day, of_day in enumerate(clock)
        for hour, plays in enumerate(of_day)
    ]
    most = max(1, max(max(of_day) for of_day in clock))

    def chart(width: int) -> Any:
        axis = alt.Axis(values=list(range(0, 24, 3)), labelAngle=0, title=None)
        return (
            alt.Chart(alt.InlineData(values=rows))
            .mark_rect(fill=_ACCENT)
            .encode(
                x=alt.X("hour:O", axis=axis, scale=alt.Scale(paddingInner=0.08)),
                y=alt.Y("day:O", sort=list(DAYS), title=None, scale=alt.Scale(paddingInner=0.08)),
                opacity=alt.Opacity("plays:Q", scale=alt.Scale(domain=[0, most], range=[0.05, 1]), legend=None),
            )
            .properties(width=width, height=170)
        )

    return _both(chart, says)


def discovery(months: Sequence[tuple[str, int, int]], says: str) -> Markup:
    """Songs and, before them, artists that were new in each month (``YYYY-MM``)."""
    import altair as alt

    rows = [{"month": f"{month}-01", "songs": songs, "artists": artists} for month, songs, artists in months]

    def chart(width: int) -> Any:
        base = alt.Chart(alt.InlineData(values=rows)).encode(x=_month(width))
        bar = max(1.0, 0.8 * width / _span(months))
        songs = base.mark_bar(fill=_BARS, width=bar).encode(y=alt.Y("songs:Q", title=None, axis=_counts()))
        artists = base.mark_bar(fill=_ACCENT, width=bar).encode(y="artists:Q")
        return (songs + artists).properties(width=width, height=140)

    return _both(chart, says)


def line(months: Sequence[tuple[str, float]], bounds: tuple[float, float] | None, says: str) -> Markup:
    """A mean month by month, small; the scale has ``bounds``, or what fits."""
    import altair as alt

    rows = [{"month": f"{month}-01", "value": value} for month, value in months]
    scale = alt.Scale(domain=list(bounds)) if bounds else alt.Scale(zero=False, nice=True)
    y = alt.Y("value:Q", scale=scale, title=None, axis=alt.Axis(tickCount=3))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=_month(230), y=y)
    mark = base.mark_line(stroke=_ACCENT, strokeWidth=2) + base.mark_point(fill=_ACCENT, stroke=_ACCENT, size=14)
    return _svg(mark.properties(width=230, height=80), says)


def bars(rows: Sequence[tuple[str, float]], title: str, says: str) -> Markup:
    """Numbers by name, in their order."""
    import altair as alt

    told = [{"name": name, "value": value} for name, value in rows]
    order = [name for name, _ in rows]

    def chart(width: int) -> Any:
        x = alt.X("name:O", sort=order, title=title, axis=alt.Axis(labelAngle=0, labelOverlap=True))
        marks = alt.Chart(alt.InlineData(values=told)).mark_bar(fill=_ACCENT)
        return marks.encode(x=x, y=alt.Y("value:Q", title=None, axis=_counts())).properties(width=width, height=120)

    return _both(chart, says)


def _month(width: int) -> alt.X:
    import altair as alt

    axis = alt.Axis(format="%b %Y", tickCount=max(2, width // 110), labelOverlap=True, labelFlush=True)
    return alt.X("utcyearmonth(month):T", title=None, axis=axis)


def _counts() -> alt.Axis:
    import altair as alt

    return alt.Axis(tickCount=4, tickMinStep=1, format="~s")


def _span(months: Sequence[tuple[str, int, int]]) -> int:
    """How many months lie between the first and the last, both counted."""
    first, last = ((int(one[0][:4]), int(one[0][5:])) for one in (months[0], months[-1]))
    return (last[0] - first[0]) * 12 + last[1] - first[1] + 1


def _both(chart: Any, says: str) -> Markup:
    return _svg(chart(WIDE), says, "for-wide") + _svg(chart(NARROW), says, "for-narrow")


def _svg(chart: Any, says: str, kind: str = "") -> Markup:
    """Draw; what it says is its name for screen readers."""
    import vl_convert

    spec: dict[str, Any] = chart.configure(**_config()).to_dict()
    drawn: str = vl_convert.vegalite_to_svg(spec)
    for paint, name in _PAINTS.items():
        drawn = drawn.replace(paint, f"var(--{name})")
    drawn = _ROLES.sub("", _BACKGROUND.sub("", drawn))
    opening = rf'<svg class="chart {kind}" role="img" aria-label="{escape(says)}" width="\1" height="\2" viewBox="\3">'
    return Markup(_OPENING.sub(opening, drawn, count=1))


def _config() -> dict[str, Any]:
    text = {"labelColor": _QUIET, "titleColor": _QUIET, "labelFontSize": 12, "titleFontSize": 12}
    lines = {"gridColor": _LINE, "domainColor": _LINE, "tickColor": _LINE}
    return {
        "aria": False,
        "background": "transparent",
        "font": "sans-serif",
        "view": {"stroke": "transparent"},
        "axis": {**text, **lines, "titleFontWeight": "normal"},
        "axisX": {"grid": False},
    }
