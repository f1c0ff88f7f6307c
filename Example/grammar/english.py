"""Says a meaning in English."""

from functools import singledispatch

from . import meaning as m

SOUNDS_LIKE_CONSONANT = ("use", "uni", "one")


def capitalised(text):
    """The text with its first letter large."""
    return text[0].upper() + text[1:]


def filled(template, slots):
    """Puts the English slot values into a template, in order of occurrence."""
    for name, values in slots.items():
        for english, _ in values:
            template = template.replace("{" + name + "}", english, 1)
    return template


def article(phrase):
    """`a` or `an` before a phrase."""
    vowel = phrase[0] in "aeiou" and not (
        phrase.startswith(SOUNDS_LIKE_CONSONANT) and not phrase.startswith("unin")
    )
    return "an" if vowel else "a"


def indefinite(noun, adjective, rng):
    """`a clean room`, `clean rooms`, `clean bread`."""
    phrase = f"{adjective} {rng.choice(noun.english)}"
    return phrase if noun.plural or noun.mass else f"{article(phrase)} {phrase}"


def be(noun, past):
    """The form of `to be` that agrees."""
    if past:
        return "were" if noun.plural else "was"
    return "are" if noun.plural else "is"


@singledispatch
def clause(meaning, rng):
    """The clause as text, without capital or full stop."""
    raise TypeError(f"no English clause for {type(meaning).__name__}")


@clause.register
def _(quality: m.Quality, rng):
    subject = "it" if quality.pronoun else f"the {rng.choice(quality.noun.english)}"
    adjective = rng.choice(quality.adjective.english)
    words = [subject, be(quality.noun, quality.past), quality.manner.english, adjective]
    return " ".join(word for word in words if word)


@clause.register
def _(possession: m.Possession, rng):
    verbs = (("has", "had"), ("offers", "offered"))[possession.offers]
    adjective = rng.choice(possession.adjective.english)
    if possession.denied:
        thing = f"no {adjective} {rng.choice(possession.noun.english)}"
    else:
        thing = indefinite(possession.noun, adjective, rng)
    return f"the {rng.choice(possession.owner.english)} {verbs[possession.past]} {thing}"


@clause.register
def _(feeling: m.Feeling, rng):
    noun = feeling.noun
    return feeling.statement.english.format(
        n=rng.choice(noun.english),
        better=indefinite(noun, "better", rng),
        worse=indefinite(noun, "worse", rng),
    )


@clause.register
def _(standard: m.Standard, rng):
    degree = "better" if standard.better else "worse"
    no = "no " if standard.denied else ""
    noun = standard.noun
    return f"the {rng.choice(noun.english)} {be(noun, True)} {no}{degree} {standard.standard[0]}"


@clause.register
def _(ready: m.Ready, rng):
    head = "it" if ready.pronoun else f"the {rng.choice(ready.head.english)}"
    return filled(ready.statement.english, ready.slots).replace("{it}", head)


@singledispatch
def sentence(meaning, rng):
    """The sentence as text, with capital and full stop."""
    raise TypeError(f"no English sentence for {type(meaning).__name__}")


@sentence.register
def _(plain: m.Plain, rng):
    text = clause(plain.clause, rng)
    if plain.opening:
        text = f"{plain.opening[0]}, {text}"
    return capitalised(text) + "."


@sentence.register
def _(joined: m.Joined, rng):
    return capitalised(f"{clause(joined.first, rng)} and {clause(joined.second, rng)}.")


@sentence.register
def _(contrast: m.Contrast, rng):
    conceded, maintained = clause(contrast.conceded, rng), clause(contrast.maintained, rng)
    match contrast.kind:
        case "although_first":
            text = f"{rng.choice(('although', 'even though'))} {conceded}, {maintained}."
        case "although_last":
            text = f"{maintained}, {rng.choice(('although', 'even though'))} {conceded}."
        case "but":
            text = f"{conceded}, but {maintained}."
        case "admittedly":
            text = f"admittedly, {conceded}, but {maintained}."
        case "however":
            text = f"{conceded}. However, {maintained}."
        case _:
            text = f"{conceded}. {rng.choice(('Nevertheless', 'Still'))}, {maintained}."
    return capitalised(text)


@sentence.register
def _(despite: m.Despite, rng):
    noun = f"{rng.choice(despite.adjective.english)} {rng.choice(despite.noun.english)}"
    word = rng.choice(("despite", "in spite of"))
    return capitalised(f"{word} the {noun}, {clause(despite.maintained, rng)}.")


@sentence.register
def _(reported: m.Reported, rng):
    claim, maintained = clause(reported.claim, rng), clause(reported.maintained, rng)
    return capitalised(f"{reported.source[0]} that {claim}, but {maintained}.")


@sentence.register
def _(balance: m.Balance, rng):
    first, second = clause(balance.first, rng), clause(balance.second, rng)
    if balance.kind == "hands":
        return f"On the one hand, {first}, on the other hand, {second}."
    return capitalised(f"{first}, while {second}.")


@sentence.register
def _(because: m.Because, rng):
    return capitalised(f"{clause(because.reason, rng)} because {clause(because.clause, rng)}.")


@sentence.register
def _(so: m.SoThat, rng):
    noun, adjective = rng.choice(so.noun.english), rng.choice(so.adjective.english)
    return f"The {noun} {be(so.noun, True)} so {adjective} {so.consequence[0]}."


@sentence.register
def _(exclamation: m.Exclamation, rng):
    adjective = rng.choice(exclamation.adjective.english)
    return f"What {indefinite(exclamation.noun, adjective, rng)}!"


@sentence.register
def _(cry: m.Cry, rng):
    return capitalised(cry.statement.english)


def review(sentences, rng):
    """The whole review."""
    return " ".join(sentence(meaning, rng) for meaning in sentences)
