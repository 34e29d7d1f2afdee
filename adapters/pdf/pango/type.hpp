// Text that is set and measured, in points (1/72 inch).
#pragma once

#include <pango/pangocairo.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace medflow::pdf {

struct Unref {
  void operator()(PangoContext* object) const { g_object_unref(object); }
  void operator()(PangoLayout* object) const { g_object_unref(object); }
};
using Layout = std::unique_ptr<PangoLayout, Unref>;

enum class Side : std::uint8_t { start, end };

/// How text looks.
struct Face {
  double size_pt = 9.5;
  bool bold = false;
  double grey = 0;  ///< 0 is black
};

/// A line that was set: where its baseline is below the top of its text, and what it reaches below the line before.
struct SetLine {
  PangoLayoutLine* line = nullptr;  ///< owned by its layout
  double x = 0;                     ///< from the left edge of the text's column
  double baseline = 0;
  double top = 0;
  double bottom = 0;
};

/// Text in a column.
class SetText {
 public:
  SetText(Layout layout, const Face& face);

  double grey() const { return grey_; }
  /// What it takes without being broken.
  double natural_width() const;
  /// Breaks it into lines. Lines that run from right to left start at the side where the column starts, too.
  void fit(double width, Side side);
  const std::vector<SetLine>& lines() const { return lines_; }
  double height() const { return lines_.empty() ? 0 : lines_.back().bottom; }

 private:
  Layout layout_;
  double grey_;
  std::vector<SetLine> lines_{};
};

/// Sets text. `right_to_left` is the direction of the page, not of a text: each has its own. For one thread.
class Setter {
 public:
  /// Throws std::runtime_error where there is no font.
  Setter(const std::string& language, bool right_to_left);
  SetText set(std::string_view text, const Face& face, bool tabular = false) const;

 private:
  std::unique_ptr<PangoContext, Unref> context_;
};

}  // namespace medflow::pdf
