"""The penalty policy: what its actions, facts, fields, tests and consequences are called."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import Check, Delay, FraudDeed, FraudGravity
from shared.events.penalties import Comparison, ConsequenceKind, Cumulation, FactKind, Mode, SpanUnit
from shared.events.tickets import ComplaintCategory

POLICY_ACTION: Mapping[str, Words] = {
    "draft": Words("起草新版本", "draft a version of the penalty policy"),
    "change": Words("修改草案", "change a draft"),
    "drop": Words("作废草案", "drop a draft"),
    "adopt": Words("通过草案", "adopt a draft"),
    "record_dates": Words("登记节假日与调休", "record public holidays and make-up workdays"),
    "acknowledge": Words("确认已阅", "acknowledge a version"),
}

FACT_KIND: Mapping[FactKind, Words] = {
    FactKind.LATENESS: Words("到场逾期", "lateness at a customer's"),
    FactKind.LEAVING: Words("离场未报", "leaving without telling headquarters"),
    FactKind.PHONE: Words("值守无人接听", "not to be reached in the duty window"),
    FactKind.INSTRUCTION: Words("派工指令", "an instruction of headquarters"),
    FactKind.FRAUD: Words("报销舞弊", "fraud with receipts"),
    FactKind.EXPENSE_LINE: Words("报销明细不予报销", "an expense that was rejected"),
    FactKind.CONDUCT: Words("投诉查实", "a complaint found true"),
}

FIELD: Mapping[str, Words] = {
    "late": Words("晚于约定时间与宽限", "later than agreed, grace included"),
    "minutes": Words("超过分钟数", "minutes late"),
    "arrived": Words("已到场", "arrived"),
    "known_causes": Words("系统查明的原因", "causes that the system knows"),
    "told_causes": Words("所述原因", "causes that were told"),
    "complaint": Words("投诉查实结论", "finding of the complaint"),
    "unreported": Words("未按时报告总部", "headquarters wasn't told in time"),
    "call_demanded": Words("制度要求来电报告", "a call was demanded"),
    "unanswered": Words("未接或未答复", "not answered"),
    "outcomes": Words("通话结果", "outcomes of the calls"),
    "on_trip": Words("出差日", "day of a trip"),
    "allowance": Words("当日电话费补贴（元）", "that day's phone allowance (CNY)"),
    "refused": Words("已拒绝", "refused"),
    "delivered": Words("指令已送达", "instruction delivered"),
    "safety": Words("因安全原因", "for safety"),
    "gravity": Words("舞弊程度", "gravity"),
    "deed": Words("舞弊手段", "deed"),
    "amount": Words("金额（元）", "amount (CNY)"),
    "repeated": Words("再次舞弊", "not the first time"),
    "organised": Words("有组织", "organised"),
    "criminal": Words("涉嫌犯罪", "criminal"),
    "paid": Words("已付款", "paid already"),
    "checks": Words("未通过的核对项", "checks that failed"),
    "kind": Words("费用类别", "kind of expense"),
    "claimed": Words("申报金额（元）", "claimed (CNY)"),
    "allowed": Words("准予金额（元）", "allowed (CNY)"),
    "statement_lapsed": Words("本人逾期未陈述", "no statement in time"),
}
"""By the name of the field; of every field that a rule can read."""

COMPARISON: Mapping[Comparison, Words] = {
    Comparison.IS: Words("为", "is"),
    Comparison.IS_NOT: Words("不为", "is not"),
    Comparison.AT_LEAST: Words("不少于", "is at least"),
    Comparison.AT_MOST: Words("不多于", "is at most"),
    Comparison.ONE_OF: Words("为下列之一：", "is one of"),
    Comparison.NONE_OF: Words("不为下列任何一项：", "is none of"),
    Comparison.HAS_ANY: Words("含有下列任一项：", "has any of"),
    Comparison.HAS_NONE: Words("不含下列任何一项：", "has none of"),
    Comparison.KNOWN: Words("已知", "is known"),
    Comparison.UNKNOWN: Words("未知", "is unknown"),
}

CONSEQUENCE: Mapping[ConsequenceKind, Words] = {
    ConsequenceKind.FINE: Words("罚款", "a fine"),
    ConsequenceKind.ALLOWANCE_OR_FINE: Words(
        "不发当日电话费补贴；无补贴时罚款", "that day's phone allowance, or where there is none a fine"
    ),
    ConsequenceKind.DEMERIT: Words("记过一次", "a demerit"),
    ConsequenceKind.MAJOR_DEMERIT: Words("记大过一次", "a major demerit"),
    ConsequenceKind.DISMISSAL: Words("建议辞退", "dismissal is proposed"),
    ConsequenceKind.LEGAL_REFERRAL: Words("建议移送追责", "legal referral is proposed"),
    ConsequenceKind.NOT_REIMBURSED: Words("不予报销", "not reimbursed"),
}

MODE: Mapping[Mode, Words] = {
    Mode.MONEY: Words("扣款", "money is taken"),
    Mode.SCORE_ONLY: Words("仅记分，不扣款", "only the score is kept"),
}

CUMULATION: Mapping[Cumulation, Words] = {
    Cumulation.EACH: Words("分别计罚", "each is taken"),
    Cumulation.HIGHEST_OF_VISIT: Words("同一次上门只取最高一项", "of one visit only the highest is taken"),
}

UNIT: Mapping[SpanUnit, Words] = {
    SpanUnit.HOURS: Words("小时", "hours"),
    SpanUnit.WORKDAYS: Words("个工作日", "workdays"),
}

TERM: Mapping[str, Words] = {
    "order": Words("规则顺序", "order of the rules"),
    "scope": Words("适用地区", "regions in which it holds"),
    "mode": Words("扣款方式", "how money is taken"),
    "notice": Words("告知期限，逾期不罚", "time for the notice; then it is waived"),
    "statement": Words("本人陈述期限", "time for the engineer's statement"),
    "decision": Words("决定期限，逾期不罚", "time for the decision; then it is waived"),
    "appeal": Words("申诉期限", "time for an appeal"),
    "appeal_decision": Words("申诉裁定期限，逾期撤销", "time to decide an appeal; then it is revoked"),
    "review": Words("复核期限，逾期撤销", "time for a review; then it is reversed"),
    "cap_percent": Words("每月扣款上限（占当月工资）", "cap of a month (of the wage)"),
    "carry_over": Words("超出上限的部分转入下月", "what is over the cap is taken later"),
    "cumulation": Words("同一次上门多项罚款", "several fines of one visit"),
    "demerits_for_major": Words("几次记过折合一次记大过", "demerits that make a major one"),
    "majors_for_dismissal": Words("几次记大过建议辞退", "major demerits after which dismissal is proposed"),
    "demerit_months": Words("记过有效月数", "months for which a demerit counts"),
    "major_months": Words("记大过有效月数", "months for which a major demerit counts"),
    "region": Words("地区", "region"),
    "text_zh": Words("原文（中文）", "text (Chinese)"),
    "text_en": Words("原文（英文）", "text (English)"),
    "clause": Words("依据条款", "clause"),
    "on": Words("事实", "fact"),
    "when": Words("须全部成立", "all of it holds"),
    "unless": Words("有一项成立即不适用", "doesn't apply where any of it holds"),
    "consequence": Words("后果", "consequence"),
    "must_match": Words("须适用的示例", "example that must match"),
    "must_not_match": Words("不得适用的示例", "example that must not match"),
    "rule": Words("规则", "the rule"),
}
"""The parts of a version."""

VALUE: Mapping[str, Words] = {
    Delay.TRAFFIC: Words("交通", "traffic"),
    Delay.WEATHER: Words("天气", "weather"),
    Delay.VEHICLE: Words("车辆故障", "the vehicle"),
    Delay.EARLIER_VISIT: Words("前一次上门", "an earlier visit"),
    Delay.CUSTOMER: Words("客户原因", "the customer"),
    Delay.PARTS: Words("配件", "parts"),
    Delay.INSTRUCTION: Words("指令有误或过迟", "the instruction"),
    Delay.SAFETY: Words("安全", "safety"),
    Delay.ILLNESS: Words("生病", "illness"),
    Delay.NOBODY_ASSIGNED: Words("当时无人承担", "nobody was to go"),
    Delay.UNANSWERED: Words("未接受派工", "the instruction was not accepted"),
    Delay.NOT_DELIVERED: Words("无指令送达记录", "nothing shows that the instruction was delivered"),
    ComplaintCategory.QUARREL: Words("4.2.1 与客户争吵", "4.2.1 a quarrel"),
    ComplaintCategory.EXTORTION: Words("4.2.2 索要财物", "4.2.2 asking for money or favours"),
    ComplaintCategory.LATENESS: Words("4.2.3 延误服务", "4.2.3 late service"),
    FraudGravity.DEMERIT: Words("初次且轻微", "first and minor"),
    FraudGravity.MAJOR_DEMERIT: Words("伪造、较大或再次", "forged, large or repeated"),
    FraudGravity.DISMISSAL: Words("有组织", "organised"),
    FraudGravity.LEGAL_REFERRAL: Words("涉嫌犯罪", "criminal"),
    FraudDeed.FORGED: Words("伪造", "forged"),
    FraudDeed.BOUGHT: Words("购买", "bought"),
    FraudDeed.REUSED: Words("重复使用", "used again"),
    Check.RECEIPT: Words("有票据", "receipt"),
    Check.INVOICE: Words("发票有效", "invoice"),
    Check.UNIQUE: Words("发票未用过", "never used before"),
    Check.MATCH: Words("与电子发票一致", "as the digital invoice says"),
    Check.BUYER: Words("抬头为本公司", "made out to the company"),
    Check.DATE: Words("日期在出差期内", "date within the trip"),
    Check.CITY: Words("城市在行程上", "city on the itinerary"),
    Check.AMOUNT: Words("不超过票面", "not more than the receipt"),
    Check.CAP: Words("不超过标准", "not more than the cap"),
}
"""What a field's text means, where it says it in code."""
