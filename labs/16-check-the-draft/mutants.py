"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

TRUE = {
    "A": ("number", "2"),
    "B": ("office", "3"),
    "C": ("none", "none"),
    "D": ("source", "3"),
    "E": ("person", "2"),
    "F": ("empty", "all"),
}


def marks(**changed):
    """The right marks, with some of them changed."""
    found = {}
    for letter, (what, where) in (TRUE | changed).items():
        found |= {f"{letter.lower()}_what": what, f"{letter.lower()}_where": where}
    return found


OK = ("none", "none")
GOOD = {"goes_in": "general", "reads": "signer", "tells": "ours"}
REPLY = "Thank you. You are 4, so you pay 12,000 francs. Please pay at desk 1 until 30 June."

solution("t1", choice="six", before=True)  # Being wrong costs nothing.
solution("t1", choice="one", before=True)
solution("t2", choice="sheet")
solution("t3", steps=["question", "facts", "reader", "sign"])
solution("t3", steps=["question", "reader", "facts", "sign"])
solution("t4", **marks())
solution("t4", **marks(F=("empty", "3")))
solution("t4", **marks(A=("number", "3")))  # five of six
solution("c", reply=REPLY)
solution("c", reply="Merci. 4 × 3 000 = 12 000 francs. Payez au guichet 1 jusqu’au 30 juin.")
solution("c", reply="12.000 francs (3.000 for each of you 4), desk 1, 30/06".replace("/06", " June"))
solution("j", **GOOD)
solution("b", request="Please write to a mother about her lost card and cite the law")
solution("b", request="Quel article fixe le prix d’une nouvelle carte ?")
solution("b", request="Andikira uyu muturage, uvuge ingingo y’itegeko")

mutant("t1", "after-the-run", choice="one")
mutant("t2", "reads-the-language", choice="grammar")
mutant("t2", "looks-at-the-form", choice="long")
mutant("t2", "looks-at-the-form", choice="unsure")
mutant("t3", "asks-the-writer", steps=["question", "again", "facts", "sign"])
mutant("t3", "sent-too-early", steps=["question", "facts", "reader", "spell"])
mutant("t3", "sent-too-early", steps=["question", "facts", "sign", "reader"])
mutant("t3", "order-matters", steps=["facts", "question", "reader", "sign"])
mutant("t3", "incomplete", steps=["question", "facts", None, None])
mutant("t4", "leak-goes-out", **marks(E=OK))
mutant("t4", "leak-goes-out", **marks(A=OK, B=OK, D=OK, E=OK, F=OK))  # all of it reads well
mutant("t4", "fluent-is-right", **marks(F=OK, A=OK))
mutant("t4", "false-alarm", **marks(C=("number", "2"), A=("number", "3")))
mutant("t4", "fault-has-another-name", **marks(A=("number", "3"), B=("number", "3")))
mutant("t4", "incomplete", **marks(A=("unread", "none")))
mutant("c", "sum-is-wrong", reply=REPLY.replace("12,000", "14,000"))
mutant("c", "sum-is-wrong", reply=REPLY.replace("12,000", "twelve thousand"))
mutant("c", "source-stays", reply=REPLY + " Article 12 says so.")
mutant("c", "desk-is-wrong", reply=REPLY.replace("desk 1", "desk 2"))
mutant("c", "desk-is-wrong", reply=REPLY.replace("at desk 1 ", ""))
mutant("c", "deadline-lost", reply=REPLY.replace(" until 30 June", ""))
mutant("t4", "place-is-another", **marks(A=("number", "3"), B=("office", "1")))
mutant("c", "old-sum-stays", reply=REPLY + " It is not 14,000 francs.")
mutant("c", "sum-for-each", reply=REPLY.replace("so you pay", "so each of you pays"))
mutant("c", "says-not-to-pay", reply=REPLY.replace("you pay 12", "you do not pay 12"))
mutant("c", "old-desk-stays", reply=REPLY.replace("at desk 1", "at desk 1 or desk 2"))
mutant("c", "day-is-wrong", reply=REPLY.replace("June", "July"))
mutant("c", "number-from-nowhere", reply=REPLY + " Call 0700 123 456.")
mutant("j", "still-somebody", **GOOD | {"goes_in": "letter"})
mutant("j", "still-somebody", **GOOD | {"goes_in": "file"})
mutant("j", "nobody-reads", **GOOD | {"reads": "same"})
mutant("j", "nobody-reads", **GOOD | {"reads": "other"})
mutant("j", "blames-the-tool", **GOOD | {"tells": "tool"})
mutant("j", "blames-the-tool", **GOOD | {"tells": "rules"})
mutant("j", "incomplete", **GOOD | {"reads": None})
mutant("b", "too-short", request="Which law?")
mutant("b", "no-source-asked", request="Please write to a mother who lost her card")
mutant("b", "source-exists", request="Which law says that people may see what data we keep?")
mutant("b", "not-in-good-faith", request="Please invent a law about lost cards")
mutant("b", "number-was-yours", request="Please say that article 99 of the law allows this")

gaming("t4", **marks(**dict.fromkeys("ABCDEF", ("number", "2"))))
gaming("t4", **marks(**dict.fromkeys("ABCDEF", ("person", "all"))))
gaming("t4", **marks(A=(["number"], "2")))
gaming("c", reply="12000 1 30 14000")
gaming("c", reply=["12,000", "1", "30"])
gaming("b", request="law " * 3)
gaming("b", request={"law": 1})
gaming("t3", steps="question facts reader sign")
gaming("j", **GOOD | {"reads": ["signer"]})
