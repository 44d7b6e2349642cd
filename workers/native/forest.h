/* Oblivious trees: forest.py's Forest. */
#ifndef NEWSWIRE_NATIVE_FOREST_H
#define NEWSWIRE_NATIVE_FOREST_H

#include "native.h"

/* Python's arrays: each question once, and for each tree and level which one it asks. */
typedef struct {
    int32_t n_questions, n_trees, depth;
    const int32_t *columns; /* n_questions: the line that it looks at */
    const float *limits;    /* n_questions */
    const int32_t *places;  /* depth times n_trees: the questions of the first level, then of the next */
    const float *leaves;    /* n_trees times 2^depth */
    double base;
} nw_forest;

enum { AT_ONCE = 32 }; /* texts whose answers stay in the caches together */

/* Room for the answers of AT_ONCE texts is the caller's: n_questions * AT_ONCE bytes. Fills `n` chances. */
void forest_chances(const nw_forest *forest, const float *lines, int32_t n, uint8_t *answers, double *chances);

#endif
