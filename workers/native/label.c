/* From a page that was read to the chance of each text: features.py, forest.py. */
#include "label.h"

static void fill(nw_columns *c, const nw_hints *hints) {
    int32_t *makes = TAKE(&c->arena, c->n, int32_t);
    if (!makes) return;
    add_characters(c);
    if (!c->arena.failed) add_wording(c, hints);
    if (!c->arena.failed) add_tags(c);
    if (!c->arena.failed) add_words(c);
    if (!c->arena.failed) add_containers(c);
    if (!c->arena.failed) add_makes(c, makes);
    if (!c->arena.failed) add_positions(c);
    if (!c->arena.failed) add_neighbours(c, makes);
    if (!c->arena.failed) add_page(c, hints);
}

int32_t nw_features(nw_page *page, const nw_hints *hints, int32_t n_names, int32_t *kept, float *lines) {
    nw_columns c;
    columns_of(&c, page);
    if (!c.arena.failed && c.n) {
        c.lines = lines;
        memset(lines, 0, (size_t)n_names * (size_t)c.n * sizeof *lines);
        fill(&c, hints);
        memcpy(kept, c.kept, (size_t)c.n * sizeof *kept);
    }
    int is_right = !c.arena.failed && (!c.n || c.lines == lines + (size_t)n_names * (size_t)c.n);
    int32_t n = is_right ? c.n : -1;
    arena_free(&c.arena);
    return n;
}

int nw_label(nw_page *page, const nw_hints *hints, const nw_forest *forest, int32_t n_names, double *chances,
             int32_t *boxes) {
    nw_columns c;
    columns_of(&c, page);
    if (!c.arena.failed && c.n) {
        float *lines = c.lines = TAKE(&c.arena, (size_t)n_names * (size_t)c.n, float);
        uint8_t *answers = TAKE(&c.arena, (size_t)forest->n_questions * AT_ONCE, uint8_t);
        double *own = TAKE(&c.arena, c.n, double);
        if (!c.arena.failed) fill(&c, hints);
        if (!c.arena.failed) {
            forest_chances(forest, lines, c.n, answers, own);
            for (int32_t number = 0; number < c.n; number++) {
                chances[c.kept[number]] = own[number];
                boxes[c.kept[number]] = c.boxes[number];
            }
        }
    }
    int is_done = !c.arena.failed;
    arena_free(&c.arena);
    return is_done;
}
