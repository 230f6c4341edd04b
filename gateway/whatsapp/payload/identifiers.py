"""What Meta calls one person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


def personal() -> Any:
    """A field that is None unless told otherwise and never shows in logs."""
    return field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Identifiers:
    """What Meta calls one person. `wa_id` is digits without plus; `user_id` the BSUID; any may be missing.

    `username` is for display only: people change it freely (whatsapp-cloud-api.md, 4.1).
    """

    wa_id: str | None = personal()
    user_id: str | None = personal()
    parent_user_id: str | None = personal()
    username: str | None = personal()

    @property
    def known(self) -> tuple[str, ...]:
        """The identifiers that name exactly one person, strongest first; the username is not one of them."""
        return tuple(each for each in (self.wa_id, self.user_id, self.parent_user_id) if each)

    @property
    def is_link(self) -> bool:
        """Whether this says that two identifiers are one person."""
        return len(self.known) > 1


NOBODY = Identifiers()
