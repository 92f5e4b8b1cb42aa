"""Engineers, rosters and phone duty."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import Exemption, SettledBy
from shared.events.telephony import CallDirection, CallOutcome

ENGINEER_ACTION: Mapping[str, Words] = {
    "record": Words("登记服务人员", "record an engineer"),
    "record_contacts": Words("登记联系方式", "record name, numbers and base"),
    "record_terms": Words("登记电话补贴与工资档", "record phone allowance and wage band"),
    "erase": Words("删除个人信息", "erase personal data"),
}

ROSTER_ACTION: Mapping[str, Words] = {
    "plan_duty": Words("排班", "plan duty"),
    "cancel_duty": Words("取消值守", "cancel duty"),
    "grant_leave": Words("准假", "grant leave"),
    "cancel_leave": Words("销假", "cancel leave"),
}

DUTY_ACTION: Mapping[str, Words] = {
    "record_probe": Words("登记拨测", "record a probe"),
    "record_call_back": Words("登记回电", "record a call-back"),
    "adopt_policy": Words("公布值守制度", "adopt a phone-duty policy"),
    "acknowledge_policy": Words("确认已阅值守制度", "acknowledge the phone-duty policy"),
}

CALL_DIRECTION: Mapping[CallDirection, Words] = {
    CallDirection.OUTBOUND: Words("公司拨出", "the company called"),
    CallDirection.INBOUND: Words("本人来电", "the engineer called"),
}

CALL_OUTCOME: Mapping[CallOutcome, Words] = {
    CallOutcome.ANSWERED: Words("已接通", "answered"),
    CallOutcome.ANSWERED_BY_MACHINE: Words("语音信箱或秘书台接听", "answered by a machine"),
    CallOutcome.NO_ANSWER: Words("响铃无人接听", "rang, not answered"),
    CallOutcome.REJECTED: Words("响铃后拒接", "declined"),
    CallOutcome.SWITCHED_OFF: Words("关机", "switched off"),
    CallOutcome.UNREACHABLE: Words("无法接通", "unreachable"),
    CallOutcome.NOT_REGISTERED: Words("软电话未登录", "softphone not registered"),
    CallOutcome.BUSY: Words("占线", "busy"),
    CallOutcome.CANCELLED_BY_CALLER: Words("我方挂断", "cancelled by us"),
    CallOutcome.ANSWERED_ELSEWHERE: Words("其他分机已接", "answered elsewhere"),
    CallOutcome.CALLER_NOT_READY: Words("我方未就绪", "our own phone was not ready"),
    CallOutcome.INVALID_NUMBER: Words("号码无效", "invalid number"),
    CallOutcome.BARRED: Words("被运营商拦截", "barred by the carrier"),
    CallOutcome.NETWORK_FAILURE: Words("网络故障", "network failure"),
    CallOutcome.PLATFORM_ERROR: Words("话务平台故障", "platform error"),
    CallOutcome.UNKNOWN: Words("结果不明", "outcome unknown"),
}

EXEMPTION: Mapping[Exemption, Words] = {
    Exemption.OFF_DUTY: Words("当日不值守", "no day of duty"),
    Exemption.OUTSIDE_WINDOW: Words("不在开机时段", "outside the duty window"),
    Exemption.LEAVE: Words("休假", "on leave"),
    Exemption.OUTCOME: Words("该结果不计", "this outcome never counts"),
    Exemption.RANG_SHORT: Words("响铃太短", "it rang too short"),
    Exemption.UNCERTAIN: Words("证据不足", "the evidence has another explanation"),
    Exemption.INACTIVE: Words("已停用", "no longer in service"),
}

SETTLED_BY: Mapping[SettledBy, Words] = {
    SettledBy.CALLED_BACK: Words("本人已回电或接听", "the engineer called back or took a call"),
    SettledBy.EXEMPTED: Words("该时间已准假", "leave was granted for that time"),
    SettledBy.REASSESSED: Words("通话结果已更正", "a call's outcome was corrected"),
}
