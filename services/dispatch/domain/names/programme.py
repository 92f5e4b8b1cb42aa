"""Visit programmes (2.3)."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import ProgrammeStatus

PROGRAMME = Words("走访计划", "visit programme")

PROGRAMME_STATUS: Mapping[ProgrammeStatus, Words] = {
    ProgrammeStatus.ACTIVE: Words("执行中", "active"),
    ProgrammeStatus.PAUSED: Words("已暂停", "paused"),
    ProgrammeStatus.ENDED: Words("已结束", "ended"),
}

PROGRAMME_HINT: Mapping[ProgrammeStatus, Words] = {
    ProgrammeStatus.ACTIVE: Words("可以变更、暂停或结束。", "Change, pause or end it."),
    ProgrammeStatus.PAUSED: Words("可以恢复、变更或结束。", "Resume, change or end it."),
    ProgrammeStatus.ENDED: Words("请新建走访计划。", "Plan a new one."),
}
"""What to do instead."""

PROGRAMME_ACTION: Mapping[str, Words] = {
    "plan": Words("制定走访计划", "plan a visit programme"),
    "change": Words("变更", "change"),
    "pause": Words("暂停", "pause"),
    "resume": Words("恢复", "resume"),
    "end": Words("结束", "end"),
}
