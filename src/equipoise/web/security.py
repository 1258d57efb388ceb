"""What every answer carries so that a browser protects the person, and how much may be sent."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils import translation

Answer = Callable[[HttpRequest], HttpResponse]

# No script, style or frame from elsewhere, and none written into a page.
CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",  # pages hold data of patients; whitenoise answers before this
}


def add_headers(get_response: Answer) -> Answer:
    """Middleware that adds the headers which a view has not set itself."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return respond


def _tell_too_much(request: HttpRequest) -> HttpResponse:
    """413, in the language of the browser: nobody asked yet who it is."""
    most = settings.UPLOAD_MOST_BYTES // 1_000_000
    with translation.override(translation.get_language_from_request(request)):
        page = loader.render_to_string("shell/413.html", {"most": most})
    return HttpResponse(page, status=413, headers={"Connection": "close"})


def limit_uploads(get_response: Answer) -> Answer:
    """Middleware that refuses more than `UPLOAD_MOST_BYTES` before reading any of it."""

    def respond(request: HttpRequest) -> HttpResponse:
        said = request.headers.get("Content-Length") or "0"
        if not said.isdecimal() or int(said) > settings.UPLOAD_MOST_BYTES:
            return _tell_too_much(request)
        return get_response(request)

    return respond
