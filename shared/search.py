"""Finding Chinese text: by the single characters and neighbouring pairs that a name is made of.

Chinese has no spaces to cut words at, so every pair counts as a word. An index over them finds the candidates, and
the plain substring test has the last word.
"""

from typing import Any

from shared.text import folded


def grams(*texts: str | None) -> list[str]:
    """What a text is found by: its characters and pairs of characters. Texts don't run into each other."""
    found: set[str] = set()
    for text in texts:
        if text:
            plain = folded(text)
            found.update(plain)
            found.update(plain[i : i + 2] for i in range(len(plain) - 1))
    return sorted(found)


def haystack(*texts: str | None) -> str:
    """The folded texts, a line each."""
    return "\n".join(folded(text) for text in texts if text)


def sought(query: str) -> tuple[str, dict[str, Any]]:
    """The SQL condition on columns ``grams`` and ``haystack``, and its parameters."""
    plain = folded(query)
    pairs = [plain[i : i + 2] for i in range(len(plain) - 1)] or [plain]
    return "grams @> %(q_grams)s AND position(%(q)s IN haystack) > 0", {"q_grams": pairs, "q": plain}
