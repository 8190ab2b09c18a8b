"""To administrators: about files that no record names (`kernel.quarantine`)."""

from django.conf import settings
from django.utils.translation import gettext as _, ngettext

from accounts.letters import Code, Letter


def files_set_aside_letter(count: int) -> Letter:
    subject = ngettext(
        "%(count)s file belongs to no record and was set aside",
        "%(count)s files belong to no record and were set aside",
        count,
    )
    return Letter(
        subject=subject % {"count": count},
        body=[
            _(
                "A few such files are no reason to worry: they remain when work is interrupted. If the "
                "database was restored from a backup, they may be needed: put them back."
            ),
            _("They are deleted after %(days)s days. This command lists them:")
            % {"days": settings.QUARANTINE_DAYS},
            Code("manage.py quarantine"),
        ],
    )


def files_left_letter(count: int, of: int, *, is_foreign: bool) -> Letter:
    """The portal did not touch the files, since something seems to be wrong."""
    if is_foreign:
        subject = _("The files of the portal do not belong to its database")
        why = _(
            "The folder of the files carries the mark of another installation, or none. Probably the "
            "database or the files were restored in the wrong order or from another portal."
        )
    else:
        subject = _("Many files belong to no record")
        why = _(
            "%(count)s of %(of)s files in a folder belong to no record. Probably the database is older "
            "than the files."
        ) % {"count": count, "of": of}
    return Letter(
        subject=subject,
        body=[
            why,
            _(
                "Nothing was deleted or moved. Before anything else, make copies of the database and of "
                "the files. This command says what to do:"
            ),
            Code("manage.py quarantine"),
        ],
    )
