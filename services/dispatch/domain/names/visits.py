"""Words for visits."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import ArrivalGrade, CheckOutWay, Claimant, Delay, DeliveryWay, VisitStatus

VISIT = Words("上门", "visit")

VISIT_STATUS: Mapping[VisitStatus, Words] = {
    VisitStatus.PLANNED: Words("待派人", "planned"),
    VisitStatus.ASSIGNED: Words("已派人", "assigned"),
    VisitStatus.RESCHEDULED: Words("已改约", "rescheduled"),
    VisitStatus.ACCEPTED: Words("已接受", "accepted"),
    VisitStatus.REFUSED: Words("被拒绝", "refused"),
    VisitStatus.EN_ROUTE: Words("在途", "under way"),
    VisitStatus.ARRIVED: Words("已到场", "on site"),
    VisitStatus.WORKING: Words("作业中", "being worked on"),
    VisitStatus.PAUSED: Words("已暂停", "paused"),
    VisitStatus.FINISHED: Words("已完成作业", "finished"),
    VisitStatus.CHECKED_OUT: Words("已离场报告", "checked out"),
    VisitStatus.ABORTED: Words("已中止", "aborted"),
}

VISIT_HINT: Mapping[VisitStatus, Words] = {
    VisitStatus.PLANNED: Words("请先派人。", "Assign somebody first."),
    VisitStatus.ASSIGNED: Words("请先接受或拒绝。", "Accept or refuse it first."),
    VisitStatus.RESCHEDULED: Words("请按新时间接受或拒绝。", "Accept or refuse the new time first."),
    VisitStatus.ACCEPTED: Words("请先出发。", "Set off first."),
    VisitStatus.REFUSED: Words("请另派人员。", "Assign somebody else."),
    VisitStatus.EN_ROUTE: Words("请先签到。", "Check in first."),
    VisitStatus.ARRIVED: Words("请先开始作业。", "Start the work first."),
    VisitStatus.WORKING: Words("可以暂停或完成作业。", "Pause or finish the work."),
    VisitStatus.PAUSED: Words("请先继续作业，或完成作业。", "Resume or finish the work."),
    VisitStatus.FINISHED: Words("请向总部报告离场。", "Tell headquarters that you leave."),
    VisitStatus.CHECKED_OUT: Words(
        "如需再次上门，请在派工单中另行计划，或转后续派工单。", "Plan another visit, or a follow-up."
    ),
    VisitStatus.ABORTED: Words("请在派工单中另行计划上门。", "Plan another visit in the work order."),
}
"""What to do instead."""

VISIT_ACTION: Mapping[str, Words] = {
    "assign": Words("派人", "assign an engineer"),
    "confirm_delivery": Words("登记指令送达", "record that the instruction was delivered"),
    "accept": Words("接受派工", "accept"),
    "refuse": Words("拒绝派工", "refuse"),
    "reschedule": Words("改约", "reschedule"),
    "report_delay": Words("报告延误", "report a delay"),
    "depart": Words("出发", "set off"),
    "check_in": Words("签到", "check in"),
    "record_arrival": Words("登记到场", "record the arrival"),
    "claim_arrival": Words("提出到场时间争议", "dispute the time of arrival"),
    "adjudicate_arrival": Words("裁定到场时间", "adjudicate the time of arrival"),
    "start_work": Words("开始作业", "start the work"),
    "pause": Words("暂停作业", "pause the work"),
    "resume": Words("继续作业", "resume the work"),
    "finish": Words("完成作业", "finish the work"),
    "check_out": Words("离场报告", "check out"),
    "abort": Words("中止上门", "abort the visit"),
}

ARRIVAL_GRADE: Mapping[ArrivalGrade, Words] = {
    ArrivalGrade.GEOFENCE_OK: Words("定位在现场", "located on site"),
    ArrivalGrade.GEOFENCE_FAILED: Words("定位不在现场", "located off site"),
    ArrivalGrade.CUSTOMER_CONFIRMED: Words("客户确认", "confirmed by the customer"),
    ArrivalGrade.OFFLINE_UNVERIFIED: Words("离线，未核实", "offline, unverified"),
    ArrivalGrade.MANUAL: Words("人工登记", "recorded by hand"),
}

DELAY: Mapping[Delay, Words] = {
    Delay.TRAFFIC: Words("交通", "traffic"),
    Delay.WEATHER: Words("天气", "weather"),
    Delay.VEHICLE: Words("车辆故障", "the vehicle"),
    Delay.EARLIER_VISIT: Words("前一次上门超时", "an earlier visit"),
    Delay.CUSTOMER: Words("客户原因", "the customer"),
    Delay.PARTS: Words("等待配件", "parts"),
    Delay.INSTRUCTION: Words("派工指令有误或过迟", "the instruction"),
    Delay.SAFETY: Words("安全原因", "safety"),
    Delay.ILLNESS: Words("患病", "illness"),
    Delay.OTHER: Words("其他", "something else"),
    Delay.NOBODY_ASSIGNED: Words("当时无人承担", "nobody was to go"),
    Delay.UNANSWERED: Words("未接受派工", "the instruction was not accepted"),
    Delay.NOT_DELIVERED: Words("无指令送达记录", "no record that the instruction was delivered"),
}

DELIVERY_WAY: Mapping[DeliveryWay, Words] = {
    DeliveryWay.APP: Words("手机应用", "the app"),
    DeliveryWay.CALL: Words("电话", "a call"),
    DeliveryWay.MESSAGE: Words("消息", "a message"),
    DeliveryWay.PAPER: Words("书面", "paper"),
}

CHECK_OUT_WAY: Mapping[CheckOutWay, Words] = {
    CheckOutWay.CALL: Words("电话", "call"),
    CheckOutWay.APP: Words("手机应用", "app"),
}

CLAIMANT: Mapping[Claimant, Words] = {
    Claimant.DEVICE: Words("手机", "the device"),
    Claimant.SERVER: Words("系统", "the system"),
    Claimant.CUSTOMER: Words("客户", "the customer"),
}
