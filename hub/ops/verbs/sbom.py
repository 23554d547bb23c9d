"""Verb `sbom`: the packages of an image as a CycloneDX document."""

from __future__ import annotations

from pathlib import Path

from hub.ops import docker_daemon, local_images, package_list, terminal_output, this_installation
from hub.ops.verb_sentences import _, plural_sentence
from hub.verb_errors import IsomoError
from hub.verb_options import parse_options


def command(argv: list[str]) -> int:
    """`sbom lab|grader [FILE]`."""
    options = parse_options("sbom", argv)
    settings = this_installation.current_settings()
    name = local_images.image_names(settings)[options.image]
    client = docker_daemon.connect_engine()
    if not local_images.image_exists(client, name):
        raise IsomoError(
            _("The image {name} is not there.").format(name=name), _("Run ./isomo up, then try again.")
        )
    repository, _sign, tag = name.rpartition(":")
    found = package_list.installed_packages(client, name)
    text = package_list.cyclonedx_document(repository, tag, found)
    if not options.file:
        terminal_output.print_sentence(text)
        return 0
    write_document(Path(options.file), text + "\n")
    count = len(found["packages"]) + len(found["python"])
    text = plural_sentence("{file}: {count} package of {name}.", "{file}: {count} packages of {name}.", count)
    terminal_output.print_sentence(text.format(file=options.file, count=count, name=name))
    return 0


def write_document(file: Path, text: str) -> None:
    """Write the document. Raises IsomoError if the file cannot be written."""
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise IsomoError(
            _("{file} could not be written: {reason}.").format(file=file, reason=error.strerror or error),
            _("Name a file in a folder that you may write to."),
        ) from error
