// The part of Pango that draws and measures lines and paragraphs of text.
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
typedef struct _PangoAttrList PangoAttrList;
typedef struct _PangoAttrClass PangoAttrClass;
typedef struct _PangoLayoutIter PangoLayoutIter;

/// Indices are bytes of UTF-8; an attribute list owns what is inserted into it.
typedef struct {
  const PangoAttrClass *klass;
  unsigned start_index;
  unsigned end_index;
} PangoAttribute;

/// What Pango promises of a line; more follows. The layout owns it.
typedef struct {
  PangoLayout *layout;
  int start_index;
  int length;
} PangoLayoutLine;

/// In Pango's units, 1/1024 of a device unit.
typedef struct {
  int x;
  int y;
  int width;
  int height;
} PangoRectangle;

enum { pango_scale = 1024, pango_weight_normal = 400, pango_weight_bold = 700, pango_style_italic = 2 };
enum { pango_wrap_word_char = 2, pango_align_left = 0, pango_align_right = 2 };

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

void pango_layout_set_width(PangoLayout *layout, int width);
void pango_layout_set_wrap(PangoLayout *layout, int wrap);
void pango_layout_set_alignment(PangoLayout *layout, int alignment);
void pango_layout_set_attributes(PangoLayout *layout, PangoAttrList *attributes);
PangoLayoutLine *pango_layout_get_line_readonly(PangoLayout *layout, int line);
void pango_layout_line_get_x_ranges(
    PangoLayoutLine *line, int start_index, int end_index, int **ranges, int *count);
void pango_cairo_show_layout_line(cairo_t *cr, PangoLayoutLine *line);

PangoLayoutIter *pango_layout_get_iter(PangoLayout *layout);
void pango_layout_iter_free(PangoLayoutIter *iter);
int pango_layout_iter_next_line(PangoLayoutIter *iter);
int pango_layout_iter_get_baseline(PangoLayoutIter *iter);
void pango_layout_iter_get_line_extents(
    PangoLayoutIter *iter, PangoRectangle *ink, PangoRectangle *logical);

PangoAttrList *pango_attr_list_new(void);
void pango_attr_list_unref(PangoAttrList *list);
void pango_attr_list_insert(PangoAttrList *list, PangoAttribute *attribute);
PangoAttribute *pango_attr_weight_new(int weight);
PangoAttribute *pango_attr_style_new(int style);
PangoAttribute *pango_attr_family_new(const char *family);
PangoAttribute *pango_attr_scale_new(double factor);
PangoAttribute *pango_attr_foreground_new(unsigned short red, unsigned short green, unsigned short blue);
PangoAttribute *pango_attr_insert_hyphens_new(int insert);

PangoFontDescription *pango_font_description_new(void);
void pango_font_description_free(PangoFontDescription *description);
void pango_font_description_set_family(PangoFontDescription *description, const char *family);
void pango_font_description_set_weight(PangoFontDescription *description, int weight);
void pango_font_description_set_absolute_size(PangoFontDescription *description, double size);

int pango_version(void);

void g_object_unref(void *object);
void g_free(void *memory);
