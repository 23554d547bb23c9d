"""What the codes of the audit log are called."""

from __future__ import annotations

from hub.words import N_

ACTIONS = {
    "marked": N_("gave a mark"),
    "released": N_("released a lab"),
    "opened": N_("opened a lab"),
    "closed": N_("closed a lab"),
    "submitted": N_("handed in"),
    "submitted-again": N_("handed in the same work again"),
    "returned": N_("returned feedback"),
    "returns-at-once": N_("let feedback return by itself"),
    "returns-by-hand": N_("let feedback wait for a trainer"),
    "asked-to-grade": N_("had work graded again"),
    "fetched": N_("fetched a lab"),
    "collected": N_("collected handed-in work"),
    "invited": N_("made an account"),
    "changed-person": N_("changed a person"),
    "made-link": N_("made a sign-in link"),
    "made-slips": N_("made sign-in slips"),
    "disabled": N_("closed an account"),
    "enabled": N_("opened an account again"),
    "servers-not-stopped": N_("closed an account while its servers did not stop"),
    "enrolled": N_("enrolled somebody"),
    "put-in-class": N_("changed somebody's class"),
    "took-out": N_("took somebody out of a course"),
    "moved": N_("moved somebody to another course"),
    "made-institution": N_("made an institution"),
    "changed-institution": N_("changed an institution"),
    "made-course": N_("made a course"),
    "changed-course": N_("changed a course"),
    "made-class": N_("made a class"),
    "changed-class": N_("changed a class"),
    "archived": N_("archived something"),
    "brought-back": N_("brought something back"),
    "imported-roster": N_("imported a roster"),
    "exported-roster": N_("exported a roster"),
    "exported-audit": N_("exported this log"),
    "refused": N_("was refused"),
}
