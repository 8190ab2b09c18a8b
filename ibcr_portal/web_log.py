"""The log of the web server (`logger_class` in `ibcr_portal.web_server`)."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from ibcr_portal.log_settings import JSON, log_format
from kernel.logs import mask_handlers


class WebLogger(Logger):
    """Masks the tokens of links in addresses and referrers, in every format of the log."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.as_json = log_format() == JSON
        for logger in (self.access_log, self.error_log):
            mask_handlers(logger, as_json=self.as_json)
        mask_handlers(logging.getLogger())

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """The portal writes the line itself (`ibcr_portal.middleware`): it knows the page, the person
        and the statements, and the server only the address."""
        if not self.as_json:
            super().access(resp, req, environ, request_time)
