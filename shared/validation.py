"""What is wrong with an input, in plain words: pydantic's findings in Chinese and English, with JSON pointers."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, LiteralString
from urllib.parse import quote

from pydantic_core import PydanticCustomError

from shared.decider import Words
from shared.language import Language, say

SPOKEN = "spoken"
"""The type of the errors that bring their own words; see ``wrong``."""


def wrong(zh: str, en: str) -> PydanticCustomError:
    """To be raised in a request model's validator: a finding in the words of both languages."""
    return PydanticCustomError(SPOKEN, "{en}", {"zh": zh, "en": en})


def findings(errors: Sequence[Mapping[str, Any]], language: Language) -> list[dict[str, str]]:
    """RFC 9457 ``errors``: where (``in`` and a JSON pointer, RFC 6901, as URI fragment) and what."""
    return [_finding(error, language) for error in errors]


def pointer(*steps: str | int) -> str:
    """A JSON pointer as URI fragment: ``pointer("lines", 0)`` is ``#/lines/0``."""
    escaped = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join("/" + quote(step, safe="~!$&'()*+,;=:@-._") for step in escaped)


def _finding(error: Mapping[str, Any], language: Language) -> dict[str, str]:
    place, *steps = error["loc"] or ("body",)
    words = PLUS_LOST if place == "query" and _lost_its_plus(error) else _words(error)
    return {"in": str(place), "pointer": pointer(*steps), "detail": say(words, language)}


def _lost_its_plus(error: Mapping[str, Any]) -> bool:
    """A ``+`` in an address is a space, so the offset of a moment that was pasted into one can't be read any more."""
    return error["type"] in _UNREADABLE_MOMENT and _OFFSET_AFTER_SPACE.search(str(error.get("input"))) is not None


def _words(error: Mapping[str, Any]) -> Words:
    context: Mapping[str, Any] = error.get("ctx") or {}
    if error["type"] == SPOKEN:
        return Words(str(context["zh"]), str(context["en"]))
    if error["type"] == "value_error":
        return Words("此处的值无效。", f"This value is not valid: {context.get('error', '')}.")
    template = SENTENCES.get(error["type"])
    if template is None:
        return Words("此处的值无效。", f"{error['msg']}.")
    values = {name: _shown(value) for name, value in context.items()}
    return Words(template.zh.format_map(values), template.en.format_map(values))


def _shown(value: Any) -> str:
    return str(value).replace("'", "").replace(" or ", " / ")


_UNREADABLE_MOMENT = ("datetime_parsing", "datetime_from_date_parsing")
_OFFSET_AFTER_SPACE = re.compile(r"T\S+ \d\d:?\d\d$")
PLUS_LOST = Words(
    "网址中的“+”须写成 %2B,如 2026-10-01T08:30:00%2B08:00。",
    "In an address a + is written %2B, such as 2026-10-01T08:30:00%2B08:00.",
)


def _both(*types: LiteralString, zh: str, en: str) -> dict[str, Words]:
    return dict.fromkeys(types, Words(zh, en))


SENTENCES: dict[str, Words] = {
    **_both("missing", "missing_argument", zh="缺少此必填项。", en="This is required."),
    **_both(
        "extra_forbidden",
        "unexpected_keyword_argument",
        zh="没有这一项,请删除或检查名称。",
        en="There is no such field; remove it or check its name.",
    ),
    **_both(
        "model_type",
        "model_attributes_type",
        "dataclass_type",
        "dict_type",
        "mapping_type",
        "frozen_dict_type",
        "ordered_dict_type",
        zh="此处应为对象 {{…}}。",
        en="An object {{…}} is expected here.",
    ),
    **_both(
        "list_type",
        "tuple_type",
        "set_type",
        "frozen_set_type",
        "deque_type",
        "iterable_type",
        "named_tuple_type",
        zh="此处应为列表 […]。",
        en="A list […] is expected here.",
    ),
    **_both("none_required", "missing_sentinel_error", "ellipsis_error", zh="此项应为空。", en="This has to be null."),
    **_both("greater_than", zh="应大于 {gt}。", en="It has to be greater than {gt}."),
    **_both("greater_than_equal", zh="不得小于 {ge}。", en="It has to be at least {ge}."),
    **_both("less_than", zh="应小于 {lt}。", en="It has to be less than {lt}."),
    **_both("less_than_equal", zh="不得大于 {le}。", en="It has to be at most {le}."),
    **_both("multiple_of", zh="应为 {multiple_of} 的倍数。", en="It has to be a multiple of {multiple_of}."),
    **_both("finite_number", zh="应为有限的数。", en="It has to be a finite number."),
    **_both("too_short", zh="至少需要 {min_length} 项。", en="At least {min_length} items are needed."),
    **_both("too_long", zh="最多允许 {max_length} 项。", en="At most {max_length} items are allowed."),
    **_both("string_type", "bytes_type", zh="应为文本。", en="A text is expected."),
    **_both(
        "string_unicode", "bytes_invalid_encoding", zh="文本编码有误,应为 UTF-8。", en="The text is not valid UTF-8."
    ),
    **_both(
        "string_too_short",
        "bytes_too_short",
        zh="至少需要 {min_length} 个字符。",
        en="At least {min_length} characters are needed.",
    ),
    **_both(
        "string_too_long",
        "bytes_too_long",
        "url_too_long",
        zh="最多允许 {max_length} 个字符。",
        en="At most {max_length} characters are allowed.",
    ),
    **_both("string_pattern_mismatch", zh="格式应符合 {pattern}。", en="It has to match {pattern}."),
    **_both("string_not_ascii", zh="只允许 ASCII 字符。", en="Only ASCII characters are allowed."),
    **_both("enum", "literal_error", zh="应为以下之一:{expected}。", en="It has to be one of: {expected}."),
    **_both("bool_type", "bool_parsing", zh="应为 true 或 false。", en="It has to be true or false."),
    **_both(
        "int_type",
        "int_parsing",
        "int_from_float",
        "int_parsing_size",
        zh="应为整数。",
        en="A whole number is expected.",
    ),
    **_both(
        "float_type",
        "float_parsing",
        "decimal_type",
        "decimal_parsing",
        "fraction_type",
        "fraction_parsing",
        "complex_type",
        "complex_str_parsing",
        zh="应为数字。",
        en="A number is expected.",
    ),
    **_both("decimal_max_digits", zh="总位数最多 {max_digits} 位。", en="It may have at most {max_digits} digits."),
    **_both(
        "decimal_max_places", zh="小数最多 {decimal_places} 位。", en="It may have at most {decimal_places} decimals."
    ),
    **_both(
        "decimal_whole_digits",
        zh="整数部分最多 {whole_digits} 位。",
        en="It may have at most {whole_digits} digits before the point.",
    ),
    **_both(
        "date_type",
        "date_parsing",
        "date_from_datetime_parsing",
        "date_from_datetime_inexact",
        zh="应为日期,如 2026-10-01。",
        en="A date is expected, such as 2026-10-01.",
    ),
    **_both("date_past", "datetime_past", zh="应为过去的时间。", en="It has to lie in the past."),
    **_both("date_future", "datetime_future", zh="应为将来的时间。", en="It has to lie in the future."),
    **_both("time_type", "time_parsing", zh="应为时间,如 08:30。", en="A time is expected, such as 08:30."),
    **_both(
        "datetime_type",
        "datetime_parsing",
        "datetime_object_invalid",
        "datetime_from_date_parsing",
        zh="应为日期时间,如 2026-10-01T08:30:00+08:00。",
        en="A date and time is expected, such as 2026-10-01T08:30:00+08:00.",
    ),
    **_both(
        "timezone_aware",
        "timezone_offset",
        zh="时间须带时区,如 2026-10-01T08:30:00+08:00。",
        en="The time needs its offset, such as 2026-10-01T08:30:00+08:00.",
    ),
    **_both("timezone_naive", zh="此处的时间不带时区。", en="The time here has no offset."),
    **_both(
        "time_delta_type", "time_delta_parsing", zh="应为时长,如 PT2H。", en="A duration is expected, such as PT2H."
    ),
    **_both(
        "union_tag_invalid",
        zh="{discriminator} 应为以下之一:{expected_tags}。",
        en="{discriminator} has to be one of: {expected_tags}.",
    ),
    **_both("union_tag_not_found", zh="缺少 {discriminator}。", en="{discriminator} is missing."),
    **_both(
        "url_type",
        "url_parsing",
        "url_syntax_violation",
        zh="应为网址,如 https://example.com/。",
        en="A URL is expected, such as https://example.com/.",
    ),
    **_both("url_scheme", zh="网址应以 {expected_schemes} 开头。", en="The URL has to begin with {expected_schemes}."),
    **_both(
        "uuid_type",
        "uuid_parsing",
        "uuid_version",
        zh="应为 UUID,如 6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d。",
        en="A UUID is expected, such as 6f1c0c9e-0c7e-4b0e-9d0a-3f6d7a1b2c3d.",
    ),
    **_both("invalid_key", zh="名称应为文本。", en="Keys have to be texts."),
    **_both("recursion_loop", "recursion_depth_exceeded", zh="嵌套过深。", en="This is nested too deeply."),
    **_both("set_item_not_hashable", zh="列表各项应为单一的值。", en="The items have to be single values."),
    **_both("assertion_error", zh="此处的值无效。", en="This value is not valid."),
}
