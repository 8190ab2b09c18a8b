import os

from django.core.wsgi import get_wsgi_application

from kernel.frames import with_room

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ibcr_portal.settings")

application = with_room(get_wsgi_application())
