"""Pictures as telephones make them."""

import io

from PIL import Image, ImageDraw


def signature(seed: int = 0, *, blank: bool = False) -> bytes:
    """A PNG with a line drawn on transparent ground."""
    image = Image.new("RGBA", (600, 200), (0, 0, 0, 0))
    if not blank:
        ImageDraw.Draw(image).line([(40, 150), (120, 40 + seed), (300, 160), (520, 60)], fill="navy", width=7)
    return _saved(image, "PNG")


def photo(seed: int = 0) -> bytes:
    """A JPEG."""
    return _saved(Image.new("RGB", (1600, 1200), (190, 200, 150 + seed % 100)), "JPEG")


def plain(width: int, height: int) -> bytes:
    """A PNG of one bit a pixel, with a dot."""
    image = Image.new("1", (width, height))
    image.putpixel((0, 0), 1)
    return _saved(image, "PNG")


def _saved(image: Image.Image, kind: str) -> bytes:
    made = io.BytesIO()
    image.save(made, kind)
    return made.getvalue()
