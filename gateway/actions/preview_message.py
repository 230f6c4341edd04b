"""Fill a template as a phone would show it: with its samples, for a named person, and as a campaign would fill it.

Trigger: `izin templates preview`.
Reads:   the person.
Writes:  nothing.
"""

from __future__ import annotations

from gateway.core.campaign import CampaignPlan, Happened, parameter_values, person_fields
from gateway.core.template import Filled, FillProblem, Template, Value, fill, silent_stand_ins, stand_ins
from gateway.storage.contacts import PersonState


def preview_message(
    template: Template,
    person: PersonState | None = None,
    plan: CampaignPlan | None = None,
    happened: Happened | None = None,
) -> Filled | list[FillProblem]:
    """With a plan exactly its values, so that what is missing shows; without one, samples and the person's fields.

    `happened` is what the person last did, as far as the plan speaks of it.
    """
    return fill(template, _values(template, _fields(person), plan, happened))


def _values(
    template: Template, fields: dict[str, str], plan: CampaignPlan | None, happened: Happened | None
) -> dict[str, Value]:
    if plan is None:
        return stand_ins(template) | fields
    campaign = {"name": plan.name}
    return silent_stand_ins(template) | parameter_values(plan.parameters, fields, template.language, campaign, happened)


def _fields(person: PersonState | None) -> dict[str, str]:
    if person is None:
        return {}
    return person_fields(
        person.name, person.attributes, language=person.language, country=person.region, source=person.source
    )
