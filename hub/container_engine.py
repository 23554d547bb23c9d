"""The container engine's own library, for all of Isomo: no other module imports it.

Another engine that speaks the same API is a change of this module.
"""

from __future__ import annotations

from docker import DockerClient, from_env
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import IPAMConfig, IPAMPool, LogConfig
from docker.utils.socket import STDOUT, frames_iter

__all__ = [
    "STDOUT",
    "APIError",
    "DockerClient",
    "DockerException",
    "IPAMConfig",
    "IPAMPool",
    "ImageNotFound",
    "LogConfig",
    "NotFound",
    "frames_iter",
    "from_env",
]
