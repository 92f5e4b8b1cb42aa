"""One address for several services: each under its prefix, one landing page, one readiness for all.

A service keeps its prefix when it runs alone, so a proxy in front rewrites nothing.
"""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Iterator, Sequence

import jinja2
import uvicorn
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.api import Call, Routes
from shared.auth import public
from shared.decider import Words
from shared.language import CONTENT_LANGUAGE, say
from shared.service import Runtime, Service, build_app, plain_app

TITLE = Words("售后", "Shouhou")
ABOUT = Words("售后服务系统", "After-sales service")


class Gateway:
    """Hands each request to the service whose name its path begins with, and runs the services' workers."""

    def __init__(self, runtimes: Sequence[Runtime]) -> None:
        self._runtimes = runtimes
        self.apps = {runtime.service.name: build_app(runtime) for runtime in runtimes}
        self._front = plain_app(
            "gateway", TITLE, ABOUT, [_landing([runtime.service for runtime in runtimes])], self._missing
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        root: str = scope.get("root_path", "")
        name = scope["path"][len(root) + 1 :].partition("/")[0]
        app = self.apps.get(name)
        if app is None:
            await self._front(scope, receive, send)
        else:
            await app({**scope, "root_path": f"{root}/{name}"}, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """The ASGI lifespan: the workers run as long as the server does."""
        await receive()
        async with contextlib.AsyncExitStack() as stack:
            for runtime in self._runtimes:
                await stack.enter_async_context(runtime.running())
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _missing(self) -> dict[str, Words]:
        found: dict[str, Words] = {}
        for runtime in self._runtimes:
            for name, words in (await runtime.missing()).items():
                found[f"{runtime.service.name}.{name}"] = words
        return found


def build_gateway(runtimes: Sequence[Runtime]) -> Gateway:
    """The ASGI app of a process that runs these services."""
    return Gateway(runtimes)


_PUBLIC = public("it lists the services and tells nothing of the business")

_PAGE = jinja2.Environment(autoescape=True).from_string("""<!doctype html>
<html lang="{{ lang }}"><head><meta charset="utf-8"><title>{{ title }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; max-width: 44rem; margin: 3rem auto;
  padding: 0 1rem; color: #1d2329 }
li { margin: .8rem 0 } a { color: #0b61a4 } small { color: #5b6670 }
</style></head>
<body><h1>{{ title }}</h1><p>{{ about }}</p><ul>
{% for s in services %}<li><strong>{{ s.title }}</strong> <small>/{{ s.name }}</small><br>{{ s.about }}<br>
<a href="{{ root }}/{{ s.name }}/docs">{{ docs }}</a> · <a href="{{ root }}/{{ s.name }}/openapi.json">OpenAPI</a></li>
{% endfor %}</ul>
<p><small><a href="{{ root }}/health/ready">{{ health }}</a> · <a href="{{ root }}/metrics">Prometheus</a></small></p>
</body></html>""")


def _landing(services: Sequence[Service]) -> Routes:
    routes = Routes("首页", "Start")

    @routes.get("/", permission=_PUBLIC, quiet=True, include_in_schema=False)
    async def start(call: Call) -> Response:
        language = call.language
        shown = [{"name": s.name, "title": say(s.title, language), "about": say(s.about, language)} for s in services]
        page = _PAGE.render(
            lang=CONTENT_LANGUAGE[language],
            root=call.scope.get("root_path", ""),
            title=say(TITLE, language),
            about=say(ABOUT, language),
            docs=say(Words("接口文档,可直接试用", "API docs, to be tried out"), language),
            health=say(Words("运行状态", "Health"), language),
            services=shown,
        )
        return HTMLResponse(page, headers={"Content-Language": CONTENT_LANGUAGE[language], "Vary": "Accept-Language"})

    return routes


ANSWER_WITHIN = 1
"""Seconds that open requests get to end in when the process is told to stop; the workers end after them."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError when the address is taken or is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


def spare_collector() -> None:
    """To be called when all is built: modules, models and routes live as long as the process, so the garbage collector
    needn't look at them again and again; and what a request makes is mostly gone without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Answer until SIGTERM or SIGINT; returns when all requests and workers have ended, in less than 5 s."""
    spare_collector()
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # nothing here asks for the client's address or scheme
            timeout_graceful_shutdown=ANSWER_WITHIN,
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.end)
    try:
        await server.serve(sockets=[listener])
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


class _Server(uvicorn.Server):
    """uvicorn, except that a signal ends the serving and not the process: what was opened around it gets closed."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def end(self) -> None:
        """The second time without waiting for open requests."""
        self.force_exit = self.should_exit
        self.should_exit = True
