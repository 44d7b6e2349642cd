/* The first bytes of a page in; where its markup may declare an encoding. */
#include "bytes.h"
#include "markup.h"

static bool starts(const struct page *page, const char *wanted) {
    const size_t length = strlen(wanted);

    return (size_t)(page->end - page->at) >= length && memcmp(page->at, wanted, length) == 0;
}

/* Whether `from` up to `end` is or begins with this word, in small or capital letters. */
static bool reads(const uint8_t *from, const uint8_t *end, const char *word) {
    for (; *word != '\0'; from++, word++)
        if (from >= end || (*from | 0x20) != *word) return false;
    return true;
}

static bool holds(const uint8_t *from, const uint8_t *end, const char *word) {
    for (; from < end; from++)
        if (reads(from, end, word)) return true;
    return false;
}

static bool is_letter(const struct page *page, ptrdiff_t further) {
    return page->end - page->at > further && (KINDS[page->at[further]] & LETTER);
}

/* To behind the `>` of a tag whose attributes begin here. */
static void skip_tag(struct page *page) {
    for (skip(page, SPACE | SLASH); page->at < page->end && *page->at != '>'; skip(page, SPACE | SLASH))
        skip_attribute(page);
    if (page->at < page->end) page->at++;
}

static bool is_meta(const struct page *page) {
    return page->end - page->at > 5 && reads(page->at + 1, page->end, "meta") && (KINDS[page->at[5]] & (SPACE | SLASH));
}

/* From the `<` of what is no meta element to behind it. */
static void skip_markup(struct page *page) {
    if (starts(page, "<!--")) {
        for (page->at += 2; page->at < page->end && !starts(page, "-->"); find(page, '-')) page->at++;
        if (page->at < page->end) page->at += 3;
    } else if (is_letter(page, 1) || (starts(page, "</") && is_letter(page, 2))) {
        skip_until(page, SPACE | END); /* here, and not for a tokenizer, a slash is a part of the name */
        skip_tag(page);
    } else if (starts(page, "<!") || starts(page, "</") || starts(page, "<?")) {
        find(page, '>');
        if (page->at < page->end) page->at++;
    } else {
        page->at++;
    }
}

size_t nw_find_declaration(const uint8_t *data, size_t length, size_t at) {
    struct page page = {.at = data + (at < length ? at : length), .end = data + length};

    for (find(&page, '<'); page.at < page.end; find(&page, '<')) {
        const uint8_t *const start = page.at;

        if (!is_meta(&page)) {
            skip_markup(&page);
            continue;
        }
        page.at += 5;
        skip_tag(&page);
        if (holds(start, page.at, "charset")) return (size_t)(start - data);
    }
    return length;
}
