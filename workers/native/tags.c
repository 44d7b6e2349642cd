/* Bytes of a page in; how many elements they open, and whether one of them has too many attributes. */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "bytes.h"

enum { SPACE = 1, SLASH = 2, END = 4, EQUALS = 8, LETTER = 16 };

static const uint8_t KINDS[256] = {
    ['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE, [' '] = SPACE, ['/'] = SLASH, ['>'] = END,
    ['='] = EQUALS,
    ['A'] = LETTER, ['B'] = LETTER, ['C'] = LETTER, ['D'] = LETTER, ['E'] = LETTER, ['F'] = LETTER, ['G'] = LETTER,
    ['H'] = LETTER, ['I'] = LETTER, ['J'] = LETTER, ['K'] = LETTER, ['L'] = LETTER, ['M'] = LETTER, ['N'] = LETTER,
    ['O'] = LETTER, ['P'] = LETTER, ['Q'] = LETTER, ['R'] = LETTER, ['S'] = LETTER, ['T'] = LETTER, ['U'] = LETTER,
    ['V'] = LETTER, ['W'] = LETTER, ['X'] = LETTER, ['Y'] = LETTER, ['Z'] = LETTER,
    ['a'] = LETTER, ['b'] = LETTER, ['c'] = LETTER, ['d'] = LETTER, ['e'] = LETTER, ['f'] = LETTER, ['g'] = LETTER,
    ['h'] = LETTER, ['i'] = LETTER, ['j'] = LETTER, ['k'] = LETTER, ['l'] = LETTER, ['m'] = LETTER, ['n'] = LETTER,
    ['o'] = LETTER, ['p'] = LETTER, ['q'] = LETTER, ['r'] = LETTER, ['s'] = LETTER, ['t'] = LETTER, ['u'] = LETTER,
    ['v'] = LETTER, ['w'] = LETTER, ['x'] = LETTER, ['y'] = LETTER, ['z'] = LETTER,
};

/* A page, and where in it we are: `at` never passes `end`. */
struct page {
    const uint8_t *at;
    const uint8_t *end;
    size_t limit; /* attributes of one element */
};

static void skip(struct page *page, uint8_t kinds)
{
    while (page->at < page->end && (KINDS[*page->at] & kinds))
        page->at++;
}

static void skip_until(struct page *page, uint8_t kinds)
{
    while (page->at < page->end && !(KINDS[*page->at] & kinds))
        page->at++;
}

/* To the next `byte`, or to the end. */
static void find(struct page *page, int byte)
{
    const uint8_t *found = page->at < page->end ? memchr(page->at, byte, (size_t)(page->end - page->at)) : NULL;

    page->at = found != NULL ? found : page->end;
}

/* From a name's first letter behind a value's last: HTML standard, sections 13.2.5.33 to 13.2.5.38. */
static void skip_attribute(struct page *page)
{
    uint8_t quote;

    page->at++; /* a name may begin with "=" */
    skip_until(page, SPACE | SLASH | END | EQUALS);
    skip(page, SPACE);
    if (page->at == page->end || *page->at != '=')
        return;
    page->at++;
    skip(page, SPACE);
    if (page->at == page->end)
        return;
    quote = *page->at;
    if (quote != '"' && quote != '\'') {
        skip_until(page, SPACE | END);
        return;
    }
    page->at++;
    find(page, quote);
    if (page->at < page->end)
        page->at++;
}

/* From behind an element's name to behind its `>`; false where it has too many attributes. */
static bool skip_attributes(struct page *page)
{
    for (size_t n_attributes = 0;; n_attributes++) {
        skip(page, SPACE | SLASH);
        if (page->at == page->end)
            return true;
        if (*page->at == '>') {
            page->at++;
            return true;
        }
        if (n_attributes == page->limit)
            return false;
        skip_attribute(page);
    }
}

/* Whether the name of an element at `at`, in small or capital letters, is this one and no longer. */
static bool is_named(const struct page *page, const uint8_t *at, const char *name)
{
    const size_t length = strlen(name);

    if ((size_t)(page->end - at) <= length || !(KINDS[at[length]] & (SPACE | SLASH | END)))
        return false;
    for (size_t n = 0; n < length; n++)
        if ((at[n] | 0x20) != name[n])
            return false;
    return true;
}

static bool is_closed(const struct page *page, const char *name)
{
    return page->end - page->at > 2 && page->at[1] == '/' && is_named(page, page->at + 2, name);
}

/* To the `</` that ends what holds no markup. In scripts a comparison (`a<b`) may stand before a thousand words. */
static void skip_raw(struct page *page, const char *name)
{
    for (find(page, '<'); page->at < page->end && !is_closed(page, name); find(page, '<'))
        page->at++;
}

/* To the `</` that ends a drawing or a formula; in these title and style hold markup. */
static bool skip_foreign(struct page *page)
{
    for (find(page, '<'); page->at < page->end; find(page, '<')) {
        if (is_closed(page, "svg") || is_closed(page, "math"))
            return true;
        page->at++;
        if (page->at < page->end && (KINDS[*page->at] & LETTER)) {
            skip_until(page, SPACE | SLASH | END);
            if (!skip_attributes(page))
                return false;
        }
    }
    return true;
}

/* From an element's name to behind what belongs to it alone; false where it has too many attributes. */
static bool skip_element(struct page *page)
{
    static const char *const RAW[] = {"script", "style", "textarea", "title"};
    const uint8_t *const name = page->at;
    const uint8_t first = *name | 0x20;

    skip_until(page, SPACE | SLASH | END);
    if (!skip_attributes(page))
        return false;
    if (first != 's' && first != 't' && first != 'm')
        return true;
    for (size_t n = 0; n < sizeof RAW / sizeof *RAW; n++) {
        if (is_named(page, name, RAW[n])) {
            skip_raw(page, RAW[n]);
            return true;
        }
    }
    return (is_named(page, name, "svg") || is_named(page, name, "math")) ? skip_foreign(page) : true;
}

/* From the `!` of a comment to behind its end; `<!-->` and `<!--->` are whole ones. */
static void skip_comment(struct page *page)
{
    page->at += 3;
    if (page->end - page->at >= 1 && page->at[0] == '>')
        return;
    if (page->end - page->at >= 2 && page->at[0] == '-' && page->at[1] == '>')
        return;
    for (find(page, '-'); page->at < page->end; find(page, '-')) {
        const ptrdiff_t left = page->end - page->at;

        if (left >= 3 && memcmp(page->at, "-->", 3) == 0)
            return;
        if (left >= 4 && memcmp(page->at, "--!>", 4) == 0)
            return;
        page->at++;
    }
}

int nw_has_many_attributes(const uint8_t *data, size_t length, size_t limit)
{
    struct page page = {.at = data, .end = data + length, .limit = limit};

    for (find(&page, '<'); page.at < page.end; find(&page, '<')) {
        page.at++;
        if (page.at == page.end)
            break;
        if (KINDS[*page.at] & LETTER) {
            if (!skip_element(&page))
                return 1;
        } else if (page.end - page.at >= 3 && memcmp(page.at, "!--", 3) == 0) {
            skip_comment(&page);
        }
    }
    return 0;
}

/* The most that can be open at once: closing what is not open closes nothing. */
struct rise {
    int64_t height;
    int64_t highest;
};

static void take_step(struct rise *rise, int step)
{
    rise->height += step;
    if (rise->height < 0)
        rise->height = 0;
    if (rise->height > rise->highest)
        rise->highest = rise->height;
}

/* By its first two letters, an element that the parser opens anew in each block. */
static bool is_formatting(uint8_t first, uint8_t second)
{
    static const char DOUBLES[] = "bicoemfonosmsttt";

    first |= 0x20;
    second |= 0x20;
    if ((first == 'b' || first == 'i' || first == 's' || first == 'u') && (second < 'a' || second > 'z'))
        return true;
    for (size_t n = 0; n + 1 < sizeof DOUBLES; n += 2)
        if (first == (uint8_t)DOUBLES[n] && second == (uint8_t)DOUBLES[n + 1])
            return true;
    return false;
}

void nw_count_tags(const uint8_t *data, size_t length, int64_t *counts)
{
    struct page page = {.at = data, .end = length > 3 ? data + length - 3 : data};
    struct rise all = {0, 0}, formatting = {0, 0};
    int64_t n_tags = 0, n_opened = 0, n_roots = 0;

    for (find(&page, '<'); page.at < page.end; find(&page, '<')) {
        const uint8_t *const name = page.at + 1; /* three bytes stand behind each `<` */
        const bool is_end = *name == '/';
        const int step = is_end ? -1 : (KINDS[*name] & LETTER) != 0;

        n_tags++;
        page.at++;
        if (step == 0)
            continue;
        take_step(&all, step);
        if (is_formatting(name[is_end], name[is_end + 1]))
            take_step(&formatting, step);
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
