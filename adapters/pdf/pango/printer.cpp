#include "adapters/pdf/printer.hpp"

#include <hb.h>

#include <algorithm>
#include <string>
#include <utility>

#include "adapters/pdf/pango/sheets.hpp"

namespace medflow::pdf {
namespace {

constexpr double gap = 9;                                 // between columns
constexpr double row_gap = 2.4;                           // above and below what is in a row
constexpr double column_min = 60;                         // to which a column of words may be narrowed
constexpr double block_gap = 12;                          // above a block
constexpr double heading_gap = 3;                         // below a heading
constexpr double sizes_pt[] = {9.5, 8.5, 7.5, 6.5, 5.5};  // of tables: the largest in which the numbers fit

/// Whether the language's first script runs so.
bool is_right_to_left(const std::string& language) {
  int count = 0;
  const PangoScript* scripts =
      pango_language_get_scripts(pango_language_from_string(language.c_str()), &count);  // null for an unknown one
  if (scripts == nullptr || count == 0) return false;
  const auto script = static_cast<hb_script_t>(g_unicode_script_to_iso15924(static_cast<GUnicodeScript>(scripts[0])));
  return hb_script_get_horizontal_direction(script) == HB_DIRECTION_RTL;
}

/// A table that is measured: how wide its columns are, and in which size it is set.
class Table {
 public:
  Table(const Setter& setter, const Paper::Block& block) : setter_(setter), block_(block) {
    for (const double size : sizes_pt) {
      size_pt_ = size;
      if (measure()) break;
    }
  }

  std::vector<Cell> header() const { return row(block_.columns, true, 0.3); }
  std::vector<Cell> row(std::size_t at) const { return row(block_.rows[at].cells, block_.rows[at].strong, 0); }

 private:
  bool is_number(std::size_t column) const { return column < block_.is_number.size() && block_.is_number[column]; }

  double natural(const std::string& text, std::size_t column, bool bold) const {
    return setter_.set(text, {.size_pt = size_pt_, .bold = bold}, is_number(column)).natural_width() + 0.5;
  }

  /// Whether all columns find room.
  bool measure() {
    widths_.assign(block_.columns.size(), 0);
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      widths_[i] = natural(block_.columns[i], i, true);
      for (const Paper::Row& row : block_.rows)
        if (i < row.cells.size()) widths_[i] = std::max(widths_[i], natural(row.cells[i], i, row.strong));
    }
    double sum = gap * static_cast<double>(widths_.size() - 1);
    for (const double width : widths_) sum += width;
    const auto widest = [&](double above) {
      std::size_t found = widths_.size();
      for (std::size_t i = 0; i < widths_.size(); ++i)
        if (!is_number(i) && widths_[i] > above && (found == widths_.size() || widths_[i] > widths_[found])) found = i;
      return found;
    };
    while (sum > text_width) {
      const std::size_t which = widest(column_min);
      if (which == widths_.size()) break;
      const double less = std::min(sum - text_width, widths_[which] - column_min);
      widths_[which] -= less;
      sum -= less;
    }
    if (sum > text_width + 0.01) {  // numbers are broken only where they do not fit in the smallest size
      for (double& width : widths_) width *= text_width / sum;
      return false;
    }
    const std::size_t grows = widest(-1);
    widths_[grows == widths_.size() ? 0 : grows] += text_width - sum;
    return true;
  }

  std::vector<Cell> row(const std::vector<std::string>& texts, bool bold, double grey) const {
    std::vector<Cell> cells;
    double x = 0;
    for (std::size_t i = 0; i < std::min(texts.size(), widths_.size()); ++i) {
      SetText text = setter_.set(texts[i], {.size_pt = size_pt_, .bold = bold, .grey = grey}, is_number(i));
      text.fit(widths_[i], is_number(i) ? Side::end : Side::start);
      cells.push_back({.text = std::move(text), .x = x, .width = widths_[i]});
      x += widths_[i] + gap;
    }
    return cells;
  }

  const Setter& setter_;
  const Paper::Block& block_;
  double size_pt_ = 0;
  std::vector<double> widths_{};
};

double height_of(const std::vector<Cell>& cells) {
  double height = 0;
  for (const Cell& cell : cells) height = std::max(height, cell.text.height());
  return height;
}

class Print {
 public:
  explicit Print(const Paper& paper)
      : paper_(paper),
        right_to_left_(is_right_to_left(paper.language)),
        setter_(paper.language, right_to_left_),
        sheets_(right_to_left_) {}

  std::string run() {
    head();
    sheets_.on_new_page([this] { short_head(); });
    for (const Paper::Block& block : paper_.blocks) put(block);
    return sheets_.draw(paper_.title, paper_.issuer, setter_, paper_.footer);
  }

 private:
  std::vector<Cell> whole(std::string_view text, const Face& face) const {
    SetText set = setter_.set(text, face);
    set.fit(text_width, Side::start);
    std::vector<Cell> cells;
    cells.push_back({.text = std::move(set), .x = 0, .width = text_width});
    return cells;
  }

  void head() {
    if (!paper_.issuer.empty()) sheets_.row(whole(paper_.issuer, {.size_pt = 10, .grey = 0.3}));
    sheets_.space(2);
    sheets_.row(whole(paper_.title, {.size_pt = 17, .bold = true}));
    sheets_.space(5);
    sheets_.rule(1.2, 0);
    sheets_.space(4);
  }

  void short_head() {
    sheets_.row(whole(paper_.title, {.size_pt = 8, .grey = 0.35}));
    sheets_.space(8);
  }

  void put(const Paper::Block& block) {
    sheets_.space(block_gap);
    heading_ = &block.heading;
    if (!block.facts.empty()) facts(block.facts);
    if (!block.columns.empty()) table(block);
    if (!block.text.empty()) {
      auto text = whole(block.text, {});
      begin(std::min(height_of(text), text_height / 4));
      sheets_.row(std::move(text));
    }
    begin(0);
  }

  /// Puts the block's heading down, once, where what follows has room behind it.
  void begin(double height) {
    if (heading_->empty()) return sheets_.need(height);
    auto cells = whole(*heading_, {.size_pt = 11, .bold = true});
    sheets_.need(height_of(cells) + heading_gap + height);
    sheets_.row(std::move(cells));
    sheets_.space(heading_gap);
    static const std::string none;
    heading_ = &none;
  }

  void facts(const std::vector<Paper::Fact>& facts) {
    const Face name{.grey = 0.35};
    double names = 0;
    for (const Paper::Fact& fact : facts) names = std::max(names, setter_.set(fact.name, name).natural_width() + 0.5);
    names = std::min(names, text_width / 2);
    const double rest = text_width - names - 2 * gap;
    for (const Paper::Fact& fact : facts) {
      std::vector<Cell> cells;
      cells.push_back({.text = setter_.set(fact.name, name), .x = 0, .width = names});
      cells.push_back({.text = setter_.set(fact.value, {}), .x = names + 2 * gap, .width = rest});
      for (Cell& cell : cells) cell.text.fit(cell.width, Side::start);
      begin(height_of(cells));
      sheets_.row(std::move(cells));
      sheets_.space(row_gap / 2);
    }
  }

  void table(const Paper::Block& block) {
    const Table table(setter_, block);
    const auto header = [&] {
      sheets_.row(table.header());
      sheets_.space(row_gap);
      sheets_.rule(0.8, 0);
      sheets_.space(row_gap);
    };
    const auto height_at = [&](std::size_t i) {
      return i < block.rows.size() ? height_of(table.row(i)) + 2 * row_gap : 0.0;
    };
    begin(height_of(table.header()) + 2 * row_gap + height_at(0));
    header();
    sheets_.on_new_page([&] {
      short_head();
      header();
    });
    for (std::size_t i = 0; i < block.rows.size(); ++i) {
      const bool before_sum = i + 1 < block.rows.size() && block.rows[i + 1].strong;
      sheets_.need(height_at(i) + (before_sum ? height_at(i + 1) : 0));  // no sum stands alone on its page
      if (i != 0 && !sheets_.at_top()) sheets_.rule(block.rows[i].strong ? 0.8 : 0.3, block.rows[i].strong ? 0 : 0.75);
      sheets_.space(row_gap);
      sheets_.row(table.row(i));
      sheets_.space(row_gap);
    }
    sheets_.on_new_page([this] { short_head(); });
    sheets_.space(row_gap);
  }

  const Paper& paper_;
  bool right_to_left_;
  Setter setter_;
  Sheets sheets_;
  const std::string* heading_ = nullptr;  ///< of the block under way, until it was put down
};

class Printer final : public PdfPrinter {
 public:
  std::string print(const Paper& paper) override { return Print(paper).run(); }
};

}  // namespace

std::shared_ptr<PdfPrinter> printer() { return std::make_shared<Printer>(); }

}  // namespace medflow::pdf
