"""Address of the page of monitoring."""

from django.urls import path

from equipoise.web.monitoring import views

urlpatterns = [path("monitoring/", views.monitoring, name="monitoring")]
