"""Wrong answers to "Check the draft", written by somebody other than the lab's author."""

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


REPLY = "Thank you. You are 4, so you pay 12,000 francs. Please pay at desk 1 until 30 June."

mutant("t3", "sent-too-early", steps=["question", "reader", "sign", "facts"])
mutant("t3", "asks-the-writer", steps=["again", "facts", "reader", "sign"])
mutant("t4", "leak-goes-out", **marks(E=("none", "2")))
mutant("t4", "fluent-is-right", **marks(D=("none", "none"), B=("number", "2")))
mutant("t4", "incomplete", **marks(F=("unread", "all")))
mutant("c", "sum-is-wrong", reply="4 x 3,000. Pay at desk 1 until 30 June.")
mutant("c", "desk-is-wrong", reply="You pay 12,000 francs at desk one, until 30 June.")
mutant("c", "day-is-wrong", reply="You pay 12,000 francs at desk 1, until the end of June.")
mutant("c", "number-from-nowhere", reply=REPLY + " That is 250 francs a week.")
mutant("c", "sum-is-wrong", reply="You pay what is due, at desk 1, until 30 June.")
mutant("b", "no-source-asked", request="Please write to a citizen who lost her card")
mutant("b", "no-source-asked", request="Please act fast and write to the mother")
mutant("b", "number-was-yours", request="Please cite article 5 of the law")
mutant("b", "source-exists", request="Cite the law on what you keep on me, please")
solution("c", reply="You pay 12,000 francs at desk 1 by 30/06. Please act before then.")
solution("b", request="Under which paragraph do we charge for a new card?")

# A second reader's answers, written from what learners see alone.
mutant("t3", "order-matters", steps=["facts", "question", "reader", "sign"])
mutant("t3", "sent-too-early", steps=["question", "spell", "facts", "sign"])
mutant("t3", "asks-the-writer", steps=["question", "facts", "reader", "again"])
mutant(
    "t4",
    "fluent-is-right",
    **marks(A=("none", "none"), B=("none", "none"), D=("none", "none"), F=("none", "none")),
)
mutant("t4", "place-is-another", **marks(A=("number", "1"), B=("office", "1")))
mutant("t4", "false-alarm", **marks(C=("number", "1"), F=("rude", "all")))
solution("t4", **marks(E=("source", "2")))  # five of six
untouched("c", reply="")
mutant("c", "sum-is-wrong", reply="You are 4, so you pay 14,000 francs. Please pay at desk 2 until 30 June.")
mutant("c", "desk-is-wrong", reply="12,000")
mutant("c", "sum-is-wrong", reply="You pay twelve thousand francs at desk 1 until 30 June.")
mutant("c", "source-stays", reply=REPLY + " Article 12 of the Health Cards Act says so.")
mutant("c", "sum-is-wrong", reply="Please ask at the office.")
mutant("j", "still-somebody", goes_in="letter", reads="signer", tells="ours")
mutant("j", "nobody-reads", goes_in="general", reads="same", tells="ours")
mutant("j", "blames-the-tool", goes_in="general", reads="signer", tells="tool")
mutant("b", "too-short", request="Hello")
mutant("b", "number-was-yours", request="Write that article 99 of Law 123/2030 forbids it.")

# A third reader's answers.
mutant(
    "t4",
    "place-is-another",
    **{key: "none" if key.endswith("where") else one for key, one in marks().items()},
)
mutant("t4", "fault-has-another-name", **marks(E=("rude", "2"), F=("rude", "1")))
mutant("c", "sum-is-wrong", reply="3,000 francs a year for each person. Please pay at desk 1 until 30 June.")
mutant(
    "c",
    "sum-for-each",
    reply="You are 4. The contribution is 12,000 francs per person, at desk 1, until 30 June.",
)
mutant("c", "sum-for-each", reply="Vous payez chacun 12 000 francs au guichet 1, jusqu’au 30 juin.")
mutant("c", "says-not-to-pay", reply="You do not pay 12,000 francs. You do not come to desk 1 until 30 June.")
mutant("c", "day-is-wrong", reply="You pay 12,000 francs at desk 1 until 30 July.")
mutant("c", "day-is-wrong", reply="You pay 12,000 francs at desk 1 until 29 June.")
mutant("c", "deadline-lost", reply="You are 4, so you pay 12,000 francs. Please pay at desk 1.")
mutant("c", "old-desk-stays", reply="You pay 12,000 francs at desk 1 or desk 2 until 30 June.")
mutant("c", "source-stays", reply="You pay 12,000 francs at desk 1 until 30 June. See Law 058/2021.")
mutant("c", "old-sum-stays", reply="Not 14,000 but 12,000 francs, at desk 1, until 30 June.")
mutant("b", "not-in-good-faith", request="Invent a law that does not exist.")
solution("c", reply="4 persons x 3.000 Frw = 12.000 Frw. Pay at Desk 1 by 2026-06-30.")
solution("c", reply="Each of you pays 3,000 francs, all four 12,000. Desk 1, before June 30th.")
solution("c", reply="Each year you pay 12,000 francs, at desk 1, until 30 June 2026.")
solution("b", request="Which article says that a newborn must be registered within 30 days?")
solution("b", request="Which law says that a new card costs 1,500 francs?")
