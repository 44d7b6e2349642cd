/* Words and what each speaks of, as words.py has them. */
#ifndef NEWSWIRE_NATIVE_WORDS_H
#define NEWSWIRE_NATIVE_WORDS_H

#include "native.h"

typedef struct {
    uint32_t mask;
    int32_t *slots; /* number of a word, from 1; 0 for none */
    const char *blob;
    const int32_t *ends; /* of each word in the blob, the first begins at 0 */
    const int64_t *values;
} word_table;

enum { MAX_CLASS = 400 }; /* characters of a class attribute that are read: words.py's MAX_WORDS_LENGTH */

/* Fills a table with `count` words; 0 where there is no memory. The arrays must stay. */
int words_index(word_table *table, int32_t count, const char *blob, const int32_t *ends, const int64_t *values);

/* The value of a word, 0 for one that is not there. */
int64_t words_value(const word_table *table, const char *word, size_t length);

/* Eight bytes at a time, for class attributes have some forty; the value is of this process alone. */
uint32_t words_hash(const char *word, size_t length);

/* The same of a number. */
uint32_t number_hash(uint64_t number);

/* What hashes begin with, at random, before any table is filled. */
void words_seed(uint64_t own_seed, uint64_t own_factor);

/* The groups that a class or id attribute speaks of: class_bits in words.py. */
int64_t class_bits(const word_table *table, const char *words, size_t length);

#endif
