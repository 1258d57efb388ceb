"""Addresses of the randomisation."""

from django.urls import path

from equipoise.web.randomisation import views

urlpatterns = [
    path("balance/", views.balance, name="balance"),
    path("eligibility/<str:subject>/", views.eligibility, name="eligibility"),
    path("randomise/<str:subject>/", views.randomise_page, name="randomise"),
    path("randomised/<str:subject>/", views.randomised, name="randomised"),
    path("stratum/<str:subject>/", views.stratum, name="correct_stratum"),
]
