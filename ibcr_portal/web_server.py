"""What gunicorn takes from a client (`--config=python:ibcr_portal.web_server`); the size of bodies
is limited by `ibcr_portal.body_limit`."""

limit_request_line = 4_094  # the longest addresses, of filters and links, have a few hundred
limit_request_fields = 50  # a browser sends twenty, a proxy adds five
limit_request_field_size = 8_190
