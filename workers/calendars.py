# ruff: noqa: E501  # one language a line, as a table
"""A shown text in, the days it tells in some sixty languages out. Pure.

Month names are data; what could be two days (03/04/2021) is told apart by the page's language or refused. Years of the
Thai, the Japanese, the Taiwanese and the solar Hijri calendar are read as what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from workers import solarhijri

MAX_TEXT: Final = 400  # characters of a text that are searched

# Twelve names a line, January first; alternatives (cases, short forms) after a slash.
_NAMES: Final = """
january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec
januar/jänner/jän/jaenner februar/feber märz/mär/maerz/mrz april mai juni juli august september oktober/okt november dezember/dez
janvier/janv février/févr/fév/fevrier mars avril/avr mai juin juillet/juil août/aout septembre octobre novembre décembre/déc/decembre
enero/ene febrero marzo abril/abr mayo junio julio agosto/ago septiembre/setiembre/set octubre noviembre diciembre/dic
gennaio/gen febbraio marzo aprile maggio/mag giugno/giu luglio/lug agosto settembre/sett ottobre/ott novembre dicembre
janeiro fevereiro/fev março/marco abril maio/mai junho julho agosto setembro outubro/out novembro dezembro
januari februari maart/mrt april mei juni juli augustus/aug september oktober november december
januari februari mars april maj juni juli augusti september oktober november december
januar februar marts/mars april maj/mai juni juli august september oktober november desember/december/des
tammikuuta/tammikuu helmikuuta/helmikuu maaliskuuta/maaliskuu huhtikuuta/huhtikuu toukokuuta/toukokuu kesäkuuta/kesäkuu heinäkuuta/heinäkuu elokuuta/elokuu syyskuuta/syyskuu lokakuuta/lokakuu marraskuuta/marraskuu joulukuuta/joulukuu
stycznia/styczeń/sty lutego/luty/lut marca/marzec kwietnia/kwiecień/kwi maja czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis grudnia/grudzień/gru
ledna/leden února/únor března/březen dubna/duben května/květen června/červen července/červenec srpna/srpen září října/říjen listopadu/listopad prosince/prosinec
januára februára marca apríla mája júna júla augusta septembra októbra novembra decembra
január/jan február/febr március/márc április/ápr május/máj június/jún július/júl augusztus szeptember/szept október november december
ianuarie/ian februarie martie aprilie mai iunie/iun iulie/iul august septembrie octombrie noiembrie decembrie
января/январь/янв февраля/февраль/фев марта/март апреля/апрель/апр мая/май июня/июнь/июн июля/июль/июл августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя/нояб декабря/декабрь/дек
січня/січень лютого/лютий березня/березень квітня/квітень травня/травень червня/червень липня/липень серпня/серпень вересня/вересень жовтня/жовтень листопада/листопад грудня/грудень
януари февруари март април май юни юли август септември октомври ноември декември
siječnja/siječanj veljače/veljača ožujka/ožujak travnja/travanj svibnja/svibanj lipnja/lipanj srpnja/srpanj kolovoza/kolovoz rujna/rujan listopada/listopad studenoga/studenog/studeni prosinca/prosinac
januara/januar februara/februar marta/mart aprila/april maja/maj juna/jun/juni jula/jul/juli avgusta/avgust septembra/septembar oktobra/oktobar novembra/novembar decembra/decembar
јануара/јануар фебруара/фебруар марта/март априла/април маја/мај јуна/јун јула/јул августа/август септембра/септембар октобра/октобар новембра/новембар децембра/децембар
ιανουαρίου/ιαν φεβρουαρίου/φεβ μαρτίου/μαρ απριλίου/απρ μαΐου/μαϊου/μάι ιουνίου/ιουν ιουλίου/ιουλ αυγούστου/αυγ σεπτεμβρίου/σεπ οκτωβρίου/οκτ νοεμβρίου/νοε δεκεμβρίου/δεκ
ocak/oca şubat/şub mart nisan/nis mayıs haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki kasım/kas aralık/ara
januari/jan februari/peb maret april/apr mei juni/jun juli/jul agustus/agt/agu september/sep oktober/okt november/nov desember/des
يناير فبراير مارس أبريل/ابريل مايو يونيو/يونيه يوليو/يوليه أغسطس/اغسطس سبتمبر أكتوبر/اكتوبر نوفمبر ديسمبر
جانفي فيفري مارس أفريل ماي جوان جويلية أوت سبتمبر أكتوبر نوفمبر ديسمبر
ינואר/בינואר פברואר/בפברואר מרץ/במרץ אפריל/באפריל מאי/במאי יוני/ביוני יולי/ביולי אוגוסט/באוגוסט ספטמבר/בספטמבר אוקטובר/באוקטובר נובמבר/בנובמבר דצמבר/בדצמבר
जनवरी फरवरी/फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर नवंबर/नवम्बर दिसंबर/दिसम्बर
জানুয়ারি/জানুয়ারি ফেব্রুয়ারি/ফেব্রুয়ারি মার্চ এপ্রিল মে জুন জুলাই আগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর
มกราคม/ม.ค กุมภาพันธ์/ก.พ มีนาคม/มี.ค เมษายน/เม.ย พฤษภาคม/พ.ค มิถุนายน/มิ.ย กรกฎาคม/ก.ค สิงหาคม/ส.ค กันยายน/ก.ย ตุลาคม/ต.ค พฤศจิกายน/พ.ย ธันวาคม/ธ.ค
janúar febrúar mars apríl maí júní júlí ágúst september október nóvember desember
jaanuar veebruar märts aprill mai juuni juuli august september oktoober november detsember
sausio vasario kovo balandžio gegužės birželio liepos rugpjūčio rugsėjo spalio lapkričio gruodžio
janvāris/janvārī februāris/februārī marts/martā aprīlis/aprīlī maijs/maijā jūnijs/jūnijā jūlijs/jūlijā augusts/augustā septembris/septembrī oktobris/oktobrī novembris/novembrī decembris/decembrī
gener febrer març abril maig juny juliol agost setembre octubre novembre desembre
xaneiro febreiro marzo abril maio xuño xullo agosto setembro outubro novembro decembro
januarja/januar februarja/februar marca/marec aprila/april maja/maj junija/junij julija/julij avgusta/avgust septembra/september oktobra/oktober novembra/november decembra/december
јануари февруари март април мај јуни јули август септември октомври ноември декември
студзеня/студзень лютага/люты сакавіка/сакавік красавіка/красавік мая/май чэрвеня/чэрвень ліпеня/ліпень жніўня/жнівень верасня/верасень кастрычніка/кастрычнік лістапада/лістапад снежня/снежань
janar shkurt mars prill maj qershor korrik gusht shtator tetor nëntor dhjetor
yanvar fevral mart aprel may iyun iyul avqust/avgust sentyabr/sentabr oktyabr/oktabr noyabr dekabr
қаңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан
იანვარი/იანვარს თებერვალი/თებერვალს მარტი/მარტს აპრილი/აპრილს მაისი/მაისს ივნისი/ივნისს ივლისი/ივლისს აგვისტო/აგვისტოს სექტემბერი/სექტემბერს ოქტომბერი/ოქტომბერს ნოემბერი/ნოემბერს დეკემბერი/დეკემბერს
հունվարի/հունվար փետրվարի/փետրվար մարտի/մարտ ապրիլի/ապրիլ մայիսի/մայիս հունիսի/հունիս հուլիսի/հուլիս օգոստոսի/օգոստոս սեպտեմբերի/սեպտեմբեր հոկտեմբերի/հոկտեմբեր նոյեմբերի/նոյեմբեր դեկտեմբերի/դեկտեմբեր
كانون-الثاني/كانون-ثاني شباط آذار/اذار نيسان أيار/ايار حزيران تموز آب/اب أيلول/ايلول تشرين-الأول/تشرين-الاول/تشرين-أول تشرين-الثاني/تشرين-ثاني كانون-الأول/كانون-الاول/كانون-أول
جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر
ژانویه/ژانویهٔ فوریه/فوریهٔ مارس آوریل مه/می ژوئن ژوئیه/جولای اوت/آگوست سپتامبر اکتبر نوامبر دسامبر
जानेवारी/जाने फेब्रुवारी/फेब्रु मार्च एप्रिल मे जून जुलै ऑगस्ट सप्टेंबर/सप्टें ऑक्टोबर/ऑक्टो नोव्हेंबर/नोव्हें डिसेंबर/डिसें
जनवरी फेब्रुअरी मार्च अप्रिल मे जुन जुलाई अगस्ट सेप्टेम्बर अक्टोबर नोभेम्बर डिसेम्बर
જાન્યુઆરી ફેબ્રુઆરી માર્ચ એપ્રિલ મે જૂન જુલાઈ ઑગસ્ટ/ઓગસ્ટ સપ્ટેમ્બર ઑક્ટોબર/ઓક્ટોબર નવેમ્બર ડિસેમ્બર
ਜਨਵਰੀ ਫ਼ਰਵਰੀ/ਫਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ
ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட்/ஆகஸ்டு செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர்
జనవరి ఫిబ్రవరి మార్చి ఏప్రిల్ మే జూన్ జులై/జూలై ఆగస్టు/ఆగస్ట్ సెప్టెంబర్ అక్టోబర్ నవంబర్ డిసెంబర్
ಜನವರಿ ಫೆಬ್ರವರಿ ಮಾರ್ಚ್ ಏಪ್ರಿಲ್ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್ ಸೆಪ್ಟೆಂಬರ್ ಅಕ್ಟೋಬರ್ ನವೆಂಬರ್ ಡಿಸೆಂಬರ್
ജനുവരി ഫെബ്രുവരി മാർച്ച് ഏപ്രിൽ മേയ്/മെയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ്/ആഗസ്റ്റ് സെപ്റ്റംബർ ഒക്ടോബർ/ഒക്‌ടോബർ നവംബർ ഡിസംബർ
ဇန်နဝါရီ ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ် စက်တင်ဘာ အောက်တိုဘာ နိုဝင်ဘာ ဒီဇင်ဘာ
មករា កុម្ភៈ មីនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា ធ្នូ
januari februari mac april mei jun julai ogos september oktober november disember
enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre
januari februari machi aprili mei juni julai agosti septemba oktoba novemba desemba
januarie februarie maart april mei junie julie augustus september oktober november desember
"""
_MONTHS: Final[dict[str, int]] = {}
for _line in _NAMES.strip().splitlines():
    for _number, _forms in enumerate(_line.split(), start=1):
        for _form in _forms.replace("\u200c", "").split("/"):
            _MONTHS.setdefault(_form, _number)

# No \w: it leaves out the vowel signs of Indic scripts.
_WORD: Final = (
    r"(?P<name>(?:كانون|تشرين)\s(?:ال)?[أاث]\S{2,4}(?<!،)|[^\d\s.,،:;/|()\[\]–-]{2,14}|[^\W\d_]\.[^\W\d_])"
    r"(?:\s?[/(]\s?[\u0621-\u0652]{3,10}\)?)?"  # Arabic papers name a month twice: "نيسان / أبريل"
)
_OF: Final = r"(?:\s*(?:de|del|di|of|of\s+the|da|d’|d')\s+|\s*)"
_YEAR: Final = rf"(?P<year>(?:19|20|25)\d\d|{solarhijri.YEAR})"
_DAY_FIRST: Final = re.compile(
    rf"(?<![\d.,])(?P<day>\d{{1,2}})\s*(?:st|nd|rd|th|er|º|ª|\.|-)?,?{_OF}{_WORD}\.?,?{_OF}[\s,،-]*{_YEAR}(?!\d)"
)
_MONTH_FIRST: Final = re.compile(
    rf"(?<!\w){_WORD}\.?\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*[,،]|\s)\s*{_YEAR}(?!\d)"
)
_YEAR_FIRST_NAME: Final = re.compile(rf"(?<!\d){_YEAR}\.?,?\s+(?:m\.\s+)?{_WORD}\.?\s+(?P<day>\d{{1,2}})(?!\d)")
# The years of an era count from the one before its first: 令和2年 is 2020, 民國109年 too.
_ERAS: Final = {"令和": 2018, "平成": 1988, "民國": 1911, "民国": 1911, "": 0}
_CJK: Final = re.compile(
    r"(?<!\d)(?:(?P<era>令和|平成|民[國国])\s*(?P<place>元|\d{1,3})|(?P<year>(?:19|20)\d\d))\s*[年년]\s*(?P<month>\d{1,2})\s*[月월]"
    r"\s*(?P<day>\d{1,2})"
)
_VIETNAMESE: Final = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2})(?:,|\s+năm|,\s*năm)?\s+(?P<year>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_YEAR_FIRST: Final = re.compile(
    rf"(?<![\d/.-])(?P<year>(?:19|20)\d\d|{solarhijri.YEAR})(?P<sep>[./-]|\.\s)(?P<month>\d{{1,2}})(?P=sep)(?P<day>\d{{1,2}})(?![\d/-]|\.\d)"
)
_NUMBERS: Final = re.compile(
    r"(?<![\d/.,:-])(?P<first>\d{1,2})\s?(?P<sep>[./|-])\s?(?P<second>\d{1,2})\s?(?P=sep)\s?(?P<year>(?:19|20)\d\d|\d\d)(?![\d/-]|\.\d)"
)
_FULL_YEAR: Final = re.compile(rf"(?:19|20|25)\d\d|{solarhijri.YEAR}|令和|平成|民[國国]")
_HINT: Final = re.compile(r"\d")
_ZEROS: Final = "٠۰०০੦૦௦౦೦൦๐០၀０"  # digits of other scripts follow their zero in Unicode
_DIGITS: Final = {ord(zero) + value: str(value) for zero in _ZEROS for value in range(10)}
_MARKS: Final = re.compile(r"[\u064b-\u0652\u200c\u200d]")  # of Arabic vowels, and joiners
_BUDDHIST: Final = 2400  # years above it are of the Thai calendar
_BUDDHIST_AHEAD: Final = 543
_MONTHS_IN_YEAR: Final = 12
_SHORT_YEAR: Final = 100
_CENTURY: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day told in a text, and where."""

    on: date
    start: int
    end: int
    is_ambiguous: bool = False  # day and month could be the other way round


def days_in(text: str, *, is_month_first: bool = False) -> Iterator[Day]:
    """All days of a text, form by form; `is_month_first` says how 03/04/2021 is read, as in the United States."""
    text = text[:MAX_TEXT]
    if not _HINT.search(text):
        return
    if not text.isascii():
        text = text.translate(_DIGITS)
    if _FULL_YEAR.search(text):
        yield from _with_full_year(text)
    for found in _NUMBERS.finditer(text):
        if day := _of_numbers(found, is_month_first=is_month_first):
            yield day


def _with_full_year(text: str) -> Iterator[Day]:
    text_low = text.lower()
    for form in (_DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST_NAME):
        for found in form.finditer(text_low):
            year = int(found["year"])
            month = _month_of(found["name"], year)
            if month and (on := _to_day(year, month, int(found["day"]))):
                yield Day(on=on, start=found.start(), end=found.end())
    is_ascii = text.isascii()
    for found in () if is_ascii else _CJK.finditer(text):
        told = found["year"] or found["place"].replace("元", "1")
        if on := _to_day(_ERAS[found["era"] or ""] + int(told), int(found["month"]), int(found["day"])):
            yield Day(on=on, start=found.start(), end=found.end())
    for form in (_YEAR_FIRST,) if is_ascii else (_VIETNAMESE, _YEAR_FIRST):
        for found in form.finditer(text):
            if on := _to_day(int(found["year"]), int(found["month"]), int(found["day"])):
                yield Day(on=on, start=found.start(), end=found.end())


def _month_of(name: str, year: int) -> int | None:
    name = _MARKS.sub("", name).replace(" ", "-")
    if solarhijri.is_year(year):
        return solarhijri.month_of(name)
    return _MONTHS.get(name) or _MONTHS.get(name.rstrip("."))


def _of_numbers(found: re.Match[str], *, is_month_first: bool) -> Day | None:
    first, second, year = int(found["first"]), int(found["second"]), int(found["year"])
    if year < _SHORT_YEAR:
        year += _CENTURY
    is_open = found["sep"] == "/" and first <= _MONTHS_IN_YEAR and second <= _MONTHS_IN_YEAR and first != second
    is_swapped = second > _MONTHS_IN_YEAR or (is_open and is_month_first)
    on = _to_day(year, first, second) if is_swapped else _to_day(year, second, first)
    return Day(on=on, start=found.start(), end=found.end(), is_ambiguous=is_open) if on else None


def _to_day(year: int, month: int, day: int) -> date | None:
    if year > _BUDDHIST:
        year -= _BUDDHIST_AHEAD
    try:
        if solarhijri.is_year(year):
            return solarhijri.gregorian_of(year, month, day)
        return date(year, month, day)
    except ValueError:
        return None
