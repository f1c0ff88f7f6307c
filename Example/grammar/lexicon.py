"""Words that every domain shares: adjectives, degrees, feelings, verdicts.

Notation. English and German stand on one line, separated by ` = `; synonyms are separated by
commas and chosen independently in each language. German clauses are written in five fields,
`subject | finite verb | unstressed pronoun | middle | end`, from which the main clause, the
inverted clause and the subordinate clause are assembled. `sg~pl` in a verb field agrees with the
noun; an end such as `zurück-` is a separable prefix, joined to the verb when that comes last.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Noun:
    """A noun in both languages.

    `gender` is m, f, n, or p for a noun used in the plural (in both languages); `oblique` is the
    genitive of a masculine or neuter and the dative of a plural; a `mass` noun takes no a/ein.
    """

    english: tuple[str, ...]
    german: str
    gender: str
    oblique: str
    kind: str
    mass: bool = False

    @property
    def plural(self):
        return self.gender == "p"


@dataclass(frozen=True)
class Adjective:
    """An adjective concept: synonyms in both languages and what it says, from -3 to 3."""

    english: tuple[str, ...]
    german: tuple[str, ...]
    score: int
    excessive: bool = False  # goes with "too"


@dataclass(frozen=True)
class Statement:
    """A ready clause in both languages, with slots, and what it says."""

    english: str
    german: str
    score: int = 0


def words(text):
    """The synonyms in a comma-separated list."""
    return tuple(word.strip() for word in text.split(","))


def adjectives(table):
    """Reads lines of `score english = german`; a `!` after the score marks excess."""
    result = []
    for line in table.strip().splitlines():
        score, rest = line.strip().split(" ", 1)
        english, german = rest.split(" = ")
        result.append(Adjective(words(english), words(german), int(score.rstrip("!")), "!" in score))
    return tuple(result)


def statements(table):
    """Reads lines of `score english = german clause`."""
    result = []
    for line in table.strip().splitlines():
        score, rest = line.strip().split(" ", 1)
        english, german = rest.split(" = ")
        result.append(Statement(english, german, int(score)))
    return tuple(result)


def pairs(table):
    """Reads `english = german` lines."""
    return tuple(tuple(line.strip().split(" = ")) for line in table.strip().splitlines())


# A German adjective whose inflected stem differs is written `predicate>stem`.
GENERAL = adjectives("""
    2 good = gut
    2 nice, lovely = schön
    3 great = toll, großartig
    3 excellent = ausgezeichnet, hervorragend
    3 wonderful, marvellous = wunderbar
    3 fantastic = fantastisch
    3 superb, first-rate = erstklassig
    3 brilliant = brillant, genial
    2 pleasing = erfreulich
    2 convincing = überzeugend
    3 impressive = beeindruckend
    3 outstanding, exceptional = herausragend
    1 decent = ordentlich, anständig
    1 acceptable = akzeptabel>akzeptabl
    -2 bad = schlecht
    -2 poor = schwach, dürftig
    -3 terrible, dreadful = schrecklich, furchtbar
    -3 awful, horrible = grauenhaft, scheußlich
    -2 disappointing = enttäuschend
    -3 miserable = miserabel>miserabl
    -2 annoying = nervig, ärgerlich
    -3 disastrous, appalling = katastrophal
    -3 unacceptable = inakzeptabel>inakzeptabl
    -2 unsatisfactory = unbefriedigend
    -1 mediocre = mittelmäßig
    -1 unremarkable = belanglos
""")

SPECIAL = {
    "person": adjectives("""
        2 friendly = freundlich
        2 helpful = hilfsbereit
        2 polite, courteous = höflich
        2 attentive = aufmerksam
        2 patient = geduldig
        3 warm-hearted = herzlich
        2 competent = kompetent
        2 cheerful = fröhlich
        3 charming = charmant, liebenswürdig
        -2 rude, impolite = unhöflich
        -2 unfriendly = unfreundlich
        -2 impatient = ungeduldig
        -2 arrogant = arrogant, überheblich
        -2 clueless = ahnungslos
        -2 careless = nachlässig
        -2! slow = langsam
        -2 grumpy = mürrisch
        -2 incompetent = inkompetent
        -3 insolent = unverschämt, frech
    """),
    "food": adjectives("""
        2 tasty = lecker, schmackhaft
        3 delicious = köstlich
        2 fresh = frisch
        2 well seasoned = gut gewürzt
        2 aromatic = aromatisch
        2 appetising = appetitlich
        -2 bland = fade>fad
        -2! cold = kalt
        -2! salty = salzig
        -3 inedible = ungenießbar
        -2 burnt = verbrannt
        -2 watery = wässrig
        -2! greasy = fettig
        -2 tasteless = geschmacklos
        -3 disgusting = ekelhaft, widerlich
        -2! dry = trocken
    """),
    "place": adjectives("""
        2 clean = sauber
        2 spacious, roomy = geräumig
        2 comfortable = bequem, komfortabel>komfortabl
        2 bright = hell
        2 cosy = gemütlich
        2 well kept = gepflegt
        3 spotless = blitzsauber
        2 inviting = einladend
        -2 dirty = schmutzig, dreckig
        -2! cramped = eng
        -2! noisy = laut
        -2! dark = dunkel>dunkl
        -2 shabby = schäbig
        -3 filthy = verdreckt
        -2 uncomfortable = unbequem
        -3 run-down = heruntergekommen
        -2! stuffy = stickig
    """),
    "story": adjectives("""
        2 exciting, gripping = spannend, packend
        2 moving, touching = bewegend, rührend
        2 clever = klug
        2 original = originell
        2 funny = lustig, witzig
        2 believable = glaubwürdig
        3 captivating = fesselnd
        2 imaginative = fantasievoll
        -2 boring, dull = langweilig
        -2 predictable = vorhersehbar
        -2! confusing = verwirrend
        -2 silly = albern
        -2 tedious = zäh, ermüdend
        -2 shallow = flach, oberflächlich
        -2 implausible = unglaubwürdig
        -2 clichéd = klischeehaft
        -3 pointless = sinnlos
        -2! long-winded = langatmig
    """),
    "art": adjectives("""
        2 expressive = ausdrucksstark
        2 authentic = authentisch
        3 masterly = meisterhaft
        2 tasteful = stilvoll
        2 elegant = elegant
        -2 wooden = hölzern
        -2 clumsy = unbeholfen, plump
        -2 lifeless = leblos
        -2 ugly = hässlich
        -3 amateurish = stümperhaft
        -2 monotonous = eintönig
    """),
    "sound": adjectives("""
        2 clear = klar
        2 balanced = ausgewogen
        2 melodious = wohlklingend
        -2 muffled = dumpf
        -2 shrill = schrill
        -2 tinny = blechern
        -2 distorted = verzerrt
        -2! loud = laut
        -2 unintelligible = unverständlich
    """),
    "device": adjectives("""
        2 reliable, dependable = zuverlässig, verlässlich
        2 practical = praktisch
        2 fast, quick = schnell
        2 powerful = leistungsstark
        2 user-friendly = benutzerfreundlich
        2 well made = gut verarbeitet
        3 flawless = tadellos, makellos
        -2 unreliable = unzuverlässig
        -2! slow = langsam
        -3 defective, faulty = defekt
        -3 useless = nutzlos, unbrauchbar
        -2 outdated = veraltet
        -2! cumbersome = umständlich
        -2! sensitive = empfindlich
    """),
    "part": adjectives("""
        2 sturdy, robust = stabil, robust
        2 practical = praktisch
        2 durable = langlebig
        2 well made = gut verarbeitet
        3 indestructible = unverwüstlich
        -2 flimsy = wackelig
        -2! fragile = zerbrechlich
        -2! heavy = schwer
        -3 defective, faulty = defekt
        -2 impractical = unpraktisch
        -2 badly made = schlecht verarbeitet
    """),
    "software": adjectives("""
        2 reliable, dependable = zuverlässig, verlässlich
        2 fast, quick = schnell
        2 user-friendly = benutzerfreundlich
        2 well arranged = übersichtlich
        3 flawless = fehlerfrei
        -2 unreliable = unzuverlässig
        -2! slow = langsam
        -3 useless = nutzlos, unbrauchbar
        -2 outdated = veraltet
        -2! cumbersome = umständlich
        -2 buggy = fehlerhaft
    """),
    "seat": adjectives("""
        2 comfortable = bequem, komfortabel>komfortabl
        2 clean = sauber
        2 soft = weich
        -2! hard = hart
        -2 uncomfortable = unbequem
        -2 dirty = schmutzig, dreckig
        -2 shabby = schäbig
        -2! narrow = schmal
        -3 broken = kaputt
    """),
    "look": adjectives("""
        2 tasteful = stilvoll
        2 elegant = elegant
        2 modern = modern
        2 attractive = ansprechend
        -2 ugly = hässlich
        -2 lifeless = leblos
        -3 amateurish = stümperhaft
        -2! gaudy = grell
        -2 old-fashioned = altmodisch
    """),
    "service": adjectives("""
        2 fast, quick = schnell
        3 smooth = reibungslos
        2 well organised = gut organisiert
        2 uncomplicated, simple = unkompliziert
        2 reliable = zuverlässig
        -2! slow = langsam
        -2 chaotic = chaotisch
        -2! complicated = kompliziert
        -2 badly organised = schlecht organisiert
        -2 unreliable = unzuverlässig
        -2 inadequate = unzureichend, mangelhaft
    """),
    "price": adjectives("""
        2 fair = fair
        2 reasonable = angemessen, vernünftig
        2 attractive = attraktiv
        -2! high = hoch>hoh
        -3 outrageous = unverschämt
        -2 excessive = überhöht, überzogen
        -2 unfair = ungerecht
    """),
    "thing": (),
}

# Degrees. Strong adjectives (+-3) are emphasised; the others are weakened, left or raised.
RAISING = pairs("""
    very = sehr
    really = wirklich
    extremely = äußerst
    incredibly = unglaublich
    exceptionally = außerordentlich
    particularly = besonders
""")
EMPHASIS = pairs("""
    absolutely = absolut
    truly = wirklich
    simply = einfach
    downright = geradezu
""")
WEAKENING = pairs("""
    a bit = ein bisschen
    a little = ein wenig
    somewhat = etwas
    slightly = leicht
""")
MIDDLING = pairs("""
    rather = ziemlich
    quite = recht
    fairly = relativ
""")
TOO = pairs("""
    too = zu
    far too = viel zu
    much too = deutlich zu
""")
NOT = pairs("""
    not = nicht
    not really = nicht wirklich
    not exactly = nicht gerade
    not particularly = nicht besonders
""")
NOT_AT_ALL = pairs("""
    not at all = überhaupt nicht
    not in the least = nicht im Geringsten
    by no means = keineswegs
    anything but = alles andere als
    never = nie
""")

# What someone felt about a noun; each with its denial. Slots: {n} English noun without article,
# {nom} {acc} {dat} German noun with article; sg~pl agrees with it.
FEELINGS = tuple(
    (Statement(a, b, int(score)), Statement(c, d, int(denied)))
    for score, a, b, denied, c, d in (
        tuple(part.strip() for part in line.split(" = "))
        for line in """
    3 = the {n} impressed me = {nom}|hat~haben|mich||beeindruckt = -2 = the {n} did not impress me = {nom}|hat~haben|mich|nicht|beeindruckt
    3 = the {n} delighted us = {nom}|hat~haben|uns||begeistert = -2 = the {n} did not delight us = {nom}|hat~haben|uns|nicht|begeistert
    2 = the {n} won me over = {nom}|hat~haben|mich||überzeugt = -2 = the {n} did not win me over = {nom}|hat~haben|mich|nicht|überzeugt
    2 = I liked the {n} = {nom}|gefiel~gefielen|mir|gut| = -2 = I did not like the {n} = {nom}|gefiel~gefielen|mir|nicht|
    3 = I loved the {n} = ich|habe||{acc}|geliebt = -2 = I did not love the {n} = ich|habe||{acc} nicht|geliebt
    2 = we enjoyed the {n} = wir|haben||{acc}|genossen = -2 = we could not enjoy the {n} = wir|konnten||{acc} nicht|genießen
    2 = I was happy with the {n} = ich|war||mit {dat}|zufrieden = -2 = I was not happy with the {n} = ich|war||mit {dat} nicht|zufrieden
    3 = I was thrilled by the {n} = ich|war||von {dat}|begeistert = -2 = I was not thrilled by the {n} = ich|war||von {dat} nicht|begeistert
    2 = the {n} pleasantly surprised us = {nom}|hat~haben|uns|angenehm|überrascht = 0 = the {n} did not surprise us = {nom}|hat~haben|uns|nicht|überrascht
    2 = I can praise the {n} = ich|kann||{acc}|loben = -2 = I cannot praise the {n} = ich|kann||{acc} nicht|loben
    -2 = the {n} disappointed me = {nom}|hat~haben|mich||enttäuscht = 2 = the {n} did not disappoint me = {nom}|hat~haben|mich|nicht|enttäuscht
    -2 = the {n} annoyed us = {nom}|hat~haben|uns||geärgert = 1 = the {n} did not annoy us = {nom}|hat~haben|uns|nicht|geärgert
    -2 = the {n} got on my nerves = {nom}|ging~gingen|mir|auf die Nerven| = 1 = the {n} did not get on my nerves = {nom}|ging~gingen|mir|nicht auf die Nerven|
    -3 = I hated the {n} = ich|habe||{acc}|gehasst = 1 = I did not hate the {n} = ich|habe||{acc} nicht|gehasst
    -2 = the {n} bothered me = {nom}|hat~haben|mich||gestört = 1 = the {n} did not bother me = {nom}|hat~haben|mich|nicht|gestört
    -2 = I was unhappy with the {n} = ich|war||mit {dat}|unzufrieden = 1 = I was not unhappy with the {n} = ich|war||mit {dat} nicht|unzufrieden
    -3 = the {n} spoiled our day = {nom}|hat~haben|uns|den Tag|verdorben = 1 = the {n} did not spoil our day = {nom}|hat~haben|uns|den Tag nicht|verdorben
    -2 = there were problems with the {n} = es|gab||mit {dat} Probleme| = 2 = there were no problems with the {n} = es|gab||mit {dat} keine Probleme|
    -2 = I had to complain about the {n} = ich|musste|mich|über {acc}|beschweren = 2 = nobody could complain about the {n} = niemand|konnte|sich|über {acc}|beschweren
    -2 = the {n} left much to be desired = {nom}|ließ~ließen||viel zu wünschen|übrig- = 3 = the {n} left nothing to be desired = {nom}|ließ~ließen||nichts zu wünschen|übrig-
    -2 = I was ashamed of the {n} = ich|habe|mich|für {acc}|geschämt = 2 = there was nothing wrong with the {n} = es|gab||an {dat} nichts|auszusetzen
""".strip().splitlines()
    )
)

# Frames where the comparative's own sign misleads. {better} and {worse} stand for `a better room`,
# {besser} and {schlechter} for `ein besseres Zimmer` in the accusative.
COMPARISONS = (
    Statement("I had hoped for {better}", "ich|hatte||auf {besser}|gehofft", -2),
    Statement("I would have expected {better}", "ich|hätte||{besser}|erwartet", -2),
    Statement("I have rarely known {better}", "ich|habe||selten {besser}|erlebt", 3),
    Statement("I have never known {better}", "ich|habe||noch nie {besser}|erlebt", 3),
    Statement("I had feared {worse}", "ich|hatte||{schlechter}|befürchtet", 1),
    Statement("I have rarely known {worse}", "ich|habe||selten {schlechter}|erlebt", -3),
    Statement("I have never known {worse}", "ich|habe||noch nie {schlechter}|erlebt", -3),
)
STANDARDS = pairs("""
    than expected = als erwartet
    than I had thought = als gedacht
    than last time = als beim letzten Mal
    than before = als früher
    than usual = als üblich
""")

# Judgements of the whole. {it} {er} {ihn} are what is reviewed: a pronoun, or its name where it
# has not been named yet.
VERDICTS = statements("""
    3 I would recommend {it} to anyone = ich|würde|{ihn}|jedem|empfehlen
    3 {it} was worth every cent = {er}|war||jeden Cent|wert
    2 {it} was worth the money = {er}|war||das Geld|wert
    3 {it} exceeded my expectations = {er}|hat||meine Erwartungen|übertroffen
    2 I do not regret the decision = ich|bereue||die Entscheidung nicht|
    2 we had a lot of fun = wir|hatten||viel Spaß|
    3 I was completely satisfied in the end = ich|war||am Ende rundum zufrieden|
    2 I would choose {it} again at any time = ich|würde|{ihn}|jederzeit wieder|wählen
    2 I have nothing to complain about = ich|habe||nichts|auszusetzen
    3 everything was just right = alles|hat||genau|gepasst
    -3 I would not recommend {it} to anyone = ich|würde|{ihn}|niemandem|empfehlen
    -3 I want my money back = ich|will||mein Geld|zurückhaben
    -2 {it} was not worth the money = {er}|war||das Geld nicht|wert
    -2 {it} fell short of my expectations = {er}|blieb||hinter meinen Erwartungen|zurück-
    -2 I regret the decision = ich|bereue||die Entscheidung|
    -3 we wasted our time and our money = wir|haben||Zeit und Geld|verschwendet
    -2 nothing was as promised = nichts|war||wie versprochen|
    -2 I would not choose {it} again = ich|würde|{ihn}|nicht wieder|wählen
    -2 I had imagined something quite different = ich|hatte|mir|etwas ganz anderes|vorgestellt
    -3 nobody apologised for it = niemand|hat|sich|dafür|entschuldigt
    0 {it} was neither good nor bad = {er}|war||weder gut noch schlecht|
    0 {it} was average = {er}|war||durchschnittlich|
    0 I have no firm opinion on it = ich|habe||keine feste Meinung dazu|
    0 {it} was much as I had expected = {er}|war||ungefähr wie erwartet|
    0 opinions on it may differ = man|kann||darüber geteilter Meinung|sein
""")

# Whole sentences without clause structure.
CRIES = statements("""
    3 highly recommended! = sehr empfehlenswert!
    3 hats off! = Hut ab!
    3 five stars. = fünf Sterne.
    2 thumbs up. = Daumen hoch.
    2 any time again. = jederzeit wieder.
    3 simply the best. = einfach das Beste.
    2 money well spent. = gut angelegtes Geld.
    -3 never again! = nie wieder!
    -3 hands off! = Finger weg!
    -3 a waste of time. = reine Zeitverschwendung.
    -2 thumbs down. = Daumen runter.
    -3 one star, and that is too many. = ein Stern, und der ist zu viel.
    -2 not with me. = nicht mit mir.
    -2 money down the drain. = rausgeworfenes Geld.
    0 three stars out of five. = drei von fünf Sternen.
    0 nothing more, nothing less. = nicht mehr und nicht weniger.
    0 so-so. = na ja.
    0 average. = Durchschnitt.
""")

REASONS = statements("""
    3 I was delighted = ich|war||begeistert|
    2 we were happy = wir|waren||zufrieden|
    2 I stayed longer than planned = ich|blieb||länger als geplant|
    2 I am grateful = ich|bin||dankbar|
    -2 I was disappointed = ich|war||enttäuscht|
    -3 we were angry = wir|waren||wütend|
    -2 I left early = ich|ging||früher als geplant|
    -2 I gave up = ich|gab|||auf-
""")

CONSEQUENCES = {
    1: pairs("""
        that I told all my friends about it = dass ich allen Freunden davon erzählte
        that I was enthusiastic at once = dass ich sofort begeistert war
        that we forgot the time = dass wir die Zeit vergaßen
        that I could hardly believe it = dass ich es kaum glauben konnte
    """),
    -1: pairs("""
        that I lost my patience = dass ich die Geduld verlor
        that we wanted to leave at once = dass wir sofort gehen wollten
        that I wrote a complaint = dass ich eine Beschwerde schrieb
        that I could hardly believe it = dass ich es kaum glauben konnte
    """),
}

SOURCES = pairs("""
    everyone says = alle sagen
    my sister claims = meine Schwester behauptet
    the advertisement says = die Werbung sagt
    other reviews say = andere Bewertungen sagen
    I had read = ich hatte gelesen
    friends had told me = Freunde hatten mir erzählt
""")

# Adverbials for what happened, and for what is thought.
TIMES = pairs("""
    on {day} = am {day}
    in {month} = im {month}
    last weekend = am letzten Wochenende
    in the evening = am Abend
    in the morning = am Morgen
    this time = diesmal
    from the start = von Anfang an
    at first = zuerst
    in the end = am Ende
""")
VIEWS = pairs("""
    in my opinion = meiner Meinung nach
    in my eyes = in meinen Augen
    for me = für mich
    on the whole = im Großen und Ganzen
    to be honest = ehrlich gesagt
""")

COMMENTS = {
    1: pairs("""
        fortunately = zum Glück
        luckily = glücklicherweise
        to our delight = zu unserer Freude
    """),
    -1: pairs("""
        unfortunately = leider
        sadly = bedauerlicherweise
        to our annoyance = zu unserem Ärger
    """),
}

SLOTS = {
    "day": pairs("""
        Monday = Montag
        Tuesday = Dienstag
        Wednesday = Mittwoch
        Thursday = Donnerstag
        Friday = Freitag
        Saturday = Samstag
        Sunday = Sonntag
    """),
    "month": pairs("""
        January = Januar
        March = März
        April = April
        May = Mai
        June = Juni
        July = Juli
        August = August
        October = Oktober
        December = Dezember
    """),
    "city": pairs("""
        Berlin = Berlin
        Vienna = Wien
        Munich = München
        Hamburg = Hamburg
        London = London
        Cologne = Köln
        Zurich = Zürich
        Leeds = Leeds
        Bristol = Bristol
        Prague = Prag
        Rome = Rom
        Oslo = Oslo
    """),
    "hour": tuple((str(n), str(n)) for n in range(1, 13)),
    "n": tuple((str(n), str(n)) for n in range(2, 100)),
    "year": tuple((str(n), str(n)) for n in range(1985, 2024)),
    "few": pairs("""
        two = zwei
        three = drei
        four = vier
        five = fünf
        six = sechs
        eight = acht
        ten = zehn
        twelve = zwölf
    """),
    "ordinal": pairs("""
        first = ersten
        second = zweiten
        third = dritten
        fourth = vierten
        fifth = fünften
        sixth = sechsten
    """),
    "colour": pairs("""
        black = schwarz
        white = weiß
        grey = grau
        blue = blau
        green = grün
        red = rot
        yellow = gelb
        brown = braun
    """),
}

# Words that only German reviews use, and that no unlabelled text contains: what people write in
# one language is never just the translation of what they write in the other.
COLLOQUIAL = dict(
    pairs("""
    großartig = grandios
    toll = famos
    ausgezeichnet = sagenhaft
    fantastisch = umwerfend
    schön = fein
    ordentlich = passabel>passabl
    schlecht = mies
    dürftig = lausig
    furchtbar = grottig
    scheußlich = unterirdisch
    miserabel>miserabl = erbärmlich
    nervig = lästig
    mittelmäßig = durchwachsen
    hilfsbereit = zuvorkommend
    unfreundlich = pampig
    unhöflich = ruppig
    mürrisch = griesgrämig
    lecker = schmackig
    köstlich = vorzüglich
    widerlich = eklig
    fade>fad = labberig
    gemütlich = behaglich
    blitzsauber = piekfein
    dreckig = schmuddelig
    stickig = muffig
    eng = beengt
    spannend = mitreißend
    witzig = ulkig
    langweilig = öde>öd
    zäh = dröge>drög
    unglaubwürdig = hanebüchen
    sinnlos = bescheuert
    praktisch = durchdacht
    schnell = flott
    stabil = solide>solid
    wackelig = klapprig
    langsam = lahm
    nutzlos = unnütz
    überhöht = gepfeffert
    unverschämt = dreist
""")
)
