"""Decides what a review says: samples a plan whose score fits the wanted label."""

from dataclasses import dataclass

from . import lexicon, meaning as m
from .domains import DOMAINS

LABELS = ("negative", "neutral", "positive")
DECIDED = 2  # a review of at least this score is positive, of at most minus this negative

# What people write about, by language: the target's mixture is not the source's.
DOMAIN_WEIGHTS = {
    "en": {"film": 4, "phone": 3, "novel": 3, "app": 3, "restaurant": 3},
    "de": {"train": 4, "hotel": 3, "course": 3, "vacuum": 3, "shop": 3},
}


@dataclass(frozen=True)
class Mixture:
    """How often hard things are said."""

    denials: float  # share of qualities said by denying the opposite
    contrasts: int  # weight of contrasts against 70 for all other opinions
    dissent: int  # weight of opinions against the label, in a decided review
    balances: int  # weight of balanced sentences there
    plain_facts: float  # share of neutral reviews that are nothing but facts


RICH = Mixture(denials=0.3, contrasts=30, dissent=12, balances=6, plain_facts=0.45)
LABELLED = Mixture(denials=0.2, contrasts=18, dissent=4, balances=2, plain_facts=0.65)


def sign(score):
    """-1, 0 or 1."""
    return (score > 0) - (score < 0)


def label_of(score):
    """The label of a review by the sum of its sentences' scores."""
    if abs(score) < DECIDED:
        return "neutral"
    return "positive" if score > 0 else "negative"


class Planner:
    """Samples reviews about one domain."""

    def __init__(self, rng, domain, mixture):
        self.rng = rng
        self.mixture = mixture
        self.domain = domain
        self.past = rng.random() < 0.7
        self.fresh_aspects = []
        self.fresh_facts = []
        self.head_judged = False
        self.verdict_given = False
        self.introduced = False  # whether the thing has been named, so that "it" is clear

    def noun(self):
        """An aspect, or once a review the thing itself."""
        if not self.head_judged and self.rng.random() < 0.15:
            self.head_judged = True
            return self.domain.head
        return self.aspect()

    def aspect(self):
        """An aspect not spoken of recently."""
        if not self.fresh_aspects:
            self.fresh_aspects = self.rng.sample(self.domain.aspects, len(self.domain.aspects))
        return self.fresh_aspects.pop()

    def adjective(self, noun, direction):
        """An adjective that suits the noun, of the given sign."""
        special = [a for a in lexicon.SPECIAL[noun.kind] if sign(a.score) == direction]
        general = [a for a in lexicon.GENERAL if sign(a.score) == direction]
        pool = special if special and self.rng.random() < 0.65 else general
        return self.rng.choice(pool)

    def manner(self, adjective, denied):
        """A degree that suits the adjective, or a denial."""
        rng = self.rng
        if denied:
            if rng.random() < 0.5:
                return m.Manner(*rng.choice(lexicon.NOT), "not")
            return m.Manner(*rng.choice(lexicon.NOT_AT_ALL), "not_at_all")
        draw = rng.random()
        if abs(adjective.score) == 3:
            if draw < 0.35:
                return m.Manner(*rng.choice(lexicon.EMPHASIS), "raised")
        elif abs(adjective.score) == 2:
            if draw < 0.22:
                return m.Manner(*rng.choice(lexicon.RAISING), "raised")
            if draw < 0.34 and adjective.excessive:
                return m.Manner(*rng.choice(lexicon.TOO), "too")
            if 0.34 < draw < 0.44 and adjective.score < 0:
                return m.Manner(*rng.choice(lexicon.WEAKENING), "weak")
            if 0.44 < draw < 0.56:
                return m.Manner(*rng.choice(lexicon.MIDDLING), "middling")
        return m.Manner("", "", "plain")

    def quality(self, direction, deniable=True):
        """A quality of something, said straight or by denying the opposite."""
        denied = deniable and self.rng.random() < self.mixture.denials
        noun = self.noun()
        adjective = self.adjective(noun, -direction if denied else direction)
        pronoun = noun is self.domain.head and self.introduced and self.rng.random() < 0.6
        self.introduced = self.introduced or noun is self.domain.head
        return m.Quality(noun, adjective, self.manner(adjective, denied), self.past, pronoun)

    def possession(self, direction):
        """The thing reviewed has something good or bad."""
        denied = direction < 0 and self.rng.random() < 0.4
        noun = self.aspect()
        adjective = self.adjective(noun, 1 if denied else direction)
        offers = self.rng.random() < 0.5
        return m.Possession(self.domain.head, noun, adjective, denied, self.past, offers)

    def feeling(self, direction):
        """What someone felt about something."""
        statements = [s for pair in lexicon.FEELINGS for s in pair if sign(s.score) == direction]
        return m.Feeling(self.noun(), self.rng.choice(statements))

    def comparison(self, direction):
        """Better or worse than hoped, feared, or known."""
        if self.rng.random() < 0.5:
            pool = [s for s in lexicon.COMPARISONS if sign(s.score) == direction]
            return m.Feeling(self.noun(), self.rng.choice(pool))
        denied = self.rng.random() < 0.25
        better = (direction > 0) != denied
        return m.Standard(self.noun(), better, denied, self.rng.choice(lexicon.STANDARDS))

    def ready(self, statement):
        """A ready statement with its slots filled, repeated slots differently."""
        slots = {}
        for name, values in lexicon.SLOTS.items():
            count = statement.english.count("{" + name + "}")
            if count:
                slots[name] = self.rng.sample(values, count)
        pronoun = self.introduced
        self.introduced = pronoun or "{it}" in statement.english
        return m.Ready(self.domain.head, statement, slots, pronoun)

    def verdict(self, direction):
        """A judgement of the whole."""
        self.verdict_given = True
        pool = [s for s in lexicon.VERDICTS if sign(s.score) == direction]
        return self.ready(self.rng.choice(pool))

    def fact(self):
        """A plain fact."""
        if not self.fresh_facts:
            self.fresh_facts = self.rng.sample(self.domain.facts, len(self.domain.facts))
        return self.ready(self.fresh_facts.pop())

    def clause(self, direction, verdicts=False):
        """Any clause of the given sign; a verdict only where nothing is balanced against it."""
        kinds = (self.quality, self.possession, self.feeling, self.comparison, self.verdict)
        weights = (48, 16, 20, 10, 8 * (verdicts and not self.verdict_given))
        return self.rng.choices(kinds, weights)[0](direction)

    def opening(self, clause):
        """An adverbial that suits the clause, now and then."""
        rng = self.rng
        if rng.random() > 0.35 or isinstance(clause, m.Ready):
            return None
        draw = rng.random()
        if draw < 0.35:
            return rng.choice(lexicon.COMMENTS[sign(clause.score)])
        if isinstance(clause, m.Feeling):
            return None
        if draw < 0.6 or not getattr(clause, "past", True):
            return rng.choice(lexicon.VIEWS)
        english, german = rng.choice(lexicon.TIMES)
        for name in ("day", "month"):
            slot = "{" + name + "}"
            if slot in english:
                value = rng.choice(lexicon.SLOTS[name])
                english, german = english.replace(slot, value[0]), german.replace(slot, value[1])
        return english, german

    def contrast(self, direction):
        """A sentence whose conceded part says the opposite."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.15:
            noun = self.noun()
            adjective = self.adjective(noun, -direction)
            return m.Despite(noun, adjective, self.clause(direction, verdicts=True))
        if draw < 0.3:
            claim = self.quality(-direction, deniable=False)
            source = rng.choice(lexicon.SOURCES)
            return m.Reported(source, claim, self.clause(direction, verdicts=True))
        if draw < 0.42:
            maintained = self.clause(direction, verdicts=True)
            return m.Contrast("although_last", self.clause(-direction), maintained)
        kind = rng.choice(("although_first", "but", "admittedly", "however", "nevertheless"))
        conceded = self.clause(-direction)
        return m.Contrast(kind, conceded, self.clause(direction, verdicts=True))

    def because(self, direction):
        """A feeling and its reason."""
        pool = [s for s in lexicon.REASONS if sign(s.score) == direction]
        reason = self.ready(self.rng.choice(pool))
        return m.Because(reason, self.quality(direction))

    def so_that(self, direction):
        """A quality and what came of it."""
        noun = self.noun()
        consequence = self.rng.choice(lexicon.CONSEQUENCES[direction])
        return m.SoThat(noun, self.adjective(noun, direction), consequence)

    def exclamation(self, direction):
        """What a ...!"""
        noun = self.noun()
        while noun.mass:
            noun = self.noun()
        return m.Exclamation(noun, self.adjective(noun, direction))

    def opinion(self, direction):
        """Any sentence of the given sign."""
        kinds = ("plain", "joined", "contrast", "because", "so", "exclamation")
        weights = (38, 12, self.mixture.contrasts, 8, 7, 5)
        kind = self.rng.choices(kinds, weights)[0]
        match kind:
            case "plain":
                clause = self.clause(direction, verdicts=True)
                return m.Plain(clause, self.opening(clause))
            case "joined":
                return m.Joined(self.quality(direction), self.clause(direction))
            case "contrast":
                return self.contrast(direction)
            case "because":
                return self.because(direction)
            case "so":
                return self.so_that(direction)
            case _:
                return self.exclamation(direction)

    def balance(self):
        """A sentence that weighs good against bad."""
        direction = self.rng.choice((-1, 1))
        kind = self.rng.choice(("hands", "while"))
        return m.Balance(kind, self.clause(direction), self.clause(-direction))

    def statement_of_fact(self):
        """One fact or two."""
        if self.rng.random() < 0.25:
            return m.Joined(self.fact(), self.fact())
        return m.Plain(self.fact())

    def decided(self, direction):
        """Sentences that lean one way."""
        makers = (
            lambda: self.opinion(direction),
            lambda: self.opinion(-direction),
            self.statement_of_fact,
            self.balance,
        )
        count = self.rng.choices((1, 2, 3, 4), (25, 35, 27, 13))[0]
        weights = (62, self.mixture.dissent, 20, self.mixture.balances)
        result = [maker() for maker in self.rng.choices(makers, weights, k=count)]
        if not self.verdict_given and self.rng.random() < 0.25:
            result.append(m.Plain(self.verdict(direction)))
        return result + self.cry(direction)

    def undecided(self):
        """Plain facts, or good and bad in balance."""
        rng = self.rng
        draw = rng.random()
        count = rng.choices((1, 2, 3), (40, 40, 20))[0]
        makers = [self.statement_of_fact] * count
        mixed = (draw - self.mixture.plain_facts) / (1 - self.mixture.plain_facts)
        if 0 < mixed < 6 / 11:
            makers[0] = self.balance
        elif mixed >= 6 / 11:
            direction = rng.choice((-1, 1))
            makers[0] = lambda: self.opinion(direction)
            makers.append(lambda: self.opinion(-direction))
        rng.shuffle(makers)
        result = [maker() for maker in makers]
        if not self.verdict_given and rng.random() < 0.25:
            result.append(m.Plain(self.verdict(0)))
        return result + self.cry(0)

    def cry(self, direction):
        """A short exclamation at the end, now and then."""
        if self.rng.random() > 0.1:
            return []
        pool = [s for s in lexicon.CRIES if sign(s.score) == direction]
        return [m.Cry(self.rng.choice(pool))]


def review_plan(rng, language, label, mixture):
    """The sentences of a review that the label rule calls `label`."""
    weights = [DOMAIN_WEIGHTS[language].get(name, 1) for name in DOMAINS]
    while True:
        planner = Planner(rng, rng.choices(list(DOMAINS.values()), weights)[0], mixture)
        if label == "neutral":
            sentences = planner.undecided()
        else:
            sentences = planner.decided(1 if label == "positive" else -1)
        if label_of(sum(sentence.score for sentence in sentences)) == label:
            return sentences
