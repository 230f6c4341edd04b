"""Take in what Meta says of templates, numbers and the account: it may hold sending, or let it go on.

Trigger: draining the inbox.
Reads:   the holds in force.
Writes:  template status, quality and category with their history; holds and their lifting.
Repeat:  harmless: the last word of Meta's stands.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.actions.account_news import apply_account_news
from gateway.actions.template_news import SENDABLE_EVENTS, category_changed, status_changed
from gateway.core.failure import Scope
from gateway.storage import templates
from gateway.whatsapp.payload import Item, TemplateCategory, TemplateQuality, TemplateStatus

QUALITY_HOLD = "template_quality_red"
"""Our own caution: Meta pauses a template whose readers block it, and the number's quality suffers with it."""


def apply_news(connection: Connection, item: Item, now: datetime) -> None:
    match item:
        case TemplateStatus(name=str(name)):
            _template_status(connection, item, name, now)
        case TemplateQuality(name=str(name), quality=str(quality)):
            templates.set_template(connection, name, item.language, now, quality=quality)
            _quality_changed(connection, name, quality, now)
        case TemplateCategory(name=str(name), category=str(category)):
            templates.set_template(connection, name, item.language, now, category=category)
            category_changed(connection, name, category, now)
        case _:
            apply_account_news(connection, item, now)


def _template_status(connection: Connection, item: TemplateStatus, name: str, now: datetime) -> None:
    templates.set_template(connection, name, item.language, now, status=_status_of(item.event))
    status_changed(connection, name, item.event, now)


def _status_of(event: str) -> str:
    return "APPROVED" if event in SENDABLE_EVENTS else event


def _quality_changed(connection: Connection, name: str, quality: str, now: datetime) -> None:
    """A red template waits until its quality is better or somebody lifts the hold; other holds are left alone."""
    held = {hold.target: hold.reason for hold in templates.holds(connection, now) if hold.scope is Scope.TEMPLATE}
    if quality == "RED" and name not in held:
        templates.hold(connection, Scope.TEMPLATE, name, QUALITY_HOLD, now)
    elif quality != "RED" and held.get(name) == QUALITY_HOLD:
        templates.lift(connection, Scope.TEMPLATE, name)
