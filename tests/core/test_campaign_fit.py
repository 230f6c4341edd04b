"""Whether a campaign fits its template, before the first message."""

from __future__ import annotations

from gateway.core.campaign import (
    fitting_problems,
    parameter_values,
    person_fields,
    purpose_of,
)
from gateway.core.template import Filled, fill
from tests.core.campaigns_given import SPRING_FIELDS, fits, plan, wrong
from tests.core.templates import SPRING, template, text_template

SPRING_LINK = "https://shop.example/spring"


def test_a_plan_that_fits_has_nothing_to_say() -> None:
    assert fits(plan(parameters=SPRING_FIELDS, link=SPRING_LINK)) == []


def test_what_the_template_needs_or_does_not_know_is_named() -> None:
    made = plan(parameters={"season": "Bahar", "first_name": "A", "stoer": "Moda"}, link=SPRING_LINK)

    assert fits(made) == [
        "parameters.stoer: The template has no place for “stoer”. Did you mean “store”?",
        "parameters.store: There is no value for “store” (body of the template).",
    ]


def test_a_dynamic_button_needs_a_link_and_a_link_a_dynamic_button() -> None:
    assert fits(plan(parameters=SPRING_FIELDS)) == [
        "parameters.button.0: There is no value for “button.0” (button 1 of the template)."
    ]
    note = text_template("Hello there.")
    [problem] = fitting_problems(plan(link=SPRING_LINK), note)
    assert "no URL button left" in problem.sentence()


def test_nobodys_data_goes_into_a_link() -> None:
    made = plan(parameters={**SPRING_FIELDS, "button.0": "u={person.email}"})

    assert fits(made) == ["parameters.button.0: Nobody's data goes into a link or a button's payload."]


def test_constants_and_fallbacks_that_no_message_could_carry_are_found_before_the_start() -> None:
    made = plan(
        parameters={**SPRING_FIELDS, "store": {"value": "{person.store}", "fallback": "a    b"}}, link=SPRING_LINK
    )

    [sentence] = fits(made)
    assert sentence.startswith("parameters.store: Body: “store” holds a line break, a tab or four or more spaces")


def test_only_an_approved_template_is_sent() -> None:
    [sentence] = fits(plan(parameters=SPRING_FIELDS, link=SPRING_LINK), status="PAUSED")

    assert sentence == "template: spring_offer (tr) cannot be sent; its status is PAUSED."


def test_a_marketing_template_is_marketing_whatever_the_file_says() -> None:
    made = plan(parameters=SPRING_FIELDS, link=SPRING_LINK, purpose="utility")

    assert purpose_of(made, template(SPRING)) == "marketing"
    assert fits(made) == ["purpose: spring_offer (tr) is a marketing template; the purpose cannot be “utility”."]
    assert purpose_of(plan(purpose="marketing"), text_template("Hello.")) == "marketing"
    assert purpose_of(plan(), text_template("Hello.")) == "utility"


def test_sending_twice_is_for_utility_only() -> None:
    made = plan(on_unsure="at_least_once", parameters=SPRING_FIELDS, link=SPRING_LINK)

    assert fits(made) == ["on_unsure: at_least_once is for utility only."]
    assert fitting_problems(plan(on_unsure="at_least_once"), text_template("Hello.")) == []
    assert "for utility only" in wrong(on_unsure="at_least_once", purpose="marketing")


def test_a_plan_that_fits_fills_for_everybody_who_has_the_fields() -> None:
    made = plan(parameters=SPRING_FIELDS, link=SPRING_LINK)
    values = parameter_values(made.parameters, person_fields("Ayşe Örnek", {}), "tr")

    assert isinstance(fill(template(SPRING), {**values, "button.0": "k3Jd"}), Filled)
