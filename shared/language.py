"""Which of the two languages an answer speaks. Chinese unless the caller prefers English."""

from functools import lru_cache
from typing import Literal

from shared.decider import Words

Language = Literal["zh", "en"]

CONTENT_LANGUAGE: dict[Language, str] = {"zh": "zh-CN", "en": "en"}


@lru_cache(maxsize=256)
def preferred(accept_language: str) -> Language:
    """The language that an ``Accept-Language`` header prefers, q-values heeded; at a tie the first named.

    ``*``, an unknown language or nothing at all mean Chinese.
    """
    best: Language = "zh"
    best_quality = 0.0
    for entry in accept_language.split(","):
        tag, _, parameters = entry.partition(";")
        language = _known(tag.strip().lower())
        quality = _quality(parameters)
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def say(words: Words, language: Language) -> str:
    """The sentence in one language."""
    return words.en if language == "en" else words.zh


def _known(tag: str) -> Language | None:
    primary = tag.split("-")[0]
    if primary in ("zh", "*"):
        return "zh"
    return "en" if primary == "en" else None


def _quality(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0
