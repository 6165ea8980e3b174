"""One shape for everything that goes wrong: `{"error": {"code", "message", "details"}}`."""

import logging
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException

from backend.store.errors import ConflictError, InvalidCursorError, NotFoundError, StoreError
from paretoscope.errors import ParetoscopeError
from paretoscope.variants import Problem, VariantError

log = logging.getLogger(__name__)


class Detail(BaseModel):
    """One thing that is wrong: where in the input, what, for which layer, and what would be legal."""

    loc: list[str | int] = Field(description="Path into the input, as keys and indices.")
    message: str
    layer: str | None = Field(default=None, description="The network layer it is about.")
    legal: dict[str, Any] | None = Field(default=None, description='What would be right, e.g. `{"maximum": 9}`.')


class ErrorBody(BaseModel):
    """What went wrong."""

    code: str = Field(description="Stable word for programs.", examples=["validation"])
    message: str = Field(description="What was wrong, where, and what would be right.")
    details: list[Detail] = []


class ErrorAnswer(BaseModel):
    """The one shape of every error."""

    error: ErrorBody


class ApiError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, code: str, message: str, details: Iterable[Detail] = ()) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, list(details)


def answer(status: int, code: str, message: str, details: Iterable[Detail] = ()) -> JSONResponse:
    """Return the response for an error."""
    body = ErrorAnswer(error=ErrorBody(code=code, message=message, details=list(details)))
    return JSONResponse(body.model_dump(mode="json"), status)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI `responses` for these error statuses."""
    return {status: {"model": ErrorAnswer, "description": HTTPStatus(status).phrase} for status in statuses}


def problem_details(problems: Iterable[Problem], before: Sequence[str | int] = ()) -> list[Detail]:
    """Return a variant's problems as details, `before` being where the variant stands in the input."""
    return [Detail(loc=[*before, *p.loc], message=p.message, layer=p.layer, legal=p.legal) for p in problems]


def install(app: FastAPI) -> None:
    """Have every exception answered in the one shape."""
    app.add_exception_handler(ApiError, _api_error)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(VariantError, _variant_error)
    app.add_exception_handler(ParetoscopeError, _expected)
    app.add_exception_handler(StoreError, _store_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _unexpected)


async def _api_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ApiError)  # noqa: S101 (Starlette's handlers are typed by Exception)
    return answer(error.status, error.code, error.message, error.details)


async def _variant_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VariantError)  # noqa: S101
    return answer(422, "validation", str(error), problem_details(error.problems))


async def _expected(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ParetoscopeError)  # noqa: S101
    return answer(422, error.code, error.message)


async def _store_error(_: Request, error: Exception) -> JSONResponse:
    for kind, status, code in ((NotFoundError, 404, "not_found"), (InvalidCursorError, 422, "validation")):
        if isinstance(error, kind):
            return answer(status, code, str(error))
    return answer(409, "conflict" if isinstance(error, ConflictError) else "store", str(error))


async def _http_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    phrase = HTTPStatus(error.status_code).phrase
    # Python renamed this status between versions; programs get one word.
    code = "content_too_large" if error.status_code == 413 else phrase.lower().replace(" ", "_")
    message = error.detail if error.detail != phrase else f"{phrase}."
    if error.status_code == 400:  # FastAPI's own, for a body that its JSON reader gave up on
        message = f"{message}: it must be JSON in UTF-8, not nested beyond reason, its numbers of sensible length."
    response = answer(error.status_code, code, message)
    response.headers.update(error.headers or {})
    return response


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return answer(500, "internal", "The server failed at this request; its log says why. Nothing was changed.")


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    if isinstance(error.body, bytes) and error.body:
        sent = request.headers.get("content-type", "none")
        return answer(
            415, "unsupported_media_type", f"The body must be sent as Content-Type: application/json, not {sent}."
        )
    details = [_detail(problem, error.body) for problem in error.errors()[:MOST_DETAILS]]
    first = details[0]
    where = ".".join(map(str, first.loc)) or "the input"
    more = f" (and {len(error.errors()) - 1} more)" if len(error.errors()) > 1 else ""
    return answer(422, "validation", f"{where}: {first.message}{more}", details)


MOST_DETAILS = 50


def _detail(problem: dict[str, Any], body: Any) -> Detail:
    source, *path = problem["loc"]
    if problem["type"] == "json_invalid":
        path = []
    loc = _path(path, body) if source == "body" else [str(source), *path]
    context = problem.get("ctx") or {}
    limits = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
    legal = {limits[key]: value for key, value in context.items() if key in limits and isinstance(value, int | float)}
    message = _message(problem, context)
    return Detail(loc=loc, message=message, legal=legal or None)


def problem_of(error: ValidationError, data: Any) -> str:
    """Return the first thing that is wrong with `data`, in the words of every other answer."""
    detail = _detail({**error.errors()[0], "loc": ("body", *error.errors()[0]["loc"])}, data)
    return f"{'.'.join(map(str, detail.loc))}: {detail.message}"


def _message(problem: dict[str, Any], context: dict[str, Any]) -> str:
    """Return pydantic's message, in plainer words where its own speak of its insides."""
    match problem["type"]:
        case "json_invalid":
            return f"the body is no JSON: {context['error']} at character {problem['loc'][-1]}"
        case "union_tag_invalid":
            return f"{context['tag']!r} is not known here; it can be {context['expected_tags']}"
        case "union_tag_not_found":
            return f"{str(context['discriminator']).rpartition(' | ')[2]} is missing: it says which kind this is"
        case "string_pattern_mismatch" if "\\x00" in context["pattern"]:
            return "has characters that cannot stand here, or begins with a space"
        case "tuple_type":
            return "Input should be a list"
        case _:
            return str(problem["msg"]).removeprefix("Value error, ")


def _path(path: Sequence[str | int], body: Any) -> list[str | int]:
    """Return pydantic's path without the names of the union members it went through, which the person never wrote."""
    found: list[str | int] = []
    here = body
    for index, key in enumerate(path):
        try:
            here = here[key]
        except (KeyError, IndexError, TypeError):
            if index < len(path) - 1 or key in UNION_TAGS:
                continue
        found.append(key)
    return found


UNION_TAGS = ("one", "many")
