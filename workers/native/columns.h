/* A page's places as arrays, and what is known of its texts: columns.py's Numbers and TextFacts. */
#ifndef NEWSWIRE_NATIVE_COLUMNS_H
#define NEWSWIRE_NATIVE_COLUMNS_H

#include "arena.h"
#include "page.h"
#include "setup.h"

enum { HIDDEN = 1, CONTROL = 2, NAMED = 4, LINKED = 8, NEXT = 16, APART = 32 };

/* A key: letters and digits, case folded. */
typedef struct {
    const char *at;
    int32_t size, n_chars; /* bytes, characters */
} nw_key;

/* What the page says of its article elsewhere, as keys. */
typedef struct {
    int32_t n_titles;
    const char *titles; /* one behind another */
    const int32_t *title_ends;
    const char *description;
    int32_t description_size;
    const char *article_body;
    int32_t article_body_size;
} nw_hints;

typedef struct {
    nw_page *page;
    nw_arena arena;
    int32_t n, m;              /* texts that are no menus, and elements that hold any */
    int32_t *kept;             /* n numbers in the page */
    int32_t *starts, *ends;    /* m, in kept texts */
    int32_t *parents, *held;   /* m: number of the element around, and its own in the page */
    int32_t *levels[N_LEVELS]; /* n each: the innermost element of a text, and those around it */
    int32_t *makes, n_makes;   /* m: number of the pair of tag and class */
    int64_t *bits;             /* m: what class and id speak of */
    nw_key *keys;              /* n */
    int32_t *boxes;            /* n: why it stands in a box */
    double *size, *link_share, *linked, *good, *closed; /* n each, as TextFacts has them */
    double *headlines, *consents, *is_title, *is_more, *is_heading, *is_h1;
    int64_t *says; /* n: what the first words speak of */
    float *lines;  /* one of n values for each name; the next to be filled */
} nw_columns;

static inline nw_text *text_of(const nw_columns *c, int32_t number) { return page_text(c->page, c->kept[number]); }

static inline nw_element *element_of(const nw_columns *c, int32_t number) {
    return page_element(c->page, c->held[number]);
}

static inline const char *letters_of(const nw_columns *c, const nw_text *text) { return c->page->blob.data + text->at; }

/* The next line to fill. */
static inline float *next_line(nw_columns *c) {
    float *line = c->lines;
    c->lines += c->n;
    return line;
}

static inline double at_most(double value, double most) { return value < most ? value : most; }
static inline double at_least(double value, double least) { return value > least ? value : least; }

/* Running sums, from 0: one more than the values. NULL where there is no memory. */
double *running(nw_columns *c, const double *values);

double sum_of(const double *values, int32_t count);

/* In a link, and as long as a headline. */
int is_linked_headline(const nw_text *text);

/* The arrays of a page; arena.failed where there is no memory. The lines are the caller's. */
void columns_of(nw_columns *c, nw_page *page);

/* Each fills its lines, in the order of features.py. */
void add_characters(nw_columns *c);
void add_wording(nw_columns *c, const nw_hints *hints);
void add_tags(nw_columns *c);
void add_words(nw_columns *c);
void add_containers(nw_columns *c);
void add_makes(nw_columns *c, int32_t *makes);
void add_positions(nw_columns *c);
void add_neighbours(nw_columns *c, const int32_t *makes);
void add_page(nw_columns *c, const nw_hints *hints);

/* Fills `boxes`: boxes.py's _find_boxes. */
void find_boxes(nw_columns *c);

/* Fills `keys`: keys.py's keys_of. */
void find_keys(nw_columns *c);

/* The groups that a text's first words speak of: words.py's text_bits. */
int64_t text_bits(const char *text, size_t length);

/* 1 where `part` stands in `whole`. */
int holds(const char *whole, size_t length, const char *part, size_t size);

#endif
