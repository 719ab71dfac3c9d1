"""EDEXML files that this project wrote itself, in the shapes that administrations make."""

CANARY_BSN = "123456782"
CANARY_ORIGIN = "kanarie-herkomst"

SCHOOL = f"""<?xml version="1.0" encoding="UTF-8"?>
<EDEX xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <school><schooljaar>2026-2027</schooljaar><peildatum>2026-11-20</peildatum><brincode>99ZZ</brincode>
  <xsdversie>2.1</xsdversie></school>
 <vestigingen><vestiging key="V1"><naam>Hoofdgebouw</naam></vestiging></vestigingen>
 <groepen>
  <groep key="g34"><naam>Groep 3/4</naam><jaargroep>C</jaargroep></groep>
  <samengestelde_groep key="plus"><naam>Plusgroep</naam></samengestelde_groep>
  <groep key="#6"><naam>De Uilen</naam><jaargroep>6</jaargroep></groep>
 </groepen>
 <leerlingen>
  <leerling key=" 101 " eckid="https://example.org/x">
   <achternaam>Berg</achternaam><voorvoegsel>van den</voorvoegsel><voornamen>Bram Jan</voornamen>
   <voorletters-1>BJ</voorletters-1><roepnaam>Bram</roepnaam><geboortedatum>2019-06-21</geboortedatum>
   <geslacht>1</geslacht><jaargroep>3</jaargroep><groep key="g34"/>
   <samengestelde_groepen><samengestelde_groep key="plus"/></samengestelde_groepen>
   <etniciteit>{CANARY_ORIGIN}</etniciteit><land_vader>{CANARY_ORIGIN}</land_vader><bsn>{CANARY_BSN}</bsn>
   <toevoegingen><blok xsi:type="onbekend:LeverancierType"><code>x</code>
    <roepnaam>Nep</roepnaam><groep key="bestaat-niet"/></blok></toevoegingen>
  </leerling>
  <leerling key="102"><roepnaam>Noor</roepnaam><jaargroep>4</jaargroep><groep key="g34"/></leerling>
  <leerling key="#3"><achternaam>Ørsted</achternaam><roepnaam>İlker</roepnaam><jaargroep>6</jaargroep>
   <groep key="#6"/></leerling>
  <leerling key="104"><achternaam>Weg</achternaam><roepnaam>Wim</roepnaam><jaargroep>8</jaargroep>
   <uitstroomdatum>2026-10-01</uitstroomdatum></leerling>
  <leerling key="105"><achternaam>Oud</achternaam><jaargroep>H</jaargroep></leerling>
  <leerling key="106"><roepnaam>Alleen</roepnaam><jaargroep>5</jaargroep>
   <samengestelde_groepen><samengestelde_groep key="plus"/></samengestelde_groepen></leerling>
 </leerlingen>
 <leerkrachten>
  <leerkracht key="L1"><achternaam>Veldman</achternaam><roepnaam>Tess</roepnaam>
   <emailadres>Tess@School.example</emailadres><rol>DIR</rol>
   <groepen><groep key="g34"><rol>STA</rol></groep><samengestelde_groep key="plus"/></groepen></leerkracht>
  <leerkracht key="L2"><achternaam>Bos</achternaam><voorletters-1>T</voorletters-1>
   <groepen><groep key="g34"/></groepen></leerkracht>
 </leerkrachten>
</EDEX>
"""

UWLR = """<?xml version="1.0"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
<ns2:leerlinggegevens_antwoord xmlns:ns2="http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens">
 <ns2:leerlinggegevens>
  <ns2:leerlingen><ns2:leerling key="1"><ns2:jaargroep>5</ns2:jaargroep><ns2:groep key="a"/>
   <ns2:roepnaam>Mia</ns2:roepnaam><ns2:achternaam>Smit</ns2:achternaam></ns2:leerling></ns2:leerlingen>
  <ns2:groepen><ns2:groep key="a"><ns2:jaargroep>5</ns2:jaargroep><ns2:naam>Vijf</ns2:naam></ns2:groep>
  </ns2:groepen>
  <ns2:school><ns2:schooljaar>2031-2032</ns2:schooljaar></ns2:school>
 </ns2:leerlinggegevens></ns2:leerlinggegevens_antwoord></soap:Body></soap:Envelope>
"""

PARTIAL = """<leerlinggegevens_antwoord xmlns="http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens">
 <leerlinggegevens-leerlingen><leerlingen>
 <leerling key="1"><roepnaam>Mia</roepnaam><groep key="a"/></leerling>
 </leerlingen></leerlinggegevens-leerlingen></leerlinggegevens_antwoord>
"""

NOTHING = """<leerlinggegevens_antwoord xmlns="http://www.edustandaard.nl/leerresultaten/2/leerlinggegevens">
 <geenwijzigingen/></leerlinggegevens_antwoord>
"""
