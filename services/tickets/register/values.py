"""What people write for a telephone number, a lot, a channel, a verdict, and the value that it stands for."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import phonenumbers

from shared.decider import Words
from shared.events.tickets import Channel
from shared.spreadsheet.sheet import Cell, text_of
from shared.spreadsheet.workbook import Broken

_NOTHING_WORDS = r"""
    / // \ - -- --- _ . .. ? ?? n/a na nil none null unknown tbd 无 没有 无此项 不详 不明 未知 不清楚 不知道 不清 看不清
    未提供 未填 未写 未记录 未留 暂无 空 略 (无) (空)
"""
_DITTO_WORDS = """
    同上 同前 同 同上行 同上条 同上一条 同上栏 同上格 〃 〃〃 ′′ '' " "" ” “ 〞 〝 々 ditto do do.
"""
_NOTHING, _DITTO = frozenset(_NOTHING_WORDS.split()), frozenset(_DITTO_WORDS.split())
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-"))
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff)])\s*[\r\n\t]+\s*(?=[\u3400-\u9fff(])")


_LONGEST_MARK = 8


def wide(text: str) -> str:
    """The text in one width and with one kind of dash, for comparing and reading; not for keeping."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def is_ditto(cell: Cell) -> bool:
    """Whether the cell says “the same as above” (同上, 〃, ″)."""
    if not isinstance(cell, str) or len(cell) > _LONGEST_MARK:
        return False
    mark = "".join(wide(cell).lower().split()).strip("()-")
    return mark in _DITTO


def begins_with_ditto(cell: Cell) -> bool:
    """Whether the cell says “the same as above” and something beside it (``同上（加急）``)."""
    return isinstance(cell, str) and bool(re.match(r"(?:同上|同前|〃)\s*[(,.;。，；、（]", cell))


def is_nothing(cell: Cell) -> bool:
    """Whether the cell is empty or says that nothing is known (``/``, 不详, 无)."""
    return cell is None or (isinstance(cell, str) and len(cell) <= 10 and _says_nothing(cell))


@lru_cache(maxsize=1 << 14)
def _says_nothing(text: str) -> bool:
    return "".join(wide(text).lower().split()) in _NOTHING


def name_of(cell: Cell) -> str | None:
    """A name or a text with its own characters; only the breaks of a wrapped line are taken out."""
    if is_nothing(cell) or isinstance(cell, Broken):
        return None
    return re.sub(r"\s*[\r\n\t]+\s*", " ", _BETWEEN_CHINESE.sub("", text_of(cell))).strip() or None


# ── telephone numbers ──

_LINE = r"[2-8]\d{2,3}[\s-]?\d{4}"
_PHONE = re.compile(
    rf"""(?<!\d)(?<!\d[-.])
    (?:\+?\s*(?:00)?86[\s-]*)?
    (?:
      0?(?P<mobile>1[3-9]\d[\s.-]*\d{{4}}[\s.-]*\d{{4}})
    | \(?(?P<area>0(?:10|2\d|[3-9]\d{{2}}))\)?[\s-]*(?P<line>{_LINE})
    | (?P<service>[48]00[\s-]*\d{{3,4}}[\s-]*\d{{3,4}})
    | (?P<local>{_LINE})
    )(?!\d)
    (?:\s*(?:[,\-\#x]|[,-]?\s*(?:ext\.?|extension|转分机|转|分机|内线)\s*:?\s*)(?P<extension>\d{{1,6}})(?![\d-]|\s+\d))?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_ABROAD_AREA = re.compile(rf"(?:\+|00)\s*86[\s-]*(10|2\d|[3-9]\d{{2}})[\s-]*({_LINE})(?!\d)")
_WITHOUT_ZERO = re.compile(r"(?:10|2\d)[2-8]\d{7}|[3-9]\d{2}[2-8]\d{6,7}")

LOCAL_NUMBER = Words("电话没有区号", "the telephone number has no area code")
DOUBTFUL_NUMBER = Words("电话位数与区号不符，请核对", "the number's length doesn't fit its area code: please check")
ZERO_RESTORED = Words("电话区号前补了 0", "the 0 before the area code was restored")
DIGITS_LOST = Words("电话成了科学计数，末几位已丢失", "the number became scientific notation and lost its last digits")


@dataclass(frozen=True, slots=True)
class Phones:
    """The numbers of a cell, in its order; digits only, an extension behind a comma (``053186006769,803``)."""

    numbers: tuple[str, ...] = ()
    unread: str = ""
    """The cell, when something with digits in it is no number."""
    remarks: tuple[Words, ...] = ()


def phones_of(cell: Cell) -> Phones:
    """Mobile, landline and service numbers of China, however they are grouped; others with + and their
    country."""
    if is_nothing(cell):
        return Phones()
    if isinstance(cell, float):
        return _of_digits(text_of(cell))
    if not isinstance(cell, str):
        return Phones(unread=text_of(cell))
    text = wide(cell).lstrip("'").replace("、", ";")
    if re.fullmatch(r"\d+(?:\.\d+)?e\+?\d+|\d{6,}\.0+", text, re.IGNORECASE):
        return _of_scientific(text)
    if text.isdecimal():
        return _of_digits(text)
    if text.startswith("+") and not re.match(r"\+\s*86", text):
        return _foreign(text)
    text = _ABROAD_AREA.sub(r"0\1-\2", text)
    found = [*_PHONE.finditer(text)]
    numbers = tuple(dict.fromkeys(_joined(match) for match in found if _complete(match)))
    whole = numbers and all(map(_complete, found)) and not re.search(r"\d", _PHONE.sub(" ", text))
    return Phones(numbers, "" if whole else cell, _remarks(numbers[0], found[0]) if numbers else ())


def _remarks(number: str, match: re.Match[str]) -> tuple[Words, ...]:
    """What makes a number doubtful. It is kept: the table of area codes can be older than the number."""
    if match["local"]:
        return (LOCAL_NUMBER,)
    if match["area"] and not phonenumbers.is_valid_number(phonenumbers.parse(number.partition(",")[0], "CN")):
        return (DOUBTFUL_NUMBER,)
    return ()


def _joined(match: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", match["mobile"] or f"{match['area'] or ''}{_behind_area(match)}")
    return f"{digits},{match['extension']}" if match["extension"] else digits


def _behind_area(match: re.Match[str]) -> str:
    return match["line"] or match["service"] or match["local"] or ""


def _complete(match: re.Match[str]) -> bool:
    """010 and 02x have eight digits behind them; 400 and 800 seven."""
    digits = len(re.sub(r"\D", "", _behind_area(match)))
    if match["service"]:
        return digits == 10
    return digits == 8 if match["area"] and len(match["area"]) == 3 else True


def _of_digits(digits: str) -> Phones:
    """Typed into a spreadsheet as a number, a landline has lost its leading zero."""
    found = _PHONE.fullmatch(digits)
    if found and _complete(found):
        return Phones((_joined(found),), remarks=_remarks(_joined(found), found))
    if _WITHOUT_ZERO.fullmatch(digits):
        return Phones((f"0{digits}",), remarks=(ZERO_RESTORED,))
    return Phones(unread=digits)


def _of_scientific(text: str) -> Phones:
    mantissa, _, exponent = text.lower().partition("e")
    number = Decimal(text)
    kept = not exponent or len(mantissa.partition(".")[2]) >= int(exponent)
    if kept and number == number.to_integral_value():
        return _of_digits(str(int(number)))
    return Phones(unread=text, remarks=(DIGITS_LOST,))


def _foreign(text: str) -> Phones:
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return Phones(unread=text)
    if not phonenumbers.is_valid_number(number):
        return Phones(unread=text)
    return Phones((phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),))


# ── lots ──

_LOT_LABEL = re.compile(
    r"^(?:生产|产品)?(?:批号|批次号?)\s*[:是为]?\s*|^(?:lot|batch)\s*(?:no\.?|number)?\s*[:#]?\s*",
    re.IGNORECASE,
)
_LOT = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9\-/._#]*")
_LOT_WITHIN = re.compile(r"(?<![A-Z0-9])[A-Z]{1,5}-?\d{4,}(?:-\d+)?(?![A-Z0-9])")
_BETWEEN_LOTS = re.compile(r"[,;、\n]+|\s+(?=[A-Z]+\d)|和|及|/(?=[A-Z]+\d)")


@dataclass(frozen=True, slots=True)
class Lots:
    numbers: tuple[str, ...] = ()
    """Upper case, without blanks."""
    unread: str = ""
    """The cell, when it isn't, or isn't only, a lot."""


def lots_of(cell: Cell) -> Lots:
    """The lots of a cell. A lot has at least one digit; a date is what a spreadsheet made of one, and not it."""
    if is_nothing(cell):
        return Lots()
    if not isinstance(cell, str | float):
        return Lots(unread=text_of(cell))
    text = _LOT_LABEL.sub("", wide(text_of(cell)).lstrip("'")).upper().removeprefix("第").removesuffix("批")
    if is_nothing(text):
        return Lots()
    lots = tuple(dict.fromkeys("".join(part.split()) for part in _BETWEEN_LOTS.split(text) if part.strip()))
    if all(map(_LOT.fullmatch, lots)):
        return Lots(lots)
    certain = () if re.search(r"[?*~]|疑|像|约|大概|模糊", text) else tuple(dict.fromkeys(_LOT_WITHIN.findall(text)))
    return Lots(certain, unread=text_of(cell))


# ── channels ──

_CHANNEL_WORDS: tuple[tuple[Channel, str], ...] = (
    (Channel.EMAIL, r"邮件|邮箱|电邮|e-?mail|(?<![a-z])mail|outlook"),
    (
        Channel.IM,
        r"微信|企微|qq|钉钉|飞书|短信|短消息|私信|wechat|whatsapp|dingtalk|(?<![a-z])im(?![a-z])|sms|chat",
    ),
    (Channel.LETTER, r"函|来信|信件|书信|写信|邮寄|邮政|挂号|传真|fax|letter|(?<![a-z])post(?![a-z])"),
    (
        Channel.WALK_IN,
        r"来人|来访|上门|现场|当面|面谈|面访|面对面|亲自|到店|到访|门店|前台|walk-?in|visit|inperson|counter",
    ),
    (
        Channel.PORTAL,
        r"网站|网上|网络|官网|平台|小程序|公众号|在线|网页|(?<![a-z])app(?![a-z])|portal|web|online",
    ),
    (
        Channel.PHONE,
        r"来电|电话|热线|手机|座机|致电|去电|回电|语音|phone|call|(?<![a-z])tel|hotline|mobile|400|12345",
    ),
    (Channel.SURVEY, r"调查|问卷|survey"),
)
_CHANNELS = tuple((channel, re.compile(words)) for channel, words in _CHANNEL_WORDS)


def channels_of(cell: Cell) -> tuple[Channel, ...]:
    """The channels that a text names, in its order; none when it names none that is known.

    Of several words for one way the narrower counts: 手机微信 is a message, not a call.
    """
    parts = re.split(r"[/、,;+&|]|和|及", "".join(wide(text_of(cell)).lower().split()))
    named = (next((channel for channel, words in _CHANNELS if words.search(part)), None) for part in parts)
    return tuple(dict.fromkeys(channel for channel in named if channel is not None))


# ── the survey ──

_STARS = re.compile(r"[★⭐🌟✩☆*\ufe0f\s]+")
_NUMERALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_UNIT = r"(?:分|颗?星级?|points?|stars?)"
_POINTS = re.compile(
    rf"(?:(?P<score>\d+(?:\.0+)?)\s*{_UNIT}?|(?P<numeral>[一二两三四五])(?:\s*{_UNIT}|$))\s*(?:/\s*5\s*分?)?",
    re.IGNORECASE,
)
_DECLINED = re.compile(r"拒|不愿|不予|谢绝|不想评|不肯|declin|refus", re.IGNORECASE)
_UNASKED = re.compile(r"(?:未|没|待)(?:评价?|打分|回访|填写?|调查|做|反馈)")


@dataclass(frozen=True, slots=True)
class Rating:
    """An answer to the satisfaction survey (3.6)."""

    score: int | None = None
    """1 to 5."""
    verdict: str | None = None
    """The customer's word, as written (满意, 不满意)."""
    declined: bool = False
    """The customer was asked and didn't want to answer (D19)."""
    unread: str = ""


def rating_of(cell: Cell) -> Rating:
    """A score of 1 to 5, a word, or the refusal to answer."""
    if is_nothing(cell):
        return Rating()
    if isinstance(cell, float):
        return Rating(score=int(cell)) if cell in (1, 2, 3, 4, 5) else Rating(unread=text_of(cell))
    if not isinstance(cell, str):
        return Rating(unread=text_of(cell))
    text = wide(cell)
    if ticked := _ticked(text):
        cell = text = ticked
    if _UNASKED.fullmatch(text):
        return Rating()
    if _DECLINED.search(text):
        return Rating(declined=True)
    if _STARS.fullmatch(text):
        stars = sum(text.count(star) for star in "★⭐🌟*")
        return Rating(score=stars) if 1 <= stars <= 5 else Rating(unread=cell)
    if match := _POINTS.match(text):
        score = _NUMERALS[match["numeral"]] if match["numeral"] else int(float(match["score"]))
        word = text[match.end() :].strip(" ()[],.、:-·")
        if not 1 <= score <= 5 or re.search(r"\d|^半", word):
            return Rating(unread=cell)
        return Rating(score=score, verdict=word or None)
    return _worded(cell, text)


def _ticked(text: str) -> str:
    """The one choice that is ticked in ``□满意 ☑一般 □不满意``; nothing ticked is like nothing asked."""
    if not re.search(r"[□☐]|^[☑☒✓✔√■]", text):
        return ""
    ticked = re.findall(r"[☑☒✓✔√■]\s*([^\s□☐☑☒✓✔√■/]+)", text)
    if len(ticked) == 1:
        return str(ticked[0])
    return "" if ticked else "未评"


def _worded(cell: str, text: str) -> Rating:
    """满意(5分), 非常满意 5; a word alone says no number, so it makes none."""
    match = re.fullmatch(r"(?P<word>[^\d(]+?)[\s(,:/]*(?P<score>[1-5])\s*(?:分|星)?\)?", text)
    if match:
        return Rating(score=int(match["score"]), verdict=match["word"].strip())
    return Rating(unread=cell) if re.search(r"\d", text) else Rating(verdict=name_of(cell))
