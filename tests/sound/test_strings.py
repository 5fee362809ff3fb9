"""synchstring and rhythmstring decode to what they encode."""

from __future__ import annotations

import base64
import zlib

import numpy as np

from ritornello.sound import strings
from ritornello.sound.spectrum import FINE_RATE
from tests import sounds
from tests.heard import analysed


def test_synchstring_counts_zero_crossings() -> None:
    analysis = analysed(sounds.tone(100, 6))
    numbers = strings.decode(analysis.synchstring)
    assert numbers[:2] == [22050, 3]
    position = 2
    for _ in range(3):
        crossings, first = numbers[position : position + 2]
        steps = numbers[position + 2 : position + 1 + crossings]
        assert abs(crossings - 200) <= 1
        assert 0 <= first <= 111
        assert abs(np.mean(steps) - 22050 / 200) < 0.1
        position += 1 + crossings
    assert position == len(numbers)


def test_rhythmstring_has_an_onset_for_every_click() -> None:
    analysis = analysed(sounds.clicks(120, 10))
    numbers = strings.decode(analysis.rhythmstring)
    assert numbers[:3] == [22050, 256, 8]
    position, counts = 3, []
    for _ in range(8):
        count = numbers[position]
        steps = numbers[position + 2 : position + 1 + count]
        counts.append(count)
        if count == 20:
            assert abs(np.median(steps) - 0.5 * FINE_RATE) <= 1
        position += 1 + max(count, 1)
    assert position == len(numbers)
    assert 20 in counts


def test_strings_are_urlsafe_base64_of_zlib() -> None:
    text = strings.synchstring((sounds.noise(1, rate=22050),))
    assert set(text) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=")
    assert zlib.decompress(base64.urlsafe_b64decode(text)).startswith(b"22050 1 ")
