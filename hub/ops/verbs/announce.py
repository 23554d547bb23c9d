"""Verb `announce`: a sentence that everybody reads on each page of campus and hub, for some hours."""

from __future__ import annotations

from argparse import Namespace

from hub.isomo_settings import Settings
from hub.ops import terminal_output
from hub.ops.installed_store import open_installation
from hub.ops.verb_sentences import _
from hub.verb_errors import IsomoError
from hub.verb_options import UsageError, parse_options

LONGEST = 500


def command(argv: list[str]) -> int:
    """`announce TEXT [--in LANGUAGE:TEXT]… [--hours N]`, or `announce --clear`."""
    options = parse_options("announce", argv)
    if bool(options.text) == options.clear:
        raise UsageError(
            _("announce needs a text, or --clear."),
            _('For example: ./isomo announce "Isomo is upgraded today at 18:00." --hours 8'),
        )
    settings, store = open_installation()
    if options.clear:
        was = store.announcements.clear()
        terminal_output.print_sentence(
            _("The announcement is gone.") if was else _("There was no announcement.")
        )
        return 0
    if not 1 <= options.hours <= 24 * 90:
        raise UsageError(_("--hours must be from 1 to 2160."), _("For example: --hours 8"))
    store.announcements.publish(announcement_texts(settings, options), options.hours)
    store.audit.add("isomo announce", "announced", options.text)
    said = _(
        "Everybody reads it within seconds, for {hours} hours. To take it away: ./isomo announce --clear"
    )
    terminal_output.print_sentence(said.format(hours=options.hours))
    return 0


def announcement_texts(settings: Settings, options: Namespace) -> dict[str, str]:
    """Return the text in each language that it was given in; the plain one is in the first language."""
    found = {settings.languages[0]: options.text}
    for each in getattr(options, "in"):
        language, colon, text = each.partition(":")
        if not colon or language not in settings.languages:
            raise IsomoError(
                _("--in {text} does not begin with a language of this installation.").format(text=each[:40]),
                _("Write one of these, a colon and the text: {languages}").format(
                    languages=", ".join(settings.languages)
                ),
            )
        found[language] = text
    if any(not text.strip() or len(text) > LONGEST for text in found.values()):
        raise IsomoError(
            _("An announcement has 1 to {most} characters.").format(most=LONGEST),
            _("Say it in one sentence, and the rest elsewhere."),
        )
    return found
