"""Addresses of the pages of an entry; a form without a key, or a new entry, has no last part."""

from django.urls import path

from equipoise.web.entry import views

urlpatterns = [
    path("keys/", views.keys_page, name="entry_keys"),
    path("form/<str:subject>/<str:form>/", views.entry_page, name="entry"),
    path("form/<str:subject>/<str:form>/<str:key>/", views.entry_page, name="entry"),
    path("check/<str:subject>/<str:form>/", views.check_page, name="entry_check"),
    path("check/<str:subject>/<str:form>/<str:key>/", views.check_page, name="entry_check"),
    path("take-back/<str:subject>/<str:form>/", views.take_back_page, name="entry_take_back"),
    path(
        "take-back/<str:subject>/<str:form>/<str:key>/",
        views.take_back_page,
        name="entry_take_back",
    ),
    path("history/<str:subject>/<str:form>/", views.history_page, name="entry_history"),
    path("history/<str:subject>/<str:form>/<str:key>/", views.history_page, name="entry_history"),
    path("codes/<str:subject>/<str:form>/<str:item>/", views.codes_page, name="entry_codes"),
]
