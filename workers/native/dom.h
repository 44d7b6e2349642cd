/* Lexbor's nodes as selectolax's library lays them out (its lexbor.pxd), and the few of its functions that are asked.
 *
 * nw_dom_fits() compares the layout with what lexbor's own functions say before any page is read. */
#ifndef NEWSWIRE_NATIVE_DOM_H
#define NEWSWIRE_NATIVE_DOM_H

#include "native.h"

enum { DOM_ELEMENT = 1, DOM_TEXT = 3, DOM_COMMENT = 8, DOM_DOCUMENT = 9 };

typedef struct dom_node {
    void *events;
    uintptr_t local_name; /* the tag's number; a pointer for a name that HTML does not have */
    uintptr_t prefix;
    uintptr_t ns;
    void *owner;
    struct dom_node *next;
    struct dom_node *prev;
    struct dom_node *parent;
    struct dom_node *first_child;
    struct dom_node *last_child;
    void *user;
    int type;
} dom_node;

typedef struct {
    dom_node node;
    const char *data;
    size_t length;
} dom_text;

typedef struct {
    const char *data;
    size_t length;
} dom_string;

typedef struct dom_attr {
    dom_node node; /* its name's number, as of a tag */
    uintptr_t upper_name;
    uintptr_t qualified_name; /* 0 where it has no prefix */
    const dom_string *value;
    dom_node *owner;
    struct dom_attr *next;
    struct dom_attr *prev;
} dom_attr;

typedef struct {
    dom_node node;
    uintptr_t upper_name;
    uintptr_t qualified_name;
    const dom_string *is_value;
    dom_attr *first_attr;
} dom_element;

/* What is asked of an element's attributes; ATTR_NAMING are those that name its part in the page, and itemprop is too.
 */
enum {
    ATTR_OTHER,
    ATTR_CLASS,
    ATTR_ID,
    ATTR_STYLE,
    ATTR_HIDDEN,
    ATTR_HREF,
    ATTR_REL,
    ATTR_TYPE,
    ATTR_DATETIME,
    ATTR_PUBLISHED,
    ATTR_ITEMPROP,
    ATTR_NAMING
};

/* Addresses of lexbor's functions, in the order in which Python gives them. */
typedef struct {
    dom_attr *(*first_attribute)(const dom_node *element);
    dom_attr *(*next_attribute)(const dom_attr *attr);
    const char *(*attr_name)(dom_attr *attr, size_t *length);
    const char *(*attr_value)(dom_attr *attr, size_t *length);
    const char *(*element_name)(dom_node *element, size_t *length);
    dom_node *(*next)(dom_node *node);
    dom_node *(*prev)(dom_node *node);
    dom_node *(*parent)(dom_node *node);
    dom_node *(*first_child)(dom_node *node);
    uintptr_t (*tag_id)(dom_node *node);
    const char *(*string_data)(const void *string);
    size_t (*string_length)(const void *string);
} dom_functions;

extern dom_functions dom;

static inline dom_attr *dom_first_attr(const dom_node *element) { return ((const dom_element *)element)->first_attr; }

/* Value of an attribute; NULL and 0 for none. */
static inline const char *dom_value_of(const dom_attr *attr, size_t *length) {
    int has_value = attr->value && attr->value->data && attr->value->length;
    *length = has_value ? attr->value->length : 0;
    return has_value ? attr->value->data : NULL;
}

/* The next node below `root` in the order of the document; NULL behind the last. */
static inline dom_node *dom_next_below(dom_node *node, const dom_node *root) {
    if (node->first_child) return node->first_child;
    while (node != root && !node->next) node = node->parent;
    return node == root ? NULL : node->next;
}

/* Text of a text node; length 0 for none. */
static inline const char *dom_text_of(const dom_node *node, size_t *length) {
    const dom_text *text = (const dom_text *)node;
    *length = text->data ? text->length : 0;
    return text->data;
}

/* 1 where the layout above is that of the nodes below `root`: <html> of a page whose body holds
 * <p id="n" hidden>text</p>. */
int nw_dom_fits(const dom_functions *functions, dom_node *root);

#endif
