"""Manual pages, written from what ``--help`` is written from. Source: man(7)."""

import inspect
from collections.abc import Iterable, Iterator

import click

Rows = Iterable[tuple[str, str]]


def page(command: click.Command, name: str, section: int, release: str, more: Iterable[str] = ()) -> str:
    """Return the page of a command, with all of its own commands; ``more`` are sections of :func:`section`."""
    ctx = click.Context(command, info_name=name, **command.context_settings)
    lines = [
        f'.TH {name.upper()} {section} "" "{_escaped(release)}" "esxdriver"',
        ".SH NAME",
        f"{_escaped(name)} \\- {_escaped(command.get_short_help_str(200))}",
        ".SH SYNOPSIS",
        f".B {_escaped(name)}",
        _escaped(" ".join(command.collect_usage_pieces(ctx))),
        ".SH DESCRIPTION",
        *_text(command.help),
        ".SH OPTIONS",
        *_options(command, ctx),
    ]
    if isinstance(command, click.Group):
        lines += [".SH COMMANDS", *_commands(command, ctx)]
    return "\n".join([*lines, *more]) + "\n"


def section(title: str, text: str = "", rows: Rows = ()) -> Iterator[str]:
    """Yield the lines of a section: some text, then terms and what they mean."""
    yield f".SH {_escaped(title.upper())}"
    yield from _text(text)
    yield from _terms(rows)


def _commands(group: click.Group, ctx: click.Context) -> Iterator[str]:
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=ctx)
        yield f'.SS "{_escaped(" ".join([name, *command.collect_usage_pieces(inner)]))}"'
        yield from _text(command.help)
        yield from _options(command, inner)
        if isinstance(command, click.Group):
            yield from _commands(command, inner)


def _options(command: click.Command, ctx: click.Context) -> Iterator[str]:
    records = (each.get_help_record(ctx) for each in command.get_params(ctx) if isinstance(each, click.Option))
    yield from _terms(record for record in records if record)


def _terms(rows: Rows) -> Iterator[str]:
    for term, meaning in rows:
        yield from (".TP", f".B {_escaped(term)}", _escaped(meaning))


def _text(text: str | None) -> Iterator[str]:
    """Yield the paragraphs of a help text; a mark of click's keeps the lines of one as they are."""
    for number, paragraph in enumerate(inspect.cleandoc(text or "").split("\n\n")):
        if number:
            yield ".PP"
        kept = paragraph.startswith("\b\n")
        lines = [_escaped(line) for line in paragraph.removeprefix("\b\n").split("\n")]
        yield from [".nf", *lines, ".fi"] if kept else lines


def _escaped(text: str) -> str:
    """Return text in which roff finds no request and no escape of its own, and hyphens that can be copied."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
