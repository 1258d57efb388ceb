"""Addresses of queries and of the casebook of a subject."""

from django.urls import path

from equipoise.web.queries import asking, casebook, views

urlpatterns = [
    path("queries/", views.queries, name="queries"),
    path("queries/ask/", asking.queries_ask, name="queries_ask"),
    path("queries/<int:number>/", views.query, name="query"),
    path("queries/<int:number>/answer/", views.query_answer, name="query_answer"),
    path("queries/<int:number>/close/", views.query_close, name="query_close"),
    path("queries/<int:number>/reopen/", views.query_reopen, name="query_reopen"),
    path("queries/new/<str:subject>/<str:form>/", views.query_open, name="query_open"),
    path("queries/new/<str:subject>/<str:form>/<str:key>/", views.query_open, name="query_open"),
    path("casebook/<str:subject>/", casebook.casebook, name="casebook"),
    path("casebook/<str:subject>/sign/", casebook.casebook_sign, name="casebook_sign"),
    *(
        path(f"casebook/<str:subject>/{verb.value}/", view, name=f"casebook_{verb.value}")
        for verb, view in casebook.MOVES.items()
    ),
]
