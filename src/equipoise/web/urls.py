"""Every address of the site: one group of pages a line."""

from django.urls import include, path
from django.views.i18n import set_language

from equipoise.web import watch
from equipoise.web.shell import errors, home

urlpatterns = [
    path("", home.home, name="home"),
    path("health", watch.health, name="health"),
    path("metrics", watch.metrics, name="metrics"),
    path("language", set_language, name="set_language"),
    path("accounts/", include("equipoise.web.accounts.urls")),
    path("", include("equipoise.web.queries.urls")),
    path("", include("equipoise.web.deviations.urls")),
    path("", include("equipoise.web.work.urls")),
    path("", include("equipoise.web.lesions.urls")),
    path("", include("equipoise.web.randomisation.urls")),
    path("entry/", include("equipoise.web.entry.urls")),
    path("", include("equipoise.web.ledger.urls")),
    path("", include("equipoise.web.study.urls")),
    path("", include("equipoise.web.monitoring.urls")),
]
handler400 = errors.bad_request
handler403 = errors.not_allowed
handler404 = errors.not_found
handler500 = errors.server_error
