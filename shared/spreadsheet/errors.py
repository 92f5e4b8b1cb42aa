"""The one way in which a whole file can fail."""

from shared.decider import Words


class SpreadsheetUnreadable(Exception):
    """Nothing could be read from the file; HTTP 422.

    ``code`` is stable: ``too_big``, ``empty``, ``old_format``, ``not_a_spreadsheet``, ``damaged``,
    ``unknown_encoding``, ``no_header``. ``words`` say what is wrong and what to do.
    """

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.words = Words(zh, en)
