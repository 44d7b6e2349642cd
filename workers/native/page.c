#include "page.h"

#include "setup.h"

enum { FIRST_SLOTS = 256 };

int32_t page_keep(nw_page *page, const char *string, size_t length) {
    nw_string *kept = buffer_item(&page->strings, sizeof *kept);
    if (!kept) return 0;
    kept->at = (int32_t)page->names.length;
    kept->size = (int32_t)length;
    buffer_add(&page->names, string, length);
    buffer_add(&page->names, "", 1);
    return (int32_t)(page->strings.length / sizeof *kept) - 1;
}

static int32_t *find(const nw_page *page, const char *string, size_t length) {
    for (uint32_t at = words_hash(string, length);; at++) {
        int32_t *slot = &page->slots[at & page->mask];
        if (!*slot) return slot;
        const nw_string *known = page_string(page, *slot);
        if ((size_t)known->size == length && !memcmp(page->names.data + known->at, string, length)) return slot;
    }
}

/* Twice the slots, and all strings in their new places. */
static int grow(nw_page *page) {
    uint32_t size = page->slots ? 2 * (page->mask + 1) : FIRST_SLOTS;
    int32_t *old = page->slots;
    uint32_t n_old = old ? page->mask + 1 : 0;
    int32_t *slots = calloc(size, sizeof *slots);
    if (!slots) {
        page->strings.failed = 1;
        return 0;
    }
    page->slots = slots;
    page->mask = size - 1;
    for (uint32_t at = 0; at < n_old; at++) {
        if (!old[at]) continue;
        const nw_string *known = page_string(page, old[at]);
        *find(page, page->names.data + known->at, (size_t)known->size) = old[at];
    }
    free(old);
    return 1;
}

int32_t page_intern(nw_page *page, const char *string, size_t length) {
    if (!length) return 0;
    if (!page->slots || page->strings.length / sizeof(nw_string) > page->mask / 2) {
        if (!grow(page)) return 0;
    }
    int32_t *slot = find(page, string, length);
    if (*slot) return *slot;
    int32_t number = page_keep(page, string, length);
    if (number && !page->is_plain)
        ((nw_string *)page->strings.data)[number].bits = class_bits(&setup.class_words, string, length);
    return *slot = number;
}
