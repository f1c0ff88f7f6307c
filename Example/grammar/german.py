"""Says a meaning in German: declension, verb position, agreement."""

import random
from dataclasses import dataclass
from functools import singledispatch

from . import meaning as m
from .lexicon import COLLOQUIAL

DEFINITE = {
    "nom": {"m": "der", "f": "die", "n": "das", "p": "die"},
    "acc": {"m": "den", "f": "die", "n": "das", "p": "die"},
    "dat": {"m": "dem", "f": "der", "n": "dem", "p": "den"},
    "gen": {"m": "des", "f": "der", "n": "des", "p": "der"},
}
INDEFINITE = {
    "nom": {"m": "ein", "f": "eine", "n": "ein"},
    "acc": {"m": "einen", "f": "eine", "n": "ein"},
}
# Endings of the adjective after der/die/das, after ein/kein, and without an article.
WEAK = {
    "nom": {"m": "e", "f": "e", "n": "e", "p": "en"},
    "acc": {"m": "en", "f": "e", "n": "e", "p": "en"},
    "dat": {"m": "en", "f": "en", "n": "en", "p": "en"},
    "gen": {"m": "en", "f": "en", "n": "en", "p": "en"},
}
MIXED = {
    "nom": {"m": "er", "f": "e", "n": "es", "p": "en"},
    "acc": {"m": "en", "f": "e", "n": "es", "p": "en"},
}
STRONG = {
    "nom": {"m": "er", "f": "e", "n": "es", "p": "e"},
    "acc": {"m": "en", "f": "e", "n": "es", "p": "e"},
}
PRONOUN = {
    "nom": {"m": "er", "f": "sie", "n": "es"},
    "acc": {"m": "ihn", "f": "sie", "n": "es"},
}
CONTRACTIONS = {"an dem": "am", "von dem": "vom", "in dem": "im", "bei dem": "beim"}
SUBJECT_PRONOUNS = {
    "ich", "wir", "er", "sie", "es", "man", "alles", "nichts", "niemand",
}  # fmt: skip


@dataclass
class Voice:
    """Chooses words: synonyms at random, colloquial ones as often as told."""

    rng: random.Random
    colloquial: float

    def choice(self, options):
        """One of the options."""
        return self.rng.choice(options)

    def adjective(self, adjective):
        """One of the adjective's synonyms, or a colloquial word for it."""
        word = self.rng.choice(adjective.german)
        if word in COLLOQUIAL and self.rng.random() < self.colloquial:
            return COLLOQUIAL[word]
        return word


@dataclass
class Clause:
    """A clause in fields, from which every word order is made."""

    subject: str
    verb: str
    pronoun: str
    middle: str
    end: str

    @property
    def subject_and_pronoun(self):
        """An unstressed pronoun goes before a noun but after another pronoun."""
        if self.subject in SUBJECT_PRONOUNS:
            return [self.subject, self.pronoun]
        return [self.pronoun, self.subject]

    def main(self):
        """Subject first, verb second."""
        end = self.end.removesuffix("-")
        return spaced([self.subject, self.verb, self.pronoun, self.middle, end])

    def inverted(self, front):
        """Something else first, verb second."""
        end = self.end.removesuffix("-")
        return spaced([front, self.verb, *self.subject_and_pronoun, self.middle, end])

    def subordinate(self, conjunction):
        """Verb last; a separable prefix is joined to it again."""
        verb = self.end[:-1] + self.verb if self.end.endswith("-") else f"{self.end} {self.verb}"
        return spaced([conjunction, *self.subject_and_pronoun, self.middle, verb.strip()])


def spaced(parts):
    """The non-empty parts, one space apart, prepositions contracted with the article."""
    text = " ".join(part for part in parts if part)
    for long, short in CONTRACTIONS.items():
        text = text.replace(f" {long} ", f" {short} ")
    return text


def capitalised(text):
    """The text with its first letter large."""
    return text[0].upper() + text[1:]


def base(adjective):
    """The uninflected form of `predicate>stem`."""
    return adjective.split(">")[0]


def inflected(adjective, ending):
    """The adjective with an ending on its stem."""
    stem = adjective.split(">")[-1]
    if stem.endswith("e"):
        stem = stem[:-1]
    return stem + ending


def definite(noun, case, adjective=None):
    """`dem sauberen Zimmer`."""
    declined = noun.german
    if (case == "gen" and noun.gender in "mn") or (case == "dat" and noun.plural):
        declined = noun.oblique
    middle = inflected(adjective, WEAK[case][noun.gender]) if adjective else ""
    return " ".join(word for word in (DEFINITE[case][noun.gender], middle, declined) if word)


def indefinite(noun, case, adjective):
    """`ein sauberes Zimmer`, `saubere Zimmer`, `frisches Brot`."""
    if noun.plural or noun.mass:
        return f"{inflected(adjective, STRONG[case][noun.gender])} {noun.german}"
    article = INDEFINITE[case][noun.gender]
    return f"{article} {inflected(adjective, MIXED[case][noun.gender])} {noun.german}"


def none(noun, adjective):
    """`kein sauberes Zimmer`, in the accusative."""
    article = "keine" if noun.plural else "k" + INDEFINITE["acc"][noun.gender]
    return f"{article} {inflected(adjective, MIXED['acc'][noun.gender])} {noun.german}"


def be(noun, past):
    """The form of `sein` that agrees."""
    if past:
        return "waren" if noun.plural else "war"
    return "sind" if noun.plural else "ist"


def parsed(template, noun):
    """A clause from its five fields; `sg~pl` in the verb agrees with the noun."""
    subject, verb, pronoun, middle, end = template.split("|")
    if "~" in verb:
        verb = verb.split("~")[noun.plural]
    return Clause(subject, verb, pronoun, middle, end)


def filled(template, slots):
    """Puts the German slot values into a template, in order of occurrence."""
    for name, values in slots.items():
        for _, german in values:
            for slot, value in (
                (name, german),
                (name.capitalize(), german.capitalize()),
                (name + "nom", german.removesuffix("n")),
            ):
                template = template.replace("{" + slot + "}", value, 1)
    return template


@singledispatch
def clause(meaning, voice):
    """The clause in fields."""
    raise TypeError(f"no German clause for {type(meaning).__name__}")


@clause.register
def _(quality: m.Quality, voice):
    noun = quality.noun
    subject = PRONOUN["nom"][noun.gender] if quality.pronoun else definite(noun, "nom")
    adjective = base(voice.adjective(quality.adjective))
    return Clause(subject, be(noun, quality.past), "", quality.manner.german, adjective)


@clause.register
def _(possession: m.Possession, voice):
    verb = (("hat", "hatte"), ("bietet", "bot"))[possession.offers][possession.past]
    adjective = voice.adjective(possession.adjective)
    if possession.denied:
        thing = none(possession.noun, adjective)
    else:
        thing = indefinite(possession.noun, "acc", adjective)
    return Clause(definite(possession.owner, "nom"), verb, "", thing, "")


@clause.register
def _(feeling: m.Feeling, voice):
    noun = feeling.noun
    template = feeling.statement.german.format(
        nom=definite(noun, "nom"),
        acc=definite(noun, "acc"),
        dat=definite(noun, "dat"),
        besser=indefinite(noun, "acc", "besser"),
        schlechter=indefinite(noun, "acc", "schlechter"),
    )
    return parsed(template, noun)


@clause.register
def _(standard: m.Standard, voice):
    degree = "besser" if standard.better else "schlechter"
    degree = f"nicht {degree}" if standard.denied else degree
    noun = standard.noun
    middle = f"{degree} {standard.standard[1]}"
    return Clause(definite(noun, "nom"), be(noun, True), "", middle, "")


@clause.register
def _(ready: m.Ready, voice):
    template = filled(ready.statement.german, ready.slots)
    for slot, case in (("{er}", "nom"), ("{ihn}", "acc")):
        pronoun = PRONOUN[case][ready.head.gender]
        template = template.replace(slot, pronoun if ready.pronoun else definite(ready.head, case))
    return parsed(template, ready.head)


@singledispatch
def sentence(meaning, voice):
    """The sentence as text, with capital and full stop."""
    raise TypeError(f"no German sentence for {type(meaning).__name__}")


@sentence.register
def _(plain: m.Plain, voice):
    spoken = clause(plain.clause, voice)
    text = spoken.inverted(plain.opening[1]) if plain.opening else spoken.main()
    return capitalised(text) + "."


@sentence.register
def _(joined: m.Joined, voice):
    first, second = clause(joined.first, voice), clause(joined.second, voice)
    return capitalised(f"{first.main()} und {second.main()}.")


@sentence.register
def _(contrast: m.Contrast, voice):
    conceded, maintained = clause(contrast.conceded, voice), clause(contrast.maintained, voice)
    although = voice.choice(("obwohl", "auch wenn"))
    match contrast.kind:
        case "although_first":
            text = f"{conceded.subordinate(although)}, {maintained.inverted('').strip()}."
        case "although_last":
            text = f"{maintained.main()}, {conceded.subordinate(although)}."
        case "but":
            text = f"{conceded.main()}, aber {maintained.main()}."
        case "admittedly":
            text = f"{conceded.inverted('zwar')}, aber {maintained.main()}."
        case "however":
            text = f"{conceded.main()}. {maintained.inverted('Allerdings')}."
        case _:
            front = voice.choice(("Trotzdem", "Dennoch"))
            text = f"{conceded.main()}. {maintained.inverted(front)}."
    return capitalised(text)


@sentence.register
def _(despite: m.Despite, voice):
    adjective = voice.adjective(despite.adjective)
    front = f"trotz {definite(despite.noun, 'gen', adjective)}"
    return capitalised(clause(despite.maintained, voice).inverted(front)) + "."


@sentence.register
def _(reported: m.Reported, voice):
    claim, maintained = clause(reported.claim, voice), clause(reported.maintained, voice)
    text = f"{reported.source[1]}, {claim.subordinate('dass')}, aber {maintained.main()}."
    return capitalised(text)


@sentence.register
def _(balance: m.Balance, voice):
    first, second = clause(balance.first, voice), clause(balance.second, voice)
    if balance.kind == "hands":
        text = f"{first.inverted('einerseits')}, {second.inverted('andererseits')}."
    else:
        text = f"{first.main()}, {second.subordinate('während')}."
    return capitalised(text)


@sentence.register
def _(because: m.Because, voice):
    reason, cause = clause(because.reason, voice), clause(because.clause, voice)
    return capitalised(f"{reason.main()}, {cause.subordinate('weil')}.")


@sentence.register
def _(so: m.SoThat, voice):
    adjective = base(voice.adjective(so.adjective))
    subject = definite(so.noun, "nom")
    return capitalised(f"{subject} {be(so.noun, True)} so {adjective}, {so.consequence[1]}.")


@sentence.register
def _(exclamation: m.Exclamation, voice):
    noun, adjective = exclamation.noun, voice.adjective(exclamation.adjective)
    phrase = indefinite(noun, "nom", adjective)
    return f"Was für {phrase}!"


@sentence.register
def _(cry: m.Cry, voice):
    return capitalised(cry.statement.german)


def review(sentences, rng, colloquial=0.0):
    """The whole review; `colloquial` is the share of words that have such a synonym."""
    voice = Voice(rng, colloquial)
    return " ".join(sentence(meaning, voice) for meaning in sentences)
