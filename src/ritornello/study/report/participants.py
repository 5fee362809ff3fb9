"""Who took part, how good the data are, and what they look like before anything is asked of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ritornello.study import figures
from ritornello.study.models import between
from ritornello.study.report.blocks import Chapter, Figure, Items, Not, Table, Text, p, percent, signed

if TYPE_CHECKING:
    from ritornello.study.report.blocks import Block
    from ritornello.study.report.material import Material

_CELL = 5
"""Groups of fewer people are not told apart."""


def who(m: Material) -> Chapter:
    """Section 2: the flow, and people who gave beside people who did not."""
    steps = ", ".join(f"{name} {count}" for name, count in m.funnel.items())
    blocks: list[Block] = [
        Figure("flow", "How many came how far.", f"Boxes from top to bottom: {steps}.", figures.flow(m.funnel))
    ]
    rows = [
        [one["what"], *one["told"], signed(one["size"], 2), p(one["p"])]
        for one in m.differences
        if min(one["gave"], one["not_gave"]) >= _CELL
    ]
    if rows:
        header = ["", "sent a history", "did not", "d or V", "p"]
        blocks.append(Table("People who agreed: those who sent a history, and those who did not.", header, rows))
        differ = [one["what"] for one in m.differences if one["p"] < 0.05]
        blocks.append(
            Text(
                f"They differ in {', '.join(differ)}: what follows is of people like those who sent theirs."
                if differ
                else "No difference is seen between them; with few people, a difference can be there and not be seen."
            )
        )
    else:
        blocks.append(
            Text("Too few people agreed and sent nothing for a comparison with those who sent their history.")
        )
    text = (
        "how people who did not agree at all differ from those who did: nothing is kept of them. The sample is of"
        " people who use a streaming service, can ask it for their data, and were willing to give it."
    )
    return Chapter("2. Who took part", [*blocks, Not(text)])


def quality(m: Material) -> Chapter:
    """Section 3: rows, times, zones, coverage."""
    read, kept = m.received["read"], m.received["kept"]
    rows = [["read", f"{read:,}", ""], ["kept as plays", f"{kept:,}", percent(kept / read if read else 0)]]
    rows += [
        [f"left out: {reason}", f"{count:,}", percent(count / read)]
        for reason, count in m.received.most_common()
        if reason not in ("read", "kept")
    ]
    zones = ", ".join(f"{name} ({count})" for name, count in m.zones.most_common() if count >= _CELL)
    fewer = sum(count for count in m.zones.values() if count < _CELL)
    told = [*m.remarks]
    told.append(
        f"time zones, as participants or the study told them: {zones or 'all in groups of fewer than five people'}"
        + (f"; {fewer} people in others" if fewer and zones else "")
    )
    doubtful = [float(row.get("doubtful_times") or 0) for row in m.people]
    told.append(f"plays whose time is doubtful, and which are in no window: {percent(float(np.mean(doubtful)))}")
    blocks: list[Block] = [Table("Rows of the histories.", ["", "rows", "share"], rows), Items(told)]
    shares = sorted(float(row["coverage"] or 0) for row in m.people)
    blocks.append(
        Figure(
            "coverage",
            "Share of what each person heard whose features are known; a bar a person.",
            f"Bars from {percent(shares[0])} to {percent(shares[-1])}.",
            figures.coverage(shares),
        )
    )
    if m.coverage:
        header = ["heard by", "recordings", "minutes", "known", "own audio", "table", "open data"]
        names = ("known", "own audio", "table", "open data")
        cells = [
            [one["heard_by"], one["recordings"], one["minutes"], *(percent(float(one[name])) for name in names)]
            for one in m.coverage
        ]
        blocks.append(Table("Music by how many people heard it: rare music has features less often.", header, cells))
    text = "plays on other services, music that nobody logged, and who of a household was listening."
    return Chapter("3. Data quality", [*blocks, Not(text)])


def descriptives(m: Material) -> Chapter:
    """Section 4: hours, numbers, compliance, reliability."""
    prompts = {int(hour): int(count) for hour, count in m.checked["hours"].items()}
    plays = {int(row["hour"]): int(row["plays"]) for row in m.hours}
    bars = [
        {"hour": hour, "share": counts.get(hour, 0) / max(1, sum(counts.values())), "what": what}
        for what, counts in (("plays", plays), ("prompts", prompts))
        for hour in range(24)
    ]
    most = max(plays, key=lambda hour: plays[hour])
    words = (
        f"Two rows of bars, hour by hour; most plays began at {most}, most prompts came at"
        f" {max(prompts, key=lambda hour: prompts[hour])} o'clock."
    )
    blocks: list[Block] = [Figure("hours", "Plays and prompts by local hour.", words, figures.hours(bars))]
    names = [name for name in (m.plan["outcome"], *m.plan["secondary_outcomes"]) if name in m.panel.columns]
    music = [name for name in (m.plan["music"], *m.plan["secondary_music"], "minutes") if name in m.panel.columns]
    rows = [_row(m, name) for name in (*names, *music) if np.isfinite(m.panel.column(name)).sum() > 1]
    header = ["", "occasions", "mean", "SD between", "SD within", "ICC", "reliability of means"]
    blocks.append(Table("Answers and music, of the people in the models.", header, rows))
    answered = m.checked["answered"]
    prompts_each = sum(prompts.values()) / max(1, len(answered))
    blocks.append(
        Text(
            f"Of {sum(prompts.values()):,} prompts {percent(sum(answered) / max(1, sum(prompts.values())))} were"
            f" answered, by a person {min(answered)} to {max(answered)} of {prompts_each:.0f}."
        )
    )
    if m.reliability:
        cells = [
            [
                name,
                str(one.items),
                str(one.people),
                str(one.rows),
                *(_number(v) for v in (one.alpha, one.between, one.within)),
            ]
            for name, one in m.reliability.items()
        ]
        header = ["scale", "items", "people", "answers", "α", "ω between", "ω within"]
        blocks.append(
            Table("Reliability of scales: of differences between people, and of change within them.", header, cells)
        )
    else:
        blocks.append(
            Text(
                "Answers are single items: how reliable their change within people is cannot be told from them. "
                "Unreliable answers make slopes uncertain, and unreliable music makes them small."
            )
        )
    return Chapter(
        "4. Descriptives", [*blocks, Not("moods at hours at which nobody was asked, or when nobody answered.")]
    )


def _row(m: Material, name: str) -> list[str]:
    values = m.panel.column(name)
    known = m.panel.where(np.isfinite(values))
    some = known.column(name)
    means, deviations = known.means(some), known.split(some)[0]
    return [
        name,
        f"{len(some):,}",
        f"{some.mean():.2f}",
        f"{means.std(ddof=1):.2f}" if known.people > 1 else "–",
        f"{deviations.std():.2f}",
        f"{between.icc(m.panel, values):.2f}",
        f"{between.reliability(known, some):.2f}",
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
