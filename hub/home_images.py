"""Homes and projects' folders as images: a file with an ext4 file system of a home's size, mounted at the home's path.

For file systems without project quotas. The file has holes: it takes up what is in the home. An image that is there
is always mounted, whatever the setting says today, because the home's work is in it.
"""

from __future__ import annotations

import logging
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub.isomo_settings import Settings

FOLDER = "home-images"
OPTIONS = "loop,nosuid,nodev,noatime,discard"
"""`discard` gives the room of deleted files back to the disk."""
REPAIRED = 3
"""Up to this code e2fsck left a file system in order."""

log = logging.getLogger("homes")


class ImageError(OSError):
    """A home's image could not be made or mounted; the text is what the program said."""


def image_of(settings: Settings, home: Path) -> Path:
    """Return where the image of a home or of a project's folder is, or would be."""
    return _image_in(settings.state, home)


def _image_in(state: Path, home: Path) -> Path:
    place = home.relative_to(state)
    inner = place.relative_to("homes") if place.parts[0] == "homes" else place
    return state / FOLDER / inner.with_name(f"{inner.name}.img")


def folder_of(settings: Settings, image: Path) -> Path:
    """Return where an image belongs: the home, or the project's folder."""
    inner = image.relative_to(settings.state / FOLDER).with_name(image.stem)
    return settings.state / ("homes" if len(inner.parts) == 1 else "") / inner


def all_images(settings: Settings) -> list[Path]:
    """Return all images, those of homes first."""
    images = settings.state / FOLDER
    return [*sorted(images.glob("*.img")), *sorted(images.glob("projects/*/*.img"))]


def is_away(state: Path, folder: Path) -> bool:
    """Return whether a folder has an image that is not mounted: what is written there now would be hidden by it."""
    return _image_in(state, folder).exists() and not is_mounted(folder)


def is_mounted(home: Path) -> bool:
    """Return whether something is mounted at a home's path."""
    return os.path.ismount(home)


def _run(*words: str | Path, most: int = 0, handle: int | None = None) -> None:
    """Run a program; with `handle`, it has that open folder too."""
    kept = () if handle is None else (handle,)
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", check=False, pass_fds=kept
        )
    except OSError as error:
        raise ImageError(f"{words[0]}: {error.strerror}") from error
    if done.returncode > most:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise ImageError(f"{words[0]}: {said[-1] if said else done.returncode}")


@contextmanager
def _opened(settings: Settings, home: Path) -> Iterator[int]:
    """Open a folder, and make sure that no link led elsewhere: the hub, which may be hostile, owns the names."""
    handle = os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        wanted = settings.state.resolve() / home.relative_to(settings.state)
        if Path(f"/proc/self/fd/{handle}").readlink() != wanted:
            raise ImageError(f"{home} leads elsewhere")
        yield handle
    finally:
        os.close(handle)


def mount_home(
    settings: Settings,
    home: Path,
    limit: int,
    owner: int | None,
    is_used: Callable[[int], bool] | None = None,
) -> None:
    """Mount a home's image, made or grown to `limit` bytes if need be; what was in the folder moves into it.

    Needs root. Without `owner` it keeps the folder's owner, group and mode. `is_used` is asked once more before the
    old files go: a server that came meanwhile has the folder below the image.

    Raises:
        OSError: it could not be done. If the image is there, nothing may use the home without it.
    """
    image = image_of(settings, home)
    if is_mounted(home):
        if not image.exists() or image.stat().st_size >= limit:
            return  # It never shrinks.
        _run("umount", home)  # To grow: a mounted one would want a right more.
    with _opened(settings, home) as folder:
        if not image.exists():
            _make(image, folder, limit, owner)
            _mount(image, folder, limit)
            if is_used is not None and is_used(folder):
                _run("umount", home)
                image.unlink()
                raise ImageError("a server uses it")
            _clear(folder)
        else:
            _mount(image, folder, limit)


def _make(image: Path, folder: int, limit: int, owner: int | None) -> None:
    """Make the image under another name first: one with the right name has all that was in the folder."""
    found = os.fstat(folder)
    user, group, mode = found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)
    if owner is not None:
        user, group, mode = owner, owner, 0o700
    image.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft, aside = image.with_suffix(".draft"), image.with_suffix(".aside")
    if is_mounted(aside):
        _run("umount", aside)
    draft.unlink(missing_ok=True)
    try:
        with draft.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            os.ftruncate(file.fileno(), limit)
        # The least journal, nothing kept for root, and no table written before it is needed.
        choices = f"root_owner={user}:{group},lazy_itable_init=1,lazy_journal_init=1"
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-J", "size=4", "-E", choices, draft)
        aside.mkdir(mode=0o700, exist_ok=True)
        _run("mount", "-o", OPTIONS, draft, aside)
        try:
            (aside / "lost+found").rmdir()
            before = _fingerprint(folder)
            if before:
                _run("cp", "-a", "--sparse=always", f"/proc/self/fd/{folder}/.", aside, handle=folder)
            if _fingerprint(folder) != before:
                raise ImageError("it changed while it was copied")
            os.chown(aside, user, group)
            aside.chmod(mode)
        finally:
            _run("umount", aside)
            aside.rmdir()
        draft.replace(image)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _fingerprint(folder: int) -> frozenset[tuple[str, int, int]]:
    """Return each name below a folder with its file's number and time of change."""
    found = set()
    for path, folders, files, inside in os.fwalk(".", dir_fd=folder):
        for name in (*folders, *files):
            each = os.stat(name, dir_fd=inside, follow_symlinks=False)
            found.add((f"{path}/{name}", each.st_ino, each.st_ctime_ns))
    return frozenset(found)


def _clear(folder: int) -> None:
    """Remove what the image has a copy of: below the mount nobody would see it, and it would take up room."""
    with os.scandir(folder) as found:
        entries = [(each.name, each.is_dir(follow_symlinks=False)) for each in found]
    for name, is_folder in entries:
        if is_folder:
            shutil.rmtree(name, dir_fd=folder)
        else:
            os.unlink(name, dir_fd=folder)


def _mount(image: Path, folder: int, limit: int) -> None:
    _run("e2fsck", "-p", image, most=REPAIRED)
    if image.stat().st_size < limit:
        os.truncate(image, limit)
        _run("e2fsck", "-f", "-p", image, most=REPAIRED)
        _run("resize2fs", image)
    # The open folder, not its name, which the program would follow anywhere.
    _run("mount", "--no-canonicalize", "-o", OPTIONS, image, f"/proc/self/fd/{folder}", handle=folder)


def mount_all(settings: Settings, tell: Callable[[str], None] = log.error) -> list[str]:
    """Mount every image, as after a restart of the machine; return the names of those that could not be, told each."""
    lost = []
    for image in all_images(settings):
        home = folder_of(settings, image)
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not is_mounted(home):
                with _opened(settings, home) as folder:
                    _mount(image, folder, 0)
        except OSError as error:
            lost.append(str(image.relative_to(settings.state / FOLDER).with_suffix("")))
            tell(f"home-not-mounted name={lost[-1]} reason={error}")
    return lost


def remove_image(settings: Settings, home: Path) -> None:
    """Unmount a home's image and remove it with all that is in it; without an image nothing happens."""
    image = image_of(settings, home)
    if not image.exists():
        return
    if is_mounted(home):
        try:
            _run("umount", home)
        except ImageError:  # Somebody looks into it still: it goes as soon as they have left.
            _run("umount", "--lazy", home)
    image.unlink()
    with suppress(OSError):  # Of a project: the other folder may have an image still.
        if image.parent != settings.state / FOLDER:
            image.parent.rmdir()
