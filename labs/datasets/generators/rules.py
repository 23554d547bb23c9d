"""service-rules and rule-questions: short rules of made-up services in three languages, and what people ask of them.

The Kinyarwanda has not been reviewed by a native speaker.
"""

from random import Random

import numpy as np
import pandas as pd

from labs.datasets.generators import draw

LANGUAGES = ("en", "fr", "rw")
SERVICES = {
    "birth": ("birth certificate", "acte de naissance", "icyemezo cy'amavuko"),
    "marriage": ("marriage certificate", "acte de mariage", "icyemezo cy'ubushyingiranwe"),
    "card": ("identity card", "carte d'identité", "indangamuntu"),
    "passport": ("passport", "passeport", "pasiporo"),
    "driving": ("driving licence", "permis de conduire", "uruhushya rwo gutwara"),
    "building": ("building permit", "permis de construire", "uruhushya rwo kubaka"),
    "land": ("land title", "titre foncier", "icyangombwa cy'ubutaka"),
    "health": ("health insurance", "assurance maladie", "mituweli"),
    "trade": ("trading licence", "patente de commerce", "ipatanti y'ubucuruzi"),
    "water": ("water connection", "raccordement à l'eau", "umuyoboro w'amazi"),
    "school": ("place at school", "place à l'école", "umwanya mu ishuri"),
    "market": ("stall on the market", "étal au marché", "iseta mu isoko"),
}
ASPECTS = {
    "fee": ("The fee for a {s} is {n} francs.", "Les frais pour {s} sont de {n} francs.", "Amafaranga yishyurwa kuri {s} ni {n}."),
    "days": ("A {s} is ready within {d} working days.", "{s} : délivrance en {d} jours ouvrables.", "{s} iboneka mu minsi {d} y'akazi."),
    "desk": ("Requests for a {s} are taken at desk {k}.", "Les demandes pour {s} se déposent au guichet {k}.", "Gusaba {s} bikorerwa ku biro bya {k}."),
    "papers": ("Bring a photo and proof of residence for a {s}.", "Apportez une photo et une preuve de résidence pour {s}.", "Zana ifoto n'icyemezo cy'aho utuye kuri {s}."),
    "renewal": ("A {s} is renewed after {y} years.", "{s} : renouvellement après {y} ans.", "{s} yongererwa igihe nyuma y'imyaka {y}."),
    "loss": ("A lost {s} is declared at the police first.", "La perte concernant {s} se déclare d'abord à la police.", "Iyo {s} yatakaye ubanza kubimenyesha polisi."),
    "appeal": ("A refusal of a {s} can be appealed within {d} days.", "Un refus pour {s} peut faire l'objet d'un recours sous {d} jours.", "Iyo wangiwe {s} ujurira mu minsi {d}."),
    "age": ("Nobody under {y} may apply for a {s} alone.", "Avant {y} ans, on ne demande pas seul : {s}.", "Utarageza ku myaka {y} ntasaba {s} wenyine."),
}  # fmt: skip
ASKED = {
    "fee": (("How much do I pay for my {s}?", "What is the price of a {s}?"), ("Combien coûte {s} ?", "Quel est le prix pour {s} ?"), ("{s} yishyurwa amafaranga angahe?", "Nishyura angahe kuri {s}?")),
    "days": (("How long until my {s} is ready?", "When can I pick up the {s}, in how many days?"), ("Combien de jours pour avoir {s} ?", "Quand sera délivré : {s} ?"), ("{s} iboneka mu minsi ingahe?", "Nzabona {s} ryari?")),
    "desk": (("At which desk do I ask for a {s}?", "Where are requests for a {s} taken?"), ("À quel guichet demander {s} ?", "Où déposer ma demande pour {s} ?"), ("Nsaba {s} ku biro ibihe?", "Gusaba {s} bikorerwa he?")),
    "papers": (("What do I bring for a {s}? A photo?", "Which proof do you want to see for a {s}?"), ("Que faut-il apporter pour {s} ?", "Quelle preuve pour {s} ?"), ("Nzana iki kuri {s}?", "Ni ibihe byangombwa nzana kuri {s}?")),
    "renewal": (("After how many years do I renew the {s}?", "Is my {s} still good, or must it be renewed?"), ("Après combien d'ans renouveler {s} ?", "Faut-il un renouvellement : {s} ?"), ("{s} yongererwa nyuma y'imyaka ingahe?", "Nongeresha {s} ryari?")),
    "loss": (("I lost my {s}, what now?", "My {s} is lost. Do I go to the police?"), ("J'ai perdu {s}, que faire ?", "Perte : {s}. Faut-il aller à la police ?"), ("{s} yatakaye, nkore iki?", "Natakaje {s}, njye kuri polisi?")),
    "appeal": (("You refused me a {s}. Can I appeal?", "Until when can I appeal against the refusal of a {s}?"), ("On m'a fait un refus pour {s}. Un recours ?", "Jusqu'à quand le recours pour {s} ?"), ("Nangiwe {s}, najurira nte?", "Najurira mu minsi ingahe kuri {s}?")),
    "age": (("My daughter is not of age. May she apply for a {s} alone?", "How old must one be for a {s}?"), ("Ma fille est mineure. Peut-elle demander seule : {s} ?", "À quel âge demander {s} ?"), ("Umwana wanjye yasaba {s} wenyine?", "Usaba {s} agomba kugira imyaka ingahe?")),
}  # fmt: skip
NO_RULE = (
    ("Who do I see about a {x}?", "Do you help with a {x}?", "How much is a {x}, please?"),
    ("Qui s'occupe de ceci : {x} ?", "Aidez-vous pour {x} ?", "Combien coûte {x}, s'il vous plaît ?"),
    ("Ni nde ushinzwe {x}?", "Mumfasha kuri {x}?", "{x} ni angahe?"),
)
UNKNOWN = (
    ("fishing boat", "bateau de pêche", "ubwato bwo kuroba"),
    ("dog that bites", "chien qui mord", "imbwa irumana"),
    ("noisy bar next door", "bar bruyant d'à côté", "akabari gasakuza"),
    ("broken street lamp", "lampadaire cassé", "itara ryo ku muhanda"),
    ("wedding tent", "tente de mariage", "ihema ry'ubukwe"),
    ("scholarship abroad", "bourse à l'étranger", "buruse yo hanze"),
    ("beehive", "ruche", "umuzinga w'inzuki"),
    ("pension of my father", "pension de mon père", "pansiyo ya data"),
)
NUMBERS = {"n": (500, 30000), "d": (2, 45), "k": (1, 12), "y": (2, 21)}


def written(random: Random, sentence: str, service: str) -> str:
    """A rule with its figures."""
    figures = {name: random.randint(*span) for name, span in NUMBERS.items()}
    figures["n"] = figures["n"] // 100 * 100
    return sentence.format(s=service, **figures)


def paragraphs(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Every rule in three languages, as many as `rows` says at most."""
    random = draw.plain(rng)
    made = []
    for service, names in SERVICES.items():
        for aspect, sentences in ASPECTS.items():
            for lang, name, sentence in zip(LANGUAGES, names, sentences, strict=True):
                text = written(random, sentence, name)
                made.append((f"{service}-{aspect}", lang, service, aspect, text[0].upper() + text[1:]))
    return pd.DataFrame(made[:rows], columns=["rule", "lang", "service", "aspect", "text"])


def questions(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """`rows` questions in three languages or mixed; `rule` is empty where no rule answers."""
    random = draw.plain(rng)
    langs = draw.shares(rng, {"rw": 0.4, "en": 0.25, "fr": 0.2, "mixed": 0.15}, rows)
    without = draw.yes(rng, np.full(rows, 0.25), by=langs)
    made = [asked(random, str(lang), none=bool(none)) for lang, none in zip(langs, without, strict=True)]
    table = pd.DataFrame(made, columns=["text", "rule"])
    table.insert(0, "lang", langs)
    table.insert(0, "question_id", [f"Q25-{n:04d}" for n in range(1, rows + 1)])
    return table


def asked(random: Random, lang: str, *, none: bool) -> tuple[str, str]:
    """One question and the rule that answers it; mixed ones name the service in another language."""
    at = LANGUAGES.index(lang) if lang in LANGUAGES else random.randrange(3)
    named = at if lang in LANGUAGES else (at + random.randint(1, 2)) % 3
    if none:
        return slip(random, random.choice(NO_RULE[at]).format(x=random.choice(UNKNOWN)[named])), ""
    service, aspect = random.choice(list(SERVICES)), random.choice(list(ASPECTS))
    text = random.choice(ASKED[aspect][at]).format(s=SERVICES[service][named])
    return slip(random, text[0].upper() + text[1:]), f"{service}-{aspect}"


def slip(random: Random, text: str) -> str:
    """One letter in a hundred is missing or doubled, as on a telephone."""
    signs = []
    for sign in text:
        chance = random.random()
        signs.append(
            ""
            if chance < 0.006 and sign.isalpha()
            else sign * (2 if chance > 0.994 and sign.isalpha() else 1)
        )
    return "".join(signs)
