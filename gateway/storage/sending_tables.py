"""Tables of the sending itself: who sends for a number at which pace, and what Meta has refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from consent.tables import moment_column


class SenderRow(SQLModel, table=True):
    """The worker that sends for a number, as it last reported: every few seconds while it lives.

    `rate` is the pace aimed at in messages a second, `flying` the POSTs without an answer yet. `accepted` counts what
    Meta took over all owners; what a worker had not reported when it was killed is missing from it.
    """

    __tablename__ = "sender"
    number_id: str = Field(primary_key=True)
    owner: str
    since: datetime = moment_column()
    seen_at: datetime = moment_column()
    rate: float
    flying: int = 0
    accepted: int = Field(default=0, sa_type=BigInteger)


class FailureCountRow(SQLModel, table=True):
    """How often Meta refused a number's messages with a code, in its answer or in a status, and when last."""

    __tablename__ = "failure_count"
    number_id: str = Field(primary_key=True)
    code: int = Field(sa_type=BigInteger, primary_key=True)
    name: str
    count: int = Field(default=0, sa_type=BigInteger)
    last_at: datetime = moment_column()
