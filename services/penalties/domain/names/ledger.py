"""The ledger's entries."""

from collections.abc import Mapping

from services.penalties.domain.entry import EntryCause, EntryKind
from shared.decider import Words

ENTRY_KIND: Mapping[EntryKind, Words] = {
    EntryKind.FINE: Words("罚款", "fine"),
    EntryKind.ALLOWANCE: Words("电话费补贴", "phone allowance"),
    EntryKind.SCORE: Words("记分", "score"),
    EntryKind.DEMERIT: Words("记过", "demerit"),
    EntryKind.MAJOR_DEMERIT: Words("记大过", "major demerit"),
}

ENTRY_CAUSE: Mapping[EntryCause, Words] = {
    EntryCause.IMPOSED: Words("处罚决定", "imposed"),
    EntryCause.APPEALED: Words("申诉裁定", "decided on appeal"),
    EntryCause.CAP: Words("超出当月扣款上限，不扣", "over the month's cap"),
    EntryCause.FLOOR: Words("须保留最低工资，不扣", "the minimum wage is left"),
    EntryCause.CUMULATION: Words("同一次上门另有更高处罚", "a higher penalty of the same visit"),
    EntryCause.REVERSED: Words("撤销", "reversed"),
    EntryCause.RECORDED: Words("记入", "recorded"),
    EntryCause.STRUCK: Words("撤销记过", "struck"),
}
