/* The text that readers see below an element. */
#ifndef NEWSWIRE_NATIVE_TEXTS_H
#define NEWSWIRE_NATIVE_TEXTS_H

#include "dom.h"

/* What a tag means for the text, as texts.py numbers it. */
enum { TEXT_HIDDEN = 1, TEXT_PHRASING = 2, TEXT_BREAK = 4, TEXT_RUBY = 8, TEXT_BRACKET = 16 };

/* What the tags mean, by lexbor's numbers. */
void nw_set_up_texts(const uint8_t *told);

/* The text, folded; "" where it has more characters than `limit`, if that is not 0, or the texts below the element,
 * hidden ones too, have eight times as many. NULL where it is too long for the room there is: then the twin in Python
 * is asked. The text is this thread's, until it asks for the next one. */
const char *nw_text_of(dom_node *node, int32_t limit);

#endif
