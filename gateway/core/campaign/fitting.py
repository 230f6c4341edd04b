"""A plan against its template: whatever would make every message of the campaign fail, found before it starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.core.campaign.parameters import Parameter
from gateway.core.campaign.plan import CampaignPlan, OnUnsure
from gateway.core.campaign.problems import CampaignProblem
from gateway.core.template import FillProblem, HoleKind, Placeholder, Template, accept, placeholders
from gateway.core.wording import Wording, did_you_mean

_NOT_FROM_PEOPLE = frozenset({HoleKind.URL_SUFFIX, HoleKind.PAYLOAD, HoleKind.FLOW})


def purpose_of(plan: CampaignPlan, template: Template) -> str:
    """What consent the campaign needs: a marketing template is marketing, whatever the file says."""
    return "marketing" if template.purpose == "marketing" else plan.purpose or template.purpose


def fitting_problems(plan: CampaignPlan, template: Template) -> list[CampaignProblem]:
    """Everything in the plan that does not fit the template. Empty when each person's message can be filled."""
    holes = {hole.key: hole for hole in placeholders(template)}
    given = {key: known for key, one in plan.parameters if (known := one.in_language(template.language))}
    return [
        *_about_template(plan, template),
        *_strangers(given, holes),
        *_missing(plan, given, holes),
        *_about_link(plan, given, holes),
        *(problem for key, hole in holes.items() if key in given for problem in _misfits(hole, given[key])),
    ]


def _problem(field: str, tr: str, en: str) -> CampaignProblem:
    return CampaignProblem(field, Wording(tr, en))


def _about_template(plan: CampaignPlan, template: Template) -> Iterator[CampaignProblem]:
    name = f"{template.name} ({template.language})"
    if not template.is_sendable:
        yield _problem("template", f"{name} gönderilemez; durumu {template.status}.",
                       f"{name} cannot be sent; its status is {template.status}.")  # fmt: skip
    if plan.purpose and plan.purpose != "marketing" and template.purpose == "marketing":
        yield _problem("purpose", f"{name} bir pazarlama şablonu; amaç “{plan.purpose}” olamaz.",
                       f"{name} is a marketing template; the purpose cannot be “{plan.purpose}”.")  # fmt: skip
    if plan.on_unsure is OnUnsure.AT_LEAST_ONCE and purpose_of(plan, template) != "utility":
        yield _problem("on_unsure", "at_least_once yalnızca utility içindir.", "at_least_once is for utility only.")


def _strangers(given: Mapping[str, Parameter], holes: Mapping[str, Placeholder]) -> Iterator[CampaignProblem]:
    for key in given:
        if key not in holes:
            hint = did_you_mean(key, holes)
            yield _problem(f"parameters.{key}", f"Şablonda “{key}” diye bir boşluk yok.{hint.tr}",
                           f"The template has no place for “{key}”.{hint.en}")  # fmt: skip


def _missing(
    plan: CampaignPlan, given: Mapping[str, Parameter], holes: Mapping[str, Placeholder]
) -> Iterator[CampaignProblem]:
    for key, hole in holes.items():
        by_link = plan.link is not None and hole.kind is HoleKind.URL_SUFFIX
        if hole.required and key not in given and not by_link:
            yield _problem(f"parameters.{key}", f"Şablonun “{key}” boşluğu ({hole.place.tr}) için değer yok.",
                           f"There is no value for “{key}” ({hole.place.en} of the template).")  # fmt: skip


def _about_link(
    plan: CampaignPlan, given: Mapping[str, Parameter], holes: Mapping[str, Placeholder]
) -> Iterator[CampaignProblem]:
    ends = [key for key, hole in holes.items() if hole.kind is HoleKind.URL_SUFFIX]
    if plan.link and not [key for key in ends if key not in given]:
        yield _problem("link", "Şablonda bu bağlantıyı taşıyacak boş bir URL düğmesi yok.",
                       "The template has no URL button left to carry this link.")  # fmt: skip


def _misfits(hole: Placeholder, parameter: Parameter) -> Iterator[CampaignProblem]:
    field = f"parameters.{hole.key}"
    if parameter.is_personal and hole.kind in _NOT_FROM_PEOPLE:
        yield _problem(field, "Bağlantıya ya da düğme yüküne kişisel veri konmaz.",
                       "Nobody's data goes into a link or a button's payload.")  # fmt: skip
    for value in (parameter.constant, parameter.fallback):
        accepted = None if value is None else accept(hole, value)
        if isinstance(accepted, FillProblem):
            yield CampaignProblem(field, Wording(accepted.sentence("tr"), accepted.sentence("en")))
