"""Addresses of the randomisation."""

from django.urls import path

from equipoise.web.randomisation import sequence_page, views

urlpatterns = [
    path("balance/", views.balance, name="balance"),
    path("sequence/", sequence_page.sequence, name="sequence"),
    path("sequence/prove/", sequence_page.sequence_prove, name="sequence_prove"),
    path("eligibility/<str:subject>/", views.eligibility, name="eligibility"),
    path("randomise/<str:subject>/", views.randomise_page, name="randomise"),
    path("randomised/<str:subject>/", views.randomised, name="randomised"),
    path("stratum/<str:subject>/", views.stratum, name="correct_stratum"),
]
