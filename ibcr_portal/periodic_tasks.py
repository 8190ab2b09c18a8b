"""What the scheduler starts, and how often in seconds; and which work waits behind which.

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
    # One message about all replies by mail that came since.
    "announce-mail-notes": {
        "task": "projects.tasks.announce_mail_notes",
        "schedule": schedule(300.0),
    },
    # Of projects in which something changed, and of all of them once a day.
    "write-obligations": {
        "task": "ibcr_portal.tasks.write_obligations",
        "schedule": schedule(5.0),
    },
    # What changed since, so that it is found within seconds.
    "write-search": {
        "task": "ibcr_portal.tasks.write_search",
        "schedule": schedule(2.0),
    },
    "write-search-of-files": {
        "task": "ibcr_portal.tasks.write_search_of_files",
        "schedule": schedule(3.0),
    },
    # What needs a person; it also shows that scheduler and worker run.
    "watch": {
        "task": "ibcr_portal.tasks.watch",
        "schedule": schedule(120.0),
    },
    # Whether storage, identity provider and others answer.
    "probe-services": {
        "task": "ibcr_portal.tasks.probe_services",
        "schedule": schedule(60.0),
    },
    # The key of the seal, which only the worker of documents has.
    "try-seal": {
        "task": "ibcr_portal.tasks.try_seal",
        "schedule": schedule(300.0),
    },
    # Some of the files each time, so that none is missed for longer than a hundred days.
    "check-files": {
        "task": "ibcr_portal.tasks.check_files",
        "schedule": schedule(3600.0),
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
    # Calls close at their deadline.
    "sweep-calls": {
        "task": "projects.tasks.sweep_calls",
        "schedule": schedule(600.0),
    },
    # The contacts of unsuccessful proposals, and their files.
    "forget-proposals": {
        "task": "projects.tasks.forget_proposals",
        "schedule": schedule(3600.0),
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
    # As the page of the access log says.
    "sign-access-log": {
        "task": "accounts.tasks.sign_access_log",
        "schedule": schedule(120.0),
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

# A worker takes from its queues in this order: of the first one whatever is there, then of the next one.
# Documents take minutes. What the scheduler sends to the same worker comes before them, else it would wait
# for all of them; it reads and deletes files, whose storage may be away.
SWEEP_QUEUE, DOCUMENT_QUEUE = "sweeps", "celery"
# Short work that asks no other machine than the database and the broker; and messages that are written to
# thousands of people, one after the other.
SHORT_QUEUE, LETTER_QUEUE = "short", "letters"
# What talks with other machines: mail servers above all. Somebody waits at the screen for a code.
CODE_QUEUE, MAIL_QUEUE = "codes", "mail"

# As a worker is given them: `python -m ibcr_portal.worker --queues=short,letters`.
OF_DOCUMENTS = f"{SWEEP_QUEUE},{DOCUMENT_QUEUE}"
OF_SHORT_WORK = f"{SHORT_QUEUE},{LETTER_QUEUE}"
OF_MAIL = f"{CODE_QUEUE},{MAIL_QUEUE}"
QUEUES = (SWEEP_QUEUE, DOCUMENT_QUEUE, SHORT_QUEUE, LETTER_QUEUE, CODE_QUEUE, MAIL_QUEUE)

TASKS_OF_QUEUE = {
    SHORT_QUEUE: (
        "accounts.tasks.sign_access_log",
        "accounts.tasks.sweep_mail",
        "committees.tasks.sweep_reminders",
        "committees.tasks.sweep_silence",
        "ibcr_portal.tasks.sweep_demonstration",
        "ibcr_portal.tasks.sweep_digests",
        "ibcr_portal.tasks.sweep_due_reminders",
        "ibcr_portal.tasks.watch",
        "ibcr_portal.tasks.write_obligations",
        "ibcr_portal.tasks.write_search",
        "projects.tasks.announce_mail_notes",
        "projects.tasks.sweep_announced_ends",
        "projects.tasks.sweep_calls",
        "projects.tasks.sweep_invitations",
        "reports.tasks.enqueue_documents",
        "reports.tasks.request_final_documents",
    ),
    LETTER_QUEUE: (
        "committees.tasks.send_reminder",
        "ibcr_portal.tasks.send_digest",
        "ibcr_portal.tasks.send_due_reminder",
    ),
    MAIL_QUEUE: (
        "accounts.tasks.deliver_mail",
        "accounts.tasks.fetch_incoming_mail",
        "ibcr_portal.tasks.probe_services",
    ),
}
_SHORT_OR_NETWORK = {task for tasks in TASKS_OF_QUEUE.values() for task in tasks}
TASKS_OF_QUEUE[SWEEP_QUEUE] = tuple(
    sorted({entry["task"] for entry in BEAT_SCHEDULE.values()} - _SHORT_OR_NETWORK)
)
# All that is not named here, such as a document, is in Celery's own first queue.
ROUTES = {task: {"queue": queue} for queue, tasks in TASKS_OF_QUEUE.items() for task in tasks}

# A message of the scheduler that waited until others like it came is dropped: on a busy machine, or where
# a worker is stopped for a weekend, they would pile up, and each has the same work.
for _entry in BEAT_SCHEDULE.values():
    _entry["options"] = {"expires": max(_entry["schedule"].seconds, 20)}
