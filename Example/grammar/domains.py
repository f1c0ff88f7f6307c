"""What is reviewed: twelve domains with their nouns and plain facts."""

from dataclasses import dataclass

from .lexicon import Noun, Statement, statements, words


@dataclass(frozen=True)
class Domain:
    """A kind of product or service: the thing itself, its aspects, facts about it."""

    head: Noun
    aspects: tuple[Noun, ...]
    facts: tuple[Statement, ...]


def noun(line):
    """Reads `english = gender German oblique kind [mass]`."""
    english, rest = line.strip().split(" = ")
    gender, *middle = rest.split()
    mass = middle[-1] == "mass"
    if mass:
        middle.pop()
    kind = middle.pop()
    german = middle[0]
    oblique = middle[1] if len(middle) > 1 else german
    return Noun(words(english), german, gender, oblique, kind, mass)


def domain(head, aspects, facts):
    """Reads one domain; facts are `english = german clause`, all of score 0."""
    return Domain(
        noun(head),
        tuple(noun(line) for line in aspects.strip().splitlines()),
        statements("\n".join("0 " + line.strip() for line in facts.strip().splitlines())),
    )


DOMAINS = {
    "film": domain(
        "film, movie = m Film Films story",
        """
        plot = f Handlung story
        story = f Geschichte story
        ending = n Ende Endes story
        opening scene = f Eröffnungsszene story
        dialogues = p Dialoge Dialogen story
        jokes = p Witze Witzen story
        actors = p Schauspieler Schauspielern art
        lead actress = f Hauptdarstellerin art
        camera work = f Kameraarbeit art mass
        costumes = p Kostüme Kostümen look
        special effects = p Spezialeffekte Spezialeffekten art
        film music = f Filmmusik sound mass
        sound = m Ton Tons sound mass
        """,
        """
        the film lasts {n} minutes = der Film|dauert||{n} Minuten|
        we saw {it} on a {day} in the city cinema = wir|sahen|{ihn}|an einem {day} im Stadtkino|
        {it} was shot in {city} = {er}|wurde||in {city}|gedreht
        the main character is a baker from {city} = die Hauptfigur|ist||ein Bäcker aus {city}|
        there is a version with subtitles = es|gibt||eine Fassung mit Untertiteln|
        the showing began at {hour} o'clock = die Vorstellung|begann||um {hour} Uhr|
        it is the {ordinal} part of a series = es|handelt|sich|um den {ordinal} Teil einer Reihe|
        the story takes place in {year} = die Geschichte|spielt||im Jahr {year}|
        the director comes from {city} = die Regisseurin|kommt||aus {city}|
        {few} people sat in our row = {few} Leute|saßen||in unserer Reihe|
        """,
    ),
    "hotel": domain(
        "hotel = n Hotel Hotels place",
        """
        room = n Zimmer Zimmers place
        bed = n Bett Bettes seat
        bathroom = n Bad Bades place
        balcony = m Balkon Balkons place
        corridor = m Flur Flurs place
        swimming pool = n Schwimmbad Schwimmbads place
        breakfast = n Frühstück Frühstücks food
        porter = m Portier Portiers person
        cleaning lady = f Putzfrau person
        staff = n Personal Personals person mass
        lift = m Aufzug Aufzugs device
        view = f Aussicht thing
        location = f Lage thing
        room price = m Zimmerpreis Zimmerpreises price
        """,
        """
        the hotel has {n} rooms = das Hotel|hat||{n} Zimmer|
        our room was on the {ordinal} floor = unser Zimmer|lag||im {ordinal} Stock|
        we stayed for {few} nights = wir|blieben||{few} Nächte|
        breakfast is served from {hour} o'clock = das Frühstück|wird||ab {hour} Uhr|serviert
        we arrived by car on {day} = wir|kamen||am {day} mit dem Auto|an-
        the walls are painted {colour} = die Wände|sind||{colour}|gestrichen
        the station is {few} minutes away = der Bahnhof|liegt||{few} Minuten|entfernt
        the house was built in {year} = das Haus|wurde||im Jahr {year}|gebaut
        towels lie in the wardrobe = Handtücher|liegen||im Schrank|
        a bus to {city} stops in front of the door = ein Bus nach {city}|hält||vor der Tür|
        """,
    ),
    "restaurant": domain(
        "restaurant = n Restaurant Restaurants place",
        """
        food = n Essen Essens food mass
        soup = f Suppe food
        starter = f Vorspeise food
        dessert = m Nachtisch Nachtischs food
        steak = n Steak Steaks food
        fish = m Fisch Fischs food
        bread = n Brot Brotes food mass
        noodles = p Nudeln food
        sauce = f Soße food
        salad = m Salat Salats food
        coffee = m Kaffee Kaffees food mass
        waiter = m Kellner Kellners person
        waitress = f Kellnerin person
        cook = m Koch Kochs person
        terrace = f Terrasse place
        menu = f Speisekarte thing
        prices = p Preise Preisen price
        """,
        """
        we ordered the soup and the fish = wir|bestellten||die Suppe und den Fisch|
        the restaurant has {n} seats = das Restaurant|hat||{n} Plätze|
        the kitchen closes at {hour} o'clock = die Küche|schließt||um {hour} Uhr|
        {few} of us sat at one table = {few} von uns|saßen||an einem Tisch|
        the tablecloths are {colour} = die Tischdecken|sind||{colour}|
        the restaurant is closed on {day} = das Restaurant|ist||am {day}|geschlossen
        we had booked a table for {few} = wir|hatten||einen Tisch für {few}|reserviert
        the owner comes from {city} = die Besitzerin|kommt||aus {city}|
        the menu changes in {month} = die Speisekarte|wechselt||im {month}|
        the bill came to {n} euros = die Rechnung|betrug||{n} Euro|
        there is a car park behind the house = es|gibt||einen Parkplatz hinter dem Haus|
        """,
    ),
    "phone": domain(
        "phone, mobile phone = n Handy Handys device",
        """
        screen = m Bildschirm Bildschirms device
        battery = m Akku Akkus device
        camera = f Kamera device
        casing = n Gehäuse Gehäuses part
        buttons = p Tasten part
        charger = n Ladegerät Ladegeräts device
        software = f Software software mass
        fingerprint sensor = m Fingerabdrucksensor Fingerabdrucksensors device
        manual = f Anleitung thing
        speakers = p Lautsprecher Lautsprechern sound
        microphone = n Mikrofon Mikrofons sound
        ringtones = p Klingeltöne Klingeltönen sound
        price = m Preis Preises price
        """,
        """
        the phone weighs {n} grams less than my old one = das Handy|wiegt||{n} Gramm weniger als mein altes|
        I bought {it} in {month} = ich|habe|{ihn}|im {month}|gekauft
        {it} is available in {colour} and {colour} = {er}|ist||in {Colour} und {Colour}|erhältlich
        the box contains a cable and a manual = die Schachtel|enthält||ein Kabel und eine Anleitung|
        the memory holds {n} gigabytes = der Speicher|fasst||{n} Gigabyte|
        I have used {it} for {few} weeks = ich|benutze|{ihn}|seit {few} Wochen|
        the camera is on the back = die Kamera|sitzt||auf der Rückseite|
        there is room for {few} cards = es|gibt||Platz für {few} Karten|
        the device replaces a model from {year} = das Gerät|ersetzt||ein Modell von {year}|
        """,
    ),
    "vacuum": domain(
        "vacuum cleaner = m Staubsauger Staubsaugers device",
        """
        motor = m Motor Motors device
        hose = m Schlauch Schlauchs part
        brush = f Bürste part
        cable = n Kabel Kabels part
        filter = m Filter Filters device
        handle = m Griff Griffs part
        wheels = p Räder Rädern part
        suction power = f Saugkraft thing mass
        workmanship = f Verarbeitung thing mass
        motor noise = n Motorgeräusch Motorgeräuschs sound
        price = m Preis Preises price
        """,
        """
        the cable is {few} metres long = das Kabel|ist||{few} Meter lang|
        the bag holds {few} litres = der Beutel|fasst||{few} Liter|
        I use {it} on {day} = ich|benutze|{ihn}|am {day}|
        {it} comes with {few} brushes = {er}|kommt||mit {few} Bürsten|
        the casing is {colour} = das Gehäuse|ist||{colour}|
        {it} is made in a factory near {city} = {er}|wird||in einer Fabrik bei {city}|hergestellt
        we have carpets in {few} rooms = wir|haben||Teppiche in {few} Zimmern|
        the filter can be washed = der Filter|kann|||gewaschen werden
        I ordered {it} in {month} = ich|habe|{ihn}|im {month}|bestellt
        """,
    ),
    "novel": domain(
        "novel, book = m Roman Romans story",
        """
        plot = f Handlung story
        idea = f Idee story
        chapters = p Kapitel Kapiteln story
        ending = m Schluss Schlusses story
        dialogues = p Dialoge Dialogen story
        love story = f Liebesgeschichte story
        prologue = m Prolog Prologs story
        characters = p Figuren art
        heroine = f Heldin art
        style = m Stil Stils art
        language = f Sprache art mass
        illustrations = p Illustrationen art
        translation = f Übersetzung thing
        cover = m Einband Einbands look
        """,
        """
        the novel has {n} chapters = der Roman|hat||{n} Kapitel|
        {it} was published in {year} = {er}|wurde||im Jahr {year}|veröffentlicht
        the author lives in {city} = die Autorin|lebt||in {city}|
        the story begins in {month} = die Geschichte|beginnt||im {month}|
        I read {it} in {few} days = ich|las|{ihn}|in {few} Tagen|
        the heroine works in a library = die Heldin|arbeitet||in einer Bibliothek|
        it is the {ordinal} volume of a series = es|handelt|sich|um den {ordinal} Band einer Reihe|
        the cover is {colour} = der Einband|ist||{colour}|
        there is a map on the last page = es|gibt||eine Karte auf der letzten Seite|
        I borrowed {it} from my neighbour = ich|habe|{ihn}|von meinem Nachbarn|geliehen
        """,
    ),
    "train": domain(
        "train = m Zug Zugs place",
        """
        seats = p Sitze Sitzen seat
        carriage = m Wagen Wagens place
        compartment = n Abteil Abteils place
        platform = m Bahnsteig Bahnsteigs place
        toilet = f Toilette place
        conductor = m Schaffner Schaffners person
        train driver = m Lokführer Lokführers person
        air conditioner = f Klimaanlage device
        doors = p Türen part
        connection = f Verbindung service
        journey = f Fahrt service
        announcements = p Durchsagen sound
        timetable = m Fahrplan Fahrplans service
        snacks = p Imbisse Imbissen food
        fares = p Fahrpreise Fahrpreisen price
        """,
        """
        the train goes from {city} to {city} = der Zug|fährt||von {city} nach {city}|
        {it} leaves at {hour} o'clock = {er}|fährt||um {hour} Uhr|ab-
        we had seats in carriage {n} = wir|hatten||Plätze in Wagen {n}|
        the journey takes {few} hours = die Fahrt|dauert||{few} Stunden|
        {it} stops at {few} stations = {er}|hält||an {few} Bahnhöfen|
        bicycles travel in the last carriage = Fahrräder|fahren||im letzten Wagen|mit-
        the seats are {colour} = die Sitze|sind||{colour}|
        I travelled on a {day} in {month} = ich|fuhr||an einem {day} im {month}|
        we changed trains in {city} = wir|stiegen||in {city}|um-
        the line was opened in {year} = die Strecke|wurde||im Jahr {year}|eröffnet
        """,
    ),
    "museum": domain(
        "museum = n Museum Museums place",
        """
        exhibition = f Ausstellung art
        paintings = p Gemälde Gemälden art
        sculptures = p Skulpturen art
        guided tour = f Führung story
        audio guide = m Audioguide Audioguides device
        lighting = f Beleuchtung thing mass
        cloakroom = f Garderobe place
        halls = p Säle Sälen place
        museum café = n Museumscafé Museumscafés place
        cake = m Kuchen Kuchens food
        attendant = m Aufseher Aufsehers person
        cashier = f Kassiererin person
        admission price = m Eintrittspreis Eintrittspreises price
        """,
        """
        the museum opens at {hour} o'clock = das Museum|öffnet||um {hour} Uhr|
        the exhibition runs until {month} = die Ausstellung|läuft||bis {month}|
        {it} shows {n} pictures from {city} = {er}|zeigt||{n} Bilder aus {city}|
        the cloakroom is on the ground floor = die Garderobe|befindet|sich|im Erdgeschoss|
        admission is free on {day} = der Eintritt|ist||am {day}|frei
        we went there with {few} children = wir|waren||mit {few} Kindern dort|
        the building dates from {year} = das Gebäude|stammt||aus dem Jahr {year}|
        there are {few} halls = es|gibt||{few} Säle|
        the walls are {colour} = die Wände|sind||{colour}|
        """,
    ),
    "shop": domain(
        "online shop = m Onlineshop Onlineshops service",
        """
        delivery = f Lieferung service
        return = f Rücksendung service
        payment = f Bezahlung service mass
        order process = m Bestellvorgang Bestellvorgangs service
        packaging = f Verpackung thing mass
        quality = f Qualität thing mass
        selection = f Auswahl thing
        website = f Webseite software
        search = f Suche software
        customer service = m Kundendienst Kundendienstes person mass
        courier = m Zusteller Zustellers person
        adviser = f Beraterin person
        shipping costs = p Versandkosten price
        """,
        """
        I ordered a {colour} jacket there = ich|habe||dort eine Jacke in {Colour}|bestellt
        the parcel arrived on {day} = das Paket|kam||am {day}|an-
        the delivery took {few} days = die Lieferung|dauerte||{few} Tage|
        the warehouse is in {city} = das Lager|befindet|sich|in {city}|
        there are {few} ways to pay = es|gibt||{few} Arten zu bezahlen|
        I paid by card = ich|bezahlte||mit der Karte|
        the parcel weighed {few} kilos = das Paket|wog||{few} Kilo|
        the firm has existed since {year} = die Firma|besteht||seit {year}|
        goods can be returned within {n} days = Waren|können||innerhalb von {n} Tagen|zurückgegeben werden
        """,
    ),
    "course": domain(
        "language course = m Sprachkurs Sprachkurses service",
        """
        teacher = f Lehrerin person
        course leader = m Kursleiter Kursleiters person
        textbook = n Lehrbuch Lehrbuchs story
        exercises = p Übungen story
        lessons = p Stunden story
        explanations = p Erklärungen story
        examples = p Beispiele Beispielen story
        classroom = m Unterrichtsraum Unterrichtsraums place
        chairs = p Stühle Stühlen seat
        registration = f Anmeldung service
        recordings = p Aufnahmen sound
        learning platform = f Lernplattform software
        course fee = f Kursgebühr price
        """,
        """
        the course lasts {few} weeks = der Kurs|dauert||{few} Wochen|
        we met on {day} at {hour} o'clock = wir|trafen|uns|am {day} um {hour} Uhr|
        {few} people took part = {few} Personen|nahmen|||teil-
        the school is in the centre of {city} = die Schule|liegt||im Zentrum von {city}|
        the book has {n} pages more than the old one = das Buch|hat||{n} Seiten mehr als das alte|
        there is a test in {month} = es|gibt||im {month} eine Prüfung|
        we learned with cards and songs = wir|lernten||mit Karten und Liedern|
        the {ordinal} lesson is about food = die {ordinalnom} Stunde|handelt||vom Essen|
        the teacher grew up in {city} = die Lehrerin|ist||in {city}|aufgewachsen
        """,
    ),
    "app": domain(
        "app = f App software",
        """
        design = n Design Designs look
        icons = p Symbole Symbolen look
        updates = p Updates software
        map view = f Kartenansicht software
        search function = f Suchfunktion software
        notifications = p Benachrichtigungen service
        registration = f Registrierung service
        support = m Support Supports service mass
        help pages = p Hilfeseiten thing
        advertising = f Werbung thing mass
        voice output = f Sprachausgabe sound mass
        subscription price = m Abopreis Abopreises price
        """,
        """
        the app needs {n} megabytes = die App|braucht||{n} Megabyte|
        I installed {it} in {month} = ich|habe|{ihn}|im {month}|installiert
        the icon is {colour} = das Symbol|ist||{colour}|
        {it} is available in {few} languages = {er}|ist||in {few} Sprachen|verfügbar
        the last update came on {day} = das letzte Update|kam||am {day}|
        the makers are based in {city} = die Hersteller|sitzen||in {city}|
        you log in with an e-mail address = man|meldet|sich|mit einer E-Mail-Adresse|an-
        {it} has existed since {year} = es|gibt|{ihn}|seit {year}|
        the settings are in the menu at the top = die Einstellungen|stehen||oben im Menü|
        """,
    ),
    "concert": domain(
        "concert = n Konzert Konzerts story",
        """
        band = f Band art
        singer = f Sängerin art
        drummer = m Schlagzeuger Schlagzeugers art
        songs = p Lieder Liedern art
        light show = f Lichtshow art
        support band = f Vorband art
        sound = m Klang Klangs sound mass
        loudspeakers = p Lautsprecher Lautsprechern sound
        concert hall = f Konzerthalle place
        seats = p Plätze Plätzen seat
        drinks = p Getränke Getränken food
        stewards = p Ordner Ordnern person
        admission = m Einlass Einlasses service mass
        ticket prices = p Kartenpreise Kartenpreisen price
        """,
        """
        the concert began at {hour} o'clock = das Konzert|begann||um {hour} Uhr|
        the band played {n} songs = die Band|spielte||{n} Lieder|
        we stood in row {n} = wir|standen||in Reihe {n}|
        the singer wore a {colour} coat = die Sängerin|trug||einen Mantel in {Colour}|
        {it} was the {ordinal} concert of the tour = {er}|war||das {ordinalnom} Konzert der Tournee|
        the hall holds {few} thousand people = die Halle|fasst||{few}tausend Menschen|
        the interval lasted {n} minutes = die Pause|dauerte||{n} Minuten|
        the band was founded in {year} = die Band|wurde||im Jahr {year}|gegründet
        we had bought the tickets in {month} = wir|hatten||die Karten im {month}|gekauft
        the next concert is in {city} = das nächste Konzert|findet||in {city}|statt-
        """,
    ),
}
