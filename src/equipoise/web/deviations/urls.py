"""Addresses of deviations."""

from django.urls import path

from equipoise.web.deviations import views

urlpatterns = [
    path("deviations/", views.deviations, name="deviations"),
    path("deviations/<int:number>/", views.deviation, name="deviation"),
    path("deviations/new/<str:subject>/", views.deviation_new, name="deviation_new"),
]
