"""The payroll list."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.penalties import DropCause

DROP_CAUSE: Mapping[DropCause, Words] = {
    DropCause.CAP: Words("超出当月扣款上限", "over the month's cap"),
    DropCause.FLOOR: Words("须保留最低工资", "the minimum wage has to be left"),
    DropCause.CUMULATION: Words("同一次上门另有更高处罚", "another penalty of the same visit is higher"),
}

PAYROLL_ACTION: Mapping[str, Words] = {
    "export": Words("导出工资清单", "export the payroll list"),
}

WAGE_ACTION: Mapping[str, Words] = {
    "record": Words("登记工资", "record wages"),
    "erase": Words("删除工资登记", "erase wages"),
}
