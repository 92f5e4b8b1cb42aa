"""Telephone numbers, lots, channels and verdicts as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tickets.register.values import (
    DIGITS_LOST,
    DOUBTFUL_NUMBER,
    LOCAL_NUMBER,
    ZERO_RESTORED,
    Rating,
    channels_of,
    is_ditto,
    is_nothing,
    lots_of,
    name_of,
    phones_of,
    rating_of,
)
from shared.events.tickets import Channel
from shared.spreadsheet.sheet import Cell

MOBILE = {
    "plain": lambda n: n,
    "number": float,
    "number as text": lambda n: f"{n}.0",
    "scientific": lambda n: f"{n[0]}.{n[1:]}E+10",
    "dashes": lambda n: f"{n[:3]}-{n[3:7]}-{n[7:]}",
    "blanks": lambda n: f"{n[:3]} {n[3:7]} {n[7:]}",
    "+86": lambda n: f"+86 {n}",
    "+86-": lambda n: f"+86-{n[:3]}-{n[3:7]}-{n[7:]}",
    "0086": lambda n: f"0086{n}",
    "86": lambda n: f"86{n}",
    "full width": lambda n: "".join(chr(ord(digit) + 0xFEE0) for digit in n),
    "named": lambda n: f"李先生 {n}",
    "labelled": lambda n: f"手机：{n}（李）",
    "marked as text": lambda n: f"'{n}",
}
LANDLINE = {
    "dash": lambda area, line, ext: f"{area}-{line} 转 {ext}",
    "blank": lambda area, line, ext: f"{area} {line}转{ext}",
    "brackets": lambda area, line, ext: f"({area}){line}-{ext}",
    "wide brackets": lambda area, line, ext: f"（{area}）{line[:4]}-{line[4:]} 分机{ext}",
    "together": lambda area, line, ext: f"{area}{line},{ext}",
    "ext": lambda area, line, ext: f"{area}-{line} ext. {ext}",
    "abroad": lambda area, line, ext: f"+86 {area[1:]} {line} x{ext}",
}


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(sorted(MOBILE)))
def test_a_mobile_number_is_the_same_however_it_is_written(number: str, form: str) -> None:
    found = phones_of(MOBILE[form](number))

    assert found.numbers == (number,)
    assert not found.unread


@given(
    st.sampled_from(["010", "021", "0531", "0755"]),
    st.from_regex(r"[2-8][0-9]{7}", fullmatch=True),
    st.from_regex(r"[1-9][0-9]{0,3}", fullmatch=True),
    st.sampled_from(sorted(LANDLINE)),
)
def test_a_landline_is_the_same_however_it_is_written(area: str, line: str, extension: str, form: str) -> None:
    found = phones_of(LANDLINE[form](area, line, extension))

    assert found.numbers == (f"{area}{line},{extension}",)
    assert not found.unread


@pytest.mark.parametrize("between", ["/", "、", " ", "，", ",", ";", "；", "\n", " 或 ", "，座机："])
def test_of_several_numbers_all_are_kept(between: str) -> None:
    assert phones_of(f"13800001111{between}0531-86006769").numbers == ("13800001111", "053186006769")
    assert phones_of(f"0531-86006769{between}0531-86006770").numbers == ("053186006769", "053186006770")


@pytest.mark.parametrize(
    ("cell", "number", "remark"),
    [
        ("86006769", "86006769", LOCAL_NUMBER),
        (53186006769.0, "053186006769", ZERO_RESTORED),
        ("53186006769", "053186006769", ZERO_RESTORED),
        ("0531-8600676", "05318600676", DOUBTFUL_NUMBER),
    ],
)
def test_a_doubtful_number_is_kept_with_a_remark(cell: Cell, number: str, remark: object) -> None:
    found = phones_of(cell)

    assert (found.numbers, found.remarks) == ((number,), (remark,))


@pytest.mark.parametrize(
    "cell",
    [
        "1380000",
        "138000087790",
        "12345678901",
        "138OO001111",
        "010-1234567",
        "531-86005999",
        "+1 23",
        "打过去没人接",
        1380000.0,
    ],
)
def test_what_is_no_number_is_not_read(cell: Cell) -> None:
    found = phones_of(cell)

    assert not found.numbers
    assert found.unread


def test_a_number_behind_a_comma_is_no_extension_when_it_is_the_next_number() -> None:
    assert phones_of("0531-86006769,0531 86006770").numbers == ("053186006769", "053186006770")


def test_a_number_that_lost_its_digits_is_not_guessed() -> None:
    assert phones_of("1.38E+10").numbers == ()
    assert phones_of("1.38E+10").remarks == (DIGITS_LOST,)


def test_service_numbers_and_numbers_abroad() -> None:
    assert phones_of("400-618-8888").numbers == ("4006188888",)
    assert phones_of("400-618-888").numbers == ()
    assert phones_of("+852 2123 4567").numbers == ("+85221234567",)


@pytest.mark.parametrize("cell", [None, "/", "无", "不详", "-", "—", " 未 知 ", "N/A", "??", "未提供", "(无)"])
def test_what_says_nothing_is_nothing(cell: Cell) -> None:
    assert is_nothing(cell)
    assert phones_of(cell) == phones_of(None)
    assert lots_of(cell) == lots_of(None)
    assert rating_of(cell) == Rating()
    assert name_of(cell) is None


@pytest.mark.parametrize("mark", ["同上", "同 上", "〃", "″", '"', "”", "同前", "(同上)", "ditto", "--〃--", "々"])
def test_marks_for_the_same_as_above(mark: str) -> None:
    assert is_ditto(mark)


@pytest.mark.parametrize("text", ["同上个月", "同仁堂", "上同", "-", None, 1.0, "do not call"])
def test_what_only_looks_like_such_a_mark(text: Cell) -> None:
    assert not is_ditto(text)


@pytest.mark.parametrize(
    ("cell", "lots"),
    [
        ("DS261008", ["DS261008"]),
        ("ｄｓ２６１００８", ["DS261008"]),
        (" ds 261008", ["DS261008"]),
        ("批号：DS261008", ["DS261008"]),
        ("第261008批", ["261008"]),
        ("LOT No. A-123", ["A-123"]),
        (20260715.0, ["20260715"]),
        ("DS261008、DS261009", ["DS261008", "DS261009"]),
        ("DS261008/DS261009", ["DS261008", "DS261009"]),
        ("DS261008 DS261009", ["DS261008", "DS261009"]),
    ],
)
def test_lots(cell: Cell, lots: list[str]) -> None:
    found = lots_of(cell)

    assert list(found.numbers) == lots
    assert not found.unread


def test_a_lot_that_is_not_sure_is_not_read() -> None:
    for text in ("见包装", "DS26?008", "NS260360?", "大概是DS261008"):
        assert lots_of(text).numbers == ()
        assert lots_of(text).unread == text
    partly = lots_of("DS261008(3箱)")
    assert partly.numbers == ("DS261008",)
    assert partly.unread


@pytest.mark.parametrize(
    ("words", "channel"),
    [
        ("来电 电话 热线 手机 400热线 客户来电 Phone call hotline Tel", Channel.PHONE),
        ("来函 信函 信件 来信 传真 公函 letter FAX", Channel.LETTER),
        ("来人 来访 上门 当面 到店 walk-in Visit", Channel.WALK_IN),
        ("邮件 电子邮件 Ｅ－ｍａｉｌ email 电邮 邮箱", Channel.EMAIL),
        ("微信 QQ ＱＱ 钉钉 企微 短信 WeChat 手机微信 微信公众号 IM WhatsApp", Channel.IM),
        ("网站 网上 平台 官网 小程序 APP 在线 portal web", Channel.PORTAL),
    ],
)
def test_channels(words: str, channel: Channel) -> None:
    assert {word: channels_of(word) for word in words.split()} == dict.fromkeys(words.split(), (channel,))


def test_of_several_channels_the_first_comes_first() -> None:
    assert channels_of("来电/微信") == (Channel.PHONE, Channel.IM)
    assert channels_of("walk in") == (Channel.WALK_IN,)
    assert channels_of("其他") == ()
    assert channels_of("hotel") == ()


@pytest.mark.parametrize(
    "cell", [4.0, "4", "４", "4分", "4.0", "四星", "4星", "★★★★", "★★★★☆", "⭐⭐⭐⭐", "4/5", "4 / 5 分", "四分", "四"]
)
def test_scores(cell: Cell) -> None:
    assert rating_of(cell) == Rating(score=4)


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        ("满意", Rating(verdict="满意")),
        ("非常满意", Rating(verdict="非常满意")),
        ("一般", Rating(verdict="一般")),
        ("不满意（电话）", Rating(verdict="不满意（电话）")),
        ("满意(5分)", Rating(score=5, verdict="满意")),
        ("满意/5", Rating(score=5, verdict="满意")),
        ("1（不满意）", Rating(score=1, verdict="不满意")),
        ("□满意 ☑一般 □不满意", Rating(verdict="一般")),
        ("□满意 □一般 □不满意", Rating()),
        ("√满意", Rating(verdict="满意")),
        ("拒填", Rating(declined=True)),
        ("拒评", Rating(declined=True)),
        ("客户不愿评价", Rating(declined=True)),
        ("declined", Rating(declined=True)),
        ("未评", Rating()),
    ],
)
def test_words_and_refusals(cell: Cell, rating: Rating) -> None:
    assert rating_of(cell) == rating


@pytest.mark.parametrize("cell", [0.0, 6.0, 4.5, "0", "95分", "4.5", "二星半", "5/10", "★★★★★★", True])
def test_what_is_no_score_is_not_read(cell: Cell) -> None:
    found = rating_of(cell)

    assert found.score is None
    assert found.unread


def test_a_name_keeps_its_own_characters() -> None:
    assert name_of("幼儿园（西区）") == "幼儿园（西区）"
    assert name_of("新华超市\n三店") == "新华超市三店"
    assert name_of("ABC\nCo.") == "ABC Co."
    assert name_of(3.0) == "3"
