/* The elements around texts: their tags, words and what they hold: markup.py, and surroundings.py's add_containers. */
#include <math.h>

#include "columns.h"

enum { MOST_ARTICLES = 6, MOST_GROUPS = 64, HIGHEST = 12, N_TOLD = 8, MOST_CONSENTS = 5 };

void add_tags(nw_columns *c) {
    int32_t *code = TAKE(&c->arena, c->m, int32_t), *articles = TAKE(&c->arena, c->m, int32_t), n_articles = 0;
    if (c->arena.failed) return;
    for (int32_t number = 0; number < c->m; number++) {
        code[number] = setup.told.code[element_of(c, number)->tag];
        articles[number] = n_articles += code[number] == setup.told.article_code;
    }
    const int32_t *own = c->levels[0], *parent = c->levels[1];
    for (int32_t tag = 0; tag < setup.told.n_own; tag++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = code[own[n]] == setup.told.own_codes[tag];
    }
    float *headings = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        c->is_heading[n] = setup.told.is_heading[element_of(c, own[n])->tag];
        c->is_h1[n] = code[own[n]] == setup.told.h1_code;
        headings[n] = (float)c->is_heading[n];
    }
    for (int32_t tag = 0; tag < setup.told.n_parent; tag++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = code[parent[n]] == setup.told.parent_codes[tag];
    }
    float *depth = next_line(c), *article = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        depth[n] = (float)element_of(c, own[n])->depth;
        article[n] = (float)(articles[own[n]] < MOST_ARTICLES ? articles[own[n]] : MOST_ARTICLES);
    }
}

/* The bits of each element and of all around it. */
static void add_above(const nw_columns *c, int64_t *bits) {
    for (int32_t number = 1; number < c->m; number++) bits[number] |= bits[c->parents[number]];
}

/* For each group how near a level above has it: 5 for the element itself, 1 for one beyond the fourth. */
static void add_nearest(nw_columns *c, const int64_t *own_words, const int64_t *around) {
    static const int32_t value[] = {5, 4, 3, 2};
    enum { N_NEAR = 4 };
    for (int32_t group = 0; group < setup.told.n_groups; group++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) {
            if (!(around[c->levels[0][n]] >> group & 1)) continue;
            int32_t level = 0;
            while (level < N_NEAR && !(own_words[c->levels[level][n]] >> group & 1)) level++;
            line[n] = level < N_NEAR ? (float)value[level] : 1;
        }
    }
}

void add_words(nw_columns *c) {
    double *sums = running(c, c->good);
    int64_t *own_words = TAKE(&c->arena, c->m, int64_t), *around = TAKE(&c->arena, c->m, int64_t);
    int64_t *small = TAKE(&c->arena, c->m, int64_t);
    if (c->arena.failed) return;
    double most = 0.6 * at_least(sums[c->n], 1);
    for (int32_t number = 0; number < c->m; number++) {
        const nw_element *element = element_of(c, number);
        own_words[number] = c->bits[number] & setup.told.group_mask;
        around[number] = own_words[number] | setup.told.around_bit[element->tag];
        if (element->is_hidden) around[number] |= setup.told.hidden_bit;
        if (sums[c->ends[number]] - sums[c->starts[number]] < most) small[number] = own_words[number];
    }
    add_above(c, around);
    add_above(c, small);
    const int32_t *own = c->levels[0];
    for (int32_t tag = 0; tag < setup.told.n_around; tag++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = (float)(around[own[n]] >> (setup.told.first_around + tag) & 1);
    }
    add_nearest(c, own_words, around);
    for (int32_t group = 0; group < setup.told.n_groups; group++) {
        float *line = next_line(c);
        for (int32_t n = 0; n < c->n; n++) line[n] = (float)(small[own[n]] >> group & 1);
    }
}

static double bounded(double value, double least, double most) { return at_most(at_least(value, least), most); }

/* For one element whether each text lies in it, and how many texts before or behind its ends. */
static void add_inside(nw_columns *c, int32_t element) {
    int32_t start = c->starts[element], end = c->ends[element], depth = element_of(c, element)->depth;
    float *in = next_line(c), *from = next_line(c), *to = next_line(c), *below = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        in[n] = n >= start && n < end;
        from[n] = (float)bounded(n - start, -30, 60);
        to[n] = (float)bounded(end - n, -30, 60);
        below[n] = (float)bounded(element_of(c, c->levels[0][n])->depth - depth, -5, 12);
    }
}

/* Levels up from each text to the element that also holds one of three places, and how far behind it the text is. */
static void add_common(nw_columns *c, const int32_t places[3]) {
    float *up[3];
    for (int32_t at = 0; at < 3; at++) up[at] = next_line(c);
    for (int32_t n = 0; n < c->n; n++) {
        for (int32_t at = 0; at < 3; at++) {
            int32_t element = c->levels[0][n], level = 0;
            while (level < HIGHEST && (c->starts[element] > places[at] || c->ends[element] <= places[at])) {
                element = c->parents[element];
                level++;
            }
            up[at][n] = (float)level;
        }
    }
    for (int32_t at = 0; at < 3; at++) {
        float *behind = next_line(c);
        for (int32_t n = 0; n < c->n; n++) behind[n] = (float)bounded(n - places[at], -40, 60);
    }
}

/* The first place of the most prose, of any, and the one in its middle. */
static void find_places(const nw_columns *c, const double *goods, int32_t places[3]) {
    double half = goods[c->n] > 1 ? goods[c->n] / 2 : 0.5;
    int32_t largest = 0, first = -1, middle = 0;
    for (int32_t n = 0; n < c->n; n++) {
        if (c->good[n] > c->good[largest]) largest = n;
        if (first < 0 && c->good[n] > 0) first = n;
    }
    while (middle < c->n && goods[middle] < half) middle++;
    places[0] = largest;
    places[1] = first < 0 ? 0 : first;
    places[2] = middle < c->n ? middle : c->n - 1;
}

static int32_t best_of(nw_columns *c) {
    double *scores = TAKE(&c->arena, c->m, double);
    int32_t best = 0;
    if (!scores) return 0;
    double *halves = TAKE(&c->arena, c->m, double);
    if (!halves) return 0;
    for (int32_t n = 0; n < c->n; n++) {
        scores[c->levels[1][n]] += c->good[n];
        halves[c->levels[2][n]] += c->good[n];
    }
    for (int32_t number = 0; number < c->m; number++) {
        scores[number] += halves[number] / 2;
        if (scores[number] > scores[best]) best = number;
    }
    return best;
}

static double below(const nw_columns *c, const double *sums, int32_t number) {
    return sums[c->ends[number]] - sums[c->starts[number]];
}

void add_containers(nw_columns *c) {
    const double *values[] = {c->good, c->size, c->linked, c->closed, c->headlines, c->consents};
    double *sums[6], *told[N_TOLD];
    for (int32_t at = 0; at < 6; at++) sums[at] = running(c, values[at]);
    for (int32_t at = 0; at < N_TOLD; at++) told[at] = TAKE(&c->arena, c->m, double);
    if (c->arena.failed) return;
    double total = at_least(sums[0][c->n], 1);
    int32_t most = 0, half = 0;
    for (int32_t number = 0; number < c->m; number++) {
        double good = below(c, sums[0], number), size = at_least(below(c, sums[1], number), 1);
        double count = at_least(c->ends[number] - c->starts[number], 1);
        told[0][number] = good / total;
        told[1][number] = good / size;
        told[2][number] = below(c, sums[2], number) / size;
        told[3][number] = log1p(count);
        told[4][number] = log1p(size / count);
        told[5][number] = below(c, sums[3], number) / count;
        told[6][number] = below(c, sums[4], number) / count;
        told[7][number] = at_most(below(c, sums[5], number), MOST_CONSENTS);
        if (good >= 0.8 * total) most = number;
        if (good >= 0.5 * total) half = number;
    }
    for (int32_t at = 0; at < N_TOLD; at++) {
        for (int32_t level = 0; level < N_LEVELS; level++) {
            float *line = next_line(c);
            for (int32_t n = 0; n < c->n; n++) line[n] = (float)told[at][c->levels[level][n]];
        }
    }
    add_inside(c, best_of(c));
    add_inside(c, most);
    add_inside(c, half);
    int32_t places[3];
    find_places(c, sums[0], places);
    add_common(c, places);
}
