"""Pages, REST and tiles: ``granian --interface wsgi sen.project.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
application = get_wsgi_application()
