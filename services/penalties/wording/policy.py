"""The penalty policy, and what engineers have read of it, in plain sentences."""

from typing import assert_never

from services.penalties.domain.policy import PolicyEvent
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import penalties as fact
from shared.events.base import Event


def policy_in_words(event: Event) -> Words | None:
    """What happened; None for an event of another subject."""
    if isinstance(event, PolicyEvent):
        return _policy(event)
    if isinstance(event, fact.PolicyAcknowledged):
        return Words(
            f"{event.engineer} 确认已阅处罚制度第 {event.version} 版。",
            f"{event.engineer} has acknowledged version {event.version} of the penalty policy.",
        )
    if isinstance(event, fact.SubjectRecorded):
        where = event.region or "—"
        left = Words("", "") if event.active else Words("，已停用", ", no longer in service")
        return Words(
            f"登记服务人员 {event.engineer}：地区 {where}{left.zh}。",
            f"Engineer {event.engineer}: region {where}{left.en}.",
        )
    return None


def _policy(event: PolicyEvent) -> Words:
    match event:
        case fact.PolicyDrafted():
            return _drafted(event)
        case fact.PolicyDraftDropped():
            return Words(
                f"处罚制度第 {event.version} 版草案作废：{event.reason}",
                f"Draft {event.version} of the penalty policy is dropped: {event.reason}",
            )
        case fact.PolicyAdopted():
            since = f"{event.valid_from.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
            return Words(
                f"通过处罚制度第 {event.version} 版，自 {since} 起对已确认者有效；程序：{event.procedure}",
                f"Version {event.version} of the penalty policy is adopted; from {since} on it binds those who have "
                f"acknowledged it. Procedure: {event.procedure}",
            )
        case fact.CalendarDatesRecorded():
            return _dates(event)
        case _:
            assert_never(event)


def _drafted(event: fact.PolicyDrafted) -> Words:
    base = Words("", "")
    if event.based_on:
        base = Words(f"（以第 {event.based_on} 版为依据）", f", made from version {event.based_on},")
    return Words(
        f"起草处罚制度第 {event.version} 版{base.zh}：{event.reason}",
        f"Version {event.version} of the penalty policy{base.en} is drafted: {event.reason}",
    )


def _dates(event: fact.CalendarDatesRecorded) -> Words:
    zh, en = [], []
    for days, name in ((event.holidays, Words("放假", "off")), (event.workdays, Words("上班", "worked"))):
        if days:
            listed = [str(day) for day in days]
            zh.append(f"{name.zh} {'、'.join(listed)}")
            en.append(f"{name.en} {', '.join(listed)}")
    if event.complete_years:
        years = [str(year) for year in event.complete_years]
        zh.append(f"{'、'.join(years)} 年已完整")
        en.append(f"{', '.join(years)} complete")
    return Words(f"登记节假日与调休：{'；'.join(zh)}。", f"Public holidays and workdays recorded: {'; '.join(en)}.")
