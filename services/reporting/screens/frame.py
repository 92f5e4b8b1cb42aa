"""How a page is made: the frame around it, the language, the words and forms that all templates share."""

import hashlib
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from services.reporting.screens import charts
from shared.api import Call
from shared.auth import Permission
from shared.clock import SHANGHAI
from shared.decider import Words
from shared.language import CONTENT_LANGUAGE, Language, say
from shared.problems import UNAUTHENTICATED, Problem

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "shouhou_language"
THEME_COOKIE = "shouhou_theme"
FRAGMENT = "x-fragment"
"""A request with this header wants the content alone, without the frame."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Vary": "Accept-Language, Cookie, X-Fragment",
    # charts say their colours in style attributes; nothing comes from elsewhere, and no script stands in a page
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An entry of the navigation."""

    path: str
    """Below ``/screens/``."""
    title: Words
    permission: Permission


def language_of(call: Call) -> Language:
    """What the viewer has chosen, else what the browser prefers."""
    chosen = call.cookies.get(LANGUAGE_COOKIE)
    return "en" if chosen == "en" else "zh" if chosen == "zh" else call.language


class Frame:
    """Renders the pages; ``places`` is the navigation, of which a viewer sees what they may enter."""

    def __init__(self, places: Sequence[Place], company: str) -> None:
        self._places = places
        self._company = company
        self._environment = jinja2.Environment(
            autoescape=True,
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            trim_blocks=True,
            lstrip_blocks=True,
            undefined=jinja2.StrictUndefined,
        )
        self._environment.filters |= {
            "clock": clock,
            "day": day,
            "moment": moment,
            "money": money,
            "ago": ago,
            "iso": datetime.isoformat,
            "share": share,
            "number": number,
            "named": named,
            "change": change,
        }
        self._environment.globals |= {"charts": charts}

    def page(self, call: Call, template: str, *, at: str, boards: Sequence[str] = (), **shown: Any) -> Response:
        """A page; or its content alone, where the page's script asks for it.

        ``at`` is its path below ``/screens/``; ``boards`` are those whose changes it follows.
        """
        context = self._context(call, at) | shown | {"boards": ",".join(boards)}
        found = self._environment.get_template(template)
        if call.headers.get(FRAGMENT):
            return HTMLResponse(self._block(found, "content", context), headers=self._headers(call))
        return HTMLResponse(found.render(context), headers=self._headers(call))

    def part(self, call: Call, template: str, block: str, **shown: Any) -> Markup:
        """One block of a template, to be put into another."""
        found = self._environment.get_template(template)
        return Markup(self._block(found, block, self._context(call, "") | shown))  # noqa: S704 - escaped as it was made

    def has(self, template: str, block: str) -> bool:
        """Whether there is such a block."""
        return block in self._environment.get_template(template).blocks

    def turned_away(self, call: Call, problem: Problem) -> Response:
        """Whoever has no session is sent to sign in; whoever may not enter is told so."""
        if problem.kind is UNAUTHENTICATED:
            if call.headers.get(FRAGMENT):
                return Response(status_code=401, headers=HEADERS)
            root = call.scope.get("root_path", "")
            return RedirectResponse(f"{root}/sign-in?to={call.url.path[len(root) :]}", 303, HEADERS)
        context = self._context(call, "") | {"problem": problem, "boards": ""}
        page = self._environment.get_template("turned_away.html").render(context)
        return HTMLResponse(page, problem.kind.status, headers=self._headers(call))

    def _context(self, call: Call, at: str) -> dict[str, Any]:
        language = language_of(call)
        seen = [place for place in self._places if place.permission.allows(call.principal, reading=True)]
        theme = call.cookies.get(THEME_COOKIE)
        return {
            "at": at,
            "lang": CONTENT_LANGUAGE[language],
            "language": language,
            "theme": theme if theme in ("light", "dark") else "auto",
            "root": call.scope.get("root_path", ""),
            "places": seen,
            "who": call.principal,
            "company": self._company,
            "now": call.app.state.clock.now(),
            "say": lambda words: say(words, language),
            "t": lambda zh, en: say(Words(zh, en), language),
            "versions": versions(),
        }

    def _block(self, template: jinja2.Template, block: str, context: Mapping[str, Any]) -> str:
        return "".join(template.blocks[block](template.new_context(dict(context))))

    def _headers(self, call: Call) -> dict[str, str]:
        now: datetime = call.app.state.clock.now()
        return HEADERS | {"Content-Language": CONTENT_LANGUAGE[language_of(call)], "X-Now": now.isoformat()}


@cache
def versions() -> Mapping[str, str]:
    """A short fingerprint of each static file: its address changes when it does, so it can be kept for ever."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest()[:10] for file in (HERE / "static").iterdir()}


def static(name: str) -> Response | None:
    """A static file; None where there is none of that name."""
    if name not in versions():
        return None
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response((HERE / "static" / name).read_bytes(), media_type=kind, headers=headers)


# --- forms ------------------------------------------------------------------------------------------------------------


def clock(at: datetime) -> str:
    """``14:05``, Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%H:%M}"


def day(at: datetime | date) -> str:
    """``10-03``, Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI) if isinstance(at, datetime) else at:%m-%d}"


def moment(at: datetime) -> str:
    """``2026-10-03 14:05``, Asia/Shanghai."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def money(amount: Decimal | None) -> str:
    """``¥1,234.50``; — where there is none."""
    return "—" if amount is None else f"{'-' if amount < 0 else ''}¥{abs(amount):,.2f}"


def ago(span: timedelta | float, language: Language = "zh") -> str:
    """A length of time in two units at most: ``3 天 4 小时``, ``25 分``. Numbers are seconds."""
    seconds = abs(span.total_seconds() if isinstance(span, timedelta) else span)
    minutes = int(seconds // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = (("天", "d", days), ("小时", "h", hours), ("分", "min", rest))
    first = next((n for n, (_, _, many) in enumerate(units) if many), 2)
    shown = [(zh, en, many) for zh, en, many in units[first : first + 2] if many or first == 2]
    return " ".join(f"{many} {en if language == 'en' else zh}" for zh, en, many in shown)


DAY_BEGINS, DAY_ENDS = 6, 22
"""Hours of a timeline."""


def share(at: datetime) -> float:
    """How much of a timeline's day is over, in percent."""
    local = at.astimezone(SHANGHAI)
    hours = local.hour + local.minute / 60
    return round(100 * min(1.0, max(0.0, (hours - DAY_BEGINS) / (DAY_ENDS - DAY_BEGINS))), 2)


def number(value: Decimal | int | None) -> float:
    """For a chart."""
    return float(value or 0)


def named(key: Any, names: Mapping[Any, Words], language: Language) -> str:
    """What a state is called."""
    return say(names[key], language)


def change(before: Decimal | int, now: Decimal | int) -> str:
    """By how much it is more or less than before: ``+12 %``."""
    return "" if not before else f"{(now - before) * 100 / before:+.0f} %"
