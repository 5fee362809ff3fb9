"""Covers as squares of the sizes that clients ask for; Pillow is loaded when the first is made."""

from __future__ import annotations

import io
from functools import lru_cache

from ritornello.errors import BadRequest

_MOST_PIXELS = 40_000_000


@lru_cache(maxsize=256)
def square(data: bytes, size: int) -> bytes | None:
    """The middle of an image as a JPEG of ``size`` by ``size`` pixels; None where it cannot be read."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            image.draft("RGB", (size, size))
            made = ImageOps.fit(ImageOps.exif_transpose(image).convert("RGB"), (size, size))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return None
    out = io.BytesIO()
    made.save(out, "JPEG", quality=85)
    return out.getvalue()


def check_jpeg(data: bytes) -> None:
    """Refuse what is no JPEG, or one that is damaged or huge."""
    if not data.startswith(b"\xff\xd8\xff") or square(data, 64) is None:
        raise BadRequest("the image cannot be read: expected a JPEG, written in base64")
