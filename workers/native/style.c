#include "style.h"

#include "unicode.h"

/* Behind `word` (in small letters) at the start of a text, NULL where it is not there. */
static const char *skip_word(const char *at, const char *end, const char *word) {
    for (; *word; word++, at++) {
        if (at == end || (*at | (*at >= 'A' && *at <= 'Z' ? 0x20 : 0)) != *word) return NULL;
    }
    return at;
}

static const char *skip_space(const char *at, const char *end) {
    uint32_t code;
    while (at < end) {
        const char *next = u_next(at, end, &code);
        if (!(u_flags(code) & U_SPACE)) break;
        at = next;
    }
    return at;
}

/* Behind "name : ", with white space around the colon or none; NULL where it is not there. */
static const char *skip_name(const char *at, const char *end, const char *name) {
    at = skip_word(at, end, name);
    if (!at) return NULL;
    at = skip_space(at, end);
    return at < end && *at == ':' ? skip_space(at + 1, end) : NULL;
}

static int is_keyword(const char *at, const char *end, const char *name, const char *value) {
    at = skip_name(at, end, name);
    return at && skip_word(at, end, value);
}

/* clip: rect(0 or 1 …: all cut off. */
static int is_clipped(const char *at, const char *end) {
    at = skip_name(at, end, "clip");
    at = at ? skip_word(at, end, "rect(") : NULL;
    at = at ? skip_space(at, end) : NULL;
    if (!at || at == end || (*at != '0' && *at != '1')) return 0;
    at++;
    const char *behind = skip_word(at, end, "px");
    at = behind ? behind : at;
    return at < end && (*at == ',' || skip_space(at, end) > at);
}

static int is_inset(const char *at, const char *end) {
    at = skip_name(at, end, "clip-path");
    at = at ? skip_word(at, end, "inset(") : NULL;
    at = at ? skip_space(at, end) : NULL;
    return at && (skip_word(at, end, "50%") || skip_word(at, end, "100%"));
}

/* A thousand pixels and more to the left or above. */
static int is_far_off(const char *at, const char *end, const char *name) {
    at = skip_name(at, end, name);
    if (!at || at == end || *at != '-') return 0;
    at++;
    int digits = 0;
    uint32_t code;
    while (at < end) {
        const char *next = u_next(at, end, &code);
        if (!(u_flags(code) & U_DECIMAL)) break;
        at = next;
        digits++;
    }
    return digits >= 4 && skip_word(at, end, "px");
}

int style_hides(const char *style, size_t length) {
    const char *end = style + length;
    for (const char *at = style; at < end; at++) {
        switch (*at | 0x20) {
        case 'd':
            if (is_keyword(at, end, "display", "none")) return 1;
            break;
        case 'v':
            if (is_keyword(at, end, "visibility", "hidden")) return 1;
            break;
        case 'c':
            if (is_clipped(at, end) || is_inset(at, end)) return 1;
            break;
        case 'l':
            if (is_far_off(at, end, "left")) return 1;
            break;
        case 't':
            if (is_far_off(at, end, "top") || is_far_off(at, end, "text-indent")) return 1;
            break;
        default:
            break;
        }
    }
    return 0;
}
