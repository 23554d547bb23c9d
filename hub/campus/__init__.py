"""The web service next to the hub: exchange API, and pages for learner, trainer and coordinator."""
