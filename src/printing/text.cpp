// Nothing here may come out differently later: the hash of what was issued is over these bytes.
#include <algorithm>
#include <string_view>

#include "printing/paper.hpp"
#include "text/display.hpp"
#include "text/utf8.hpp"

namespace medflow::inline v1::printing {
namespace {

constexpr std::size_t width_max = 96;
constexpr std::size_t gap = 2;
constexpr std::size_t column_min = 12;  ///< to which a column of words may be narrowed

/// A line of a value. One with letters that run from right to left is isolated (Unicode Standard Annex 9), so that the columns stay in their order
/// whoever shows them.
std::string isolated(const std::string& line) {
  return text::has_right_to_left(line) ? "\u2068" + line + "\u2069" : line;
}

std::vector<std::string> lines_of(std::string_view value, std::size_t width) {
  auto lines =
      text::is_ascii(value) ? text::wrapped(value, width) : text::wrapped(text::without_bidi_controls(value), width);
  for (std::string& line : lines) line = isolated(line);
  return lines;
}

class Page {
 public:
  std::string take() { return std::move(out_); }

  void begin(const Paper& paper) {
    text(paper.issuer);
    text(paper.title);
    out_.append(std::min(text::display_width(paper.title), width_max), '=').append("\n");
  }

  void block(const Paper::Block& block) {
    out_ += '\n';
    if (!block.heading.empty()) text(block.heading);
    facts(block.facts);
    if (!block.columns.empty()) table(block);
    text(block.text);
  }

  void end(const Paper& paper) {
    if (paper.footer.empty()) return;
    out_ += '\n';
    text(paper.footer);
  }

 private:
  void text(std::string_view value) {
    if (value.empty()) return;
    for (const std::string& line : lines_of(value, width_max)) out_.append(line).append("\n");
  }

  void facts(const std::vector<Paper::Fact>& facts) {
    std::size_t names = 0;
    for (const Paper::Fact& fact : facts) names = std::max(names, text::display_width(fact.name) + 1 + gap);
    for (const auto& [name, value] : facts) {
      const auto lines = lines_of(value, width_max - std::min(names, width_max - column_min));
      for (std::size_t i = 0; i < lines.size(); ++i) {
        const std::string label = i == 0 ? name + ":" : std::string();
        put(label, names, false);
        put(lines[i], 0, false);
        end_line();
      }
    }
  }

  /// As wide as what is in them; where that is too much, columns of words are narrowed, the widest first.
  static std::vector<std::size_t> widths_of(const Paper::Block& block) {
    std::vector<std::size_t> widths(block.columns.size());
    const auto see = [&](std::size_t i, std::string_view value) {
      for (std::size_t at = 0; at <= value.size();) {
        const std::size_t end = std::min(value.find('\n', at), value.size());
        widths[i] = std::max(widths[i], text::display_width(value.substr(at, end - at)));
        at = end + 1;
      }
    };
    for (std::size_t i = 0; i < widths.size(); ++i) see(i, block.columns[i]);
    for (const Paper::Row& row : block.rows)
      for (std::size_t i = 0; i < std::min(widths.size(), row.cells.size()); ++i) see(i, row.cells[i]);
    std::size_t sum = gap * (widths.size() - 1);
    for (const std::size_t width : widths) sum += width;
    while (sum > width_max) {
      std::size_t widest = widths.size();
      for (std::size_t i = 0; i < widths.size(); ++i)
        if (!is_number(block, i) && widths[i] > column_min && (widest == widths.size() || widths[i] > widths[widest]))
          widest = i;
      if (widest == widths.size()) break;
      const std::size_t less = std::min(sum - width_max, widths[widest] - column_min);
      widths[widest] -= less;
      sum -= less;
    }
    return widths;
  }

  static bool is_number(const Paper::Block& block, std::size_t column) {
    return column < block.is_number.size() && block.is_number[column];
  }

  void table(const Paper::Block& block) {
    const auto widths = widths_of(block);
    row(block, widths, block.columns);
    rule(widths);
    for (const Paper::Row& each : block.rows) {
      if (each.strong && &each != &block.rows.front()) rule(widths);
      row(block, widths, each.cells);
    }
  }

  void rule(const std::vector<std::size_t>& widths) {
    for (std::size_t i = 0; i < widths.size(); ++i) out_.append(i == 0 ? 0 : gap, ' ').append(widths[i], '-');
    out_ += '\n';
  }

  void row(const Paper::Block& block, const std::vector<std::size_t>& widths, const std::vector<std::string>& cells) {
    std::vector<std::vector<std::string>> columns(widths.size());
    std::size_t height = 1;
    for (std::size_t i = 0; i < std::min(widths.size(), cells.size()); ++i) {
      columns[i] = lines_of(cells[i], std::max(widths[i], std::size_t{2}));
      height = std::max(height, columns[i].size());
    }
    for (std::size_t line = 0; line < height; ++line) {
      for (std::size_t i = 0; i < widths.size(); ++i) {
        if (i != 0) spaces_ += gap;
        put(line < columns[i].size() ? std::string_view(columns[i][line]) : std::string_view(), widths[i],
            is_number(block, i));
      }
      end_line();
    }
  }

  void put(std::string_view value, std::size_t width, bool at_the_right) {
    const std::size_t taken = text::display_width(value);
    const std::size_t rest = width > taken ? width - taken : 0;
    if (value.empty()) {
      spaces_ += width;
      return;
    }
    out_.append(spaces_ + (at_the_right ? rest : 0), ' ').append(value);
    spaces_ = at_the_right ? 0 : rest;
  }
  /// No line ends in spaces.
  void end_line() {
    spaces_ = 0;
    out_ += '\n';
  }

  std::string out_{};
  std::size_t spaces_ = 0;  ///< before the next value of the line
};

}  // namespace

std::string as_text(const Paper& paper) {
  Page page;
  page.begin(paper);
  for (const Paper::Block& block : paper.blocks) page.block(block);
  page.end(paper);
  return page.take();
}

}  // namespace medflow::inline v1::printing
