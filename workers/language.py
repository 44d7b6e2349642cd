"""Text and declarations in, a BCP 47 language with its origin out. Pure, offline."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from newswire.messages import Provenance
from workers.dates import Claim

# Below it (in letters) the detector guesses; a Chinese or Japanese letter says as much as three.
MIN_LETTERS: Final = 80
SAMPLE_CHARACTERS: Final = 2000  # 0.7 ms; more changes no verdict on news
FIRST_LOOK: Final = 400  # characters: enough where they bear out what the page declares
_CERTAIN: Final = 0.99  # of the detector's probability, for the first look to be the last
_SURE: Final = 0.8  # of the detector's probability: below it a declaration wins

_TAG: Final = re.compile(r"^([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|\d{3}))?(?:[-_.@].*)?$", re.IGNORECASE)
_LETTERS: Final = re.compile(r"[^\W\d_]")
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
# Codes that sites write and that BCP 47 replaced, and languages that the detector tells apart only by name.
_REPLACED: Final = {
    "iw": "he",
    "in": "id",
    "ji": "yi",
    "jp": "ja",
    "cn": "zh",
    "ua": "uk",
    "cz": "cs",
    "gr": "el",
    "dk": "da",
    "se": "sv",
}
_NEAR: Final = (
    frozenset({"no", "nb", "nn", "da"}),
    frozenset({"hr", "sr", "bs", "sh"}),
    frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}),
    frozenset({"pt", "gl"}),
    frozenset({"ca", "va", "oc"}),
    frozenset({"af", "nl"}),
    frozenset({"hi", "mr", "ne"}),
    frozenset({"fa", "prs"}),
    frozenset({"tl", "fil"}),
    frozenset({"el", "grc"}),  # with the accents of before 1982
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageGuess:
    """The language believed, and what was said against it."""

    language: str | None = None
    provenance: Provenance | None = None
    warnings: tuple[str, ...] = ()


def declared_language(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Claims that are well-formed, in BCP 47 spelling; "en_EN" is what OpenGraph makes of "en"."""
    tags = ((claim, normal_tag(claim.value)) for claim in claims)
    return tuple(Claim(value=tag, origin=claim.origin) for claim, tag in tags if tag)


def normal_tag(text: str) -> str | None:
    """BCP 47 spelling of a language tag: `en`, `pt-BR`, `zh-Hant-TW`; None where it is none."""
    found = _TAG.match(text.strip())
    if found is None:
        return None
    language, script, region = found.groups()
    language = _REPLACED.get(language.lower(), language.lower())
    parts = [language]
    if script:
        parts.append(script.title())
    if region and region.lower() != language:  # "de_DE" and "en_EN" say no more than "de" and "en"
        parts.append(region.upper())
    return "-".join(parts)


def guess_language(text: str, claims: Iterable[Claim], hint: str | None) -> LanguageGuess:
    """From the text where it is long enough, else from the page's claims, else from the source's hint.

    The result is the plain language (`en`); a region or script is kept only from a claim that agrees with the text.
    """
    declared = [*declared_language(claims)]
    if hint and (tag := normal_tag(hint)):
        declared.append(Claim(value=tag, origin="source.language"))
    others = tuple(f"{claim.origin}={claim.value}" for claim in declared)
    detected, probability = _detect_declared(text, declared)
    agreeing = next((claim for claim in declared if detected and _agrees(claim.value, detected)), None)
    if detected and agreeing is not None:
        return LanguageGuess(
            language=plain(agreeing.value),
            provenance=Provenance(origin="text", confidence=max(probability, _SURE), candidates=others),
        )
    if detected and (probability >= _SURE or not declared):
        told = f"language: {declared[0].origin} says {declared[0].value}, the text is {detected}" if declared else ""
        return LanguageGuess(
            language=detected,
            provenance=Provenance(origin="text", confidence=probability, candidates=others),
            warnings=(told,) if told else (),
        )
    if declared:
        first = declared[0]
        return LanguageGuess(
            language=plain(first.value),
            provenance=Provenance(origin=first.origin, confidence=0.7, candidates=others),
        )
    return LanguageGuess()


def _detect_declared(text: str, declared: Iterable[Claim]) -> tuple[str | None, float]:
    """The detector's answer, from less text where that bears out a declaration."""
    detected, probability = detect(text[:FIRST_LOOK]) if len(text) > FIRST_LOOK else (None, 0.0)
    if detected and probability >= _CERTAIN and any(_agrees(claim.value, detected) for claim in declared):
        return detected, probability
    return detect(text)


def plain(tag: str) -> str:
    """The language alone, for grouping and analysis; `zh-Hant` keeps nothing either."""
    return tag.split("-", 1)[0]


def detect(text: str) -> tuple[str | None, float]:
    """ISO 639-1 code and probability 0-1; (None, 0) for too little text."""
    sample = text[:SAMPLE_CHARACTERS]
    n_letters = len(_LETTERS.findall(sample)) + 2 * len(_UNSPACED.findall(sample))
    if n_letters < MIN_LETTERS:
        return None, 0.0
    language, probability = _identifier().classify(sample)
    return str(language), float(probability)


@cache
def _identifier() -> Any:
    """The model that the wheel carries, loaded once a process (about 0.1 s)."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _agrees(tag: str, detected: str) -> bool:
    ours = plain(tag)
    return ours == detected or any({ours, detected} <= near for near in _NEAR)
