"""`explain` tells what every rule looked at and what it said by itself."""

from __future__ import annotations

from hypothesis import given

from consent.facts import Facts, Policy
from consent.policy import Allow, Finding, Refuse, Verdict, Wait, decide, explain
from consent.reasons import Reason, RuleName
from consent.rules import DELAYS, REFUSALS
from tests.consent.facts_given import HOUSE, ISTANBUL, NOON, TURKEY, a_message, a_reply, ago, at
from tests.consent.test_policy_properties import POLICIES, messages


def finding(findings: tuple[Finding, ...], rule: RuleName, verdict: Verdict) -> Finding:
    return next(found for found in findings if found.rule is rule and found.verdict is verdict)


def test_every_rule_passes_a_message_that_may_leave() -> None:
    assert {found.verdict for found in explain(a_message(), HOUSE)} == {Verdict.PASSES}


def test_each_rule_names_the_moment_from_which_it_alone_would_pass() -> None:
    night = at("2026-11-24 20:00")
    findings = explain(a_message(now=night, recent=(at("2026-11-24 08:00"),)), HOUSE)
    cap = finding(findings, RuleName.FREQUENCY, Verdict.WAITS)
    hours = finding(findings, RuleName.QUIET_HOURS, Verdict.WAITS)
    assert cap.until is not None
    assert f"{cap.until:%d %H:%M}" == "25 08:00"
    assert hours.until == at("2026-11-25 06:00")
    assert hours.looked_at == (("zones", ISTANBUL), ("regions", TURKEY))


def test_several_refusals_are_all_told() -> None:
    findings = explain(a_message(standing="revoked", suppressed=True, expires_at=ago(days=1)), HOUSE)
    refused = [found.reason for found in findings if found.verdict is Verdict.REFUSES]
    assert refused == [
        Reason.SUPPRESSED,
        Reason.CONSENT_REVOKED,
        Reason.NO_AUTHORISING_EVENT,  # the newest entry of somebody who withdrew proves no consent
        Reason.EXPIRED,
    ]


def test_nothing_known_is_explained_without_failing() -> None:
    findings = explain(Facts(now=NOON, purpose="marketing"), HOUSE)
    assert finding(findings, RuleName.STANDING, Verdict.REFUSES).reason is Reason.FACTS_MISSING
    assert finding(findings, RuleName.QUIET_HOURS, Verdict.REFUSES).reason is Reason.ZONE_UNKNOWN


def test_an_acknowledgement_is_asked_few_questions() -> None:
    asked = {found.rule for found in explain(a_reply(), HOUSE)}
    assert asked == {RuleName.PURPOSE, RuleName.ADDRESS, RuleName.BLOCK, RuleName.WINDOW, RuleName.HOLDS}


def test_every_fact_that_a_rule_looks_at_exists() -> None:
    looked_at = {name for rule in (*REFUSALS, *DELAYS) for name in rule.looks_at}
    assert looked_at <= set(Facts.__slots__)


@given(messages(), POLICIES)
def test_the_explanation_and_the_decision_agree(facts: Facts, policy: Policy) -> None:
    findings = explain(facts, policy)
    told = [found for found in findings if found.verdict is not Verdict.PASSES]
    match decide(facts, policy):
        case Allow():
            assert told == []
        case Wait(_, reason):
            assert told[0].reason is reason
        case Refuse(reason, because=None):
            assert next(found.reason for found in told if found.verdict is Verdict.REFUSES) is reason
        case Refuse(_, because):
            assert because is not None
            assert {found.verdict for found in told} == {Verdict.WAITS}
