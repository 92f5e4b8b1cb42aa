"""A request becomes its handler's arguments, by FastAPI's own description of the handler.

FastAPI's general way (dependencies, exit stacks, several body parts) costs as much again as everything else a command
does. Most handlers ask for no more than the call, path and query parameters and one JSON body; those are bound here,
with the same fields, the same findings and the same exceptions. All others go FastAPI's way.
"""

import json
from collections.abc import Awaitable, Callable
from inspect import isclass
from typing import Any

from fastapi import params
from fastapi._compat import ModelField
from fastapi.dependencies.utils import get_flat_params, request_params_to_args
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

from shared.call import Call
from shared.problems import malformed

Handler = Callable[[Call], Awaitable[Response]]


def bound(route: APIRoute) -> Handler | None:
    """The handler of ``route``, taking the call alone; None where it asks for more than is bound here.

    It raises RequestValidationError as FastAPI's does.
    """
    asked = route.dependant
    body = route.body_field
    if asked.dependencies or asked.header_params or asked.cookie_params or asked.response_param_name:
        return None
    if asked.background_tasks_param_name or asked.http_connection_param_name or asked.security_scopes_param_name:
        return None
    if body is not None and not _one_json_body(body, asked.body_params):
        return None
    endpoint, call_name = route.endpoint, asked.request_param_name
    in_path, in_query = asked.path_params, asked.query_params

    async def handle(call: Call) -> Response:
        arguments: dict[str, Any] = {}
        errors: list[Any] = []
        if in_path:
            arguments, errors = request_params_to_args(in_path, call.path_params)
        if in_query:
            found, wrong = request_params_to_args(in_query, call.query_params)
            arguments |= found
            errors += wrong
        if body is not None:
            value, wrong = await _body(call, body)
            arguments[body.name] = value
            errors += wrong
        if errors:
            raise RequestValidationError(errors)
        if call_name is not None:
            arguments[call_name] = call
        response = await endpoint(**arguments)
        if not isinstance(response, Response):
            raise TypeError(f"{route.path} has to answer with a Response, as call.answer gives")
        return response

    return handle


def query_names(route: APIRoute) -> frozenset[str] | None:
    """The names that a query of ``route`` may use; None where a model judges that by itself."""
    asked = route.dependant
    if any(_judges(field) for field in asked.query_params):
        return None
    return frozenset(field.alias for field in get_flat_params(asked)) - {field.alias for field in asked.path_params}


def _judges(field: ModelField) -> bool:
    """Whether it is a model that says what becomes of a name it doesn't know."""
    model = field.field_info.annotation
    return isclass(model) and issubclass(model, BaseModel) and "extra" in model.model_config


def strange(call: Call, known: frozenset[str]) -> list[dict[str, Any]]:
    """What is wrong with a query that names what nobody asks for: it would be left out in silence."""
    return [
        {"type": "extra_forbidden", "loc": ("query", name), "msg": "Extra inputs are not permitted", "input": None}
        for name in call.query_params
        if name not in known
    ]


def _one_json_body(body: ModelField, parameters: list[ModelField]) -> bool:
    """Whether the body is the one parameter's required model, and not a form or a union of parameters."""
    return parameters == [body] and not isinstance(body.field_info, params.Form) and body.field_info.is_required()


async def _body(call: Call, field: ModelField) -> tuple[Any, list[Any]]:
    """The body as the handler's model, and what is wrong with it. Raises Problem where it is no JSON at all."""
    if not await call.body():
        return None, [{"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}]
    try:
        content = await call.json()
    except json.JSONDecodeError as error:
        raise malformed(error.pos, error.msg) from error
    return field.validate(content, loc=("body",))
