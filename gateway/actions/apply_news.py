"""Take in what Meta says of templates, numbers and the account: it may hold sending, or let it go on.

Trigger: draining the inbox.
Reads:   nothing but the item.
Writes:  template status, quality and category with their history; a number's pace; holds and their lifting.
Repeat:  harmless: the last word of Meta's stands.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.actions.template_news import SENDABLE_EVENTS, category_changed, status_changed
from gateway.core.failure import Scope
from gateway.storage import templates
from gateway.storage.templates import EVERYTHING
from gateway.whatsapp.payload import (
    AccountUpdate,
    Item,
    NumberQuality,
    TemplateCategory,
    TemplateQuality,
    TemplateStatus,
)

UPGRADED_THROUGHPUT = 1000
"""Messages a second after Meta's automatic upgrade (whatsapp-cloud-api.md 2.1)."""

UNREADABLE_RESTRICTION = timedelta(days=1)


def apply_news(connection: Connection, item: Item, now: datetime) -> None:
    match item:
        case TemplateStatus(name=str(name)):
            _template_status(connection, item, name, now)
        case TemplateQuality(name=str(name), quality=str(quality)):
            templates.set_template(connection, name, item.language, now, quality=quality)
        case TemplateCategory(name=str(name), category=str(category)):
            templates.set_template(connection, name, item.language, now, category=category)
            category_changed(connection, name, category, now)
        case NumberQuality(display_number=str(display)) if item.is_throughput_upgrade:
            templates.set_throughput(connection, display, UPGRADED_THROUGHPUT, now)
        case AccountUpdate():
            _account(connection, item, now)


def _template_status(connection: Connection, item: TemplateStatus, name: str, now: datetime) -> None:
    templates.set_template(connection, name, item.language, now, status=_status_of(item.event))
    status_changed(connection, name, item.event, now)


def _status_of(event: str) -> str:
    return "APPROVED" if event in SENDABLE_EVENTS else event


def _account(connection: Connection, item: AccountUpdate, now: datetime) -> None:
    if item.ban_state == "REINSTATE":
        templates.lift(connection, Scope.ACCOUNT, EVERYTHING)
    elif item.ban_state == "DISABLE" or item.event in ("ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED"):
        templates.hold(connection, Scope.ACCOUNT, EVERYTHING, "account_disabled", now)
    for restriction in item.restrictions:
        until = restriction.expires_at or now + UNREADABLE_RESTRICTION
        is_utility = "UTILITY" in restriction.kind
        scope = Scope.UTILITY if is_utility else Scope.ACCOUNT
        templates.hold(connection, scope, EVERYTHING, restriction.kind.lower(), now, until)
