"""Each refusal by itself: one fact spoilt, one reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from consent.facts import FOREVER, AddressState, CampaignState, Hold, Policy
from consent.policy import Allow, Basis, Refuse, decide
from consent.reasons import Reason
from tests.consent.facts_given import ANY_TIME, HOUSE, NOON, a_message, a_reply, ago

HOUR = timedelta(hours=1)


def test_a_message_with_nothing_in_the_way_leaves_with_its_permission() -> None:
    assert decide(a_message(), HOUSE) == Allow(Basis.CONSENT, event_seq=7, event_hash="ab" * 32)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"purpose": "advertisement"}, Reason.PURPOSE_UNKNOWN),
        ({"purpose": "custom:"}, Reason.PURPOSE_UNKNOWN),
        ({"campaign": CampaignState.CANCELLED}, Reason.CAMPAIGN_CANCELLED),
        ({"campaign": "archived"}, Reason.CAMPAIGN_CANCELLED),
        ({"suppressed": True}, Reason.SUPPRESSED),
        ({"standing": "none"}, Reason.NO_CONSENT),
        ({"standing": "pending"}, Reason.CONSENT_PENDING),
        ({"standing": "declined"}, Reason.CONSENT_DECLINED),
        ({"standing": "lapsed"}, Reason.CONSENT_LAPSED),
        ({"standing": "paused"}, Reason.CONSENT_PAUSED),
        ({"standing": "revoked"}, Reason.CONSENT_REVOKED),
        ({"standing": "expired"}, Reason.CONSENT_EXPIRED),
        ({"standing": "erased"}, Reason.ERASED),
        ({"standing": "delighted"}, Reason.STANDING_UNKNOWN),
        ({"standing_deadline": NOON}, Reason.CONSENT_EXPIRED),
        ({"standing_deadline": ago(days=1)}, Reason.CONSENT_EXPIRED),
        ({"event_seq": None}, Reason.NO_AUTHORISING_EVENT),
        ({"event_hash": None}, Reason.NO_AUTHORISING_EVENT),
        ({"event_hash": ""}, Reason.NO_AUTHORISING_EVENT),
        ({"iys": "ret"}, Reason.REGISTRY_REFUSED),
        ({"iys": "stale"}, Reason.REGISTRY_UNPROVEN),
        ({"address": AddressState.NONE}, Reason.NO_ADDRESS),
        ({"address": AddressState.INVALID}, Reason.ADDRESS_INVALID),
        ({"address": AddressState.SUSPECT}, Reason.NOT_ON_WHATSAPP),
        ({"address": "suspect"}, Reason.NOT_ON_WHATSAPP),
        ({"address": "somewhere"}, Reason.NO_ADDRESS),
        ({"blocked_until": FOREVER}, Reason.BLOCKED_BY_US),
        ({"zones": frozenset()}, Reason.ZONE_UNKNOWN),
        ({"zones": frozenset({"Etc/Unknown"})}, Reason.ZONE_UNKNOWN),
        ({"regions": frozenset()}, Reason.REGION_UNKNOWN),
        ({"regions": frozenset({"ZZ"})}, Reason.REGION_UNKNOWN),
        ({"free_form": True}, Reason.WINDOW_CLOSED),
        ({"free_form": True, "last_inbound_at": ago(hours=24)}, Reason.WINDOW_CLOSED),
        ({"template_hold": Hold(Reason.TEMPLATE_DISABLED)}, Reason.TEMPLATE_DISABLED),
        ({"number_hold": Hold(Reason.COUNTRY_NOT_SERVED)}, Reason.COUNTRY_NOT_SERVED),
        ({"expires_at": NOON}, Reason.EXPIRED),
        ({"expires_at": ago(hours=1)}, Reason.EXPIRED),
        ({"expires_at": None}, Reason.FACTS_MISSING),
        (
            {"zones": frozenset({"Pacific/Pago_Pago", "Europe/London", "Pacific/Kiritimati"})}
            | {"regions": frozenset({"ID"})},
            Reason.NO_COMMON_HOUR,
        ),
    ],
)
def test_one_spoilt_fact_refuses_with_its_own_reason(spoilt: dict[str, Any], reason: Reason) -> None:
    decision = decide(a_message(**spoilt), HOUSE)
    assert isinstance(decision, Refuse)
    assert decision.reason is reason


@pytest.mark.parametrize(
    ("spoilt", "detail"),
    [
        ({"parameter_problem": Reason.PARAMETER_MISSING, "parameter_name": "first_name"}, "first_name"),
        ({"parameter_problem": Reason.PARAMETER_TOO_LONG, "parameter_name": "body 2"}, "body 2"),
        ({"parameter_problem": Reason.PARAMETER_INVALID, "parameter_name": "button"}, "button"),
        ({"parameter_problem": Reason.TEMPLATE_LANGUAGE_MISSING, "parameter_name": "de"}, "de"),
        ({"purpose": "advertisement"}, "advertisement"),
        ({"expires_at": None}, "expires_at"),
        ({"suppressed": None}, "suppressed"),
        ({"suppressed": True}, ""),
    ],
)
def test_a_refusal_names_the_fact_in_question(spoilt: dict[str, Any], detail: str) -> None:
    decision = decide(a_message(**spoilt), HOUSE)
    assert isinstance(decision, Refuse)
    assert decision.detail == detail


@pytest.mark.parametrize(
    "welcome",
    [
        {"iys": "onay"},
        {"standing_deadline": NOON + HOUR},
        {"free_form": True, "last_inbound_at": ago(hours=23)},
        {"blocked_until": ago(hours=1)},
        {"cool_until": NOON},
        {"purpose": "custom:birthday"},
    ],
)
def test_these_facts_stand_in_nobodys_way(welcome: dict[str, Any]) -> None:
    assert isinstance(decide(a_message(**welcome), HOUSE), Allow)


@pytest.mark.parametrize(
    ("regions", "refused"),
    [({"US"}, True), ({"US-FL", "US-GA"}, True), ({"CA"}, False), ({"US", "CA"}, False), ({"TR"}, False)],
)
def test_a_country_that_meta_does_not_serve_is_refused_only_when_it_is_certain(
    regions: set[str], refused: bool
) -> None:
    policy = Policy(unserved_countries=frozenset({"US"}))
    decision = decide(a_message(regions=frozenset(regions)), policy)
    assert (decision == Refuse(Reason.COUNTRY_NOT_SERVED)) is refused
    assert isinstance(decide(a_message(purpose="utility", regions=frozenset(regions)), policy), Allow)


def test_the_person_comes_before_the_campaign_when_both_say_no() -> None:
    spoilt = {"standing": "revoked", "suppressed": True, "address": AddressState.NONE, "expires_at": ago(days=1)}
    order = []
    for fact, repaired in (("suppressed", False), ("standing", "granted"), ("address", AddressState.REACHABLE)):
        decision = decide(a_message(**spoilt), HOUSE)
        assert isinstance(decision, Refuse)
        order.append(decision.reason)
        spoilt[fact] = repaired
    assert order == [Reason.SUPPRESSED, Reason.CONSENT_REVOKED, Reason.NO_ADDRESS]
    assert decide(a_message(**spoilt), HOUSE) == Refuse(Reason.EXPIRED)


@pytest.mark.parametrize("purpose", ["utility", "authentication", "service"])
@pytest.mark.parametrize("standing", ["none", "pending", "lapsed", "expired"])
def test_other_purposes_need_no_grant(purpose: str, standing: str) -> None:
    assert decide(a_message(purpose=purpose, standing=standing), HOUSE) == Allow(Basis(purpose))


@pytest.mark.parametrize("purpose", ["utility", "authentication", "service"])
@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"suppressed": True}, Reason.SUPPRESSED),
        ({"standing": "revoked"}, Reason.CONSENT_REVOKED),
        ({"standing": "declined"}, Reason.CONSENT_DECLINED),
        ({"standing": "paused"}, Reason.CONSENT_PAUSED),
        ({"standing": "erased"}, Reason.ERASED),
        ({"standing": "delighted"}, Reason.STANDING_UNKNOWN),
        ({"address": AddressState.SUSPECT}, Reason.NOT_ON_WHATSAPP),
        ({"free_form": True}, Reason.WINDOW_CLOSED),
        ({"expires_at": NOON}, Reason.EXPIRED),
    ],
)
def test_other_purposes_still_obey_a_no(purpose: str, spoilt: dict[str, Any], reason: Reason) -> None:
    assert decide(a_message(purpose=purpose, **spoilt), HOUSE) == Refuse(reason)


def test_a_message_outside_any_campaign_needs_no_end() -> None:
    code = a_message(purpose="authentication", campaign=CampaignState.NONE, expires_at=None)
    assert decide(code, HOUSE) == Allow(Basis.CONSENT, 7, "ab" * 32)


@pytest.mark.parametrize(
    ("policy", "facts", "reason"),
    [
        (Policy(utility_needs_grant=True), {"standing": "none"}, Reason.NO_CONSENT),
        (Policy(utility_needs_grant=True), {"event_seq": None}, Reason.NO_AUTHORISING_EVENT),
        (Policy(utility_only_in_window=True), {}, Reason.WINDOW_CLOSED),
        (Policy(utility_obeys_quiet_hours=True), {"zones": frozenset()}, Reason.ZONE_UNKNOWN),
    ],
)
def test_utility_can_be_held_to_more(policy: Policy, facts: dict[str, Any], reason: Reason) -> None:
    assert decide(a_message(purpose="utility", **facts), policy) == Refuse(reason)
    assert isinstance(decide(a_message(purpose="utility", **facts), HOUSE), Allow)


def test_an_acknowledgement_goes_to_somebody_who_has_just_withdrawn_everything() -> None:
    stopped = a_reply(standing="revoked", suppressed=True)
    assert decide(stopped, HOUSE) == Allow(Basis.ACKNOWLEDGEMENT, in_window=True)


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        ({"last_inbound_at": None}, Reason.WINDOW_CLOSED),
        ({"last_inbound_at": ago(hours=25)}, Reason.WINDOW_CLOSED),
        ({"address": AddressState.NONE}, Reason.NO_ADDRESS),
        ({"blocked_until": FOREVER}, Reason.BLOCKED_BY_US),
    ],
)
def test_an_acknowledgement_needs_the_window_that_the_person_opened(spoilt: dict[str, Any], reason: Reason) -> None:
    assert decide(a_reply(**spoilt), HOUSE) == Refuse(reason)


def test_a_reply_goes_at_any_hour_but_not_to_somebody_who_is_suppressed() -> None:
    question = {"is_acknowledgement": False, "is_reply": True, "standing": "none", "suppressed": False}
    assert decide(a_reply(**question), HOUSE) == Allow(Basis.REPLY, in_window=True)
    assert decide(a_reply(**question | {"suppressed": True}), HOUSE) == Refuse(Reason.SUPPRESSED)
    assert decide(a_reply(**question | {"standing": "revoked"}), HOUSE) == Refuse(Reason.CONSENT_REVOKED)


@pytest.mark.parametrize("purpose", ["marketing", "custom:birthday", ""])
@pytest.mark.parametrize("claim", ["is_reply", "is_acknowledgement"])
def test_no_claim_makes_marketing_a_reply(purpose: str, claim: str) -> None:
    claimed = a_message(purpose=purpose, standing="revoked", last_inbound_at=NOON, **{claim: True})
    assert isinstance(decide(claimed, ANY_TIME), Refuse)


def test_what_meta_will_charge_is_told_with_the_permission() -> None:
    inside = decide(a_message(last_inbound_at=ago(hours=1), free_entry_until=NOON + HOUR), HOUSE)
    outside = decide(a_message(last_inbound_at=ago(hours=25), free_entry_until=NOON), HOUSE)
    assert isinstance(inside, Allow)
    assert isinstance(outside, Allow)
    assert (inside.in_window, inside.free_entry) == (True, True)
    assert (outside.in_window, outside.free_entry) == (False, False)
