/* The characters of texts: characters.py, and wording.py's add_characters. */
#define _GNU_SOURCE /* memmem */
#include <math.h>

#include "columns.h"

enum { MAX_COUNTED = 60000, PROSE_SIZE = 90 };

typedef struct {
    int32_t count[C_CLASSES];
    uint8_t first, last, before_last; /* classes of these characters */
} classes;

static classes classes_of(const char *letters, size_t size) {
    classes found = {0};
    const char *at = letters, *end = letters + size;
    uint64_t low = 0, high = 0; /* four classes each, in fields of sixteen bits */
    for (int32_t number = 0; at < end && number < MAX_COUNTED; number++) {
        uint32_t code;
        at = u_next(at, end, &code);
        uint8_t own = u_classes(code);
        if (!number) found.first = found.last = own;
        found.before_last = found.last;
        found.last = own;
        low += (uint64_t)(own & 1) | (uint64_t)(own >> 1 & 1) << 16 | (uint64_t)(own >> 2 & 1) << 32 |
               (uint64_t)(own >> 3 & 1) << 48;
        high += (uint64_t)(own >> 4 & 1) | (uint64_t)(own >> 5 & 1) << 16 | (uint64_t)(own >> 6 & 1) << 32 |
                (uint64_t)(own >> 7 & 1) << 48;
    }
    for (int32_t number = 0; number < 4; number++) {
        found.count[number] = (int32_t)(low >> 16 * number & 0xFFFF);
        found.count[number + 4] = (int32_t)(high >> 16 * number & 0xFFFF);
    }
    return found;
}

static int is(uint8_t own, int number) { return own >> number & 1; }

static int ends_with(const char *letters, size_t size, const char *end) {
    size_t length = strlen(end);
    return size >= length && !memcmp(letters + size - length, end, length);
}

int holds(const char *whole, size_t length, const char *part, size_t size) {
    return memmem(whole, length, part, size) != NULL;
}

static void tell_facts(nw_columns *c, int32_t number, const classes *found, double solid) {
    const nw_text *text = text_of(c, number);
    c->size[number] = text->n_chars + 2 * found->count[C_UNSPACED];
    c->link_share[number] = at_most(text->link_length / solid, 1);
    c->linked[number] = c->size[number] * c->link_share[number];
    int is_prose = c->size[number] >= PROSE_SIZE && found->count[C_ENDER] > 0;
    c->good[number] = is_prose ? c->size[number] * (1 - c->link_share[number]) : 0;
    int is_quoted = is(found->last, C_QUOTE) && is(found->before_last, C_ENDER);
    c->closed[number] = is(found->last, C_ENDER) || is_quoted;
    c->headlines[number] = is_linked_headline(text);
    c->consents[number] = holds(letters_of(c, text), (size_t)text->size, "ookie", 5);
}

static void tell_lines(nw_columns *c, float *const *line, int32_t number, const classes *found) {
    const nw_text *text = text_of(c, number);
    const char *letters = letters_of(c, text);
    size_t size = (size_t)text->size;
    const int32_t *count = found->count;
    double unspaced = count[C_UNSPACED], n_letters = count[C_LETTER];
    double words = at_least(count[C_SPACE] + 1, unspaced / 1.5), solid = at_least(text->n_chars - count[C_SPACE], 1);
    tell_facts(c, number, found, solid);
    double told[] = {
        log1p(c->size[number]),
        log1p(words),
        c->link_share[number],
        at_most(text->n_links, 10),
        at_most(text->bold_length / solid, 1),
        text->is_after_br,
        at_most(text->n_images, 5),
        at_most(count[C_ENDER], 12),
        count[C_COMMA] / words,
        c->closed[number],
        ends_with(letters, size, ":") || ends_with(letters, size, "\xEF\xBC\x9A"),
        ends_with(letters, size, "...") || ends_with(letters, size, "\xE2\x80\xA6"),
        count[C_DIGIT] / solid,
        count[C_UPPER] / at_least(n_letters, 1),
        at_most(n_letters / words, 30),
        n_letters / solid,
        is(found->first, C_UPPER),
        is(found->first, C_LETTER),
        is(found->first, C_QUOTE),
        is(found->first, C_DIGIT),
        unspaced / at_least(n_letters, 1),
    };
    for (size_t at = 0; at < sizeof told / sizeof *told; at++) line[at][number] = (float)told[at];
}

enum { N_LINES = 21 };

void add_characters(nw_columns *c) {
    double **facts[] = {&c->size,     &c->link_share, &c->linked,  &c->good,       &c->closed, &c->headlines,
                        &c->consents, &c->is_title,   &c->is_more, &c->is_heading, &c->is_h1};
    for (size_t at = 0; at < sizeof facts / sizeof *facts; at++) *facts[at] = TAKE(&c->arena, c->n, double);
    if (c->arena.failed) return;
    float *line[N_LINES];
    for (int32_t at = 0; at < N_LINES; at++) line[at] = next_line(c);
    for (int32_t number = 0; number < c->n; number++) {
        const nw_text *text = text_of(c, number);
        classes found = classes_of(letters_of(c, text), (size_t)text->size);
        tell_lines(c, line, number, &found);
    }
}
