"""The address that a request came from, as locks, limits and the access log know it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """Who called the first of the site's own proxies; without any, who called the site.

    Each proxy adds to X-Forwarded-For the address that called it, at the end. What stands before
    the entries of the site's own was written by whoever called, and is not believed.
    """
    caller = str(request.META.get("REMOTE_ADDR", ""))
    said = request.headers.get("X-Forwarded-For", "").split(",")
    if not 0 < settings.PROXIES <= len(said):
        return caller
    try:
        return str(ipaddress.ip_address(said[-settings.PROXIES].strip()))
    except ValueError:
        return caller
