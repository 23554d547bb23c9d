"""Shared parts of the pages of a learner's work: which HTML is shown, and which tests stay hidden."""
