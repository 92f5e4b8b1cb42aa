"""What a notice says, unless a channel has words of its own. No names of persons, no telephone numbers, no addresses:
events have none."""

from collections.abc import Mapping
from typing import Any

import jinja2

from services.reporting.domain.notice_channel import TEXTS
from shared.calendar import SHANGHAI
from shared.decider import Words
from shared.events import dispatch, penalties, reporting, tickets
from shared.events.base import Event
from shared.events.reporting import NoticeLanguage
from shared.language import say

_DEFAULTS: Mapping[type[Event], Words] = {
    tickets.AnswerOverdue: Words(
        "服务请求首次答复已超时（3.4a），时限 {{ due | moment }}。",
        "A ticket's first answer is overdue (3.4a); it was due {{ due | moment }}.",
    ),
    tickets.TicketEscalated: Words("服务请求已上报总部：{{ question }}", "A ticket was escalated: {{ question }}"),
    tickets.ComplaintLodged: Words("收到投诉 {{ number }}：{{ summary }}", "Complaint {{ number }}: {{ summary }}"),
    dispatch.VisitLate: Words(
        "上门 {{ number }}（{{ customer_name or '客户' }}）未按约定 {{ agreed_arrival | moment }} 到场。",
        "Visit {{ number }} ({{ customer_name or 'customer' }}) was not there at {{ agreed_arrival | moment }}.",
    ),
    dispatch.LeftWithoutReporting: Words(
        "上门 {{ number }} 完工后未按时报告总部（4.4）。",
        "Visit {{ number }}: headquarters was not told in time (4.4).",
    ),
    dispatch.DispatchRefused: Words("一次派工被拒绝，请改派。", "A visit was refused; assign somebody else."),
    dispatch.ExpenseChecked: Words("一张报销单已核对，待主管审批。", "A claim was checked and waits for approval."),
    dispatch.QualityRefused: Words(
        "备件 {{ part_name }} 质检不合格，数量 {{ quantity }}。",
        "Inspection refused {{ quantity }} of {{ part_name }}.",
    ),
    dispatch.OldPartOverdue: Words("旧件逾期未返还。", "An old part was not returned in time."),
    penalties.SuspicionRaised: Words(
        "疑似违规 {{ number }}，规则 {{ rule }}，须在 {{ notice_due | moment }} 前告知本人。",
        "Suspicion {{ number }}, rule {{ rule }}: the person has to be told by {{ notice_due | moment }}.",
    ),
    reporting.MonthlyReportLate: Words("月报已逾期（5.4）。", "A monthly report is late (5.4)."),
    reporting.MonthlyReportIssued: Words("月报 {{ number }} 已签发，请签收。", "Report {{ number }} was issued."),
}
DEFAULTS: Mapping[str, Words] = {event.TOPIC: words for event, words in _DEFAULTS.items()}
"""By type of event."""


def moment(at: Any) -> str:
    """``10-03 14:05``, Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}"


TEXTS.filters["moment"] = moment


class NoText(Exception):
    """The channel's own text can't be filled in with this event."""


def text_of(event: Event, own: Mapping[str, str], language: NoticeLanguage) -> str:
    """What is written. Raises ``NoText``."""
    words = DEFAULTS.get(event.TOPIC)
    text = own.get(event.TOPIC) or (say(words, language.value) if words else f"{event.TOPIC}")
    try:
        return TEXTS.from_string(text).render({name: getattr(event, name) for name in type(event).model_fields})
    except (jinja2.TemplateError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise NoText(type(error).__name__) from error
