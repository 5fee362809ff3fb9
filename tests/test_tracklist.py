from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

from ritornello import tracklist
from ritornello.tracklist import Line

PATH = Path("/music/Bj\u00f6rk & co/1 #.mp3")
LINES = [
    Line("J\u00f3ga <live>", "Bj\u00f6rk\x07", "Homogenic", 305.4, PATH, "spotify:track:1"),
    Line("Lost\nlines", "Nobody", "Nowhere", 10.0, None, "spotify:track:2"),
]


def test_m3u8_lists_files() -> None:
    found = tracklist.write("Mine", LINES, "m3u8").splitlines()
    assert found == ["#EXTM3U", "#PLAYLIST:Mine", "#EXTINF:305,Bj\u00f6rk\x07 - J\u00f3ga <live>", str(PATH)]


def test_xspf_can_be_read_back() -> None:
    root = ElementTree.fromstring(tracklist.write("A & B", LINES, "xspf"))
    space = {"x": "http://xspf.org/ns/0/"}
    assert root.get("version") == "1"
    assert root.findtext("x:title", namespaces=space) == "A & B"
    first, second = root.findall("x:trackList/x:track", space)
    assert first.findtext("x:title", namespaces=space) == "J\u00f3ga <live>"
    assert first.findtext("x:creator", namespaces=space) == "Bj\u00f6rk"
    assert first.findtext("x:duration", namespaces=space) == "305400"
    assert first.findtext("x:location", namespaces=space) == PATH.as_uri()
    assert second.find("x:location", space) is None
    assert second.findtext("x:identifier", namespaces=space) == "spotify:track:2"


def test_jspf_has_lists_of_locations_and_identifiers() -> None:
    playlist = json.loads(tracklist.write("Mine", LINES, "jspf"))["playlist"]
    assert playlist["title"] == "Mine"
    assert playlist["track"][0]["location"] == [PATH.as_uri()]
    assert playlist["track"][1]["identifier"] == ["spotify:track:2"]
    assert "location" not in playlist["track"][1]
