#include "sights.h"

#include "setup.h"
#include "walk.h"

/* What is asked of an element's attributes. */
typedef struct {
    const char *words, *rel, *type, *href;
    size_t words_size, rel_size, type_size, href_size;
    int has_class, has_rel, has_itemprop, has_published;
} told;

static int is_name(const char *name, size_t length, const char *wanted) {
    return strlen(wanted) == length && !memcmp(name, wanted, length);
}

static told read_told(dom_node *node) {
    told found = {0};
    size_t length;
    for (dom_attr *attr = dom.first_attribute(node); attr; attr = dom.next_attribute(attr)) {
        const char *name = dom.attr_name(attr, &length);
        if (is_name(name, length, "class")) {
            found.has_class = 1;
            found.words = dom.attr_value(attr, &found.words_size);
        } else if (is_name(name, length, "href")) {
            found.href = dom.attr_value(attr, &found.href_size);
        } else if (is_name(name, length, "rel")) {
            found.has_rel = 1;
            found.rel = dom.attr_value(attr, &found.rel_size);
        } else if (is_name(name, length, "type")) {
            found.type = dom.attr_value(attr, &found.type_size);
        } else if (is_name(name, length, "itemprop")) {
            found.has_itemprop = 1;
        } else if (is_name(name, length, "data-published")) {
            found.has_published = 1;
        }
    }
    return found;
}

/* 1 where `part`, in small letters, stands in a text in letters of either case. */
static int has_part(const char *text, size_t length, const char *part) {
    size_t size = strlen(part);
    for (size_t at = 0; text && at + size <= length; at++) {
        size_t same = 0;
        while (same < size) {
            char letter = text[at + same];
            if ((letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter) != part[same]) break;
            same++;
        }
        if (same == size) return 1;
    }
    return 0;
}

/* An address may be an author's page: how the folders' names begin that Python looks for more closely. */
static int may_be_author(const char *text, size_t length) {
    static const char *const folders[] = {"/auth", "/auto", "/aute", "/reda", "/jour", "/repo", "/contr", "/writ"};
    const char *at = text, *end = text + length;
    while (text && (at = memchr(at, '/', (size_t)(end - at))) != NULL) {
        size_t left = (size_t)(end - at) < 6 ? (size_t)(end - at) : 6;
        for (size_t number = 0; number < sizeof folders / sizeof *folders; number++) {
            if (has_part(at, left, folders[number])) return 1;
        }
        at++;
    }
    return 0;
}

static int speaks(const told *own, int tag) {
    if (own->has_itemprop) return 1;
    switch (tag) {
    case SIGHT_A:
        return has_part(own->rel, own->rel_size, "author") || has_part(own->rel, own->rel_size, "tag") ||
               may_be_author(own->href, own->href_size);
    case SIGHT_SCRIPT:
        return has_part(own->type, own->type_size, "ld+json");
    case SIGHT_LINK:
        return has_part(own->rel, own->rel_size, "canonical");
    default:
        return tag < N_SIGHT_TAGS;
    }
}

static void see(nw_page *found, dom_node *node, int tag) {
    told own = read_told(node);
    int is_found = own.has_class || own.has_itemprop || own.has_published || (tag == SIGHT_LINK && own.has_rel) ||
                   (tag != SIGHT_LINK && tag < N_SIGHT_TAGS);
    if (!is_found) return;
    buffer_add_int(&found->marks, own.words ? page_intern(found, own.words, own.words_size) : 0);
    buffer_add_int(&found->marks, speaks(&own, tag));
}

nw_page *nw_sights_read(dom_node *root, const int32_t tags[N_SIGHT_TAGS]) {
    uint8_t tag_of[N_TAG_IDS];
    memset(tag_of, N_SIGHT_TAGS, sizeof tag_of);
    for (int number = 0; number < N_SIGHT_TAGS; number++) tag_of[tags[number]] = (uint8_t)number;
    nw_page *found = calloc(1, sizeof *found);
    if (!found) return NULL;
    found->is_plain = 1;
    page_keep(found, "", 0); /* number 0 */
    for (dom_node *node = root; node;) {
        if (node->type == DOM_ELEMENT) {
            see(found, node, node->local_name < N_TAG_IDS ? tag_of[node->local_name] : N_SIGHT_TAGS);
        }
        if (node->first_child) {
            node = node->first_child;
            continue;
        }
        while (node != root && !node->next) node = node->parent;
        node = node == root ? NULL : node->next;
    }
    if (!found->marks.failed && !found->strings.failed && !found->names.failed) return found;
    nw_page_free(found);
    return NULL;
}
