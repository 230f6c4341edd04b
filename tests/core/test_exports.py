"""Exports of other tools: people and their numbers are found, and nobody else's opt-in becomes ours."""

from __future__ import annotations

import csv
import io

import pytest

from gateway.core.columns import FIELDS, columns_of
from gateway.core.exports import EXPORTS, export_of, meanings
from gateway.core.sheet import open_sheet
from tests.core.test_sheet import HOW

FILES: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "Mailchimp": (
        {"Email Address": "a@example.com", "First Name": "Ayşe", "Last Name": "Kaya", "Phone Number": "0555 000 10 01",
         "MEMBER_RATING": "4", "OPTIN_TIME": "2024-05-01 10:00:00", "OPTIN_IP": "192.0.2.1", "LEID": "1", "EUID": "2",
         "TAGS": '"VIP","Çay"'},
        {"email_optin_time": "2024-05-01 10:00:00", "member_rating": "4"},
    ),
    "Klaviyo": (
        {"Email": "a@example.com", "Klaviyo ID": "01H", "First Name": "Ayşe", "Last Name": "Kaya",
         "Phone Number": "+905550001001", "Email Marketing Consent": "SUBSCRIBED", "SMS Marketing Consent": "NEVER",
         "Source": "-8", "Lists": "VIP, Çay"},
        {"klaviyo_id": "01H", "sms_consent": "NEVER", "klaviyo_source": "-8"},
    ),
    "Brevo": (
        {"CONTACT ID": "7", "EMAIL": "a@example.com", "PRENOM": "Ayşe", "NOM": "Kaya", "SMS": "905550001001",
         "WHATSAPP": "905550001001", "DOUBLE_OPT-IN": "1", "OPT_IN": "1", "LISTS": "VIP;Çay"},
        {"email_opt_in": "1"},
    ),
    "ActiveCampaign": (
        {"Email": "a@example.com", "First Name": "Ayşe", "Last Name": "Kaya", "Phone": "0555 000 10 01",
         "Contact ID": "7", "Subscribe Date": "2024-05-01", "Tags": "VIP, Çay"},
        {"activecampaign_id": "7", "email_subscribed_at": "2024-05-01"},
    ),
    "HubSpot": (
        {"Record ID": "7", "First Name": "Ayşe", "Last Name": "Kaya", "Phone Number": "", "Email": "a@example.com",
         "Mobile Phone Number": "0555 000 10 01", "WhatsApp Phone Number": "905550001001", "Lifecycle Stage": "Lead",
         "Tags": "VIP, Çay"},
        {"hubspot_id": "7", "lifecycle_stage": "Lead"},
    ),
    "Shopify": (
        {"Customer ID": "'7", "First Name": "Ayşe", "Last Name": "Kaya", "Email": "a@example.com",
         "Accepts Email Marketing": "yes", "Accepts SMS Marketing": "no", "Phone": "", "Default Address City": "İzmir",
         "Default Address Phone": "'+905550001001", "Total Spent": "12.50", "Tags": "VIP, Çay"},
        {"city": "İzmir", "sms_consent": "no"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_an_export_is_known_by_its_columns(name: str) -> None:
    cells, attributes = FILES[name]
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(cells), list(cells.values())])
    found = export_of(list(cells))
    assert found is not None
    assert found.name == name
    (person,) = open_sheet(text.getvalue().encode(), HOW).rows
    assert not person.problems, [problem.sentence() for problem in person.problems]
    assert [str(address) for address in person.addresses] == ["+905550001001"]
    assert (person.name, person.attributes["email"]) == ("Ayşe Kaya", "a@example.com")
    assert attributes.items() <= person.attributes.items()
    assert not person.is_proven
    assert person.consent_at is None


@pytest.mark.parametrize("export", EXPORTS, ids=lambda one: one.name)
def test_what_an_export_says_means_fields_that_exist(export: object) -> None:
    from gateway.core.exports import Export

    assert isinstance(export, Export)
    assert all(field in FIELDS or field.startswith("attribute:") for field in export.means.values())


def test_a_file_of_nobodys_is_read_as_before() -> None:
    assert export_of(["Telefon", "Ad", "Onay Tarihi"]) is None
    assert meanings(["Telefon", "OPTIN_TIME"]) == {}


def test_a_mapping_of_ones_own_goes_before() -> None:
    headers = [*FILES["Mailchimp"][0]]
    columns = columns_of(headers, {**meanings(headers), "OPTIN_TIME": "ignored"})
    assert headers.index("OPTIN_TIME") in columns.ignored
