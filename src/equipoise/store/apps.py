"""The Django application that holds the tables of a trial."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """The store, known to Django by its room."""

    name = "equipoise.store"
    label = "store"
