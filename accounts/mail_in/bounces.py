"""Messages of mail servers that could not deliver: reports that programs read (RFC 3464), and the
forms of those that write words alone (qmail, Exim, Postfix, Exchange, Gmail)."""

import re
from dataclasses import dataclass

from accounts.mail_in.automatic import is_of_daemon
from accounts.mail_in.html_text import html_text
from accounts.mail_in.parts import Parts

ADDRESS = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,255}\.[A-Za-z0-9-]{2,63}"
STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d(?![\d.])[ -]")
LONGEST_NAME = 1_000
MOST_WORDS = 20_000  # the report comes before a copy of the message, of which nothing counts

COPY_BEGINS = re.compile(
    r"(?im)^[ \t]*(?:-{2,40}[ \t]*)?(?:below this line is a copy|this is a copy of the message|original message(?: headers)?|"
    r"mensaje original|message d['’]origine|(?:the )?(?:header|body) of the (?:original )?message|"
    r"encabezados del mensaje original|en-têtes (?:du message|de message) d['’]origine|-{3,40} the following addresses)\b"
)
SAYS_DELAYED = re.compile(
    r"(?i)\bdelay(?:ed)?\b|warning: (?:message|could not)|still (?:undelivered|being retried|trying)|"
    r"delivery incomplete|not yet been delivered|has not been delivered yet|temporary problem|"
    r"retras(?:o|ado|ada)|demorad[oa]|entrega incompleta|todavía no|aún no (?:se )?ha|"
    r"(?:est|a été|être) (?:retardé|différé)e?|retard\b|remise (?:incomplète|différée)|pas encore"
)
GOES_ON = re.compile(
    r"(?i)will (?:be retried|retry|continue to try|keep trying|try again)|do not need to resend|no need to resend|"
    r"(?:seguir|continuar)á (?:intentando|tratando)|se (?:volverá|seguirá) a? ?intent|no es necesario que (?:lo )?(?:vuelva|reenvíe)|"
    r"(?:continuera|continuerons|réessaiera|nouvelles? tentatives?)|vous n['’]avez pas besoin|inutile de (?:renvoyer|le renvoyer)|"
    r"warning message only"
)
SAYS_FAILED = re.compile(
    r"(?i)undeliver(?:able|ed)|not (?:be )?delivered|delivery (?:has )?failed|delivery (?:status notification \(failure|failure)|"
    r"returned mail|mail delivery (?:failed|failure|system)|failure notice|could ?n['o]t be delivered|address not found|"
    r"unable to deliver|wasn['’]t delivered|returned to sender|permanent (?:error|failure)|message not delivered|rejected|"
    r"no se (?:ha podido|pudo|puede) (?:entregar|enviar)|no entregado|no se entregó|error (?:en|de) (?:la )?entrega|devuelto|"
    r"no se encontró la (?:dirección)|"
    r"non (?:remis|distribué|livré)|n['’]a (?:pas )?(?:pu être|été) (?:remis|distribué|livré)|n['’]a pas (?:pu être|été)|"
    r"échec (?:de (?:la )?)?(?:remise|distribution|livraison)|adresse introuvable|retourné à l['’]expéditeur"
)
# How the words name the address: qmail, Postfix and Yahoo; Exim; Gmail; Exchange.
NAMED = (
    re.compile(rf"(?m)^[ \t]*<({ADDRESS})>[ \t]{{0,9}}(?:\(.*\))?\s{{0,9}}:"),
    re.compile(rf"(?m)^[ \t]+({ADDRESS})[ \t]*$"),
    re.compile(
        rf"(?i)(?:delivered to|delivering your message to|deliver(?:y)? to|entregado a|entregar(?: su mensaje| tu mensaje| el mensaje)? a|"
        rf"remis à|distribué à|livré à|remettre[^\n]{{0,40}} à|recipients?:?|destinatarios?:?|destinataires?:?)\s{{1,20}}[^\n@]{{0,60}}?[<('\"]?({ADDRESS})"
    ),
    re.compile(rf"<?({ADDRESS})>?"),
)


@dataclass(frozen=True)
class DeliveryReport:
    """What a mail server says of a message to this address; `is_final` if it gave up."""

    address: str
    is_final: bool
    status: str = ""


def report_in(parts: Parts) -> DeliveryReport | None:
    """Return what a mail server reports, or None if the message is no such report. Of several
    addresses the first that failed counts."""
    if parts.report:
        return _of_fields(parts.report)
    is_named = bool(parts.header("X-Failed-Recipients"))
    if not is_named and not is_of_daemon(parts):
        return None
    return _of_words(parts)


# Reports that programs read


def _of_fields(text: str) -> DeliveryReport | None:
    found = [report for block in re.split(r"\n\s*\n", text) if (report := _of_block(block))]
    return next((one for one in found if one.is_final), found[0] if found else None)


def _of_block(block: str) -> DeliveryReport | None:
    """Return the report on one recipient; None for the block of the message as a whole, and for what
    was delivered."""
    fields: dict[str, str] = {}
    for line in re.sub(r"\n[ \t]+", " ", block).splitlines():
        name, _colon, value = line.partition(":")
        fields.setdefault(name.strip().casefold(), value.strip())
    if not {"final-recipient", "original-recipient", "action"} & set(fields):
        return None
    status = _status(fields.get("status", "")) or _status(fields.get("diagnostic-code", ""))
    action = fields.get("action", "").split(" ")[0].strip(" ;(").casefold()
    if action not in {"failed", "delayed"}:
        action = {"5": "failed", "4": "delayed"}.get(status[:1], "") if not action else ""
    if not action:
        return None
    names = (fields.get("original-recipient", ""), fields.get("final-recipient", ""))
    address = next((one for name in names if (one := _address(name))), "")
    return DeliveryReport(address=address, is_final=action == "failed", status=status)


def _address(name: str) -> str:
    found = re.search(ADDRESS, name.rpartition(";")[2][:LONGEST_NAME])
    return found[0].casefold() if found else ""


def _status(text: str) -> str:
    found = STATUS.search(text[:2_000])
    return ".".join(found.groups()) if found else ""


# Those that write words alone


def _of_words(parts: Parts) -> DeliveryReport | None:
    subject = parts.header("Subject")
    words = "\n".join(text for text, _flows in parts.plain) or "\n".join(
        html_text(part[: MOST_WORDS * 5]) for part in parts.html
    )
    words = words[: MOST_WORDS * 2].replace("\r\n", "\n")[:MOST_WORDS]
    copy = COPY_BEGINS.search(words)
    words = words[: copy.start() if copy else len(words)]
    told = f"{subject}\n{words}"
    is_delayed = bool(GOES_ON.search(told)) or bool(SAYS_DELAYED.search(subject))
    if not is_delayed and not SAYS_FAILED.search(told):
        if not SAYS_DELAYED.search(words):
            return None
        is_delayed = True
    return DeliveryReport(
        address=_named(parts, words), is_final=not is_delayed, status=_status(words)
    )


def _named(parts: Parts, words: str) -> str:
    if header := _address(parts.header("X-Failed-Recipients").split(",")[0]):
        return header
    own = {*parts.addresses("From", "To", "Delivered-To", "X-Original-To")}
    for form in NAMED:
        for found in form.finditer(words):
            if (address := found[1].casefold()) not in own:
                return address
    return ""
