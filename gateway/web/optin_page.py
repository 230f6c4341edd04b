"""`/optin/<code>`: the words of a consent, and two buttons. Looking changes nothing; only a pressed button does."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from gateway.actions.answer_link import LinkAnswer, Question, Visit, answer_link, question
from gateway.core.wording import Wording
from gateway.web.visit import house, say

optin_page = Blueprint("optin_page", __name__)

YES, NO = Wording("Onaylıyorum", "I agree"), Wording("Hayır", "No")
LATE = Wording("Bu bağlantının süresi doldu; kayıt yapılmadı.", "This link has run out; nothing was recorded.")
SENTENCES = {
    LinkAnswer.CONFIRMED: Wording(
        "Onayınızı kaydettik. Vazgeçerseniz bu sayfada Hayır'a basın ya da WhatsApp'ta DUR yazın.",
        "Your consent is recorded. If you change your mind, press No on this page or write STOP on WhatsApp.",
    ),
    LinkAnswer.DECLINED: Wording(
        "Kaydettik, size kampanya mesajı göndermeyeceğiz.", "Noted, we will not send you offers."
    ),
    LinkAnswer.ALREADY: Wording("Bu bağlantıyla yanıt verilmişti.", "This link has been answered already."),
    LinkAnswer.TOO_LATE: LATE,
}


@optin_page.get("/optin/<code>")
def ask(code: str) -> ResponseReturnValue:
    """The text in full and how to withdraw; 404 for a link that was never given out."""
    with house().database.read() as connection:
        found = question(connection, code, house().clock.now())
    if found is None:
        abort(404)
    return _page(found, say(LATE) if found.late else "")


def _page(found: Question, sentence: str) -> str:
    return render_template("optin.html", text=found.text, sentence=sentence, open=found.open, yes=say(YES), no=say(NO))


@optin_page.post("/optin/<code>")
def answer(code: str) -> ResponseReturnValue:
    """400 for a form that is not ours, 404 for a link that was never given out."""
    pressed = request.form.get("answer")
    if pressed not in ("yes", "no"):
        abort(400)
    visit = Visit(request.remote_addr or "", request.headers.get("User-Agent", ""))
    now = house().clock.now()
    said = house().database.run(
        lambda connection: answer_link(connection, code, pressed == "yes", visit, house().settings, now)
    )
    with house().database.read() as connection:
        found = question(connection, code, now)
    if said is None or found is None:
        abort(404)
    return _page(found, say(SENTENCES[said]))
