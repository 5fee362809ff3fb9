from __future__ import annotations

from ritornello.library import Library, covers
from ritornello.library.covers import Cover


def test_a_cover_is_stored_once_under_its_hash(library: Library) -> None:
    with library.begin() as connection:
        name = covers.put(connection, b"image", "image/png")
        assert covers.put(connection, b"image", "image/png") == name
        assert covers.put(connection, b"another", "image/png") != name
    assert len(name) == 40
    assert int(name, 16) > 0
    with library.connect() as connection:
        assert covers.get(connection, name) == Cover(b"image", "image/png")
        assert covers.get(connection, "0" * 40) is None
        assert connection.exec_driver_sql("SELECT count(*) FROM covers").scalar() == 2
