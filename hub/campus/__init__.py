"""The web service beside the hub: exchange API, and pages for learner, trainer and coordinator."""
