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
mutant("c", "deadline-lost", reply="You pay 12,000 francs at desk 1, until the end of June.")
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
mutant("t4", "fault-has-another-name", **marks(A=("number", "1"), B=("office", "1")))
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
