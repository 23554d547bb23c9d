"""The deployment: settings, people and roles, spawning, the campus, and the administrator's verbs."""
