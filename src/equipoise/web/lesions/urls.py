"""Addresses of lesions, SBRT, adverse events and the time line of a subject.

Where a page is about one form, the address carries its name: who may not read the form finds
nothing there.
"""

from django.urls import path

from equipoise.web.lesions import views

urlpatterns = [
    path("subjects/<str:subject>/lesions/", views.lesions_page, name="lesions"),
    path("subjects/<str:subject>/scan/<str:visit>/", views.scan_page, name="scan"),
    path("subjects/<str:subject>/sbrt/", views.sbrt_page, {"form": "rt_rx"}, name="sbrt"),
    path("subjects/<str:subject>/events/", views.events_page, {"form": "ae"}, name="events"),
    path("subjects/<str:subject>/timeline/", views.timeline_page, name="timeline"),
]
