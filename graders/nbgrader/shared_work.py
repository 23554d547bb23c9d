"""Work that nbgrader repeats for each submission, and that is the same for all of a batch: done once."""

from __future__ import annotations

import contextlib
import gc
import json
import logging
from collections.abc import Iterator
from typing import Any
from unittest import mock

import jsonschema
import nbgrader.converters.autograde
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.plugins import LateSubmissionPlugin
from nbgrader.preprocessors import AssignLatePenalties, checkcellmetadata, overwritecells
from nbgrader.utils import find_all_files

validate = jsonschema.validate
init_plugin = AssignLatePenalties.init_plugin
MOST_VALID = 10_000
MOST_SCHEMAS = 100
THRESHOLDS = (20_000, 20, 20)
"""Objects that are made, more than go, until Python looks for garbage; then in how many rounds among older ones."""


Log = logging.Logger | logging.LoggerAdapter[logging.Logger]
"""traitlets gives a converter the one or the other."""


class Validators:
    """jsonschema.validate, once for what is the same in every learner's notebook: the cells' metadata.

    nbgrader's validator, whose schemas are read from three files each time one is made, is made once too.
    """

    def __init__(self) -> None:
        self._valid: set[tuple[str, str]] = set()
        self._schemas: dict[int, tuple[Any, str]] = {}
        self._of_metadata = MetadataValidator()

    def of_metadata(self) -> MetadataValidator:
        """Return nbgrader's validator of cells' metadata: it keeps nothing of a notebook."""
        return self._of_metadata

    def validate(self, instance: Any, schema: Any, *_: Any, **__: Any) -> None:
        """Raise the error that matters most, as jsonschema does."""
        key = (self._text_of(schema), json.dumps(instance, sort_keys=True))
        if key in self._valid:
            return
        validate(instance, schema)
        if len(self._valid) < MOST_VALID:
            self._valid.add(key)

    def _text_of(self, schema: Any) -> str:
        """Return a schema's text. A schema that was seen is kept, so its number is no other's."""
        if id(schema) not in self._schemas:
            if len(self._schemas) >= MOST_SCHEMAS:
                return json.dumps(schema, sort_keys=True)
            self._schemas[id(schema)] = (schema, json.dumps(schema, sort_keys=True))
        return self._schemas[id(schema)][1]


class Plugins:
    """nbgrader's plugin for late work, which keeps nothing of a notebook; a course's own is made for each of them."""

    def __init__(self) -> None:
        self._has_one: set[int] = set()

    def init_plugin(self, step: AssignLatePenalties) -> None:
        """Give the step its plugin."""
        if step.plugin_class is LateSubmissionPlugin and id(step) in self._has_one:
            return
        init_plugin(step)
        self._has_one.add(id(step))


class Listings:
    """Lists of the teacher's files: nbgrader makes one for each submission."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...]], list[str]] = {}

    def find_all_files(self, path: str, exclude: list[str] | None = None) -> list[str]:
        """Return the files below a folder, as nbgrader finds them."""
        key = (str(path), tuple(exclude or ()))
        if key not in self._known:
            self._known[key] = list(find_all_files(path, exclude))
        return list(self._known[key])


@contextlib.contextmanager
def without_unheard(given: Log) -> Iterator[None]:
    """Within this block, no record is made that none of the log's handlers would take.

    nbgrader's log takes everything and its handlers most of it not: some fifteen records for each submission.
    """
    log = given.logger if isinstance(given, logging.LoggerAdapter) else given
    before, handlers = log.level, []
    above: logging.Logger | None = log
    while above is not None:
        handlers += above.handlers
        above = above.parent if above.propagate else None
    lowest = min((one.level for one in handlers), default=before)
    try:
        log.setLevel(max(before, lowest))
        yield
    finally:
        log.setLevel(before)


@contextlib.contextmanager
def with_rare_collections() -> Iterator[None]:
    """Within this block, Python looks for garbage less often: what a batch drops has few circles."""
    before = gc.get_threshold()
    try:
        gc.set_threshold(*THRESHOLDS)
        yield
    finally:
        gc.set_threshold(*before)


@contextlib.contextmanager
def share_work(log: Log) -> Iterator[None]:
    """Within this block, nbgrader's converter does once what is the same for all submissions."""
    validators, listings, plugins = Validators(), Listings(), Plugins()

    def init_plugin_once(step: AssignLatePenalties) -> None:
        plugins.init_plugin(step)

    with (
        without_unheard(log),
        with_rare_collections(),
        mock.patch.object(jsonschema, "validate", validators.validate),
        mock.patch.object(AssignLatePenalties, "init_plugin", init_plugin_once),
        mock.patch.object(checkcellmetadata, "MetadataValidator", validators.of_metadata),
        mock.patch.object(overwritecells, "MetadataValidator", validators.of_metadata),
        mock.patch.object(nbgrader.converters.autograde.utils, "find_all_files", listings.find_all_files),
    ):
        yield
