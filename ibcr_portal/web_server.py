"""How gunicorn serves the portal (`--config=python:ibcr_portal.web_server`), in the container and
under `manage.py portal`; the size of bodies is limited by `ibcr_portal.body_limit`."""

wsgi_app = "ibcr_portal.wsgi:application"
worker_class = "gthread"
workers = 2
logger_class = "ibcr_portal.web_log.WebLogger"
control_socket_disable = True  # it would open one in the home folder
limit_request_fields = 50  # a browser sends twenty, a proxy adds five
