"""The page: static files and Plotly, served from this origin alone."""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

PLOTLY = "/static/vendor/plotly.min.js"
FRONTEND = Path(__file__).resolve().parent.parent / "frontend"


@cache
def plotly_js() -> tuple[bytes, str]:
    """Return Plotly's JavaScript of the installed package, gzipped, and its hash."""
    plain = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    return gzip.compress(plain, 6, mtime=0), hashlib.sha256(plain).hexdigest()[:16]


def install(app: FastAPI) -> None:
    """Serve the page at `/`, its files under `/static`, Plotly's under `/static/vendor`."""

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    def index() -> HTMLResponse:
        page = (FRONTEND / "index.html").read_text()
        versioned = page.replace(PLOTLY, f"{PLOTLY}?v={plotly_js()[1]}")
        return HTMLResponse(versioned, headers={"Cache-Control": "no-cache"})

    @app.get("/favicon.ico", include_in_schema=False)
    def favicon() -> FileResponse:
        return FileResponse(FRONTEND / "favicon.svg", media_type="image/svg+xml")

    @app.get(PLOTLY, include_in_schema=False)
    def plotly(request: Request) -> Response:
        packed, digest = plotly_js()
        headers = {"ETag": f'"{digest}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.query_params.get("v") == digest:
            headers["Cache-Control"] = "public, max-age=31536000, immutable"
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
        return Response(gzip.decompress(packed), media_type="text/javascript", headers=headers)

    app.mount("/static", Revalidated(directory=FRONTEND), name="static")


class Revalidated(StaticFiles):
    """Static files that a browser asks about each time, so that a new version is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        """Return the file with `Cache-Control: no-cache`; its ETag makes an unchanged one free."""
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response
