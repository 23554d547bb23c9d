"""Marks around what is personal in a text, so that its place is known when the text is finished."""

NAME, ID, PHONE = "name", "id", "phone"
# Characters of the private use area: no letter, no rule and no spelling slip touches them.
OPENING = {NAME: "\ue001", ID: "\ue002", PHONE: "\ue003"}
CLOSING = "\ue000"
KINDS = {sign: kind for kind, sign in OPENING.items()}

Span = tuple[int, int, str]


def mark_piece(kind: str, text: str) -> str:
    """The text between the marks of its kind."""
    return f"{OPENING[kind]}{text}{CLOSING}"


def strip_marks(marked: str) -> tuple[str, list[Span]]:
    """The text without marks, and where each marked piece begins and ends in it."""
    text: list[str] = []
    spans: list[Span] = []
    begun: tuple[int, str] | None = None
    for sign in marked:
        if sign in KINDS:
            begun = len(text), KINDS[sign]
        elif sign == CLOSING and begun:
            spans.append((begun[0], len(text), begun[1]))
            begun = None
        elif sign != CLOSING:
            text.append(sign)
    return "".join(text), spans
