/* Which texts stand in boxes beside the article: boxes.py. */
#include "columns.h"

enum { IS_CONTROL = 1, MAY_BE_BOX = 2, PROSE_CHARS = 80, SMALL = 300, LARGEST_LINK_BOX = 5000 };
enum { FIRST_HEADINGS = 3, LATER_HEADINGS = 50 };

/* Running sums over the kept texts. */
typedef struct {
    double *prose, *length, *links;
} sums;

static int is_headline(const nw_columns *c, int32_t number) { return c->headlines[number] > 0; }

static int has_prose(const nw_columns *c, const sums *told, int32_t element) {
    return told->prose[c->ends[element]] > told->prose[c->starts[element]];
}

/* Characters of each long text that is no link and no teaser. */
static double prose_of(const nw_columns *c, int32_t number) {
    const nw_text *text = text_of(c, number);
    if (text->n_chars < PROSE_CHARS || 2 * text->link_length >= text->n_chars) return 0;
    if (number && is_headline(c, number - 1)) return 0;
    return memcmp(letters_of(c, text), "http", 4) ? text->n_chars : 0;
}

static int sum_texts(nw_columns *c, sums *told) {
    double *values = TAKE(&c->arena, c->n, double);
    if (!values) return 0;
    for (int32_t number = 0; number < c->n; number++) values[number] = prose_of(c, number);
    told->prose = running(c, values);
    for (int32_t number = 0; number < c->n; number++) values[number] = text_of(c, number)->n_chars;
    told->length = running(c, values);
    for (int32_t number = 0; number < c->n; number++) values[number] = text_of(c, number)->link_length;
    told->links = running(c, values);
    return !c->arena.failed;
}

/* Why an element is a box. */
static int32_t reasons_of(const nw_columns *c, const sums *told, int32_t number) {
    int32_t start = c->starts[number], end = c->ends[number];
    double total = told->prose[c->n], held = told->prose[end] - told->prose[start];
    double length = told->length[end] - told->length[start], links = told->links[end] - told->links[start];
    double share = links / at_least(length, 1);
    int64_t says = c->bits[number];
    const nw_element *element = element_of(c, number);
    int32_t role = setup.told.role[element->tag], found = 0;
    int is_small = held <= at_least(0.3 * total, at_most(SMALL, 0.9 * total));
    int is_named = is_small && role == MAY_BE_BOX;
    int is_related = (says & setup.told.says_related) && share >= 0.25;
    if (is_small && (element->is_hidden || (says & setup.told.says_hidden))) found |= HIDDEN;
    if (is_small && role == IS_CONTROL) found |= CONTROL;
    if (is_named && (says & setup.told.says_named)) found |= NAMED;
    if (is_named && length <= LARGEST_LINK_BOX && (is_related || ((says & setup.told.says_links) && share >= 0.6))) {
        found |= LINKED;
    }
    if ((says & setup.told.says_apart) && held <= 0.85 * total) found |= APART;
    return found;
}

/* The first word of a class attribute. */
static const char *first_word(const nw_page *page, int32_t string, size_t *length) {
    const nw_string *words = page_string(page, string);
    const char *at = page->names.data + words->at, *end = at + words->size, *start = NULL;
    uint32_t code;
    while (at < end) {
        const char *next = u_next(at, end, &code);
        if (u_flags(code) & U_SPACE) {
            if (start) break;
        } else if (!start) {
            start = at;
        }
        at = next;
    }
    *length = start ? (size_t)(at - start) : 0;
    return start;
}

/* Same tag and first class word; a plain div is like no other. */
static int is_alike(const nw_columns *c, int32_t one, int32_t other) {
    const nw_element *own = element_of(c, one), *twin = element_of(c, other);
    if (own->tag != twin->tag) return 0;
    size_t length = 0, twin_length = 0;
    const char *word = first_word(c->page, own->words, &length);
    const char *twin_word = first_word(c->page, twin->words, &twin_length);
    if (length != twin_length || (length && memcmp(word, twin_word, length))) return 0;
    return length > 0 || own->tag == setup.told.article;
}

static void mark(nw_columns *c, int32_t element, int32_t reason) {
    for (int32_t number = c->starts[element]; number < c->ends[element]; number++) c->boxes[number] |= reason;
}

/* Marks the article of a later heading where the path up from the first one meets its own in a twin. */
static void mark_twin(nw_columns *c, const sums *told, const int32_t *below_first, int32_t heading) {
    int32_t below = heading;
    for (int32_t number = heading; number > 0;) {
        number = c->parents[number];
        if (below_first[number]) { /* one more than the element on the path below it; 1 + m for the heading itself */
            int32_t twin = below_first[number] - 1;
            if (twin < c->m && is_alike(c, below, twin) && has_prose(c, told, twin)) mark(c, below, NEXT);
            return;
        }
        below = number;
    }
}

/* Later siblings of one make that each have a main heading and prose (endless scroll). */
static void mark_next_articles(nw_columns *c, const sums *told) {
    int32_t *headings = TAKE(&c->arena, c->m, int32_t), *below_first = TAKE(&c->arena, c->m, int32_t), count = 0;
    if (c->arena.failed) return;
    for (int32_t number = 0; number < c->m; number++) {
        if (element_of(c, number)->tag == setup.told.h1) headings[count++] = number;
    }
    for (int32_t at = 0; at < count - 1 && at < FIRST_HEADINGS; at++) {
        int32_t below = headings[at];
        memset(below_first, 0, (size_t)c->m * sizeof *below_first);
        below_first[below] = c->m + 1;
        for (int32_t number = below; number > 0;) {
            number = c->parents[number];
            below_first[number] = below + 1;
            below = number;
        }
        for (int32_t later = at + 1; later < count && later < at + LATER_HEADINGS; later++) {
            mark_twin(c, told, below_first, headings[later]);
        }
    }
}

static int32_t first_article(const nw_columns *c) {
    for (int32_t heading = 0; heading < c->m; heading++) {
        if (element_of(c, heading)->tag != setup.told.h1) continue;
        for (int32_t number = heading; number > 0;) {
            number = c->parents[number];
            if (element_of(c, number)->tag == setup.told.article) return number;
        }
    }
    return -1;
}

/* Later articles of the make of the one with the main heading, each with prose below a linked headline. */
static void mark_next_stories(nw_columns *c, const sums *told) {
    int32_t first = first_article(c);
    if (first < 0 || !has_prose(c, told, first)) return;
    for (int32_t number = first + 1; number < c->m; number++) {
        int32_t start = c->starts[number];
        if (element_of(c, number)->tag != setup.told.article || start < c->ends[first]) continue;
        if (!is_alike(c, number, first) || !has_prose(c, told, number)) continue;
        int is_second = start + 1 < c->ends[number] && is_headline(c, start + 1);
        if (is_second || is_headline(c, start)) mark(c, number, NEXT);
    }
}

void find_boxes(nw_columns *c) {
    static const int32_t all[] = {HIDDEN, CONTROL, NAMED, LINKED, APART};
    sums told;
    int32_t *reasons = TAKE(&c->arena, c->m, int32_t), *steps = TAKE(&c->arena, c->n + 1, int32_t);
    c->boxes = TAKE(&c->arena, c->n, int32_t);
    if (c->arena.failed || !sum_texts(c, &told)) return;
    int32_t any = 0;
    for (int32_t number = 0; number < c->m; number++) any |= reasons[number] = reasons_of(c, &told, number);
    for (size_t at = 0; at < sizeof all / sizeof *all; at++) {
        if (!(any & all[at])) continue;
        memset(steps, 0, (size_t)(c->n + 1) * sizeof *steps);
        for (int32_t number = 0; number < c->m; number++) {
            if (!(reasons[number] & all[at])) continue;
            steps[c->starts[number]]++;
            steps[c->ends[number]]--;
        }
        for (int32_t number = 0, open = 0; number < c->n; number++) {
            open += steps[number];
            if (open > 0) c->boxes[number] |= all[at];
        }
    }
    mark_next_articles(c, &told);
    mark_next_stories(c, &told);
}
