#include "adapters/pdf/pango/type.hpp"

#include <cmath>
#include <stdexcept>

namespace medflow::pdf {
namespace {

constexpr const char* families = "Noto Sans, Noto Sans Arabic, Noto Sans Hebrew, DejaVu Sans, Sans";

struct Free {
  void operator()(void* memory) const { g_free(memory); }
  void operator()(PangoFontDescription* font) const { pango_font_description_free(font); }
  void operator()(PangoAttrList* list) const { pango_attr_list_unref(list); }
  void operator()(PangoLayoutIter* iter) const { pango_layout_iter_free(iter); }
  void operator()(cairo_font_options_t* options) const { cairo_font_options_destroy(options); }
};

double points(int units) { return static_cast<double>(units) / PANGO_SCALE; }

}  // namespace

SetText::SetText(Layout layout, const Face& face) : layout_(std::move(layout)), grey_(face.grey) {}

double SetText::natural_width() const {
  pango_layout_set_width(layout_.get(), -1);
  int width = 0;
  pango_layout_get_size(layout_.get(), &width, nullptr);
  return points(width);
}

void SetText::fit(double width, Side side) {
  const bool page_is_rtl = pango_context_get_base_dir(pango_layout_get_context(layout_.get())) == PANGO_DIRECTION_RTL;
  const bool at_the_right = (side == Side::end) != page_is_rtl;
  pango_layout_set_width(layout_.get(), static_cast<int>(std::ceil(width * PANGO_SCALE)));
  lines_.clear();
  const std::unique_ptr<PangoLayoutIter, Free> iter(pango_layout_get_iter(layout_.get()));
  do {
    PangoRectangle extents{};
    pango_layout_iter_get_line_extents(iter.get(), nullptr, &extents);
    lines_.push_back({.line = pango_layout_iter_get_line_readonly(iter.get()),
                      .x = at_the_right ? width - points(extents.width) : 0,
                      .baseline = points(pango_layout_iter_get_baseline(iter.get())),
                      .top = points(extents.y),
                      .bottom = points(extents.y + extents.height)});
  } while (pango_layout_iter_next_line(iter.get()) != 0);
}

Setter::Setter(const std::string& language, bool right_to_left) {
  PangoFontMap* fonts = pango_cairo_font_map_get_default();  // this thread's
  int count = 0;
  PangoFontFamily** all = nullptr;
  pango_font_map_list_families(fonts, &all, &count);
  g_free(all);
  if (count == 0) throw std::runtime_error("there is no font to print with");
  context_.reset(pango_font_map_create_context(fonts));
  const std::unique_ptr<cairo_font_options_t, Free> options(cairo_font_options_create());
  cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(context_.get(), options.get());
  pango_context_set_round_glyph_positions(context_.get(), 0);
  if (!language.empty()) pango_context_set_language(context_.get(), pango_language_from_string(language.c_str()));
  pango_context_set_base_dir(context_.get(), right_to_left ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
}

SetText Setter::set(std::string_view text, const Face& face, bool tabular) const {
  Layout layout(pango_layout_new(context_.get()));
  const std::unique_ptr<PangoFontDescription, Free> font(pango_font_description_new());
  pango_font_description_set_family_static(font.get(), families);
  pango_font_description_set_absolute_size(font.get(), face.size_pt * PANGO_SCALE);
  if (face.bold) pango_font_description_set_weight(font.get(), PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description(layout.get(), font.get());
  const std::unique_ptr<PangoAttrList, Free> attributes(pango_attr_list_new());
  pango_attr_list_insert(attributes.get(), pango_attr_insert_hyphens_new(0));  // a number that is broken gets no sign
  if (tabular) pango_attr_list_insert(attributes.get(), pango_attr_font_features_new("tnum=1"));
  pango_layout_set_attributes(layout.get(), attributes.get());
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  const std::unique_ptr<char, Free> valid(g_utf8_make_valid(text.data(), static_cast<gssize>(text.size())));
  pango_layout_set_text(layout.get(), valid.get(), -1);
  return {std::move(layout), face};
}

}  // namespace medflow::pdf
