#include "dom.h"

#include <string.h>

dom_functions dom;

/* The node and those around it are where lexbor's own functions say. */
static int fits(dom_node *node) {
    return node->next == dom.next(node) && node->prev == dom.prev(node) && node->parent == dom.parent(node) &&
           node->first_child == dom.first_child(node) && node->local_name == dom.tag_id(node);
}

static dom_node *last_element(dom_node *node) {
    while (node->first_child) {
        dom_node *child = node->first_child;
        if (!fits(child)) return NULL;
        while (child->next) {
            child = child->next;
            if (!fits(child)) return NULL;
        }
        if (child->type != DOM_ELEMENT) break;
        node = child;
    }
    return node;
}

/* The attributes of <p id="n" hidden> are where lexbor's own functions say. */
static int attrs_fit(dom_node *holder) {
    dom_attr *id = dom.first_attribute(holder), *hidden = id ? dom.next_attribute(id) : NULL;
    if (!hidden || dom.next_attribute(hidden)) return 0;
    if (dom_first_attr(holder) != id || id->next != hidden || hidden->next || id->qualified_name) return 0;
    size_t length = 0, own = 0;
    if (strncmp(dom.attr_name(id, &length), "id", 2) != 0 || length != 2) return 0;
    if (strncmp(dom.attr_name(hidden, &length), "hidden", 6) != 0 || length != 6) return 0;
    if (dom.attr_value(id, &length) != dom_value_of(id, &own) || length != 1 || own != 1) return 0;
    return dom_value_of(hidden, &own) == NULL;
}

int nw_dom_fits(const dom_functions *functions, dom_node *root) {
    dom = *functions;
    dom_node *holder = fits(root) && root->type == DOM_ELEMENT ? last_element(root) : NULL;
    dom_node *leaf = holder ? holder->first_child : NULL;
    if (!leaf || leaf->type != DOM_TEXT) return 0;
    const dom_text *text = (const dom_text *)leaf;
    const void *string = &text->data;
    if (dom.string_data(string) != text->data || dom.string_length(string) != text->length) return 0;
    if (text->length != 4 || memcmp(text->data, "text", 4) != 0) return 0;
    size_t length = 0;
    const char *name = dom.element_name(holder, &length);
    return length == 1 && name[0] == 'p' && attrs_fit(holder);
}
