"""Wrong ideas, each of which must draw its own hint, and attempts to pass without the idea."""

solution("t1", choice="agent", before=True)
solution("t2", choice="absent")
solution("t4", part=0.547)

mutant("t1", "after-the-run", choice="agent")
mutant("t2", "open-are-in", choice="waiting")
mutant("t4", "per-cent", part=54.7)
mutant("t4", "too-far", part=0.12)  # another channel
mutant("t4", "not-a-number", part="half")

gaming("t4", part=True)
gaming("t4", part=[0.547])
