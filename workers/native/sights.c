#include "sights.h"

#include "setup.h"
#include "walk.h"

enum { MAX_HINT = 32 }; /* characters of a word; those that may name a role are shorter */

/* What is asked of an element's attributes. */
typedef struct {
    const char *words, *rel, *type, *href;
    size_t words_size, rel_size, type_size, href_size;
    int has_class, has_rel, has_itemprop, has_published;
} told;

static told read_told(dom_node *node) {
    told found = {0};
    for (dom_attr *attr = dom_first_attr(node); attr; attr = attr->next) {
        switch (attr_of(attr)) {
        case ATTR_CLASS:
            found.has_class = 1;
            found.words = dom_value_of(attr, &found.words_size);
            break;
        case ATTR_HREF:
            found.href = dom_value_of(attr, &found.href_size);
            break;
        case ATTR_REL:
            found.has_rel = 1;
            found.rel = dom_value_of(attr, &found.rel_size);
            break;
        case ATTR_TYPE:
            found.type = dom_value_of(attr, &found.type_size);
            break;
        case ATTR_ITEMPROP:
            found.has_itemprop = 1;
            break;
        case ATTR_PUBLISHED:
            found.has_published = 1;
            break;
        default:
            break;
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
        int is_first = left > 1 && at[1] && strchr("ajrcwAJRCW", at[1]); /* most folders begin otherwise */
        for (size_t number = 0; is_first && number < sizeof folders / sizeof *folders; number++) {
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

/* 1 where one of a class attribute's words may name a role: vocabulary.py's hints_of, or a letter beyond ASCII. */
static int may_hint(const char *words, size_t length) {
    char word[MAX_HINT];
    size_t size = 0;
    for (size_t at = 0; at <= length; at++) {
        char letter = at < length ? words[at] : ' ';
        int is_upper = letter >= 'A' && letter <= 'Z';
        int is_capital = is_upper && at && words[at - 1] >= 'a' && words[at - 1] <= 'z';
        if (letter & 0x80) return 1;
        if (letter == '-' || letter == '_' || letter == ' ' || is_capital) {
            int may_be = size && size <= MAX_HINT && setup.hint_sizes[(uint8_t)word[0]] >> size & 1;
            if (may_be && words_value(&setup.hints, word, size)) return 1;
            size = 0;
            if (!is_capital) continue;
        }
        if (size < MAX_HINT) word[size] = (char)(is_upper ? letter | 0x20 : letter);
        size++;
    }
    return 0;
}

/* Number of a class attribute's string among those that may name a role, from 1; 0 for the others. */
static int32_t hint_of(nw_page *found, const char *words, size_t length) {
    size_t before = found->strings.length;
    int32_t number = page_intern(found, words, length);
    if (found->strings.failed) return 0;
    nw_string *own = (nw_string *)found->strings.data + number;
    if (found->strings.length > before && may_hint(words, length)) {
        own->bits = ++found->n_hints;
        buffer_add(&found->blob, words, length);
        buffer_add(&found->blob, "", 1);
    }
    return (int32_t)own->bits;
}

/* 1 where it is one of the elements that the query finds, at `place` among them. */
static int see(nw_page *found, dom_node *node, int tag, int32_t place) {
    told own = read_told(node);
    int is_found = own.has_class || own.has_itemprop || own.has_published || (tag == SIGHT_LINK && own.has_rel) ||
                   (tag != SIGHT_LINK && tag < N_SIGHT_TAGS);
    if (!is_found) return 0;
    int32_t hint = own.words ? hint_of(found, own.words, own.words_size) : 0, says = speaks(&own, tag);
    if (hint || says) {
        buffer_add_int(&found->marks, place);
        buffer_add_int(&found->marks, hint);
        buffer_add_int(&found->marks, says);
    }
    if (tag == SIGHT_A) buffer_add_int(&found->links, place);
    return 1;
}

nw_page *nw_sights_read(dom_node *root, const int32_t tags[N_SIGHT_TAGS]) {
    uint8_t tag_of[N_TAG_IDS];
    memset(tag_of, N_SIGHT_TAGS, sizeof tag_of);
    for (int number = 0; number < N_SIGHT_TAGS; number++) tag_of[tags[number]] = (uint8_t)number;
    nw_page *found = calloc(1, sizeof *found);
    if (!found) return NULL;
    found->is_plain = 1;
    page_keep(found, "", 0); /* number 0 */
    int32_t place = 0;
    for (dom_node *node = root; node; node = dom_next_below(node, root)) {
        if (node->type == DOM_ELEMENT) {
            place += see(found, node, node->local_name < N_TAG_IDS ? tag_of[node->local_name] : N_SIGHT_TAGS, place);
        }
    }
    buffer_add_int(&found->links, place);
    int has_failed = found->marks.failed || found->links.failed || found->blob.failed;
    if (!has_failed && !found->strings.failed && !found->names.failed) return found;
    nw_page_free(found);
    return NULL;
}
