import pytest

from shared.language import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("zh;q=0.4, en;q=0.5", "en"),
        ("en;q=0.5, zh;q=0.5", "en"),
        ("de, fr;q=0.9", "zh"),
        ("de, en;q=0.1", "en"),
        ("EN", "en"),
        ("*", "zh"),
        ("en;q=0, zh", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nonsense", "zh"),
        (";;,,;q=", "zh"),
        ("english", "zh"),
    ],
)
def test_the_preferred_language_is_answered(header: str, language: str) -> None:
    assert preferred(header) == language
