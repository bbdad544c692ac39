"""Pages, REST and tiles: ``granian --interface wsgi sen.project.wsgi:application``."""

from __future__ import annotations

import gc
import os
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application


def make_application() -> WSGIApplication:
    """Django, with the tiles that are kept answered in front of it."""
    gc.disable()  # what is loaded now stays: looking for garbage in it is a sixth of a start
    django = get_wsgi_application()
    from sen.kernel.geo.fastpath import PublicTiles  # models can be imported only now

    application = PublicTiles(django)
    gc.freeze()
    gc.enable()
    return application


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sen.project.settings")
application = make_application()
