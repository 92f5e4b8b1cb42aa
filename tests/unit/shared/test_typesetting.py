"""How paragraphs are set."""

import pytest

from shared.typesetting import SIZE, Type


@pytest.mark.parametrize("mark", "，。；：？！、）》")
def test_no_line_begins_with_punctuation(mark: str) -> None:
    # given a text whose sixth character is a mark, in a column of five
    text = Type().line("上门服务员" + mark + "到场")

    # when it is set
    text.wrap(5 * SIZE, 1000)

    # then the mark hangs behind the first line
    lines = ["".join(words) for _, words in text.blPara.lines]
    assert lines == ["上门服务员" + mark, "到场"]
