"""Files that people give: checked by name, size and content, kept private, sent by a view.

A file is what its extension *and* its content say, or it is refused with a sentence that says
what to do. Pictures are never kept as they came: they are decoded, turned upright, scaled down
and written anew, which removes the place where they were taken and anything else hidden in them.
"""

import hashlib
import logging
import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, BinaryIO, ClassVar, Protocol, cast
from urllib.parse import quote

from django import forms
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile
from django.db import models, transaction
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _, gettext_lazy

from kernel.antivirus import refuse_infected
from kernel.file_contents import CHECKS, MIME_TYPES, check_picture, refusal
from kernel.formats import file_size, join_list
from kernel.text import clean_text

logger = logging.getLogger(__name__)

MEGABYTE = 1_000_000
MAX_NAME = 150

PICTURES = ("jpeg", "png", "webp")
DOCUMENTS = ("pdf", "docx", "xlsx", "odt", "ods")

# The extensions that each kind may have; files are sent with the first.
EXTENSIONS: dict[str, tuple[str, ...]] = {kind: (kind,) for kind in (*CHECKS, *MIME_TYPES)}
EXTENSIONS |= {"jpeg": ("jpg", "jpeg"), "zip": ("zip",), "xlf": ("xlf", "xliff")}
# Files that are sent. Archives are only sent, never accepted.
HANDED_OUT = MIME_TYPES | {"zip": "application/zip"}

# Extensions of files that some system runs or shows as a page: “report.exe.pdf” deceives.
_DECEIVING = frozenset(
    [
        "app",
        "bat",
        "bin",
        "cmd",
        "com",
        "cpl",
        "dll",
        "docm",
        "dmg",
        "exe",
        "hta",
        "htm",
        "html",
        "iso",
        "jar",
        "js",
        "jse",
        "lnk",
        "mht",
        "mhtml",
        "msi",
        "php",
        "pl",
        "pptm",
        "ps1",
        "py",
        "reg",
        "scr",
        "sh",
        "svg",
        "swf",
        "vbe",
        "vbs",
        "wsf",
        "xhtml",
        "xlam",
        "xlsm",
        "xml",
        "zip",
    ]
)


def private_path(instance: models.Model, filename: str) -> str:
    """Return a folder for the model and a random name, which nobody can guess."""
    return f"{instance._meta.label_lower.replace('.', '/')}/{secrets.token_urlsafe(24)}"


@dataclass(frozen=True)
class CheckedFile:
    """An upload that passed. Its content may differ from the upload: pictures are written anew."""

    content: "File[bytes]"
    original_name: str
    kind: str
    size: int
    sha256: str


class StoredFile(models.Model):
    """A file in the default storage under a random name, and what was known when it came."""

    file = models.FileField(gettext_lazy("file"), upload_to=private_path, max_length=200)
    original_name = models.CharField(gettext_lazy("name of the file"), max_length=MAX_NAME)
    kind = models.CharField(
        gettext_lazy("kind"),
        max_length=10,
        choices=[(kind, kind.upper()) for kind in MIME_TYPES],
    )
    size = models.PositiveBigIntegerField(gettext_lazy("size in bytes"))
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField(gettext_lazy("uploaded at"), default=timezone.now)

    class Meta:
        abstract = True

    def keep(self, checked: CheckedFile) -> None:
        """Write the content to the storage and note what it is. The caller saves the row."""
        self.file.save(checked.original_name, checked.content, save=False)
        self.original_name = checked.original_name
        self.kind = checked.kind
        self.size = checked.size
        self.sha256 = checked.sha256

    def delete_content_on_commit(self) -> None:
        """Delete the content once the transaction is certain. The caller deletes the row."""
        transaction.on_commit(partial(self.file.storage.delete, str(self.file.name)))


class WaitingFile(StoredFile):
    """A file between its upload and its confirmation."""

    class Meta:
        abstract = True

    def discard(self) -> None:
        """Delete the row now, and the file once the transaction is certain."""
        self.delete()
        self.delete_content_on_commit()


# Coming in


def check_upload(
    uploaded: "UploadedFile[Any]", *, allowed: Collection[str], max_bytes: int
) -> CheckedFile:
    """Check an upload and return what may be kept of it.

    `allowed` are kinds such as DOCUMENTS or (*DOCUMENTS, *PICTURES). Raises ValidationError with a
    sentence that says what to do.
    """
    name = _checked_name(uploaded.name or "")
    kind = _kind_by_extension(name, allowed)
    if not uploaded.size:
        raise refusal(_("This file is empty; choose another one."), "empty")
    if uploaded.size > max_bytes:
        raise refusal(
            _("This file is %(size)s; upload one of at most %(limit)s.")
            % {"size": file_size(uploaded.size), "limit": file_size(max_bytes)},
            "too_large",
        )
    # Django's files are read and wound back like any other.
    content = cast("BinaryIO", uploaded)
    refuse_infected(content)
    if kind not in PICTURES:
        CHECKS[kind](content)
        return CheckedFile(uploaded, name, kind, uploaded.size, sha256_of(uploaded))
    picture, kind = check_picture(content, kind)
    name = f"{name.rpartition('.')[0]}.{EXTENSIONS[kind][0]}"
    digest = hashlib.sha256(picture).hexdigest()
    return CheckedFile(ContentFile(picture, name), name, kind, len(picture), digest)


def sha256_of(file: "BinaryIO | File[bytes]") -> str:
    """Return the hash of a file of any size, read in small pieces. The file is wound back."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(1 << 16):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _checked_name(name: str) -> str:
    name = unicodedata.normalize("NFC", name).strip()
    if any(mark in name for mark in "/\\\t\n") or clean_text(name) != name:
        raise refusal(
            _(
                "The name of this file contains characters that file names should not have; "
                "rename it."
            ),
            "name",
        )
    if len(name) > MAX_NAME:
        raise refusal(
            _("The name of this file is longer than %(limit)s characters; shorten it.")
            % {"limit": MAX_NAME},
            "name",
        )
    if _DECEIVING.intersection(part.strip().lower() for part in name.split(".")[1:-1]):
        raise refusal(
            _("The name of this file has two extensions; rename it so that it has only one."),
            "name",
        )
    return name


def _kind_by_extension(name: str, allowed: Collection[str]) -> str:
    stem, _dot, extension = name.rpartition(".")
    for kind in allowed:
        if stem.strip(". ") and extension.lower() in EXTENSIONS[kind]:
            return kind
    raise refusal(
        _("Files of this kind are not accepted; upload one of these: %(kinds)s.")
        % {"kinds": kinds_in_words(allowed)},
        "kind",
    )


def kinds_in_words(allowed: Collection[str]) -> str:
    """Return the accepted kinds of files as a list in words, such as “PDF, DOCX and JPG”."""
    return join_list("JPG" if kind == "jpeg" else kind.upper() for kind in allowed)


class UploadField(forms.FileField):
    """A form field whose cleaned value is a CheckedFile, or None if no file was given."""

    def __init__(self, *, allowed: Collection[str], max_bytes: int, **kwargs: Any) -> None:
        self.allowed, self.max_bytes = tuple(allowed), max_bytes
        extensions = ",".join(f".{name}" for kind in allowed for name in EXTENSIONS[kind])
        kwargs.setdefault("widget", forms.FileInput(attrs={"accept": extensions}))
        kwargs.setdefault("help_text", lazy(self._help, str)())
        super().__init__(**kwargs)

    # CheckedFile | None, but a FileField of the stubs returns a File.
    def to_python(self, data: Any) -> Any:
        if super().to_python(data) is None:
            return None
        return check_upload(data, allowed=self.allowed, max_bytes=self.max_bytes)

    def _help(self) -> str:
        said = _("%(kinds)s, at most %(limit)s. No data about victims, please.") % {
            "kinds": kinds_in_words(self.allowed),
            "limit": file_size(self.max_bytes),
        }
        if "jpeg" not in self.allowed:
            return said
        # With scripts a photograph is made smaller first, or the page shows that it is being sent.
        slow = _("Over a slow line, a photograph of 3 MB takes about a minute to send.")
        return format_html("{} <noscript>{}</noscript>", said, slow)


class _ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name)


class UploadsField(UploadField):
    """Several files at once. The cleaned value is a list, empty if none was given."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most
        attributes = self.widget.attrs | {"multiple": True}
        self.widget = _ManyFilesInput(attributes)
        self.widget.is_required = self.required

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [one for one in (data if isinstance(data, list) else [data]) if one]
        if len(files) > self.most:
            raise refusal(
                _("Choose at most %(most)s files at once.") % {"most": self.most}, "too_many"
            )
        if not files:
            super().clean(None, initial)  # refuses it where a file is required
        return [super(UploadsField, self).clean(one) for one in files]


# Going out


class FileGone(Http404):
    """The row is there and the person may have the file, but the storage has lost it, or half of it: the
    page says so."""


class ServableFile(Protocol):
    """A row with a file: a StoredFile, or a job of the background that made one."""

    _meta: ClassVar[Any]

    @property
    def pk(self) -> Any: ...

    @property
    def file(self) -> FieldFile: ...

    @property
    def kind(self) -> str: ...

    @property
    def size(self) -> int | None: ...


def serve(stored: ServableFile, *, filename: str, inline: bool = False) -> FileResponse:
    """Send a file. The view has already asked whether the person may have it.

    It is sent as a download, except for pictures if `inline` is set. `filename` is given without an
    extension or with any: it gets the one that fits the content.
    """
    try:
        content = stored.file.storage.open(str(stored.file.name))
    except FileNotFoundError:
        logger.error("The file of %s %s is missing", stored._meta.label, stored.pk)
        raise FileGone(_("This file is missing; tell the coordination.")) from None
    if stored.size is not None and content.size != stored.size:
        # A browser would wait for the rest of half a file, and take the rest of a longer one as an answer.
        logger.error(
            "The file of %s %s has %s bytes, not %s",
            *(stored._meta.label, stored.pk, content.size, stored.size),
        )
        content.close()
        raise FileGone(_("This file is damaged; tell the coordination."))
    response = FileResponse(content, content_type=HANDED_OUT[stored.kind])
    shown = "inline" if inline and stored.kind in PICTURES else "attachment"
    headers = {
        "Content-Disposition": f"{shown}; {_disposition_name(filename, stored.kind)}",
        "Content-Length": str(stored.size),
        # A proxy that compressed it would remove its length, and with it the progress bar.
        "Content-Encoding": "identity",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    for name, value in headers.items():
        response[name] = value
    return response


def _disposition_name(filename: str, kind: str) -> str:
    """Return the name in both notations: plain letters for old programs, UTF-8 for the others."""
    name = re.sub(r'[\\/:*?"<>|;%\s]+', " ", clean_text(filename)).strip(" .")
    stem, _dot, extension = name.rpartition(".")
    stem = (stem if extension.lower() in EXTENSIONS[kind] else name)[:100].strip(" .") or "file"
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().strip() or "file"
    extension = EXTENSIONS[kind][0]
    whole = quote(f"{stem}.{extension}", safe="")
    return f"filename=\"{plain}.{extension}\"; filename*=UTF-8''{whole}"
