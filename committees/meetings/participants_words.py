"""The words of participants files of Zoom, Teams and Meet in English, French, Spanish and Portuguese:
headers, dates, clocks, durations, and additions around names."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone

from kernel.days import (
    DAY_WORD,
    DIGITS,
    ISO,
    SHORT,
    WORD_DAY,
    WrittenDay,
    day_found,
    folded,
)
from kernel.tables import plain

# The day of times in a file that has no dates.
NO_DAY = date(2000, 1, 1)

LONGEST = 7 * 24 * 3600  # no call lasts longer than a week: more is a misread number


def name_key(name: str) -> str:
    """The same for a name whatever its accents, the order of its words and their case."""
    return " ".join(sorted(plain(name).split()))


# Headers, as `plain` writes them. Of a list's “first join” and “last leave” the time between
# may hold absences; of “join” and “leave” it does not.

_ARRIVAL_FR = r"heure (de? )?(arrivee|entree|connexion|participation|debut)"
_ARRIVAL_ES = r"hora (de )?(union|entrada|ingreso|conexion|acceso|incorporacion|llegada|inicio)"
_DEPARTURE_FR = r"heure (de )?(depart|sortie|deconnexion|fin)"
_DEPARTURE_ES = r"hora (de )?(salida|abandono|desconexion|partida|fin)"
_ARRIVAL_PT = r"hora (de |da )?(ingresso|chegada|participacao)|horario de (entrada|ingresso|inicio)"
_DEPARTURE_PT = r"hor(a|ario) (de |da )?saida"

_HEADERS = {
    "given": r"first name|given name|prenom|nombre de pila|primer nombre|nombres|primeiro nome",
    "family": r"last name|surname|family name|nom de famille|apellidos?|(sobre|ultimo )nome",
    "name": (
        r"((user|full|display|participant|attendee) )?name( original name)?"
        r"|participant|nom( complet| d utilisateur| du participant)?( nom (d )?origin(e|al))?"
        r"|participante|nombre( completo| de usuario| del participante)?( nombre original)?"
        r"|nome( completo| (do|de) usuario| do participante)?( nome original)?"
    ),
    "email": (
        r"((user|participant) )?e ?mail( address)?|courriel"
        r"|(adresse )?(e ?mail|courriel|electronique|de messagerie)( (de l|d) ?utilisateur)?"
        r"|(e ?mail|correo|direccion de correo)( electronico)?( del? usuario)?"
        r"|(endereco de )?(e ?mail|correio eletronico)( do (usuario|participante))?"
    ),
    "upn": r".*\bupn\b.*",
    "first_joined": (
        r"first join(ed)?|time joined"
        r"|premiere? (participation|jonction|connexion|arrivee|entree|acces)"
        r"|primera? (union|entrada|incorporacion|conexion|acceso|ingreso)"
        r"|primeir[oa] (ingresso|entrada|participacao|conexao|acesso)"
        r"|heure a laquelle .*|hora a la que se unio|a rejoint a|se unio a las?"
        r"|hora em que (entrou|ingressou)"
    ),
    "last_left": (
        r"last leave|last left|time exited"
        r"|dernier(e)? (depart|sortie|deconnexion)|ultim[oa] (salida|abandono|desconexion)"
        r"|ultima saida|hora a la que salio|a quitte a|salio a las?|hora em que saiu"
    ),
    "joined": (
        rf"join(ed)?( time)?|{_ARRIVAL_FR}|{_ARRIVAL_ES}|{_ARRIVAL_PT}"
        r"|hora para unirse|arrivee|entrada|ingresso"
    ),
    "left": (
        rf"leave( time)?|left( time)?|{_DEPARTURE_FR}|{_DEPARTURE_ES}|{_DEPARTURE_PT}"
        r"|hora para salir|depart|salida|saida"
    ),
    "duration": (
        r"((in )?meeting |total |attendance )?duration( minutes)?"
        r"|time in (session|meeting)( minutes)?|temps (passe )?(en|dans la) (session|reunion).*"
        r"|duree.*|duracion.*|tiempo en (la )?(sesion|reunion).*"
        r"|duracao.*|tempo (na|em|de) (sessao|reuniao).*"
    ),
    "action": (
        r"(user )?action|activity|action( de l)? utilisateur|activite|accion( del usuario)?|actividad"
        r"|acao( do usuario)?|atividade"
    ),
    "moment": (
        r"time ?stamp|horodatage|date et heure|fecha y hora|marca de tiempo"
        r"|data e hora|carimbo de (data )?hora"
    ),
    "waiting": (
        r"(in )?waiting room|(dans la |en )?salle d attente|(en )?(la )?sala de espera"
        r"|(na|em) sala de espera"
    ),
    "attended": r"attended|a participe|asistio|participou|compareceu",
}
_COLUMNS = {name: re.compile(pattern) for name, pattern in _HEADERS.items()}


def column_of(header: str) -> str | None:
    """Return the kind of column that a header names, or None if the portal does not use it."""
    if len(header) > SHORT:
        return None
    words = plain(header)
    return next((name for name, known in _COLUMNS.items() if known.fullmatch(words)), None)


NO = frozenset({"no", "non", "nao"})
YES = frozenset({"yes", "oui", "si", "sim", "true", "1"})
_LEAVING = re.compile(
    r"\b(left|leave|quitte|parti|sorti|depart|salio|salida|abandono|saiu|saida)\b"
)


def is_leaving(action: str) -> bool:
    """Return whether the words of a chat or log, in any language of the exports, say that somebody
    left."""
    return bool(_LEAVING.search(plain(action)))


# Names

_MARKS = (
    "external|unverified|guest|host|co-host|me|externe|non vérifiée?|invitée?|hôte|co-hôte|moi"
    "|externo|externa|no comprobado|sin comprobar|no verificado|invitad[oa]|anfitri[oó]n|coanfitri[oó]n|yo"
    "|não verificad[oa]|convidad[oa]|anfitriã|anfitrião|coanfitrião|eu"
)
_MARK = re.compile(rf"\s*\(\s*({_MARKS})(\s*,\s*({_MARKS}))*\s*\)\s*$", re.IGNORECASE)
_ORIGINAL = re.compile(r"^(.+?)\s*\(([^()]+)\)$")
# What a spreadsheet takes for a formula.
_FORMULA = re.compile(r"^\s*(?:[=@]|[+\-](?![\d\s().-]+$))")


def without_marks(name: str) -> str:
    """The name without “(External)” and the like. Any other text in brackets stays: it may be an
    institution, or the name that somebody had before."""
    name = " ".join(name.split())
    while (shorter := _MARK.sub("", name)) != name:
        name = shorter
    return name if plain(name) else ""  # signs alone name nobody


def is_like_a_formula(name: str) -> bool:
    """Whether a spreadsheet would take it for a formula. Here it is text, but hardly a name."""
    return bool(_FORMULA.match(name))


def with_original(name: str) -> tuple[str, str]:
    """Split Zoom's “Name (Original Name)” into the name shown in the call and the original one."""
    if found := _ORIGINAL.match(without_marks(name)):
        return without_marks(found[1]) or without_marks(found[2]), without_marks(found[2])
    return without_marks(name), ""


# Durations


_UNITS = re.compile(
    r"(?:(\d{1,5})\s*(?:h|hrs?|hours?|heures?|horas?)\b\.?)?\s*(?:(?:et|y|and|e)\s+)?"
    r"(?:(\d{1,5})\s*(?:m|mins?|minutes?|minutos?)\b\.?)?\s*(?:(?:et|y|and|e)\s+)?"
    r"(?:(\d{1,6})\s*(?:s|secs?|segs?|seconds?|secondes?|segundos?)\b\.?)?",
    re.IGNORECASE,
)
_CLOCK_LIKE = re.compile(r"(\d{1,3}):(\d{2}):(\d{2})")
_NUMBER = re.compile(r"\d{1,5}([.,]\d{1,3})?")


def seconds_of(text: str) -> int | None:
    """Read a duration such as “1h 13m 42s”, “1 hr 2 min”, “1:13:42” or a bare number of minutes."""
    if len(text) > SHORT:
        return None
    text = re.sub(r"(?<=\d)([hHmM])(?=\d)", r"\1 ", " ".join(text.split()))
    if _NUMBER.fullmatch(text):
        seconds = round(float(text.replace(",", ".")) * 60)
    elif (parts := _CLOCK_LIKE.fullmatch(text)) or (
        text and (parts := _UNITS.fullmatch(text)) and any(parts.groups())
    ):
        seconds = _in_seconds(*parts.groups())
    else:
        return None
    return seconds if seconds <= LONGEST else None


def _in_seconds(hours: str | None, minutes: str | None, seconds: str | None) -> int:
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)


# Dates and clocks

_TIME = (
    r"(?P<hour>\d{1,2})(?:\s*[:h.]\s*(?P<minute>\d{2}))(?:\s*(?::|\.|min)\s*(?P<second>\d{2})"
    r"(?:[.,]\d{1,9})?\s*s?)?\s*(?P<half>[ap]\.?\s?m\.?)?\s*(?P<offset>z|utc|gmt|[+-]\d{2}:?\d{2})?"
)
_BETWEEN = r"(?:\s*(?:,|t|a|a las|at|as)?\s*)"
_MOMENTS = [re.compile(rf"{day}{_BETWEEN}{_TIME}") for day in (ISO, DIGITS, DAY_WORD, WORD_DAY)]
_ONLY_TIME = re.compile(_TIME)


@dataclass(frozen=True)
class WrittenMoment:
    """A moment as it is written in the file. `short` holds day and month while their order is
    unknown."""

    clock: time
    day: date | None = None
    short: tuple[int, int, int] | None = None
    offset: timezone | None = None

    @property
    def written(self) -> WrittenDay:
        return WrittenDay(self.day, self.short)

    @property
    def fits(self) -> frozenset[str]:
        """The orders in which it is a date; both where it is written in a clear way."""
        return self.written.fits

    @property
    def is_open(self) -> bool:
        """Whether the date depends on the order of day and month."""
        return self.written.is_open

    def at(self, order: str) -> datetime | None:
        """The moment itself, None where there is no such date in that order."""
        if self.day is None and self.short is None:
            return datetime.combine(NO_DAY, self.clock)
        day = self.written.on(order)
        return datetime.combine(day, self.clock, tzinfo=self.offset) if day else None

    @property
    def has_day(self) -> bool:
        return self.day is not None or self.short is not None


def moment_of(text: str) -> WrittenMoment | None:
    """Return the moment written in a cell, or None."""
    if len(text) > SHORT:
        return None
    text = folded(text)
    for pattern in _MOMENTS:
        if found := pattern.fullmatch(text):
            return _dated(found)
    found = _ONLY_TIME.fullmatch(text)
    clock = found and _clock(found)
    return WrittenMoment(clock) if clock else None


def _dated(found: re.Match[str]) -> WrittenMoment | None:
    parts = found.groupdict()
    clock, offset = _clock(found), _offset(parts["offset"])
    if clock is None:
        return None
    written = day_found(parts)
    if written is None:
        return None
    return WrittenMoment(clock, written.day, written.short, offset)


def _clock(found: re.Match[str]) -> time | None:
    hour, half = int(found["hour"]), (found["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return None


def _offset(text: str | None) -> timezone | None:
    if not text:
        return None
    if text[0] not in "+-":
        return UTC
    ahead = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(ahead if text[0] == "+" else -ahead) if ahead < timedelta(hours=24) else None
