/* The text that readers see below an element, folded: page.py's text_of and short_text. */
#include "texts.h"

#include <string.h>

#include "setup.h"

enum { MAX_DEPTH = 60, ROOM = 1 << 14, RAW = 8, SOFT_HYPHEN = 0xAD, BYTE_ORDER = 0xFEFF };

static uint8_t kinds[N_TAG_IDS];

/* A text in the making: folded as it is written. */
typedef struct {
    char *out;
    size_t length, limit; /* characters at most; 0 for no limit */
    size_t count;
    uint32_t last; /* the character before, as the page has it */
    int is_spaced; /* white space since the last that was written */
    int is_too_long;
} made;

/* What one level of the tree has said so far. */
typedef struct level {
    struct level *above;
    int has_texts, is_edge;
    int is_block; /* of the child that is being read */
} level;

static uint8_t kind_of(const dom_node *node) { return node->local_name < N_TAG_IDS ? kinds[node->local_name] : 0; }

static int is_text(const dom_node *node) { return node->type == DOM_TEXT; }

/* page.py's _CONTROLS, and what fold leaves out besides. */
static int is_left_out(uint32_t code) {
    if (code < 0x20) return code != '\t' && code != '\n' && code != '\r' && code != '\f';
    return code == 0x7F || code == SOFT_HYPHEN || code == BYTE_ORDER || code == 0xFFFE || code == 0xFFFF;
}

static void add_text(made *text, const char *data, size_t length) {
    const char *at = data, *end = data + length;
    while (at < end && !text->is_too_long) {
        const char *start = at;
        at = u_next(at, end, &text->last);
        if (is_left_out(text->last)) continue;
        if (u_flags(text->last) & U_SPACE) {
            text->is_spaced = 1;
            continue;
        }
        int is_parted = text->is_spaced && text->length;
        size_t size = (size_t)(at - start);
        text->count += 1 + (size_t)is_parted;
        if (text->length + size + 2 > ROOM || (text->limit && text->count > text->limit)) {
            text->is_too_long = 1;
            return;
        }
        if (is_parted) text->out[text->length++] = ' ';
        memcpy(text->out + text->length, start, size);
        text->length += size;
        text->is_spaced = 0;
    }
}

static int is_one_of(uint32_t code, const char *characters) {
    const char *at = characters, *end = characters + strlen(characters);
    while (at < end) {
        uint32_t one;
        at = u_next(at, end, &one);
        if (one == code) return 1;
    }
    return 0;
}

/* One word's end and another's beginning. */
static int are_parted(uint32_t before, uint32_t after) {
    return ((u_flags(before) & U_WORD) || is_one_of(before, ":!?.")) &&
           ((u_flags(after) & U_UPPER) || is_one_of(after, "\"„“«‘'¿¡("));
}

/* A piece of text, and before it a space where an element's edge parts it from what its innermost level with a text
 * said last: in levels below that one it is the first. */
static void say(made *text, level *own, const char *data, size_t length) {
    level *told = own;
    while (told && !told->has_texts) told = told->above;
    uint32_t first;
    u_next(data, data + length, &first);
    int is_edge = told && (told->is_edge || (told != own && told->is_block));
    if (is_edge && are_parted(text->last, first)) text->is_spaced = 1;
    add_text(text, data, length);
    for (; own && !own->has_texts; own = own->above) own->has_texts = 1;
}

/* All texts below an element too deep to be looked into. */
static int say_whole(made *text, level *own, dom_node *root) {
    int has_said = 0;
    for (dom_node *node = dom_next_below(root, root); node; node = dom_next_below(node, root)) {
        size_t length = 0;
        const char *data = is_text(node) ? dom_text_of(node, &length) : NULL;
        if (!length) continue;
        if (has_said) {
            add_text(text, data, length);
        } else {
            say(text, own, data, length);
        }
        has_said = 1;
    }
    return has_said;
}

static int is_seen(const dom_node *node) {
    uint8_t kind = kind_of(node);
    if (kind & TEXT_HIDDEN) return 0;
    return !(kind & TEXT_RUBY) || (node->prev && kind_of(node->prev) & TEXT_BRACKET);
}

/* 1 where something was said. */
static int say_below(made *text, level *above, dom_node *node, int depth) {
    level own = {.above = above};
    if (depth > MAX_DEPTH) return say_whole(text, &own, node);
    for (dom_node *child = node->first_child; child && !text->is_too_long; child = child->next) {
        if (is_text(child)) {
            size_t length;
            const char *data = dom_text_of(child, &length);
            if (!length) continue;
            say(text, &own, data, length);
            own.is_edge = 0;
            own.has_texts = 1;
        } else if (is_seen(child)) {
            uint8_t kind = kind_of(child);
            int is_block = !(kind & TEXT_PHRASING), had_texts = own.has_texts, has_said = 1;
            own.is_block = is_block;
            if (kind & TEXT_BREAK) {
                say(text, &own, " ", 1);
            } else {
                has_said = say_below(text, &own, child, depth + 1);
            }
            own.has_texts = had_texts || has_said;
            if (has_said) own.is_edge = is_block;
        }
    }
    return own.has_texts;
}

/* 1 where the texts below an element, hidden ones too, have more characters. */
static int is_longer(dom_node *root, size_t limit) {
    size_t count = 0;
    for (dom_node *node = dom_next_below(root, root); node; node = dom_next_below(node, root)) {
        size_t length = 0;
        const char *data = is_text(node) ? dom_text_of(node, &length) : NULL;
        if (length) count += u_count(data, length);
        if (count > limit) return 1;
    }
    return 0;
}

void nw_set_up_texts(const uint8_t *told) { memcpy(kinds, told, sizeof kinds); }

const char *nw_text_of(dom_node *node, int32_t limit) {
    static _Thread_local char out[ROOM];
    made text = {.out = out, .limit = (size_t)limit};
    if (limit && is_longer(node, RAW * text.limit)) return "";
    say_below(&text, NULL, node, 0);
    if (text.is_too_long) return limit ? "" : NULL;
    out[text.length] = 0;
    return out;
}
