#include "columns.h"

enum { FAR = 8, PLAIN = 25, FOREIGN = 12, HEADLINE_CHARS = 15 };

double *running(nw_columns *c, const double *values) {
    double *sums = TAKE(&c->arena, c->n + 1, double);
    for (int32_t number = 0; sums && number < c->n; number++) sums[number + 1] = sums[number] + values[number];
    return sums;
}

double sum_of(const double *values, int32_t count) {
    double sum = 0;
    for (int32_t number = 0; number < count; number++) sum += values[number];
    return sum;
}

int is_linked_headline(const nw_text *text) {
    return text->link_length > 0 && text->link_length >= 0.8 * (text->n_chars - text->n_spaces) &&
           text->n_chars >= HEADLINE_CHARS;
}

/* Numbers of the texts but for links with no text but links near. */
static void keep_texts(nw_columns *c, int32_t *n_before, int32_t n_texts) {
    int32_t *n_plain = TAKE(&c->arena, n_texts + 1, int32_t);
    uint8_t *is_link = TAKE(&c->arena, n_texts, uint8_t);
    c->kept = TAKE(&c->arena, n_texts, int32_t);
    if (c->arena.failed) return;
    for (int32_t number = 0; number < n_texts; number++) {
        const nw_text *text = page_text(c->page, number);
        is_link[number] = text->link_length > 0 && 5 * text->link_length >= 4 * (text->n_chars - text->n_spaces);
        int is_ascii = text->size == text->n_chars;
        int is_plain = !is_link[number] && text->n_chars >= (is_ascii ? PLAIN : FOREIGN);
        n_plain[number + 1] = n_plain[number] + is_plain;
    }
    for (int32_t number = 0; number < n_texts; number++) {
        int32_t low = number > FAR ? number - FAR : 0;
        int32_t high = number + FAR + 1 < n_texts ? number + FAR + 1 : n_texts;
        int is_kept = !is_link[number] || n_plain[high] > n_plain[low];
        n_before[number + 1] = n_before[number] + is_kept;
        if (is_kept) c->kept[c->n++] = number;
    }
}

/* The number of each pair of tag and class, in order. */
static void number_makes(nw_columns *c) {
    uint32_t size = 64;
    while (size < 3u * (uint32_t)c->m) size *= 2;
    int32_t *slots = TAKE(&c->arena, size, int32_t);
    int32_t *first = TAKE(&c->arena, c->m, int32_t); /* the element that has a make first */
    c->makes = TAKE(&c->arena, c->m, int32_t);
    if (c->arena.failed) return;
    for (int32_t number = 0; number < c->m; number++) {
        const nw_element *own = element_of(c, number);
        uint32_t at = number_hash((uint64_t)own->words << 32 | (uint32_t)own->tag);
        for (;; at++) {
            int32_t *slot = &slots[at & (size - 1)];
            if (!*slot) {
                first[c->n_makes] = number;
                *slot = ++c->n_makes;
            }
            const nw_element *known = element_of(c, first[*slot - 1]);
            if (known->tag == own->tag && known->words == own->words) {
                c->makes[number] = *slot - 1;
                break;
            }
        }
    }
}

static void tell_bits(nw_columns *c) {
    c->bits = TAKE(&c->arena, c->m, int64_t);
    if (!c->bits) return;
    for (int32_t number = 0; number < c->m; number++) {
        const nw_element *own = element_of(c, number);
        if (own->tag == setup.told.html || own->tag == setup.told.body) continue;
        int64_t bits = page_string(c->page, own->words)->bits;
        if (own->identity) {
            const nw_string *identity = page_string(c->page, own->identity);
            int64_t told = class_bits(&setup.class_words, c->page->names.data + identity->at, (size_t)identity->size);
            bits |= told & (setup.told.group_mask | setup.told.says_apart);
        }
        c->bits[number] = bits;
    }
}

static void hold_elements(nw_columns *c, const int32_t *n_before) {
    int32_t n_elements = page_elements(c->page);
    int32_t *number_of = TAKE(&c->arena, n_elements, int32_t);
    c->starts = TAKE(&c->arena, n_elements, int32_t);
    c->ends = TAKE(&c->arena, n_elements, int32_t);
    c->parents = TAKE(&c->arena, n_elements, int32_t);
    c->held = TAKE(&c->arena, n_elements, int32_t);
    for (int32_t level = 0; level < N_LEVELS; level++) c->levels[level] = TAKE(&c->arena, c->n, int32_t);
    if (c->arena.failed) return;
    for (int32_t number = 0; number < n_elements; number++) {
        const nw_element *own = page_element(c->page, number);
        if (n_before[own->end] <= n_before[own->start]) continue;
        int32_t m = c->m++;
        number_of[number] = m;
        c->held[m] = number;
        c->starts[m] = n_before[own->start];
        c->ends[m] = n_before[own->end];
        c->parents[m] = own->parent >= 0 ? number_of[own->parent] : 0;
    }
    for (int32_t number = 0; number < c->n; number++) {
        int32_t at = number_of[text_of(c, number)->element];
        for (int32_t level = 0; level < N_LEVELS; level++, at = c->parents[at]) c->levels[level][number] = at;
    }
}

void columns_of(nw_columns *c, nw_page *page) {
    memset(c, 0, sizeof *c);
    c->page = page;
    int32_t n_texts = page_texts(page);
    int32_t *n_before = TAKE(&c->arena, n_texts + 1, int32_t);
    if (n_before) keep_texts(c, n_before, n_texts);
    if (c->arena.failed || !c->n) return;
    hold_elements(c, n_before);
    if (c->arena.failed) return;
    number_makes(c);
    tell_bits(c);
}
