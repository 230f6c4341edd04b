"""Exports of other tools, known by their columns. What they call an opt-in is one for e-mail or SMS, not for WhatsApp:
it is kept as the person's attribute and grants nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.core.columns import header_key


@dataclass(frozen=True, slots=True)
class Export:
    """`signs` are headers that only this tool writes together; `means` maps headers to fields, as a mapping file does.

    Headers in neither are recognised like any other's.
    """

    name: str
    signs: tuple[str, ...]
    means: Mapping[str, str]


EXPORTS: tuple[Export, ...] = (
    Export(
        "Mailchimp",
        ("MEMBER_RATING", "LEID", "EUID"),
        {"OPTIN_TIME": "attribute:email_optin_time", "CONFIRM_TIME": "attribute:email_confirm_time",
         "LEID": "ignored", "EUID": "ignored", "CC": "attribute:country_code", "REGION": "attribute:region",
         "TIMEZONE": "zone", "NOTES": "attribute:notes", "SMS Phone Number": "address", "Phone Number": "address"},
    ),
    Export(
        "Klaviyo",
        ("Klaviyo ID", "Email Marketing Consent"),
        {"Klaviyo ID": "attribute:klaviyo_id", "Phone Number": "address",
         "SMS Marketing Consent": "attribute:sms_consent",
         "SMS Marketing Consent Timestamp": "attribute:sms_consent_at", "Source": "attribute:klaviyo_source",
         "Email Marketing Consent Timestamp": "attribute:email_consent_at", "Lists": "tags"},
    ),
    Export(
        "Brevo",
        ("EMAIL", "DOUBLE_OPT-IN"),
        {"WHATSAPP": "address", "SMS": "address", "OPT_IN": "attribute:email_opt_in", "LASTNAME": "last_name",
         "FIRSTNAME": "first_name", "NOM": "last_name", "PRENOM": "first_name", "PRÉNOM": "first_name",
         "NACHNAME": "last_name", "VORNAME": "first_name", "LISTS": "tags"},
    ),
    Export(
        "ActiveCampaign",
        ("Subscribe Date", "Contact ID", "Phone"),
        {"Phone": "address", "Contact ID": "attribute:activecampaign_id", "Tags": "tags",
         "Subscribe Date": "attribute:email_subscribed_at", "Source": "attribute:activecampaign_source"},
    ),
    Export(
        "HubSpot",
        ("Record ID", "Lifecycle Stage"),
        {"WhatsApp Phone Number": "address", "Mobile Phone Number": "address", "Phone Number": "address",
         "Record ID": "attribute:hubspot_id", "Preferred language": "language", "Time Zone": "zone",
         "Contact owner": "attribute:contact_owner", "Original Source": "attribute:hubspot_source"},
    ),
    Export(
        "Shopify",
        ("Accepts Email Marketing", "Total Spent", "Default Address Phone"),
        {"Phone": "address", "Default Address Phone": "address", "Customer ID": "attribute:shopify_id", "Tags": "tags",
         "Accepts SMS Marketing": "attribute:sms_consent", "Default Address City": "attribute:city",
         "Default Address Company": "attribute:company", "Note": "attribute:note"},
    ),
)  # fmt: skip


def export_of(headers: Sequence[str]) -> Export | None:
    """The tool whose export has these headers."""
    present = {header_key(header) for header in headers}
    return next((one for one in EXPORTS if all(header_key(sign) in present for sign in one.signs)), None)


def meanings(headers: Sequence[str]) -> dict[str, str]:
    """The mapping of a known export, for the headers that are there; empty for any other file."""
    export = export_of(headers)
    if export is None:
        return {}
    present = {header_key(header) for header in headers}
    return {header: field for header, field in export.means.items() if header_key(header) in present}
