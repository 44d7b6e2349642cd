#include "setup.h"

nw_setup setup;

static int index_list(word_table *table, const nw_word_list *list) {
    return words_index(table, list->count, list->blob, list->ends, list->values);
}

int nw_set_up(const nw_told *told) {
    setup.told = *told;
    dom = told->dom;
    unicode = told->unicode;
    return index_list(&setup.class_words, &told->class_words) && index_list(&setup.text_words, &told->text_words) &&
           index_list(&setup.tags, &told->tags) && index_list(&setup.naming, &told->naming);
}
