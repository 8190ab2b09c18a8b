"""What somebody wrote in an answer: without what they quote, without signature and notices.

The forms are those of the mail programs that people use, in Spanish, French and English (and the
nearest other languages). Each line is looked at a few times, so that no text takes long.
"""

import re
from collections.abc import Sequence

from accounts.mail_in.html_text import CUT, html_text

MOST_LINES = 5_000
LONGEST_LINE = 2_000
STUFFED = "\ufdd0"  # before a line that begins with “>” and is not quoted (RFC 3676, 4.4)
SHORT = 200  # characters of a line that a mail program writes by itself

# Nothing that anybody sees: zero-width signs, marks of direction, soft hyphens.
UNSEEN = dict.fromkeys(
    map(ord, "\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u00ad\0")
)
SPACES = dict.fromkeys(map(ord, "\u00a0\u202f\u2007\u2009\u3000\t"), " ")

# “On … wrote:”, on one to four lines. What stands between names a day or an address.
OPENERS = r"(?:On|Le|El|En|Em|Am|Il|Op|Den|A|A la|In a message dated)"
VERBS = r"(?:wrote|writes|a écrit|écrit|a ecrit|escribió|escribio|escribiste|escreveu|schrieb(?:\s.{0,120})?|ha scritto|schreef)"
ATTRIBUTIONS = [
    re.compile(rf"(?i)-{{0,3}}\s*{OPENERS}\b.{{3,400}}?\b{VERBS}\s*:?\s*-{{0,3}}"),
]
# The others name an address: words before it, and what stands behind it. One pattern of both would try
# every part of a line as the address, which takes the longer the more of them there are.
AROUND_ADDRESS = [
    (
        re.compile(r".{1,150}"),
        re.compile(rf"(?i)>?\)?,?\s*(?:.{{0,60}}\s)?{VERBS}(?:\s.{{0,60}})?:"),
    ),
    # Gmail of other years: 2026-11-28 10:00 GMT-06:00 Name <address>:
    (re.compile(r"\d{4}[-/]\d\d?[-/]\d\d?.{0,150}"), re.compile(r">\s*:")),
    (re.compile(r"(?i)(?:el|le|on)?\s*\S{2,12},? \d.{4,80}<"), re.compile(r">\s*:")),
]
PIECE = re.compile(r"[^\s<>]+")
MOST_BEHIND = 250  # characters after the address
FIRST_WORD = re.compile(rf"(?i)-{{0,3}}\s*{OPENERS}\b|\d{{4}}[-/]|.{{1,150}}@")
HAS_DAY_OR_ADDRESS = re.compile(r"\d|@")

# “-----Original Message-----” and the beginnings of what is forwarded.
ORIGINAL = re.compile(
    r"(?i)[-_*=\s]{2,}(?:original (?:message|appointment|e?-?mail)|forwarded message|"
    r"mensaje original|mensaje reenviado|cita original|correo original|convocatoria original|"
    r"message (?:d['’]origine|original|initial|transféré|réexpédié)|(?:e-?mail|courriel|mail) (?:d['’]origine|original)|"
    r"rendez-vous d['’]origine|mensagem original|ursprüngliche nachricht|messaggio originale|"
    r"(?:reply|respuesta|réponse) (?:above|por encima|au-dessus).{0,40})[-_*=\s]{2,}"
)
FORWARDED = re.compile(
    r"(?i)(?:begin forwarded message|inicio del mensaje reenviado|"
    r"début du message (?:transféré|réexpédié)|anfang der weitergeleiteten nachricht)\s*:"
)
# Yahoo's program for telephones writes its advertisement and who wrote on one line, and marks nothing below.
YAHOO = re.compile(
    rf"(?i)[\s\[]*(?:sent from|enviado desde|enviado con|envoyé (?:de|depuis|à partir de)) yahoo!? ?mail\b.{{3,500}}?\b{VERBS}\s*:.*"
)
# The header that Outlook, Zimbra and telephones put above what is quoted.
SENDER_LABEL = re.compile(r"(?i)[*\s]*(?:from|de|expéditeur|remitente|von|da)\s?\*?\s?:\*?\s*\S.*")
LABEL = re.compile(
    r"(?i)[*\s]*(?:from|sent|date|to|cc|bcc|subject|reply-to|when|where|importance|"
    r"de|enviados?(?: el)?|enviada(?: em)?|fecha|para|cco|cci|asunto|responder a|cuándo|dónde|importancia|"
    r"envoyé(?: le)?|à|a|objet|sujet|répondre à|quand|où|expéditeur|destinataires?|remitente|destinatarios?|"
    r"date d['’]envoi|von|gesendet|an|betreff|data|assunto|oggetto|inviato)\s?\*?\s?:\*?(?:\s.*)?"
)
LABEL_LINES = 9

DIVIDER = re.compile(r"[\s_\-=*–—]{5,}")
# What comes before what is quoted, and is nobody's words.
# Three hyphens are a line that people draw between two thoughts.
SIGNATURE_DELIMITER = re.compile(r"(?:--|_{2,3}|—)\s*")
MOBILE = re.compile(
    r"(?i)[\s*_~-]*(?:"
    r"(?:sent|envoyé|enviado|enviada|gesendet|inviato|mandado)\s+"
    r"(?:from|de|depuis|à partir|desde|do|del|von|da)\b.{0,40}\b(?:iphone|ipad|ipod|apple|android|galaxy|samsung|"
    r"huawei|xiaomi|redmi|motorola|nokia|pixel|blackberry|smartphone|phone|mobile|móvil|movil|celular|"
    r"portable|téléphone|teléfono|tablet|tableta|tablette|outlook|yahoo|mail|correo|courrier|courriel|"
    r"windows|proton|thunderbird|gmail|zimbra|aol|orange|bluemail|mac|dispositivo|appareil|device|"
    r"messagerie|spark|app|aplicación|application)\b.{0,60}|"
    r"(?:sent|envoyé|enviado|gesendet|inviato)\s+(?:securely )?(?:with|via|using|by|avec|con|mediante|por|mit)\b"
    r".{0,60}\b(?:proton|protonmail|outlook|yahoo|gmail|aol|bluemail|mailbird|spark|tutanota|zimbra|"
    r"roundcube|airmail|thunderbird|windows)\b.{0,60}|"
    r"(?:get|obtener|obtén|obtenga|télécharger|obtenez|obtenir|descargar?|téléchargez|yahoo mail)\b.{0,20}"
    r"\b(?:outlook|aol|yahoo|bluemail)\b.{0,90}|"
    r"outlook (?:for|para|pour) (?:ios|android).{0,60}|"
    r"\[?(?:sent from|enviado desde|envoyé (?:de|depuis|à partir de)) yahoo!? ?mail\b.{0,160}|"
    r"yahoo!? mail\s*:.{1,80}|"
    r"provenance\s*:.{1,60}(?:windows|outlook).{0,60}|"
    r"(?:secured|protegido|sécurisé) (?:by|con|por|par|avec) (?:proton|tutanota).{0,60}"
    r")[\s*_~-]*"
)
NOTICE = re.compile(
    r"(?i)[\s*_\-]*(?:"
    r"(?:confidentiality|legal|privacy|important) (?:notice|note|warning|disclaimer)|disclaimer\s*:|"
    r"aviso (?:legal|de (?:confidencialidad|privacidad))|nota de confidencialidad|cláusula de confidencialidad|"
    r"avis (?:de confidentialité|légal|important)|avertissement\s*:|clause de confidentialité|mention légale|"
    r"(?:this|the information (?:in|contained in) this) (?:e-?mail|message|communication)\b.{0,120}"
    r"(?:confidential|intended|privileged)|"
    r"(?:este|el presente|esta) (?:mensaje|correo|e-?mail|comunicación)\b.{0,160}(?:confidencial|dirigid|destinatari)|"
    r"la información (?:contenida|de este).{0,120}confidencial|"
    r"(?:ce|le présent|cette) (?:message|courriel|e-?mail|mail|communication)\b.{0,160}(?:confidentiel|destin)|"
    r"(?:please )?consider the environment|think (?:of the environment )?before (?:you )?print|"
    r"antes de imprimir|no imprima|por favor,? (?:piense|considere).{0,60}(?:imprimir|medio ambiente)|"
    r"avant d['’]imprimer|pensez à l['’]environnement|n['’]imprimez|"
    r"(?:virus-free|libre de virus|garanti sans virus|sans virus|no virus found)\b.{0,80}"
    r")"
)
# Words on a line of their own with which people end. What follows may be a signature.
CLOSING = re.compile(
    r"(?i)(?:(?:with |my )?(?:best|kind|kindest|warm|warmest)?\s?(?:regards|wishes)|(?:all the )?best|cheers|"
    r"sincerely|yours(?: sincerely| faithfully| truly)?|"
    r"(?:reciba|reciban|le envío|les envío|te mando)?\s?(?:con )?(?:un |mis |muchos )?"
    r"(?:cordial(?:es)? |atentos? |afectuosos? |gran )?(?:saludos?|abrazo)(?: cordial(?:es)?| atentos?| desde .{1,30})?|"
    r"(?:le saluda )?(?:muy )?(?:atentamente|cordialmente)|respetuosamente|atte\.?|"
    r"(?:bien |très )?(?:cordialement|amicalement|sincèrement|respectueusement)|cdl?t|bien à (?:vous|toi)|"
    r"(?:(?:mes |nos )?(?:meilleures|sincères|cordiales) )?salutations(?: distinguées| cordiales| respectueuses)?|"
    r"bonne réception|à bientôt)\s*[,.!;:–-]*"
)
# Words of thanks end a letter as well.
THANKS = re.compile(
    r"(?i)(?:(?:many )?thanks|thank you)(?: very much| so much| in advance)?(?: and (?:best |kind )?regards)?"
    r"\s*[,.!]*|(?:muchas |mil )?gracias(?: de antemano| y (?:un )?saludos?(?: cordial(?:es)?)?)?\s*[,.!]*|"
    r"merci(?: beaucoup| d['’]avance| par avance)?(?: et bonne journée)?\s*[,.!]*|bonne (?:journée|soirée)\s*[,.!]*|"
    r"avec (?:mes|nos|tous mes) remerciements\s*[,.!]*"
)
MOST_SIGNED = 9
LONGEST_SIGNED = 90
MOST_TYPED = 3  # lines below a closing
REACHED_AT = re.compile(r"(?i)\S@\S|\bwww\.|https?:|\+?\(?\d[\d ().–-]{6,}\d")

LEFTOVERS = re.compile(
    r"\[(?:cid|image|imagen|inline image)[^\]\n]{0,200}\]|<(?:mailto|tel):[^>\n]{0,200}>|\ufffc"
)


def reply_text(plain: Sequence[tuple[str, bool]], html: Sequence[str]) -> str:
    """Return the words of the author. Of two versions the one that holds less is the one whose quoted
    text was found; of equal ones the plain one, in whose lists nothing was guessed."""
    first = cut("\n\n".join(unwrapped(text, flows=flows) for text, flows in plain))
    second = cut("\n".join(html_text(part) for part in html))
    if not first or not second:
        return first or second
    return second if len(_letters(second)) < len(_letters(first)) else first


def _letters(text: str) -> str:
    return re.sub(r"\W+", "", text)


def cut(text: str) -> str:
    """Return a text without what is quoted in it and without signatures.

    Words below or between quoted lines are kept; below the header of a quoted message, which marks
    no line, nothing is.
    """
    lines = _lines(text)
    kept: list[str] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if _is_quoted(lines, number):
            number += 1
        elif _ends_at(lines, number):
            break
        elif length := _attribution(lines, number):
            number += length
            if not _quoted_follows(lines, number):
                break
        elif _is_signature(line):
            number = _after_signature(lines, number)
        else:
            kept.append(line)
            number += 1
    return _trimmed(kept)


def _lines(text: str) -> list[str]:
    text = text.translate(UNSEEN).translate(SPACES).replace("\r\n", "\n").replace("\r", "\n")
    lines = (
        LEFTOVERS.sub("", line[:LONGEST_LINE]).rstrip() for line in text.split("\n")[:MOST_LINES]
    )
    return [
        "".join(sign for sign in line if sign.isprintable() or sign in {CUT, STUFFED})
        for line in lines
    ]


def _is_quoted(lines: list[str], number: int) -> bool:
    """Whether a line is quoted; also what a program wrapped off a long quoted line."""
    if lines[number].lstrip().startswith(">"):
        return True
    is_between = 0 < number < len(lines) - 1 and bool(lines[number].strip())
    return (
        is_between
        and lines[number - 1].startswith(">")
        and len(lines[number - 1]) >= 70
        and lines[number + 1].startswith(">")
    )


def _ends_at(lines: list[str], number: int) -> bool:
    line = lines[number].strip()
    if _begins_quoted(line) or YAHOO.fullmatch(line):
        return True
    return bool(SENDER_LABEL.fullmatch(line)) and _labels_at(lines, number) >= 3


def _begins_quoted(line: str) -> bool:
    if line == CUT:
        return True
    return len(line) <= SHORT and bool(ORIGINAL.fullmatch(line) or FORWARDED.fullmatch(line))


def _labels_at(lines: list[str], number: int) -> int:
    """Return how many different labels of a header there are from this line on, and before what a
    mail program wrote itself: below it another header begins."""
    block = [line.strip() for line in lines[number : number + LABEL_LINES * 2] if line.strip()]
    labels = set()
    for line in block[:LABEL_LINES]:
        if _begins_quoted(line):
            break
        if LABEL.fullmatch(line):
            labels.add(line.split(":")[0].strip(" *").casefold())
    return len(labels)


def _attribution(lines: list[str], number: int) -> int:
    """Return of how many lines the words consist that say who wrote what is quoted; 0 if these are
    none."""
    if not FIRST_WORD.match(lines[number].strip()):
        return 0
    words = ""
    for length, line in enumerate(lines[number : number + 4], start=1):
        if not line.strip() or line.lstrip().startswith(">"):
            return 0
        words = f"{words} {line.strip()}".strip()
        if len(words) > 500:
            return 0
        if HAS_DAY_OR_ADDRESS.search(words) and _says_who_wrote(words):
            return length
    return 0


def _says_who_wrote(words: str) -> bool:
    if any(form.fullmatch(words) for form in ATTRIBUTIONS):
        return True
    if not words.endswith(":"):
        return False
    addresses = [found for found in PIECE.finditer(words) if "@" in found[0][1:-1]]
    return any(
        len(words) - found.end() <= MOST_BEHIND
        and before.fullmatch(words[: found.start()])
        and behind.fullmatch(words[found.end() :])
        for found in addresses[-2:]
        for before, behind in AROUND_ADDRESS
    )


def _quoted_follows(lines: list[str], number: int) -> bool:
    following = next((line for line in lines[number:] if line.strip()), "")
    return following.lstrip().startswith(">")


def _is_signature(line: str) -> bool:
    words = line.strip()
    if SIGNATURE_DELIMITER.fullmatch(words) or NOTICE.match(words[:400]):
        return True
    return len(words) <= SHORT and bool(MOBILE.fullmatch(words))


def _after_signature(lines: list[str], number: int) -> int:
    """Return where something else follows: what is quoted, or the end."""
    number += 1
    while number < len(lines) and not (
        _is_quoted(lines, number) or _ends_at(lines, number) or _attribution(lines, number)
    ):
        number += 1
    return number


def _trimmed(lines: list[str]) -> str:
    while lines and (not lines[-1].strip() or DIVIDER.fullmatch(lines[-1])):
        lines.pop()
    lines = _without_closing(lines)
    text = "\n".join(line.rstrip() for line in lines).replace(STUFFED, "").strip()
    return re.sub(r"\n{3,}", "\n\n", text)


def _without_closing(lines: list[str]) -> list[str]:
    """Leave out a closing formula and what is below it, if that is a signature that a program put
    there. A closing with a name was typed: it stays."""
    first = max(1, len(lines) - MOST_SIGNED)
    for number in range(first, len(lines)):
        below = [line for line in lines[number + 1 :] if line.strip()]
        words = lines[number].strip()
        if (
            (CLOSING.fullmatch(words) or THANKS.fullmatch(words))
            and any(line.strip() for line in lines[:number])
            and all(len(line) <= LONGEST_SIGNED for line in below)
            and _is_made_signature(below)
        ):
            return _without_divider(lines[:number])
    return lines


def _is_made_signature(lines: list[str]) -> bool:
    """Whether these lines have how to reach somebody, or more than name, function and institution."""
    return len(lines) > MOST_TYPED or any(REACHED_AT.search(line) for line in lines)


def _without_divider(lines: list[str]) -> list[str]:
    while lines and (not lines[-1].strip() or DIVIDER.fullmatch(lines[-1])):
        lines = lines[:-1]
    return lines


# Lines that a program wrapped


def unwrapped(text: str, *, flows: bool) -> str:
    """Join the lines that a mail program wrapped: those that say so (RFC 3676), else long ones into
    which the next word did not fit."""
    joined: list[str] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n")[:MOST_LINES]:
        if flows and line.startswith(" "):
            line = line[1:]
            line = f"{STUFFED}{line}" if line.startswith(">") else line
        if goes_on and line.strip() and not line.startswith(">"):
            joined[-1] = f"{joined[-1].rstrip()} {line.lstrip()}"
        else:
            joined.append(line)
        goes_on = _goes_on(line, flows=flows)
    return _filled(joined) if not flows else "\n".join(joined)


def _goes_on(line: str, *, flows: bool) -> bool:
    return flows and line.endswith(" ") and line != "-- " and not line.startswith(">")


def _filled(lines: list[str]) -> str:
    """Join a line to the one before where its first word would not have fitted there."""
    filled: list[str] = []
    before = ""
    for line in lines:
        word = line.split(" ")[0]
        is_text = bool(before.strip()) and word[:1].isalnum() and not before.startswith(">")
        if (
            is_text
            and 55 <= len(before) <= 80
            and len(before) + 1 + len(word) > 72
            and ":" not in word
        ):
            filled[-1] = f"{filled[-1]} {line}"
        else:
            filled.append(line)
        before = line
    return "\n".join(filled)
