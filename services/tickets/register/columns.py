"""Which column holds what: the header row is found by the names that receptions give their columns.

A title is compared without its spaces, width, brackets and marks (``客户 单位(全称)*`` is ``客户单位``), in
Chinese, in English, or both in one cell. A header may have two rows, a group above and its parts below (答复
| 时间 方式).
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from services.tickets.register.sheet import Cell, SheetRow


class Field(StrEnum):
    """What a column can hold. A moment may lie in one column or in two, day and time apart."""

    SERIAL = "serial"
    RECEIVED_DAY = "received_day"
    RECEIVED = "received"
    CHANNEL = "channel"
    CUSTOMER = "customer"
    CONTACT = "contact"
    PHONE = "phone"
    CONTACT_AND_PHONE = "contact_and_phone"
    ADDRESS = "address"
    PRODUCT = "product"
    LOT = "lot"
    PURCHASED_ON = "purchased_on"
    POSTMARKED_ON = "postmarked_on"
    PROBLEM = "problem"
    TAKEN_BY = "taken_by"
    ANSWERED_DAY = "answered_day"
    ANSWERED = "answered"
    ANSWER_MEANS = "answer_means"
    ENGINEER = "engineer"
    AGREED_DAY = "agreed_day"
    AGREED = "agreed"
    ARRIVED_DAY = "arrived_day"
    ARRIVED = "arrived"
    FINISHED_DAY = "finished_day"
    FINISHED = "finished"
    SCORE = "score"
    VERDICT = "verdict"
    REMARKS = "remarks"


HEADER_WITHIN = 60
"""Rows of a sheet among which the first header is looked for."""

_DAY, _TIME = "(?:日期|日子|日)", "(?:时间|时刻|日期时间|日期及时间|日期和时间|时间点)"
_RECEIVE = (
    "(?:登记|受理|来电来函|来电|来函|来访|来信|来件|接报|接听|接电|接待|接收|接诉|收到|收件|收文|记录|反映|报修|咨询"
    "|投诉|受话|客户来电|首次来电)"
)
_ANSWER = "(?:首次|首|第一次)?(?:答复|回复|回电|回应|响应|应答|反馈|回话)(?:客户|用户)?"
_AGREE = "(?:与?客户)?(?:约定|预约|承诺|商定|计划|预计|约好)(?:上门|到场|到达|服务|到访|到位)?"
_ARRIVE = "(?:实际|工程师|人员)?(?:到场|到达|上门|到访|签到|到位)(?:现场)?"
_FINISH = "(?:处理|维修|服务|工作|任务|现场|实际)?(?:完成|完工|结束|办结|解决|离场|离开|结案)"

_PATTERNS: tuple[tuple[Field, str], ...] = (
    (Field.SERIAL, "序号|编号|登记编号|登记号|流水号|行号|受理编号|工单号|单号|no|number|serial|id|serialno"),
    (
        Field.RECEIVED_DAY,
        f"日期|{_RECEIVE}{_DAY}|date|day|receiveddate|datereceived|receiptdate|calldate|logdate",
    ),
    (
        Field.RECEIVED,
        f"{_TIME}|{_RECEIVE}{_TIME}|time|datetime|receivedat|received|timereceived|receivedtime|calltime|callat"
        "|dateandtime|receiveddatetime|loggedat",
    ),
    (
        Field.CHANNEL,
        "来源|渠道|方式|途径|来源渠道|来源方式|信息来源|(?:受理|登记|来电|接入|联络|反映|接收|服务|沟通)(?:方式|渠道|途径|来源)"
        "|来电(?:或|和|及)?来函(?:类别|类型)?|来电来[函信][来]?[访人]|channel|source|means|via|medium|contactchannel",
    ),
    (
        Field.CUSTOMER,
        "客户|顾客|用户|单位|公司|(?:客户|用户|顾客|使用|来电|来函|反映|购货|购买|服务|报修|投诉|来访)(?:单位|公司|名称|姓名)"
        "|(?:客户|用户|单位|公司|顾客)(?:单位|公司|全称|简称)?名称?|客户单位名称|customer|client|company|customername"
        "|organi[sz]ation|account|clientname|companyname",
    ),
    (
        Field.CONTACT,
        "联系人|姓名|(?:来电|来访|来函|反映|报修|投诉|咨询|对方|客户|单位|现场)?(?:联系|联络)人(?:员|姓名)?"
        "|(?:来电|来访|来函|反映|报修|投诉|咨询|诉求)(?:人|者|人员)(?:姓名)?|contact|contactperson|contactname|caller|name",
    ),
    (
        Field.PHONE,
        "(?:联系|联络|来电|客户|用户|单位|联系人|来电人|办公|固定|移动|手机|反映人)*"
        "(?:电话|手机|手机号|手机号码|电话号码|号码|座机|固话|联系方式|联络方式)"
        "|tel|telephone|phone|mobile|cell|phoneno|phonenumber|telno|contactnumber|contactphone|contactno|mobileno",
    ),
    (Field.ADDRESS, ".{0,4}(?:地址|住址)|(?:服务|使用)?地点|所在地|address|site|location|siteaddress"),
    (
        Field.PRODUCT,
        "产品|品名|货品|商品|药品|(?:产品|商品|货品|药剂|药品|货物)(?:名称|名|品名|名称及规格|名称规格)"
        "|(?:所购|购买|使用|涉及|反映|投诉|问题)(?:的)?(?:产品|商品)(?:名称)?"
        "|product|productname|item|goods|article|itemname",
    ),
    (
        Field.LOT,
        ".{0,4}(?:批号|批次|批次号|批次编号)|lot|lotno|lotnumber|batch|batchno|batchnumber|lotcode|batchcode",
    ),
    (
        Field.PURCHASED_ON,
        f"(?:购买|购货|购入|购进|采购|进货|购置|购)(?:{_DAY}|{_TIME})|purchasedate|purchasedon|boughton|dateofpurchase"
        "|purchased|datepurchased",
    ),
    (Field.POSTMARKED_ON, "邮戳|邮戳日期|寄出日期|发信日期|postmark|postmarkedon|postmarkdate"),
    (
        Field.PROBLEM,
        "(?:来电来函|来电|来函|反映|反馈|问题|投诉|咨询|报修|诉求|客户|用户|主要|故障|登记|具体|来访|事件)*"
        "(?:内容|问题|描述|情况|诉求|现象|事由|事项|需求|要求|摘要|情况描述|情况说明|情况简述|问题简述)"
        "|problem|issue|description|details|request|complaint|subject|content|problemdescription|matter|enquiry|inquiry",
    ),
    (
        Field.TAKEN_BY,
        "(?:受理|接听|登记|接待|记录|接电|接报|接线|值班|填写|经办|接单|受话|接诉)(?:人|人员|员|者|客服)(?:姓名)?|客服|客服人员"
        "|takenby|receivedby|operator|agent|receptionist|registeredby|loggedby|recordedby",
    ),
    (Field.ANSWERED_DAY, f"{_ANSWER}{_DAY}|answerdate|replydate|dateanswered|responsedate"),
    (
        Field.ANSWERED,
        f"{_ANSWER}{_TIME}?|answertime|answeredat|answered|replytime|repliedat|firstanswer|firstanswerat|responsetime"
        "|reply|replied|firstreply|firstresponse|respondedat|responseat",
    ),
    (
        Field.ANSWER_MEANS,
        f"{_ANSWER}(?:方式|渠道|途径|形式)|answermeans|answeredby|answerby|replyby|repliedby|replymethod|replychannel"
        "|answerchannel|answervia|replyvia|replymeans",
    ),
    (
        Field.ENGINEER,
        "派工|派单|派遣|处理人|工程师|(?:派工|派单|派遣|上门|维修|服务|售后|技术|处理|指派|到场)"
        "(?:人|人员|员|工程师|师傅|对象|情况)(?:姓名)?|engineer|technician|assignedto|dispatched|dispatchedto|assignee",
    ),
    (Field.AGREED_DAY, f"{_AGREE}{_DAY}|agreeddate|appointmentdate"),
    (
        Field.AGREED,
        f"{_AGREE}(?:的)?{_TIME}?|(?:上门|到场|到达)(?:预约|约定|承诺)(?:{_TIME})?|appointment|agreedarrival|agreedtime"
        "|scheduled|scheduledat|agreed|agreedat|promisedat|promisedarrival|appointmenttime|scheduledarrival",
    ),
    (Field.ARRIVED_DAY, f"{_ARRIVE}{_DAY}|arrivaldate"),
    (
        Field.ARRIVED,
        f"{_ARRIVE}{_TIME}?|(?:到场|到达|上门)实际{_TIME}?|实际{_TIME}|arrivedat|arrival|actualarrival|arrivaltime|arrived"
        "|onsiteat|checkin|actualtime",
    ),
    (Field.FINISHED_DAY, f"{_FINISH}{_DAY}|finishdate|completiondate"),
    (
        Field.FINISHED,
        f"{_FINISH}{_TIME}?|finishedat|finished|completedat|completed|finishtime|completiontime|doneat|done|closedat",
    ),
    (Field.SCORE, ".{0,6}(?:评分|得分|打分|分数|星级|分值)|score|rating|stars|points|satisfactionscore"),
    (
        Field.VERDICT,
        "(?:客户|用户|顾客|回访|服务)?(?:满意度|满意情况|满意程度|满意与否|是否满意|评价|满意|满意率)(?:调查|评价|结果|情况)*"
        "|回访结果|satisfaction|verdict|survey|feedback|customersatisfaction|surveyresult",
    ),
    (Field.REMARKS, "备注|说明|附注|其他|其它|备考|备注说明|remark|remarks|note|notes|comment|comments"),
)
_COMPILED = tuple((field, re.compile(pattern)) for field, pattern in _PATTERNS)
_CONTACT_AND_PHONE = re.compile(
    r"(?:联系人|姓名|来电人)(?:姓名)?\s*(?:及|和|与|、|/|\+|,)\s*.{0,2}(?:电话|手机|方式|号码).{0,2}"
)
_BOTH_LANGUAGES = re.compile(r"[a-z]+|[\u4e00-\u9fff]+")
_ENGLISH_MARKS = re.compile(r"[^a-z0-9]")

_COMMON_TITLES = """
    日期 时间 登记日期 登记时间 受理日期 受理时间 来电日期 来电时间 来源 渠道 方式 客户 客户单位 客户名称 单位名称 单位
    联系人 姓名 联系电话 电话 手机 地址 产品 产品名称 品名 批号 批次 序号 Date Time Channel Customer Contact Phone
"""
_COMMON = frozenset(_COMMON_TITLES.split())

_DAY_OR_TIME = {Field.RECEIVED_DAY, Field.RECEIVED}
_WHO = {Field.CUSTOMER, Field.CONTACT, Field.CONTACT_AND_PHONE}
_WHAT = {Field.PROBLEM, Field.PRODUCT}
_MANY = {Field.PHONE, Field.SERIAL, Field.REMARKS}
"""Fields of which a sheet may have several columns that all count."""

NEEDED = "日期(或日期时间)、客户单位、问题描述(或产品名称)"
NEEDED_EN = "date (or date and time), customer, problem (or product)"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table keeps what."""

    places: Mapping[Field, tuple[int, ...]]
    """Column numbers from 0; several only for fields of which all columns count."""
    titles: Mapping[int, str]
    """Every titled column's title, as it stands in the sheet."""
    rows: tuple[int, ...]
    """The numbers of the header's one or two rows."""

    def title(self, field: Field) -> str:
        """The title of the field's column, or an empty text when the table has none."""
        place = self.places.get(field)
        return self.titles[place[0]] if place else ""

    def unused(self) -> tuple[str, ...]:
        """Titles of columns that no field takes; their cells are kept as they are."""
        used = {column for columns in self.places.values() for column in columns}
        return tuple(title for column, title in self.titles.items() if column not in used)


def plain_title(text: str) -> str:
    """A title without width, case, spaces, brackets with what they hold, and marks."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|<[^<>]*>|\d+$", "", text)
    return re.sub(r"[\s*:：。.,、_#'\"“”\-]", "", text)


@lru_cache(maxsize=4096)
def field_of(title: str) -> Field | None:
    """The field that a title names, or ``None``."""
    wide = unicodedata.normalize("NFKC", title).lower()
    if _CONTACT_AND_PHONE.fullmatch(re.sub(r"\s", "", wide)):
        return Field.CONTACT_AND_PHONE
    plain = plain_title(title)
    parts = [part for part in re.split(r"[/|;]", plain) if part]
    languages = _BOTH_LANGUAGES.findall(plain)
    candidates = [plain.replace("/", ""), *parts]
    if len(languages) > 1:  # 日期 Date
        candidates += ["".join(re.findall(r"[\u4e00-\u9fff]+", plain)), _ENGLISH_MARKS.sub("", plain)]
    for candidate in candidates:
        for field, pattern in _COMPILED:
            if pattern.fullmatch(candidate):
                return field
    return None


def _text(cells: Sequence[Cell], column: int) -> str:
    cell = cells[column] if column < len(cells) else None
    return cell if isinstance(cell, str) and len(cell) <= 40 else ""


def _layout(titles: Mapping[int, tuple[str, ...]], rows: tuple[int, ...]) -> Columns:
    """Gives every column the field that its title names; of two columns with one title the left one counts.

    A bare 时间 or 方式 behind 答复时间 belongs to it: the second 方式 is that of the answer.
    """
    places: dict[Field, tuple[int, ...]] = {}
    shown: dict[int, str] = {}
    for column, names in titles.items():
        shown[column] = names[-1]
        field = next((found for name in names if (found := field_of(name)) is not None), None)
        if field is Field.CHANNEL and field in places and Field.ANSWERED in places:
            field = Field.ANSWER_MEANS
        if field is not None and (field not in places or field in _MANY):
            places[field] = (*places.get(field, ()), column)
    return Columns(places, shown, rows)


def header_at(rows: Sequence[SheetRow], index: int) -> Columns | None:
    """The header that begins at ``rows[index]``, of one row or two; ``None`` when none does."""
    upper = rows[index].cells
    single = _layout(
        {column: (text,) for column in range(len(upper)) if (text := _text(upper, column))},
        (rows[index].number,),
    )
    double = _two_rows(rows[index], rows[index + 1]) if index + 1 < len(rows) else None
    best = single
    if double is not None and len(double.places) > len(single.places):
        best = double
    found = set(best.places)
    enough = found & _DAY_OR_TIME and found & _WHO and found & _WHAT and len(found - {Field.SERIAL}) >= 4
    return best if enough else None


def _two_rows(upper: SheetRow, lower: SheetRow) -> Columns | None:
    """A group's title holds for the columns to its right, up to the next group."""
    titles: dict[int, tuple[str, ...]] = {}
    group = ""
    for column in range(max(len(upper.cells), len(lower.cells))):
        group = _text(upper.cells, column) or group
        own = _text(lower.cells, column) if column not in lower.inherited else ""
        if own:
            titles[column] = (group + own, own + group, own) if group else (own,)
            titles[column] = (*titles[column], f"{group} {own}".strip())
        elif text := _text(upper.cells, column):
            titles[column] = (text,)
    names = [field_of(text) for column in range(len(lower.cells)) if (text := _text(lower.cells, column))]
    return _layout(titles, (upper.number, lower.number)) if any(names) else None


def find_header(rows: Sequence[SheetRow]) -> tuple[int, Columns] | None:
    """The best header among the first rows with its index; of equals that of one row, then the uppermost."""
    found = [(index, columns) for index in range(min(len(rows), HEADER_WITHIN)) if (columns := header_at(rows, index))]
    return max(found, key=lambda one: (len(one[1].places), -len(one[1].rows), -one[0]), default=None)


def may_be_header(row: SheetRow, known: frozenset[str]) -> bool:
    """A cheap test for every row of a table: half of its texts are titles already seen, or four are common
    ones."""
    texts = [cell for cell in row.cells if isinstance(cell, str) and len(cell) <= 20]
    if len(texts) < 4:
        return False
    seen = sum(text in known for text in texts)
    return seen * 2 >= len(texts) or sum(text in _COMMON for text in texts) >= 4
