"""Makes the list of passwords that the portal refuses because everybody tries them first.

    pip install zxcvbn==4.5.0 && python tools/common_passwords.py

The frequency list of zxcvbn, as far as a password of 8 characters is concerned, and the words that people in
the Netherlands take, each with the endings that people put behind a word. Lower case, one a line, sorted.
"""

import gzip
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

TARGET = Path(__file__).resolve().parent.parent / "portal" / "data" / "common_passwords.txt.gz"
SHORTEST = 8
WORDS = """
wachtwoord welkom hallo geheim toegang inloggen ouderportaal ouderportal portaal portal ouder ouders
school basisschool mijnschool juf juffrouw meester leerling kinderen kind kindje mijnkind mijnkinderen
gezin familie mama papa mamma pappa mamapapa papamama oma opa moeder vader dochter zoon baby schat
schatje schatjes liefje lieverd lieve liefde knuffel kusje kusjes engel engeltje prinses prinsesje
vlinder vlindertje bloem bloemen zonnetje zonnestraal zonnebloem regenboog sterren voetbal hockey ajax
feyenoord psv oranje hollandia holland nederland amsterdam rotterdam denhaag utrecht eindhoven groningen
tilburg almere breda nijmegen arnhem haarlem zwolle maastricht friesland limburg brabant zeeland januari
februari maart april mei juni juli augustus september oktober november december maandag dinsdag woensdag
donderdag vrijdag zaterdag zondag lente zomer herfst winter vakantie weekend kerst sinterklaas verjaardag
computer laptop telefoon internet email hond poes katje konijn paard paarden paardje hamster dolfijn
pannenkoek appeltaart chocola chocolade stroopwafel kaas bier koffie fiets auto huis thuis tuin vogel
sesam sesamopenu niksniks abcd qwerty azerty test tester admin beheer beheerder
"""
YEARS = [str(year) for year in range(1970, 2036)]
MARKS = ["", "!", ".", "?", "*", "#"]
NUMBERS = [
    "1",
    "01",
    "11",
    "12",
    "22",
    "99",
    "00",
    "007",
    "100",
    "123",
    "321",
    "1234",
    "12345",
    "123456",
    "4321",
]


def passwords() -> set[str]:
    """Every password of the list."""
    known = {password.lower() for password in FREQUENCY_LISTS["passwords"]}
    endings = [number + mark for number in ["", *NUMBERS, *YEARS] for mark in MARKS]
    endings += ["@" + number for number in NUMBERS]
    words = WORDS.split()
    known |= {word + ending for word in words for ending in endings}
    known |= {word + word for word in words}
    return {password for password in known if len(password) >= SHORTEST}


def main() -> None:
    """Write the list."""
    lines = "".join(f"{password}\n" for password in sorted(passwords()))
    TARGET.write_bytes(gzip.compress(lines.encode(), compresslevel=9, mtime=0))
    print(f"{len(lines.splitlines())} passwords, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
