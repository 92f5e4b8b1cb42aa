"""Engineers, rosters and phone duty in plain sentences. Phone allowances are not told: few may see them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import assert_never

from services.dispatch.domain.duty import DutyEvent
from services.dispatch.domain.duty_policy import DutyPolicyEvent
from services.dispatch.domain.engineer import EngineerEvent
from services.dispatch.domain.names.people import CALL_DIRECTION, CALL_OUTCOME, EXEMPTION, SETTLED_BY
from services.dispatch.domain.roster import SHANGHAI, RosterEvent
from shared.calendar import SHANGHAI as SHANGHAI_ZONE
from shared.decider import Words
from shared.events import dispatch as fact
from shared.events.base import Event


def people_in_words(event: Event) -> Words | None:
    """What happened; None for an event of another subject."""
    if isinstance(event, EngineerEvent):
        return _engineer(event)
    if isinstance(event, RosterEvent):
        return _roster(event)
    if isinstance(event, DutyPolicyEvent):
        return _policy(event)
    if isinstance(event, DutyEvent):
        return _duty(event)
    return None


def _engineer(event: EngineerEvent) -> Words:
    match event:
        case fact.EngineerRecorded():
            skills = "、".join(event.skills) or "—"
            where = event.base_city or event.region or "—"
            left = Words("", "") if event.active else Words("，已停用", ", no longer in service")
            return Words(
                f"登记服务人员 {event.engineer}：技能 {skills}，驻地 {where}{left.zh}。",
                f"Engineer {event.engineer} recorded: skills {', '.join(event.skills) or '—'}, base {where}{left.en}.",
            )
        case fact.EngineerContactsRecorded():
            return Words("登记姓名、电话与驻地（内容不在日志中）。", "Name, numbers and base recorded, beside the log.")
        case fact.EngineerTermsRecorded():
            return Words(
                f"登记自 {event.valid_from} 起的电话补贴与工资档（仅人事、财务可见）。",
                f"Phone allowance and wage band from {event.valid_from} recorded; only HR and finance see them.",
            )
        case fact.EngineerErased():
            return Words(f"删除个人信息：{event.reason}", f"Personal data erased: {event.reason}")
        case _:
            assert_never(event)


def _roster(event: RosterEvent) -> Words:
    match event:
        case fact.DutyPlanned():
            days, hours = _days(event.days), _hours(event.windows)
            zone = "" if event.zone == SHANGHAI else f"（{event.zone}）"
            return Words(f"排班 {days.zh}，{hours.zh}{zone}。", f"On duty {days.en}, {hours.en}{zone}.")
        case fact.DutyCancelled():
            days = _days(event.days)
            return Words(f"取消值守 {days.zh}：{event.reason}", f"Duty cancelled {days.en}: {event.reason}")
        case fact.LeaveGranted():
            span = f"{_when(event.starts)} – {_when(event.ends)}"
            return Words(f"准假：{span}。", f"Leave granted: {span}.")
        case fact.LeaveCancelled():
            return Words(f"销假：{event.reason}", f"Leave cancelled: {event.reason}")
        case fact.TripDaysRecorded():
            days = _days(event.days)
            return Words(f"出差 {days.zh}。", f"On a trip {days.en}.")
        case fact.TripDaysDropped():
            return Words("出差日取消。", "The days of the trip were dropped.")
        case _:
            assert_never(event)


def _policy(event: DutyPolicyEvent) -> Words:
    match event:
        case fact.DutyPolicyAdopted():
            return Words(
                f"公布值守制度第 {event.version} 版，自 {event.valid_from} 起：{event.reason}",
                f"Phone-duty policy version {event.version} adopted, from {event.valid_from}: {event.reason}",
            )
        case fact.DutyPolicyAcknowledged():
            return Words(
                f"{event.engineer} 已阅值守制度第 {event.version} 版。",
                f"Version {event.version} of the phone-duty policy was read by {event.engineer}.",
            )
        case _:
            assert_never(event)


def _duty(event: DutyEvent) -> Words:
    match event:
        case fact.DutyDayOpened():
            return Words(
                f"{event.duty_day} 值守日，按制度第 {event.policy} 版（4.6）。",
                f"Duty day {event.duty_day}, by version {event.policy} of the policy (4.6).",
            )
        case fact.DutyCallRecorded():
            who, how, why = CALL_DIRECTION[event.direction], CALL_OUTCOME[event.outcome], _because(event.exemption)
            return Words(
                f"{who.zh}（{_when(event.at)}）：{how.zh}{why.zh}。",
                f"{who.en.capitalize()} ({_when(event.at)}): {how.en}{why.en}.",
            )
        case fact.DutyCallReassessed():
            how, why = CALL_OUTCOME[event.outcome], _because(event.exemption)
            return Words(f"通话结果更正为{how.zh}{why.zh}。", f"The call's outcome is now: {how.en}{why.en}.")
        case fact.DutyCallsExempted():
            why = EXEMPTION[event.exemption]
            return Words(
                f"{len(event.calls)} 次拨测不再计入：{why.zh}。",
                f"{len(event.calls)} probes don't count any more: {why.en}.",
            )
        case _:
            return _occurrence(event)


_Occurrence = fact.CallBackAwaited | fact.CallBackSettled | fact.PhoneUnanswered | fact.PhoneUnansweredWithdrawn


def _occurrence(event: _Occurrence) -> Words:
    match event:
        case fact.CallBackAwaited():
            return Words(
                f"两次拨测未接，{_when(event.until)} 前回电即消除（D11）。",
                f"Two probes unanswered; a call-back until {_when(event.until)} clears them (D11).",
            )
        case fact.CallBackSettled():
            why = SETTLED_BY[event.settled_by]
            return Words(f"未接已消除：{why.zh}。", f"The unanswered probes are cleared: {why.en}.")
        case fact.PhoneUnanswered():
            first, second = CALL_OUTCOME[event.first_outcome], CALL_OUTCOME[event.second_outcome]
            return Words(
                f"值守电话无人接听（4.6）：{_when(event.first_at)} {first.zh}，{_when(event.second_at)} {second.zh}，"
                "限时内未回电。这是情况记录，不是结论。",
                f"Phone unanswered on duty (4.6): {_when(event.first_at)} {first.en}, {_when(event.second_at)} "
                f"{second.en}, no call-back in time. This is evidence, not a verdict.",
            )
        case fact.PhoneUnansweredWithdrawn():
            why = SETTLED_BY[event.settled_by]
            return Words(f"撤回“无人接听”：{why.zh}。", f"Withdrawn: the phone was unanswered on duty; {why.en}.")
        case _:
            assert_never(event)


def _because(exemption: fact.Exemption | None) -> Words:
    if exemption is None:
        return Words("", "")
    why = EXEMPTION[exemption]
    return Words(f"，不计（{why.zh}）", f", doesn't count ({why.en})")


def _days(days: Sequence[date]) -> Words:
    """``2026-10-08``, or first, last and how many."""
    if len(days) == 1:
        return Words(str(days[0]), f"on {days[0]}")
    span = f"{min(days)} – {max(days)}"
    return Words(f"{span}（共 {len(days)} 天）", f"{span} ({len(days)} days)")


def _hours(windows: Sequence[fact.DutyWindow]) -> Words:
    if not windows:
        return Words("按制度的开机时段", "in the hours of the policy")
    hours = ", ".join(f"{window.opens:%H:%M}–{window.closes:%H:%M}" for window in windows)
    return Words(hours, hours)


def _when(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI_ZONE):%Y-%m-%d %H:%M}"
