"""A pytest plugin under which nbgrader's own tests use our engine: one warm engine for all of them."""

from __future__ import annotations

import os
import pwd
from typing import Any

from graders.engine.fork_engine import ForkEngine
from graders.nbgrader import drop_in
from graders.nbgrader.fork_autograde import ForkAutograde


class _Kept(ForkEngine):
    """An engine that the converter may close, and the next one finds warm."""

    def close(self) -> None:
        """Not yet."""


def pytest_configure(config: Any) -> None:
    """As the one line in nbgrader_config.py would."""
    os.environ.setdefault("USER", pwd.getpwuid(os.getuid()).pw_name)
    if os.environ.get("ISOMO_COMPAT") == "stock":
        return
    drop_in.install()
    kept = _Kept()
    ForkAutograde._engine_default = lambda _self: kept  # type: ignore[attr-defined]
    config._isomo_engine = kept


def pytest_unconfigure(config: Any) -> None:
    """Let the engine go."""
    if hasattr(config, "_isomo_engine"):
        ForkEngine.close(config._isomo_engine)
