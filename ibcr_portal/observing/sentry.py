"""Reports errors to Sentry, or to a program that speaks its protocol, where SENTRY_DSN is set.

Nothing about persons leaves the portal: no user, address, header, body, query, local variable, earlier
event or value of an exception, which may quote what somebody typed. The id of the request is
sent, by which an administrator finds the rest in the portal's own log.
"""

from typing import Any

import sentry_sdk
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

from kernel.events import current_request_id
from kernel.logs import mask_tokens

# What an event may keep; a field that a later version of the library adds is not in it.
KEPT = frozenset(
    {
        *("event_id", "timestamp", "platform", "level", "logger", "release", "environment"),
        *("exception", "logentry", "transaction", "tags", "sdk", "modules", "fingerprint"),
    }
)
KEPT_OF_FRAME = frozenset(
    {"filename", "function", "module", "lineno", "in_app", "context_line", "pre_context"}
    | {"post_context"}
)


def start(dsn: str) -> None:
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="portal",
        auto_enabling_integrations=False,
        integrations=[
            DjangoIntegration(transaction_style="url", middleware_spans=False),
            CeleryIntegration(),
            LoggingIntegration(level=None),
        ],
        send_client_reports=False,
        auto_session_tracking=False,
        before_send=scrubbed,
    )


def scrubbed(event: Any, hint: dict[str, Any]) -> Any:
    found = {key: value for key, value in event.items() if key in KEPT}
    found["tags"] = {"request_id": current_request_id.get()}
    if "transaction" in found:
        found["transaction"] = mask_tokens(str(found["transaction"]))
    if "logentry" in found:  # the sentence as it is in the code, without what was filled in
        found["logentry"] = {"message": mask_tokens(str(event["logentry"].get("message", "")))}
    for one in (found.get("exception") or {}).get("values", []):
        _scrub_exception(one)
    return found


def _scrub_exception(one: dict[str, Any]) -> None:
    one.pop("value", None)
    one.pop("mechanism", None)
    trace = one.get("stacktrace") or {}
    trace["frames"] = [
        {key: value for key, value in frame.items() if key in KEPT_OF_FRAME}
        for frame in trace.get("frames", [])
    ]
