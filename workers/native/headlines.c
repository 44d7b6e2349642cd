/* Different addresses that are linked with a text as long as a headline: links.py's count_headline_links. */
#include "headlines.h"

#include "setup.h"

enum { MOST_LINKS = 5000, HEADLINE = 25, NEARLY = 18 };

/* Thai, Lao, kana and the Chinese signs of unspaced.py: one says as much as three letters. */
static int is_unspaced(uint32_t code) {
    return (code >= 0x0E00 && code <= 0x0EFF) || (code >= 0x3040 && code <= 0x30FF) ||
           (code >= 0x3400 && code <= 0x9FFF);
}

/* 1 where all text below a link, white space folded, is as long as a headline. */
static int is_long(dom_node *link) {
    int32_t length = 0, is_pending = 0;
    for (dom_node *node = link->first_child ? link : NULL; node; node = dom_next_below(node, link)) {
        if (node->type != DOM_TEXT) continue;
        size_t size = 0;
        const char *at = dom_text_of(node, &size), *end = at + size;
        while (size && at < end) {
            uint32_t code;
            at = u_next(at, end, &code);
            if (u_flags(code) & U_SPACE) {
                is_pending = length > 0;
                continue;
            }
            length += is_pending + (is_unspaced(code) ? 3 : 1);
            is_pending = 0;
            if (length >= HEADLINE) return 1;
        }
    }
    return 0;
}

/* The link's address without its fragment; NULL for none. */
static const char *address_of(dom_node *link, size_t *length) {
    for (dom_attr *attr = dom_first_attr(link); attr; attr = attr->next) {
        if (attr_of(attr) != ATTR_HREF) continue;
        const char *value = dom_value_of(attr, length);
        const char *mark = value ? memchr(value, '#', *length) : NULL;
        if (mark) *length = (size_t)(mark - value);
        return value && *length ? value : NULL;
    }
    return NULL;
}

typedef struct {
    const char *at;
    size_t length;
} address;

typedef struct {
    address *known;
    uint32_t mask;
} address_set;

/* The slot of an address, or the free one where it would stand. */
static address *slot_of(const address_set *set, const char *at, size_t length) {
    for (uint32_t place = words_hash(at, length);; place++) {
        address *slot = &set->known[place & set->mask];
        if (!slot->at || (slot->length == length && !memcmp(slot->at, at, length))) return slot;
    }
}

/* What the links in the texts from `first` to `behind` have at most, as headlines are measured. */
static int32_t most_in_links(const nw_page *page, int32_t first, int32_t behind) {
    int32_t sum = 0;
    for (int32_t number = first; number < behind && sum < NEARLY; number++) {
        const nw_text *text = page_text(page, number);
        sum += text->size == text->n_chars ? text->link_length : 3 * text->link_length;
    }
    return sum;
}

int32_t nw_headline_links(const nw_page *page) {
    int32_t n_links = page_links(page), n_texts = page_texts(page), count = 0;
    const nw_link *links = (const nw_link *)page->links.data;
    if (n_links > MOST_LINKS) n_links = MOST_LINKS;
    address_set seen = {NULL, 64};
    while (seen.mask < 2u * (uint32_t)n_links) seen.mask *= 2;
    seen.known = calloc(seen.mask--, sizeof *seen.known);
    if (!seen.known) return -1;
    for (int32_t at = 0; at < n_links; at++) {
        int32_t first = links[at].number, end = at + 1 < n_links ? links[at + 1].number : n_texts;
        if (end < first + 1) end = first + 1;
        if (most_in_links(page, first, end < n_texts ? end : n_texts) < NEARLY) continue;
        size_t length = 0;
        const char *target = address_of(links[at].node, &length);
        if (!target) continue;
        address *slot = slot_of(&seen, target, length);
        if (slot->at || !is_long(links[at].node)) continue;
        *slot = (address){target, length};
        count++;
    }
    free(seen.known);
    return count;
}
