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

/* Most words of class attributes are told from hints by their first letter and their size. */
static void note_hints(const nw_word_list *hints) {
    for (int32_t number = 0, start = 0; number < hints->count; start = hints->ends[number++]) {
        int32_t size = hints->ends[number] - start;
        setup.hint_sizes[(uint8_t)hints->blob[start]] |= 1ull << (size < 63 ? size : 63);
    }
}

int nw_set_up(const nw_told *told) {
    setup.told = *told;
    note_hints(&told->hints);
    dom = told->dom;
    unicode = told->unicode;
    words_seed(told->seed, told->factor);
    return index_list(&setup.class_words, &told->class_words) && index_list(&setup.text_words, &told->text_words) &&
           index_list(&setup.tags, &told->tags) && index_list(&setup.attrs, &told->attrs) &&
           index_list(&setup.hints, &told->hints);
}
