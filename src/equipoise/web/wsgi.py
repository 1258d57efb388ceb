"""What an HTTP server runs. It does not come up on a schema that is not the program's."""

import os

from django.core.wsgi import get_wsgi_application
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "equipoise.web.settings")
application = get_wsgi_application()

from equipoise.web.schema import require_schema  # noqa: E402 - Django must be set up first

require_schema()
connections.close_all()  # no worker shares a connection with the process that forked it
