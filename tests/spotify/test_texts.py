from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ritornello.spotify import shapes, texts
from ritornello.spotify.paging import Page, page
from ritornello.track import Album, Artist, Track

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ['"items": []', "\0", "\\", "é"]
)
artists = st.builds(Artist, id=names, name=names)
markets = st.none() | st.lists(st.sampled_from(["DE", "FR", "US"]), max_size=2).map(tuple)
codes = st.dictionaries(st.sampled_from(["isrc", "spotify", "upc", "audio"]), names, max_size=3)
albums = st.builds(
    Album,
    id=names,
    name=names,
    artists=st.lists(artists, max_size=2).map(tuple),
    release_date=st.sampled_from([None, "1999", "1999-02", "1999-02-03", "soon"]),
    album_type=st.sampled_from(["album", "single", "compilation"]),
    total_tracks=st.integers(0, 99),
    external_ids=codes,
    cover=st.none() | st.just("c0ffee"),
    markets=markets,
)
tracks = st.builds(
    Track,
    id=names,
    name=names,
    artists=st.lists(artists, max_size=2).map(tuple),
    album=albums,
    duration=st.floats(0, 9999),
    explicit=st.booleans(),
    popularity=st.integers(0, 100),
    external_ids=codes,
    markets=markets,
    licence=st.sampled_from([None, "CC-BY-4.0"]),
    has_audio=st.booleans(),
)
views = st.builds(
    shapes.View,
    base=st.sampled_from(["http://127.0.0.1:8080/v1", 'https://"/v1']),
    market=st.sampled_from([None, "DE", "GB", "from_token"]),
    public=st.booleans(),
)


def shaped(items: list[Any]) -> Page[Any]:
    return page(items, total=9, limit=2, offset=0, url="http://x", params={"q": '"items": []'})


@given(st.lists(tracks, max_size=2), views)
def test_a_page_of_tracks_is_the_text_of_its_shape(found: list[Track], view: shapes.View) -> None:
    text = texts.page(shaped([]), [texts.track(one, view) for one in found])
    assert text == json.dumps(shaped([shapes.track(one, view) for one in found]), ensure_ascii=False)


@given(albums, views)
def test_a_page_of_albums_is_the_text_of_its_shape(album: Album, view: shapes.View) -> None:
    text = texts.page(shaped([]), [texts.album(album, view)])
    assert text == json.dumps(shaped([shapes.simplified_album(album, view)]), ensure_ascii=False)
