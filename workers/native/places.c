/* Texts among those of their make, their places and neighbours, the page as a whole: surroundings.py. */
#include <math.h>

#include "columns.h"

enum { MAKE_LINES = 6, N_MARKS = 5, HEADING_MARK = 2, N_NEAR = 6, NEAR_LINES = 7 };

/* Fills the lines of one way to group texts. */
static void add_make(nw_columns *c, const int32_t *groups, int32_t n_groups, double total) {
    double *sums = TAKE(&c->arena, MAKE_LINES * n_groups, double);
    if (!sums) return;
    for (int32_t n = 0; n < c->n; n++) {
        double *own = sums + MAKE_LINES * groups[n];
        own[0] += 1;
        own[1] += c->size[n];
        own[2] += c->good[n];
        own[3] += c->linked[n];
        own[4] += c->closed[n];
    }
    for (int32_t group = 0; group < n_groups; group++) {
        double *own = sums + MAKE_LINES * group;
        double count = at_least(own[0], 1), size = at_least(own[1], 1), good = own[2], links = own[3], closed = own[4];
        own[0] = log1p(count);
        own[1] = log1p(size / count);
        own[2] = good / size;
        own[3] = good / total;
        own[4] = links / size;
        own[5] = closed / count;
    }
    for (int32_t at = 0; at < MAKE_LINES; at++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = (float)sums[MAKE_LINES * groups[n] + at];
    }
}

/* The same number for texts whose own and parent's makes are the same; how many there are. */
static int32_t number_pairs(nw_columns *c, int32_t *both) {
    uint32_t size = 64;
    while (size < 3u * (uint32_t)c->n) size *= 2;
    int32_t *slots = TAKE(&c->arena, size, int32_t), count = 0;
    int64_t *known = TAKE(&c->arena, c->n, int64_t);
    if (c->arena.failed) return 0;
    for (int32_t n = 0; n < c->n; n++) {
        int64_t pair = (int64_t)c->makes[c->levels[1][n]] * c->n_makes + c->makes[c->levels[0][n]];
        for (uint32_t at = number_hash((uint64_t)pair);; at++) {
            int32_t *slot = &slots[at & (size - 1)];
            if (!*slot) {
                known[count] = pair;
                *slot = ++count;
            }
            if (known[*slot - 1] == pair) {
                both[n] = *slot - 1;
                break;
            }
        }
    }
    return count;
}

void add_makes(nw_columns *c, int32_t *makes) {
    int32_t *mine = TAKE(&c->arena, c->n, int32_t);
    if (!mine) return;
    for (int32_t n = 0; n < c->n; n++) mine[n] = c->makes[c->levels[0][n]];
    int32_t count = number_pairs(c, makes);
    if (c->arena.failed) return;
    double total = at_least(sum_of(c->good, c->n), 1);
    add_make(c, mine, c->n_makes, total);
    if (!c->arena.failed) add_make(c, makes, count, total);
}

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* The middle size of prose, 0 where there is none. */
static double median_of_prose(nw_columns *c) {
    double *sizes = TAKE(&c->arena, c->n, double);
    size_t count = 0;
    for (int32_t n = 0; sizes && n < c->n; n++) {
        if (c->good[n] > 0) sizes[count++] = c->size[n];
    }
    if (!count) return 0;
    qsort(sizes, count, sizeof *sizes, by_size);
    return (sizes[(count - 1) / 2] + sizes[count / 2]) / 2;
}

static int is_mark(const nw_columns *c, int32_t mark, int32_t n) {
    const double *marks[N_MARKS] = {c->is_h1, c->is_title, c->is_heading, c->good, c->is_more};
    return marks[mark][n] > 0;
}

/* How far the last mark of each kind is, and the next; the last headings are told to those that ask. */
static void add_marks(nw_columns *c, int32_t *headings) {
    float *since[N_MARKS], *until[N_MARKS];
    for (int32_t mark = 0; mark < N_MARKS; mark++) since[mark] = next_line(c);
    for (int32_t mark = 0; mark < N_MARKS; mark++) until[mark] = next_line(c);
    for (int32_t mark = 0; mark < N_MARKS; mark++) {
        for (int32_t n = 0, last = -1; n < c->n; n++) {
            if (is_mark(c, mark, n)) last = n;
            since[mark][n] = (float)(last < 0 ? 80 : n - last < 60 ? n - last : 60);
            if (mark == HEADING_MARK) headings[n] = last;
        }
        for (int32_t n = c->n - 1, following = c->n + 80; n >= 0; n--) {
            if (is_mark(c, mark, n)) following = n;
            until[mark][n] = (float)(following - n < 80 ? following - n : 80);
        }
    }
}

/* What the last heading speaks of, and whether it is a link: the label of a box stands above it. */
static void add_under(nw_columns *c, const int32_t *headings) {
    for (int32_t group = 0; group < setup.told.n_text_groups; group++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = headings[n] >= 0 ? (float)(c->says[headings[n]] >> group & 1) : 0;
    }
    float *links = next_line(c);
    for (int32_t n = 0; n < c->n; n++) links[n] = headings[n] >= 0 ? (float)c->link_share[headings[n]] : 0;
}

void add_positions(nw_columns *c) {
    double *goods = running(c, c->good);
    int32_t *headings = TAKE(&c->arena, c->n, int32_t), last = c->n - 1;
    if (c->arena.failed) return;
    double total = at_least(goods[c->n], 1);
    float *place = next_line(c), *start = next_line(c), *end = next_line(c), *before = next_line(c);
    float *behind = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        place[n] = (float)(n / at_least(last, 1));
        start[n] = (float)(n < 200 ? n : 200);
        end[n] = (float)(last - n < 200 ? last - n : 200);
        before[n] = (float)(goods[n] / total);
        behind[n] = (float)((goods[c->n] - goods[n + 1]) / total);
    }
    add_marks(c, headings);
    float *titles = next_line(c);
    for (int32_t n = 0, count = 0; n < c->n; n++) {
        count += c->is_h1[n] > 0;
        titles[n] = (float)(count < 4 ? count : 4);
    }
    add_under(c, headings);
    float *to_median = next_line(c);
    double median = log1p(median_of_prose(c));
    for (int32_t n = 0; n < c->n; n++) to_median[n] = (float)(log1p(c->size[n]) - median);
}

/* Lines of one text beside each. */
static void add_beside(nw_columns *c, const int32_t *makes, const double *sizes, int32_t by) {
    float *line[NEAR_LINES];
    for (int32_t at = 0; at < NEAR_LINES; at++) line[at] = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        int32_t beside = n + by;
        if (beside < 0 || beside >= c->n) continue; /* the lines are zero */
        line[0][n] = (float)sizes[beside];
        line[1][n] = (float)c->link_share[beside];
        line[2][n] = c->good[beside] > 0;
        line[3][n] = (float)c->closed[beside];
        line[4][n] = (float)c->is_heading[beside];
        line[5][n] = makes[beside] == makes[n];
        line[6][n] = c->levels[1][beside] == c->levels[1][n];
    }
}

/* Prose before and behind, and the share of links around, within reach. */
static void add_reach(nw_columns *c, double *const sums[3], int32_t reach) {
    float *before = next_line(c), *behind = next_line(c), *links = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        int32_t low = n > reach ? n - reach : 0, high = n + reach + 1 < c->n ? n + reach + 1 : c->n;
        before[n] = (float)log1p(sums[0][n] - sums[0][low]);
        behind[n] = (float)log1p(at_least(sums[0][high] - sums[0][n + 1], 0));
        links[n] = (float)((sums[1][high] - sums[1][low]) / at_least(sums[2][high] - sums[2][low], 1));
    }
}

void add_neighbours(nw_columns *c, const int32_t *makes) {
    static const int32_t near[N_NEAR] = {-3, -2, -1, 1, 2, 3};
    double *sizes = TAKE(&c->arena, c->n, double);
    double *sums[3] = {running(c, c->good), running(c, c->linked), running(c, c->size)};
    if (c->arena.failed) return;
    for (int32_t n = 0; n < c->n; n++) sizes[n] = log1p(c->size[n]);
    for (int32_t at = 0; at < N_NEAR; at++) add_beside(c, makes, sizes, near[at]);
    add_reach(c, sums, 5);
    add_reach(c, sums, 10);
}

void add_page(nw_columns *c, const nw_hints *hints) {
    double size = at_least(sum_of(c->size, c->n), 1), good = at_least(sum_of(c->good, c->n), 1);
    double told[] = {log1p(c->n), log1p(good), sum_of(c->linked, c->n) / size, good / size,
                     hints->article_body_size > 0};
    for (size_t at = 0; at < sizeof told / sizeof *told; at++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = (float)told[at];
    }
}
