/* What Python asks of a page. Both return less than they should (-1, 0) where there is no memory. */
#ifndef NEWSWIRE_NATIVE_LABEL_H
#define NEWSWIRE_NATIVE_LABEL_H

#include "columns.h"
#include "forest.h"

/* Fills the numbers of the texts that are no menus, and n_names lines of a value for each; returns how many.
 * There is room for all texts of the page in both. */
int32_t nw_features(nw_page *page, const nw_hints *hints, int32_t n_names, int32_t *kept, float *lines);

/* Fills, for each text that is no menu, its chance to be the article's and why it stands in a box. */
int nw_label(nw_page *page, const nw_hints *hints, const nw_forest *forest, int32_t n_names, double *chances,
             int32_t *boxes);

#endif
