// The pages of a paper: what is put on them from top to bottom, and how they are drawn once all are known.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "adapters/pdf/pango/type.hpp"

namespace medflow::pdf {

// A4.
inline constexpr double page_width = 595.276;
inline constexpr double page_height = 841.89;
inline constexpr double margin = 48;
inline constexpr double text_width = page_width - 2 * margin;
inline constexpr double text_bottom = page_height - 66;
inline constexpr double text_height = text_bottom - margin;

/// A piece of a row.
struct Cell {
  SetText text;
  double x = 0;  ///< from the side where lines start
  double width = 0;
};

class Sheets {
 public:
  explicit Sheets(bool right_to_left) : right_to_left_(right_to_left) { pages_.emplace_back(); }

  /// What is put on top of each page that begins from now on.
  void on_new_page(std::function<void()> head) { head_ = std::move(head); }

  void space(double height) { y_ += height; }
  double left() const { return text_bottom - y_; }
  /// Whether there is nothing on this page but its head.
  bool at_top() const { return y_ <= top_; }
  /// Begins a page unless so much is left of this one, or it is empty but for its head.
  void need(double height);
  /// Puts a row down. It is broken only where hardly a page has room for it.
  void row(std::vector<Cell> cells);
  void rule(double thickness, double grey);

  std::string draw(const std::string& title, const std::string& author, const Setter& setter,
                   const std::string& footer);

 private:
  struct Line {
    PangoLayoutLine* line = nullptr;
    double x = 0;
    double baseline = 0;
    double grey = 0;
  };
  struct Rule {
    double y = 0;
    double thickness = 0;
    double grey = 0;
  };
  struct Page {
    std::vector<Line> lines{};
    std::vector<Rule> rules{};
  };

  void begin_page();
  double place(double x, double width) const { return right_to_left_ ? page_width - margin - x - width : margin + x; }
  void put(Page& page, const Cell& cell, const SetLine& line, double top) const;
  void foot(Page& page, const Setter& setter, const std::string& said, const std::string& number);
  void draw_page(cairo_t* to, const Page& page) const;

  bool right_to_left_;
  std::function<void()> head_{};
  std::vector<Page> pages_{};
  std::vector<SetText> kept_{};  ///< whose lines lie on pages
  double y_ = margin;
  double top_ = margin;  ///< behind the head of this page
};

}  // namespace medflow::pdf
