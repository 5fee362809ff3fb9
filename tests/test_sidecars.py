from __future__ import annotations

from pathlib import Path

import pytest

from ritornello import sidecars


def lie(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")


def test_a_file_s_own_sidecar_counts_before_that_of_its_folder(tmp_path: Path) -> None:
    lie(
        tmp_path,
        a__flac="",
        b__flac="",
        a__flac__license="SPDX-FileCopyrightText: 2020 Ann\nSPDX-License-Identifier: CC-BY-SA-4.0\n",
        LICENSE="CC0 1.0 Universal\n\nCREATIVE COMMONS CORPORATION IS NOT A LAW FIRM",
    )
    a, b, c = tmp_path / "a.flac", tmp_path / "b.flac", tmp_path / "deeper" / "c.flac"
    assert sidecars.read([a, b, c]) == {a: ("CC-BY-SA-4.0", "2020 Ann"), b: ("CC0-1.0", None)}


@pytest.mark.parametrize(
    ("text", "licence", "copyright_"),
    [
        ("SPDX-License-Identifier: CC-BY-SA-3.0 OR GPL-2.0-or-later", "CC-BY-SA-3.0 OR GPL-2.0-or-later", None),
        ("SPDX-License-Identifier: MIT\nSPDX-License-Identifier: CC0-1.0", "MIT AND CC0-1.0", None),
        ("SPDX-License-Identifier: Made-Up-1.0", "Made-Up-1.0", None),
        ("All of this: https://creativecommons.org/licenses/by-nc/4.0/ thanks", "CC-BY-NC-4.0", None),
        ("Album\n\nCreative Commons Attribution 4.0 International\n\nCopyright 2021 Bo", "CC-BY-4.0", "2021 Bo"),
        ("Some tracks CC0\nCC0\nothers\nCC BY 4.0", None, None),
        ("Ask before you use it.", None, None),
        ("\0\1\2\xff", None, None),
    ],
)
def test_what_a_folder_s_file_says(tmp_path: Path, text: str, licence: str | None, copyright_: str | None) -> None:
    lie(tmp_path, licence__txt=text)
    song = tmp_path / "a.flac"
    expected = {} if (licence, copyright_) == (None, None) else {song: (licence, copyright_)}
    assert sidecars.read([song]) == expected
