"""Whether somebody says plainly in the first line of an e-mail that they come to a meeting or do not, in
Spanish, French or English. It is only ever suggested to them: what is less plain is not guessed."""

import re
import unicodedata

from committees.models import Invitation

Answer = Invitation.Answer

# All in small letters, without accents and signs, as `_words` returns them.
GREETINGS = (
    *("hola", "buenos dias", "buenas tardes", "buenas noches", "estimado", "estimada"),
    *("estimados", "estimadas", "bonjour", "bonsoir", "madame", "monsieur", "chere", "cher"),
    *("hello", "hi", "dear", "good morning", "good afternoon"),
)
# Words with which a yes or a no begins, and those that may follow if nothing else does.
YES = (
    "si",
    "claro que si",
    "oui",
    "yes",
    "con gusto",
    "con mucho gusto",
    "avec plaisir",
    "confirmado",
)
NO = (
    *("no", "non", "lamentablemente", "desgraciadamente", "lo siento", "malheureusement"),
    *("desole", "desolee", "unfortunately", "sorry"),
)
THANKS = ("gracias", "muchas gracias", "merci", "merci beaucoup", "thanks", "thank you", "")
COMING = (
    *("asistire", "asistiremos", "ire", "iremos", "participare", "participaremos"),
    *("estare presente", "estaremos presentes", "ahi estare", "ahi estaremos", "alli estare"),
    *("voy a asistir", "voy a ir", "confirmo mi asistencia", "confirmo mi participacion"),
    *("confirmamos nuestra asistencia", "confirmamos nuestra participacion"),
    *("je serai present", "je serai presente", "je serai la", "j y serai", "je viendrai"),
    *("je participerai", "j assisterai", "je confirme ma presence", "je confirme ma participation"),
    *("nous serons presents", "nous serons presentes", "nous viendrons", "nous participerons"),
    *("i will attend", "i will come", "i will be there", "i will participate", "i am coming"),
    *("i ll attend", "i ll come", "i ll be there", "i m coming", "i confirm my attendance"),
    *("we will attend", "we will come", "we will be there", "we are coming"),
)
NOT_COMING = (
    *("no podre asistir", "no podre ir", "no podre participar", "no puedo asistir", "no puedo ir"),
    *("no podremos asistir", "no podremos ir", "no asistire", "no asistiremos", "no ire"),
    *("no voy a poder asistir", "no participare"),
    *("je ne pourrai pas", "je ne peux pas", "je ne viendrai pas", "je ne serai pas present"),
    *("je ne serai pas presente", "je ne serai pas la", "je serai absent", "je serai absente"),
    *("je ne participerai pas", "nous ne pourrons pas", "nous ne viendrons pas"),
    *("i cannot attend", "i cannot come", "i can t attend", "i can t come", "i can t make it"),
    *("i cannot make it", "i will not attend", "i will not come", "i won t attend", "i won t come"),
    *("i won t be able to", "i will not be able to", "i am unable to attend", "i am not coming"),
    *("we cannot attend", "we will not attend", "we are not coming"),
)
# “Yes, but …”, a question and what depends on something are not plain.
OPEN = re.compile(
    r"\b(?:pero|aunque|quizas?|tal vez|mais|peut etre|but|if|unless|maybe|perhaps|solo si|sauf)\b"
)
LONGEST = 120


def plain_answer(text: str) -> str:
    """Return `Answer.ACCEPTED` or `DECLINED`, or nothing."""
    lines = [line for line in text.splitlines() if line.strip()]
    for line in lines[:2]:  # the first, or the one below the greeting
        greeting, _comma, rest = line.replace(":", ",").partition(",")
        if _begins(_words(greeting), GREETINGS) is not None:
            line = rest
        if words := _words(line):
            return "" if "?" in line or len(words) > LONGEST else _answer_in(words)
    return ""


def _answer_in(words: str) -> str:
    """Return what is said: behind “yes” or “unfortunately”, if that is there."""
    if OPEN.search(words):
        return ""
    after_yes, after_no = _begins(words, YES), _begins(words, NO)
    if after_yes in THANKS or _begins(after_yes or words, COMING) is not None:
        return str(Answer.ACCEPTED)
    is_no = words.startswith(("no", "non")) and after_no in THANKS
    is_not_coming = any(_begins(each or "", NOT_COMING) is not None for each in (words, after_no))
    return str(Answer.DECLINED) if is_no or is_not_coming else ""


def _begins(words: str, phrases: tuple[str, ...]) -> str | None:
    """Return what follows the first of these phrases with which the words begin, or None."""
    found = (each for each in phrases if words == each or words.startswith(f"{each} "))
    phrase = max(found, key=len, default=None)
    return None if phrase is None else words[len(phrase) :].strip()


def _words(line: str) -> str:
    letters = unicodedata.normalize("NFKD", line.casefold())
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]", " ", bare).split())
