"""Freeze a campaign: its template, parameters, audience, time and limits, and everything wrong with them at once.

Trigger: `izin campaign plan FILE`.
Reads:   the template's language versions as last synced, the sending numbers.
Writes:  one campaign in state `planned`; nothing when there is any problem.
Repeat:  the same name again is a problem, so nothing is planned twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from gateway.core.campaign import (
    CampaignPlan,
    CampaignProblem,
    CampaignState,
    events_in,
    first_start,
    fitting_problems,
    purpose_of,
)
from gateway.core.template import Template, TemplateStatus, from_meta
from gateway.core.wording import Wording, did_you_mean
from gateway.storage import campaigns, person_events, templates
from gateway.storage.campaigns import Campaign, NameTaken

PRIORITY_MIDDLE = 5


def outbox_priority(plan: CampaignPlan) -> int:
    """A plan's higher priority goes first; the outbox counts the other way round, and keeps 0 for answers."""
    return max(1, min(9, PRIORITY_MIDDLE - plan.priority))


ENDED_STATUSES = frozenset(
    {
        TemplateStatus.PENDING,
        TemplateStatus.REJECTED,
        TemplateStatus.DISABLED,
        TemplateStatus.ARCHIVED,
        TemplateStatus.PENDING_DELETION,
        TemplateStatus.DELETED,
    }
)
"""States from which a version comes back only through somebody's work, if ever; a pause ends by itself."""


def versions_of(connection: Connection, name: str) -> dict[str, Template]:
    """The versions in which messages are composed, by language: whose own has ended gets the next in the chain.

    All of them when none is left, so that what is waiting is told of the template's state and not of its language.
    """
    every = every_version(connection, name)
    return {language: t for language, t in every.items() if t.status not in ENDED_STATUSES} or every


def every_version(connection: Connection, name: str) -> dict[str, Template]:
    """The language versions of a template that can be read, by language."""
    found = {}
    for language, stored in templates.languages_of(connection, name).items():
        template = from_meta({**stored.definition, "status": stored.status, "category": stored.category})
        if isinstance(template, Template):
            found[language] = template
    return found


def plan_campaign(connection: Connection, plan: CampaignPlan, now: datetime) -> Campaign | Sequence[CampaignProblem]:
    versions = every_version(connection, plan.template)
    sendable = {language: t for language, t in versions.items() if t.is_sendable}
    problems = [problem for t in sendable.values() for problem in fitting_problems(plan, t)]
    if not sendable:
        problems.append(_no_template(plan, versions))
    problems += _unheard_of(connection, plan)
    number_id = number_for(connection, plan)
    if number_id is None:
        problems.append(_no_number(plan))
    if problems:
        return list(dict.fromkeys(problems))
    start = first_start(plan, plan.start or now)
    if start is None:
        return [_never(plan)]
    try:
        return campaigns.add(
            connection,
            name=plan.name,
            state=CampaignState.PLANNED.value,
            plan=dict(plan.written),
            purpose=purpose_of(plan, next(iter(sendable.values()))),
            template_name=plan.template,
            number_id=number_id,
            priority=outbox_priority(plan),
            start_at=start,
            expires_at=plan.expiry(start),
            planned_at=now,
            cursor=0,
        )
    except NameTaken:
        return [_taken(plan)]


def _unheard_of(connection: Connection, plan: CampaignPlan) -> list[CampaignProblem]:
    """Events that nobody ever reported, where no fallback stands in: everybody would be refused."""
    needed = events_in(plan.parameters, needed=True)
    known = person_events.names(connection) if needed else []
    problems = []
    for name in needed:
        if name not in known:
            hint = did_you_mean(name, known)
            problems.append(CampaignProblem("parameters", Wording(
                f"“{name}” diye bir olay hiç bildirilmedi; adı düzeltin ya da bir yedek (fallback) verin.{hint.tr}",
                f"No event “{name}” was ever reported; correct the name, or give a fallback.{hint.en}",
            )))  # fmt: skip
    return problems


def number_for(connection: Connection, plan: CampaignPlan) -> str | None:
    """The id of the number that the campaign leaves from: the one it names, else the first."""
    known = templates.numbers(connection)
    wanted = [n.id for n in known if plan.number in (None, n.id, n.display)]
    return wanted[0] if wanted else None


def _no_template(plan: CampaignPlan, versions: dict[str, Template]) -> CampaignProblem:
    if versions:
        states = ", ".join(f"{language}: {t.status}" for language, t in versions.items())
        return CampaignProblem(
            "template",
            Wording(f"“{plan.template}” gönderilemez ({states}).", f"“{plan.template}” cannot be sent ({states})."),
        )
    return CampaignProblem(
        "template",
        Wording(
            f"“{plan.template}” diye bir şablon yok; `izin templates sync` ile Meta'dan alın.",
            f"There is no template “{plan.template}”; fetch templates from Meta with `izin templates sync`.",
        ),
    )


def _no_number(plan: CampaignPlan) -> CampaignProblem:
    return CampaignProblem(
        "number",
        Wording(
            "Gönderen numara bilinmiyor; IZIN_PHONE_NUMBER_IDS ayarını yapıp `izin templates sync` çalıştırın.",
            "The sending number is not known; set IZIN_PHONE_NUMBER_IDS and run `izin templates sync`.",
        ),
    )


def _never(plan: CampaignPlan) -> CampaignProblem:
    return CampaignProblem(
        "repeats", Wording("Başlangıçtan sonra böyle bir gün yok.", "There is no such day after the start.")
    )


def _taken(plan: CampaignPlan) -> CampaignProblem:
    return CampaignProblem(
        "name",
        Wording(
            f"“{plan.name}” adlı bir kampanya var; başka bir ad verin.",
            f"There is a campaign called “{plan.name}” already; choose another name.",
        ),
    )
