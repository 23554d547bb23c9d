"""What pages of a learner's work share, wherever they are made: which HTML is shown, and which tests stay hidden."""
