"""A line of the access log for a request."""

from datetime import UTC, datetime

from django.http import HttpRequest

from equipoise.store.access_log import Access, record_access


def record(event: Access, *, username: str, request: HttpRequest) -> None:
    """Notes the event with the instant and the address that the request came from."""
    address = request.META.get("REMOTE_ADDR", "")
    record_access(event, username=username, address=address, at=datetime.now(UTC))
