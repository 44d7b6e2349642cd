"""The language of news bodies is told from their text, on every body of the shared sets."""

from __future__ import annotations

import json
from pathlib import Path

from workers.dates import Claim
from workers.language import guess_language, plain

SETS = ("zyte", "fundus", "fundus_eval", "daniel", "wcxb", "mozilla", "newspaper4k")
# What the sets say of these pages is what the page declares; read by us, their text is in the language named here.
DECLARED_WRONGLY = {
    "f81c6c05d9cbc93316992fa23ef74ec405194e292611f2e94f6a814868903665": "en",  # says de
    "fde930b01859de8311c6a14f8aa8c72be0659b551367803deb6736cf3526cf2e": "en",  # says de
    "il.IsraelNachrichten_2025_04_16": "de",  # says he
    "za.Dizindaba_2025_11_16": "xh",  # says en, as do the next four
    "za.EyethuNews_2025_11_25": "zu",
    "za.Ilanga_2025_12_03": "zu",
    "za.Isolezwe_2025_11_09": "zu",
    "Reuters_4": "fr",
}


def truths_of(shared: Path, name: str) -> list[dict]:
    """A set's news and articles whose language it tells."""
    with (shared / "data/extraction" / name / "truth.jsonl").open(encoding="utf-8") as lines:
        told = [json.loads(line) for line in lines]
    return [t for t in told if t["body"] and t.get("lang") and t["kind"] in ("news", "article")]


def test_bodies_of_the_sets(shared: Path):
    """At least 99.5 % with nothing declared, and where what is declared is wrong, the text is believed."""
    wrong, truths = {}, [truth for name in SETS for truth in truths_of(shared, name)]

    for truth in truths:
        found = guess_language(truth["body"], (), None).language
        if found != DECLARED_WRONGLY.get(truth["id"], plain(truth["lang"])):
            wrong[truth["id"]] = (truth["lang"], found, len(truth["body"]))

    assert len(truths) > 1300
    assert len(wrong) <= 0.005 * len(truths), wrong


def test_greek_with_the_accents_of_before_1982_is_greek():
    """Newspapers that keep them write no ancient Greek, if they say so."""
    text = (
        "Τὸ δημοτικὸν συμβούλιον ἐψήφισε τὴν Τρίτην τὸ ἑσπέρας ὑπὲρ τῆς ἐκβαθύνσεως τοῦ παλαιοῦ λιμένος, διὰ πρώτην "
        "φορὰν ἐντὸς δέκα ὀκτὼ ἐτῶν, κατόπιν προειδοποιήσεων τῶν ἁλιέων."
    )

    assert guess_language(text, (Claim(value="el", origin="html:lang"),), None).language == "el"
