"""The API's description and its docs page, which need nothing from outside: the company's network may be closed."""

import html
from collections.abc import Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute

from shared.auth import Permission, Public, Role
from shared.problems import KINDS, MEDIA_TYPE, Problem

ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "出错时为 RFC 9457 问题文档 · An error is an RFC 9457 problem document",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

FRESH_KEY = "a-new-one-for-each-action"
"""What the docs page replaces by a new UUID when it sends a command."""


def operation(permission: Permission | Public, *, keyed: bool, reading: bool) -> dict[str, Any]:
    """What a route's description says beyond FastAPI: who may, which headers, which errors."""
    errors = [400, 404, 500, 503]
    headers = ["AcceptLanguage", "CorrelationId"]
    described: dict[str, Any] = {"security": []}
    if isinstance(permission, Public):
        described["x-permission"] = {"public": permission.reason}
    else:
        described["security"] = [{"bearer": []}]
        described["x-permission"] = _shown(permission, reading)
        errors += [401, 403]
    if reading:
        errors += [422]
    else:
        errors += [409, 412, 413, 415, 422]
        headers = ["IfMatch", "Source", *headers]
    if keyed:
        headers = ["IdempotencyKey", *headers]
    described["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in headers]
    described["responses"] = {
        str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in sorted(errors)
    }
    return described


def _shown(permission: Permission, reading: bool) -> dict[str, Any]:
    roles = permission.roles | {Role.AUDITOR} if reading else permission.roles
    shown: dict[str, Any] = {"name": permission.name, "roles": sorted(roles)}
    if permission.own:
        shown["engineers"] = "own"
    elif permission.shared:
        shown["engineers"] = permission.shared
    return shown


def describe(app: FastAPI, routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The OpenAPI document of ``app``, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=routes, tags=app.openapi_tags
        )
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = _PROBLEM
        components["parameters"] = _PARAMETERS
        components["responses"] = _error_responses()
        components["securitySchemes"] = {
            "bearer": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "`shouhou token --role reception`",
            }
        }
        app.openapi_schema = document
    return app.openapi_schema


_WORDS = {"type": "string"}
_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {**_WORDS, "format": "uri", "description": "稳定不变,供程序判断 · stable; programs go by it"},
        "title": _WORDS,
        "status": {"type": "integer"},
        "detail": {**_WORDS, "description": "出了什么问题、在哪里、怎么办 · what, where, and what to do"},
        "instance": {**_WORDS, "format": "uri-reference"},
        "correlation_id": {**_WORDS, "format": "uuid"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "in": {"enum": ["body", "query", "path", "header", "cookie"]},
                    "pointer": {**_WORDS, "description": "JSON Pointer, RFC 6901"},
                    "detail": _WORDS,
                },
            },
        },
        "available_actions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": _WORDS, "title": _WORDS, "open": {"type": "boolean"}, "reason": _WORDS},
            },
        },
    },
}


def _header(name: str, description: str, example: str, **schema: Any) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string", **schema},
        "example": example,
    }


_PARAMETERS: dict[str, Any] = {
    "IdempotencyKey": {
        **_header(
            "Idempotency-Key",
            "每次操作一个新键,重试沿用同一个 · a new one for each action, the same one for a retry "
            "(this page makes one for you)",
            FRESH_KEY,
            minLength=1,
            maxLength=200,
        ),
        "required": True,
    },
    "IfMatch": {
        **_header("If-Match", "读取时的 ETag,防止覆盖他人的更改 · the ETag you have read", '"7"'),
        "example": None,
        "schema": {"type": "string", "examples": ['"7"']},
    },
    "Source": {
        **_header("X-Source", "来源 · from where", "web", enum=["app", "web", "call"], default="web"),
    },
    "AcceptLanguage": _header("Accept-Language", "zh(默认 · default)/ en", "zh", default="zh"),
    "CorrelationId": {
        **_header("X-Correlation-ID", "串联一次操作的全部记录 · links all that one action sets off", ""),
        "example": None,
        "schema": {"type": "string", "format": "uuid"},
    },
}


def _error_responses() -> dict[str, Any]:
    """For each status one response, with every kind of problem as an example."""
    responses: dict[str, Any] = {}
    for kind in KINDS:
        response = responses.setdefault(
            f"Problem{kind.status}",
            {
                "description": "",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}},
            },
        )
        response["description"] += f"{kind.title.zh} · {kind.title.en}. "
        examples = response["content"][MEDIA_TYPE]["examples"]
        examples[f"{kind.code} (zh)"] = {"value": Problem(kind).document("zh")}
        examples[f"{kind.code} (en)"] = {"value": Problem(kind).document("en")}
    return responses


# -- the docs page ----------------------------------------------------------------------------------------------

_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}

_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{base}/docs/swagger-ui.css">
<link rel="icon" href="{base}/docs/favicon-32x32.png"></head>
<body><div id="docs"></div><script src="{base}/docs/swagger-ui-bundle.js"></script><script>
function freshKey() {{
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, x => x.toString(16).padStart(2, "0")).join("");
}}
SwaggerUIBundle({{
  url: {url}, dom_id: "#docs", deepLinking: true, persistAuthorization: true, validatorUrl: null,
  tryItOutEnabled: true, displayRequestDuration: true, docExpansion: "list", defaultModelsExpandDepth: -1,
  requestInterceptor: function (request) {{
    if (request.headers["Idempotency-Key"] === {placeholder}) request.headers["Idempotency-Key"] = freshKey();
    return request;
  }}
}});
</script></body></html>"""


def docs_page(title: str, root_path: str) -> Response:
    """Swagger UI, with everything it loads from this very service."""
    return HTMLResponse(
        _PAGE.format(
            title=html.escape(title),
            base=html.escape(quote(root_path)),
            url=orjson.dumps(f"{root_path}/openapi.json").decode(),
            placeholder=orjson.dumps(FRESH_KEY).decode(),
        )
    )


def docs_asset(name: str) -> Response | None:
    """A file of Swagger UI, from the wheel ``fastapi-swagger``; None for any other name."""
    media_type = _ASSETS.get(name)
    if media_type is None:
        return None
    content = (files("fastapi_swagger") / "resources" / name).read_bytes()
    return Response(content, media_type=media_type, headers={"Cache-Control": "public, max-age=86400"})
