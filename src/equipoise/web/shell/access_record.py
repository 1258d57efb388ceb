"""A line of the access log for a request."""

from datetime import UTC, datetime

from django.http import HttpRequest

from equipoise.store.access_log import Access, record_access
from equipoise.web.shell.client_address import client_address


def record(event: Access, *, username: str, request: HttpRequest) -> None:
    """Notes the event with the instant and the address that the request came from."""
    address = client_address(request)
    record_access(event, username=username, address=address, at=datetime.now(UTC))
