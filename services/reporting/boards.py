"""The live boards beside the ticket board: each is small enough to be sent whole whenever it changes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection
from pydantic import BaseModel

from services.reporting.api import permissions as may
from services.reporting.views import DUTY, EXPENSES, PARTS, PENALTY_STAGES, STATISTICS, VISITS
from services.reporting.views.duty_reading import DutyBoard, duty_board
from services.reporting.views.expenses_reading import ExpensesBoard, expenses_board
from services.reporting.views.month_reading import MonthBoard, month_board
from services.reporting.views.parts_reading import PartsBoard, parts_board
from services.reporting.views.penalty_stages_reading import PenaltiesBoard, penalties_board
from services.reporting.views.satisfaction_reading import SatisfactionBoard, satisfaction_board
from services.reporting.views.visits_reading import VisitsBoard, visits_board
from shared.auth import Permission
from shared.decider import Words
from shared.projection import View


@dataclass(frozen=True)
class LiveBoard:
    """A board: what it is made of, how it is read, and who may see it."""

    name: str
    """In addresses: ``/boards/<name>``, ``/screens/<name>``."""
    title: Words
    about: Words
    view: View
    permission: Permission
    model: type[BaseModel]
    read: Callable[[AsyncConnection, datetime], Awaitable[BaseModel]]
    """Gives a ``model``, as of the moment."""
    reread_seconds: float = 30.0
    """It depends on the time of day, so it is read again so often though nothing was heard."""


BOARDS = (
    LiveBoard(
        "visits",
        Words("今日上门", "Visits today"),
        Words(
            "今日及此前未完成的上门：阶段、到场、迟到（3.4b），按城市与服务人员。",
            "Visits of today, and those of before that are not done: stage, arrival, lateness (3.4b).",
        ),
        VISITS,
        may.BOARD_VISITS,
        VisitsBoard,
        visits_board,
        reread_seconds=10.0,
    ),
    LiveBoard(
        "duty",
        Words("电话值守", "Phone duty"),
        Words(
            "今日值守、出差与请假，拨测结果及等待中的回电（4.6）；未接只是事实，不是处罚。",
            "Who is on duty today, trips, leave; probes, call-backs awaited (4.6). Evidence, not a verdict.",
        ),
        DUTY,
        may.BOARD_DUTY,
        DutyBoard,
        duty_board,
    ),
    LiveBoard(
        "expenses",
        Words("报销待办", "Expenses waiting"),
        Words("待核对、审批、付款的报销单（5.1）及本月已付。", "Claims that wait (5.1), and what was paid this month."),
        EXPENSES,
        may.BOARD_EXPENSES,
        ExpensesBoard,
        expenses_board,
    ),
    LiveBoard(
        "parts",
        Words("备件在途", "Parts in flow"),
        Words("备件申请从批准到送达（5.2）；逾期与质检不合格。", "Part requests from approval to delivery (5.2)."),
        PARTS,
        may.BOARD_PARTS,
        PartsBoard,
        parts_board,
    ),
    LiveBoard(
        "penalties",
        Words("处罚进度", "Penalties by stage"),
        Words("各阶段的数量，不含人员与金额。", "How many are at each stage; no persons, no amounts."),
        PENALTY_STAGES,
        may.BOARD_PENALTIES,
        PenaltiesBoard,
        penalties_board,
    ),
    LiveBoard(
        "satisfaction",
        Words("满意度", "Satisfaction"),
        Words(
            "回访得分：本月、近 30 天、每周，按产品与区域。", "Survey scores: month, 30 days, weeks; product, region."
        ),
        STATISTICS,
        may.STATISTICS_READ,
        SatisfactionBoard,
        satisfaction_board,
        reread_seconds=300.0,
    ),
    LiveBoard(
        "month",
        Words("本月至今", "Month so far"),
        Words(
            "本月至今的统计（5.4），对比上月与去年同期；为草稿，以签发的月报为准。",
            "The month's figures so far (5.4) beside the same days of last month and year; a draft.",
        ),
        STATISTICS,
        may.STATISTICS_READ,
        MonthBoard,
        month_board,
        reread_seconds=300.0,
    ),
)
