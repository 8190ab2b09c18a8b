"""What the scheduler starts, and how often in seconds; and which work waits behind no document.

Only names and numbers, since the scheduler loads it without the portal."""

from celery.schedules import schedule

BEAT_SCHEDULE = {
    "enqueue-documents": {
        "task": "reports.tasks.enqueue_documents",
        "schedule": schedule(20.0),
    },
    "sweep-renditions": {
        "task": "reports.tasks.sweep_renditions",
        "schedule": schedule(60.0),
    },
    "request-final-documents": {
        "task": "reports.tasks.request_final_documents",
        "schedule": schedule(20.0),
    },
    # Packs of meetings that were convened, or whose agenda or papers have changed.
    "prepare-packs": {
        "task": "reports.tasks.prepare_packs",
        "schedule": schedule(30.0),
    },
    # Guides of open calls that say something else by now.
    "prepare-guides": {
        "task": "reports.tasks.prepare_guides",
        "schedule": schedule(120.0),
    },
    "sweep-mail": {
        "task": "accounts.tasks.sweep_mail",
        "schedule": schedule(30.0),
    },
    # Where INBOUND_IMAP_URL names a mailbox.
    "fetch-incoming-mail": {
        "task": "accounts.tasks.fetch_incoming_mail",
        "schedule": schedule(60.0),
    },
    # Of projects in which something changed, and of all of them once a day.
    "write-obligations": {
        "task": "ibcr_portal.tasks.write_obligations",
        "schedule": schedule(5.0),
    },
    # What changed since, so that it is found within seconds.
    "write-search": {
        "task": "ibcr_portal.tasks.write_search",
        "schedule": schedule(3.0),
    },
    "write-search-of-files": {
        "task": "ibcr_portal.tasks.write_search_of_files",
        "schedule": schedule(3.0),
    },
    # What needs a person; it also shows that scheduler and worker run.
    "watch": {
        "task": "ibcr_portal.tasks.watch",
        "schedule": schedule(300.0),
    },
    "sweep-demonstration": {
        "task": "ibcr_portal.tasks.sweep_demonstration",
        "schedule": schedule(60.0),
    },
    # Each hour, since mornings are where people are; what was written is not written again.
    "sweep-digests": {
        "task": "ibcr_portal.tasks.sweep_digests",
        "schedule": schedule(3600.0),
    },
    "sweep-reminders": {
        "task": "committees.tasks.sweep_reminders",
        "schedule": schedule(3600.0),
    },
    # Each person once a day, on their morning.
    "sweep-due-reminders": {
        "task": "ibcr_portal.tasks.sweep_due_reminders",
        "schedule": schedule(3600.0),
    },
    # Minutes whose delay ran out without an objection are adopted.
    "sweep-silence": {
        "task": "committees.tasks.sweep_silence",
        "schedule": schedule(3600.0),
    },
    # Calls close at their deadline; contacts of unsuccessful proposals are forgotten.
    "sweep-calls": {
        "task": "projects.tasks.sweep_calls",
        "schedule": schedule(600.0),
    },
    # Access whose end a coordinator announced 72 hours ago.
    "sweep-announced-ends": {
        "task": "projects.tasks.sweep_announced_ends",
        "schedule": schedule(600.0),
    },
    "sweep-invitations": {
        "task": "projects.tasks.sweep_invitations",
        "schedule": schedule(24 * 3600.0),
    },
    # Workbooks with names and addresses that nobody confirmed.
    "sweep-intakes": {
        "task": "ibcr_portal.tasks.sweep_intakes",
        "schedule": schedule(24 * 3600.0),
    },
    # At least every ten minutes.
    "sign-access-log": {
        "task": "accounts.tasks.sign_access_log",
        "schedule": schedule(300.0),
    },
    "check-access-log": {
        "task": "accounts.tasks.check_access_log",
        "schedule": schedule(24 * 3600.0),
    },
    # After SECRET_KEY was changed.
    "renew-secrets": {
        "task": "accounts.tasks.renew_secrets",
        "schedule": schedule(24 * 3600.0),
    },
    "forget-what-is-old": {
        "task": "accounts.tasks.forget_what_is_old",
        "schedule": schedule(24 * 3600.0),
    },
}

# Messages and other short work have a queue and a worker of their own: a document takes up to three
# minutes, and somebody waits for a link. All that is not named here waits with the documents.
MAIL_QUEUE = "mail"
MAIL_TASKS = (
    *("reports.tasks.enqueue_documents", "reports.tasks.request_final_documents"),
    *("accounts.tasks.sign_access_log", "ibcr_portal.tasks.write_obligations"),
    *("ibcr_portal.tasks.sweep_demonstration", "ibcr_portal.tasks.sweep_intakes"),
    *("committees.tasks.sweep_silence", "projects.tasks.sweep_calls"),
    *("projects.tasks.sweep_invitations", "projects.tasks.sweep_announced_ends"),
    *("accounts.tasks.deliver_mail", "accounts.tasks.sweep_mail"),
    "accounts.tasks.fetch_incoming_mail",
    *("committees.tasks.sweep_reminders", "committees.tasks.send_reminder"),
    *("ibcr_portal.tasks.write_search", "ibcr_portal.tasks.watch"),
    *("ibcr_portal.tasks.sweep_digests", "ibcr_portal.tasks.send_digest"),
    *("ibcr_portal.tasks.sweep_due_reminders", "ibcr_portal.tasks.send_due_reminder"),
)

# A message there that waited until others like it came is dropped: on a busy machine they would pile up,
# and each has the same work.
for _entry in BEAT_SCHEDULE.values():
    if _entry["task"] in MAIL_TASKS:
        _entry["options"] = {"expires": max(_entry["schedule"].seconds, 20)}
