"""Who may call: the access token, the host a browser was told, and where a request comes from."""

import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.errors import answer
from backend.settings import Settings, is_loopback

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Gate:
    """ASGI middleware that turns away what must not get in, and puts the security headers on every answer.

    Without an access token the API listens on loopback, where any page in the person's browser could reach it: so
    other names than loopback's are refused (DNS rebinding), and requests that change something must not come from
    another site (CSRF, by `Sec-Fetch-Site`). With a token every call under `/api` must carry it.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        token = settings.access_token
        self.token = None if token is None else token.get_secret_value().encode()
        self.largest = settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
        if refusal is None:
            if scope["method"] == "HEAD" and not scope["path"].endswith("/events"):
                scope = {**scope, "method": "GET"}  # the server that was asked for the head sends no more than it
            await self.app(scope, self._limited(receive), send_with_headers)
        else:
            status, code, message = refusal
            response = answer(status, code, message)
            if status == 401:
                response.headers["WWW-Authenticate"] = "Bearer"
            await response(scope, receive, send_with_headers)

    def _limited(self, receive: Receive) -> Receive:
        """Return `receive` that ends a body without a declared length once it is too large."""
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.largest:
                raise HTTPException(413, self._too_large())
            return message

        return receive_some

    def _too_large(self) -> str:
        return f"The request body is larger than {self.largest:,} bytes."

    def _refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str, str] | None:
        if int(headers.get("content-length", "0")) > self.largest:
            return 413, "content_too_large", self._too_large()
        if method not in SAFE_METHODS and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return 403, "cross_site", "A page of another site must not change anything here."
        if self.token is None:
            host = headers.get("host", "")
            if not is_loopback(_hostname(host)):
                return 421, "wrong_host", f"This server answers to localhost, not to {host!r}."
        elif path.startswith("/api/"):
            scheme, _, given = headers.get("authorization", "").partition(" ")
            if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), self.token):
                return 401, "unauthorized", "This server needs its access token: send `Authorization: Bearer TOKEN`."
        return None


def _hostname(host: str) -> str:
    """Return the `Host` header without its port, empty where it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
