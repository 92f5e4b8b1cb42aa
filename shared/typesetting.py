"""The type that forms are set in.

Chinese is set in STSong-Light, one of the fonts that every PDF reader for Chinese has by the standard (Adobe-GB1), so
nothing has to be shipped or licensed; letters and digits in Helvetica. Where the company names a TrueType font of its
own, that is used for all and goes into the file.
"""

import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import textsplit
from reportlab.lib.colors import Color, black
from reportlab.lib.enums import TA_CENTER, TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph, paragraph

BUILT_IN = "STSong-Light"
_LATIN = re.compile(r"[\x21-\x7e\xa0-\xff]+(?: +[\x21-\x7e\xa0-\xff]+)*")
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
SIZE = 10.0
"""Points."""
GETA = "〓"
"""Stands for a character that the built-in font has no way to name, as printers do it."""

# What may not begin a line hangs behind the one before it. reportlab knows the Japanese marks only.
for module in (textsplit, paragraph):
    vars(module)["ALL_CANNOT_START"] += "，；：？！》〉”’％"


class Type:
    """A font, and paragraphs set in it."""

    def __init__(self, font: Path | None = None) -> None:
        self.font = _registered(font)
        self.own = font is not None

    def line(
        self, text: str, size: float = SIZE, *, centred: bool = False, right: bool = False, colour: Color = black
    ) -> Paragraph:
        """Text that breaks anywhere, as Chinese does; line ends stay."""
        style = ParagraphStyle(
            "text",
            fontName=self.font,
            fontSize=size,
            leading=size * 1.32,
            wordWrap="CJK",
            alignment=TA_CENTER if centred else TA_RIGHT if right else TA_LEFT,
            textColor=colour,
        )
        return Paragraph(self._marked(text), style)

    def plain(self, text: str) -> str:
        """What can be set of ``text``; a paragraph would drop a wide blank, so it becomes narrow ones."""
        wide = text.replace("\u3000", "\xa0\xa0")
        return wide if self.own else _BEYOND.sub(GETA, wide)

    def _marked(self, text: str) -> str:
        """XML of reportlab's paragraphs."""
        plain = self.plain(text)
        if self.own:
            return escape(plain).replace("\n", "<br/>")
        parts, end = [], 0
        for run in _LATIN.finditer(plain):
            parts += [escape(plain[end : run.start()]), f'<font name="Helvetica">{escape(run[0])}</font>']
            end = run.end()
        return "".join([*parts, escape(plain[end:])]).replace("\n", "<br/>")


@cache
def _registered(font: Path | None) -> str:
    """The font's name, known to reportlab. Raises ``TTFError`` for a file that is no TrueType font."""
    if font is None:
        pdfmetrics.registerFont(UnicodeCIDFont(BUILT_IN))
        return BUILT_IN
    pdfmetrics.registerFont(TTFont(font.stem, font))
    return font.stem
