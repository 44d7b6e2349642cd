/* What Python tells once: Unicode's tables, words, tags. */
#ifndef NEWSWIRE_NATIVE_SETUP_H
#define NEWSWIRE_NATIVE_SETUP_H

#include "dom.h"
#include "unicode.h"
#include "words.h"

enum { N_TAG_IDS = 512, N_ATTR_IDS = 256, N_LEVELS = 5, MOST_TAGS = 64 };

typedef struct {
    int32_t count;
    const char *blob;
    const int32_t *ends;
    const int64_t *values;
} nw_word_list;

/* Arrays stay Python's, and are not moved. Masks are of class_bits. */
typedef struct {
    dom_functions dom;
    uint64_t seed, factor; /* of hashes, at random */
    nw_unicode unicode;
    nw_word_list class_words, text_words;
    nw_word_list tags;        /* by name: action, and from bit 8 the block tag's number */
    const int32_t *tag_by_id; /* N_TAG_IDS of the same, -1 where the name must be asked */
    nw_word_list attrs;       /* attributes that are asked for, and their numbers (dom.h) */
    nw_word_list hints;       /* words of class attributes that may name the role of a field */
    int64_t says_hidden, says_tip, says_comment;
    int64_t says_named, says_related, says_links, says_apart, group_mask;
    int32_t n_groups, n_text_groups, n_reasons, more_group;
    /* by the block tag's number, n_tags of each */
    int32_t n_tags;
    int32_t pre, p, h1, article, html, body, video; /* numbers of tags */
    const int32_t *role, *code, *is_heading;
    const int64_t *around_bit;
    int64_t hidden_bit;
    int32_t n_around, n_own, n_parent, first_around;
    const int32_t *own_codes, *parent_codes;
    int32_t article_code, h1_code;
} nw_told;

typedef struct {
    nw_told told;
    word_table class_words, text_words, tags, attrs, hints;
    uint64_t hint_sizes[256];      /* by a hint's first byte: bits of the sizes that such hints have, up to 63 */
    int8_t attr_by_id[N_ATTR_IDS]; /* filled as they are met: one more than the number, 0 where it was not asked yet */
} nw_setup;

extern nw_setup setup;

/* The number of an attribute's name. Lexbor's own numbers of names that HTML has are the same in all pages. */
int attr_of(dom_attr *attr);

/* Keeps what is told; 0 where there is no memory. */
int nw_set_up(const nw_told *told);

#endif
