/* Bytes of a page in; how many elements they open, and whether one of them has too many attributes. */
#include "bytes.h"
#include "markup.h"

/* From behind an element's name to behind its `>`; false where it has too many attributes. */
static bool skip_attributes(struct page *page, size_t limit) {
    for (size_t n_attributes = 0;; n_attributes++) {
        skip(page, SPACE | SLASH);
        if (page->at == page->end) return true;
        if (*page->at == '>') {
            page->at++;
            return true;
        }
        if (n_attributes == limit) return false;
        skip_attribute(page);
    }
}

/* Whether the name of an element at `at`, in small or capital letters, is this one and no longer. */
static bool is_named(const struct page *page, const uint8_t *at, const char *name) {
    const size_t length = strlen(name);

    if ((size_t)(page->end - at) <= length || !(KINDS[at[length]] & (SPACE | SLASH | END))) return false;
    for (size_t n = 0; n < length; n++)
        if ((at[n] | 0x20) != name[n]) return false;
    return true;
}

static bool is_closed(const struct page *page, const char *name) {
    return page->end - page->at > 2 && page->at[1] == '/' && is_named(page, page->at + 2, name);
}

/* To the `</` that ends what holds no markup. In scripts a comparison (`a<b`) may stand before a thousand words. */
static void skip_raw(struct page *page, const char *name) {
    for (find(page, '<'); page->at < page->end && !is_closed(page, name); find(page, '<')) page->at++;
}

/* To the `</` that ends a drawing or a formula; in these title and style hold markup. */
static bool skip_foreign(struct page *page, size_t limit) {
    for (find(page, '<'); page->at < page->end; find(page, '<')) {
        if (is_closed(page, "svg") || is_closed(page, "math")) return true;
        page->at++;
        if (page->at < page->end && (KINDS[*page->at] & LETTER)) {
            skip_until(page, SPACE | SLASH | END);
            if (!skip_attributes(page, limit)) return false;
        }
    }
    return true;
}

/* From an element's name to behind what belongs to it alone; false where it has too many attributes. */
static bool skip_element(struct page *page, size_t limit) {
    static const char *const RAW[] = {"script", "style", "textarea", "title"};
    const uint8_t *const name = page->at;
    const uint8_t first = *name | 0x20;

    skip_until(page, SPACE | SLASH | END);
    if (!skip_attributes(page, limit)) return false;
    if (first != 's' && first != 't' && first != 'm') return true;
    for (size_t n = 0; n < sizeof RAW / sizeof *RAW; n++) {
        if (is_named(page, name, RAW[n])) {
            skip_raw(page, RAW[n]);
            return true;
        }
    }
    return (is_named(page, name, "svg") || is_named(page, name, "math")) ? skip_foreign(page, limit) : true;
}

/* From the `!` of a comment to behind its end; `<!-->` and `<!--->` are whole ones. */
static void skip_comment(struct page *page) {
    page->at += 3;
    if (page->end - page->at >= 1 && page->at[0] == '>') return;
    if (page->end - page->at >= 2 && page->at[0] == '-' && page->at[1] == '>') return;
    for (find(page, '-'); page->at < page->end; find(page, '-')) {
        const ptrdiff_t left = page->end - page->at;

        if (left >= 3 && memcmp(page->at, "-->", 3) == 0) return;
        if (left >= 4 && memcmp(page->at, "--!>", 4) == 0) return;
        page->at++;
    }
}

int nw_has_many_attributes(const uint8_t *data, size_t length, size_t limit) {
    struct page page = {.at = data, .end = data + length};

    for (find(&page, '<'); page.at < page.end; find(&page, '<')) {
        page.at++;
        if (page.at == page.end) break;
        if (KINDS[*page.at] & LETTER) {
            if (!skip_element(&page, limit)) return 1;
        } else if (page.end - page.at >= 3 && memcmp(page.at, "!--", 3) == 0) {
            skip_comment(&page);
        }
    }
    return 0;
}

int nw_has_many_on_roots(const uint8_t *data, size_t length, size_t limit) {
    struct page page = {.at = data, .end = data + length};
    size_t of_html = 0, of_body = 0;

    for (find(&page, '<'); page.at < page.end; find(&page, '<')) {
        size_t *n_attributes;

        page.at++;
        if (page.end - page.at <= 4) break;
        n_attributes = is_named(&page, page.at, "html") ? &of_html : is_named(&page, page.at, "body") ? &of_body : NULL;
        if (n_attributes == NULL) continue;
        page.at += 4;
        for (skip(&page, SPACE | SLASH); page.at < page.end && *page.at != '>'; skip(&page, SPACE | SLASH)) {
            skip_attribute(&page);
            ++*n_attributes;
        }
    }
    return of_html > limit || of_body > limit;
}

/* The most that can be open at once: closing what is not open closes nothing. */
struct rise {
    int64_t height;
    int64_t highest;
};

static void take_step(struct rise *rise, int step) {
    rise->height += step;
    if (rise->height < 0) rise->height = 0;
    if (rise->height > rise->highest) rise->highest = rise->height;
}

#define BIT(letter) (1u << ((letter) & 0x1f))
#define NO_LETTER 1u /* the bit of what is none: the name has ended */

/* By an element's first letter, the second ones of those that the parser opens anew in each block. */
static const uint32_t FORMATTING[32] = {
    ['b' & 0x1f] = NO_LETTER | BIT('i'),
    ['c' & 0x1f] = BIT('o'),
    ['e' & 0x1f] = BIT('m'),
    ['f' & 0x1f] = BIT('o'),
    ['i' & 0x1f] = NO_LETTER,
    ['n' & 0x1f] = BIT('o'),
    ['s' & 0x1f] = NO_LETTER | BIT('m') | BIT('t'),
    ['t' & 0x1f] = BIT('t'),
    ['u' & 0x1f] = NO_LETTER,
};

static bool is_formatting(uint8_t first, uint8_t second) {
    const uint32_t wanted = (KINDS[second] & LETTER) ? BIT(second) : NO_LETTER;

    return (KINDS[first] & LETTER) && (FORMATTING[first & 0x1f] & wanted);
}

void nw_count_tags(const uint8_t *data, size_t length, int64_t *counts) {
    struct page page = {.at = data, .end = length > 3 ? data + length - 3 : data};
    struct rise all = {0, 0}, formatting = {0, 0};
    int64_t n_tags = 0, n_opened = 0, n_roots = 0;

    for (find(&page, '<'); page.at < page.end; find(&page, '<')) {
        const uint8_t *const name = page.at + 1; /* three bytes stand behind each `<` */
        const bool is_end = *name == '/';
        const int step = is_end ? -1 : (KINDS[*name] & LETTER) != 0;

        n_tags++;
        page.at++;
        if (step == 0) continue;
        take_step(&all, step);
        if (is_formatting(name[is_end], name[is_end + 1])) take_step(&formatting, step);
        if (step > 0) {
            const uint8_t first = name[0] | 0x20, second = name[1] | 0x20;

            n_opened++;
            n_roots += (first == 'h' && second == 't') || (first == 'b' && second == 'o');
        }
    }
    counts[NW_TAGS] = n_tags;
    counts[NW_OPENED] = n_opened;
    counts[NW_RISE] = all.highest;
    counts[NW_UNCLOSED] = formatting.highest;
    counts[NW_ROOTS] = n_roots;
}
