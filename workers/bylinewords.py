"""Words of bylines, as data: for "by", agencies, roles and jobs, particles of names."""

from __future__ import annotations

from typing import Final


def words_of(text: str) -> tuple[str, ...]:
    """The entries of a list with commas."""
    return tuple(word.strip() for word in text.split(","))


# What stands before an author's name, in regular expressions.
BY: Final = (
    "by|von|par|por|di|door|af|av|przez|od|от|автор(?:ы)?|текст|від|yazan|kirjoittanut|írta|autore"
    "|autor(?:en|in|es|a)?|auteur|texto?|testo|tekst|oleh|bởi|بقلم|كتب|מאת|作者|文|نویسنده|लेखक|โดย|ผู้เขียน|(?:本报)?记者|記者|撰文|取材|執筆|글"
)
AGENCIES: Final = words_of(
    "associated press, ap, agence france-presse, afp, reuters, thomson reuters, dpa, apa, ansa, efe, sid, "
    "pa media, press association, upi, bloomberg, xinhua, kyodo, kyodo news, jiji press, jiji, tass, тасс, "
    "интерфакс, рбк, риа новости, pap, belga, anp, ntb, tt, stt, ritzau, keystone-sda, sda, ats, "
    "europa press, lusa, pti, ani, ians, yonhap, antara, epd, kna, adnkronos, agi, mti, čtk, tasr, hina, "
    "tanjug, bta, agerpres, lsa, cna, canadian press, the canadian press, aap, australian associated press, "
    "新华社, 共同通信, 時事通信, 연합뉴스, أ ف ب, رويترز, укринформ, унian"
)
# Words that stand in bylines and in nobody's name.
ROLES: Final = words_of(
    "staff, newsroom, editor, editors, editorial, redaktion, redazione, redacción, redaccion, rédaction, "
    "redactie, redakcja, redaktør, toimitus, redaksi, admin, administrator, webmaster, guest, reporter, "
    "reporters, correspondent, korrespondent, contributor, contributors, writer, writers, redakteur, "
    "redakteurin, chefredakteur, autor, autorin, journalist, journalists, team, desk, agency, agencies, "
    "agenturen, agentur, quelle, press, presse, news, media, online, tv, gmbh, ltd, inc, llc, verlag, "
    "powered, condé nast, facebook, twitter, updated, published, min read, mins read, minutes read, follow, "
    "share, comment, comments, kommentar, kommentare, photo, foto, fotos, getty, images, subscribe, null, "
    "undefined, none, unknown, no author, wire services, services, service, nachrichten, noticias, notizie, "
    "nyheter, aktuelles, magazin, magazine, zeitung, university, universität, institut, institute, stiftung, "
    "foundation, verband, e.v, theme, archiv, archive, beiträge, inhalte, veröffentlicht, am, uhr, ago, "
    "read, bio, articles, posts, home, login, kontakt, contact, about, profile, ceo, cto, founder, phd, md, "
    "chief, director, senior, associate, deputy, head, manager, producer, freelance, politics, sports, "
    "sport, business, opinion, world, developer, view all, view author, see all, all posts, rss, "
    "редакция, агентство, новости, корреспондент, журналист, "
    "редактор"
)
# Who signs where nobody does: the last word of such a byline.
DESKS: Final = words_of(
    "staff, team, desk, newsroom, redaktion, redazione, redacción, redaccion, rédaction, redactie, redakcja, "
    "redaksjonen, redaktionen, toimitus, redaksi, redação, editor, editors, staff writer, staff writers, "
    "staff reporter, web desk, редакция, 編集部, 编辑部, 편집부"
)
# Jobs that follow a name, so that what stands before them is one.
JOBS: Final = words_of(
    "staff writer, senior writer, staff reporter, staff, editor, editors, editor-in-chief, reporter, "
    "correspondent, korrespondent, korrespondentin, contributor, contributing writer, writer, redakteur, "
    "redakteurin, chefredakteur, chefredakteurin, volontär, volontärin, autor, autorin, journalist, "
    "journaliste, journalistin, redaktør, redaktör, ceo, cto, coo, founder, co-founder, phd, md, senior, "
    "associate, deputy, managing, chief, freelance, political, business, updated, published, veröffentlicht, "
    "publié, publicado, monday, tuesday, wednesday, thursday, friday, saturday, sunday, edited by, follow, "
    "view, more from, mehr, get, см, обозреватель, корреспондент, журналист, 기자, 記者, 著, 監訳, 訳"
)
# Lower-case words that names hold; any other ends the name: "Ida Brandt in Berlin", "Ole Winter skrifar".
PARTICLES: Final = frozenset(
    words_of(
        "von, van, de, der, den, del, della, dei, di, da, do, dos, das, du, des, la, le, el, al, bin, ibn, abu, ben, "
        "bint, y, e, i, af, av, zu, zum, zur, ten, ter, vom, lo, los, las, san, 't, ’t, d', l', und, ap, ab, ul, ur"
    )
)
