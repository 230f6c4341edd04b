"""The person whom a command is about, or a sentence saying that nobody is known."""

from __future__ import annotations

from sqlalchemy import Connection

from consent.vault import Subject
from gateway.actions.explain_person import find_person
from gateway.cli.speech import Trouble
from gateway.core.wording import Wording
from gateway.settings import Settings

NOBODY = Wording("Bu numara ya da referansla kayıtlı kimse yok.", "Nobody is known here by that number or reference.")


def somebody(connection: Connection, settings: Settings, who: str) -> Subject:
    """By phone number in any spelling, business-scoped id, or the ledger's reference. Raises Trouble."""
    subject = find_person(connection, who, settings.region)
    if subject is None:
        raise Trouble(NOBODY.say(settings.language), code="unknown_person")
    return subject
