"""Verb `retention`: what `[retention]` in isomo.toml asks to be removed today, and its removal."""

from __future__ import annotations

import json
from dataclasses import asdict

from hub.campus.data_retention import RetentionPlan, apply_retention, retention_plan
from hub.campus.hub_client import HubClient
from hub.ops import terminal_output, this_installation
from hub.ops.verbs.verb_words import _
from hub.store import Store
from hub.verb_options import Parser


def arguments() -> Parser:
    """Return the options of `retention`."""
    parser = Parser("retention", description=_("remove what is kept longer than it may be"))
    parser.add_argument(
        "what",
        choices=("plan", "apply"),
        help=_("plan says what would go and removes nothing; apply removes it"),
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object, for programs"))
    return parser


def command(argv: list[str]) -> int:
    """`retention plan|apply [--json]`."""
    options = arguments().parse_args(argv)
    store = Store.open(this_installation.current_settings())
    dry = options.what == "plan"
    plan = retention_plan(store) if dry else apply_retention(store, HubClient(store.settings.hub_api_url))
    if options.json:
        terminal_output.print_sentence(json.dumps({"applied": not dry, **asdict(plan)}, ensure_ascii=False))
        return 1 if plan.failed else 0
    for sentence in plan_sentences(plan):
        terminal_output.print_sentence(sentence)
    if dry and not plan.is_empty:
        terminal_output.print_sentence(_("Nothing was removed. To do it: ./isomo retention apply"))
    return 1 if plan.failed else 0


def plan_sentences(plan: RetentionPlan) -> list[str]:
    """Return a plan in words, one line for each kind."""
    if plan.is_empty:
        return [_("Nothing is kept longer than it may be.")]
    counted = (
        (len(plan.accounts), _("Closed accounts to erase: {number} ({names})")),
        (plan.attempts, _("Attempts in courses archived long ago: {number} ({courses})")),
        (plan.refusals, _("Counts of refused requests: {number}")),
        (plan.links, _("Spent sign-in links: {number}")),
        (plan.files, _("Files that nothing names any more: {number}")),
        (len(plan.failed), _("Not removed because of an error: {failed}. The next night tries again.")),
    )
    failed = ", ".join(plan.failed[:20])
    names, courses = ", ".join(plan.accounts[:20]), ", ".join(plan.courses[:20])
    facts = {"names": names, "courses": courses, "failed": failed}
    return [text.format(number=number, **facts) for number, text in counted if number]
