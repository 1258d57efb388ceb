"""Addresses of the pages from which people work."""

from django.urls import path

from equipoise.web.work import identity, views

urlpatterns = [
    path("work/", views.work_page, name="work"),
    path("subjects/", views.subjects_page, name="subjects"),
    path("subjects/enrol/", views.enrol_page, name="enrol"),
    path("subjects/<str:subject>/", views.subject_page, name="subject"),
    path("subjects/<str:subject>/visit/<str:visit>/", views.visit_page, name="visit"),
    path("subjects/<str:subject>/identity/", identity.identity_page, name="identity"),
]
