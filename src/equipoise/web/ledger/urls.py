"""Addresses of the ledger."""

from django.urls import path

from equipoise.web.ledger import views

urlpatterns = [
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/verify/", views.ledger_verify, name="ledger_verify"),
    path("ledger/export.csv", views.ledger_csv, name="ledger_csv"),
    path("ledger/export.jsonl", views.ledger_jsonl, name="ledger_jsonl"),
]
