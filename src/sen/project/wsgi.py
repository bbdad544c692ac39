"""Pages, REST and tiles: ``granian --interface wsgi sen.project.wsgi:application``."""

from __future__ import annotations

import os
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application


def make_application() -> WSGIApplication:
    """Django, with the tiles that are kept answered in front of it."""
    django = get_wsgi_application()
    from sen.kernel.geo.fastpath import PublicTiles  # models can be imported only now

    return PublicTiles(django)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
application = make_application()
