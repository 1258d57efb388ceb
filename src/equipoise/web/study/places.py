"""Sites: the list, a new one, and one closed to new subjects."""

import zoneinfo

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from equipoise.capture.roles import Verb
from equipoise.store.actions.add_site import NewSite, add_site
from equipoise.store.actions.close_site import close_site
from equipoise.store.models import Site
from equipoise.web.shell.access import page
from equipoise.web.shell.visitor import Visitor
from equipoise.web.study.typed import read_name


@page(Verb.READ_ACCOUNTS, post=Verb.ADD_SITE)
def sites(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The sites with their subjects; a new one."""
    if request.method == "POST":
        told = {n: request.POST.get(n, "").strip() for n in ("code", "country", "time_zone")}
        site = NewSite(name=read_name(request), **told)
        add_site(site, deed=visitor.deed(request))
        messages.success(request, _("Site %(code)s is added.") % {"code": site.code})
        return redirect("sites")
    context = {
        "sites": Site.objects.annotate(subjects=Count("subject")).order_by("code"),
        "may_add": visitor.may(Verb.ADD_SITE),
        "may_close": visitor.may(Verb.CLOSE_SITE),
        "zones": sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone),
    }
    return render(request, "study/sites.html", context)


@page(Verb.READ_ACCOUNTS, post=Verb.CLOSE_SITE)
def site_close(request: HttpRequest, visitor: Visitor, *, site: str) -> HttpResponse:
    """The site closed: nobody is enrolled there any more."""
    if request.method == "POST":
        close_site(site, deed=visitor.deed(request))
        messages.success(request, _("Site %(code)s is closed to new subjects.") % {"code": site})
    return redirect("sites")
