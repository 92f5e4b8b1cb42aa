"""Visits, engineers' time and the terms of visits in plain sentences."""

from datetime import datetime
from typing import assert_never

from services.dispatch.domain.names.visits import ARRIVAL_GRADE, CHECK_OUT_WAY, CLAIMANT, DELAY, DELIVERY_WAY
from services.dispatch.domain.names.work_orders import PURPOSE
from services.dispatch.domain.schedule import ScheduleEvent
from services.dispatch.domain.visit_state import VisitEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event
from shared.money import yuan


def visit_in_words(event: Event) -> Words | None:
    """None of another subject's event."""
    if isinstance(event, VisitEvent):
        return _visit(event)
    if isinstance(event, ScheduleEvent):
        return _schedule(event)
    return _policy(event) if isinstance(event, fact.VisitPolicyAdopted) else None


def _visit(event: VisitEvent) -> Words:
    match event:
        case fact.VisitPlanned():
            what, where = PURPOSE[event.purpose], event.site_name or event.customer_name or event.city
            at = Words(f"，{where}", f" at {where}") if where else _NOTHING
            return Words(
                f"计划上门 {event.number}：{what.zh}{at.zh}。", f"Visit {event.number} planned: {what.en}{at.en}."
            )
        case fact.VisitAssigned():
            return _assigned(event)
        case fact.InstructionDelivered():
            way, due = DELIVERY_WAY[event.way], _when(event.answer_due)
            return Words(
                f"指令已送达 {event.engineer}（{way.zh}），须在 {due} 前答复（D15）。",
                f"Delivered to {event.engineer} by {way.en}, to be answered by {due} (D15).",
            )
        case fact.VisitAccepted():
            later = _offline(event.offline)
            return Words(f"{event.engineer} 接受派工{later.zh}。", f"{event.engineer} accepted{later.en}.")
        case fact.DispatchRefused():
            why = Words("因安全原因", " for safety") if event.safety else _NOTHING
            return Words(
                f"{event.engineer} {why.zh}拒绝派工：{event.reason}",
                f"{event.engineer} refused{why.en}: {event.reason}",
            )
        case fact.DispatchUnanswered():
            due = _when(event.due)
            return Words(
                f"{event.engineer} 在 {due} 前未答复派工（4.7）。", f"{event.engineer} gave no answer by {due} (4.7)."
            )
        case fact.DispatchUnansweredCorrected():
            answered = _when(event.answered_at)
            return Words(f"更正：其实 {answered} 已答复派工。", f"Corrected: it was answered at {answered}, in time.")
        case fact.VisitAborted():
            return Words(f"中止上门：{event.reason}", f"Visit aborted: {event.reason}")
        case _:
            return _way(event)


_Way = (
    fact.VisitRescheduled
    | fact.VisitDelayReported
    | fact.VisitLate
    | fact.VisitLateCorrected
    | fact.VisitEnRoute
    | fact.VisitArrived
    | fact.ArrivalClaimed
    | fact.ArrivalAdjudicated
    | fact.WorkStarted
    | fact.WorkPaused
    | fact.WorkResumed
    | fact.VisitFinished
    | fact.VisitCheckedOut
    | fact.LeftWithoutReporting
    | fact.LeftWithoutReportingCorrected
    | fact.CalledHomeLate
)


def _way(event: _Way) -> Words:
    match event:
        case fact.VisitRescheduled():
            new, kept, over = _when(event.new_arrival), _NOTHING, _in_spite(event)
            if not event.counts:
                kept = Words(
                    "；原约定时间已过，仍按原时间计（D4）", "; the earlier time had passed and still counts (D4)"
                )
            return Words(
                f"客户同意改到 {new}{over.zh}{kept.zh}：{event.reason}",
                f"The customer agreed to {new}{over.en}{kept.en}: {event.reason}",
            )
        case fact.VisitDelayReported():
            cause = DELAY[event.cause]
            then = Words(f"，预计 {_when(event.expected_arrival)} 到", f", expected {_when(event.expected_arrival)}")
            then, note = then if event.expected_arrival else _NOTHING, _note(event.note)
            return Words(
                f"{event.engineer} 报告延误：{cause.zh}{note.zh}{then.zh}。",
                f"{event.engineer} is delayed by {cause.en}{note.en}{then.en}.",
            )
        case fact.VisitLate():
            return _late(event)
        case fact.VisitLateCorrected():
            at = _when(event.arrived_at)
            why = Words(f"其实 {at} 已到场", f"the arrival was at {at}") if at else _AGREED
            return Words(f"更正：到场未逾期，{why.zh}。", f"Corrected: it was not late, {why.en}.")
        case fact.VisitEnRoute():
            late = _offline(event.offline)
            return Words(f"{event.engineer} 出发{late.zh}。", f"{event.engineer} set off{late.en}.")
        case fact.VisitArrived():
            return _arrived(event)
        case fact.ArrivalClaimed():
            who, at = CLAIMANT[event.claimant], _when(event.arrived_at)
            claimed = Words(f"{at} 到场", f"arrival at {at}") if at else Words("没有到场", "no arrival")
            return Words(
                f"到场时间争议，{who.zh}称 {claimed.zh}：{event.basis}",
                f"Disputed: by the word of {who.en}, {claimed.en}. {event.basis}",
            )
        case fact.ArrivalAdjudicated():
            at, minutes = _when(event.arrived_at), _minutes(event.late_minutes)
            settled = Words(f"{at} 到场，{minutes.zh}", f"arrival at {at}, {minutes.en}")
            settled = settled if at else Words("没有到场", "no arrival")
            return Words(f"裁定：{settled.zh}。{event.reasons}", f"Settled: {settled.en}. {event.reasons}")
        case _:
            return _work(event)


_Work = (
    fact.WorkStarted
    | fact.WorkPaused
    | fact.WorkResumed
    | fact.VisitFinished
    | fact.VisitCheckedOut
    | fact.LeftWithoutReporting
    | fact.LeftWithoutReportingCorrected
    | fact.CalledHomeLate
)


def _work(event: _Work) -> Words:
    match event:
        case fact.WorkStarted():
            late = _offline(event.offline)
            return Words(f"开始作业{late.zh}。", f"Work started{late.en}.")
        case fact.WorkPaused():
            return Words(f"暂停作业：{event.reason}", f"Work paused: {event.reason}")
        case fact.WorkResumed():
            late = _offline(event.offline)
            return Words(f"继续作业{late.zh}。", f"Work resumed{late.en}.")
        case fact.VisitFinished():
            due, late = _when(event.report_due), _offline(event.offline)
            return Words(
                f"完成作业{late.zh}：{event.result}（{due} 前报告离场）",
                f"Finished{late.en}: {event.result} (check-out by {due})",
            )
        case fact.VisitCheckedOut():
            way, late = CHECK_OUT_WAY[event.way], _offline(event.offline)
            minutes = Words("", "") if event.late_minutes is None else _comma(_minutes(event.late_minutes))
            return Words(
                f"{event.engineer} 报告离场（{way.zh}）{minutes.zh}{late.zh}。",
                f"{event.engineer} checked out by {way.en}{minutes.en}{late.en}.",
            )
        case fact.LeftWithoutReporting():
            due = _when(event.due)
            return Words(
                f"{event.engineer} 在 {due} 前未报告离场（4.4）。", f"{event.engineer} didn't report by {due} (4.4)."
            )
        case fact.LeftWithoutReportingCorrected():
            at = _when(event.reported_at)
            return Words(f"更正：其实 {at} 已报告离场。", f"Corrected: the check-out was at {at}, in time.")
        case fact.CalledHomeLate():
            at = _when(event.at)
            return Words(
                f"{event.engineer} {at} 来电，超过离场报告时限 {event.late_minutes} 分钟（4.4）；"
                "是否为离场报告待核实。",
                f"{event.engineer} called at {at}, {event.late_minutes} min after the report was due (4.4); whether it "
                "was about that is to be found out.",
            )
        case _:
            assert_never(event)


def _assigned(event: fact.VisitAssigned) -> Words:
    at, over = _when(event.agreed_arrival), _in_spite(event)
    return Words(
        f"派 {event.engineer}，约定 {at} 到场{over.zh}：{event.instruction}",
        f"{event.engineer} is to go, agreed for {at}{over.en}: {event.instruction}",
    )


def _in_spite(event: fact.VisitAssigned | fact.VisitRescheduled) -> Words:
    """What the engineer's time would have spoken against, and why it is so all the same."""
    what = [Words("与其他上门重叠", "another visit")] if event.overlaps else []
    what += [Words("本人休假", "leave")] if event.on_leave else []
    if not (what and event.override_reason):
        return _NOTHING
    zh, en = "、".join(words.zh for words in what), " and ".join(words.en for words in what)
    return Words(f"（{zh}：{event.override_reason}）", f" (in spite of {en}: {event.override_reason})")


def _late(event: fact.VisitLate) -> Words:
    """3.4b, 4.5: the causes that are known, without a judgement."""
    causes = [(DELAY[known.cause], _note(known.note)) for known in event.causes]
    zh, en = "、".join(c.zh + n.zh for c, n in causes), ", ".join(c.en + n.en for c, n in causes)
    because = Words(f"；已知原因：{zh}", f"; known: {en}") if causes else _NOTHING
    at, who = _when(event.agreed_arrival), event.engineer
    name = Words(who, who) if who else Words("无人承担", "nobody")
    came = Words(f"，迟 {event.minutes} 分钟", f", {event.minutes} min late") if event.arrived_at else _NOTHING
    return Words(
        f"约定 {at} 未到场（{name.zh}）{came.zh}{because.zh}（3.4b）。",
        f"No arrival by {at} ({name.en}){came.en}{because.en} (3.4b).",
    )


def _arrived(event: fact.VisitArrived) -> Words:
    grade, minutes, late = ARRIVAL_GRADE[event.grade], _minutes(event.late_minutes), _offline(event.offline)
    far = Words(f"，距现场 {event.distance_m} 米", f", {event.distance_m} m from the site")
    far = far if event.distance_m is not None else _NOTHING
    return Words(
        f"{event.engineer} 到场（{grade.zh}{far.zh}），{minutes.zh}{late.zh}。",
        f"{event.engineer} arrived ({grade.en}{far.en}), {minutes.en}{late.en}.",
    )


def _schedule(event: ScheduleEvent) -> Words:
    match event:
        case fact.SlotBooked():
            begins, ends = _when(event.starts_at), _when(event.ends_at)
            return Words(
                f"占用 {event.engineer} {begins} 至 {ends}。", f"{event.engineer} is booked {begins} to {ends}."
            )
        case fact.SlotShortened():
            return Words(
                f"{event.engineer} 自 {_when(event.ends_at)} 起空闲：上门已提前结束。",
                f"{event.engineer} is free from {_when(event.ends_at)}: the visit was over before its time.",
            )
        case fact.SlotReleased():
            return Words(
                f"释放 {event.engineer} {event.day} 的时段：{event.reason}",
                f"{event.engineer} is free again on {event.day}: {event.reason}",
            )
        case _:
            assert_never(event)


def _policy(event: fact.VisitPolicyAdopted) -> Words:
    since, rate = _when(event.valid_from), yuan(event.people_rate)
    call = Words("须电话报告", "by call only") if event.call_demanded else Words("电话或应用报告", "by call or app")
    return Words(
        f"上门制度第 {event.version} 版自 {since} 起：宽限 {event.grace_minutes} 分钟，"
        f"{event.answer_minutes} 分钟内答复，{event.report_minutes} 分钟内{call.zh}，人工每小时 {rate}。",
        f"Terms of visits, version {event.version}, from {since}: {event.grace_minutes} min of grace, an answer within "
        f"{event.answer_minutes} min, a report within {event.report_minutes} min {call.en}, {rate} an hour.",
    )


_NOTHING = Words("", "")
_AGREED = Words("客户已同意另一时间或已中止", "the customer had agreed to another time, or it was aborted before")


def _minutes(minutes: int | None) -> Words:
    if not minutes:
        return Words("按时", "in time")
    return Words(f"迟 {minutes} 分钟", f"{minutes} min late")


def _comma(words: Words) -> Words:
    return Words(f"，{words.zh}", f", {words.en}")


def _offline(offline: bool) -> Words:
    return Words("（离线补报）", " (told later, from offline)") if offline else _NOTHING


def _note(note: str | None) -> Words:
    return Words(f"（{note}）", f" ({note})") if note else _NOTHING


def _when(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""
