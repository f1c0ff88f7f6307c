// The part of Pango that draws and measures a line of text.
//
// Declared here, after pango/*.h and pango/pangocairo.h of Pango 1.50, instead of included: the
// headers pull in GLib's, whose pkg-config flags SwiftPM warns of at every build ("prohibited
// flag(s): -pthread"). Pango's binary interface has been stable since 1.0.
#pragma once
#include <cairo.h>

typedef struct _PangoContext PangoContext;
typedef struct _PangoLayout PangoLayout;
typedef struct _PangoFontDescription PangoFontDescription;
typedef struct _PangoLanguage PangoLanguage;

/// In Pango's units, 1/1024 of a device unit.
typedef struct {
  int x;
  int y;
  int width;
  int height;
} PangoRectangle;

enum { pango_scale = 1024, pango_weight_normal = 400, pango_weight_bold = 700 };

PangoContext *pango_cairo_create_context(cairo_t *cr);
void pango_cairo_context_set_font_options(PangoContext *context, const cairo_font_options_t *options);
void pango_cairo_show_layout(cairo_t *cr, PangoLayout *layout);

void pango_context_set_round_glyph_positions(PangoContext *context, int round_positions);
PangoLanguage *pango_context_get_language(PangoContext *context);
void pango_context_set_language(PangoContext *context, PangoLanguage *language);
PangoLanguage *pango_language_from_string(const char *language);

PangoLayout *pango_layout_new(PangoContext *context);
void pango_layout_context_changed(PangoLayout *layout);
void pango_layout_set_single_paragraph_mode(PangoLayout *layout, int setting);
void pango_layout_set_auto_dir(PangoLayout *layout, int auto_dir);
void pango_layout_set_font_description(PangoLayout *layout, const PangoFontDescription *description);
void pango_layout_set_text(PangoLayout *layout, const char *text, int length);
void pango_layout_get_extents(PangoLayout *layout, PangoRectangle *ink, PangoRectangle *logical);
int pango_layout_get_baseline(PangoLayout *layout);
int pango_layout_get_unknown_glyphs_count(PangoLayout *layout);

PangoFontDescription *pango_font_description_new(void);
void pango_font_description_free(PangoFontDescription *description);
void pango_font_description_set_family(PangoFontDescription *description, const char *family);
void pango_font_description_set_weight(PangoFontDescription *description, int weight);
void pango_font_description_set_absolute_size(PangoFontDescription *description, double size);

int pango_version(void);

void g_object_unref(void *object);
