/* Boxes, copies, first words, and what the page says of its texts elsewhere: wording.py. */
#include "columns.h"

enum { WHOLE_CHARS = 800, PART_OF = 60, PART = 50, MAX_WHOLES = 6, MAX_PARTS = 24, LEAST_PARTS = 3, MOST_KEYS = 400 };
enum { LONGEST_LABEL = 40, SHORTEST_KEY = 12, SHORTEST_SENTENCE = 20, LONGEST_TITLE = 160, MOST_SAME = 5 };
enum { START_OF_DESCRIPTION = 60, START_OF_BODY = 80 };

static size_t prefix_of(const nw_key *key, int32_t count) {
    return key->n_chars <= count ? (size_t)key->size : u_prefix(key->at, (size_t)key->size, (size_t)count);
}

static int key_holds(const nw_key *key, const char *part, size_t size) {
    return holds(key->at, (size_t)key->size, part, size);
}

/* Numbers of the longest keys, the first of the same length first. */
static int32_t longest_keys(const nw_columns *c, int32_t *longest) {
    int32_t count = 0;
    for (int32_t number = 0; number < c->n; number++) {
        int32_t n_chars = c->keys[number].n_chars, at = count;
        if (n_chars < WHOLE_CHARS) continue;
        while (at > 0 && c->keys[longest[at - 1]].n_chars < n_chars) at--;
        if (at == MAX_WHOLES) continue;
        if (count < MAX_WHOLES) count++;
        memmove(longest + at + 1, longest + at, (size_t)(count - at - 1) * sizeof *longest);
        longest[at] = number;
    }
    return count;
}

/* 1 for a text that other texts of the page are parts of: the article once more, hidden or for machines. */
static void find_copies(const nw_columns *c, double *is_whole) {
    int32_t longest[MAX_WHOLES], parts[MOST_KEYS], n_parts = 0;
    int32_t count = longest_keys(c, longest);
    if (!count) return;
    for (int32_t number = 0; number < c->n && n_parts < MOST_KEYS; number++) {
        if (c->keys[number].n_chars >= PART_OF) parts[n_parts++] = number;
    }
    int32_t step = n_parts / MAX_PARTS > 1 ? n_parts / MAX_PARTS : 1;
    for (int32_t at = 0; at < count; at++) {
        const nw_key *whole = &c->keys[longest[at]];
        int32_t found = 0;
        for (int32_t place = 0; place < n_parts; place += step) {
            const nw_key *part = &c->keys[parts[place]];
            size_t size = prefix_of(part, PART);
            if ((size_t)whole->size >= size && !memcmp(whole->at, part->at, size)) continue;
            found += key_holds(whole, part->at, size);
        }
        is_whole[longest[at]] = found >= LEAST_PARTS;
    }
}

/* How often each key is told on the page, and the number of the text that tells it first. */
static void count_keys(nw_columns *c, int32_t *counts, int32_t *firsts) {
    uint32_t size = 64;
    while (size < 3u * (uint32_t)c->n) size *= 2;
    int32_t *slots = TAKE(&c->arena, size, int32_t);
    if (!slots) return;
    for (int32_t number = 0; number < c->n; number++) {
        const nw_key *key = &c->keys[number];
        for (uint32_t at = words_hash(key->at, (size_t)key->size);; at++) {
            int32_t *slot = &slots[at & (size - 1)];
            if (!*slot) *slot = number + 1;
            const nw_key *known = &c->keys[*slot - 1];
            if (known->size == key->size && !memcmp(known->at, key->at, (size_t)key->size)) {
                firsts[number] = *slot - 1;
                counts[*slot - 1]++;
                break;
            }
        }
    }
}

typedef struct {
    const char *at;
    int32_t size, n_chars;
} title;

static title title_of(const nw_hints *hints, int32_t number) {
    int32_t start = number ? hints->title_ends[number - 1] : 0, size = hints->title_ends[number] - start;
    const char *at = hints->titles + start;
    return (title){at, size, (int32_t)u_count(at, (size_t)size)};
}

static int is_title(const nw_hints *hints, const nw_key *key) {
    for (int32_t number = 0; number < hints->n_titles; number++) {
        title own = title_of(hints, number);
        if (own.size == key->size && !memcmp(own.at, key->at, (size_t)key->size)) return 1;
    }
    return 0;
}

static int is_like_title(const nw_hints *hints, const nw_key *key) {
    if (key->n_chars <= SHORTEST_KEY || key->n_chars >= LONGEST_TITLE) return 0;
    for (int32_t number = 0; number < hints->n_titles; number++) {
        title own = title_of(hints, number);
        if (holds(own.at, (size_t)own.size, key->at, (size_t)key->size)) return 1;
        if (own.n_chars > SHORTEST_KEY && key_holds(key, own.at, (size_t)own.size)) return 1;
    }
    return 0;
}

static int is_description(const nw_hints *hints, const nw_key *key, size_t start) {
    if (!start || key->n_chars <= SHORTEST_SENTENCE) return 0;
    return key_holds(key, hints->description, start) ||
           holds(hints->description, (size_t)hints->description_size, key->at, prefix_of(key, START_OF_DESCRIPTION));
}

static int in_body(const nw_hints *hints, const nw_key *key) {
    if (!hints->article_body_size || key->n_chars < SHORTEST_KEY) return 0;
    size_t start = prefix_of(key, START_OF_BODY);
    return holds(hints->article_body, (size_t)hints->article_body_size, key->at, start) ? 1 : -1;
}

static void add_told(nw_columns *c, const nw_hints *hints) {
    int32_t *counts = TAKE(&c->arena, c->n, int32_t), *firsts = TAKE(&c->arena, c->n, int32_t);
    if (c->arena.failed) return;
    count_keys(c, counts, firsts);
    float *n_same = next_line(c), *is_again = next_line(c), *titles = next_line(c), *like = next_line(c);
    float *description = next_line(c), *body = next_line(c);
    size_t start = u_prefix(hints->description, (size_t)hints->description_size, START_OF_DESCRIPTION);
    for (int32_t number = 0; number < c->n; number++) {
        const nw_key *key = &c->keys[number];
        int32_t same = counts[firsts[number]];
        n_same[number] = (float)(same < MOST_SAME ? same : MOST_SAME);
        is_again[number] = firsts[number] < number;
        c->is_title[number] = is_title(hints, key);
        titles[number] = (float)c->is_title[number];
        like[number] = (float)is_like_title(hints, key);
        description[number] = (float)is_description(hints, key, start);
        body[number] = (float)in_body(hints, key);
    }
}

static void add_first_words(nw_columns *c) {
    c->says = TAKE(&c->arena, c->n, int64_t);
    if (!c->says) return;
    float *lines[MOST_TAGS];
    for (int32_t group = 0; group < setup.told.n_text_groups; group++) lines[group] = next_line(c);
    for (int32_t number = 0; number < c->n; number++) {
        const nw_text *text = text_of(c, number);
        int64_t bits = c->says[number] = text_bits(letters_of(c, text), (size_t)text->size);
        for (int32_t group = 0; group < setup.told.n_text_groups; group++) {
            lines[group][number] = (float)(bits >> group & 1);
        }
        c->is_more[number] = (bits >> setup.told.more_group & 1) && c->size[number] < LONGEST_LABEL;
    }
}

void add_wording(nw_columns *c, const nw_hints *hints) {
    find_keys(c);
    find_boxes(c);
    double *is_whole = TAKE(&c->arena, c->n, double);
    if (c->arena.failed) return;
    find_copies(c, is_whole);
    float *line[MOST_TAGS];
    int32_t n_reasons = setup.told.n_reasons;
    for (int32_t at = 0; at < n_reasons + 5; at++) line[at] = next_line(c);
    for (int32_t number = 0; number < c->n; number++) {
        double teaser = number > 0 ? c->headlines[number - 1] : 0;
        for (int32_t at = 0; at < n_reasons; at++) line[at][number] = (float)(c->boxes[number] >> at & 1);
        float **told = line + n_reasons;
        told[0][number] = (float)is_whole[number];
        told[1][number] = (float)c->headlines[number];
        told[2][number] = (float)teaser;
        told[3][number] = (float)(number > 1 ? c->headlines[number - 2] : 0);
        told[4][number] = (float)c->consents[number];
        if (c->boxes[number] || is_whole[number] > 0 || teaser > 0) c->good[number] = 0;
    }
    add_first_words(c);
    if (!c->arena.failed) add_told(c, hints);
}
