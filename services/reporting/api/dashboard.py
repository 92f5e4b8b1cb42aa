"""The views that are published for others' dashboards, row by row, for those who can't ask by SQL (ADR 16)."""

from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from services.reporting.api import permissions as may
from services.reporting.views.published import PUBLISHED
from shared.api import Call, Routes
from shared.decider import Words
from shared.language import say
from shared.paging import Page, PageOf
from shared.problems import CURSOR_INVALID, NOT_FOUND, NOT_READY, Problem
from shared.published import SCHEMA, NotPublished, key_types, rows_after
from shared.service import Runtime

ViewPath = Annotated[
    str, Path(max_length=50, description="视图名 · name of the view", examples=["tickets", "month_figures"])
]


class ColumnShown(BaseModel):
    """A column of a view."""

    name: str
    type: str = Field(description="PostgreSQL 类型 · as PostgreSQL calls it")
    about: str = Field(description="含义 · what it means")
    key: bool = Field(description="是否为键：标识一行，永不为空 · part of what tells a row from others; never null")


class ViewShown(BaseModel):
    """A view, and where its rows are."""

    name: str
    relation: str = Field(description="SQL 中的名称 · its name in SQL")
    about: str
    rows: str = Field(description="逐页读取的地址 · where its rows are read, page by page")
    columns: list[ColumnShown]


class Views(BaseModel):
    """All views. Columns are only ever added."""

    views: list[ViewShown]


class RowsPage(Page):
    """Which part of a view, in the order of its key."""


_BUILDING = Words("该视图正在首次建立，请稍后再试。", "The view is being built for the first time; try again shortly.")


def routes(runtime: Runtime) -> Routes:
    routes = Routes("供外部看板使用的数据", "Data for dashboards of others", prefix="/dashboard")

    @routes.get("", permission=may.DASHBOARD, response_model=Views, summary="有哪些视图 · The views and their columns")
    async def list_views(call: Call) -> Response:
        """与数据库模式 dashboard 中的视图相同；列只增不改 · The views of the database schema ``dashboard``; columns
        are only ever added."""
        root = call.scope.get("root_path", "")
        shown = [
            ViewShown(
                name=each.name,
                relation=f"{SCHEMA}.{each.name}",
                about=say(each.about, call.language),
                rows=f"{root}/dashboard/{each.name}",
                columns=[
                    ColumnShown(name=c.name, type=c.type, about=say(c.about, call.language), key=c.name in each.key)
                    for c in each.columns
                ],
            )
            for each in PUBLISHED.values()
        ]
        return call.answer(Views(views=shown))

    @routes.get(
        "/{view}", permission=may.DASHBOARD, response_model=PageOf[dict[str, Any]], summary="逐页读取 · Rows of a view"
    )
    async def list_rows(call: Call, view: ViewPath, page: Annotated[RowsPage, Query()]) -> Response:
        """按键排序，每行恰好一次；金额为字符串 · In the order of the key, every row once; amounts are strings."""
        published = PUBLISHED.get(view)
        if published is None:
            raise Problem(NOT_FOUND)
        after = page.after(str, *key_types(published))
        if after and (after[0] != view or "\0" in "".join(map(str, after))):
            raise Problem(CURSOR_INVALID)
        try:
            rows = await rows_after(runtime.pool, published, after[1:] if after else None, page.limit + 1)
        except NotPublished as error:
            raise Problem(NOT_READY, _BUILDING, headers={"Retry-After": "2"}) from error
        return call.page(page, rows, lambda row: (view, *(row[name] for name in published.key)))

    return routes
