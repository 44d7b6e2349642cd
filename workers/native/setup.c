#include "setup.h"

nw_setup setup;

static int index_list(word_table *table, const nw_word_list *list) {
    return words_index(table, list->count, list->blob, list->ends, list->values);
}

int attr_of(dom_attr *attr) {
    int is_known = !attr->qualified_name && attr->node.local_name < N_ATTR_IDS;
    if (is_known && setup.attr_by_id[attr->node.local_name]) return setup.attr_by_id[attr->node.local_name] - 1;
    size_t length = 0;
    const char *name = dom.attr_name(attr, &length);
    int number = name ? (int)words_value(&setup.attrs, name, length) : ATTR_OTHER;
    if (is_known) setup.attr_by_id[attr->node.local_name] = (int8_t)(number + 1);
    return number;
}

int nw_set_up(const nw_told *told) {
    setup.told = *told;
    dom = told->dom;
    unicode = told->unicode;
    return index_list(&setup.class_words, &told->class_words) && index_list(&setup.text_words, &told->text_words) &&
           index_list(&setup.tags, &told->tags) && index_list(&setup.attrs, &told->attrs) &&
           index_list(&setup.hints, &told->hints);
}
