"""The first page: what the roles of the visitor lead to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from equipoise.web.shell.access import ANYONE, page
from equipoise.web.shell.navigation import links_for
from equipoise.web.shell.visitor import Visitor


@page(ANYONE)
def home(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What one may do here, as links."""
    return render(request, "shell/home.html", {"links": links_for(visitor)})
