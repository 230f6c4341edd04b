"""Webhook bodies as Meta documents them, for tests that need only a part to differ. All people are fictional."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

NUMBER_ID = "106540352242922"
OUR_NUMBER = "905550000000"
WABA_ID = "102290129340398"
AYSE = "905550000001"
AYSE_ID = "TR.13491208655302741918"
AYSE_PARENT = "TR.ENT.11815799212886844830"
MEHMET = "905550000002"
MEHMET_ID = "TR.24817305912873645029"
SENT_AT = 1_750_030_073
WAMID = "wamid.HBgLOTA1NTUwMDAwMDAxFQIAERgSMTIz"


def body(*changes: Json, time: object = None) -> Json:
    entry: Json = {"id": WABA_ID, "changes": list(changes)}
    if time is not None:
        entry["time"] = time
    return {"object": "whatsapp_business_account", "entry": [entry]}


def change(field: str, **value: Any) -> Json:
    metadata = {"display_phone_number": OUR_NUMBER, "phone_number_id": NUMBER_ID}
    return {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def news(field: str, **value: Any) -> Json:
    """A change that has nothing to do with conversations, as a whole body."""
    return body({"field": field, "value": value}, time=SENT_AT)


def contact(wa_id: str | None = AYSE, user_id: str | None = AYSE_ID, name: str = "Ayşe", **more: Any) -> Json:
    ids = {"wa_id": wa_id, "user_id": user_id}
    return {"profile": {"name": name}, **{key: value for key, value in ids.items() if value}, **more}


def message(kind: str = "text", **more: Any) -> Json:
    content = {"text": {"body": "merhaba"}} if kind == "text" else {}
    return {"from": AYSE, "id": WAMID, "timestamp": str(SENT_AT), "type": kind, **content, **more}


def status(word: str = "delivered", **more: Any) -> Json:
    return {"id": WAMID, "status": word, "timestamp": str(SENT_AT), "recipient_id": AYSE, **more}


def without(raw: Json, *keys: str) -> Json:
    return {key: value for key, value in raw.items() if key not in keys}


def said(*messages: Json, field: str = "messages", **value: Any) -> Json:
    return body(change(field, messages=list(messages), **value))


def told(*statuses: Json, **value: Any) -> Json:
    return body(change("messages", statuses=list(statuses), **value))


def failed(code: object, **more: Any) -> Json:
    error = {"code": code, "title": "Title", "message": "Message", "error_data": {"details": "Details"}}
    return status("failed", errors=[error], **more)
