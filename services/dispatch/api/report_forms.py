"""Forms of the service report, as data by purpose (3.6): read, printed to be filled in by hand, replaced."""

import asyncio
from functools import partial
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BaseModel
from starlette.responses import Response

from services.dispatch.api import permissions as may
from services.dispatch.commands import reports as commands
from services.dispatch.domain.names.report import PURPOSE
from services.dispatch.domain.report_form import AdoptReportForm
from services.dispatch.paper.report import ReportPaper, printed
from shared.api import Call, Routes
from shared.bodies import CommandBody, body_of, said
from shared.events.dispatch import ReportForm
from shared.events.tickets import Purpose
from shared.language import say
from shared.service import Runtime
from shared.typesetting import Type
from shared.uploads import file_response

_EXAMPLE = {
    "valid_from": "2026-11-01T00:00:00+08:00",
    "items": [
        {"key": "situation", "kind": "text", "zh": "现场情况", "en": "What was found"},
        {"key": "tested", "kind": "check", "zh": "已试用，效果正常", "en": "Tried out, works"},
        {"key": "voltage", "kind": "measurement", "zh": "电压", "en": "Voltage", "unit": "V", "at_most": "242"},
        {"key": "photo", "kind": "photo", "zh": "照片", "en": "Photo", "at_least": "2"},
    ],
    "reason": "按质检部要求增加电压测量",
}
_AT = Query(description="何时有效的样式，默认现在 · as it holds at; default: now")


class FormAdopted(BaseModel):
    """The edition that was adopted."""

    purpose: Purpose
    edition: int
    valid_from: AwareDatetime
    version: int


def routes(runtime: Runtime) -> Routes:
    routes = Routes("报告单样式", "Report forms", prefix="/reports/forms")
    _declare_reading(routes, runtime)
    _declare_adopting(routes, runtime)
    return routes


def _declare_reading(routes: Routes, runtime: Runtime) -> None:
    type_ = Type(runtime.settings.report_font)

    async def in_force(call: Call, purpose: Purpose, at: AwareDatetime | None) -> ReportForm:
        moment = at or call.app.state.clock.now()
        return await runtime.log.look(partial(commands.form_in_force, purpose=purpose, at=moment))

    @routes.get("", permission=may.REPORT_FORMS_READ, response_model=list[dict[str, Any]], summary="列表 · List")
    async def list_report_forms(call: Call, at: Annotated[AwareDatetime | None, _AT] = None) -> Response:
        """各服务类别现行的样式 · The form in force for each purpose."""
        forms = [await in_force(call, purpose, at) for purpose in Purpose]
        titles = {purpose: say(PURPOSE[purpose], call.language) for purpose in Purpose}
        return call.answer(
            [
                {"purpose": f.purpose, "title": titles[f.purpose], "edition": f.edition, "items": len(f.items)}
                for f in forms
            ]
        )

    @routes.get("/{purpose}", permission=may.REPORT_FORMS_READ, response_model=ReportForm, summary="查看 · Show")
    async def show_report_form(
        call: Call, purpose: Purpose, at: Annotated[AwareDatetime | None, _AT] = None
    ) -> Response:
        """一类报告单要填写的全部项目 · All that the report of this purpose asks for."""
        return call.answer(await in_force(call, purpose, at))

    @routes.get(
        "/{purpose}/blank.pdf",
        permission=may.REPORT_FORMS_READ,
        response_class=Response,
        summary="空白表 PDF · Blank form",
    )
    async def print_blank_form(
        call: Call, purpose: Purpose, at: Annotated[AwareDatetime | None, _AT] = None
    ) -> Response:
        """可打印后手工填写的空白报告单 · The form to be printed and filled in by hand."""
        form = await in_force(call, purpose, at)
        paper = ReportPaper(runtime.settings.company_name, runtime.settings.company_phone, form)
        made = await asyncio.to_thread(printed, paper, type_)
        return file_response(made, "application/pdf", f"{purpose.value}-{form.edition}.pdf")


def _declare_adopting(routes: Routes, runtime: Runtime) -> None:
    async def adopt_report_form(call: Call, purpose: Purpose, body: CommandBody) -> Response:
        wish = partial(AdoptReportForm, at=call.moment(body.at), by=call.actor, **said(body))
        doing = partial(commands.adopt_form, purpose=purpose, wish=wish, version=call.expected_version)
        return call.done(await runtime.log.execute(doing, call.context()))

    adopt_report_form.__doc__ = (
        "启用新样式；只用于生效后起草的报告单 · Adopt a form; reports that are begun from then on use it."
    )
    adopt_report_form.__annotations__["body"] = body_of(AdoptReportForm, ("purpose",), _EXAMPLE)
    routes.post(
        "/{purpose}/adopt", permission=may.REPORT_FORMS_ADOPT, response_model=FormAdopted, summary="启用样式 · Adopt"
    )(adopt_report_form)
