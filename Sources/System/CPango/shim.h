// Pango with its fontconfig and cairo ends, and the casts that Swift cannot write.
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

static inline void reel_font_map_set_config(PangoFontMap *map, FcConfig *config) {
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(map), config);
}

static inline PangoFontMap *reel_font_map_new(void) {
  return pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
}

static inline PangoGlyphItem *reel_run_at(GSList *node) { return (PangoGlyphItem *)node->data; }

// Pango has nothing in its place that needs no font.
static inline PangoDirection reel_base_direction(const char *text) {
  G_GNUC_BEGIN_IGNORE_DEPRECATIONS
  return pango_find_base_dir(text, -1);
  G_GNUC_END_IGNORE_DEPRECATIONS
}
