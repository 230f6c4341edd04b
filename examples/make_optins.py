"""Make the example opt-in files: invented people, and every way in which such files go wrong.

    python examples/make_optins.py [FOLDER]

The same bytes come out every time. Numbers are Turkey's +90 555 000 XXXX, ranges reserved for fiction where a country
has one that its numbering plan also knows (US 555-01XX, London 020 7946 0XXX, Germany 0171 39200 XX), and otherwise
ranges of zeros.
"""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

SEED = 6563
TURKISH_ROWS = 690
FOREIGN_ROWS = 230
SMALL_TURKISH_ROWS = 40
SMALL_FOREIGN_ROWS = 12
TURKISH_NUMBERS = 8_000  # 0555 000 8XXX and up are for the cells that need attention
PROVEN_SHARE = 0.6
FIRST_CONSENT = datetime(2024, 3, 1, 9, 0)  # noqa: DTZ001  local to the shop, as files are
LAST_CONSENT = datetime(2026, 10, 30, 18, 0)  # noqa: DTZ001
IN_THE_FUTURE = ("01.02.2099 10:00", "15.06.2087 12:30", "03.03.2095")

HEADER = (
    "Müşteri No", "Ad Soyad", "Cep Telefonu", "Dil", "Saat Dilimi", "Şehir", "Mağaza", "Etiketler", "Onay Tarihi",
    "Onay Kaynagi", "İzin Metni", "Metin Sürümü", "Kanıt No", "Son Ürün",
)  # fmt: skip
SMALL_HEADER = (
    "Customer ID", "Full name", "Phone", "Language", "Time zone", "City", "Store", "Tags", "Consent date",
    "Consent source", "Consent text", "Text version", "Proof ref", "Last product",
)  # fmt: skip

FIRST_NAMES = (
    "Ayşe", "Fatma", "Zeynep", "Elif", "Merve", "Esra", "Gülşah", "Özlem", "Şule", "Çiğdem", "İrem", "Işıl",
    "Nazlı", "Defne", "Ebru", "Gökçe", "Müge", "Tuğba", "Yağmur", "Ilgın", "Mehmet", "Mustafa", "Ahmet", "Emre",
    "Burak", "Çağrı", "Oğuz", "Şükrü", "Ömer", "Ümit", "Kerem", "Tolga", "Barış", "Deniz", "Volkan", "Serkan",
    "İlker", "Uğur", "Görkem", "Ozan",
)  # fmt: skip
LAST_NAMES = (
    "Yılmaz", "Kaya", "Demir", "Şahin", "Çelik", "Yıldız", "Yıldırım", "Öztürk", "Aydın", "Özdemir", "Arslan",
    "Doğan", "Kılıç", "Aslan", "Çetin", "Kara", "Koç", "Kurt", "Özkan", "Şimşek", "Polat", "Güneş", "Erdoğmuş",
    "Bulut", "Keskin", "Ünal", "Taş", "Gül", "Işık", "Tekin",
)  # fmt: skip
CITIES = {
    "İstanbul": ("Kadıköy", "Beşiktaş", "Şişli", "Üsküdar"), "Ankara": ("Çankaya", "Kızılay"),
    "İzmir": ("Alsancak", "Karşıyaka"), "Bursa": ("Nilüfer",), "Antalya": ("Lara",), "Eskişehir": ("Tepebaşı",),
}  # fmt: skip
TAGS = ("vip", "coffee", "tea", "pastry", "newsletter", "birthday", "wholesale")
PRODUCTS = ("Türk kahvesi", "Filtre kahve", "Yeşil çay", "Earl Grey", "Lokum", "Bitki çayı", "Espresso")
CONSENT_TEXT = "marketing"  # in the language of the row
SOURCES = ("Web formu", "Mağaza", "Karekod", "Çağrı merkezi", "Kağıt form")

TURKISH_SPELLINGS: tuple[Callable[[str], str], ...] = (
    lambda n: f"0{n}", lambda n: n, lambda n: f"+90{n}", lambda n: f"90{n}", lambda n: f"0090{n}",
    lambda n: f"0{n[:3]} {n[3:6]} {n[6:8]} {n[8:]}", lambda n: f"0 ({n[:3]}) {n[3:6]} {n[6:8]} {n[8:]}",
    lambda n: f"(0{n[:3]}) {n[3:6]}-{n[6:8]}-{n[8:]}", lambda n: f"+90 {n[:3]} {n[3:6]} {n[6:]}",
    lambda n: f"+90 (0) {n[:3]} {n[3:6]} {n[6:8]} {n[8:]}", lambda n: f"0{n[:3]}.{n[3:6]}.{n[6:8]}.{n[8:]}",
    lambda n: f"0{n[:3]}-{n[3:6]}-{n[6:]}", lambda n: f"{n}.0", lambda n: f"90{n}.0",
    lambda n: f"Cep: 0{n[:3]} {n[3:6]} {n[6:]}",
    lambda n: f"0{n[:3]} {n[3:6]} {n[6:8]} {n[8:]} (eşi)", lambda n: f"wa.me/90{n}", lambda n: f"'0{n}",
    lambda n: f"{n[:3]}\u00a0{n[3:6]}\u00a0{n[6:]}", lambda n: f"  0{n} ",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A country's people: names, a city and shop, a language, and how their numbers are written."""

    names: tuple[str, ...]
    city: str
    language: str
    number: Callable[[Random], str]
    zone: str = ""


def _digits(rnd: Random, count: int) -> str:
    return f"{rnd.randrange(10**count):0{count}d}"


US_AREA_CODES = {"New York": "212", "Chicago": "312", "Denver": "303", "Los Angeles": "310", "Honolulu": "808"}
AMERICANS = ("Grace Hill", "Walter Reed", "June Carver", "Otis Lane", "Ruth Baker")


def _american(city: str) -> Place:
    area = US_AREA_CODES[city]
    zone = "Pacific/Honolulu" if city == "Honolulu" else ""
    return Place(AMERICANS, city, "en", lambda rnd: f"+1 ({area}) 555-01{_digits(rnd, 2)}", zone)


PLACES: tuple[Place, ...] = (
    *map(_american, US_AREA_CODES),
    Place(("Alice Moore", "Tom Ellis", "Priya Shah"), "London", "en", lambda rnd: f"+44 20 7946 0{_digits(rnd, 3)}"),
    Place(("Jürgen Weiß", "Käthe Müller", "Anke Groß"), "Berlin", "de", lambda rnd: f"0049 171 39200{_digits(rnd, 2)}"),
    Place(
        ("João Lima", "Ana Souza", "Beatriz Melo"), "São Paulo", "en", lambda rnd: f"+55 11 90000-0{_digits(rnd, 3)}"
    ),
    Place(("Haruto Mori", "Yui Sato", "Ren Ito"), "Tokyo", "en", lambda rnd: f"+81 90-1000-0{_digits(rnd, 3)}"),
    Place(("Omar Nasser", "Layla Haddad"), "Dubai", "en", lambda rnd: f"+971 50 000 0{_digits(rnd, 3)}"),
    Place(("Asha Rao", "Vikram Iyer"), "Bengaluru", "en", lambda rnd: f"+91 90000 00{_digits(rnd, 3)}"),
    Place(
        ("Chloé Petit", "Hugo Lefèvre"), "Paris", "en", lambda rnd: f"+33 6 00 00 0{_digits(rnd, 1)} {_digits(rnd, 2)}"
    ),
    Place(("Ruby Walsh", "Jack Nolan"), "Sydney", "en", lambda rnd: f"+61 491 570 {_digits(rnd, 3)}"),
)

Row = list[str]


class Maker:
    """Writes the rows of one file from one seed."""

    def __init__(self, seed: int, date_format: str) -> None:
        self._rnd = Random(seed)
        self._date_format = date_format
        self._customers = 1000
        self._taken: set[str] = set()

    def _new(self, number: Callable[[Random], str]) -> str:
        """A number that nobody in this file has yet."""
        while (drawn := number(self._rnd)) in self._taken:
            pass
        self._taken.add(drawn)
        return drawn

    def turk(self) -> Row:
        number = self._new(lambda rnd: f"555000{rnd.randrange(TURKISH_NUMBERS):04d}")
        city = self._rnd.choice(sorted(CITIES))
        name = f"{self._rnd.choice(FIRST_NAMES)} {self._rnd.choice(LAST_NAMES)}"
        phone = self._rnd.choice(TURKISH_SPELLINGS)(number)
        language = self._rnd.choice(("tr", "tr", "tr", "TR", "Türkçe", ""))
        zone = self._rnd.choice(("", "", "", "Europe/Istanbul"))
        return self._row([name, phone, language, zone, city, self._rnd.choice(CITIES[city])])

    def foreigner(self, place: Place) -> Row:
        name = self._rnd.choice(place.names)
        return self._row([name, self._new(place.number), place.language, place.zone, place.city, "Online"])

    def _row(self, person: Row) -> Row:
        self._customers += 1
        tags = ", ".join(sorted(self._rnd.sample(TAGS, self._rnd.randrange(0, 4))))
        product = self._rnd.choice(PRODUCTS)
        return [f"M-{self._customers}", *person, tags, *self._proof(), product]

    def _proof(self) -> Row:
        if self._rnd.random() >= PROVEN_SHARE:
            return [""] * 5
        minutes = int((LAST_CONSENT - FIRST_CONSENT) / timedelta(minutes=1))
        moment = FIRST_CONSENT + timedelta(minutes=self._rnd.randrange(minutes))
        proof = f"F-{moment:%y%m}-{_digits(self._rnd, 5)}"
        given_in = self._rnd.choice(SOURCES)
        return [moment.strftime(self._date_format), given_in, CONSENT_TEXT, "1", proof]

    def people(self, turks: int, foreigners: int) -> list[Row]:
        rows = [self.turk() for _ in range(turks)]
        rows += [self.foreigner(PLACES[n % len(PLACES)]) for n in range(foreigners)]
        self._rnd.shuffle(rows)
        return rows

    def spoil(self, rows: list[Row], phones: tuple[str, ...]) -> list[Row]:
        """Extra rows whose phone cells need attention, scattered among the others."""
        for phone in phones:
            row = self.turk()
            row[PHONE] = phone
            rows.insert(self._rnd.randrange(len(rows)), row)
        return rows

    def repeat(self, rows: list[Row], count: int) -> list[Row]:
        """The same people a second time, as when two lists are pasted together."""
        for row in self._rnd.sample(rows, count):
            rows.insert(self._rnd.randrange(len(rows)), list(row))
        return rows

    def date_ahead(self, rows: list[Row], dates: tuple[str, ...]) -> list[Row]:
        proven = [row for row in rows if row[CONSENT_AT]]
        for row, date in zip(self._rnd.sample(proven, len(dates)), dates, strict=True):
            row[CONSENT_AT] = date
        return rows


PHONE, CONSENT_AT = 2, 8

TWO_NUMBERS = ("0555 000 81 01 / 0555 000 81 02", "05550008103, 05550008104", "Ev: 0212 000 81 05 Cep: 0555 000 81 06")
LANDLINES = ("0212 000 10 10", "(0312) 000 20 20 dahili 14", "+90 232 000 30 30", "0216 000 40 40")
INVALID = (
    "9.05551E+11", "9,05551E+11", "5.55E+09", "0555 000 12 3", "0555 000 12 345", "0999 123 45 67", "1111111111",
    "0555*****34", "yok", "-", "", "", "155", "ayse@example.com", "@ayse.yilmaz", "12.05.2023", "1.250,00 TL",
    "TR33 0006 1005 1978 6457 8413 26", "chat.whatsapp.com/Ab12Cd34Ef5", "+44 7700 900123", "0555 000 8O 01",
    "0555 000 82 01 / 0999 123 45 67",
)  # fmt: skip
SMALL_INVALID = ("9.05551E+11", "", "0555 000 12", "n/a")


def big_file() -> bytes:
    """About a thousand rows as Turkish Excel saves them: Windows-1254, semicolons, one header without its accents."""
    maker = Maker(SEED, "%d.%m.%Y %H:%M")
    rows = maker.spoil(maker.people(TURKISH_ROWS, FOREIGN_ROWS), TWO_NUMBERS + LANDLINES + INVALID)
    rows = maker.date_ahead(maker.repeat(rows, 45), IN_THE_FUTURE)
    blank: Row = [""] * len(HEADER)
    for place in (120, 480, 481, len(rows)):
        rows.insert(place, blank)
    return _written([list(HEADER), *rows], ";").encode("cp1254", errors="replace")


def small_file() -> bytes:
    """About sixty rows as a web shop exports them: UTF-8 with BOM, commas, English headers."""
    maker = Maker(SEED + 1, "%Y-%m-%d %H:%M:%S")
    rows = maker.spoil(maker.people(SMALL_TURKISH_ROWS, SMALL_FOREIGN_ROWS), SMALL_INVALID)
    rows = maker.date_ahead(maker.repeat(rows, 3), ("2099-02-01 10:00:00",))
    return _written([list(SMALL_HEADER), *rows], ",").encode("utf-8-sig")


def _written(rows: list[Row], delimiter: str) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


FILES: dict[str, Callable[[], bytes]] = {"optins.csv": big_file, "optins-utf8.csv": small_file}


def main(folder: Path) -> None:
    for name, made in FILES.items():
        (folder / name).write_bytes(made())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
