"""The door through which an HTTP server calls the site."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equipoise.web.settings")
application = get_wsgi_application()
