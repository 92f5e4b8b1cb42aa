"""Dismissal and legal referral as proposals, and demerits."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.penalties import DemeritKind, MeasureKind, MeasureStatus, SignsAs

MEASURE_KIND: Mapping[MeasureKind, Words] = {
    MeasureKind.DISMISSAL: Words("辞退", "dismissal"),
    MeasureKind.LEGAL_REFERRAL: Words("移送追责", "legal referral"),
}

MEASURE_STATUS: Mapping[MeasureStatus, Words] = {
    MeasureStatus.PROPOSED: Words("待签署", "proposed"),
    MeasureStatus.SIGNED: Words("已有一方签署", "signed once"),
    MeasureStatus.CARRIED: Words("已成立", "carried"),
    MeasureStatus.DROPPED: Words("不成立", "dropped"),
}

MEASURE_HINT: Mapping[MeasureStatus, Words] = {
    MeasureStatus.PROPOSED: Words("须由人事与总经理两人签署。", "HR and the general manager sign it."),
    MeasureStatus.SIGNED: Words("还缺另一方签署。", "The other side has yet to sign."),
    MeasureStatus.CARRIED: Words("所依据的处罚撤销时自动撤销。", "It falls with what it rests on."),
    MeasureStatus.DROPPED: Words("有新的依据时会另行提出。", "New grounds make a new proposal."),
}

MEASURE_ACTION: Mapping[str, Words] = {
    "sign_for_hr": Words("由人事签署", "sign for HR"),
    "sign_for_management": Words("由总经理签署", "sign for the general management"),
    "drop": Words("不予成立", "drop the proposal"),
}

SIGNS_AS: Mapping[SignsAs, Words] = {
    SignsAs.HR: Words("人事", "HR"),
    SignsAs.GENERAL_MANAGER: Words("总经理", "The general manager"),
}

DEMERIT_KIND: Mapping[DemeritKind, Words] = {
    DemeritKind.DEMERIT: Words("记过", "demerit"),
    DemeritKind.MAJOR_DEMERIT: Words("记大过", "major demerit"),
}
