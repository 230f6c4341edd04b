"""What click says of a command that was called wrongly, in Turkish where the house speaks it.

click has English sentences alone, and writes them before anybody may choose. So they are known again by their shape;
one that a later version of click puts otherwise stays English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from click.exceptions import NoArgsIsHelpError

from gateway.settings import SettingsProblem, read_settings

TURKISH = {
    "Missing argument {what}. Choose from:{choices}": "{what} eksik. Şunlardan biri olmalı:{choices}",
    "Missing argument {what}.": "{what} eksik.",
    "Missing option {what}. Choose from:{choices}": "{what} seçeneği eksik. Şunlardan biri olmalı:{choices}",
    "Missing option {what}.": "{what} seçeneği eksik.",
    "Missing command.": "Komut eksik.",
    "{message} Did you mean {near}?": "{message} {near} mi demek istediniz?",
    "{message} (Did you mean one of: {near}?)": "{message} Şunlardan birini mi demek istediniz: {near}?",
    "No such option {what}.": "{what} diye bir seçenek yok.",
    "No such command {what}.": "{what} diye bir komut yok.",
    "Got unexpected extra argument ({what})": "Fazladan bir değer verildi: {what}. Boşluk içeren değeri tırnağa alın.",
    "Got unexpected extra arguments ({what})": "Fazladan değerler verildi: {what}. Boşluk içeren değeri tırnağa alın.",
    "Option {what} requires an argument.": "{what} seçeneğinden sonra bir değer gelmeli.",
    "Option {what} does not take a value.": "{what} seçeneği değer almaz.",
    "Invalid value for {where}: {message}": "{where} için geçersiz değer: {message}",
    "Invalid value: {message}": "Geçersiz değer: {message}",
    "write how long from now, such as 2h.": "şu andan itibaren ne kadar süreceğini yazın, 2h gibi.",
    "{value} is not one of {choices}.": "{value} şunlardan biri değil: {choices}.",
    "{value} is not a valid integer.": "{value} bir tam sayı değil.",
    "{value} is not a valid integer range.": "{value} bir tam sayı değil.",
    "{value} is not a valid float.": "{value} bir sayı değil.",
    "{value} is not in the range {range}.": "{value} şu aralıkta değil: {range}.",
    "{value} does not match the format {format}.": "{value} şu biçimde değil: {format}.",
    "{kind} {name} does not exist.": "{name} diye bir dosya ya da klasör yok.",
    "{kind} {name} is a directory.": "{name} bir klasör; bir dosya verin.",
    "{kind} {name} is a file.": "{name} bir dosya; bir klasör verin.",
    "{kind} {name} is not readable.": "{name} okunamıyor; iznini kontrol edin.",
    "{kind} {name} is not writable.": "{name} yazılamıyor; iznini kontrol edin.",
}
WORDS = {
    "Usage:": "Kullanım:",
    "[OPTIONS]": "[SEÇENEKLER]",
    "[COMMAND]": "[KOMUT]",
    "COMMAND": "KOMUT",
    "[ARGS]": "[DEĞERLER]",
}
SHAPES = [
    (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english)), re.DOTALL), turkish)
    for english, turkish in TURKISH.items()
]


class CalledWrongly(click.UsageError):
    """A usage error that speaks Turkish."""

    def __init__(self, problem: click.UsageError) -> None:
        super().__init__(in_turkish(problem.format_message()), problem.ctx)

    def show(self, file: IO[Any] | None = None) -> None:
        if self.ctx is not None:
            usage = self.ctx.get_usage()
            for english, turkish in WORDS.items():
                usage = usage.replace(english, turkish, 1)
            click.echo(f"{usage}\nYardım için: {self.ctx.command_path} --help\n", file=file, err=True)
        click.echo(f"Hata: {self.format_message()}", file=file, err=True)


def in_turkish(sentence: str) -> str:
    """A sentence of click's; as it is when it has no shape that we know."""
    for shape, turkish in SHAPES:
        if found := shape.fullmatch(sentence):
            parts = found.groupdict()
            if "message" in parts:
                parts["message"] = in_turkish(parts["message"])
            return turkish.format(**parts)
    return sentence


@contextmanager
def usage_spoken() -> Iterator[None]:
    """Lets click's usage errors through in the house's language."""
    try:
        yield
    except (NoArgsIsHelpError, CalledWrongly):
        raise
    except click.UsageError as problem:
        if not _speaks_turkish():
            raise
        raise CalledWrongly(problem) from None


def _speaks_turkish() -> bool:
    try:
        return read_settings().language == "tr"
    except SettingsProblem:  # whoever cannot be asked is told in English, as of the settings
        return False
