#include <jansson.h>

// The macro is not imported into Swift.
static inline void reel_json_decref(json_t *value) { json_decref(value); }
