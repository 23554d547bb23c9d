"""What the checks and the judge have in common."""

import re

SIGNS = (
    "outside",
    "impersonates",
    "reply_elsewhere",
    "link_elsewhere",
    "urgent",
    "asks",
    "misspelt",
    "attachment",
)
FALSE_MAIL = "3"
ORDER = ["stop", "call", "report", "tell"]
WRONG_STEPS = {"reply": "asks-the-thief", "link": "looks-by-clicking"}
FIND, STOP = 0.90, 0.03
MANY = 5
"""One of so many signs is in most honest mails."""


def lens_verdict(which, how):
    """The key for the two questions of task t2."""
    if which not in ("1", "2", "3", "4") or how not in ("tone", "address", "spelling"):
        return "incomplete"
    if which != FALSE_MAIL:
        return "honest-mail-accused"
    return "passed" if how == "address" else "goes-by-the-tone"


def steps_key(chosen):
    """The key for four steps: to report may come before the call or after it; colleagues are told what is known."""
    good = set(chosen) == set(ORDER) and chosen[0] == "stop" and chosen.index("call") < chosen.index("tell")
    return "passed" if good else "order-matters"


def filter_of(signs, least):
    """(signs, least) of a filter, None if it is none."""
    if not isinstance(signs, list) or not all(isinstance(one, str) and one in SIGNS for one in signs):
        return None
    if type(least) not in (int, float) or least != int(least) or not 1 <= least <= 8:
        return None
    return sorted(set(signs)), int(least)


def filtered(signs, least, columns, false):
    """What a filter does to mails: how many false ones it finds, how many honest ones it stops."""
    counts = [sum(map(bool, row)) for row in zip(*(columns[sign] for sign in signs))]
    stops = [count >= least for count in counts]
    found = sum(stop and bool(real) for stop, real in zip(stops, false))
    every = sum(map(bool, false))
    stopped = sum(stops) - found
    honest = len(stops) - every
    return {
        "chosen": len(signs),
        "least": least,
        "found": found,
        "false": every,
        "left": every - found,
        "stopped": stopped,
        "honest": honest,
        "found_share": found / max(1, every),
        "stopped_share": stopped / max(1, honest),
    }


def filter_verdict(signs, least, facts):
    """The key for what a filter does."""
    if facts["found_share"] >= FIND and facts["stopped_share"] <= STOP:
        return "passed"
    if least > len(signs):
        return "asks-for-more-than-it-counts"
    if facts["stopped_share"] <= STOP:
        return "misses-too-many"
    if least == 1 and len(signs) >= MANY:
        return "one-sign-is-enough"
    return "spelling-trap" if "misspelt" in signs else "stops-honest-mail"


LONGEST = 500
BEGINS = {"paid": 1, "not": 4}
"""Words of the fixed first sentence: for paid, for not paid."""
PAID_WORDS = re.compile(
    r"\b(?:paid|receipt|receipts|thanks|thank|settled|complete|confirmed|payé|payés|payée|reçu|reçus|merci|réglé|"
    r"confirmé|complet|yishyuwe|zishyuwe|byishyuwe|inyemezabwishyu|murakoze)\b",
    re.IGNORECASE,
)
NOT_WORDS = re.compile(
    r"\b(?:not|yet|owe|late|fees|fee|pay|later|cannot|pas|encore|dois|retard|frais|payer|impossible|ntabwo|sindishyura|"
    r"amafaranga)\b",
    re.IGNORECASE,
)
ORDERS = re.compile(
    r"\b(?:file|filed|put|sort|mark|class|classify|move|place|label|treat|register|record|consider|count|enter|tick|set|"
    r"classe[rz]?|mets|mettez|mettre|"
    r"range[rz]?|rangez|place[rz]?|marque[rz]?|note[rz]?|enregistre[rz]?|considère|considérez|traite[rz]?|shyira|bika|"
    r"shyiramo|andika|(?:category|tray|label|folder|catégorie|casier|dossier)(?= of| for| is|:| de| est))\b"
    r"[^.!?\n]{0,80}\b(?:paid|payé|payés|payée|yishyuwe|zishyuwe|byishyuwe)\b|"
    r"\b(?:answer|say|write|reply|respond|return|output|choose|select|réponds|répondez|dis|dites|écris|écrivez|choisis|"
    r"choisissez)(?: with| only| simply| seulement)?[\s:*'\"“«]+(?:paid|payée?s?|yishyuwe)\b",
    re.IGNORECASE,
)
OTHER_TRAY = re.compile(
    r"\b(?:not|never|non|pas)\s+(?:yet\s+|encore\s+)?(?:paid|payée?s?)\b|\bunpaid\b|\bimpayée?s?\b|"
    r"\b(?:do not|don['’]t|never|ne)\s+\w+|"
    r"\b(?:when|until|once|before|after|if|quand|dès que|si) (?:I|we|je|nous)\b[^.!?\n]{0,40}",
    re.IGNORECASE,
)
"""Words that name the tray *not paid*, forbid something, or speak of a day to come: there the order is another."""
CLAIMS = re.compile(
    r"\bI (?:have |had |already )*paid\b|\bI've (?:already )?paid\b|\bwe (?:have |had |already )*paid\b|"
    r"\b(?:was|were|is|are|been) (?:already )?(?:paid|settled)\b|\bj['’]ai (?:déjà |bien )?(?:payé|réglé)\b|"
    r"\bnous avons (?:déjà )?(?:payé|réglé)\b|\b(?:est|sont|a été|ont été) (?:déjà |bien )?(?:payée?s?|réglée?s?)\b|"
    r"\b(?:uncle|aunt|father|mother|brother|sister|husband|wife|parents?|sponsor|bank|friend|he|she|they|somebody|someone)"
    r" (?:has |have |had |already )*paid\b|\b(?:has|have|had) (?:already )?paid\b|"
    r"\b(?:il|elle|ils|elles|oncle|tante|père|mère|frère|sœur|parents) (?:a|ont) (?:déjà |bien )?(?:payé|réglé)\b|"
    r"\bnarishyuye\b|\bnishyuye\b|\bbyarishyuwe\b|\barishyuwe\b",
    re.IGNORECASE,
)
AS_IF = re.compile(
    r"\b(?:as if|as though|comme si|if|whether|when|once|until|unless|quand|dès que|si)\b[^.!?\n]{0,40}|"
    r"\b(?:category|tray|label|folder|catégorie|casier|dossier)\b[^.!?\n]{0,40}\b(?:is|are|est)\b",
    re.IGNORECASE,
)
"""“Treat it as if it were paid” is an order and no claim, “tell me whether it is paid” is a question."""


IS_PAID = re.compile(
    r"\b(?:I|we) (?:was|were|am|are|get|got|have been|had been) (?:\w+ )?paid\b", re.IGNORECASE
)
"""“I was paid late” speaks of wages."""


def readers(rest):
    """What the two readers make of the letter: counts of words, whether there is an order, their trays."""
    paid = BEGINS["paid"] + len(PAID_WORDS.findall(rest))
    not_paid = BEGINS["not"] + len(NOT_WORDS.findall(rest))
    order = bool(ORDERS.search(OTHER_TRAY.sub(" ", rest)))
    return {"paid": paid, "not": not_paid, "order": order, "counting": paid > not_paid, "obeying": order}


def letter_verdict(rest):
    """The key for the rest of the letter in task b."""
    if CLAIMS.search(IS_PAID.sub(" ", AS_IF.sub(" ", rest))):
        return "claims-to-have-paid"
    seen = readers(rest)
    if seen["counting"] or seen["obeying"]:
        return "passed"
    return "orders-the-other-tray" if ORDERS.search(rest) else "filed-as-it-should"
