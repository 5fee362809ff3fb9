"""Names that mean one recording, and names that do not."""

from __future__ import annotations

import pytest

from ritornello.histories import names


def score(
    ours: tuple[str, str], theirs: tuple[str, str], *, seconds: tuple[float | None, float | None] = (None, None)
) -> float:
    def described(
        one: tuple[str, str], length: float | None
    ) -> tuple[names.Title, tuple[str, ...], None, float | None]:
        return names.title(one[0]), names.artists(one[1]), None, length

    return names.score(described(ours, seconds[0]), described(theirs, seconds[1]))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("Jóga", "Björk"), ("joga", "Bjork")),
        (("Heroes - 2017 Remaster", "David Bowie"), ("\"Heroes\"", "David Bowie")),
        (("Yesterday - Remastered 2009", "The Beatles"), ("Yesterday", "Beatles")),
        (("Crazy in Love (feat. Jay-Z)", "Beyoncé"), ("Crazy In Love", "Beyoncé")),
        (("Crazy in Love", "Beyoncé feat. Jay-Z"), ("Crazy In Love ft. Jay-Z", "Beyoncé")),
        (("Song (Album Version)", "X & Y"), ("Song", "X and Y")),
        (("Don’t Stop", "Fleetwood Mac"), ("Dont Stop", "Fleetwood Mac")),
        (("Colour of Love", "Someone"), ("Color of Love", "Someone")),
        (("???", "!!!"), ("???", "!!!")),
        (("初恋", "宇多田ヒカル"), ("初恋", "宇多田ヒカル")),
    ],
)  # fmt: skip
def test_one_recording_under_two_names(ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    assert score(ours, theirs) >= names.ENOUGH
    assert score(theirs, ours) == pytest.approx(score(ours, theirs))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("Crying", "Björk"), ("Crying", "Roy Orbison")),
        (("Crying (Live)", "Björk"), ("Crying", "Björk")),
        (("Crying - Fatboy Remix", "Björk"), ("Crying - Underdog Remix", "Björk")),
        (("Love Story (Taylor’s Version)", "Taylor Swift"), ("Love Story", "Taylor Swift")),
        (("Symphony No. 5", "B"), ("Symphony No. 6", "B")),
        (("Part 1", "B"), ("Part 11", "B")),
        (("Dancing with Myself", "B"), ("Dancing with Tears", "B")),
        (("One", "B"), ("Two", "B")),
    ],
)
def test_two_recordings(ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    assert score(ours, theirs) < names.ENOUGH


def test_length_tells_recordings_apart() -> None:
    same = (("Crying", "Björk"), ("Crying", "Björk"))
    assert score(*same, seconds=(200, 203)) == 1.0
    assert score(*same, seconds=(200, None)) == 1.0
    assert names.ENOUGH <= score(*same, seconds=(200, 210)) < 1.0
    assert score(*same, seconds=(200, 300)) == 0.0
