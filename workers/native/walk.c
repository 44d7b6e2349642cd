/* One pass over lexbor's tree: walk.py's _Walker, to the letter. */
#include "walk.h"
#include "page.h"
#include "setup.h"
#include "style.h"

typedef struct {
    nw_page *page;
    nw_buffer parts; /* what was read since the last edge */
    uint32_t last;   /* its last character */
    int32_t link_length, bold_length, n_links, n_images;
    int32_t open_links, open_bolds;
    int32_t current;
    int has_parts, is_spaced, is_after_br;
} walker;

typedef struct {
    const char *words, *style, *id;
    size_t words_length, style_length, id_length;
    int is_hidden, is_named, count;
} attributes;

/* Action and number of an element's tag. */
static int32_t tag_of(dom_node *node) {
    if (node->local_name < N_TAG_IDS && setup.told.tag_by_id[node->local_name] >= 0) {
        return setup.told.tag_by_id[node->local_name];
    }
    size_t length = 0;
    const char *name = dom.element_name(node, &length);
    int64_t known = name ? words_value(&setup.tags, name, length) : 0;
    if (known) return (int32_t)known - 1;
    return name && memchr(name, '-', length) ? CUSTOM : INLINE;
}

static int32_t action_of(dom_node *node) {
    if (node->type == DOM_TEXT) return TEXT;
    return node->type == DOM_ELEMENT ? tag_of(node) & 0xFF : SKIP;
}

static int is_name(const char *name, size_t length, const char *wanted) {
    return strlen(wanted) == length && !memcmp(name, wanted, length);
}

/* The attributes that the walk asks for; the value of an empty one is none. */
static attributes read_attributes(dom_node *node) {
    attributes found = {0};
    for (dom_attr *attr = dom_first_attr(node); attr; attr = attr->next) {
        int name = attr_of(attr);
        found.count++;
        if (name == ATTR_CLASS) {
            found.words = dom_value_of(attr, &found.words_length);
        } else if (name == ATTR_STYLE) {
            found.style = dom_value_of(attr, &found.style_length);
        } else if (name == ATTR_HIDDEN) {
            found.is_hidden = 1;
        } else if (name == ATTR_ID) {
            found.id = dom_value_of(attr, &found.id_length);
        } else if (name == ATTR_NAMING || name == ATTR_ITEMPROP) {
            found.is_named = 1;
        }
    }
    return found;
}

/* The number of a string of its id and, beside others, of attributes that name its part in the page. */
static int32_t identity_of(nw_page *page, dom_node *node, const attributes *own) {
    if (!own->is_named || own->count < 2) return own->id_length ? page_keep(page, own->id, own->id_length) : 0;
    nw_buffer told = {0};
    buffer_add(&told, own->id, own->id_length);
    int is_told = 0;
    for (dom_attr *attr = dom_first_attr(node); attr; attr = attr->next) {
        int name = attr_of(attr);
        size_t length = 0;
        const char *value = name == ATTR_NAMING || name == ATTR_ITEMPROP ? dom_value_of(attr, &length) : NULL;
        if (!value) continue;
        is_told = 1;
        buffer_add(&told, " ", 1);
        buffer_add(&told, value, length);
    }
    int32_t number = is_told || own->id_length ? page_keep(page, told.data, told.length) : 0;
    page->names.failed |= told.failed;
    buffer_free(&told);
    return number;
}

/* Adds a stretch of text, white space folded and byte order marks left out. */
static void append(walker *state, const char *raw, size_t length) {
    nw_page *page = state->page;
    if (!buffer_grow(&page->blob, length + 1)) return;
    char *start = page->blob.data + page->blob.length, *out = start;
    const char *at = raw, *end = raw + length;
    int32_t n_chars = 0, n_spaces = 0;
    int is_pending = 0;
    while (at < end) {
        uint32_t code;
        const char *next = u_next(at, end, &code);
        if (code == 0xFEFF) {
            at = next;
            continue;
        }
        if (u_flags(code) & U_SPACE) {
            is_pending = n_chars > 0;
            at = next;
            continue;
        }
        if (is_pending) {
            *out++ = ' ';
            n_chars++;
            n_spaces++;
            is_pending = 0;
        }
        while (at < next) *out++ = *at++;
        n_chars++;
    }
    if (!n_chars) return;
    nw_text *text = buffer_item(&page->texts, sizeof *text);
    if (!text) return;
    *text = (nw_text){
        state->current,     state->link_length,         state->bold_length,     state->n_links, state->n_images,
        state->is_after_br, (int32_t)page->blob.length, (int32_t)(out - start), n_chars,        n_spaces};
    *out = 0;
    page->blob.length += (size_t)(out - start) + 1;
    state->n_images = 0;
}

static int is_pre(const walker *state) {
    return state->current >= 0 && page_element(state->page, state->current)->tag == setup.told.pre;
}

static void end_text(walker *state) {
    const char *at = state->parts.data, *end = at + state->parts.length;
    if (state->current >= 0) {
        int is_lines = is_pre(state);
        for (;;) {
            const char *line = is_lines ? memchr(at, '\n', (size_t)(end - at)) : NULL;
            append(state, at, (size_t)((line ? line : end) - at));
            if (!line) break;
            at = line + 1;
        }
    }
    state->parts.length = 0;
    state->has_parts = 0;
    state->link_length = state->bold_length = 0;
}

/* Ends what was read since the last edge, if anything: links that hold nothing count for the next text. */
static void edge(walker *state) {
    if (!state->has_parts && !state->is_spaced) return;
    if (state->has_parts) end_text(state);
    state->n_links = 0;
    state->is_spaced = 0;
}

static int open_block(walker *state, dom_node *node) {
    edge(state);
    state->is_after_br = 0;
    nw_page *page = state->page;
    attributes told = read_attributes(node);
    int32_t words = page_intern(page, told.words, told.words_length), identity = 0;
    int is_hidden = 0;
    if (told.count && (!words || told.count > 1)) {
        identity = identity_of(page, node, &told);
        is_hidden = told.is_hidden || style_hides(told.style, told.style_length);
    }
    int32_t depth = state->current >= 0 ? page_element(page, state->current)->depth + 1 : 0;
    nw_element *element = buffer_item(&page->elements, sizeof *element);
    if (!element) return 0;
    *element = (nw_element){tag_of(node) >> 8, state->current, depth, page_texts(page), 0, words, identity, is_hidden};
    state->current = page_elements(page) - 1;
    return 1;
}

static void close_block(walker *state) {
    edge(state);
    state->is_after_br = 0;
    nw_element *element = page_element(state->page, state->current);
    element->end = page_texts(state->page);
    state->current = element->parent;
}

static int is_seen(const walker *state, dom_node *node) {
    attributes told = read_attributes(node);
    if (!told.count) return 1;
    int64_t mask = setup.told.says_hidden | (state->has_parts ? setup.told.says_tip : 0);
    int32_t words = page_intern(state->page, told.words, told.words_length);
    if (told.is_hidden || (page_string(state->page, words)->bits & mask)) return 0;
    return !style_hides(told.style, told.style_length);
}

/* What stands before an element, but for white space and comments. */
static dom_node *before(dom_node *node) {
    dom_node *found = node->prev;
    for (; found; found = found->prev) {
        size_t length = 0;
        if (found->type == DOM_COMMENT) continue;
        if (found->type != DOM_TEXT) break;
        const char *text = dom_text_of(found, &length);
        if (length && !u_is_space(text, length)) break;
    }
    return found;
}

static int is_in_brackets(dom_node *reading) {
    dom_node *other = before(reading);
    if (!other || other->type != DOM_ELEMENT) return 0;
    size_t length = 0;
    const char *name = dom.element_name(other, &length);
    return name && is_name(name, length, "rp");
}

static int break_line(walker *state) {
    edge(state);
    state->is_after_br = 1;
    return 1;
}

static void see_time(walker *state, dom_node *node) {
    for (dom_attr *attr = dom_first_attr(node); attr; attr = attr->next) {
        if (attr_of(attr) != ATTR_DATETIME) continue;
        size_t length = 0;
        const char *value = dom_value_of(attr, &length);
        if (value && length) {
            buffer_add_int(&state->page->marks, state->current);
            buffer_add_int(&state->page->marks, page_keep(state->page, value, length));
        }
        return;
    }
}

/* What is done where an element begins; 1 where its children are to be read. */
static int begin(walker *state, dom_node *node, int32_t action) {
    dom_node *other;
    switch (action) {
    case BLOCK:
        return open_block(state, node);
    case SKIP:
        return 0;
    case BR:
        return break_line(state);
    case LINK: {
        state->open_links++;
        state->n_links++;
        nw_link *link = buffer_item(&state->page->links, sizeof *link);
        if (link) *link = (nw_link){page_texts(state->page), node};
        return 1;
    }
    case BOLD: {
        int seen = is_seen(state, node);
        state->open_bolds += seen;
        return seen;
    }
    case IMAGE:
        state->n_images++;
        return 1;
    case TIME:
        see_time(state, node);
        return 1;
    case READING:
        return is_in_brackets(node);
    case CUSTOM: /* two elements of a site's own making are two lines */
        other = before(node);
        return other && action_of(other) == CUSTOM ? break_line(state) : 1;
    default:
        return is_seen(state, node);
    }
}

static void finish(walker *state, int32_t action) {
    if (action == BLOCK) close_block(state);
    if (action == LINK) state->open_links--;
    if (action == BOLD) state->open_bolds--;
}

/* The number in the open link counts readers' comments on a paragraph. */
static int is_counter(const walker *state, const char *text, size_t length) {
    const char *at = text, *end = text + length;
    uint32_t code;
    while (at < end) {
        at = u_next(at, end, &code);
        if (!(u_flags(code) & U_DECIMAL)) return 0;
    }
    int32_t n_links = page_links(state->page);
    if (state->current < 0 || !n_links || page_element(state->page, state->current)->tag != setup.told.p) return 0;
    attributes told = read_attributes(((nw_link *)state->page->links.data)[n_links - 1].node);
    return told.words_length && class_bits(&setup.class_words, told.words, told.words_length) & setup.told.says_comment;
}

/* A capitalised word after the edge of an element begins anew: the page's style alone sets it apart. */
static int is_new_word(uint32_t last, const char *text, size_t length) {
    uint32_t first, second;
    const char *end = text + length, *at = u_next(text, end, &first);
    if (!(u_flags(first) & U_UPPER) || at == end) return 0;
    u_next(at, end, &second);
    return (u_flags(second) & U_LOWER) && (u_flags(last) & (U_LOWER | U_ENDS));
}

/* Characters of a text but for white space at its ends; its last character. */
static int32_t stripped_length(const char *text, size_t length, uint32_t *last) {
    const char *at = text, *end = text + length;
    int32_t count = 0, inside = 0;
    while (at < end) {
        at = u_next(at, end, last);
        int is_space = u_flags(*last) & U_SPACE;
        count += !is_space || count;
        inside = is_space ? inside : count;
    }
    return inside;
}

static void add(walker *state, dom_node *node) {
    size_t size = 0;
    const char *text = dom_text_of(node, &size);
    if (!size) return;
    if (!state->has_parts && u_is_space(text, size)) {
        state->is_spaced = 1;
        return;
    }
    if (state->open_links && is_counter(state, text, size)) return;
    if (state->has_parts && is_new_word(state->last, text, size) && !is_pre(state)) buffer_add(&state->parts, " ", 1);
    buffer_add(&state->parts, text, size);
    state->has_parts = 1;
    int32_t length = stripped_length(text, size, &state->last);
    if (state->open_links) state->link_length += length;
    if (state->open_bolds) state->bold_length += length;
}

static void walk(walker *state, dom_node *root) {
    for (dom_node *node = root; node;) {
        int32_t action = action_of(node);
        if (action == TEXT) {
            add(state, node);
        } else if (begin(state, node, action)) {
            if (node->first_child) {
                node = node->first_child;
                continue;
            }
            finish(state, action);
        }
        while (node != root && !node->next) {
            node = node->parent;
            finish(state, action_of(node));
        }
        node = node == root ? NULL : node->next;
    }
}

nw_page *nw_page_read(dom_node *root) {
    nw_page *page = calloc(1, sizeof *page);
    if (!page) return NULL;
    walker state = {.page = page, .current = -1};
    page_keep(page, "", 0); /* number 0 */
    walk(&state, root);
    int failed = state.parts.failed || page->elements.failed || page->texts.failed || page->marks.failed ||
                 page->links.failed || page->blob.failed || page->strings.failed || page->names.failed;
    buffer_free(&state.parts);
    if (!failed) return page;
    nw_page_free(page);
    return NULL;
}

void nw_page_free(nw_page *page) {
    if (!page) return;
    buffer_free(&page->elements);
    buffer_free(&page->texts);
    buffer_free(&page->marks);
    buffer_free(&page->links);
    buffer_free(&page->blob);
    buffer_free(&page->strings);
    buffer_free(&page->names);
    free(page->slots);
    free(page);
}
