"""What a review says, before it is said in a language.

Clauses carry a score from -3 to 3; sentences combine clauses, and their scores follow the rule in
the README: a conceded or merely reported clause counts nothing, balanced clauses count both.
"""

from dataclasses import dataclass, field

from .lexicon import Adjective, Noun, Statement


@dataclass(frozen=True)
class Manner:
    """How an adjective is said of something: its degree or its denial, in both languages."""

    english: str
    german: str
    kind: str  # plain, weak, raised, middling, too, not, not_at_all


@dataclass(frozen=True)
class Quality:
    """The room was very clean."""

    noun: Noun
    adjective: Adjective
    manner: Manner
    past: bool
    pronoun: bool = False  # "it" instead of the noun

    @property
    def score(self):
        score = self.adjective.score
        sign = 1 if score > 0 else -1
        match self.manner.kind:
            case "weak":
                return sign
            case "raised" | "too":
                return 3 * sign
            case "not":
                return -2 if sign > 0 else 1
            case "not_at_all":
                return -3 if sign > 0 else 2
            case _:
                return score


@dataclass(frozen=True)
class Possession:
    """The hotel had a clean room; the hotel had no clean room."""

    owner: Noun
    noun: Noun
    adjective: Adjective
    denied: bool
    past: bool
    offers: bool  # "offered" instead of "had"

    @property
    def score(self):
        if not self.denied:
            return self.adjective.score
        return -2 if self.adjective.score > 0 else 1


@dataclass(frozen=True)
class Feeling:
    """The room impressed me; I had hoped for a better room."""

    noun: Noun
    statement: Statement

    @property
    def score(self):
        return self.statement.score


@dataclass(frozen=True)
class Standard:
    """The room was better than expected."""

    noun: Noun
    better: bool
    denied: bool
    standard: tuple[str, str]

    @property
    def score(self):
        if self.denied:
            return -1 if self.better else 1
        return 2 if self.better else -2


@dataclass(frozen=True)
class Ready:
    """A verdict, a fact or a reason, with its slots filled."""

    head: Noun
    statement: Statement
    slots: dict = field(default_factory=dict)
    pronoun: bool = True  # "it" for the head

    @property
    def score(self):
        return self.statement.score


@dataclass(frozen=True)
class Plain:
    """One clause, perhaps after an adverbial."""

    clause: object
    opening: tuple[str, str] | None = None

    @property
    def score(self):
        return self.clause.score


@dataclass(frozen=True)
class Joined:
    """Two clauses that agree: A and B."""

    first: object
    second: object

    @property
    def score(self):
        total = self.first.score + self.second.score
        return max(-3, min(3, total))


@dataclass(frozen=True)
class Contrast:
    """One clause conceded, the other maintained."""

    kind: str  # although_first, although_last, but, admittedly, however, nevertheless
    conceded: object
    maintained: object

    @property
    def score(self):
        return self.maintained.score


@dataclass(frozen=True)
class Despite:
    """Despite the small room, B."""

    noun: Noun
    adjective: Adjective
    maintained: object

    @property
    def score(self):
        return self.maintained.score


@dataclass(frozen=True)
class Reported:
    """Everyone says that A, but B."""

    source: tuple[str, str]
    claim: object
    maintained: object

    @property
    def score(self):
        return self.maintained.score


@dataclass(frozen=True)
class Balance:
    """On the one hand A, on the other hand B; A, while B."""

    kind: str  # hands, while
    first: object
    second: object

    @property
    def score(self):
        total = self.first.score + self.second.score
        return total if abs(total) > 1 else 0


@dataclass(frozen=True)
class Because:
    """I was delighted because B."""

    reason: object
    clause: object

    @property
    def score(self):
        return 3 if self.reason.score > 0 else -3


@dataclass(frozen=True)
class SoThat:
    """The room was so small that we wanted to leave at once."""

    noun: Noun
    adjective: Adjective
    consequence: tuple[str, str]

    @property
    def score(self):
        return 3 if self.adjective.score > 0 else -3


@dataclass(frozen=True)
class Exclamation:
    """What a wonderful room!"""

    noun: Noun
    adjective: Adjective

    @property
    def score(self):
        return self.adjective.score


@dataclass(frozen=True)
class Cry:
    """Never again!"""

    statement: Statement

    @property
    def score(self):
        return self.statement.score
