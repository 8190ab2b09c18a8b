"""Writes the seal into a PDF (PAdES), behind all that is in it.

pyHanko is imported here alone, when the first document is sealed: it takes 30 MB.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, BinaryIO

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from kernel import outages
from reports.sealing.keys import SealFailed, SealFailure, SealKey
from reports.sealing.stamps import timestamper

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

logger = logging.getLogger(__name__)

FIELD = "Seal"
AUTHORITY = "timestamp"  # in the table of outages
# In the file, in hexadecimal: the certificates, and beside them signature and attributes.
BESIDE_CERTIFICATES = 1_500


def seal(content: BinaryIO, target: BinaryIO, key: SealKey, *, language: str) -> None:
    """Write the PDF with the seal. Raises SealFailed.

    It begins with the bytes of `content`. A timestamp is added if its authority answers; a document
    does not wait for one.
    """
    with translation.override(language):
        if (stamper := timestamper()) and not outages.is_paused(AUTHORITY):
            try:
                return _write(content, target, key, stamper)
            except Exception as error:  # whatever an authority answers
                logger.warning("The authority gave no time: %s", type(error).__name__)
                if isinstance(error, OSError):
                    outages.note_failure(AUTHORITY, error)
        try:
            _write(content, target, key, None)
        except Exception as error:
            # What a library says might hold something of the key: its kind has to do.
            logger.error("A document could not be sealed: %s", type(error).__name__)
            raise SealFailed(SealFailure.SEAL_BROKEN) from None


def _write(content: BinaryIO, target: BinaryIO, key: SealKey, stamper: Any) -> None:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    content.seek(0)
    target.seek(0)
    target.truncate()
    writer = IncrementalPdfFileWriter(content)
    _set_names_apart(writer)
    _set_order(writer)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=_("Issued by the portal %(address)s and not changed since")
        % {"address": settings.SITE_URL},
        contact_info=settings.SITE_URL + reverse("reports:seal"),
        # Others may still add their signature, and change nothing else.
        certify=True,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS,
    )
    signer = signers.PdfSigner(meta, _signer(key), timestamper=stamper, new_field_spec=_field())
    reserved = None if stamper else _reserved(key)
    # pyHanko runs a loop of its own, which a thread cannot that runs one already.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(signer.sign_pdf, writer, output=target, bytes_reserved=reserved).result()
    target.seek(0)


def _field() -> "fields.SigFieldSpec":
    """Return a field with a name for screen readers, which is hidden: PDF/UA asks for a place in the
    structure of all others."""
    from pyhanko.sign import fields

    hidden = fields.InvisSigSettings(set_print_flag=False, set_hidden_flag=True)
    return fields.SigFieldSpec(
        FIELD, readable_field_name=_("Electronic seal of the portal"), invis_sig_settings=hidden
    )


def _signer(key: SealKey) -> "signers.SimpleSigner":
    from asn1crypto import keys, x509
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    der = key.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    own, *chain = (
        x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in key.certificates
    )
    return signers.SimpleSigner(
        signing_cert=own,
        signing_key=keys.PrivateKeyInfo.load(der),
        cert_registry=SimpleCertificateStore.from_certs([own, *chain]),
    )


def _reserved(key: SealKey) -> int:
    """Return the room for the signature. To let pyHanko measure it takes a signature more."""
    certificates = sum(len(one.public_bytes(Encoding.DER)) for one in key.certificates)
    return 2 * (certificates + key.private.key_size // 4 + BESIDE_CERTIFICATES)


def _set_names_apart(writer: "IncrementalPdfFileWriter") -> None:
    """Put the names of all places into a stream that is compressed.

    The seal has to write the catalogue anew, and WeasyPrint has them in it: thirty bytes for each.
    """
    if not writer.stream_xrefs or (names := writer.root.get("/Names", None)) is None:
        return
    writer.root["/Names"] = writer.add_object(names, obj_stream=writer.prepare_object_stream())


def _set_order(writer: "IncrementalPdfFileWriter") -> None:
    """Say, as PDF/UA asks for, that the fields of the first page are in the order of its
    structure."""
    from pyhanko.pdf_utils.generic import NameObject

    page = writer.find_page_for_modification(0)[0].get_object()
    if "/Tabs" not in page:
        page["/Tabs"] = NameObject("/S")
        writer.update_container(page)
