"""Requests with a session that lies in memory: what is done before any database is asked."""

from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory


def request_to(path: str, **fields: str) -> HttpRequest:
    """A POST of these fields by somebody with an empty session."""
    request: HttpRequest = RequestFactory().post(path, fields)
    request.session = SessionStore()
    return request
