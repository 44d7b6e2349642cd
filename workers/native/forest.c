#include "forest.h"

#include <math.h>
#include <string.h>

/* Answers to all questions about some texts, AT_ONCE bytes a question. */
static void ask(const nw_forest *forest, const float *lines, int32_t n, int32_t start, int32_t count,
                uint8_t *answers) {
    for (int32_t question = 0; question < forest->n_questions; question++) {
        const float *line = lines + (size_t)forest->columns[question] * (size_t)n + start;
        uint8_t *answer = answers + (size_t)question * AT_ONCE;
        float limit = forest->limits[question];
        if (count == AT_ONCE) {
            for (int32_t at = 0; at < AT_ONCE; at++) answer[at] = line[at] > limit;
        } else {
            for (int32_t at = 0; at < count; at++) answer[at] = line[at] > limit;
        }
    }
}

/* What all trees together say of each text. */
static void add_up(const nw_forest *forest, const uint8_t *answers, double sums[AT_ONCE]) {
    for (int32_t tree = 0; tree < forest->n_trees; tree++) {
        uint8_t leaf[AT_ONCE] = {0};
        for (int32_t level = 0; level < forest->depth; level++) {
            const uint8_t *answer = answers + (size_t)forest->places[level * forest->n_trees + tree] * AT_ONCE;
            for (int32_t at = 0; at < AT_ONCE; at++) leaf[at] = (uint8_t)(leaf[at] << 1 | answer[at]);
        }
        const float *leaves = forest->leaves + ((size_t)tree << forest->depth);
        for (int32_t at = 0; at < AT_ONCE; at++) sums[at] += (double)leaves[leaf[at]];
    }
}

void forest_chances(const nw_forest *forest, const float *lines, int32_t n, uint8_t *answers, double *chances) {
    for (int32_t start = 0; start < n; start += AT_ONCE) {
        double sums[AT_ONCE] = {0};
        int32_t count = n - start < AT_ONCE ? n - start : AT_ONCE;
        ask(forest, lines, n, start, count, answers);
        add_up(forest, answers, sums);
        for (int32_t at = 0; at < count; at++) chances[start + at] = 1 / (1 + exp(-(forest->base + sums[at])));
    }
}
