"""What a column's title says it holds.

A title is compared without its spaces, width, brackets and marks (``客户 单位(全称)*`` is ``客户单位``), in Chinese, in
English, or both in one cell. A new word for a known thing is added here and nowhere else.
"""

import re
import unicodedata
from enum import StrEnum
from functools import lru_cache


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


_DAY, _TIME = "(?:日期|日子|日)", "(?:时间|时刻|日期时间|日期及时间|日期和时间|时间点)"
_RECEIVE = (
    "(?:登记|受理|来电来函|来电|来函|来访|来信|来件|接报|接听|接电|接待|接收|接诉|收到|收件|收文|记录|反映|报修|咨询|投诉"
    "|受话|客户来电|首次来电|提出|报告|请求|申请|申报|接到|接单|建单|创建)"
)
_ANSWER = "(?:首次|首|第一次|电话)?(?:答复|回复|回电|回应|响应|应答|解答|反馈|回话|回告|答)(?:客户|用户)?"
_AGREE = "(?:与?客户)?(?:约定|预约|承诺|商定|计划|预计|预定|约好|要求|应)(?:上门|到场|到达|服务|到访|到位|到)?"
_ARRIVE = "(?:(?:实际|工程师|人员)?(?:到场|到达|抵达|上门|到访|签到|到位)|实到)(?:现场)?"
_FINISH = "(?:处理|维修|服务|工作|任务|现场|实际)?(?:完成|完工|结束|办结|解决|离场|离开|结案)"

_CHINESE: dict[Field, str] = {
    Field.SERIAL: "序号|编号|登记编号|登记号|流水号|行号|受理编号|工单号|单号",
    Field.RECEIVED_DAY: f"日期|年月日|月日|{_RECEIVE}{_DAY}",
    Field.RECEIVED: f"{_TIME}|时分|{_RECEIVE}{_TIME}",
    Field.CHANNEL: "来源|渠道|方式|途径|(?:来源|信息)(?:渠道|方式|来源)|来电(?:或|和|及)?来函(?:类别|类型)?"
    "|来电来[函信]来?[访人]|(?:受理|登记|来电|接入|联络|反映|接收|服务|沟通)(?:方式|渠道|途径|来源)",
    Field.CUSTOMER: "客户|顾客|用户|单位|公司|服务对象|客户单位名称"
    "|(?:客户|用户|顾客|使用|来电|来函|反映|购货|购买|服务|报修|投诉|来访)(?:单位|公司|名称|姓名)"
    "|(?:客户|用户|单位|公司|顾客)(?:单位|公司|全称|简称)?名称?",
    Field.CONTACT: "联系人|姓名|对接人"
    "|(?:来电|来访|来函|反映|报修|投诉|咨询|对方|客户|单位|现场)?(?:联系|联络)人(?:员|姓名)?"
    "|(?:来电|来访|来函|反映|报修|投诉|咨询|诉求)(?:人|者|人员)(?:姓名)?",
    Field.PHONE: "(?:联系|联络|来电|客户|用户|单位|联系人|来电人|办公|固定|移动|手机|反映人)*"
    "(?:电话|手机|手机号|手机号码|电话号码|号码|座机|固话|联系方式|联络方式|显示)",
    Field.ADDRESS: ".{0,4}(?:地址|住址)|(?:服务|使用)?地点|所在地",
    Field.PRODUCT: "产品|品名|货品|商品|药品|品种|产品型号"
    "|(?:产品|商品|货品|药剂|药品|货物|物品)(?:名称|名|品名)(?:及?规格)?"
    "|(?:所购|购买|使用|涉及|反映|投诉|问题)的?(?:产品|商品)(?:名称)?",
    Field.LOT: ".{0,4}(?:批号|批次|批次号|批次编号)",
    Field.PURCHASED_ON: f"(?:购买|购货|购入|购进|采购|进货|购置|购)(?:{_DAY}|{_TIME})",
    Field.POSTMARKED_ON: "邮戳|邮戳日期|寄出日期|发信日期",
    Field.PROBLEM: "(?:来电来函|来电|来函|反映|反馈|问题|内容|投诉|咨询|报修|诉求|客户|用户|主要|故障|登记|具体|来访"
    "|事件|产品|质量|的|及|和|与)*(?:内容|问题|描述|情况|诉求|现象|事由|事项|需求|要求|摘要|情况(?:描述|说明|简述)|问题简述)"
    "|服务(?:请求|需求|诉求)",
    Field.TAKEN_BY: "(?:受理|接听|登记|接待|记录|接电|接报|接线|值班|填写|经办|接单|受话|接诉)(?:人|人员|员|者|客服)"
    "(?:姓名)?|客服|客服人员|坐席|当班人",
    Field.ANSWERED_DAY: f"{_ANSWER}{_DAY}",
    Field.ANSWERED: f"{_ANSWER}{_TIME}?",
    Field.ANSWER_MEANS: f"{_ANSWER}(?:方式|渠道|途径|形式)",
    Field.ENGINEER: "(?:派工|派单|派遣)(?:情况)?|指派|处理人|工程师|安排人员"
    "|(?:派工|派单|派遣|上门|维修|服务|售后|技术|处理|指派|到场)(?:人|人员|员|工程师|师傅|对象)(?:姓名)?",
    Field.AGREED_DAY: f"{_AGREE}{_DAY}",
    Field.AGREED: f"{_AGREE}的?{_TIME}?|(?:上门|到场|到达)(?:预约|约定|承诺){_TIME}?",
    Field.ARRIVED_DAY: f"{_ARRIVE}{_DAY}",
    Field.ARRIVED: f"{_ARRIVE}{_TIME}?|(?:到场|到达|上门)实际{_TIME}?|实际{_TIME}",
    Field.FINISHED_DAY: f"{_FINISH}{_DAY}",
    Field.FINISHED: f"{_FINISH}{_TIME}?",
    Field.SCORE: ".{0,6}(?:评分|得分|打分|分数|星级|分值)",
    Field.VERDICT: "(?:客户|用户|顾客|回访|服务)?(?:满意度|满意情况|满意程度|满意与否|是否满意|评价|满意|满意率)"
    "(?:调查|评价|结果|情况)*|回访结果",
    Field.REMARKS: "备注|说明|附注|其他|其它|备考|备注说明",
}
_ENGLISH: dict[Field, str] = {
    Field.SERIAL: "no number serial id serialno",
    Field.RECEIVED_DAY: "date day receiveddate datereceived receiptdate calldate logdate",
    Field.RECEIVED: "time datetime dateandtime receivedat received timereceived receivedtime receiveddatetime calltime "
    "calledat loggedat",
    Field.CHANNEL: "channel source means via medium contactchannel",
    Field.CUSTOMER: "customer client company customername clientname companyname organisation organization account",
    Field.CONTACT: "contact contactperson contactname caller name",
    Field.PHONE: "tel telno telephone phone phoneno phonenumber mobile mobileno cell contactnumber contactphone "
    "contactno",
    Field.ADDRESS: "address site location siteaddress",
    Field.PRODUCT: "product productname item itemname goods article",
    Field.LOT: "lot lotno lotnumber lotcode batch batchno batchnumber batchcode",
    Field.PURCHASED_ON: "purchasedate purchasedon purchased datepurchased dateofpurchase boughton",
    Field.POSTMARKED_ON: "postmark postmarkedon postmarkdate",
    Field.PROBLEM: "problem problemdescription issue description details request complaint subject content matter "
    "enquiry inquiry",
    Field.TAKEN_BY: "takenby receivedby operator agent receptionist registeredby loggedby recordedby",
    Field.ANSWERED_DAY: "answerdate replydate dateanswered responsedate",
    Field.ANSWERED: "answertime answeredat answered replytime repliedat replied reply firstanswer firstanswerat "
    "firstreply firstresponse responsetime respondedat responseat",
    Field.ANSWER_MEANS: "answermeans answeredby answerby answerchannel answervia replyby repliedby replymethod "
    "replychannel replyvia replymeans",
    Field.ENGINEER: "engineer technician assignedto assignee dispatched dispatchedto",
    Field.AGREED_DAY: "agreeddate appointmentdate",
    Field.AGREED: "agreed agreedat agreedtime agreedarrival appointment appointmenttime scheduled scheduledat "
    "scheduledarrival promisedat promisedarrival",
    Field.ARRIVED_DAY: "arrivaldate",
    Field.ARRIVED: "arrived arrivedat arrival arrivaltime actualarrival actualtime onsiteat checkin",
    Field.FINISHED_DAY: "finishdate completiondate",
    Field.FINISHED: "finished finishedat finishtime completed completedat completiontime done doneat closedat",
    Field.SCORE: "score rating stars points satisfactionscore",
    Field.VERDICT: "satisfaction customersatisfaction verdict survey surveyresult feedback",
    Field.REMARKS: "remark remarks note notes comment comments",
}
_PATTERNS = tuple((field, re.compile(pattern)) for field, pattern in _CHINESE.items())
_WORDS = {word: field for field, words in _ENGLISH.items() for word in words.split()}
_CONTACT_AND_PHONE = re.compile(
    r"(?:联系人|姓名|来电人)(?:姓名)?(?:及|和|与|、|/|\+|,).{0,2}(?:电话|手机|方式|号码).{0,2}"
)
_HANZI = re.compile(r"[\u4e00-\u9fff]+")

_COMMON_TITLES = """
    日期 时间 登记日期 登记时间 受理日期 受理时间 来电日期 来电时间 来源 渠道 方式 客户 客户单位 客户名称 单位名称 单位
    联系人 姓名 联系电话 电话 手机 地址 产品 产品名称 品名 批号 批次 序号 Date Time Channel Customer Contact Phone
"""
COMMON = frozenset(_COMMON_TITLES.split())
"""Titles by which another header further down is suspected."""


def plain_title(text: str) -> str:
    """A title without width, case, spaces, brackets with what they hold, a number behind it, and marks."""
    text = unicodedata.normalize("NFKC", text).lower()
    text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]|【[^】]*】|<[^<>]*>|\d+$", "", text)
    return re.sub(r"[\s*:：。.,、_#'\"“”\-]", "", text)


@lru_cache(maxsize=4096)
def field_of(title: str) -> Field | None:
    """The field that a title names, or ``None``."""
    if _CONTACT_AND_PHONE.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", title))):
        return Field.CONTACT_AND_PHONE
    plain = plain_title(title)
    hanzi, latin = "".join(_HANZI.findall(plain)), re.sub(r"[^a-z]", "", plain)
    candidates = [plain.replace("/", ""), *re.split(r"[/|;]", plain)]
    candidates += [hanzi, latin] if hanzi and latin else []  # 日期 Date
    return next((field for candidate in candidates if candidate and (field := _named(candidate))), None)


def _named(plain: str) -> Field | None:
    return _WORDS.get(plain) or next((field for field, pattern in _PATTERNS if pattern.fullmatch(plain)), None)
