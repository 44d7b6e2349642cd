/* What one pass over a page found: walk.py's Page, as arrays. */
#ifndef NEWSWIRE_NATIVE_PAGE_H
#define NEWSWIRE_NATIVE_PAGE_H

#include "buffer.h"
#include "dom.h"
#include "words.h"

/* What the walk does at a tag, as walk.py numbers it. */
enum { INLINE, BLOCK, SKIP, BR, LINK, BOLD, IMAGE, TIME, TEXT, READING, CUSTOM };

typedef struct {
    int32_t tag; /* its place in walk.py's list of block tags */
    int32_t parent, depth, start, end;
    int32_t words, identity; /* numbers of strings, 0 for "" */
    int32_t is_hidden;
} nw_element;

typedef struct {
    int32_t element, link_length, bold_length, n_links, n_images, is_after_br;
    int32_t at, size; /* in the blob of texts, in bytes */
    int32_t n_chars, n_spaces;
} nw_text;

typedef struct {
    int32_t number; /* of the text that it begins in */
    dom_node *node;
} nw_link;

typedef struct {
    int32_t at, size;
    int64_t bits; /* what class_bits says, of class attributes */
} nw_string;

typedef struct {
    nw_buffer elements, texts, marks, links; /* nw_element, nw_text, pairs of element and string, nw_link */
    nw_buffer blob;                          /* texts, a NUL behind each */
    nw_buffer strings, names;                /* nw_string, and what they stand for, a NUL behind each */
    int32_t *slots;                          /* of the strings that are class attributes, by hash */
    uint32_t mask;
    int is_plain;    /* what class attributes speak of is not asked */
    int32_t n_hints; /* class attributes that may name a role (sights.h) */
} nw_page;

static inline int32_t page_elements(const nw_page *page) {
    return (int32_t)(page->elements.length / sizeof(nw_element));
}

static inline int32_t page_texts(const nw_page *page) { return (int32_t)(page->texts.length / sizeof(nw_text)); }

static inline int32_t page_links(const nw_page *page) { return (int32_t)(page->links.length / sizeof(nw_link)); }

static inline nw_element *page_element(const nw_page *page, int32_t number) {
    return (nw_element *)page->elements.data + number;
}

static inline nw_text *page_text(const nw_page *page, int32_t number) { return (nw_text *)page->texts.data + number; }

static inline const nw_string *page_string(const nw_page *page, int32_t number) {
    return (const nw_string *)page->strings.data + number;
}

/* Number of a class attribute's string, the same for the same; and of any other. */
int32_t page_intern(nw_page *page, const char *string, size_t length);
int32_t page_keep(nw_page *page, const char *string, size_t length);

#endif
