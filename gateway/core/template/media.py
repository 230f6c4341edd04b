"""What Meta takes as a header's media, looked at before anything is uploaded.

Types and sizes: Meta's media page, "Supported media types" (copy of 2025-12-11); a GIF header's 3.5 MB: components page
(reference/whatsapp-cloud-api.md section 1.2); uploads are forgotten after 30 days: media page, "Get media ID".
Template headers take fewer kinds of document than messages do: PDF is the only one of which Meta's pages speak.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.core.template.definition import HeaderFormat
from gateway.core.wording import Wording

MEGABYTE = 1 << 20
UPLOAD_LIFE = timedelta(days=30)
REFRESH_BEFORE = timedelta(days=2)
"""An upload that would end sooner than this before it is needed last is made anew."""


@dataclass(frozen=True, slots=True)
class MediaRule:
    """One kind of file: its name at Meta, how its bytes begin (after `skips` bytes), and how many there may be."""

    mime: str
    begins: bytes
    bytes_max: int
    skips: int = 0


_JPEG = MediaRule("image/jpeg", b"\xff\xd8\xff", 5 * MEGABYTE)
_PNG = MediaRule("image/png", b"\x89PNG\r\n\x1a\n", 5 * MEGABYTE)
_3GP = MediaRule("video/3gpp", b"ftyp3g", 16 * MEGABYTE, skips=4)
_MP4 = MediaRule("video/mp4", b"ftyp", 16 * MEGABYTE, skips=4)
_PDF = MediaRule("application/pdf", b"%PDF-", 100 * MEGABYTE)

RULES: dict[HeaderFormat, tuple[MediaRule, ...]] = {
    HeaderFormat.IMAGE: (_JPEG, _PNG),
    HeaderFormat.VIDEO: (_3GP, _MP4),
    HeaderFormat.GIF: (MediaRule("video/mp4", b"ftyp", 7 * MEGABYTE // 2, skips=4),),
    HeaderFormat.DOCUMENT: (_PDF,),
}
"""The first rule whose beginning fits names the type; a file's name says nothing."""

WANTED = {
    HeaderFormat.IMAGE: Wording("JPEG ya da PNG", "a JPEG or PNG"),
    HeaderFormat.VIDEO: Wording("MP4 ya da 3GP (H.264)", "an MP4 or 3GP (H.264)"),
    HeaderFormat.GIF: Wording("GIF yerine MP4", "an MP4 (WhatsApp's GIFs are short films)"),
    HeaderFormat.DOCUMENT: Wording("PDF", "a PDF"),
}


@dataclass(frozen=True, slots=True)
class MediaProblem:
    """Why a file cannot be a header, said of its name."""

    wording: Wording

    def sentence(self, language: str = "en") -> str:
        return self.wording.say(language)


def checked_media(format_: HeaderFormat, file_name: str, content: bytes) -> MediaRule | MediaProblem:
    """The rule that the file keeps, or what is wrong with it."""
    rule = next((rule for rule in RULES[format_] if content[rule.skips :].startswith(rule.begins)), None)
    if rule is None:
        kind, wanted = format_.value.lower(), WANTED[format_]
        return _problem(f"{file_name}: {kind} başlığı için {wanted.tr} gerekir; bu dosya değil.",
                        f"{file_name}: the {kind} header needs {wanted.en}; this file is none.")  # fmt: skip
    if len(content) > rule.bytes_max:
        size, most = f"{len(content) / MEGABYTE:.1f}", f"{rule.bytes_max / MEGABYTE:g}"
        return _problem(f"{file_name}: {size} MB; Meta en çok {most} MB alır. Küçültün.",
                        f"{file_name}: {size} MB; Meta takes at most {most} MB. Make it smaller.")  # fmt: skip
    return rule


def _problem(tr: str, en: str) -> MediaProblem:
    return MediaProblem(Wording(tr, en))
