"""Settings that engine and sandbox share: the sandbox's environment and the paths of folders in it."""

from __future__ import annotations


def path_inside(path: str) -> str:
    """Return the path at which the sandbox shows a folder of ours.

    /tmp is a notebook's own in there, also where our folder lies below it.
    """
    return f"/isomo{path}" if path == "/tmp" or path.startswith("/tmp/") else path


QUIET = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "HOME": "/tmp/home",
    "IPYTHONDIR": "/tmp/home/.ipython",
    "MPLCONFIGDIR": "/tmp/home/.matplotlib",
    "JUPYTER_PLATFORM_DIRS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "NBGRADER_EXECUTION": "autograde",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    "LANG": "C.UTF-8",
    "TERM": "xterm-color",
    "CLICOLOR": "1",
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
}
