"""A kernel manager that starts no kernel: where everybody's work is at hand, nothing of it is ever run."""

from __future__ import annotations

from typing import Any, NoReturn

from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from tornado.web import HTTPError

from labs.kit.kit_sentences import N_, kit_sentence, own_language

NOTHING_RUNS = N_("Nothing runs here. Open the notebook in your own server instead.")


class NoKernels(AsyncMappingKernelManager):
    """Refuses."""

    async def start_kernel(self, **_: Any) -> NoReturn:
        """Raise HTTPError 403 with the reason."""
        raise HTTPError(403, kit_sentence(NOTHING_RUNS, own_language()))
