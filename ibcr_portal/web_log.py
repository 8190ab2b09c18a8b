"""The log of the web server (`logger_class` in `ibcr_portal.web_server`)."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from kernel.logs import mask_handlers


class WebLogger(Logger):
    """Masks the tokens of links in addresses and referrers, in every format of the log."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for logger in (self.access_log, self.error_log, logging.getLogger()):
            mask_handlers(logger)
