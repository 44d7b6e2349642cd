/* Styles that hide an element: HIDDEN_STYLE in clean.py. */
#ifndef NEWSWIRE_NATIVE_STYLE_H
#define NEWSWIRE_NATIVE_STYLE_H

#include "native.h"

int style_hides(const char *style, size_t length);

#endif
