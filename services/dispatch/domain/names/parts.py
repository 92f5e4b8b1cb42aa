"""Spare parts, their requests, the stock, the claims on suppliers."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch import (
    PartCondition,
    PartDestination,
    PartKind,
    PartRequestStatus,
    PartSupply,
    SettlementKind,
    StockCause,
    SupplierAnswer,
    SupplierClaimStatus,
    SupplierStep,
)

PART_KIND: Mapping[PartKind, Words] = {
    PartKind.PART: Words("配件", "spare part"),
    PartKind.GOODS: Words("货品", "goods"),
}
PART_SUPPLY: Mapping[PartSupply, Words] = {
    PartSupply.MADE: Words("自产", "made"),
    PartSupply.BOUGHT: Words("外购", "bought"),
}
PART_DESTINATION: Mapping[PartDestination, Words] = {
    PartDestination.VAN: Words("服务车", "the van"),
    PartDestination.SITE: Words("客户现场", "the customer's site"),
}
PART_CONDITION: Mapping[PartCondition, Words] = {
    PartCondition.GOOD: Words("完好", "good"),
    PartCondition.DEFECTIVE: Words("有缺陷", "defective"),
}

S = PartRequestStatus

REQUEST_STATUS: Mapping[S, Words] = {
    S.REQUESTED: Words("待批准", "waiting for approval"),
    S.APPROVED: Words("已批准", "approved"),
    S.RESERVED: Words("已预留", "reserved"),
    S.PRODUCTION_PLANNED: Words("已排产", "planned for production"),
    S.PRODUCED: Words("已完工", "produced"),
    S.PURCHASE_ORDERED: Words("已采购", "ordered from a supplier"),
    S.RECEIVED: Words("已到货", "received"),
    S.QUALITY_RELEASED: Words("质检已放行", "released by quality"),
    S.SHIPPED: Words("已发货", "shipped"),
    S.DELIVERED: Words("已送达", "delivered"),
    S.CONSUMED: Words("已耗用", "consumed"),
    S.RETURNED: Words("已退回", "returned"),
    S.CLOSED: Words("已办结", "closed"),
    S.REJECTED: Words("已驳回", "rejected"),
    S.CANCELLED: Words("已取消", "cancelled"),
}

_INSPECT = Words("请先质检。", "Have it inspected first.")
_AGAIN = Words("请重新申请。", "Request it anew.")

REQUEST_HINT: Mapping[S, Words] = {
    S.REQUESTED: Words("请先由他人批准。", "Have another person approve it first."),
    S.APPROVED: Words("请先预留库存、排产或采购。", "Reserve, plan the production or order it first."),
    S.RESERVED: _INSPECT,
    S.PRODUCTION_PLANNED: Words("请先登记完工。", "Record that it was produced first."),
    S.PRODUCED: _INSPECT,
    S.PURCHASE_ORDERED: Words("请先登记到货。", "Record that it arrived first."),
    S.RECEIVED: _INSPECT,
    S.QUALITY_RELEASED: Words("可以发货。", "Ship it."),
    S.SHIPPED: Words("请先登记送达。", "Record the delivery first."),
    S.DELIVERED: Words("请登记耗用或退回。", "Record what was used or came back."),
    S.CONSUMED: Words("可以返还旧件或办结。", "Return the old part, or close it."),
    S.RETURNED: Words("可以办结。", "Close it."),
    S.CLOSED: _AGAIN,
    S.REJECTED: _AGAIN,
    S.CANCELLED: _AGAIN,
}
"""What to do instead."""

REQUEST_ACTION: Mapping[str, Words] = {
    "request": Words("申请配件", "request a part"),
    "approve": Words("批准", "approve"),
    "reject": Words("驳回", "reject"),
    "reserve": Words("预留库存", "reserve stock"),
    "plan_production": Words("下达生产计划", "plan the production"),
    "record_produced": Words("登记完工", "record that it was produced"),
    "order_purchase": Words("采购下单", "order it from a supplier"),
    "record_received": Words("登记到货", "record that it arrived"),
    "release": Words("质检放行", "release it"),
    "refuse_release": Words("判为不合格", "find it bad"),
    "ship": Words("发货", "ship"),
    "deliver": Words("登记送达", "record the delivery"),
    "consume": Words("登记耗用", "record what was used"),
    "correct_use": Words("更正耗用", "correct what was used"),
    "give_back": Words("退回", "give it back"),
    "return_old_part": Words("返还旧件", "return the old part"),
    "waive_old_part": Words("免返旧件", "waive the old part"),
    "close": Words("办结", "close"),
    "cancel": Words("取消", "cancel"),
}

STOCK_CAUSE: Mapping[StockCause, Words] = {
    StockCause.PRODUCED: Words("完工入库", "produced"),
    StockCause.PURCHASED: Words("采购入库", "purchased"),
    StockCause.DELIVERED: Words("送达", "delivered"),
    StockCause.RETURNED: Words("退回", "returned"),
    StockCause.SHIPPED: Words("发货", "shipped"),
    StockCause.CONSUMED: Words("耗用", "used"),
    StockCause.REFUSED: Words("质检不合格", "found bad"),
    StockCause.CORRECTED: Words("更正耗用", "not used after all"),
    StockCause.MOVED: Words("调拨", "moved"),
    StockCause.SENT_BACK: Words("退供方", "sent back to the supplier"),
    StockCause.SCRAPPED: Words("报废", "scrapped"),
    StockCause.OPENING: Words("期初", "there before"),
}

PART_ACTION: Mapping[str, Words] = {
    "record": Words("登记配件", "record a part"),
    "adopt": Words("发布配件制度", "adopt a policy on parts"),
}

STOCK_ACTION: Mapping[str, Words] = {
    "receive": Words("入库", "take in"),
    "move": Words("调拨", "move"),
    "use": Words("从服务车耗用", "use from a van"),
    "scrap": Words("报废", "scrap"),
    "send_back": Words("退供方", "send back to the supplier"),
    "count": Words("盘点", "count"),
}

CLAIM_STATUS: Mapping[SupplierClaimStatus, Words] = {
    SupplierClaimStatus.OPENED: Words("已提出", "opened"),
    SupplierClaimStatus.NOTIFIED: Words("已通知供方", "with the supplier"),
    SupplierClaimStatus.ACCEPTED: Words("供方已接受", "accepted by the supplier"),
    SupplierClaimStatus.DISPUTED: Words("供方有异议", "disputed by the supplier"),
    SupplierClaimStatus.SETTLED: Words("已了结", "settled"),
    SupplierClaimStatus.ABANDONED: Words("已放弃", "abandoned"),
}

CLAIM_HINT: Mapping[SupplierClaimStatus, Words] = {
    SupplierClaimStatus.OPENED: Words("请先通知供方。", "Notify the supplier first."),
    SupplierClaimStatus.NOTIFIED: Words("请先登记供方答复。", "Record the supplier's answer first."),
    SupplierClaimStatus.ACCEPTED: Words("可以了结。", "Settle it."),
    SupplierClaimStatus.DISPUTED: Words("可以了结或放弃。", "Settle it or give it up."),
    SupplierClaimStatus.SETTLED: Words("如有新情况请另行提出。", "Open another claim for anything new."),
    SupplierClaimStatus.ABANDONED: Words("如有新情况请另行提出。", "Open another claim for anything new."),
}

CLAIM_ACTION: Mapping[str, Words] = {
    "open": Words("提出外协索赔", "open a claim on a supplier"),
    "notify": Words("通知供方", "notify the supplier"),
    "record_answer": Words("登记供方答复", "record the supplier's answer"),
    "settle": Words("了结", "settle"),
    "abandon": Words("放弃", "give it up"),
}

CLAIM_STEP: Mapping[SupplierStep, Words] = {
    SupplierStep.NOTICE: Words("通知供方", "the notice to the supplier"),
    SupplierStep.ANSWER: Words("供方答复", "the supplier's answer"),
    SupplierStep.SETTLEMENT: Words("了结", "the settlement"),
}
SUPPLIER_ANSWER: Mapping[SupplierAnswer, Words] = {
    SupplierAnswer.ACCEPTED: Words("接受", "accepts"),
    SupplierAnswer.DISPUTED: Words("有异议", "disputes"),
}
SETTLEMENT: Mapping[SettlementKind, Words] = {
    SettlementKind.REPLACED: Words("换货", "replaced"),
    SettlementKind.REPAIRED: Words("修复", "repaired"),
    SettlementKind.CREDITED: Words("抵扣货款", "credited"),
    SettlementKind.PAID: Words("赔付", "paid"),
}
