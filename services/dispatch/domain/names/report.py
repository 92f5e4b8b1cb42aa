"""What is said of service reports and their forms."""

from collections.abc import Mapping

from shared.decider import Words
from shared.events.dispatch.report import ReportStatus, TrainingOutcome
from shared.events.dispatch.report_form import ItemKind
from shared.events.tickets import Purpose

REPORT_STATUS: Mapping[ReportStatus, Words] = {
    ReportStatus.DRAFT: Words("填写中", "a draft"),
    ReportStatus.SUBMITTED: Words("待客户签字", "waiting for the customer's signature"),
    ReportStatus.SIGNED: Words("客户已签字", "signed"),
    ReportStatus.SIGNATURE_REFUSED: Words("客户拒绝签字", "refused by the customer"),
    ReportStatus.CORRECTING: Words("更正中", "being corrected"),
}

REPORT_HINT: Mapping[ReportStatus, Words] = {
    ReportStatus.DRAFT: Words("请填写完整并提交。", "Complete and submit it."),
    ReportStatus.SUBMITTED: Words(
        "请客户签字；需要修改请先撤回。", "Have it signed; to change it, take it back first."
    ),
    ReportStatus.SIGNED: Words("已签字的内容不可更改，请另出更正版本。", "What is signed never changes: correct it."),
    ReportStatus.SIGNATURE_REFUSED: Words("客户可以补签；内容有误请更正。", "It can still be signed, or corrected."),
    ReportStatus.CORRECTING: Words("请提交或放弃更正。", "Submit or drop the correction."),
}
"""What to do instead."""

REPORT_ACTION: Mapping[str, Words] = {
    "fill": Words("填写", "fill in"),
    "attach": Words("添加附件", "attach a photo or a paper"),
    "detach": Words("移除附件", "take an attachment out"),
    "submit": Words("提交", "submit"),
    "recall": Words("撤回修改", "take back"),
    "sign": Words("客户签字", "sign"),
    "refuse_signature": Words("登记拒绝签字", "record that the signature is refused"),
    "correct": Words("更正", "correct"),
    "drop_correction": Words("放弃更正", "drop the correction"),
    "erase_signer": Words("删除签字人信息", "erase the signer"),
}

TRAINING: Mapping[TrainingOutcome, Words] = {
    TrainingOutcome.PASSED: Words("培训合格", "training passed"),
    TrainingOutcome.REPEAT: Words("须重新培训", "training to be repeated"),
}

PURPOSE: Mapping[Purpose, Words] = {
    Purpose.REPAIR: Words("维修", "repair"),
    Purpose.REPLACEMENT: Words("更换", "replacement"),
    Purpose.DELIVERY: Words("配送", "delivery"),
    Purpose.PLACEMENT: Words("安放", "placement"),
    Purpose.TRAINING: Words("培训", "training"),
    Purpose.INSTALLATION_GUIDANCE: Words("安装指导", "installation guidance"),
    Purpose.COMMISSIONING: Words("调试", "commissioning"),
    Purpose.ROUTINE_VISIT: Words("走访", "routine visit"),
}

ANSWER: Mapping[str, Words] = {
    "done": Words("已完成", "done"),
    "not_done": Words("未完成", "not done"),
    "not_applicable": Words("不适用", "not applicable"),
    "shown": Words("已独立演示", "shown without help"),
    "not_shown": Words("未能演示", "not shown"),
}
"""What may be said of what was to be done, and of what was to be shown."""

ITEM_KIND: Mapping[ItemKind, Words] = {
    ItemKind.TEXT: Words("文字", "text"),
    ItemKind.CHOICE: Words("单选", "choice"),
    ItemKind.CHECK: Words("检查项", "check"),
    ItemKind.DEMONSTRATED: Words("客户演示", "demonstrated by the customer"),
    ItemKind.COUNT: Words("数量", "count"),
    ItemKind.MEASUREMENT: Words("测量", "measurement"),
    ItemKind.PHOTO: Words("照片", "photo"),
}

CHANGED: Mapping[str, Words] = {
    "parts": Words("使用材料与配件", "material and parts"),
    "attachments": Words("照片与附件", "photos and papers"),
    "job": Words("服务情况", "the work order's facts"),
}
"""What a correction may change besides the items of the form."""
